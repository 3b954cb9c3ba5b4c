"""Identifiers of the Internet: addresses, networks, autonomous systems, domains, e-mail addresses.

The holder of a number is not its response team, and an address behind a translator or in private
use names nobody by itself: its scope says so.
"""

import re
from enum import StrEnum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import idna

from tcert.foundation.identifiers.kinds import Identifier, Kind, identifier
from tcert.foundation.identifiers.names import LONGEST_NAME, host_name, is_of_3gpp
from tcert.foundation.identifiers.refusals import IdentifierRefused, admitted, admitted_name

HIGHEST_ASN = 0xFFFFFFFF
"""Autonomous system numbers have 32 bits (RFC 6793)."""
_LONGEST_LOCAL = 64
_LONGEST_EMAIL = 254
_MAPPED_BITS = 96

_ASN = re.compile(r"(?:AS)?([0-9]{1,10})(?:\.([0-9]{1,5}))?", re.IGNORECASE)
_PREFIX = re.compile(r"[0-9a-fA-F.:]+/[0-9]{1,3}")
_ADDRESS = re.compile(r"[0-9a-fA-F.:]+")
_PLAIN_NAME = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z0-9]+(?:-[a-z0-9]+)*")
"""A name that is its own A-labels: no script but Latin, nothing that looks like ``xn--``."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")

_WANTED_IP = "An IP address is written as 192.0.2.1 or 2001:db8::1, without zone or port."
_WANTED_CIDR = (
    "A network is its first address and a prefix length, such as 192.0.2.0/24 or 2001:db8::/32."
)
_WANTED_ASN = "An AS number is 0 to 4294967295, such as AS64496, or 1.10 in two halves."
_WANTED_DOMAIN = (
    "A domain has two or more labels and no address or path, such as example.net; labels in other "
    "scripts are written as they are or after xn--."
)
_WANTED_EMAIL = (
    "An e-mail address is a name without quotes or comments, @ and a domain, such as "
    "soc@example.net."
)


class Scope(StrEnum):
    """What an address or AS number is good for; only a public one has a holder to ask."""

    PUBLIC = "public"
    PRIVATE = "private"
    SHARED = "shared"
    LOCAL = "local"
    DOCUMENTATION = "documentation"
    TRANSITION = "transition"
    MULTICAST = "multicast"
    RESERVED = "reserved"


_SCOPES_4 = tuple(
    (IPv4Network(network), scope)
    for network, scope in (
        ("0.0.0.0/8", Scope.RESERVED),  # RFC 791: this network
        ("10.0.0.0/8", Scope.PRIVATE),  # RFC 1918
        ("100.64.0.0/10", Scope.SHARED),  # RFC 6598: behind the translator of a carrier
        ("127.0.0.0/8", Scope.LOCAL),  # RFC 1122
        ("169.254.0.0/16", Scope.LOCAL),  # RFC 3927
        ("172.16.0.0/12", Scope.PRIVATE),  # RFC 1918
        ("192.0.0.0/24", Scope.RESERVED),  # RFC 6890
        ("192.0.2.0/24", Scope.DOCUMENTATION),  # RFC 5737
        ("192.88.99.0/24", Scope.TRANSITION),  # RFC 7526: relays of 6to4, retired
        ("192.168.0.0/16", Scope.PRIVATE),  # RFC 1918
        ("198.18.0.0/15", Scope.RESERVED),  # RFC 2544: benchmarks
        ("198.51.100.0/24", Scope.DOCUMENTATION),  # RFC 5737
        ("203.0.113.0/24", Scope.DOCUMENTATION),  # RFC 5737
        ("224.0.0.0/4", Scope.MULTICAST),  # RFC 5771
        ("240.0.0.0/4", Scope.RESERVED),  # RFC 1112; its last address is broadcast
    )
)
_SCOPES_6 = tuple(
    (IPv6Network(network), scope)
    for network, scope in (
        ("::1/128", Scope.LOCAL),  # RFC 4291
        ("64:ff9b::/96", Scope.TRANSITION),  # RFC 6052: an IPv4 address behind a translator
        ("64:ff9b:1::/48", Scope.TRANSITION),  # RFC 8215
        ("2001::/32", Scope.TRANSITION),  # RFC 4380: Teredo
        ("2001:db8::/32", Scope.DOCUMENTATION),  # RFC 3849
        ("2001::/23", Scope.RESERVED),  # RFC 2928: protocol assignments
        ("2002::/16", Scope.TRANSITION),  # RFC 3056: 6to4
        ("3fff::/20", Scope.DOCUMENTATION),  # RFC 9637
        ("2000::/3", Scope.PUBLIC),  # RFC 4291: global unicast, less what stands above
        ("fc00::/7", Scope.PRIVATE),  # RFC 4193
        ("fe80::/10", Scope.LOCAL),  # RFC 4291
        ("ff00::/8", Scope.MULTICAST),  # RFC 4291
        ("::/0", Scope.RESERVED),
    )
)
"""Ordered: the first network that holds an address decides."""

_SCOPES_ASN = (
    (0, 0, Scope.RESERVED),  # RFC 7607
    (23_456, 23_456, Scope.TRANSITION),  # RFC 6793: stands for one of 32 bits
    (64_496, 64_511, Scope.DOCUMENTATION),  # RFC 5398
    (64_512, 65_534, Scope.PRIVATE),  # RFC 6996
    (65_535, 65_535, Scope.RESERVED),  # RFC 7300
    (65_536, 65_551, Scope.DOCUMENTATION),  # RFC 5398
    (4_200_000_000, 4_294_967_294, Scope.PRIVATE),  # RFC 6996
    (HIGHEST_ASN, HIGHEST_ASN, Scope.RESERVED),  # RFC 7300
)


def ip(text: str) -> Identifier:
    """Read an address; the canonical form is RFC 5952's, and IPv4's for a mapped one.

    Refuses zones, brackets, ports, and IPv4 with leading zeros, which some read as octal.
    """
    text = admitted(text, _WANTED_IP)
    try:
        # the pattern keeps a zone (fe80::1%eth0) and whatever else the library tolerates away
        address = ip_address(text) if _ADDRESS.fullmatch(text) else None
    except ValueError:
        address = None
    if address is None:
        raise IdentifierRefused(_WANTED_IP)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    parts = {"version": str(address.version), "scope": scope(address)}
    return identifier(Kind.IP, str(address), parts)


def scope(address: IPv4Address | IPv6Address) -> Scope:
    """Return what an address is good for, after the special-purpose registries (RFC 6890)."""
    if isinstance(address, IPv4Address):
        found = (scope for network, scope in _SCOPES_4 if address in network)
        return next(found, Scope.PUBLIC)
    return next(scope for network, scope in _SCOPES_6 if address in network)


def cidr(text: str) -> Identifier:
    """Read a network; the part ``scope`` is that of its first address.

    Refuses an address inside a network (192.0.2.5/24): whoever wrote it may have meant either.
    """
    text = admitted(text, _WANTED_CIDR)
    try:
        network = ip_network(text) if _PREFIX.fullmatch(text) else None
    except ValueError:
        network = None
    if network is None:
        raise IdentifierRefused(_WANTED_CIDR)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is not None and network.prefixlen >= _MAPPED_BITS:
        network = IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    parts = {
        "version": str(network.version),
        "first": str(network.network_address),
        "last": str(network.broadcast_address),
        "scope": scope(network.network_address),
    }
    return identifier(Kind.CIDR, str(network), parts)


def asn(text: str) -> Identifier:
    """Read an AS number in plain or dotted notation (RFC 5396); canonical is the plain number."""
    match = _ASN.fullmatch(admitted(text, _WANTED_ASN))
    if match is None:
        raise IdentifierRefused(_WANTED_ASN)
    number, low = int(match[1]), match[2]
    if low is not None:
        if number > 0xFFFF or int(low) > 0xFFFF:  # noqa: PLR2004 - each half has 16 bits
            raise IdentifierRefused(_WANTED_ASN)
        number = number << 16 | int(low)
    if number > HIGHEST_ASN:
        raise IdentifierRefused(_WANTED_ASN)
    found = (scope for first, last, scope in _SCOPES_ASN if first <= number <= last)
    return identifier(Kind.ASN, str(number), {"scope": next(found, Scope.PUBLIC)})


def domain(text: str) -> Identifier:
    """Read a domain; the canonical form is its A-labels (IDNA 2008, RFC 5891)."""
    return identifier(Kind.DOMAIN, a_labels(text, _WANTED_DOMAIN), {})


def a_labels(text: str, wanted: str) -> str:
    """Return a domain in lower case as A-labels, without the final dot.

    Characters are taken as they are but for case: full-width letters and dots are refused, since
    no mapping is the same everywhere.
    """
    text = admitted_name(text, wanted).lower()
    if len(text) > LONGEST_NAME + 1:  # with the final dot
        raise IdentifierRefused(wanted)
    try:
        if _PLAIN_NAME.fullmatch(text) is not None:
            return host_name(text)
        return host_name(idna.encode(text, strict=True).decode("ascii"))
    except (idna.IDNAError, UnicodeError, IdentifierRefused):
        raise IdentifierRefused(wanted) from None


def suffixes(name: str) -> tuple[str, ...]:
    """Return a canonical name and the names above it, the longest first, whole labels only.

    ``a.b.example`` belongs to the first of these that somebody claims; ``notexample.net`` is no
    part of ``example.net``. A top-level label alone is left out.
    """
    labels = name.split(".")
    return tuple(".".join(labels[start:]) for start in range(len(labels) - 1))


def email(text: str) -> Identifier:
    """Read an e-mail address (RFC 5321 clause 4.1.2 without quoted names, domain as A-labels).

    An address in a 3GPP domain is a subscriber's access identifier (`subscribers.nai`): refused.
    """
    local, at, host = admitted_name(text, _WANTED_EMAIL).rpartition("@")
    if not at or len(local) > _LONGEST_LOCAL or _LOCAL.fullmatch(local) is None:
        raise IdentifierRefused(_WANTED_EMAIL)
    name = a_labels(host, _WANTED_EMAIL)
    canonical = f"{local}@{name}"
    if len(canonical) > _LONGEST_EMAIL or is_of_3gpp(name):
        raise IdentifierRefused(_WANTED_EMAIL)
    return identifier(Kind.EMAIL, canonical, {"domain": name})
