"""The command `tcert`: each room registers its own subcommands."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

Register = Callable[["argparse._SubParsersAction[argparse.ArgumentParser]"], None]

DONE, PROBLEM, WRONG_USE = 0, 1, 2


def build_parser() -> argparse.ArgumentParser:
    """Gather the subcommands: a room brings a `commands.py` with `register(subparsers)`."""
    from importlib import import_module
    from importlib.util import find_spec

    from django.apps import apps

    parser = argparse.ArgumentParser(prog="tcert", description="The TCERT hub.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for config in apps.get_app_configs():
        if config.name.startswith("tcert.") and find_spec(f"{config.name}.commands"):
            import_module(f"{config.name}.commands").register(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; exit codes: 0 done, 1 found a problem, 2 wrong use."""
    os.umask(0o077)  # whatever the hub writes is its own user's alone
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["demo"]:
        # The demonstration lives in a data directory of its own, never in the hub's.
        os.environ.setdefault("TCERT_DEMO", "1")
        os.environ.setdefault("TCERT_DATA", str(Path(__file__).parents[2] / "var" / "demo"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        print(f"tcert: this hub is not set up safely: {error}", file=sys.stderr)
        return WRONG_USE
    except OSError as error:
        print(f"tcert: {_cause(error) or error.strerror}", file=sys.stderr)
        return PROBLEM
    return _run(build_parser().parse_args(words))


def _run(options: argparse.Namespace) -> int:
    """Run a command; what an operator can mend is said in a sentence, not in a stack trace."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import Error

    from tcert.foundation.kernel import schema
    from tcert.foundation.kernel.errors import DomainError
    from tcert.foundation.kernel.guarded import KeyringError

    try:
        if not getattr(options, "any_schema", False):
            # A command that needs no database runs without one.
            with suppress(Error):
                schema.refuse_newer()
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except DomainError as error:
        print(f"tcert: {error.message}", file=sys.stderr)
    except (KeyringError, ImproperlyConfigured) as error:
        print(f"tcert: {error}", file=sys.stderr)
    except (Error, OSError) as error:
        said = _cause(error)
        if not said:
            raise
        print(f"tcert: {said}", file=sys.stderr)
    return PROBLEM


def _cause(error: Exception) -> str:
    """Say what broke under the hub, if that is what happened."""
    from tcert.foundation.kernel import faults

    fault = faults.fault_of(error)
    if fault is not None:
        return str(faults.cure(fault))
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.strerror}: {error.filename}"
    return ""
