"""`tcert resolve`: whose are these, asked of the hub's own table."""

import argparse
import json
import sys
from datetime import UTC, datetime

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM
from tcert.response.routing import resolving, telling
from tcert.response.routing.resolving import Verdict
from tcert.response.snapshot.enums import Side

DONE, PROBLEM, WRONG_USE = 0, 1, 2


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `resolve`."""
    resolve = commands.add_parser(
        "resolve",
        help="say whose identifiers are, by the claims of this hub and public lists",
        description="Say whose identifiers are: network codes, Global Titles, realms, addresses, "
        "numbers of subscribers, whatever signalling names. Words of a command stand in the "
        "shell's history: give what names subscribers by standard input. Nothing is kept, and "
        "what is printed is masked. Exit codes: 0 somebody is known for each, 1 for some nobody "
        "is, or they cannot be read, 2 wrong use.",
    )
    resolve.add_argument(
        "text", nargs="*", metavar="TEXT", help="one identifier each; without any, standard input"
    )
    resolve.add_argument(
        "--at", type=_moment, metavar="TIME", help="when it was seen, in ISO 8601; else now"
    )
    resolve.add_argument("--side", choices=[*Side], help="whose they are in what was seen")
    resolve.add_argument("--json", action="store_true", help="print JSON")
    resolve.set_defaults(run=_resolve)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a time such as 2026-11-30T12:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _resolve(options: argparse.Namespace) -> int:
    texts = options.text or _lines()
    if texts is None:
        print(
            f"tcert: {resolving.MOST_LINES} lines at most; `tcert route` takes files of any size.",
            file=sys.stderr,
        )
        return WRONG_USE
    side = Side(options.side) if options.side else None
    at = options.at or clock.now()
    found = resolving.answers(texts, at=at, principal=SYSTEM, side=side)
    if not found.lines:
        print("tcert: nothing was asked.", file=sys.stderr)
        return WRONG_USE
    if options.json:
        print(json.dumps(telling.as_data(found), indent=1, ensure_ascii=False))
    else:
        print(telling.as_text(found))
    missed = found.count(Verdict.NOBODY) + found.count(Verdict.UNREAD)
    return PROBLEM if missed else DONE


def _lines() -> list[str] | None:
    """Read standard input, one text a line; None where there are too many."""
    found: list[str] = []
    for raw in iter(lambda: sys.stdin.buffer.readline(4 * resolving.LONGEST_LINE), b""):
        found.append(raw.decode(errors="replace").rstrip("\r\n"))
        if len(found) > resolving.MOST_LINES:
            return None
    return found
