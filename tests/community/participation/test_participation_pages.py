"""The pages: what is shown to whom, what bad input meets, how many questions they ask."""

import csv
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.participation import (
    AbsenceFactory,
    ContributionFactory,
    OfficeFactory,
    SnapshotFactory,
    active,
    veteran,
)
from tests.principals import sign_in

from tcert.community.directory.enums import OrganisationKind, OrganisationState, TeamRole
from tcert.community.participation import jobs
from tcert.community.participation.models import Absence, Contribution, Office
from tcert.foundation.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory(organisation__name="Own Mobile", organisation__short_name="OWN")


@pytest.fixture
def boss(team):
    return sign_in(Client(), member_of(team, TeamRole.REPRESENTATIVE))


@pytest.fixture
def desk():
    return sign_in(Client(), coordinator_of_desk(), coordinator=True)


def at(name, *args):
    return reverse(f"participation:{name}", args=args)


def html(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def in_days(days):
    return (clock.today() + timedelta(days=days)).isoformat()


# Who reads what -----------------------------------------------------------------------------------

REASON, ANSWER = "Half the team has left.", "Granted until spring."
OWN_PAGE = {
    "the standing": "In standing.",
    "a contribution": "Mentored a young team",
    "the day of a confidential one": "17 Jan 2027",
    "that there is a confidential one": "Acknowledged a case in time",
    "why it is absent": REASON,
    "what the desk answered": ANSWER,
}
EVERYTHING = set(OWN_PAGE)
READS = {
    "stranger": set(),
    "other member": set(),
    "member of a provisional team": set(),
    "desk without a session": set(),
    "coordinator with an interest": set(),
    "coordinator": EVERYTHING - {"the day of a confidential one"},
    "own member": EVERYTHING,
    "own representative": EVERYTHING,
}


def reader(kind, team):
    if kind == "stranger":
        return Client()
    if kind == "other member":
        return sign_in(Client(), member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    if kind == "member of a provisional team":
        house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
        return sign_in(Client(), member_of(TeamFactory(organisation=house)))
    if kind.startswith("own"):
        role = TeamRole.MEMBER if kind == "own member" else TeamRole.REPRESENTATIVE
        return sign_in(Client(), member_of(team, role))
    person = coordinator_of_desk()
    if kind == "coordinator with an interest":
        InterestFactory(person=person, organisation=team.organisation)
    return sign_in(Client(), person, coordinator=kind != "desk without a session")


@pytest.mark.parametrize("kind", READS)
def test_what_each_kind_of_viewer_reads_of_an_organisation(team, kind):
    now = clock.now().replace(year=2027, month=3, day=1)
    with clock.frozen(now):
        organisation = active(team.organisation)
        case_day = now.date().replace(month=1, day=17)
        ContributionFactory(organisation=organisation, kind="case-acknowledged", on=case_day)
        AbsenceFactory(organisation=organisation, reason=REASON, answer=ANSWER, state="refused")
        OfficeFactory(organisation=organisation)
        client = reader(kind, team)
        answer = client.get(at("organisation", organisation.id))
        seen = answer.content.decode() if answer.status_code == 200 else ""
        assert {name for name, words in OWN_PAGE.items() if words in seen} == READS[kind]
        listed = client.get(at("standings")).content.decode()
        told = csv_of(client, at("standings_csv")) if kind != "stranger" else []
        for words in (REASON, ANSWER, "Mentored", "17 Jan"):
            assert words not in listed
            assert words not in str(told)
        sees_list = kind not in {"stranger", "member of a provisional team"}
        assert ("Own Mobile" in listed) == sees_list
        assert ("Own Mobile" in str(told)) == sees_list


def csv_of(client, address):
    return list(csv.reader(StringIO(client.get(address).content.decode())))


@pytest.mark.parametrize("kind", ["stranger", "other member", "own representative"])
def test_the_pages_of_the_desk_are_for_coordinators_alone(team, kind):
    client = reader(kind, team)
    absence, office = AbsenceFactory(organisation=team.organisation), OfficeFactory()
    for address in (
        at("absences"),
        at("decide", absence.id),
        at("report"),
        at("report_csv"),
        at("new_office", team.organisation_id),
        at("end_office", office.id),
    ):
        assert client.get(address).status_code in {302, 403}


def test_a_coordinator_of_the_house_sees_its_absence_in_no_queue(team):
    person = coordinator_of_desk()
    TeamMembershipFactory(team=team, person=person)
    AbsenceFactory(organisation=team.organisation)
    client = sign_in(Client(), person, coordinator=True)
    assert "Own Mobile" not in html(client, at("absences"))
    assert client.get(at("decide", Absence.objects.get().id)).status_code == 403
    assert "Absences to decide" not in html(client, "/my-day/").split("<main")[1]


def test_whom_one_does_not_see_does_not_exist(boss, desk):
    hidden = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    for client in (boss, desk):
        for pk in (hidden.id, uuid4()):
            assert client.get(at("organisation", pk)).status_code == 404
    assert boss.post(at("withdraw", AbsenceFactory().id)).status_code == 404


# The own page -------------------------------------------------------------------------------------


def test_the_own_page_says_how_it_stands_and_how_to_begin(boss, team):
    young = html(boss, at("own"))
    assert "In grace until" in young
    assert "Nothing counts at the moment" in young
    assert "Vouch for a team that you have worked with" in young
    veteran(team.organisation)
    lapsed = html(boss, at("own"))
    assert "Standing has lapsed since" in lapsed
    assert "2 are missing." in lapsed
    ContributionFactory(organisation=team.organisation, on=clock.today() - timedelta(days=320))
    ContributionFactory(organisation=team.organisation)
    warned = html(boss, at("own"))
    assert "Standing ends after" in warned
    assert warned.split("timeline")[1].split("</svg>")[0].count("<circle") == 2
    assert "Mentored a young team" in warned


def test_a_coordinator_without_a_member_organisation_is_led_on(desk):
    assert "None of your organisations takes part" in html(desk, at("own"))


def test_who_is_in_two_organisations_reads_both(boss, team):
    other = TeamFactory(organisation__name="Second Mobile")
    person = team.memberships.get().person
    TeamMembershipFactory(team=other, person=person)
    assert "Second Mobile" in html(boss, at("own"))
    assert "Our participation" in html(boss, at("organisation", other.organisation_id))


def test_asking_deciding_and_withdrawing(boss, desk, team):
    ask = at("ask", team.organisation_id)
    assert "At most 180 days" in html(boss, ask)
    typed = {"first": in_days(1), "last": in_days(30), "reason": "We <b>move</b>."}
    assert boss.post(ask, typed).url == at("organisation", team.organisation_id)
    again = boss.post(ask, typed)
    assert again.status_code == 409
    assert "We &lt;b&gt;move" in again.content.decode()
    absence = Absence.objects.get()
    assert "Own Mobile" in html(desk, at("absences"))
    assert "Absences to decide: 1" in html(desk, "/my-day/")
    page = html(desk, at("decide", absence.id))
    assert "We &lt;b&gt;move" in page
    refused = {"decision": "refuse", "answer": "", "shown": absence.shown}
    assert desk.post(at("decide", absence.id), refused).status_code == 400
    granted = {**refused, "decision": "confirm", "answer": "Good luck."}
    assert desk.post(at("decide", absence.id), granted).url == at("absences")
    assert desk.post(at("decide", absence.id), granted).status_code == 409
    assert "Good luck." in html(boss, at("own"))
    absence.refresh_from_db()
    boss.post(at("withdraw", absence.id), {"shown": absence.shown})
    absence.refresh_from_db()
    assert absence.state == "withdrawn"


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"reason": "x" * 1001},
        {"reason": "nul\x00"},
        {"first": "tomorrow"},
        {"first": "9999-12-31", "last": "9999-12-31"},
        {"first": "0001-01-01"},
        {"last": "2027-02-30"},
        {"first": "٢٠٢٧-٠١-٠١"},
    ],
)
def test_bad_input_is_refused_and_asks_nothing(boss, team, wrong):
    typed = {"first": in_days(1), "last": in_days(30), "reason": "We move.", **wrong}
    answer = boss.post(at("ask", team.organisation_id), typed)
    assert answer.status_code == 400
    assert not Absence.objects.exists()


