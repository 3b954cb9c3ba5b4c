"""The fields of a record that are read; everything else in it is dropped unread.

Names are those of IntelMQ's harmonised format (`source.ip`, `time.source`), continued in the same
way for telecom identifiers (`source.gt`, `destination.imsi`), with the short names that exports of
signalling firewalls use. There is no field for text: what a message said is never read, kept or
sent on. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.snapshot.enums import Side


class Class(Enum):
    """How the value of a field is read and let through."""

    IDENTIFIER = 1
    TIME = 2
    LABEL = 3
    NUMBER = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A field by the name under which it is written; `most` is the highest number it may be."""

    name: str
    of: Class
    side: Side = Side.SOURCE
    kind: Kind = Kind.IP
    most: int = 0


TIME = "time.source"
"""When it happened; claims are looked up as of then."""

_SIDES = {"source": Side.SOURCE, "destination": Side.VICTIM}
_KINDS = {
    "ip": Kind.IP,
    "network": Kind.CIDR,
    "asn": Kind.ASN,
    "fqdn": Kind.DOMAIN,
    "plmn": Kind.PLMN,
    "imsi": Kind.IMSI,
    "suci": Kind.SUCI,
    "guti": Kind.GUTI,
    "5g_guti": Kind.GUTI_5G,
    "nai": Kind.NAI,
    "msisdn": Kind.MSISDN,
    "imei": Kind.IMEI,
    "tac": Kind.TAC,
    "gt": Kind.GLOBAL_TITLE,
    "pc": Kind.POINT_CODE_INTERNATIONAL,
    "pc_national": Kind.POINT_CODE_NATIONAL,
    "pc_ansi": Kind.POINT_CODE_ANSI,
    "realm": Kind.DIAMETER_REALM,
    "host": Kind.DIAMETER_HOST,
    "fqdn_5g": Kind.FQDN_5G,
    "apn": Kind.APN,
    "ecgi": Kind.ECGI,
    "ncgi": Kind.NCGI,
    "tai": Kind.TAI,
}
_SHORT = {
    "ip": "source.ip",
    "asn": "source.asn",
    "fqdn": "source.fqdn",
    "gt": "source.gt",
    "calling_gt": "source.gt",
    "called_gt": "destination.gt",
    "pc": "source.pc",
    "opc": "source.pc",
    "dpc": "destination.pc",
    "realm": "source.realm",
    "host": "source.host",
    "origin_realm": "source.realm",
    "origin_host": "source.host",
    "destination_realm": "destination.realm",
    "destination_host": "destination.host",
    "plmn": "source.plmn",
    "visited_plmn": "source.plmn",
    "home_plmn": "destination.plmn",
    "imsi": "destination.imsi",
    "suci": "destination.suci",
    "nai": "destination.nai",
    "msisdn": "destination.msisdn",
    "imei": "destination.imei",
    "apn": "destination.apn",
    "time": TIME,
    "timestamp": TIME,
}
_LABELS = (
    "classification.identifier",
    "classification.taxonomy",
    "classification.type",
    "diameter.command",
    "feed.code",
    "feed.name",
    "feed.provider",
    "gtp.message",
    "malware.name",
    "pfcp.message",
    "protocol.application",
    "protocol.transport",
    "signalling.category",
    "sip.message",
    "ss7.operation",
    "status",
)
_NUMBERS = {
    "source.port": 65_535,
    "destination.port": 65_535,
    "source.ssn": 255,
    "destination.ssn": 255,
    "diameter.command_code": 16_777_215,
    "diameter.result_code": 99_999,
    "count": 9_999_999,
}
"""Highest values, so short that no subscriber's number passes for one."""


def _fields() -> dict[str, Field]:
    found = {
        f"{word}.{name}": Field(f"{word}.{name}", Class.IDENTIFIER, side, kind)
        for word, side in _SIDES.items()
        for name, kind in _KINDS.items()
    }
    found |= {name: Field(name, Class.TIME) for name in (TIME, "time.observation")}
    found |= {name: Field(name, Class.LABEL) for name in _LABELS}
    found |= {name: Field(name, Class.NUMBER, most=most) for name, most in _NUMBERS.items()}
    return found | {short: found[name] for short, name in _SHORT.items()}


FIELDS: Mapping[str, Field] = MappingProxyType(_fields())
"""Every name that is read, long and short."""
COLUMNS = tuple(sorted({field.name for field in FIELDS.values()}))
"""The names under which fields are written, in the order of the CSV files."""
NESTED = frozenset(name.partition(".")[0] for name in COLUMNS if "." in name)
"""Names under which a record may hold its fields one level down, as `{"source": {"ip": …}}`."""
