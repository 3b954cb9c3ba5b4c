"""The playbooks that ship with the hub, read once from the files in `data`.

No database is asked. Another room finds what belongs beside an incident by `for_kind`.
"""

from functools import cache
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error

from tcert.response.playbooks.enums import Kind
from tcert.response.playbooks.playbook import Playbook
from tcert.response.playbooks.reading import UnreadableError, read

DATA = Path(__file__).parent / "data"
_ORDER = {kind: place for place, kind in enumerate(Kind)}


def read_folder(folder: Path) -> dict[str, Playbook]:
    """Return the playbooks of a folder by slug, in the order of their kinds.

    Raises `UnreadableError` for the first file that is none.
    """
    found = [read(_text_of(path), name=path.name) for path in sorted(folder.glob("*.toml"))]
    found.sort(key=lambda one: (min(_ORDER[kind] for kind in one.kinds), one.title))
    return {one.slug: one for one in found}


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UnreadableError(path.name, "", "is not UTF-8; save it as UTF-8") from None


@cache
def playbooks() -> dict[str, Playbook]:
    """Return every playbook by its slug, in the order of the list."""
    return read_folder(DATA)


def for_kind(code: str) -> tuple[Playbook, ...]:
    """Return the playbooks for a kind of incident; none for a kind that has none."""
    return tuple(one for one in playbooks().values() if code in one.kinds)


def searched_for(words: str) -> tuple[Playbook, ...]:
    """Return those in whose title, summary or signs each of the words stands."""
    wanted = words.lower().split()
    return tuple(
        one for one in playbooks().values() if wanted and all(word in one.words for word in wanted)
    )


def check(**_kwargs: Any) -> list[CheckMessage]:
    """Say at start what is wrong with a file, rather than on the page at night."""
    try:
        playbooks()
    except UnreadableError as error:
        return [
            Error(
                str(error),
                hint="Correct the file: docs/guides/playbooks.md says what stands where.",
                id="playbooks.E001",
            )
        ]
    return []
