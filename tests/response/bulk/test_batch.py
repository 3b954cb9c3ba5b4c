"""Records in, lines for each party out: who gets what, and what nobody gets."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.bulk.batch import LONGEST_LINE, decoded, route_batch
from tcert.response.bulk.fields import FIELDS, Class
from tcert.response.bulk.memory import Memory
from tcert.response.bulk.reading import is_label, unnumbered
from tcert.response.snapshot.compiling import compiled
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State

pytestmark = pytest.mark.once

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def entry(kind, value, party, state=State.VERIFIED, role=Role.HOLDER, **more):
    return Entry(kind, value, party, role, state, "test", date(2026, 11, 1), **more)


TABLE = compiled(
    [
        entry(Kind.CIDR, "192.0.2.0/24", "net"),
        entry(Kind.CIDR, "198.51.100.0/24", "net"),
        entry(Kind.GT_RANGE, "+4917100", "suspect"),
        entry(Kind.MSISDN_RANGE, "+44791", "range holder"),
        entry(Kind.PLMN, "310-410", "home", role=Role.OPERATOR),
        entry(Kind.DIAMETER_REALM, "hub.example", "hub", role=Role.HUB),
        entry(Kind.TAC, "49015420", "maker", role=Role.VENDOR),
    ]
)
SUBSCRIBER = {
    "imsi": "310410123456789",
    "msisdn": "+447911123456",
    "imei": "490154203237518",
    "suci": "suci-0-310-410-0-0-0-123456789",
    "nai": "0310410123456789@nai.epc.mnc410.mcc310.3gppnetwork.org",
}


def routed(*records):
    return route_batch(TABLE, [dict(record) for record in records], now=NOW)


def lines(found):
    return {
        bundle: [json.loads(line) for line in b"".join(pieces).splitlines()]
        for bundle, pieces in found.lines.items()
    }


def test_source_and_victim_are_told_apart_and_worded_apart():
    found = lines(routed({"calling_gt": "4917100123456", "imsi": SUBSCRIBER["imsi"]}))
    assert set(found) == {"decided/suspect", "waiting/home"}
    (suspect,), (home,) = found["decided/suspect"], found["waiting/home"]
    assert (suspect["route.side"], suspect["route.says"]) == (
        "source",
        "traffic that claims to come from",
    )
    assert (home["route.side"], home["route.says"]) == ("victim", "traffic that claims to concern")
    assert suspect["source.gt"] == "+4917100123456"
    assert suspect["destination.imsi"] == "31041" + "x" * 10


def test_no_line_holds_a_subscriber():
    """Every field is filled with every subscriber's number: none comes out, in no bundle."""
    names = [*FIELDS, "sms_text", "sip.body", "payload", "raw", "extra.note", "text"]
    records = [
        {"source.ip": "192.0.2.5", "source.realm": "hub.example", name: value}
        for name in names
        for one in SUBSCRIBER.values()
        for value in {one, one.removeprefix("+"), f"call {one}", f"{one}.hub.example"}
    ]
    records += [{"source.ip": "192.0.2.5", "extra": {"note": v}} for v in SUBSCRIBER.values()]
    records += [{**SUBSCRIBER, "calling_gt": "+4917100123456"}]
    found = routed(*records)
    assert found.records > 500
    said = b"".join(piece for pieces in found.lines.values() for piece in pieces).decode()
    said += json.dumps(found.refused)
    assert "hub.example" in said
    for canary in (
        "0123456789",
        "0410123456789",
        "7911123456",
        "203237518",
        "3237518",
        "-123456789",
    ):
        assert canary not in said


@given(st.sampled_from(list(FIELDS)), st.text(max_size=30), st.sampled_from([*SUBSCRIBER.values()]))
def test_nor_does_it_where_the_number_is_wrapped_in_anything(name, around, number):
    found = routed({"source.ip": "192.0.2.5", name: around + number}, {name: number + around})
    said = b"".join(piece for pieces in found.lines.values() for piece in pieces).decode()
    digits = "".join(letter for letter in number if letter.isdecimal())
    assert digits[-8:] not in said


def test_a_title_outside_a_proven_range_of_nodes_may_be_a_subscriber_and_is_masked():
    hasty = compiled([entry(Kind.GT_RANGE, "+4917100", "x", State.CLAIMED)])
    found = lines(route_batch(hasty, [{"gt": "+4917100123456"}], now=NOW))
    assert found["waiting/x"][0]["source.gt"] == "+4917100xxxxxx"


def test_cells_say_their_network_alone():
    (line,) = lines(routed({"source.ecgi": "310-410-00a1b2c", "ip": "192.0.2.5"}))["decided/net"]
    assert line["source.ecgi"] == "310-410-xxxxxxx"


def test_only_known_fields_are_written_under_their_long_names():
    (line,) = lines(
        routed(
            {
                "ip": "192.0.2.5",
                "text": "hello",
                "feed.name": "Scan",
                "source.port": "70000",
                "destination.port": "443",
                "classification.type": {"deep": "hello"},
                "time": "2026-11-01T00:00:00+01:00",
            }
        )
    )["decided/net"]
    assert {k: v for k, v in line.items() if not k.startswith("route.")} == {
        "source.ip": "192.0.2.5",
        "feed.name": "Scan",
        "destination.port": 443,
        "time.source": "2026-10-31T23:00:00+00:00",
    }


def test_fields_one_level_down_are_read():
    found = lines(routed({"source": {"ip": "192.0.2.5", "text": "hello"}, "time": {"source": 5}}))
    assert found["decided/net"][0]["source.ip"] == "192.0.2.5"
    assert "hello" not in json.dumps(found)


