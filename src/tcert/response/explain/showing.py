"""What of an element's value is shown: nothing that is not known to be harmless. Pure.

Content (the text of a short message, a body of SIP, the user plane) is never shown, whoever asks.
Subscribers' numbers and places are masked unless the whole is asked for. Octets and words that no
list here names are told by their length alone: a library that learns a new element must not make
it public.
"""

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address

from tcert.foundation.identifiers import plmn, subscribers
from tcert.foundation.identifiers.kinds import Identifier, hidden
from tcert.foundation.identifiers.numbers import masked
from tcert.foundation.identifiers.refusals import IdentifierRefused

_WRAPPERS = frozenset(
    (
        "data",
        "value",
        "val",
        "num",
        "addr",
        "e164",
        "bcd",
        "digits",
        "hdr",
        "octetstring",
        "utf8string",
        "address",
        "diameteridentity",
        "diameteruri",
        "ipfilterrule",
        "unsigned32",
        "unsigned64",
        "integer32",
        "integer64",
        "enumerated",
        "time",
        "grouped",
        "avpdata",
        "avp3gpp",
        "avp",
        "ext",
        "eid",
        "param",
        "gt",
        "gt1",
        "gt2",
        "gt3",
        "gt4",
        "ies",
        "ipv4addr",
        "ipv6addr",
        "e212",
        "plmn",
        "avpieee",
    )
)
"""Names that say how something is written, not what it is: the name above them counts."""

_CONTENT = re.compile(
    r"smrpui|ussdstring|ussdargstring|longsignalinfo|signalinfo|networksignalinfo|accessnetwork"
    r"signalinfo|shortmessage|smtext|userdata$|userdata2|body|payload|tpdu|nasmessage|nascontainer"
    r"|privateextension|f?container|pco$|protocolconfigurationoptions|eap|gsmmapsms|smsmessage"
    r"|messagecontent|encapsulatedmessage"
)
_SECRET = re.compile(
    r"^(ck|ik|kc|nh|sres|xres|autn|auts|rand|ki|opc?|kasme|kseaf|kausf|vector|nonce)$"
    r"|key|password|secret"
)
_IMSI = re.compile(r"imsi|^username$|supi|subscriptionid")
_IMEI = re.compile(r"imei|^mei(dentity)?$|terminalinformation")
_NUMBER = re.compile(
    r"msisdn|e164|number$|calledpartyaddr|callingpartyaddr|servicecentreaddress|centreaddress"
    r"|^global ?title|address(oa|da)$|gsmscfaddress|mscaddress"
)
_PLACE = re.compile(
    r"(^|[^a-z])(lac|ci|eci|ecgi|tac|rac|sac|nci|ncgi|tai|cgi|sai|rai|uli|cellid|cellidentity)$"
    r"|tmsi|lmsi|locationinfo|cellglobalid|cellid|geograph|geodetic|userlocation|trackingarea"
    r"|locationarea|routingarea|servicearea|areacode|enbid|gnbid|nodebid|latitude|longitude"
    r"|altitude|uncertainty|orientation|mccmnc"
)
_SUBSCRIBERS_ADDRESS = re.compile(r"paa|pdn|ueip|enduser|framed|pdpaddr|ueaddress|msaddress")
_NODE = re.compile(r"fteid|fseid|^nodeid$|gsnaddr|sgsn|ggsn|chargingg|hostip|outerheader|mmeaddr")
_NAME = re.compile(
    r"originhost|originrealm|destinationhost|destinationrealm|routerecord|^apn$|accesspointname"
    r"|serviceselection|^nodeid$|fqdn|visitednetworkidentifier|productname|^sessionid$|networkinstance"
    r"|servedpartyname$|errorreportinghost|proxyhost|redirecthost"
)
_HEX = re.compile(
    r"^(otid|dtid|teleservicelist|bearerservicelist|category|sscode|ssstatus|pdptype|rattype"
    r"|visitedplmnid|servingnetwork|protocolid|ssnprotection)$"
)
_PLMN = re.compile(r"plmn|servingnetwork")
_WIDE = re.compile(
    r"teid|seid|seq|len|length|code|appid|applicationid|vendor|hhid|eeid|hopbyhop|endtoend"
    r"|opc|dpc|time|threshold|volume|bitrate|mbr|gbr|ambr|authapplication|routingcontext|recovery"
    r"|invokeid|originstate|lifetime|supportedfeature|feature|flags|precedence|priority|ulrflags"
    r"|ulaflags|max"
)
MAP = "map"
"""How the path of an element of MAP begins: its numbers follow an octet of their nature."""
_LONG_NUMBER = re.compile(r"[0-9](?:[ ._/-]*[0-9]){5,}")
_PLMN_LABELS = re.compile(r"mnc[0-9]{3}\.mcc[0-9]{3}")
_LONGEST = 128
_LONGEST_CODE = 4
"""Octets of a value that is a code; what is longer under its name is something else."""
_SMALL = 1 << 16
_MOST_BITS = 64
_PLMN_OCTETS = 3
"""3GPP TS 24.008 clause 10.5.1.13."""
_TON_INTERNATIONAL = 0x10
_INTERNATIONAL_DIGITS = re.compile(r"[1-9][0-9]{4,14}")


