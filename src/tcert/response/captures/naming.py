"""Octets of a message become identifiers, each distinct value once while it is remembered.

Reading a number costs more than finding it, and a capture repeats its few addresses all the time.
What is remembered is bounded and belongs to one scan, so that nothing of a subscriber outlives it.
An identifier that is refused is counted when it is read, thus once for each distinct value.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import TypeVar

from tcert.foundation.identifiers import internet, names, plmn, pointcodes, subscribers
from tcert.foundation.identifiers.kinds import Identifier
from tcert.foundation.identifiers.numbers import (
    GlobalTitle,
    NatureOfAddress,
    NumberingPlan,
    identify,
)
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.response.captures.enums import Malformed
from tcert.response.captures.sightings import Side, Tally, new

REMEMBERED = 1 << 14
"""Distinct values of each kind; the longest are names of 253 characters."""
REMEMBERED_SIDES = 1 << 16
"""Distinct ends of messages, which are little more than pointers to identifiers."""

_ANSI = {"US", "CA"}
"""Countries whose network has codes of 24 bits in ANSI's 8-8-8."""
_IMSI = re.compile(r"[0-9]{6,15}")
_EAP_IMSI = re.compile(r"[06]([0-9]{6,15})")
_LABELS = 128
_SWAP = bytes((octet & 0xF) << 4 | octet >> 4 for octet in range(256))
"""For each octet the one with its halves exchanged, so that hexadecimal digits come in order."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(dict[Key, Value]):
    """What was read, by its octets: looked up like a dictionary, read when it is not there yet.

    Full, it forgets everything: a rare pause instead of a book kept at each look.
    """

    def __init__(self, read: Callable[[Key], Value], most: int) -> None:
        super().__init__()
        self._read = read
        self._most = most

    def __missing__(self, key: Key) -> Value:
        if len(self) >= self._most:
            self.clear()
        value = self[key] = self._read(key)
        return value


class Names:
    """The identifiers of one scan; `country` is that of the national SS7 network observed."""

    def __init__(self, tally: Tally, country: str = "") -> None:
        self._tally = tally
        self._country = country.upper()
        self.ip = self._remembered(_ip)
        self.imsi = self._remembered(lambda octets: subscribers.imsi(digits(octets)))
        self.msisdn = self._remembered(lambda octets: subscribers.msisdn_of_digits(digits(octets)))
        self.user = self._remembered(_user)
        self.imsi_text = self._remembered(lambda octets: subscribers.imsi(octets.decode("ascii")))
        self.msisdn_text = self._remembered(_msisdn_text)
        self.plmn = self._remembered(lambda octets: plmn.read(plmn.from_wire(octets)))
        self.host = self._remembered(lambda octets: names.host(octets.decode("ascii")))
        self.realm = self._remembered(lambda octets: names.realm(octets.decode("ascii")))
        self.apn = self._remembered(_apn)
        self.domain = self._remembered(lambda octets: _domain(octets.decode("ascii")))
        self.labels = self._remembered(lambda octets: _domain(joined(octets)))
        self.title = self._remembered(_title)
        self.point_code = Remembered(self._point_code, REMEMBERED)
        self.internet_side = Remembered(self._internet_side, REMEMBERED)
        self.signalling_side = Remembered(self._signalling_side, REMEMBERED_SIDES)
        self.sip_side = Remembered(self._sip_side, REMEMBERED_SIDES)

    def _remembered(
        self, read: Callable[[bytes], Identifier | None]
    ) -> Remembered[bytes, Identifier | None]:
        def reading(octets: bytes) -> Identifier | None:
            try:
                return read(octets)
            except ValueError:  # refused, or no ASCII
                self._tally.malformed[Malformed.IDENTIFIER] += 1
                return None

        return Remembered(reading, REMEMBERED)

    def _internet_side(self, ip: bytes) -> Side:
        return Side(ip=self.ip[ip])

    def diameter_side(self, ip: bytes, host: bytes | None, realm: bytes | None) -> Side:
        """Return an end of a Diameter message; made each time, since hubs see them all mixed."""
        return new(
            Side,
            (
                self.ip[ip],
                None,
                None,
                None,
                self.host[host] if host else None,
                self.realm[realm] if realm else None,
                None,
            ),
        )

    def _signalling_side(self, key: tuple[bytes, bytes, int, int]) -> Side:
        ip, party, code, network = key
        try:
            title, subsystem = address(party)
        except IndexError:
            self._tally.malformed[Malformed.SCCP] += 1
            title, subsystem = b"", None
        return Side(
            ip=self.ip[ip],
            gt=self.title[title] if title else None,
            pc=self.point_code[code, network],
            ssn=subsystem,
        )

    def _sip_side(self, key: tuple[bytes, bytes]) -> Side:
        ip, domain = key
        return Side(ip=self.ip[ip], domain=self.domain[domain] if domain else None)

    def _point_code(self, key: tuple[int, int]) -> Identifier | None:
        """Return the code's identifier, none where it means nothing without a country."""
        code, network = key
        if code < 0 or (network != pointcodes.INTERNATIONAL_INDICATOR and not self._country):
            return None
        try:
            if self._country in _ANSI and network != pointcodes.INTERNATIONAL_INDICATOR:
                return pointcodes.ansi(f"{code >> 16}-{code >> 8 & 0xFF}-{code & 0xFF}")
            return pointcodes.from_number(code, network, self._country)
        except IdentifierRefused:
            self._tally.malformed[Malformed.IDENTIFIER] += 1
            return None


