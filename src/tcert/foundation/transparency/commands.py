"""Commands around the tree of records."""

import argparse
import sys
from pathlib import Path

from tcert.foundation.transparency.enums import WRONG, Signed

_SIGNED = {
    Signed.PRESENT_KEY: "good, by the hub's present key",
    Signed.EARLIER_KEY: "good, by an earlier key of the hub",
    Signed.BEFORE_KEY: "none; the hub had no key by then",
    Signed.MISSING: "NONE, although the hub had a key by then",
    Signed.FALSE: "NOT THE HUB'S",
}
DONE, PROBLEM, WRONG_USE = 0, 1, 2
_LONGEST = 200_000


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `records`."""
    command = commands.add_parser("records", help="print or compare heads of the tree of records")
    acts = command.add_subparsers(dest="act", metavar="ACT", required=True)
    head = acts.add_parser(
        "head", help="print the newest head with the hub's signature, to be kept elsewhere"
    )
    head.set_defaults(run=_head)
    verify = acts.add_parser(
        "verify",
        help="prove that the tree of today extends a head that was kept, or check a record's proof",
        description="Exit codes: 0 it holds, 1 it does not, 2 the file is none of these.",
    )
    what = verify.add_mutually_exclusive_group(required=True)
    what.add_argument("--head", metavar="FILE", help="what `head` printed")
    what.add_argument("--proof", metavar="FILE", help="the proof of one record, from its page")
    verify.set_defaults(run=_verify)


def _head(_options: argparse.Namespace) -> int:
    from tcert.foundation.transparency.models import Head

    newest = Head.objects.order_by("number").last()
    if newest is None:
        print("tcert: no record is sealed yet; a worker does it.", file=sys.stderr)
        return PROBLEM
    print(newest.exported, end="")
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from tcert.foundation.transparency.headtext import NoHead

    name = options.head or options.proof
    try:
        with Path(name).open(encoding="utf-8") as file:
            text = file.read(_LONGEST)
        return _tell_head(text) if options.head else _tell_proof(text)
    except (OSError, UnicodeDecodeError, NoHead) as error:
        print(f"tcert: {name}: {error}", file=sys.stderr)
        return WRONG_USE


def _tell_proof(text: str) -> int:
    from tcert.foundation.transparency.proving import check_proof

    found = check_proof(text)
    if found.holds:
        print(found.committed)  # else nobody vouches for what the file would do to a terminal
    print(f"position {found.position} below head {found.head.number} of {found.head.origin}")
    print(f"signature of the head: {_SIGNED[found.signed]}")
    print("This record stood there." if found.holds else "THIS RECORD DID NOT STAND THERE.")
    return DONE if found.holds and found.signed not in WRONG else PROBLEM


def _tell_head(text: str) -> int:
    from tcert.foundation.transparency.proving import Answer, compare

    found = compare(text)
    kept, newest = found.kept, found.newest
    print(f"kept:  head {kept.number}, {kept.size} records, made {kept.made_at:%Y-%m-%d %H:%M} UTC")
    if newest is not None:
        print(f"today: head {newest.number}, {newest.size} records")
    print(f"signature of the kept head: {_SIGNED[found.signed]}")
    print(
        {
            Answer.EXTENDS: "The tree of today extends the kept head.",
            Answer.OTHER_HUB: "The kept head is of another hub, or this one changed its name.",
            Answer.SHRUNK: "THE TREE OF TODAY HOLDS FEWER RECORDS THAN THE KEPT HEAD.",
            Answer.REWRITTEN: "THE TREE OF TODAY DOES NOT EXTEND THE KEPT HEAD: it was rewritten.",
        }[found.answer]
    )
    return DONE if found.answer is Answer.EXTENDS and found.signed not in WRONG else PROBLEM