def test_a_bad_field_is_left_out_and_counted_and_the_rest_goes_on():
    found = routed({"source.ip": "192.0.2.5", "source.fqdn": "-", "time.source": "yesterday"})
    assert dict(found.left_out) == {"source.fqdn": 1, "time.source": 1}
    assert set(found.lines) == {"decided/net"}


def test_a_bad_line_is_refused_with_its_number_and_without_its_text():
    found = route_batch(
        TABLE,
        decoded(
            [
                b'{"ip": "192.0.2.5"}',
                b"",
                b'{"imsi": "310410123456789"',
                b"[1]",
                b'{"ip": "310410123456789"}',
                b"x" * (LONGEST_LINE + 1),
                b'{"ip": "\xff"}',
            ]
        ),
        now=NOW,
        first_line=11,
    )
    assert found.records == 1
    assert found.refused == [
        (13, "no JSON"),
        (14, "no JSON object"),
        (15, "no identifier that can be read"),
        (16, "the line is longer than 65,536 octets"),
        (17, "no JSON"),
    ]


def test_what_finds_no_one_goes_to_nobody_once():
    found = lines(routed({"source.ip": "8.8.8.8", "destination.ip": "9.9.9.9"}))
    assert [*found] == ["nobody"]
    assert len(found["nobody"]) == 1


def test_the_time_of_the_event_decides_who_is_told():
    end = datetime(2026, 6, 1, tzinfo=UTC)
    table = compiled(
        [
            entry(Kind.CIDR, "192.0.2.0/24", "before", valid_until=end),
            entry(Kind.CIDR, "192.0.2.0/24", "after", valid_from=end),
        ]
    )
    times = ["2026-05-31T23:59:59Z", "2026-06-01T00:00:00Z"] * 2
    records = [{"source.ip": "192.0.2.5", "time.source": time} for time in times]
    found = route_batch(table, [*records, {"source.ip": "192.0.2.5"}], now=NOW)
    assert {b: len(pieces) // 2 for b, pieces in found.lines.items()} == {
        "decided/before": 2,
        "decided/after": 3,
    }


def test_a_batch_is_the_same_however_it_is_cut():
    """The seam: partitions of any size, with or without what was found out before."""
    records = [{"ip": f"192.0.2.{n}", "imsi": f"31041012345{n:04}"} for n in range(50)]
    whole = lines(routed(*records))
    parts = [lines(routed(*records[at : at + 7])) for at in range(0, 50, 7)]
    assert whole == {b: [line for part in parts for line in part.get(b, [])] for b in whole}


def test_no_name_of_a_node_is_let_through_with_a_long_number():
    assert unnumbered("491711234567.hub.example") == "xxxxxxxxxxxx.hub.example"
    assert unnumbered("dra01.epc.mnc410.mcc310.3gppnetwork.org") == (
        "dra01.epc.mnc410.mcc310.3gppnetwork.org"
    )


def test_no_field_is_for_text():
    assert {field.of for field in FIELDS.values()} == set(Class)
    assert not any(word in name for name in FIELDS for word in ("text", "body", "payload", "raw"))


def test_no_number_hides_behind_a_network_or_between_lines():
    """Numbers stood whole behind the PLMN in a name, and with lines between their digits."""
    behind = "mnc010.mcc310.4915112345678.hub.example"
    assert unnumbered(behind) == "mnc010.mcc310.xxxxxxxxxxxxx.hub.example"
    assert unnumbered("mme49151--1234--5678.hub.example") == "mmexxxxx--xxxx--xxxx.hub.example"
    kept = "epc.mnc410.mcc310.3gppnetwork.org"
    assert unnumbered(kept) == kept
    assert not is_label("49151_1234_5678")
    assert not is_label("4915.1_-123 4_56")


def test_invented_names_of_fields_do_not_fill_the_memory():
    """Each line named other fields, and what is done with them was kept for 50,000 such lines."""
    memory = Memory(TABLE)
    for n in range(40):
        wide = {"ip": "192.0.2.1"} | {f"{n}-{one}": 1 for one in range(4_000)}
        long = {"ip": "192.0.2.1", f"{n}" * 50_000: 1}
        found = route_batch(TABLE, [wide, long], now=NOW, memory=memory)
        assert (found.records, len(memory.plans)) == (2, 0)
    for n in range(3_000):
        route_batch(TABLE, [{"ip": "192.0.2.1", f"{n}": 1}], now=NOW, memory=memory)
    assert len(memory.plans) <= 1_001


def test_an_area_in_a_name_is_masked_as_one_in_a_field_is():
    """Beside a subscriber it says where somebody is; names for finding gateways hold areas."""
    network = "mnc410.mcc310.3gppnetwork.org"
    for name, masked in {
        "tac-lb01.tac-hb0a.tac.epc": "tac-lbxx.tac-hbxx.tac.epc",
        "tac-lb01.tac-mb02.tac-hb03.5gstac.5gc": "tac-lbxx.tac-mbxx.tac-hbxx.5gstac.5gc",
        "rac0001.lac00ff.rac.epc": "racxxxx.lacxxxx.rac.epc",
        "mmec01.mmegi8000.mme.epc": "mmec01.mmegi8000.mme.epc",
    }.items():
        ((_bundle, (told,)),) = lines(routed({"host": f"{name}.{network}"})).items()
        assert told["source.host"] == f"{masked}.{network}"
    assert unnumbered("lace.example") == "lace.example"