def address(party: bytes) -> tuple[bytes, int | None]:
    """Read an SCCP party address (ITU-T Q.713 clause 3.4); raises IndexError when it is cut.

    Returns the indicator of the title with its octets, nothing if there is no title, and the
    subsystem. A code inside is passed over: it says nothing without its network. Addresses of
    national layout (high bit of the indicator, as ANSI has them) are ordered otherwise and not
    read.
    """
    if not party or party[0] & 0x80:
        return b"", None
    indicator, at, subsystem = party[0], 1, None
    if indicator & 0x01:
        at += 2
    if indicator & 0x02:
        subsystem = party[at]
        at += 1
    if at > len(party):
        raise IndexError
    kind = indicator >> 2 & 0xF
    return (bytes((kind,)) + party[at:] if kind else b""), subsystem


def _ip(octets: bytes) -> Identifier | None:
    return internet.ip(str(ip_address(octets))) if octets else None


def digits(octets: bytes) -> str:
    """Return digits packed low half first, up to the filler F (3GPP TS 29.274 clause 8.3).

    Raises IdentifierRefused for another half octet that is no digit.
    """
    text = octets.translate(_SWAP).hex().rstrip("f")
    if not text.isdecimal():
        raise IdentifierRefused("Digits are packed two to an octet, with F behind the last.")
    return text


def joined(octets: bytes) -> str:
    """Return a name of labels that each follow their length (RFC 1035 clause 3.1, uncompressed)."""
    found: list[str] = []
    at = 0
    while at < len(octets) and len(found) < _LABELS:
        length = octets[at]
        if at + 1 + length > len(octets):
            raise IdentifierRefused("A name is labels, each behind its length.")
        if length:
            found.append(octets[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(found)


def _user(octets: bytes) -> Identifier | None:
    """Return the IMSI of a User-Name, none for other names (3GPP TS 23.003 clauses 13.3, 19.3)."""
    local, _at, realm = octets.decode("ascii").partition("@")
    prefixed = _EAP_IMSI.fullmatch(local)
    realm = realm.lower().removesuffix(".")
    if prefixed and names.naming(realm).get("mcc") == prefixed[1][:3]:
        return subscribers.imsi(prefixed[1])
    return subscribers.imsi(local) if _IMSI.fullmatch(local) else None


def _msisdn_text(octets: bytes) -> Identifier:
    return subscribers.msisdn_of_digits(octets.decode("ascii").removeprefix("+"))


def _apn(octets: bytes) -> Identifier | None:
    """Return an APN with its operator identifier; without one (``internet``) it names nobody."""
    name = joined(octets).lower()
    return names.apn(name) if name.endswith(".gprs") else None


def _domain(text: str) -> Identifier:
    """Return a node's name or address; names of 3GPP networks as what leads to their PLMN."""
    name = text.lower().removesuffix(".")
    if names.wears_plmn(name):
        return names.realm(name)
    try:
        return internet.ip(text.strip("[]"))
    except IdentifierRefused:
        return internet.domain(text)


def _title(octets: bytes) -> Identifier:
    """Return the title of an indicator and its octets (ITU-T Q.713 clause 3.4.2.3).

    What an indicator does not carry is unknown, not guessed.
    """
    indicator, octets = octets[0], octets[1:]
    if indicator == 4:  # noqa: PLR2004 - translation type, plan, scheme and nature
        return identify(GlobalTitle.from_wire(octets), located=False)
    plan, nature, odd, head = NumberingPlan.UNKNOWN, NatureOfAddress.UNKNOWN, False, 1
    if indicator == 1 and octets:
        odd, nature = bool(octets[0] & 0x80), NatureOfAddress(octets[0] & 0x7F)
    elif indicator == 3 and len(octets) > 1:  # noqa: PLR2004 - translation type, plan and scheme
        odd, plan, head = octets[1] & 0xF == 1, NumberingPlan(octets[1] >> 4), 2
    text = octets[head:].translate(_SWAP).hex()
    text = text[:-1] if odd else text.rstrip("f")
    if not 0 < len(text) <= 15 or not text.isdecimal():  # noqa: PLR2004 - ITU-T E.164
        raise IdentifierRefused("A Global Title is up to 15 digits, two to an octet.")
    return identify(GlobalTitle(text, plan, nature), located=False)
