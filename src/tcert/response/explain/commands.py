"""`tcert explain`."""

import argparse
import json
import sys
from pathlib import Path

from tcert.response.captures.files import LARGEST_PACKET, NotACapture, packets
from tcert.response.captures.sightings import Tally
from tcert.response.explain import confining
from tcert.response.explain.confining import Unexplained
from tcert.response.explain.enums import Protocol
from tcert.response.explain.tree import lines, plain

DONE, PROBLEM, WRONG_USE = 0, 1, 2
STANDARD_INPUT = "-"


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `explain`."""
    explain = commands.add_parser(
        "explain",
        help="explain one message element by element: a packet of a capture, or octets",
        description="Read one message and print what is in it, for a person. Content of messages "
        "is never printed; subscribers' numbers are masked. The decoder runs in a process of its "
        "own with limits. Exit codes: 0 done, 1 something could not be decoded, 2 wrong use.",
    )
    explain.add_argument(
        "what",
        metavar="FILE|HEX",
        help="a capture (pcap, pcapng), with --packet; or with --as octets in hexadecimal digits, "
        "- is standard input",
    )
    explain.add_argument(
        "--packet", type=_number, metavar="N", help="which packet of the capture; the first is 1"
    )
    explain.add_argument("--as", dest="protocol", choices=[*Protocol], help="what the octets are")
    explain.add_argument(
        "--whole",
        action="store_true",
        help="show subscribers' numbers and places whole: for your own network, on your own "
        "machine; content is not shown even so",
    )
    explain.add_argument("--json", action="store_true", help="print one JSON object")
    explain.set_defaults(run=_explain, any_schema=True)


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError("a number from 1 on, as in Wireshark's first column")
    return number


def _explain(options: argparse.Namespace) -> int:
    if (options.packet is None) == (options.protocol is None):
        return _wrong("say --packet with a capture, or --as with octets in hexadecimal digits.")
    try:
        found = _asked(options)
    except (_Refused, confining.NotInstalled) as error:
        return _wrong(str(error))
    except Unexplained as error:
        print(f"tcert: {error}", file=sys.stderr)
        return PROBLEM
    except OSError as error:
        return _wrong(f"{error.strerror}: {options.what}")
    if options.whole:
        print("tcert: subscribers are shown whole: do not pass this on.", file=sys.stderr)
    if options.json:
        print(json.dumps(found.element.told() | {"problems": found.problems}))
    else:
        print("\n".join(lines(found.element)))
    for problem in found.problems:
        print(f"tcert: {problem}", file=sys.stderr)
    return PROBLEM if found.problems else DONE


def _asked(options: argparse.Namespace) -> confining.Explained:
    if options.protocol:
        protocol = Protocol(options.protocol)
        return confining.explain(_octets(options.what), protocol=protocol, whole=options.whole)
    link, octets, cut = _packet(Path(options.what), options.packet)
    found = confining.explain(octets, protocol=None, link=link, whole=options.whole)
    if cut:
        found.problems.append("the capture holds only the beginning of this packet")
    return found


class _Refused(ValueError):
    """What was given is no message; the sentence says what to give instead."""


def _packet(path: Path, number: int) -> tuple[int, bytes, bool]:
    """Return link type and octets of a packet, and whether its end is missing."""
    if not path.is_file():
        raise _Refused("it is no file: save the capture in a file first.")
    tally, seen = Tally(), 0
    with path.open("rb") as file:
        try:
            for link, _time, octets, cut in packets(file, tally):
                seen += 1
                if seen == number:
                    return link, octets, cut
        except NotACapture as error:
            raise _Refused(f"{error} Unpack it first if it is compressed.") from None
    ended = ", and its end is damaged" if tally.malformed else ""
    raise _Refused(f"the capture has {seen} packets{ended}: there is no packet {number}.")


def _octets(text: str) -> bytes:
    """Return the octets that hexadecimal digits say; blanks, colons and 0x are passed over."""
    if text == STANDARD_INPUT:
        if sys.stdin is None:
            raise _Refused("standard input is closed.")
        text = sys.stdin.buffer.read(4 * LARGEST_PACKET).decode("latin-1")  # whatever it may be
    digits = "".join(text.split()).replace(":", "").removeprefix("0x")
    try:
        found = bytes.fromhex(digits) if digits.isascii() else b""
    except ValueError:
        found = b""
    if not found:
        raise _Refused("octets are hexadecimal digits, two to an octet, such as 01000101.")
    if len(found) > LARGEST_PACKET:
        raise _Refused(f"a message has {LARGEST_PACKET} octets at most.")
    return found


def _wrong(said: str) -> int:
    print(f"tcert: {plain(said)}", file=sys.stderr)  # whoever sends a file names it
    return WRONG_USE