def test_offices_are_entered_shown_and_ended(boss, desk, team):
    person = team.memberships.get().person
    new = at("new_office", team.organisation_id)
    typed = {"body": "Plenary", "title": "Chair", "person": person.id, "first": in_days(0)}
    assert desk.post(new, {**typed, "person": member_of(TeamFactory()).id}).status_code == 400
    assert desk.post(new, {**typed, "last": in_days(-1)}).status_code == 400
    assert desk.post(new, typed).url == at("organisation", team.organisation_id)
    listed = html(boss, at("offices"))
    assert "Chair, Plenary" in listed
    assert person.name in listed
    assert "An office: held by" in html(boss, at("own"))
    office = Office.objects.get()
    end = at("end_office", office.id)
    assert desk.post(end, {"last": in_days(0), "confirm_name": "No"}).status_code == 400
    desk.post(end, {"last": in_days(0), "confirm_name": "own mobile"})
    with clock.frozen(clock.now() + timedelta(days=1)):
        member = sign_in(Client(), member_of(TeamFactory()))
        assert "Chair, Plenary" not in html(member, at("offices"))
        assert "Chair, Plenary" in html(member, at("offices") + "?show=all")


def test_my_day_warns_who_speaks_and_nobody_else(boss, team):
    active(team.organisation, days=320)
    member = sign_in(Client(), member_of(team))
    jobs.look_at_standings()
    assert "The standing of OWN ends soon" in html(boss, "/my-day/")
    assert "ends soon" not in html(member, "/my-day/")
    ContributionFactory(organisation=team.organisation)
    ContributionFactory(organisation=team.organisation)
    assert "The standing of OWN" not in html(boss, "/my-day/")
    Contribution.objects.all().delete()
    assert "The standing of OWN has lapsed" in html(boss, "/my-day/")


