"""Where identifiers lie: stretches that a claim covers, and what covers an identifier. Pure.

Every claim covers one or more stretches of a space: a prefix of digits, the leading bits of a
network, the end of a name, or one single value. A stretch is written so that whatever lies below
it begins with it, byte by byte. So "who covers this" asks for a handful of exact values, longest
first, and "what lies below this" for everything between two values: both are look-ups in a sorted
index, on every database.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network

from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import FACTS, Identifier, Kind
from tcert.foundation.identifiers.names import is_of_3gpp, wears_plmn
from tcert.foundation.identifiers.numbers import NatureOfAddress, NumberingPlan
from tcert.foundation.identifiers.refusals import IdentifierRefused

MOST_STRETCHES = 40
"""A range that takes more prefixes than this is claimed in parts."""
_TAC_DIGITS = 8
_LAST = "\x7f"
"""Sorts after everything that stands in a stretch."""

CLAIMABLE = (
    Kind.PLMN,
    Kind.GT_RANGE,
    Kind.GLOBAL_TITLE,
    Kind.MSISDN_RANGE,
    Kind.POINT_CODE_INTERNATIONAL,
    Kind.POINT_CODE_NATIONAL,
    Kind.POINT_CODE_ANSI,
    Kind.DIAMETER_REALM,
    Kind.DIAMETER_HOST,
    Kind.FQDN_5G,
    Kind.APN,
    Kind.CIDR,
    Kind.IP,
    Kind.ASN,
    Kind.DOMAIN,
    Kind.TAC,
    Kind.ECGI,
    Kind.NCGI,
    Kind.TAI,
)
"""What an organisation can hold. Products stand in the inventory; a subscriber is no claim."""

_OF_SUBSCRIBER = (
    "This names a subscriber or a device, and nobody claims one. Claim the network, the range of "
    "numbers, or the TAC."
)
_IN_INVENTORY = "Products and their names stand in your inventory, not among the claims."
_NOT_CLAIMED = "This kind is not claimed here: claim the domain or network it belongs to."
_ALL_OF_IT = "The whole Internet is nobody's network. Claim a longer prefix."
_TOO_RAGGED = "This range takes too many prefixes: claim it in parts that begin and end evenly."


class Space(StrEnum):
    """Spaces in which stretches lie; names of nodes and domains are told apart."""

    PLMN = "plmn"
    TITLE = "gt"
    MSISDN = "msisdn"
    POINT_CODE = "pc"
    NODE = "node"
    DOMAIN = "domain"
    ADDRESS_4 = "ip4"
    ADDRESS_6 = "ip6"
    ASN = "asn"
    TAC = "tac"
    PLACE = "place"


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """What begins with `prefix` in a space."""

    space: Space
    prefix: str

    @property
    def bounds(self) -> tuple[str, str]:
        """Return the first value below this stretch, and one that sorts after the last."""
        return self.prefix, self.prefix + _LAST


def read(kind: Kind, text: str) -> Identifier:
    """Read what is claimed.

    Raises IdentifierRefused, whose message is the cure: it is no identifier of the kind, a
    subscriber's, a product, or so ragged a range that it is claimed in parts.
    """
    if kind in {Kind.PRODUCT, Kind.CPE, Kind.PURL, Kind.FUNCTION}:
        raise IdentifierRefused(_IN_INVENTORY)
    if FACTS[kind].subscriber:
        raise IdentifierRefused(_OF_SUBSCRIBER)
    if kind not in CLAIMABLE:
        raise IdentifierRefused(_NOT_CLAIMED)
    found = registry.parse(kind, text)
    if found.subscriber:
        raise IdentifierRefused(_OF_SUBSCRIBER)
    if found.kind == Kind.CIDR and found.canonical.endswith("/0"):
        raise IdentifierRefused(_ALL_OF_IT)
    if len(stretches(found)) > MOST_STRETCHES:
        raise IdentifierRefused(_TOO_RAGGED)
    return found


def stretches(found: Identifier) -> tuple[Stretch, ...]:
    """Return what a claim of an identifier covers."""
    if found.kind in _RANGES:
        prefixes = found.parts["prefixes"].split()
        return tuple(Stretch(_RANGES[found.kind], prefix) for prefix in prefixes)
    match found.kind:
        case Kind.CIDR | Kind.IP:
            one = _network(found.canonical)
        case Kind.DOMAIN:
            one = Stretch(Space.DOMAIN, _turned(found.canonical))
        case Kind.DIAMETER_REALM | Kind.DIAMETER_HOST | Kind.FQDN_5G | Kind.APN:
            one = Stretch(Space.NODE, _turned(found.canonical))
        case Kind.GLOBAL_TITLE:
            one = Stretch(Space.TITLE, _title(found))
        case _:
            one = Stretch(_single(found.kind), _whole(found))
    return (one,)


_RANGES = {Kind.GT_RANGE: Space.TITLE, Kind.MSISDN_RANGE: Space.MSISDN}


def covering(
    found: Identifier, operational: Container[str] = ()
) -> tuple[tuple[Stretch, ...], ...]:
    """Return what may cover an identifier: groups, the nearer first, each longest first.

    A Global Title is looked for among the ranges of titles before those of subscribers' numbers, a
    name among nodes before domains, and what names a network at last by that network.
    """
    groups = [tuple(_ways_up(found, space)) for space in _spaces(found)]
    networks = registry.networks(found, operational)
    if networks and found.kind != Kind.PLMN:
        groups.extend((Stretch(Space.PLMN, f"{c.plmn}."),) for c in networks)
    return tuple(group for group in groups if group)


def _spaces(found: Identifier) -> tuple[Space, ...]:
    if found.kind in {Kind.IP, Kind.CIDR}:
        return (_network(found.canonical).space,)
    return _LOOKED_IN.get(found.kind) or ((_single(found.kind),) if found.kind in SINGLE else ())


_NAMED = (Space.NODE, Space.DOMAIN)
_LOOKED_IN = {
    Kind.GLOBAL_TITLE: (Space.TITLE, Space.MSISDN),
    Kind.GT_RANGE: (Space.TITLE, Space.MSISDN),
    Kind.MSISDN: (Space.MSISDN,),
    Kind.MSISDN_RANGE: (Space.MSISDN,),
    Kind.DIAMETER_REALM: _NAMED,
    Kind.DIAMETER_HOST: _NAMED,
    Kind.FQDN_5G: _NAMED,
    Kind.APN: _NAMED,
    Kind.DOMAIN: (Space.DOMAIN,),
    Kind.EMAIL: (Space.DOMAIN,),
    Kind.IMEI: (Space.TAC,),
}
SINGLE = {
    Kind.PLMN: Space.PLMN,
    Kind.POINT_CODE_INTERNATIONAL: Space.POINT_CODE,
    Kind.POINT_CODE_NATIONAL: Space.POINT_CODE,
    Kind.POINT_CODE_ANSI: Space.POINT_CODE,
    Kind.ASN: Space.ASN,
    Kind.TAC: Space.TAC,
    Kind.ECGI: Space.PLACE,
    Kind.NCGI: Space.PLACE,
    Kind.TAI: Space.PLACE,
}
"""Kinds that are looked up as one whole value."""


def _single(kind: Kind) -> Space:
    return SINGLE[kind]


def _whole(found: Identifier) -> str:
    """Return one single value, ended so that no other begins with it: 208-1 is not 208-10."""
    is_code = SINGLE[found.kind] in {Space.POINT_CODE, Space.PLACE}
    return f"{found.kind}:{found.canonical}." if is_code else f"{found.canonical}."


def _ways_up(found: Identifier, space: Space) -> Iterator[Stretch]:
    """Yield every stretch of a space that would hold the identifier, the longest first."""
    match space:
        case Space.TITLE | Space.MSISDN:
            for digits in _digits(found, space):
                yield from above(Stretch(space, digits))
        case Space.NODE | Space.DOMAIN:
            yield from above(Stretch(space, _turned(_name(found))))
        case Space.ADDRESS_4 | Space.ADDRESS_6:
            yield from above(_network(found.canonical))
        case Space.TAC if found.kind == Kind.IMEI:
            yield Stretch(space, f"{found.canonical[:_TAC_DIGITS]}.")
        case _:
            yield Stretch(space, _whole(found))


def above(stretch: Stretch) -> tuple[Stretch, ...]:
    """Return a stretch and all that hold it, the longest first."""
    space, prefix = stretch.space, stretch.prefix
    if space in {Space.NODE, Space.DOMAIN}:
        ends = [at + 1 for at, letter in enumerate(prefix) if letter == "."]
    elif space in _BY_DIGIT and prefix.isdecimal():
        ends = list(range(1, len(prefix) + 1))
    else:
        ends = [len(prefix)]
    return tuple(Stretch(space, prefix[:end]) for end in reversed(ends))


_BY_DIGIT = {Space.TITLE, Space.MSISDN, Space.ADDRESS_4, Space.ADDRESS_6}


def _digits(found: Identifier, space: Space) -> tuple[str, ...]:
    """Return the digits to look for; a title that is no international number lies apart."""
    if found.kind == Kind.GLOBAL_TITLE:
        title = _title(found)
        return (title,) if space == Space.TITLE or title.isdecimal() else ()
    if found.kind == Kind.MSISDN:
        return (found.canonical.removeprefix("+"),)
    return tuple(found.parts["prefixes"].split()[:1])


def _title(found: Identifier) -> str:
    usual = (str(NumberingPlan.E164.value), str(NatureOfAddress.INTERNATIONAL.value))
    plan, nature = found.parts["np"], found.parts["nai"]
    return found.parts["digits"] if (plan, nature) == usual else f"{found.canonical}."


def _name(found: Identifier) -> str:
    return found.parts["domain"] if found.kind == Kind.EMAIL else found.canonical


def _turned(name: str) -> str:
    """Return a name from its last label on, each ended by a dot: ``net.example.``."""
    return "".join(f"{label}." for label in reversed(name.split(".")))


def _network(text: str) -> Stretch:
    """Return the leading bits of a network or an address."""
    network = ip_network(text)
    bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
    return Stretch(Space.ADDRESS_4 if network.version == 4 else Space.ADDRESS_6, bits)  # noqa: PLR2004


def has_public_domain(found: Identifier) -> bool:
    """Tell whether the holder of a name could write into its zone: not under a domain of 3GPP."""
    named = {Kind.DOMAIN, Kind.DIAMETER_REALM, Kind.DIAMETER_HOST, Kind.FQDN_5G}
    name = found.canonical
    return found.kind in named and not is_of_3gpp(name) and not wears_plmn(name)
