"""Text that somebody pasted: cut to what tells whose it is, and read in every way. Pure.

The page cuts in the browser, by the same rule (`static/routing/cut.js`), before anything is sent;
the server cuts what comes uncut from a browser without scripts. What is cut off is x, so that a
text keeps its length and a cut number is told from a whole one. A cut number is a range: whoever
holds a part of it is not its holder.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from unicodedata import normalize

from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused

MOST_READINGS = 8
OF_IMSI, OF_IMEI, OF_NUMBER, HIDDEN, LONGEST = 6, 8, 4, 6, 15
"""Digits that are kept: MCC with the longest MNC; the TAC; of a number at least so many, else all
but the last six of the longest there is (E.164), as masks do."""
_DIGITS_OF_IMSI = (14, 15, 16)
_DEVICES = ("01", "35", "86", "91", "99")
_TENS = (10,) * 16
_RUN = 7
"""Digits in a row that may be a subscriber's number, wherever they stand and however parted."""
_NAMING = {
    *(Kind.EMAIL, Kind.DOMAIN, Kind.DIAMETER_REALM, Kind.DIAMETER_HOST, Kind.FQDN_5G, Kind.APN),
    Kind.NCGI,
}
"""What may have a subscriber in it and has no mask of its own."""

_EDGES = " \t\r\n"
_BREAKS = re.compile(r"\r\n|\r|\n")
_SEPARATORS = re.compile(r"[ ./()-]")
_WITH_SEPARATORS = re.compile(r"\+?[0-9(][0-9 ./()-]*[0-9]")
_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_NO_NUMBER = re.compile(
    rf"(([0-9a-f]{{0,4}}:){{2,7}})?{_OCTET}(\.{_OCTET}){{3}}(/[0-9]{{1,3}})?"  # an address
    r"|([0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(/[0-9]{1,3})?"
    rf"|({_OCTET}\.){{1,4}}in-addr\.arpa\.?"
    r"|[0-9]{3}[- /]?[0-9]{2,3}"  # a network code
    r"|[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,3}"  # a point code
    # a cell, a tracking area; nine digits without a letter may be an IMSI that was written apart
    r"|[0-9]{3}-[0-9]{2,3}-(?![0-9]{8,9}$)[0-9a-f]{4,9}"
    r"|as[n]? ?[0-9]{1,10}"
    r"|[0-9]{1,8}"
    r"|(cpe:|pkg:).*",
    re.IGNORECASE,
)
_ENUM = ".e164.arpa"
"""Below it names are numbers of subscribers, turned round (RFC 6116)."""
_PARTED = re.compile(
    r"\d(?:[ \t\u00a0\u2000-\u200f\u2010-\u2015\u202a-\u202f\u2060-\u206f\u2212,./()_-]*\d)"
    rf"{{{_RUN - 1},}}"
)
"""Digits of any script, as people part them, with the marks that telephones put around numbers."""
_DIGIT = re.compile(r"\d")
_TEL = re.compile(r"\Atel:\s?", re.IGNORECASE)
_TEMPORARY = re.compile(
    r"(guti-.*-|5g-guti-[0-9]{5,6}[0-9a-f]{6})([0-9a-f]{8}|x{8})", re.IGNORECASE
)
_SUCI = re.compile(r"(suci-(?:[^-]*-){6})([^-]+)", re.IGNORECASE)
_IMSI = re.compile(r"(imsi-)([0-9]+)", re.IGNORECASE)
_IMEI = re.compile(r"imei(?:sv)?-([0-9 -]+)", re.IGNORECASE)
_TITLE = re.compile(r"(\+?)([0-9]+)((?:;(?:np|nai)=[0-9]+)+)", re.IGNORECASE)
_CUT = re.compile(r"(imsi-)?(\+?)([0-9]{4,16})(x{1,12})", re.IGNORECASE)
_ZEROED = re.compile(r"((?:suci-|guti-|5g-guti-)[0-9a-f-]*|\+?[0-9]+)(x+)((?:;.*)?)", re.IGNORECASE)


def lines(text: str) -> list[str]:
    """Return the lines of a text as browsers divide it."""
    return _BREAKS.split(text)


def cut(text: str, *, titles: bool = False) -> str:
    """Return one line without what names a subscriber and is not needed to find the network.

    `titles` says that numbers are Global Titles of nodes: then telephone numbers stay whole.
    """
    text = _TEL.sub("", text.strip(_EDGES), count=1)
    before, at, domain = text.rpartition("@")
    if at:
        return f"{'x' if before else ''}@{_runs(domain)}"
    named = _named(text)
    if named is not None:
        return named
    if _NO_NUMBER.fullmatch(text):
        return text
    return _number(text, titles=titles) if _WITH_SEPARATORS.fullmatch(text) else _runs(text)