def meant(path: tuple[str, ...]) -> str:
    """Return which name of an element's path says what it is, in small letters and digits."""
    for name in reversed(path):
        plain = re.sub("[^a-z0-9]", "", name.lower())
        if plain and plain not in _WRAPPERS and not plain.isdecimal():
            return plain
    return ""


def content(octets: int) -> str:
    """Return what is said in the place of content."""
    return f"content, {octets} octets, not shown"


def octets(path: tuple[str, ...], value: bytes, *, whole: bool = False) -> str:
    """Return what is shown of octets: an identifier, a node, a name, or their number."""
    name = meant(path)
    if not value:
        return "empty"
    if _is_content(path):
        return content(len(value))
    if path and not _SECRET.search(name) and len(value) <= _LONGEST:
        found = _known(path, name, value, whole=whole)
        if found:
            return found
    return f"{len(value)} octets, not shown"


def _known(path: tuple[str, ...], name: str, value: bytes, *, whole: bool) -> str:
    """Return what is shown of octets whose name is known, nothing of others."""
    if len(value) == _PLMN_OCTETS and (path[-1].lower() == "plmn" or _PLMN.search(name)):
        return network(value)
    for pattern, reading in _READINGS:
        if pattern.search(name):
            found = reading(path, value, whole)
            if found or pattern is not _NODE:
                return found
    return ""


def text(path: tuple[str, ...], value: str, *, whole: bool = False) -> str:
    """Return what is shown of a text."""
    return octets(path, value.encode(errors="replace"), whole=whole)


def number(path: tuple[str, ...], value: int, label: str = "", *, whole: bool = False) -> str:
    """Return what is shown of a number: long ones and places only where their name is known."""
    name = meant(path)
    if _is_never_shown(path):
        return "not shown"
    if not whole and _is_of_a_place(path):
        return "hidden"
    if _SUBSCRIBERS_ADDRESS.search(name) and abs(value) >= _SMALL and not whole:
        return "hidden"
    if label:
        return f"{value} ({label})"
    if abs(value) < _SMALL or whole or _WIDE.search(name):
        return str(value) if abs(value) < 1 << 64 else "a number of more than 64 bits"
    return "a long number, hidden"


def bits(path: tuple[str, ...], value: int, count: int, *, whole: bool = False) -> str:
    """Return what is shown of a string of bits: a few flags, never a place or a key."""
    is_hidden = _is_never_shown(path) or (_is_of_a_place(path) and not whole)
    if is_hidden or not 0 <= count <= _MOST_BITS:
        return "bits, not shown"
    return f"bits {value:0{max(1, count)}b}"


def arcs(several: Iterable[int]) -> str:
    """Return an object identifier; an arc as long as a number of somebody is none that is known."""
    return ".".join(str(one) if 0 <= one < _SMALL else "x" for one in several)


def _is_content(path: tuple[str, ...]) -> bool:
    return any(_CONTENT.search(re.sub("[^a-z0-9]", "", one.lower())) for one in path)


def _is_never_shown(path: tuple[str, ...]) -> bool:
    """Tell whether a path leads to content or keys, of which no part is shown to anybody."""
    return _is_content(path) or any(_SECRET.search(meant((one,))) for one in path)


def _is_of_a_place(path: tuple[str, ...]) -> bool:
    return any(_PLACE.search(meant((one,))) for one in path)


def network(value: bytes) -> str:
    """Return a PLMN of three octets."""
    try:
        return plmn.from_wire(value)
    except IdentifierRefused:
        return f"no PLMN: 0x{value.hex()}"


def device(digits: str, *, whole: bool) -> str:
    """Return an IMEI: its type is shown, the device is not; of another number nothing is."""
    if not digits.isdecimal() or whole:
        return digits if digits.isdecimal() else ""
    try:
        subscribers.imei(digits)
    except IdentifierRefused:
        return hidden(digits)
    return digits[:8] + hidden(digits[8:])


def _place(_path: tuple[str, ...], value: bytes, whole: bool) -> str:
    return _whole(value) if whole else f"place or temporary identity, {len(value)} octets, hidden"


