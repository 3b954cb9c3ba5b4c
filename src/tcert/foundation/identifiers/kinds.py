"""What an identifier is once it is read, the kinds there are, and what holds for each kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """The kinds of design/routing.md, finer where two kinds are written or owned differently."""

    PLMN = "plmn"
    IMSI = "imsi"
    SUCI = "suci"
    GUTI = "guti"
    GUTI_5G = "5g-guti"
    NAI = "nai"
    IMEI = "imei"
    TAC = "tac"
    MSISDN = "msisdn"
    MSISDN_RANGE = "msisdn-range"
    GLOBAL_TITLE = "gt"
    GT_RANGE = "gt-range"
    POINT_CODE_INTERNATIONAL = "pc-international"
    POINT_CODE_NATIONAL = "pc-national"
    POINT_CODE_ANSI = "pc-ansi"
    ECGI = "ecgi"
    NCGI = "ncgi"
    TAI = "tai"
    DIAMETER_REALM = "realm"
    DIAMETER_HOST = "host"
    FQDN_5G = "5g-fqdn"
    APN = "apn"
    IP = "ip"
    CIDR = "cidr"
    ASN = "asn"
    DOMAIN = "domain"
    EMAIL = "email"
    PRODUCT = "product"
    CPE = "cpe"
    PURL = "purl"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds for a kind.

    `subscriber`: it names a person or device, so it is masked for every other party and cut to
    what routing needs before it is stored. `forgeable`: whoever sends the traffic writes it, so
    that it reads "traffic that claims to come from". `geographic`: it can lead to one country.
    """

    subscriber: bool = False
    forgeable: bool = False
    geographic: bool = False


_SUBSCRIBER = Facts(subscriber=True, forgeable=True, geographic=True)
_NETWORK = Facts(forgeable=True, geographic=True)
_RANGE = Facts(geographic=True)
_OBSERVED = Facts(forgeable=True)
_NAMED = Facts()

FACTS: Mapping[Kind, Facts] = MappingProxyType(
    {
        Kind.PLMN: _NETWORK,
        Kind.IMSI: _SUBSCRIBER,
        Kind.SUCI: _SUBSCRIBER,
        Kind.GUTI: _SUBSCRIBER,
        Kind.GUTI_5G: _SUBSCRIBER,
        Kind.NAI: _SUBSCRIBER,
        Kind.IMEI: Facts(subscriber=True, forgeable=True),
        Kind.TAC: _OBSERVED,
        Kind.MSISDN: _SUBSCRIBER,
        Kind.MSISDN_RANGE: _RANGE,
        Kind.GLOBAL_TITLE: _NETWORK,
        Kind.GT_RANGE: _RANGE,
        Kind.POINT_CODE_INTERNATIONAL: _NETWORK,
        Kind.POINT_CODE_NATIONAL: _NETWORK,
        Kind.POINT_CODE_ANSI: _OBSERVED,  # its networks span several countries
        Kind.ECGI: _NETWORK,
        Kind.NCGI: _NETWORK,
        Kind.TAI: _NETWORK,
        Kind.DIAMETER_REALM: _NETWORK,
        Kind.DIAMETER_HOST: _NETWORK,
        Kind.FQDN_5G: _NETWORK,
        Kind.APN: _NETWORK,
        Kind.IP: _OBSERVED,  # GTP runs over UDP, whose sender chooses the source address
        Kind.CIDR: _NAMED,
        Kind.ASN: _NAMED,
        Kind.DOMAIN: _OBSERVED,
        Kind.EMAIL: _OBSERVED,
        Kind.PRODUCT: _NAMED,
        Kind.CPE: _NAMED,
        Kind.PURL: _NAMED,
        Kind.FUNCTION: _NAMED,
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class Identifier:
    """One identifier: its kind, its one canonical form, and what can be read from it.

    Two are equal when kind and canonical form are. `masked` may be shown to any party; for kinds
    without subscriber data it is the canonical form, but for a Global Title, which may be a
    subscriber's number. `subscriber` and `geographic` narrow the facts of the kind for this value:
    an E.214 title holds an MSIN, and 901-31 belongs to no country. The representation that ends up
    in logs and failed tests shows the masked form only.
    """

    kind: Kind
    canonical: str
    parts: Mapping[str, str] = field(compare=False)
    masked: str = field(compare=False)
    subscriber: bool = field(compare=False)
    geographic: bool = field(compare=False)

    @property
    def forgeable(self) -> bool:
        """Return whether the sender of the traffic writes it."""
        return FACTS[self.kind].forgeable

    def __repr__(self) -> str:
        return f"<{self.kind} {self.masked}>"

    __str__ = __repr__


def identifier(
    kind: Kind,
    canonical: str,
    parts: Mapping[str, str],
    *,
    masked: str | None = None,
    subscriber: bool | None = None,
    geographic: bool | None = None,
) -> Identifier:
    """Return an identifier with the facts of its kind, but for what is given."""
    facts = FACTS[kind]
    return Identifier(
        kind=kind,
        canonical=canonical,
        parts=MappingProxyType(dict(parts)),
        masked=canonical if masked is None else masked,
        subscriber=facts.subscriber if subscriber is None else subscriber,
        geographic=facts.geographic if geographic is None else facts.geographic and geographic,
    )


def hidden(text: str) -> str:
    """Return as many masks as the text has characters."""
    return "x" * len(text)
