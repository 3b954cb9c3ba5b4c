"""The flat records in which a capture is handed to whoever resolves what it names."""

from io import BytesIO

import pytest
from tests.response.captures import building as b
from tests.response.captures.cases import CASES, IMSI, capture

from tcert.foundation.identifiers import registry
from tcert.response.bulk.fields import FIELDS
from tcert.response.captures.files import NotACapture
from tcert.response.captures.records import records
from tcert.response.captures.sightings import Tally

pytestmark = pytest.mark.once

NAMED = ("ip", "gt", "pc", "host", "realm", "fqdn")
KINDS = {
    f"{side}.{name}": FIELDS[f"{side}.{name}"].kind
    for side in ("source", "destination")
    for name in NAMED
} | {
    name: FIELDS[name].kind
    for name in ("destination.imsi", "destination.msisdn", "source.plmn", "destination.apn")
}


def test_a_record_of_each_protocol():
    request = b.diameter(
        316,
        b.ends("mme1.example.net", "example.net", "example.org", "hss.example.org"),
        b.avp(1, IMSI.encode()),
        b.avp(1407, b"\x62\xf2\x10", 10415),
    )
    packet = b.over_sctp(b.data(request, 46), port=3868)
    time = 1_700_000_000_123_456_789
    assert list(records(BytesIO(b.pcap(packet, time=time)))) == [
        {
            "time.source": "2023-11-14T22:13:20.123456Z",
            "protocol.application": "diameter",
            "diameter.command": "316 request",
            "source.host": "mme1.example.net",
            "source.realm": "example.net",
            "destination.host": "hss.example.org",
            "destination.realm": "example.org",
            "destination.imsi": IMSI,
            "source.plmn": "262-01",
        }
    ]


def test_every_value_is_the_canonical_form_of_the_field_that_is_read():
    seen = set()
    for one in records(BytesIO(capture())):
        for key, value in one.items():
            seen.add(key)
            if key in KINDS:
                assert canonical(registry.PARSERS[KINDS[key]], value), (key, value)
    assert set(KINDS) <= seen <= set(FIELDS)
    assert all(FIELDS[key].name == key for key in seen)
    assert len(CASES) > 40


def test_the_end_of_the_link_is_told_only_where_the_message_names_none():
    """A carrier passes signalling on: its address beside a title would make it the suspect."""
    for one in records(BytesIO(capture())):
        for side in ("source.", "destination."):
            named = {side + name for name in ("gt", "pc", "host")} & set(one)
            assert not (named and f"{side}ip" in one), one


def canonical(parser, value):
    try:
        return parser(value).canonical == value
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("ticks", "written"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (253_402_300_799, "9999-12-31T23:59:59.000000Z"),
        (253_402_300_800, None),
        (2**64 - 1, None),
    ],
)
def test_a_time_beyond_all_dates_is_left_out(ticks, written):
    packet = b.over_udp(b.gtpv2(1), 2123)
    file = b.section() + b.interface(resolution=0) + b.enhanced(packet, ticks)
    (one,) = records(BytesIO(file))
    assert one.get("time.source") == written


def test_a_time_before_1970_is_left_out():
    packet = b.over_udp(b.gtpv2(1), 2123)
    file = b.section() + b.interface(offset=-(2**63)) + b.enhanced(packet, 1)
    (one,) = records(BytesIO(file))
    assert "time.source" not in one


def test_another_file_is_refused_at_the_call():
    with pytest.raises(NotACapture):
        records(BytesIO(b'{"source.ip": "192.0.2.1"}\n'))


def test_the_tally_counts_while_records_are_taken():
    tally = Tally()
    taken = records(BytesIO(b.pcap(*[b.over_udp(b.gtpv2(1), 2123)] * 3)), tally=tally)
    assert (next(taken)["protocol.application"], tally.packets) == ("gtpv2", 1)
    assert len(list(taken)) == 2
    assert (tally.packets, tally.scanned, tally.sightings) == (3, 3, 3)