def _address_of_one(_path: tuple[str, ...], value: bytes, whole: bool) -> str:
    return _whole(value) if whole else f"subscriber's address, {len(value)} octets, hidden"


def telephone(digits: str, *, whole: bool, international: bool = True) -> str:
    """Return a number, masked to what a million others share; national ones are hidden."""
    if not digits.isdecimal():
        return ""
    if whole:
        return f"+{digits}" if international else digits
    try:
        return f"+{masked(digits)}" if international else hidden(digits)
    except (IdentifierRefused, ValueError):
        return hidden(digits)


def _subscriber(digits: str, *, whole: bool) -> str:
    try:
        return _shown(subscribers.imsi(digits), whole=whole)
    except IdentifierRefused:
        return ""


def _shown(found: Identifier, *, whole: bool) -> str:
    return found.canonical if whole else found.masked


def _of_number(path: tuple[str, ...], value: bytes, *, whole: bool) -> str:
    """Return a number in text, in half octets, or behind an octet of its nature (TS 29.002)."""
    written = value.decode("ascii", "replace").removeprefix("+")
    if written.isdecimal() and written.isascii():
        return telephone(written, whole=whole)
    wire = path[0] == MAP and value[0] & 0x80 and len(value) > 1
    if wire and (value[0] & 0x0F) in {0, 1, 6, 7}:
        digits = _digits(value[1:])
        if digits:
            return telephone(
                digits, whole=whole, international=bool(value[0] & 0x70 == _TON_INTERNATIONAL)
            )
    digits = _digits(value)
    international = _INTERNATIONAL_DIGITS.fullmatch(digits) is not None
    return telephone(digits, whole=whole, international=international)


def _digits(value: bytes) -> str:
    """Return digits in text or packed low half first; nothing where they are none."""
    written = value.decode("ascii", "replace").partition("@")[0]
    if written.isdecimal() and written.isascii():
        return written
    swapped = value.hex()
    found = "".join(swapped[i + 1] + swapped[i] for i in range(0, len(swapped), 2)).rstrip("f")
    return found if found.isdecimal() and len(found) <= 16 else ""  # noqa: PLR2004 - IMEISV


def _address(value: bytes) -> str:
    try:
        return str(ip_address(value if len(value) in {4, 16} else value[2:]))
    except ValueError:
        return ""


def _named(value: bytes, *, whole: bool) -> str:
    """Return a name, long numbers in it as x; what is no name stays hidden."""
    if value[0] < 64 and value[0] + 1 <= len(value):  # noqa: PLR2004 - a label's length (RFC 1035)
        labels, at = [], 0
        while at < len(value):
            labels.append(value[at + 1 : at + 1 + value[at]])
            at += 1 + value[at]
        value = b".".join(labels)
    try:
        found = value.decode("ascii")
    except UnicodeDecodeError:
        return ""
    if re.fullmatch(r"[A-Za-z0-9._;:@/ -]+", found) is None:
        return ""
    return found if whole else unnumbered(found)


_Reading = Callable[[tuple[str, ...], bytes, bool], str]
_READINGS: tuple[tuple[re.Pattern[str], _Reading], ...] = (
    (_PLACE, _place),
    (_IMSI, lambda _path, value, whole: _subscriber(_digits(value), whole=whole)),
    (_IMEI, lambda _path, value, whole: device(_digits(value), whole=whole)),
    (_SUBSCRIBERS_ADDRESS, _address_of_one),
    (_NUMBER, lambda path, value, whole: _of_number(path, value, whole=whole)),
    (_NODE, lambda _path, value, _whole: _address(value)),
    (_NAME, lambda _path, value, whole: _named(value, whole=whole)),
    (_HEX, lambda _path, value, _whole: f"0x{value.hex()}" if len(value) <= _LONGEST_CODE else ""),
)
"""How octets are read by what their name says, the first that fits; a node may also be a name."""


def unnumbered(name: str) -> str:
    """Return a name with x for the digits of long numbers; its PLMN stays, a person does not."""
    name = name.rpartition("@")[2] if "@" in name else name
    at, found = 0, ""
    for match in _PLMN_LABELS.finditer(name):
        found += _hidden_in(name[at : match.start()]) + match[0]
        at = match.end()
    return found + _hidden_in(name[at:])


def _hidden_in(name: str) -> str:
    return _LONG_NUMBER.sub(lambda m: re.sub("[0-9]", "x", m[0]), name)


def _whole(value: bytes) -> str:
    return _address(value) if len(value) in {4, 16} and _address(value) else f"0x{value.hex()}"
