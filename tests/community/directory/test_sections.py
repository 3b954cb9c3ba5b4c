"""Sections and documents of teams: who writes them, who reads what, and what the hub signs."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from tests.carried import carried, read
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.keys import active_key_of
from tests.principals import principal_of, sign_in

from tcert.community.directory import jobs as directory_jobs
from tcert.community.directory.documents import languages
from tcert.community.directory.documents.rfc2350 import NOT_PUBLIC
from tcert.community.directory.domain import documents
from tcert.community.directory.domain.teams import restore_team
from tcert.community.directory.enums import SafeHarbour, Section, TeamKind, TeamRole
from tcert.community.directory.models import Channel, Team, TeamKey, TeamSection, TeamSignature
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.signing import verify_detached

pytestmark = pytest.mark.django_db

FILES = ("rfc2350.txt", "security.txt", "team.vcf", "team.json")


@pytest.fixture
def team():
    """A team with one of everything that could leak."""
    found = TeamFactory(
        name="Altus CERT",
        languages=["fi", "en"],
        timezone="Europe/Helsinki",
        organisation=OrganisationFactory(
            name="Altus Networks",
            safe_harbour=SafeHarbour.STATED,
            safe_harbour_policy="https://altus.example/policy",
        ),
    )
    active_key_of(found)
    TeamSection.objects.create(team=found, section="2.2", language="en", text="Mast Street 1")
    TeamSection.objects.create(team=found, section="3.1", language="fi", text="Korjaamme.")
    for kind, purpose, value, public in (
        ("email", "main", "cert@altus.example", True),
        ("email", "disclosure", "psirt@altus.example", False),
        ("phone", "24/7", "+358 9 999", False),
        ("phone", "main", "+358 9 111", True),
    ):
        Channel.objects.create(
            team=found, kind=kind, purpose=purpose, value=value, is_public=public
        )
    return found


@pytest.fixture
def lead(team):
    return member_of(team, TeamRole.REPRESENTATIVE)


def page(team, name):
    return f"/directory/teams/{team.id}/{name}"


@pytest.mark.parametrize("name", [*FILES, "rfc2350/"])
def test_strangers_read_what_is_public_and_no_more(client, team, name):
    text = client.get(page(team, name)).content.decode()
    assert "cert@altus.example" in text
    for kept in ("psirt@", "9999", "9 999", "Mast Street", "Korjaamme", "Helsinki"):
        assert kept not in text


def test_strangers_are_told_the_day_of_a_change_and_not_its_minute(client, team):
    """When a team works on what only members see is not theirs to know."""
    Team.objects.filter(pk=team.pk).update(updated_at=datetime(2026, 3, 9, 3, 17, tzinfo=UTC))
    card = client.get(f"/directory/teams/{team.id}/team.vcf").content.decode()
    assert "REV:20260309T000000Z" in card
    sign_in(client, member_of(TeamFactory()))
    card = client.get(f"/directory/teams/{team.id}/team.vcf").content.decode()
    assert "REV:20260309T031700Z" in card


@pytest.mark.parametrize("name", ["rfc2350.txt", "team.vcf", "team.json", "rfc2350/"])
def test_members_read_all_of_it_and_no_cache_keeps_it(client, team, name):
    sign_in(client, member_of(TeamFactory()))
    answer = client.get(page(team, name))
    text = answer.content.decode()
    for shown in ("cert@altus.example", "psirt@altus.example", "999", "Mast Street", "Helsinki"):
        assert shown in text
    assert "private" in answer.headers["Cache-Control"]


def test_security_txt_names_what_is_public_only_whoever_asks(client, team):
    """It is made to be put on the team's own site, where nobody signs in."""
    stranger = client.get(page(team, "security.txt")).content
    sign_in(client, member_of(TeamFactory()))
    answer = client.get(page(team, "security.txt"))
    text = answer.content.decode()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "psirt@" not in text
    assert answer.content == stranger
    assert "Preferred-Languages" not in text
    Team.objects.filter(pk=team.pk).update(public_fields=["languages"])
    assert b"Preferred-Languages: fi, en\r\n" in client.get(page(team, "security.txt")).content
    assert "Policy: https://altus.example/policy\r\n" in text
    Channel.objects.filter(team=team).update(is_public=False)
    assert client.get(page(team, "security.txt")).status_code == 404


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("team.vcf", "text/vcard; charset=utf-8"),
        ("team.json", "application/jscontact+json; version=1.0"),
        ("rfc2350.txt", "text/plain; charset=utf-8"),
    ],
)
def test_files_come_with_their_media_types(client, team, name, kind):
    assert client.get(page(team, name)).headers["Content-Type"] == kind


@pytest.mark.parametrize("name", [*FILES, "rfc2350/", "rfc2350.txt.asc"])
def test_a_lawful_interception_team_has_no_documents_for_strangers(client, team, name):
    Team.objects.update(kind=TeamKind.LAWFUL_INTERCEPTION)
    assert client.get(page(team, name)).status_code == 404


