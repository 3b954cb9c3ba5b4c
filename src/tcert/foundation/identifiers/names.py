"""Names of nodes and networks: Diameter realms and hosts, 5G FQDNs, APN operator identifiers.

A name is lower case without the final dot. Names of 3GPP networks end in their PLMN with the MNC
padded to three digits, so that one name has two readings. Whoever sends a request writes the name.
"""

import re
from collections.abc import Container

from tcert.foundation.identifiers import plmn as plmns
from tcert.foundation.identifiers.kinds import Identifier, Kind, identifier
from tcert.foundation.identifiers.refusals import IdentifierRefused, admitted

LONGEST_NAME = 253
"""Characters of a name as written (RFC 1035 clause 2.3.4: 255 octets on the wire)."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_WITH_PLMN = re.compile(
    r"(?:(?P<front>.+)\.)?(?P<padded>mnc[0-9]{3}\.mcc[0-9]{3})"
    r"\.(?P<domain>(?:pub\.|ipxuni\.)?3gppnetwork\.org|gprs)"
)
_IN_CORE = re.compile(r"(?:.+\.)?5gc(?:\.nid[0-9a-f]{11})?")
_NID = re.compile(r"(?:.*\.)?nid([0-9a-f]{11})")
_OPERATOR_REALMS = {"epc", "ims", "5gc"}
"""First labels of home network domains (3GPP TS 23.003 clauses 13.2, 19.2, 28.2)."""
_GPRS = "gprs"

NAMES = frozenset({Kind.DOMAIN, Kind.DIAMETER_REALM, Kind.DIAMETER_HOST, Kind.FQDN_5G, Kind.APN})
"""Kinds of names in which a subscriber's number may stand."""
LONG_NUMBER = re.compile(r"[0-9](?:[-_. ]*[0-9]){6,}", re.ASCII)
"""A number in a name, in groups or not, that may be a subscriber's or a device's."""
_SUBSCRIBER = re.compile(r"[0-9]{10,}|[0-9](?:\.[0-9]){9,}", re.ASCII)
"""One that is: an IMSI or MSISDN in one piece, or digit by digit as in ENUM (RFC 6116)."""
_DIGIT = re.compile(r"[0-9]", re.ASCII)

_WANTED = (
    "A name has two or more labels of letters, digits and hyphens, up to 63 characters each and "
    "253 in all, such as dra.example.net."
)
_WANTED_FQDN = (
    "A 5G name ends in its network's domain, such as nrf.5gc.mnc001.mcc208.3gppnetwork.org."
)
_WANTED_APN = (
    "An APN with its operator ends in mncNNN.mccNNN.gprs, such as internet.mnc001.mcc208.gprs."
)


def without_numbers(name: str) -> str:
    """Return a name with the digits hidden of each number that may be a subscriber's."""
    return LONG_NUMBER.sub(lambda found: _DIGIT.sub("x", found[0]), name)


def holds_subscriber(name: str) -> bool:
    """Does a number stand in a name that can hardly be anything but a subscriber's?"""
    return _SUBSCRIBER.search(name) is not None


def host_name(text: str, wanted: str = _WANTED) -> str:
    """Return a name in lower case without the final dot (RFC 1123 clause 2.1, ASCII only).

    The last label is no number, so that no address is taken for a name.
    """
    name = admitted(text, wanted).lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > LONGEST_NAME or len(labels) < 2:  # noqa: PLR2004 - one label names no network
        raise IdentifierRefused(wanted)
    if not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdecimal():
        raise IdentifierRefused(wanted)
    return name


def realm(text: str) -> Identifier:
    """Read a Diameter realm (RFC 6733 clause 4.3.1), of a network or of a hub."""
    return _name(Kind.DIAMETER_REALM, host_name(text))


def host(text: str) -> Identifier:
    """Read a Diameter host (RFC 6733 clause 4.3.1)."""
    return _name(Kind.DIAMETER_HOST, host_name(text))


def fqdn_5g(text: str) -> Identifier:
    """Read a name in the 5GC domain of a network (3GPP TS 23.003 clause 28.2 and following).

    With ``nid…`` before the PLMN it belongs to a stand-alone non-public network, whose operator is
    not the holder of the PLMN: the part ``nid`` says so.
    """
    name = host_name(text, _WANTED_FQDN)
    match = _WITH_PLMN.fullmatch(name)
    if match is None or match["domain"] == _GPRS or not _IN_CORE.fullmatch(match["front"] or ""):
        raise IdentifierRefused(_WANTED_FQDN)
    return _name(Kind.FQDN_5G, name)


def apn(text: str) -> Identifier:
    """Read an APN that carries its operator identifier (3GPP TS 23.003 clause 9.1)."""
    name = host_name(text, _WANTED_APN)
    match = _WITH_PLMN.fullmatch(name)
    if match is None or match["domain"] != _GPRS:
        raise IdentifierRefused(_WANTED_APN)
    return _name(Kind.APN, name)


def wears_plmn(name: str) -> bool:
    """Tell whether a canonical name ends in a PLMN under a domain of 3GPP or GPRS.

    Only the end counts: ``mnc001.mcc208.3gppnetwork.org.example.net`` is anybody's.
    """
    return _WITH_PLMN.fullmatch(name) is not None


def is_of_3gpp(name: str) -> bool:
    """Tell whether a canonical name lies under 3gppnetwork.org, with a PLMN or without."""
    return f".{name}".endswith(".3gppnetwork.org")


def is_operator_realm(name: str) -> bool:
    """Tell whether a canonical name is a home network domain itself, not a node in it."""
    match = _WITH_PLMN.fullmatch(name)
    return match is not None and match["front"] in _OPERATOR_REALMS


def candidates(name: str, operational: Container[str] = ()) -> tuple[plmns.Candidate, ...]:
    """Return the readings of the PLMN in a canonical name, none if it holds none."""
    match = _WITH_PLMN.fullmatch(name)
    return plmns.from_padded(match["padded"], operational) if match else ()


def naming(name: str) -> dict[str, str]:
    """Return what a canonical name says of its network: ``mcc``, ``padded`` and perhaps ``nid``."""
    match = _WITH_PLMN.fullmatch(name)
    if match is None:
        return {}
    parts = {"padded": match["padded"], "mcc": match["padded"][-3:]}
    nid = _NID.fullmatch(match["front"] or "")
    return parts | ({"nid": nid[1]} if nid else {})


def _name(kind: Kind, name: str) -> Identifier:
    parts = naming(name)
    return identifier(
        kind, name, parts, geographic=bool(parts) and plmns.is_geographic(parts["mcc"])
    )
