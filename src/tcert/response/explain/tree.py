"""An explained message: elements within elements, for a terminal or as JSON. Pure.

What comes out of the limited process was made from hostile octets by a library that is not ours:
it is checked and bounded here before anybody sees it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_ELEMENTS = 4_000
DEEPEST = 48
LONGEST_TEXT = 300
"""Characters of a name or value."""


@dataclass(slots=True)
class Element:
    """A name, what it says if it says anything by itself, and what it consists of."""

    name: str
    value: str = ""
    of: list["Element"] = field(default_factory=list)

    def add(self, name: str, value: object = "") -> "Element":
        """Put an element into this one and return it."""
        one = Element(name, str(value))
        self.of.append(one)
        return one

    def told(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        found: dict[str, Any] = {"name": self.name}
        if self.value:
            found["value"] = self.value
        if self.of:
            found["of"] = [one.told() for one in self.of]
        return found


class NoTree(ValueError):
    """The limited process answered something that is no explained message."""


def read(told: object) -> Element:
    """Read an element from JSON that is not trusted; raises NoTree.

    Beyond the bounds elements are left out and texts cut, and it is said.
    """
    left = MOST_ELEMENTS

    def reading(one: object, depth: int) -> Element:
        nonlocal left
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            raise NoTree
        of = one.get("of", [])
        if not isinstance(of, list):
            raise NoTree
        left -= 1
        found = Element(plain(one["name"]), plain(str(one.get("value", ""))))
        for inside in of:
            if left <= 0 or depth >= DEEPEST:
                found.add("…", "more elements, not shown")
                break
            found.of.append(reading(inside, depth + 1))
        return found

    return reading(told, 0)


def lines(element: Element, depth: int = 0) -> Iterator[str]:
    """Yield the lines of an element and of those in it, each level indented by two spaces."""
    said = f"{element.name}: {element.value}" if element.value else element.name
    yield "  " * depth + said
    for one in element.of:
        yield from lines(one, depth + 1)


def plain(text: str) -> str:
    """Return a text that no terminal obeys, its odd characters told in ASCII; cut when long."""
    cut = text[:LONGEST_TEXT] + "…" if len(text) > LONGEST_TEXT else text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in cut
    )
