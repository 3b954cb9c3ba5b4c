"""The path of a young team: its steps follow from real records, and my day shows the next."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.accounts import PersonFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.inventory import EquipmentFactory, ProductFactory
from tests.factories.keys import TeamKeyFactory
from tests.factories.maturity import PauseFactory
from tests.factories.responsibility import MatrixFactory, named
from tests.principals import principal_of, sign_in

from tcert.community.directory import path_steps
from tcert.community.directory.enums import (
    KeyState,
    OrganisationKind,
    OrganisationState,
    Section,
    TeamKind,
    TeamRole,
)
from tcert.community.directory.establishing import DESCRIPTION, MANDATE
from tcert.community.directory.models import Channel, TeamSection
from tcert.community.directory.path_steps import Standing
from tcert.community.maturity import queries
from tcert.community.maturity.domain import paths
from tcert.community.maturity.models import Pause
from tcert.community.responsibility.models import Entry
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.ui.waiting import waiting_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory(name="Own CERT")


@pytest.fixture
def boss(team):
    return member_of(team, TeamRole.REPRESENTATIVE)


def standing(team, name):
    """Return how far a team is with one step, and what it lacks."""
    team.refresh_from_db()
    step = next(one for one in path_steps.steps() if one.name == name)
    progress = step.state([team]).get(team.id)
    return progress and (progress.standing, len(progress.lacks))


def write(team, *sections):
    for section in sections:
        TeamSection.objects.create(team=team, section=section, language="fi", text="Sanoja.")


def reach(team, kind, purpose, value, **values):
    return Channel.objects.create(team=team, kind=kind, purpose=purpose, value=value, **values)


def test_the_steps_stand_in_the_order_of_the_path():
    names = [step.name for step in path_steps.steps()]
    known = [
        "mandate",
        "constituency",
        "people",
        "channels",
        "key",
        "rfc2350",
        "security-txt",
        "equipment",
        "published",
    ]
    assert [name for name in names if name in known] == known
    assert names[-1] == "published"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("mandate", MANDATE), ("constituency", (Section.CONSTITUENCY,)), ("rfc2350", DESCRIPTION)],
)
def test_sections_in_any_language_do_a_step(team, name, wanted):
    assert standing(team, name) == (Standing.OPEN, len(wanted))
    for at, section in enumerate(wanted, 1):
        write(team, section)
        left = len(wanted) - at
        assert standing(team, name) == (Standing.BEGUN if left else Standing.DONE, left)


def test_people_are_two_of_whom_one_leads_one_is_on_duty_and_hours_are_stated(team):
    assert standing(team, "people") == (Standing.OPEN, 4)
    member_of(team, TeamRole.REPRESENTATIVE)
    assert standing(team, "people") == (Standing.BEGUN, 3)
    member_of(team, TeamRole.DUTY_OFFICER)
    assert standing(team, "people") == (Standing.BEGUN, 1)
    team.hours = ["always"]
    team.save()
    assert standing(team, "people") == (Standing.DONE, 0)


def test_a_closed_account_is_no_second_person(team):
    member_of(team, TeamRole.REPRESENTATIVE)
    gone = PersonFactory(is_active=False)
    TeamMembershipFactory(team=team, person=gone, role=TeamRole.DEPUTY)
    assert standing(team, "people") == (Standing.BEGUN, 3)


def test_channels_are_a_mail_of_the_team_and_a_phone_at_night(team):
    assert standing(team, "channels") == (Standing.OPEN, 2)
    reach(team, "email", "main", "cert@own.example")
    assert standing(team, "channels") == (Standing.BEGUN, 1)
    reach(team, "phone", "main", "+358 9 1")
    assert standing(team, "channels") == (Standing.BEGUN, 1)
    reach(team, "phone", "24/7", "+358 9 2")
    assert standing(team, "channels") == (Standing.DONE, 0)


def test_a_key_counts_once_the_desk_has_confirmed_it_and_while_it_lasts(team):
    assert standing(team, "key") == (Standing.OPEN, 1)
    key = TeamKeyFactory(team=team, state=KeyState.PENDING)
    assert standing(team, "key") == (Standing.BEGUN, 1)
    key.state = KeyState.ACTIVE
    key.save()
    assert standing(team, "key") == (Standing.DONE, 0)
    key.expires_at = clock.now() - timedelta(days=1)
    key.save()
    assert standing(team, "key") == (Standing.OPEN, 1)


def test_a_security_txt_asks_for_a_contact_that_strangers_may_see(team):
    team.organisation.website = "https://own.example"
    team.organisation.save()
    reach(team, "email", "main", "cert@own.example")
    reach(team, "phone", "24/7", "+358 9 2", is_public=True)
    reach(team, "web", "disclosure", "http://own.example/plain", is_public=True)
    assert standing(team, "security-txt") == (Standing.OPEN, 1)
    reach(team, "email", "disclosure", "psirt@own.example", is_public=True)
    assert standing(team, "security-txt") == (Standing.DONE, 0)
    answer = Client().get(reverse("directory:security_txt", args=[team.id]))
    assert b"psirt@own.example" in answer.content, "the step says what the document does"


def test_equipment_is_of_operators_products_of_vendors_and_nothing_of_others():
    operator = TeamFactory()
    assert standing(operator, "equipment") == (Standing.OPEN, 1)
    EquipmentFactory(organisation=operator.organisation)
    assert standing(operator, "equipment") == (Standing.DONE, 0)
    vendor = TeamFactory(organisation__kind=OrganisationKind.VENDOR)
    assert standing(vendor, "equipment") == (Standing.OPEN, 1)
    ProductFactory(vendor=vendor.organisation)
    assert standing(vendor, "equipment") == (Standing.DONE, 0)
    assert standing(TeamFactory(organisation__kind=OrganisationKind.LAB), "equipment") is None


def test_the_page_is_published_once_it_is_listed_and_confirmed(team):
    assert standing(team, "published") == (Standing.OPEN, 1)
    team.confirmed_at = clock.now()
    team.save()
    assert standing(team, "published") == (Standing.DONE, 0)
    team.organisation.state = OrganisationState.PROVISIONAL
    team.organisation.save()
    assert standing(team, "published")[0] == Standing.BEGUN
    team.organisation.state = OrganisationState.LISTED
    team.organisation.save()
    with clock.frozen(clock.now() + timedelta(days=91)):
        assert standing(team, "published")[0] == Standing.BEGUN


def test_a_list_of_teams_asks_no_more_than_one_team():
    counts = []
    for number in (1, 3):
        teams = [TeamFactory() for _ in range(number)]
        with CaptureQueriesContext(connection) as asked:
            path_steps.walk(teams)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def titles(person):
    lines = waiting_for(principal_of(person))
    return [str(one.title) for one in lines if "Establish" in str(one.title)]


def test_my_day_shows_the_next_step_until_it_is_done(team, boss):
    assert titles(boss) == ["Establish Own CERT: Sponsor and mandate"]
    write(team, *MANDATE)
    assert titles(boss) == ["Establish Own CERT: Constituency"]
    assert titles(member_of(team)) == [], "who does not lead the team is not asked"


def test_my_day_leaves_an_old_team_and_the_desk_in_peace(team, boss):
    with clock.frozen(clock.now() + queries.YOUNG + timedelta(days=1)):
        assert titles(boss) == []
    assert titles(member_of(DeskFactory(), TeamRole.REPRESENTATIVE)) == []


def test_a_path_that_is_put_away_comes_back_after_30_days(team, boss):
    principal = principal_of(boss)
    paths.put_away(principal=principal, team=team)
    assert titles(boss) == []
    with clock.frozen(clock.now() + timedelta(days=29)):
        assert titles(boss) == []
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert titles(boss) == ["Establish Own CERT: Sponsor and mandate"]
    paths.take_up(principal=principal, team=team)
    assert titles(boss) == ["Establish Own CERT: Sponsor and mandate"]
    with pytest.raises(AlreadyDone):
        paths.take_up(principal=principal, team=team)
    acts = [one.act for one in AuditRecord.objects.filter(object_kind="team").order_by("at")]
    assert {paths.PUT_AWAY, paths.TAKE_UP} <= set(acts)


def test_only_who_leads_the_team_puts_its_path_away(team):
    strangers = [
        principal_of(member_of(team)),
        principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE)),
        principal_of(coordinator_of_desk(), coordinator=True),
    ]
    for principal in strangers:
        with pytest.raises(PermissionDenied):
            paths.put_away(principal=principal, team=team)
    assert not Pause.objects.exists()


# Pages ---------------------------------------------------------------------


def page(client, name, *args, status=200):
    answer = client.get(reverse(f"maturity:{name}", args=args))
    assert answer.status_code == status
    return answer.content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("boss", 200), ("colleague", 200), ("member", 403), ("coordinator", 200)]
)
def test_who_reads_the_path_of_a_team(team, who, status):
    if who == "coordinator":
        client = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    else:
        place = TeamFactory() if who == "member" else team
        role = TeamRole.REPRESENTATIVE if who == "boss" else TeamRole.MEMBER
        client = sign_in(Client(), member_of(place, role))
    html = page(client, "path", team.id, status=status)
    links = reverse("directory:section", args=[team.id, "3.1", "en"]) in html
    assert links == (who in {"boss", "coordinator"}), "who may not change it gets no link to it"


def test_a_hidden_team_has_no_path_for_others(team):
    hidden = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    client = sign_in(Client(), member_of(team, TeamRole.REPRESENTATIVE))
    page(client, "path", hidden.id, status=404)


def test_the_path_page_puts_away_and_takes_up(team, boss):
    client = sign_in(Client(), boss)
    assert "Not now" in page(client, "path", team.id)
    client.post(reverse("maturity:put_away", args=[team.id]))
    assert "Put away until" in page(client, "path", team.id)
    client.post(reverse("maturity:take_up", args=[team.id]))
    assert "Put away until" not in page(client, "path", team.id)
    PauseFactory(team=team, until=clock.now() - timedelta(days=1))
    assert "Put away until" not in page(client, "path", team.id), "what is over says nothing"


def test_an_organisation_without_a_response_team_is_told_how_to_begin():
    desk = DeskFactory()
    house = OrganisationFactory(name="Fjord Mobile")
    fraud = TeamFactory(organisation=house, kind=TeamKind.FRAUD)
    client = sign_in(Client(), member_of(fraud))
    html = page(client, "start")
    assert "Fjord Mobile has no response team yet" in html
    assert reverse("directory:team", args=[desk.id]) in html
    TeamFactory(organisation=house, kind=TeamKind.CERT)
    assert "has no response team yet" not in page(client, "start")


def test_the_survey_lists_those_without_a_team_and_all_on_request():
    OrganisationFactory(name="Bare Mobile")
    TeamFactory(name="Full CERT", organisation__name="Full Mobile")
    client = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    html = page(client, "survey")
    assert "Bare Mobile" in html
    assert "Full Mobile" not in html
    every = client.get(reverse("maturity:survey"), {"show": "all"}).content.decode()
    assert "Full CERT" in every
    assert "Sponsor and mandate" in every


def test_the_survey_asks_the_same_for_one_organisation_and_for_three():
    client = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    counts = []
    for _ in range(2):
        for _ in range(1 + len(counts)):
            TeamFactory()
        client.get(reverse("maturity:survey"), {"show": "all"})
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("maturity:survey"), {"show": "all"})
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_survey_is_for_coordinators_alone(team, boss):
    page(sign_in(Client(), boss), "survey", status=403)
    page(sign_in(Client(), coordinator_of_desk()), "survey", status=403)


@pytest.mark.slow
@pytest.mark.parametrize("state", [OrganisationState.LISTED, OrganisationState.PROVISIONAL])
def test_every_link_of_the_path_opens_for_who_leads_the_team(state):
    """A step that a team cannot take, or whose page does not open, is no step of its path."""
    organisation = OrganisationFactory(kind=OrganisationKind.MNO, state=state)
    team = TeamFactory(organisation=organisation)
    browser = sign_in(Client(), member_of(team, TeamRole.REPRESENTATIVE))
    reached = path_steps.walk([team])[team.id]
    links = {one.url for one in reached if one.url}
    links |= {lack.url for one in reached for lack in one.progress.lacks}
    answers = {link: browser.get(link.partition("#")[0]).status_code for link in links}
    assert {link: code for link, code in answers.items() if code != 200} == {}


def test_what_is_refused_is_nobodys_accountability():
    organisation = OrganisationFactory(kind=OrganisationKind.MNO)
    team = TeamFactory(organisation=organisation)
    entry = named(MatrixFactory(organisation=organisation), confirmed_at=clock.now())
    before = standing(team, "accountability")
    Entry.objects.filter(pk=entry.pk).update(refused_at=clock.now())
    assert (before[1], standing(team, "accountability")[1]) == (1, 2)
