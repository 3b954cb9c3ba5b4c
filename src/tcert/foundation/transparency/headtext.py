"""A head as text: what the hub signs, what an operator keeps elsewhere. Pure.

Labelled lines, so that a person can read them out and `gpg --verify` can check them; the
signature follows the text in the same file.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from tcert.foundation.transparency.enums import TreeAlgorithm

TITLE = "Head of the tree of records of a TCERT hub"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"
_NONE = "none"
_FORM = re.compile(
    rf"{TITLE}\n"
    r"Hub: (?P<origin>[^\n]{1,255})\n"
    r"Algorithm: (?P<algorithm>[a-z0-9-]{1,40})\n"
    r"Number: (?P<number>[1-9][0-9]{0,17})\n"
    r"Size: (?P<size>0|[1-9][0-9]{0,17})\n"
    r"Root: (?P<root>[0-9a-f]{64})\n"
    r"Through: (?P<through>[0-9T:.-]{26}Z)\n"
    r"Made: (?P<made_at>[0-9T:.-]{26}Z)\n"
    rf"Previous: (?P<previous>[0-9a-f]{{64}}|{_NONE})\n"
)
LONGEST = 10_000


class NoHead(ValueError):
    """A text that is no head, or one of a tree that this version cannot read."""


@dataclass(frozen=True, slots=True)
class HeadText:
    """What a head says. `through`: all records due until then are in the tree."""

    origin: str
    algorithm: str
    number: int
    size: int
    root: bytes
    through: datetime
    made_at: datetime
    previous: bytes

    def write(self) -> str:
        """Return the text that is signed."""
        return (
            f"{TITLE}\n"
            f"Hub: {self.origin}\n"
            f"Algorithm: {self.algorithm}\n"
            f"Number: {self.number}\n"
            f"Size: {self.size}\n"
            f"Root: {self.root.hex()}\n"
            f"Through: {_written(self.through)}\n"
            f"Made: {_written(self.made_at)}\n"
            f"Previous: {self.previous.hex() or _NONE}\n"
        )

    @property
    def digest(self) -> bytes:
        """Return what the next head names as its predecessor."""
        return hashlib.sha256(self.write().encode()).digest()


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_MOMENT)


def read(text: str) -> tuple[HeadText, str]:
    """Return a head and its armoured signature, empty if it carries none.

    Raises:
        NoHead: the text is none, or names another algorithm.

    """
    words, mark, rest = text[:LONGEST].replace("\r\n", "\n").partition(_SIGNATURE)
    found = _FORM.fullmatch(words)
    if found is None:
        raise NoHead("this is no head of a tree of records")
    try:
        said = HeadText(
            origin=found["origin"],
            algorithm=TreeAlgorithm(found["algorithm"]).value,
            number=int(found["number"]),
            size=int(found["size"]),
            root=bytes.fromhex(found["root"]),
            through=datetime.strptime(found["through"], _MOMENT).replace(tzinfo=UTC),
            made_at=datetime.strptime(found["made_at"], _MOMENT).replace(tzinfo=UTC),
            previous=b"" if found["previous"] == _NONE else bytes.fromhex(found["previous"]),
        )
    except ValueError as error:
        raise NoHead("this head is of another kind of tree, or its dates are none") from error
    return said, f"{mark}{rest}"