def _named(text: str) -> str | None:
    """Cut what says of itself what it is, or was cut already; None of anything else."""
    if match := _CUT.fullmatch(text):
        return (match[1] or "") + match[2] + _again(bool(match[1]), match[2], match[3] + match[4])
    if match := _TEMPORARY.fullmatch(text) or _SUCI.fullmatch(text):
        return match[1] + _hidden(match[2])
    if match := _IMSI.fullmatch(text):
        return match[1] + _kept(match[2], OF_IMSI)
    if match := _IMEI.fullmatch(text):
        return _kept(_SEPARATORS.sub("", match[1]), OF_IMEI)
    if match := _TITLE.fullmatch(text):
        return match[1] + _kept(match[2], OF_IMSI) + match[3]
    return None


def _number(text: str, *, titles: bool) -> str:
    digits = _SEPARATORS.sub("", text)
    if digits.startswith("+"):
        kept = digits if titles else "+" + _of_number(digits[1:])
    elif len(digits) not in _DIGITS_OF_IMSI:
        kept = digits if titles else _of_number(digits)
    else:
        kept = _kept(digits, OF_IMEI if _is_device(digits) else OF_IMSI)
    # as it was written, where nothing is cut: separators may mean something, as in 2000-4000
    return kept if "x" in kept else text


def _is_device(digits: str) -> bool:
    """Tell whether digits are an IMEI with its check digit (Luhn), or an IMEISV, and no IMSI."""
    if not digits.startswith(_DEVICES) or len(digits) == _DIGITS_OF_IMSI[0]:
        return False
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(digits)]
    return len(digits) == _DIGITS_OF_IMSI[2] or sum(map(sum, map(divmod, doubled, _TENS))) % 10 == 0


def _again(is_imsi: bool, plus: str, digits: str) -> str:
    """Cut what was cut, to the same; whoever left more than is needed finds it gone."""
    if is_imsi:
        return _kept(digits, OF_IMSI)
    if not plus and len(digits) in _DIGITS_OF_IMSI:
        return _kept(digits, OF_IMEI)
    return _of_number(digits)


def _of_number(digits: str) -> str:
    return _kept(digits, max(min(len(digits), LONGEST) - HIDDEN, OF_NUMBER))


def _kept(digits: str, count: int) -> str:
    return digits[:count] + _hidden(digits[count:])


def _hidden(text: str) -> str:
    return "x" * len(text)


def _runs(text: str) -> str:
    """Cut whatever else has many digits in a row, and every name that is a number."""
    if text.lower().removesuffix(".").endswith(_ENUM):
        return f"x{_ENUM}"
    return _PARTED.sub(lambda match: _after(match[0], OF_IMSI), text)


def _after(text: str, count: int) -> str:
    """Hide the digits after the first few, and leave what parts them."""
    digits = iter(range(len(text)))
    return _DIGIT.sub(lambda match: match[0] if next(digits) < count else "x", text)


def holds_number(text: str) -> bool:
    """Tell whether what may be a subscriber's number stands in a text, however it is written."""
    return _PARTED.search(normalize("NFKC", text)) is not None


def shown(found: Identifier) -> str:
    """Return what may be said back of an identifier, though it came uncut: names hold numbers."""
    return cut(found.masked) if found.kind in _NAMING else found.masked


def readings(text: str) -> tuple[Identifier, ...]:
    """Return every way to read a line, cut or whole, the likelier first; none if it is none."""
    text = text.strip(_EDGES)
    if match := _CUT.fullmatch(text):
        prefix, plus, digits, hidden = match.groups()
        return tuple(_of_cut(bool(prefix), bool(plus), digits, len(digits) + len(hidden)))
    if match := _ZEROED.fullmatch(text):
        text = match[1] + "0" * len(match[2]) + match[3]
    return registry.guess(text)[:MOST_READINGS]


def _of_cut(is_imsi: bool, is_number: bool, digits: str, length: int) -> Iterator[Identifier]:
    """Yield what a cut number may be: zeros stand for what is not known, and decide nothing."""
    wanted: list[tuple[Kind, str]] = []
    if is_imsi or (not is_number and length in _DIGITS_OF_IMSI):
        if len(digits) >= OF_IMEI and not is_imsi:
            # fourteen digits are one without its check digit
            wanted.append((Kind.IMEI, digits[:OF_IMEI] + "0" * (_DIGITS_OF_IMSI[0] - OF_IMEI)))
        wanted.append((Kind.IMSI, (digits + "0" * length)[:length]))
    else:
        wanted += [(Kind.MSISDN_RANGE, f"+{digits}"), (Kind.GT_RANGE, f"+{digits}")]
    for kind, written in wanted:
        with suppress(IdentifierRefused):
            yield registry.parse(kind, written)
