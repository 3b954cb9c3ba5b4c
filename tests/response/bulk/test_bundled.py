"""Bundles in the formats of other systems: what repeats is told once, masked, and bounded."""

import json
import re
from datetime import UTC, datetime

import pytest
from tests.response.formats.other_reader import taken

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.bulk import bundled
from tcert.response.bulk.outputs import Folder
from tcert.response.bulk.running import run
from tcert.response.formats.templates import Name, problems, template
from tcert.response.snapshot.compiling import compiled
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State

pytestmark = pytest.mark.once

NOW = "2026-12-01T03:00:00+00:00"
ALDER = "Alder / Mobile (00000000-0000-4000-8000-00000000000a)"


def entry(kind: Kind, value: str, party: str, state: State = State.VERIFIED) -> Entry:
    day = datetime(2026, 11, 1, tzinfo=UTC).date()
    return Entry(kind, value, party, Role.HOLDER, state, "list", day)


SNAPSHOT = compiled(
    [
        entry(Kind.GT_RANGE, "+35840100", ALDER),
        entry(Kind.CIDR, "192.0.2.0/24", ALDER),
        entry(Kind.PLMN, "999-70", "Birch"),
    ]
)
RECORDS = [
    *(
        {
            "time": f"2026-11-30T0{hour}:00:00Z",
            "protocol.application": "ss7",
            "ss7.operation": "71",
            "calling_gt": "+35840100123",
            "imsi": f"99970123456{hour:04}",
            "source.port": 1000 + hour,
        }
        for hour in range(8)
    ),
    {"ip": "192.0.2.7", "time": "2026-11-30T01:00:00Z", "source.port": 4000},
    {"ip": "192.0.2.7", "time": "2026-11-29T01:00:00Z", "source.port": 4001},
]


def routed(tmp_path, records, *, formats=("csv", "misp", "stix"), name="out"):
    source = tmp_path / f"{name}.jsonl"
    source.write_text("".join(json.dumps(one) + "\n" for one in records))
    told = {"files": [name], "formats": list(formats), "now": NOW}
    folder = Folder(tmp_path / name, told)
    run(folder, [str(source)], SNAPSHOT, wanted=None, jobs=1, progress=lambda *_: None)
    return tmp_path / name


def of(out, kind, name):
    (found,) = out.glob(f"{kind}/*/{name}")
    return json.loads(found.read_text())


def test_what_repeats_is_one_object_that_says_how_often(tmp_path):
    out = routed(tmp_path, RECORDS)
    event = of(out, "decided", "misp.json")["Event"]
    (made,) = event["Object"]
    assert problems(made, template(Name.SS7)) == ()
    told = {one["object_relation"]: one["value"] for one in made["Attribute"]}
    assert told["SccpCgGT"] == "+35840100123", "a title in a proven range of nodes is whole"
    assert told["SccpCgGT-OperatorName"] == "Alder / Mobile"
    assert told["MapImsi"].startswith("99970x")
    assert made["comment"] == "seen 8 times"
    assert made["first_seen"] < made["last_seen"]
    (address,) = event["Attribute"]
    assert (address["type"], address["value"]) == ("ip-src", "192.0.2.7")
    assert address["comment"].endswith("seen 2 times")
    assert event["Tag"] == [{"name": "tlp:amber"}]
    assert (event["distribution"], event["published"]) == ("0", False)
    counts = [
        (one["number_observed"], one["first_observed"])
        for one in of(out, "decided", "stix.json")["objects"]
        if one["type"] == "observed-data"
    ]
    assert sorted(counts) == [
        (2, "2026-11-29T01:00:00.000Z"),
        (8, "2026-11-30T00:00:00.000Z"),
    ]


def test_what_waits_for_a_person_names_no_operator_and_says_so(tmp_path):
    out = routed(tmp_path, RECORDS)
    event = of(out, "waiting", "misp.json")["Event"]
    assert "OperatorName" not in json.dumps(event)
    assert "Nothing proves" in event["info"]


def test_no_subscriber_is_in_any_file_and_masks_of_two_runs_are_not_one(tmp_path):
    """Canary: the digits behind the network's, in values and in what ids are made of."""
    out = routed(tmp_path, RECORDS)
    for path in out.glob("*/*/*.json"):
        assert not re.search(r"99970[0-9]{3}", path.read_text())
    other = [one | {"imsi": "999709876543210"} if "imsi" in one else one for one in RECORDS]
    first = of(out, "decided", "misp.json")["Event"]
    told = {"files": ["b"], "formats": ["misp", "stix"], "now": "2026-12-01T04:00:00+00:00"}
    folder = Folder(tmp_path / "b", told)
    source = tmp_path / "b.jsonl"
    source.write_text("".join(json.dumps(one) + "\n" for one in other))
    run(folder, [str(source)], SNAPSHOT, wanted=None, jobs=1, progress=lambda *_: None)
    second = of(tmp_path / "b", "decided", "misp.json")["Event"]
    assert first["Object"][0]["uuid"] != second["Object"][0]["uuid"]
    masked = [
        {o["id"] for o in of(o, "decided", "stix.json")["objects"] if o.get("is_masked")}
        for o in (out, tmp_path / "b")
    ]
    assert masked[0]
    assert not masked[0] & masked[1]


def test_a_bundle_has_so_many_objects_and_says_how_many_lines_are_in_none(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "MOST", 5)
    many = [{"ip": f"192.0.2.{n}", "time": "2026-11-30T01:00:00Z"} for n in range(9)]
    out = routed(tmp_path, [*many, many[0]])
    event = of(out, "decided", "misp.json")["Event"]
    assert len(event["Attribute"]) == 5
    assert "4 lines are left out" in event["info"]
    assert of(out, "decided", "summary.json")["left out of misp.json and stix.json"] == 4
    objects = of(out, "decided", "stix.json")["objects"]
    assert any("4 lines are left out" in one.get("content", "") for one in objects)


def test_only_what_is_asked_for_is_written_and_the_same_again(tmp_path):
    one, two = routed(tmp_path, RECORDS), routed(tmp_path, RECORDS, name="two")
    for path in one.glob("*/*/*"):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes()
    bare = routed(tmp_path, RECORDS, formats=(), name="bare")
    assert {path.name for path in bare.glob("*/*/*")} == {"events.jsonl", "summary.json"}


def test_hostile_values_become_no_broken_file(tmp_path):
    """Whatever is let through as a word or an identifier is taken by another reader."""
    records = [
        {"source.fqdn": "a'b\\.example", "ip": "192.0.2.1"},
        {"source.realm": "xx.example", "ip": "192.0.2.2", "diameter.command": "]'; DROP"},
        {"asn": 64496, "network": "2001:db8::/32", "ip": "::ffff:192.0.2.3", "count": -1},
        {"imei": "490154203237518", "source.tac": "49015420", "ip": "192.0.2.4"},
        {"time": "0001-01-01T00:00:00+14:00", "ip": "192.0.2.5", "guti": "310410xxxx"},
        {"time": "0900-01-01T00:00:00Z", "ip": "192.0.2.6"},
    ]
    out = routed(tmp_path, records)
    for path in out.glob("*/*/stix.json"):
        taken(json.loads(path.read_text())["objects"])
    for path in out.glob("*/*/misp.json"):
        assert json.loads(path.read_text())["Event"]["uuid"]