# The list of all ----------------------------------------------------------------------------------


def test_the_list_shows_three_words_and_no_more(boss):
    veteran(OrganisationFactory(name="Lapsed Mobile"))
    active(OrganisationFactory(name="Warned Mobile"), days=320)
    AbsenceFactory(
        organisation=active(OrganisationFactory(name="Away Mobile")),
        state="confirmed",
        first=clock.today(),
    )
    words = {row[0]: row[3] for row in csv_of(boss, at("standings_csv"))[1:]}
    assert words == {
        "Away Mobile": "good",
        "Lapsed Mobile": "lapsed",
        "Own Mobile": "grace",
        "Warned Mobile": "good",
    }
    listed = html(boss, at("standings"))
    assert "ends soon" not in listed
    assert "excused" not in listed


def test_the_list_is_narrowed_by_the_last_look_and_says_so(boss):
    before = html(boss, at("standings") + "?standing=lapsed")
    assert "has not looked at all yet" in before
    veteran(OrganisationFactory(name="Lapsed Mobile"))
    jobs.look_at_standings()
    found = html(boss, at("standings") + "?standing=lapsed")
    assert "Lapsed Mobile" in found
    assert "Own Mobile" not in found
    assert "last look" in found
    for sort in ("name", "-name", "kind", "-kind", "standing", "-standing", "x'", ""):
        assert "Lapsed Mobile" in html(boss, at("standings") + f"?sort={sort}&page=1")
    assert "Nobody like this" in html(boss, at("standings") + "?q=zzz")


def test_the_hub_and_who_is_not_listed_stand_on_no_list(boss, desk):
    OrganisationFactory(name="Provisional Mobile", state=OrganisationState.PROVISIONAL)
    for client in (boss, desk):
        listed = html(client, at("standings"))
        assert "Provisional Mobile" not in listed
        assert ">TCERT<" not in listed


def test_a_name_is_no_formula_in_a_spreadsheet(boss):
    OrganisationFactory(name='=HYPERLINK("x")')
    assert '\'=HYPERLINK("x")' in [row[0] for row in csv_of(boss, at("standings_csv"))]


def questions(client, address):
    html(client, address)
    with CaptureQueriesContext(connection) as asked:
        html(client, address)
    return len(asked)


def one_more():
    organisation = active()
    AbsenceFactory(organisation=organisation)
    OfficeFactory(organisation=organisation, person=member_of(TeamFactory()).id)
    SnapshotFactory(organisation=organisation)


@pytest.mark.parametrize("name", ["standings", "standings_csv", "offices"])
def test_lists_ask_a_constant_number_of_questions(boss, name):
    one_more()
    before = questions(boss, at(name))
    one_more(), one_more()
    assert questions(boss, at(name)) == before


@pytest.mark.parametrize("name", ["absences", "report", "report_csv"])
def test_lists_of_the_desk_ask_a_constant_number_of_questions(desk, name):
    one_more()
    before = questions(desk, at(name))
    one_more(), one_more()
    assert questions(desk, at(name)) == before


def test_the_own_page_asks_a_constant_number_of_questions(boss, team):
    active(team.organisation)
    before = questions(boss, at("own"))
    for _ in range(3):
        ContributionFactory(organisation=team.organisation)
        OfficeFactory(organisation=team.organisation)
        AbsenceFactory(organisation=team.organisation, state="refused")
    assert questions(boss, at("own")) == before


# The report ---------------------------------------------------------------------------------------


def test_the_report_counts_by_kind_and_names_nobody(desk):
    now = clock.now().replace(year=2027, month=5, day=20)
    vendor = OrganisationFactory(name="Vendor One", kind=OrganisationKind.VENDOR)
    for on in ("2027-03-31", "2027-04-01", "2027-06-30", "2027-07-01"):
        ContributionFactory(organisation=vendor, on=on)
    ContributionFactory(kind="vouch-given", on="2027-04-02")
    with clock.frozen(now):
        client = sign_in(Client(), coordinator_of_desk(), coordinator=True)
        rows = csv_of(client, at("report_csv"))
        assert rows[0] == ["period", "contribution", "mno", "vendor", "all"]
        assert ["2027-Q2", "mentored", "0", "2", "2"] in rows
        assert ["2027-Q2", "vouch-given", "1", "0", "1"] in rows
        assert rows[-1] == ["2027-Q2", "organisations", "1", "1", "2"]
        year = csv_of(client, at("report_csv") + "?period=2027")
        assert ["2027", "mentored", "0", "4", "4"] in year
        page = html(client, at("report"))
        assert "1 Apr 2027" in page
        assert "Vendor One" not in page
        assert "Nothing was done" in html(client, at("report") + "?period=2020-Q1")
        for wrong in ("2027-Q5", "x", "9999", "٢٠٢٧", "2000", "2099-Q4", "\x00"):
            html(client, at("report") + f"?period={wrong}")
