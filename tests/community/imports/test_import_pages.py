"""Importing through its pages, and what a team sees of what others say of it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.community.imports.test_importing import a_team, ti
from tests.community.imports.test_records import TI
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.imports import EntryFactory
from tests.principals import sign_in

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.imports.enums import Match, Source
from tcert.community.imports.models import Entry, Import
from tcert.foundation.kernel import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    return sign_in(client, coordinator_of_desk(), coordinator=True)


def upload(client, data, source=Source.TRUSTED_INTRODUCER):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    file = SimpleUploadedFile("list.json", raw)
    return client.post("/imports/new/", {"source": source, "file": file})


def test_a_file_is_chosen_shown_applied_and_undone(desk):
    a_team()
    changed = {
        "official_name": "Near",
        "short_name": "N",
        "emails": [{"address": "a@alpha.example"}],
    }
    answer = upload(desk, [TI, ti(1), changed, {"official_name": "B", "established": "soon"}])
    address = answer.headers["Location"]
    page = desk.get(address)
    assert "is being read" in page.text
    assert page.headers["Refresh"] == "3"
    jobs.run_due()
    for verdict, said in {
        "new": "CERT 1",
        "matched": "CERT of Alpha",
        "candidates": "Near",
        "refused": "It is no day, month or year",
    }.items():
        assert said in desk.get(f"{address}?show={verdict}").text
    desk.post(address, {"act": "confirm"})
    assert "0 of 3 records are done" in desk.get(address).text
    jobs.run_due()
    assert "3 records were applied" in desk.get(address).text
    assert "CERT of Alpha" in desk.get("/imports/entries/").text
    desk.post(address, {"act": "undo"})
    jobs.run_due()
    assert "Taken back. 0 entries stay" in desk.get(address).text
    assert not Entry.objects.exists()


def test_what_changes_is_shown_on_both_sides(desk):
    EntryFactory(key="cert 1", name="CERT 1", data=ti(1, host_organisation="Old house"))
    address = upload(desk, [ti(1, host_organisation="New house")]).headers["Location"]
    jobs.run_due()
    text = desk.get(address).text
    assert "<del>Old house</del>" in text
    assert "<ins>New house</ins>" in text


def test_fifty_megabytes_are_refused_in_the_form(desk):
    answer = upload(desk, b" " * 50_000_000)
    assert answer.status_code == 413
    assert "The file is larger than 20 MB" in answer.text
    assert upload(desk, b"[" + b" " * 21_000_000).status_code == 400
    assert not Import.objects.exists()


def test_an_unreadable_file_is_explained(desk):
    address = upload(desk, "[\n\u00e4]".encode("latin-1")).headers["Location"]
    jobs.run_due()
    assert "no text in UTF-8 (octet and line 3:2)" in desk.get(address).text


def test_candidates_stand_side_by_side_and_nothing_is_chosen_before(desk):
    team = a_team()
    entry = EntryFactory(
        is_open=True,
        data={"official_name": "Near", "emails": [{"address": "a@alpha.example"}]},
    )
    address = f"/imports/entries/{entry.id}/"
    page = desk.get(address)
    assert "cert@alpha.example" in page.text
    assert page.context["form"]["team"].value() is None
    shown = page.context["form"].initial["shown"]
    assert desk.post(address, {"shown": shown}).status_code == 400
    assert desk.post(address, {"shown": shown, "team": str(TeamFactory().id)}).status_code == 400
    assert desk.post(address, {"shown": shown, "team": str(team.id)}).status_code == 302
    entry.refresh_from_db()
    assert (entry.team, entry.matched_by, entry.is_open) == (team, Match.CHOSEN, False)


def test_a_name_in_other_letters_is_a_candidate_on_the_page_too(desk):
    """Databases fold letters in their own ways: what the import found, the page must find."""
    team = a_team("ÉCLAIR  Straße CERT", "House", "c@eclair.example")
    entry = EntryFactory(is_open=True, data={"official_name": "éclair strasse cert"})
    page = desk.get(f"/imports/entries/{entry.id}/")
    assert [one for one, _ours in page.context["beside"]] == [team]


def test_what_is_to_decide_can_be_decided_when_its_candidates_are_gone(desk):
    """Else it would stand in the coordinators' day for ever."""
    team = a_team(organisation__state=OrganisationState.SUSPENDED)
    for entry in (EntryFactory(is_open=True), EntryFactory(team=team)):
        address = f"/imports/entries/{entry.id}/"
        page = desk.get(address)
        assert "none of these teams" in page.text
        shown = page.context["form"].initial["shown"]
        assert desk.post(address, {"shown": shown, "team": "none"}).status_code == 302
        entry.refresh_from_db()
        assert (entry.team, entry.is_open) == (None, False)


def test_hostile_text_is_shown_as_text_and_exported_harmless(desk):
    EntryFactory(name="=1+1", data={"official_name": "=1+1", "description": "<script>x</script>"})
    entry = Entry.objects.get()
    assert "<script>x" not in desk.get(f"/imports/entries/{entry.id}/").text
    assert "'=1+1" in desk.get("/imports/entries/entries.csv").text
    found = json.loads(desk.get("/imports/entries/teams.json").content)
    assert found["teams"] == [entry.data]


def test_a_keys_file_is_named_not_verified(desk):
    entry = EntryFactory(source=Source.KEYRING, certificate="-----BEGIN")
    answer = desk.get(f"/imports/entries/{entry.id}/key.asc")
    assert "not-verified-" in answer.headers["Content-Disposition"]
    assert desk.get(f"/imports/entries/{EntryFactory().id}/key.asc").status_code == 404


def test_who_leads_a_team_sees_what_others_say_of_it_and_nobody_else(client):
    team = a_team()
    EntryFactory(
        team=team,
        data={
            "official_name": "CERT of Alpha",
            "country": {"code": "DE"},
            "emails": [{"address": "CERT@alpha.example"}],
            "phones": [{"number": "+49 30 99", "usage": "main"}],
        },
        dates={"phones": "2026-01-31"},
    )
    page, address = f"/directory/teams/{team.id}/", f"/imports/teams/{team.id}/"
    sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
    assert address in client.get(page).text
    text = client.get(address).text
    assert "+49 30 99" in text
    assert "2026-01-31" in text
    assert "DE" in text
    assert "CERT@alpha.example" not in text  # the same but for its case
    for person in (member_of(team), member_of(TeamFactory(), TeamRole.REPRESENTATIVE)):
        sign_in(client, person)
        assert address not in client.get(page).text
        assert client.get(address).status_code == 403


def test_lists_ask_the_same_however_long_they_are(desk):
    def asked(address):
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(address).status_code == 200
        return len(captured)

    EntryFactory(team=a_team())
    addresses = ("/imports/", "/imports/entries/", "/imports/entries/entries.csv")
    before = [asked(address) for address in addresses]
    for number in range(3):
        EntryFactory(team=a_team(f"T{number}", f"H{number}", f"c@{number}.example"))
    assert [asked(address) for address in addresses] == before


def test_my_day_leads_the_desk_to_what_waits(desk):
    EntryFactory(is_open=True)
    address = upload(desk, [TI]).headers["Location"]
    jobs.run_due()
    text = desk.get("/my-day/").text
    assert address in text
    assert "Entries of other directories to decide: 1" in text


def test_the_template_can_be_imported_as_it_is(desk):
    data = desk.get("/imports/template.csv").content
    address = upload(desk, data, Source.CSV).headers["Location"]
    jobs.run_due()
    assert "CERT of Example Mobile" in desk.get(address).text
