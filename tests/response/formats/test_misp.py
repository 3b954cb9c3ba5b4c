"""An observation as a MISP object: right by its template, the same everywhere, masked."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.response.bulk.fields import FIELDS, Class
from tcert.response.formats import misp, templates
from tcert.response.formats.misp import RELATIONS, Holder, misp_object
from tcert.response.formats.templates import Name, is_of_type, problems, template

pytestmark = pytest.mark.once

IMSI, MSISDN, IMEI = "310410123456789", "+358401234567", "490154203237518"
TITLE = "+447911123456"
RECORDS = {
    Name.SS7: {
        "protocol.application": "ss7",
        "time.source": "2026-12-01T03:00:00Z",
        "ss7.operation": "71",
        "source.gt": TITLE,
        "destination.gt": "+358409999999",
        "source.pc": "2-000-0",
        "source.ssn": 147,
        "destination.ssn": 6,
        "destination.imsi": IMSI,
        "destination.msisdn": MSISDN,
        "signalling.category": "cat1",
    },
    Name.DIAMETER: {
        "time.source": datetime(2026, 12, 1, 3, tzinfo=UTC),
        "diameter.command_code": 319,
        "source.host": "mme1.epc.mnc410.mcc310.3gppnetwork.org",
        "source.realm": "epc.mnc410.mcc310.3gppnetwork.org",
        "destination.realm": "epc.mnc001.mcc208.3gppnetwork.org",
        "destination.imsi": IMSI,
        "signalling.category": "Cat2",
    },
    Name.GTP: {
        "protocol.application": "gtpv2",
        "gtp.message": "32",
        "source.ip": "192.0.2.7",
        "destination.ip": "2001:db8::1",
        "source.port": 40000,
        "destination.port": 2123,
        "source.plmn": "310-410",
        "destination.imsi": IMSI,
        "destination.imei": IMEI,
    },
    Name.PFCP: {
        "pfcp.message": "5",
        "source.ip": "192.0.2.7",
        "source.fqdn": "upf.operator.example",
        "destination.port": 8805,
    },
    Name.SEPP: {
        "source.fqdn_5g": "sepp.5gc.mnc410.mcc310.3gppnetwork.org",
        "destination.plmn": "208-01",
        "destination.imsi": IMSI,
    },
    Name.SIP: {
        "sip.message": "INVITE",
        "source.fqdn": "evil.example",
        "destination.msisdn": MSISDN,
    },
    Name.SIM_BOX: {
        "source.tac": "35154203",
        "source.imei": IMEI,
        "source.msisdn": MSISDN,
        "source.plmn": "310-410",
        "count": 40,
    },
}


def made(name: Name, record: dict, **more) -> dict:
    found = misp_object(name, record, **more)
    assert found is not None
    return found


def values(found: dict) -> dict[str, str]:
    return {one["object_relation"]: one["value"] for one in found["Attribute"]}


@pytest.mark.parametrize("name", Name)
def test_each_object_is_right_by_its_template(name):
    found = made(name, RECORDS[name], source=Holder("North Mobile", "FI"))
    assert problems(found, template(name)) == ()
    wanted = {key for key, read in RELATIONS[name].items() if read(misp._Asked(RECORDS[name], ()))}
    assert len(wanted) >= 3
    assert wanted <= set(values(found))
    assert not any(one["to_ids"] for one in found["Attribute"])


@pytest.mark.parametrize("name", Name)
def test_no_subscriber_is_told_whole(name):
    """Canaries: whoever gets the object must not learn a number, from value or UUID."""
    record = {
        **{key: IMSI for key in FIELDS if key.endswith(".imsi")},
        **{key: MSISDN for key in FIELDS if key.endswith(".msisdn")},
        **{key: IMEI for key in FIELDS if key.endswith(".imei")},
        **{key: TITLE for key in FIELDS if key.endswith(".gt")},
        **{key: "358401234567.operator.example" for key in FIELDS if key.endswith("fqdn")},
        **{key: f"{IMSI}.epc.mnc410.mcc310.3gppnetwork.org" for key in FIELDS if "host" in key},
        f"{name}.text": "secret words",
        "text": "secret words",
        "sms": MSISDN,
        **{key: MSISDN for key in FIELDS if FIELDS[key].of in {Class.LABEL, Class.NUMBER}},
    }
    said = json.dumps(made(name, record))
    for canary in (IMSI[6:], MSISDN[7:], TITLE[7:], IMEI[8:], "358401234567", "secret"):
        assert canary not in said


@pytest.mark.parametrize("written", ["3584 0123 4567", "35 84 01 23 45 67", "3584--0123--4567"])
def test_no_number_is_told_that_is_written_in_groups(written):
    record = {"source.realm": "operator.example", "diameter.command": f"ULR {written}"}
    assert "CmdCode" not in values(made(Name.DIAMETER, record))
    name = f"{written.replace(' ', '-')}.operator.example"
    host = values(made(Name.DIAMETER, {"source.host": name}))["Origin-Host"]
    assert not re.search(r"[0-9]", host)


def test_a_uuid_is_the_same_for_all_whose_masked_values_are():
    """Made from whole values it could be tried out, number by number."""
    one = made(Name.SS7, RECORDS[Name.SS7])
    other = made(Name.SS7, {**RECORDS[Name.SS7], "destination.imsi": "310410123456780"})
    assert one == other == made(Name.SS7, dict(reversed(RECORDS[Name.SS7].items())))
    assert one["uuid"] == "1579de52-2fe3-598a-a535-59dbabaa23be"
    moved = made(Name.SS7, {**RECORDS[Name.SS7], "ss7.operation": "45"})
    assert moved["uuid"] != one["uuid"]
    every = [a["uuid"] for a in one["Attribute"] + moved["Attribute"]]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("name", Name)
def test_masks_are_not_correlated(name):
    """MISP would show all subscribers whom a mask fits as one, over events and communities."""
    for one in made(name, RECORDS[name])["Attribute"]:
        if "xx" in one["value"]:
            assert one["disable_correlation"] is True, one["object_relation"]


def test_a_proven_node_is_told_whole_and_no_other_title():
    found = values(made(Name.SS7, RECORDS[Name.SS7], nodes={TITLE}))
    assert found["SccpCgGT"] == TITLE
    assert found["SccpCdGT"].endswith("x")


def test_what_is_masked_already_stays_and_what_is_bad_is_left_out():
    record = {
        "ss7.operation": "anyTimeInterrogation",
        "destination.imsi": "31041xxxxxxxxxx",
        "destination.msisdn": "call me",
        "source.gt": "+35840x",
        "source.ssn": "six",
        "signalling.category": "Cat9",
        "time.source": "yesterday",
    }
    found = values(made(Name.SS7, record))
    assert found == {
        "MapImsi": "31041xxxxxxxxxx",
        "MapOpCode": "anyTimeInterrogation - 71",
        "text": found["text"],
    }


def test_operation_and_category_are_written_as_the_template_has_them():
    found = values(made(Name.SS7, RECORDS[Name.SS7]))
    assert found["MapOpCode"] == "anyTimeInterrogation - 71"
    assert found["Category"] == "Cat1"
    assert found["first-seen"] == "2026-12-01T03:00:00+00:00"
    assert values(made(Name.SS7, {"ss7.operation": "99"}))["MapOpCode"] == "99"


def test_operator_and_country_stand_where_the_end_does():
    holder = Holder("North\nMobile\u202e ", "FI")
    found = values(made(Name.SS7, RECORDS[Name.SS7], source=holder, destination=Holder("", "fi")))
    assert found["SccpCgGT-OperatorName"] == "North Mobile"
    assert found["SccpCgGT-CountryISO2"] == "FI"
    assert "SccpCdGT-CountryISO2" not in found
    bare = values(made(Name.SS7, {"ss7.operation": "71"}, source=holder))
    assert "SccpCgGT-OperatorName" not in bare


@pytest.mark.parametrize("name", Name)
def test_a_record_that_fills_nothing_makes_no_object(name):
    assert misp_object(name, {}) is None
    assert misp_object(name, {"text": "x", "time.source": "2026-12-01T03:00:00Z"}) is None


def test_fields_are_those_that_are_read_in_bulk():
    """A field that is spelt otherwise here would never be filled."""
    source = Path(misp.__file__).read_text()
    used = set(
        re.findall(r'"((?:source|destination|ss7|gtp|pfcp|sip|diameter|signalling)\.\w+)"', source)
    )
    assert used
    assert used - set(FIELDS) == set()
    for field in used:
        if FIELDS[field].of is Class.IDENTIFIER:
            assert misp._KINDS[field.partition(".")[2]] == FIELDS[field].kind


@pytest.mark.parametrize("name", Name)
def test_templates_are_whole(name):
    found = template(name)
    assert found.name == name
    assert set(RELATIONS[name]) <= set(found.relations)
    assert {"text", "first-seen"} <= set(found.relations)
    assert found.required_one_of == ("text",)
    assert {one.of for one in found.relations.values()} <= set(templates._CHECKS)
    assert len({template(one).uuid for one in Name}) == len(Name)


def test_problems_are_told():
    found = made(Name.GTP, RECORDS[Name.GTP])
    attribute = found["Attribute"][0]
    bad = {
        **found,
        "name": "x",
        "Attribute": [
            {**attribute, "object_relation": "ipSrc", "type": "ip-src", "value": "nowhere"},
            {**attribute, "object_relation": "GtpImsi", "type": "text", "value": "1"},
            {**attribute, "object_relation": "GtpImsi", "type": "text", "value": "2"},
            {**attribute, "object_relation": "PortSrc", "type": "text", "value": "1"},
            {**attribute, "object_relation": "Other"},
        ],
    }
    assert problems(bad, template(Name.GTP)) == (
        "name is not gtp-attack",
        "none of text is there",
        "GtpImsi stands more than once",
        "Other is not in the template",
        "ipSrc is no ip-src",
        "PortSrc is no port",
    )


@pytest.mark.parametrize(
    ("of", "value", "is_one"),
    [
        ("port", "65536", False),
        ("port", "٣", False),
        ("ip-src", "192.0.2.0/24", True),
        ("datetime", "2026-12-01T03:00:00", False),
        ("hostname", "a b", False),
        ("text", " ", False),
        ("counter", "9" * 400, False),
        ("no-such-type", "x", False),
    ],
)
def test_values_are_of_their_type(of, value, is_one):
    assert is_of_type(of, value) is is_one


ANY = st.one_of(
    st.text(max_size=40),
    st.integers(-(10**20), 10**20),
    st.none(),
    st.lists(st.integers(), max_size=2),
    st.datetimes(),
    st.from_regex(r"\+?[0-9]{5,16}x{0,8}", fullmatch=True),
)


@given(st.sampled_from(Name), st.dictionaries(st.sampled_from(sorted(FIELDS)), ANY))
def test_any_record_gives_a_right_object_or_none(name, record):
    found = misp_object(name, record)
    if found is not None:
        assert problems(found, template(name)) == ()
        json.dumps(found)