def test_the_document_stands_in_a_language_that_was_asked_for(client, team):
    sign_in(client, member_of(TeamFactory()))
    text = client.get(page(team, "rfc2350.txt?language=fi")).content.decode()
    assert "Korjaamme." in text
    assert "[Not available in Finnish; this is the text in English.]" in text
    assert client.get(page(team, "rfc2350/?language=%00xx")).status_code == 200


def test_the_worker_signs_what_each_reader_gets_and_never_other_text(client, team, hub_key):
    asc = page(team, "rfc2350.txt.asc")
    refused = client.get(asc)
    assert (refused.status_code, refused.headers["Retry-After"]) == (404, "60")
    directory_jobs.sign_missing.handler()
    jobs.run_due()
    text, signature = client.get(page(team, "rfc2350.txt")).content, client.get(asc).content
    verify_detached(text, signature, hubkey.public().armoured)
    assert NOT_PUBLIC.encode() in text
    sign_in(client, member_of(TeamFactory()))
    text, signature = client.get(page(team, "rfc2350.txt")).content, client.get(asc).content
    verify_detached(text, signature, hubkey.public().armoured)
    assert b"Mast Street" in text
    TeamSection.objects.update(text="Changed behind the worker's back")
    assert client.get(asc).status_code == 404


def test_a_change_has_the_document_signed_anew_once(client, team, lead, hub_key):
    sign_in(client, lead)
    address = page(team, "sections/3.1/en/")
    assert client.post(address, {"text": "We mend.", **carried(client, address)}).status_code == 302
    jobs.run_due()
    first = dict(TeamSignature.objects.values_list("audience", "signature"))
    assert set(first) == {"public", "members"}
    assert client.get(page(team, "rfc2350.txt.asc")).content.decode() == first["members"]
    directory_jobs.sign_documents.handler(team=team.id)
    assert dict(TeamSignature.objects.values_list("audience", "signature")) == first


def test_what_no_act_changes_is_signed_anew_as_well(team, hub_key, settings):
    """The hub's key is rotated, its address changes, the team's key expires."""
    directory_jobs.sign_documents.handler(team=team.id)
    assert documents.unsigned(9) == []
    hubkey.rotate()
    assert documents.unsigned(9) == [team.id]
    directory_jobs.sign_documents.handler(team=team.id)
    assert documents.unsigned(9) == []
    settings.BASE_URL = "https://moved.example"
    assert documents.unsigned(9) == [team.id]
    directory_jobs.sign_documents.handler(team=team.id)
    later = clock.now() + timedelta(days=1)
    TeamKey.objects.update(expires_at=later)
    assert documents.unsigned(9) == []
    with clock.frozen(later):
        assert documents.unsigned(9) == [team.id]
        directory_jobs.sign_documents.handler(team=team.id)
        assert documents.unsigned(9) == []


def test_a_team_that_is_put_back_is_signed_anew(client, team, hub_key):
    """Its day of last change is another, and nothing else asks for it."""
    directory_jobs.sign_documents.handler(team=team.id)
    with clock.frozen(clock.now() + timedelta(days=3)):
        by = principal_of(coordinator_of_desk(), coordinator=True)
        Team.objects.filter(pk=team.pk).update(retired_at=clock.now())
        restore_team(principal=by, team=team)
        jobs.run_due()
        assert client.get(page(team, "rfc2350.txt.asc")).status_code == 200


def test_leads_write_sections_one_after_the_other(client, team, lead):
    sign_in(client, lead)
    overview = client.get(page(team, "sections/"))
    assert "18 sections are missing in English" in overview.content.decode()
    address = page(team, "sections/1.2/en/")
    before = team.updated_at
    with clock.frozen(before + timedelta(hours=1)):
        sent = {"text": "One\r\ntwo\u2028three", "go_on": "1", **carried(client, address)}
        went = client.post(address, sent)
    # 2.2 is written already: the next that is missing follows it.
    assert went.headers["Location"] == page(team, "sections/2.6/en/")
    assert TeamSection.objects.get(section="1.2").text == "One\ntwo\nthree"
    team.refresh_from_db()
    assert team.updated_at > before
    emptied = {"text": "  ", **carried(client, address)}
    assert client.post(address, emptied).headers["Location"].endswith("sections/?language=en")
    assert not TeamSection.objects.filter(section="1.2").exists()
    acts = AuditRecord.objects.filter(act="directory:team:describe")
    assert [r.data for r in acts] == [{"section": "1.2", "language": "en"}] * 2
    assert "One" not in str(acts.values())


