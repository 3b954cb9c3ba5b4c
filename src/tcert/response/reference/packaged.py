"""The list of networks as set-up copied it beside the code (`scripts/fetch_scripts.py`)."""

import json
from dataclasses import dataclass
from pathlib import Path

from tcert.response.reference.comparing import number_of

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class About:
    """What the lock file says of the package: its integrity is the hash that npm checked."""

    name: str
    version: str
    licence: str
    integrity: str


def about() -> About | None:
    """Return what set-up brought, or None where it brought nothing."""
    path = FOLDER / "networks.about.json"
    if not path.exists() or not (FOLDER / "networks.json").exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    return About(said["name"], said["version"], said["license"], said["integrity"])


def newer_than(version: str) -> About | None:
    """Return what set-up brought, if it is a later version than one that is in use."""
    found = about()
    if found is None or number_of(found.version) <= number_of(version):
        return None
    return found


def networks() -> bytes:
    """Return the list itself."""
    return (FOLDER / "networks.json").read_bytes()
