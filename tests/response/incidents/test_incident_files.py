"""An incident as a file for other systems: what its reader sees on the page, and nothing else."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from tests.factories.directory import TeamFactory, member_of
from tests.factories.incidents import (
    IncidentFactory,
    IndicatorFactory,
    PartyFactory,
    TallyFactory,
)
from tests.principals import sign_in
from tests.response.formats.other_reader import taken

from tcert.community.directory.enums import TeamRole
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.formats.stix import TLP_IDS
from tcert.response.incidents.enums import Standing

pytestmark = pytest.mark.django_db

TITLE, MASKED_TITLE = "+447911123456", "+447911xxxxxx"


@pytest.fixture
def incident():
    made = IncidentFactory(tlp=Tlp.AMBER)
    TallyFactory(incident=made, events=7)
    IndicatorFactory(incident=made, kind="gt", value=TITLE, masked=MASKED_TITLE)
    IndicatorFactory(incident=made, kind="ip", value="192.0.2.7", masked="192.0.2.7", tlp=Tlp.RED)
    IndicatorFactory(incident=made, kind="imsi", value="", masked="310410xxxxxxxxx", tlp=Tlp.GREEN)
    IndicatorFactory(
        incident=made,
        value="gone.example",
        masked="gone.example",
        expires_on=clock.today() - timedelta(days=1),
    )
    return made


def files(client, incident):
    at = f"/incidents/{incident.id}/incident"
    return [client.get(f"{at}.{kind}.json") for kind in ("misp", "stix")]


def told(answers):
    misp, stix = (json.loads(answer.content) for answer in answers)
    values = {one["value"] for one in misp["Event"]["Attribute"]}
    observed = {one["value"] for one in stix["objects"] if "value" in one}
    assert values == observed, "both tell the same"
    return values, misp["Event"], stix["objects"]


def test_each_reader_gets_what_the_page_shows_them(client, incident):
    """The steering team whole, who reads and who is asked masked and by marking, others nothing."""
    reads = PartyFactory(incident=incident).team
    asked = PartyFactory(incident=incident, standing=Standing.ASKED).team
    named = PartyFactory(incident=incident, standing=Standing.NAMED).team
    found = {}
    for word, team in [("steers", incident.reporter), ("reads", reads), ("asked", asked)]:
        sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
        answers = files(client, incident)
        assert [one.status_code for one in answers] == [200, 200]
        assert all("attachment" in one["Content-Disposition"] for one in answers)
        found[word] = told(answers)
    assert found["steers"][0] == {TITLE, "192.0.2.7", "310410xxxxxxxxx"}
    assert found["reads"][0] == {MASKED_TITLE, "310410xxxxxxxxx"}
    assert found["asked"][0] == {"310410xxxxxxxxx"}
    for team in (named, TeamFactory()):
        sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
        assert [one.status_code for one in files(client, incident)] == [404, 404]
    assert all(one.status_code != 200 for one in files(Client(), incident))
    ids = [
        {one["id"] for one in objects if one.get("is_masked")} for _, _, objects in found.values()
    ]
    assert not ids[1] & ids[2], "files of two readers, who see different things, share no mask"


def test_the_bundle_is_taken_by_another_reader_with_its_markings(client, incident):
    sign_in(client, member_of(incident.reporter, TeamRole.REPRESENTATIVE))
    _values, event, objects = told(files(client, incident))
    taken(objects)
    by_type = {}
    for one in objects:
        by_type.setdefault(one["type"], []).append(one)
    (made,) = by_type["incident"]
    assert made["name"].startswith(incident.number)
    assert {one["number_observed"] for one in by_type["observed-data"]} == {7}
    patterns = {one["pattern"]: one["object_marking_refs"] for one in by_type["indicator"]}
    assert patterns["[ipv4-addr:value = '192.0.2.7']"] == [TLP_IDS["RED"]]
    assert len(patterns) == 2, "what is masked makes no pattern"
    assert event["Tag"] == [{"name": "tlp:amber"}]
    tags = {one["value"]: one["Tag"][0]["name"] for one in event["Attribute"]}
    assert tags["192.0.2.7"] == "tlp:red"
    assert not any(one["to_ids"] for one in event["Attribute"])
    again = {one["id"]: one.get("created") for one in told(files(client, incident))[2]}
    assert again == {one["id"]: one.get("created") for one in objects}, (
        "asked again, it is a version"
    )


def test_an_incident_without_indicators_is_a_file_too(client):
    incident = IncidentFactory()
    sign_in(client, member_of(incident.reporter, TeamRole.REPRESENTATIVE))
    values, event, objects = told(files(client, incident))
    assert values == set()
    assert "0 events counted" in event["info"]
    taken(objects)