@pytest.mark.parametrize(("tag", "wanted"), [("", "en"), ("ar", "ar")])
def test_links_keep_the_language_of_the_sections_not_the_readers(client, team, lead, tag, wanted):
    """The page's own language stood in the links: whoever reads British dates got 404s."""
    sign_in(client, lead)
    overview = client.get(page(team, "sections/"), {"language": tag} if tag else {})
    html = overview.content.decode()
    assert '<html lang="en-gb">' in html
    links = re.findall(r'href="([^"]*/sections/[^"?]+)"', html)
    assert len(links) == len(Section)
    assert all(link.endswith(f"/{wanted}/") for link in links)
    assert client.get(links[0]).status_code == 200


@pytest.mark.parametrize("there", [True, False])
def test_the_second_of_two_who_write_a_section_is_told(client, team, lead, there):
    sign_in(client, lead)
    address = page(team, f"sections/{'2.2' if there else '4.1'}/en/")
    both = carried(client, address)
    assert client.post(address, {"text": "First", **both}).status_code == 302
    told = client.post(address, {"text": "Second", **both})
    assert told.status_code == 409
    assert "Second" in told.content.decode()
    again = client.post(address, {"text": "Second", **read(told.content.decode())})
    assert again.status_code == 302
    assert TeamSection.objects.filter(text="Second").exists()


@pytest.mark.parametrize("text", ["x" * 4001, "bell\x07", "nul\x00"])
def test_bad_texts_are_refused_beside_the_field(client, team, lead, text):
    sign_in(client, lead)
    address = page(team, "sections/4.1/en/")
    answer = client.post(address, {"text": text, **carried(client, address)})
    assert answer.status_code == 400
    assert not TeamSection.objects.filter(section="4.1").exists()


@pytest.mark.parametrize("path", ["1.1/en", "3.1/xx", "9/en", "3.1/EN", "x/x", "٣.1/en"])
def test_only_known_sections_and_languages_have_a_page(client, team, lead, path):
    sign_in(client, lead)
    assert client.get(page(team, f"sections/{path}/")).status_code == 404


def test_others_do_not_write_a_teams_sections(client, team):
    sign_in(client, member_of(team))
    for name in ("sections/", "sections/3.1/en/"):
        assert client.get(page(team, name)).status_code == 403
    sign_in(client, member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    assert client.post(page(team, "sections/3.1/en/"), {"text": "x"}).status_code == 403


def test_languages_are_entered_by_name_or_tag(client, team, lead):
    sign_in(client, lead)
    address = reverse("directory:edit_team", args=[team.id])
    sent = {"timezone": "UTC", "languages": "English, sv", **carried(client, address)}
    assert client.post(address, sent).status_code == 302
    team.refresh_from_db()
    assert team.languages == ["en", "sv"]
    sent = {"timezone": "UTC", "languages": "Klingon", **carried(client, address)}
    assert client.post(address, sent).status_code == 400
    assert "English, Swedish" in client.get(page(team, "")).content.decode()


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_on_the_way_back_and_on_again():
    """Somebody goes back to the release before, enters teams there, and comes on again.

    What fits is as it was; free text moves, and what is not understood is kept as a note.
    """
    for name, tags, note, hours, hours_note in (
        ("A", ["en", "fi"], "Swedish in office hours", ["mon 08:00-17:00", "tue 08:00-17:00"], ""),
        ("B", ["et", "en"], "", ["always"], "call first"),
        ("C", sorted(languages.NAMES), "", ["mon 22:00-06:00"], "n" * 120),
        ("D", ["en"], "x" * 120, [], "by night"),
    ):
        said = {"languages": tags, "languages_note": note, "hours": hours}
        TeamFactory(name=name, hours_note=hours_note, **said)
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate([("directory", "0003_safe_harbour")])

    old = executor.loader.project_state([("directory", "0003_safe_harbour")]).apps
    house = old.get_model("directory", "Organisation").objects.create(name="Old", short_name="O")
    spoken = ("English, Suomi", "English, sometimes French", "")
    for number, text in enumerate(spoken):
        old.get_model("directory", "Team").objects.create(
            organisation=house, name=f"T{number}", languages=text, constituency="Ours" * number
        )
    MigrationExecutor(connection).migrate(latest)

    entered = Team.objects.filter(organisation__name="Old").order_by("name")
    assert [(t.languages, t.languages_note) for t in entered] == [
        (["en", "fi"], ""),
        (["en"], "English, sometimes French"),
        ([], ""),
    ]
    moved = TeamSection.objects.filter(team__in=entered).order_by("team__name")
    assert [(s.section, s.language, s.text) for s in moved] == [
        ("3.2", "en", "Ours"),
        ("3.2", "en", "OursOurs"),
    ]
    teams = {team.name: team for team in Team.objects.all()}
    assert teams["A"].languages == ["en", "fi"]
    assert teams["A"].languages_note == "English, Finnish; Swedish in office hours"
    assert teams["A"].hours_note == "mon-tue 08:00-17:00"
    assert teams["B"].languages == ["et", "en"]
    assert teams["B"].hours_note == "24/7; call first"
    assert teams["C"].hours_note == "n" * 120
    assert (teams["D"].languages_note, teams["D"].hours_note) == ("x" * 120, "by night")
