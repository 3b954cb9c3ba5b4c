"""The file of settings that a service manager gives to the hub, held against what the hub knows.

The hub never writes it. Its form is that of `EnvironmentFile=` in systemd.exec(5), without what
that allows beyond one `NAME=value` a line, in quotes or not.
"""

import argparse
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

EXAMPLE = Path(__file__).with_name("hub.env")
_LINE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_KNOWN = re.compile(r"^#?(TCERT_[A-Z_]+)=", re.MULTILINE)
_LONGEST = 64 * 1024


class Unreadable(ValueError):
    """The file is not what it should be; each line of the message names place and cure."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add what is read before all else to the words of `check`."""
    parser.add_argument(
        "--environment",
        type=Path,
        metavar="FILE",
        help="check this file of settings instead of the environment",
    )
    parser.add_argument(
        "--example", action="store_true", help="print a file of settings to begin with"
    )


def known() -> frozenset[str]:
    """Return the names of all settings."""
    return frozenset(_KNOWN.findall(EXAMPLE.read_text()))


def read(path: Path) -> dict[str, str]:
    """Return the settings in a file.

    Raises:
        OSError: it cannot be read.
        Unreadable: it is no file of settings, or has names that the hub does not know.

    """
    with path.open("rb") as file:
        raw = file.read(_LONGEST + 1)
    if len(raw) > _LONGEST:
        raise Unreadable(f"{path}: longer than any file of settings; is it the right one?")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Unreadable(f"{path}: this is no text in UTF-8") from None
    found: dict[str, str] = {}
    wrong = list(_take(text, found))
    if wrong:
        raise Unreadable("\n".join(f"{path}, line {line}: {what}" for line, what in wrong))
    return found


def _take(text: str, found: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Put the settings into `found`; yield what is wrong, by line. No value is ever told."""
    names = known()
    for number, raw in enumerate(_NEWLINE.split(text), start=1):
        line = raw.strip(" \t")
        if not line or line[0] in "#;":
            if line.endswith("\\"):
                yield number, "a backslash at the end draws in the next line; take it away"
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            yield number, "this is not NAME=value; put # before a remark, and no space around ="
            continue
        name, value = match["name"], match["value"].strip(" \t")
        quote = value[:1] if value[:1] in {'"', "'"} else ""
        if wrong := _misread(name, value, quote):
            yield number, wrong
        elif name in found:
            yield number, f"{name} stands here a second time; keep one"
        elif name.startswith("TCERT_") and name not in names:
            near = get_close_matches(name, names, n=1)
            yield number, f"there is no {name}" + (f"; perhaps {near[0]}" if near else "")
        else:
            found[name] = value[1:-1] if quote else value


def _misread(name: str, value: str, quote: str) -> str:
    """Say why the service manager would read another value than stands there, or nothing."""
    if _CONTROL.search(value):
        return f"{name} has a character that does not show; write the line anew"
    if quote and (len(value) == 1 or not value.endswith(quote)):
        return f"{name} begins with a quotation mark that does not end"
    if quote and quote in value[1:-1]:
        return f"{name} has its quotation mark within; put it in the other kind"
    if "\\" in value and quote != "'":
        return f"{name} has a backslash, which is taken away when read; put it in '…'"
    return ""
