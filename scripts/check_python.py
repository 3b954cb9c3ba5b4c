"""Say at once, in words, when this Python cannot run the hub."""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        f"The hub runs on Python 3.11 to 3.13; this is {sys.version.split()[0]}. "
        "Name another one: make run PYTHON=python3.12"
    )
try:
    import ensurepip  # noqa: F401
except ImportError:
    sys.exit("This Python cannot make a virtual environment: apt-get install python3-venv")
