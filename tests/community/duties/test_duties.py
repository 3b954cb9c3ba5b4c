"""Duties to report: who reads and declares them, and what bad or late input meets."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.duties import DutyFactory
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationState, SafeHarbour, TeamRole
from tcert.community.duties import waiting
from tcert.community.duties.domain import duties
from tcert.community.duties.laws import LAWS
from tcert.community.duties.models import Duty
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shown import mark
from tcert.foundation.kernel.tlp import Tlp

pytestmark = pytest.mark.django_db
VALUES = {
    "law": "Act 1, section 4",
    "trigger": "incident",
    "authority": "national CSIRT",
    "hours": 24,
    "note": "",
    "source": "",
    "tlp": "GREEN",
}


@pytest.fixture
def team():
    return TeamFactory(organisation__name="Nordtel", organisation__short_name="Nordtel")


@pytest.fixture
def lead(team):
    return member_of(team, TeamRole.REPRESENTATIVE)


def test_who_reads_which_duty(team):
    own, other = member_of(team), member_of(TeamFactory())
    coordinator = coordinator_of_desk()
    green = DutyFactory(organisation=team.organisation)
    amber = DutyFactory(organisation=team.organisation, tlp=Tlp.AMBER)
    over = DutyFactory(organisation=team.organisation, ended_at=clock.now())
    unlisted = TeamFactory(organisation__state=OrganisationState.SUSPENDED)
    hidden = DutyFactory(organisation=unlisted.organisation)
    table = [
        (ANONYMOUS, set()),
        (principal_of(member_of(unlisted)), set()),
        (principal_of(other), {green}),
        (principal_of(coordinator), {green}),
        (principal_of(own), {green, amber, over}),
        (principal_of(coordinator, coordinator=True), {green, amber, over, hidden}),
    ]
    for principal, seen in table:
        assert set(Duty.objects.visible_to(principal)) == seen
        told = {one for one in (green, amber, over, hidden) if one.is_visible_to(principal)}
        assert told == seen


def test_who_leads_in_the_organisation_declares_and_nobody_for_them(team, lead):
    for person, coordinator in (
        (member_of(team), False),
        (member_of(TeamFactory(), TeamRole.REPRESENTATIVE), False),
        (coordinator_of_desk(), True),
    ):
        with pytest.raises(PermissionDenied):
            duties.declare(
                principal=principal_of(person, coordinator=coordinator),
                organisation=team.organisation,
                **VALUES,
            )
    duty = duties.declare(principal=principal_of(lead), organisation=team.organisation, **VALUES)
    assert (duty.law, duty.hours) == ("Act 1, section 4", 24)
    assert AuditRecord.objects.get(act="duties:duty:declare").object_id == team.organisation_id


def test_of_two_who_change_it_at_once_the_second_is_told(team, lead):
    duty = DutyFactory(organisation=team.organisation)
    shown = mark(duty, duties.FIELDS)
    principal = principal_of(lead)
    duties.change(principal=principal, duty=duty, shown=shown, **{**VALUES, "hours": 72})
    with pytest.raises(Conflict):
        duties.change(principal=principal, duty=duty, shown=shown, **{**VALUES, "hours": 6})
    duty.refresh_from_db()
    assert duty.hours == 72
    duties.set_ended(principal=principal, duty=duty, ended=True)
    with pytest.raises(AlreadyDone):
        duties.change(principal=principal, duty=duty, shown=mark(duty, duties.FIELDS), **VALUES)
    with pytest.raises(AlreadyDone):
        duties.set_ended(principal=principal, duty=duty, ended=True)
    duties.set_ended(principal=principal, duty=duty, ended=False)
    assert Duty.objects.standing().get() == duty


def test_more_than_a_hundred_are_refused(team, lead):
    DutyFactory.create_batch(duties.MOST, organisation=team.organisation)
    with pytest.raises(DomainError, match="100"):
        duties.declare(principal=principal_of(lead), organisation=team.organisation, **VALUES)


def test_after_a_year_my_day_asks_until_somebody_says_that_it_is_right(team, lead):
    DutyFactory(organisation=team.organisation, looked_at=clock.now() - timedelta(days=366))
    (line,) = waiting.duties(principal_of(lead))
    assert "Nordtel" in str(line.title)
    assert not list(waiting.duties(principal_of(member_of(team))))
    duties.look_at_all(principal=principal_of(lead), organisation=team.organisation)
    assert not list(waiting.duties(principal_of(lead)))


# Pages -----------------------------------------------------------------------------------------


def page(name, *args):
    return reverse(f"duties:{name}", args=args)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.slug)
def test_each_example_can_be_entered_as_it_stands(team, lead, law):
    client = sign_in(Client(), lead)
    address = page("declare", team.organisation_id) + f"?law={law.slug}"
    form = client.get(address).context["form"]
    typed = {field.name: "" if field.value() is None else field.value() for field in form}
    answer = client.post(address, typed)
    assert answer.status_code == 302, answer.context["form"].errors
    duty = Duty.objects.get()
    assert (duty.law, duty.hours or 0, duty.trigger) == (law.law, law.hours, law.trigger)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours", "-1"),
        ("hours", "99999999999999999999"),
        ("law", ""),
        ("law", "x" * 161),
        ("law", "two\nlines"),
        ("source", "javascript:alert(1)"),
        ("tlp", "RED"),
        ("trigger", "nothing"),
    ],
)
def test_wrong_input_is_refused_and_kept(team, lead, field, value):
    client = sign_in(Client(), lead)
    answer = client.post(
        page("declare", team.organisation_id),
        {**VALUES, "shown": "", "note": "Kept.", field: value},
    )
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert "Kept." in answer.content.decode()
    assert not Duty.objects.exists()


def test_the_organisation_states_its_safe_harbour_itself_and_strangers_read_it(team, lead):
    client = sign_in(Client(), lead)
    address = page("harbour", team.organisation_id)
    shown = client.get(address).context["form"]["shown"].value()
    typed = {"safe_harbour": "stated", "safe_harbour_policy": "", "shown": shown}
    refused = client.post(address, typed)
    assert refused.status_code == 400
    assert "Name the page" in refused.content.decode()
    client.post(address, {**typed, "safe_harbour_policy": "https://nordtel.example/safe"})
    team.organisation.refresh_from_db()
    assert team.organisation.safe_harbour == SafeHarbour.STATED
    public = Client().get(reverse("directory:organisation", args=[team.organisation_id]))
    assert "https://nordtel.example/safe" in public.content.decode()
    other = sign_in(Client(), member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    assert other.get(address).status_code == 403


def test_a_duty_of_others_cannot_be_opened_to_change(team):
    duty = DutyFactory(organisation=team.organisation)
    amber = DutyFactory(organisation=team.organisation, tlp=Tlp.AMBER)
    other = sign_in(Client(), member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    assert other.get(page("change", duty.id)).status_code == 403
    assert other.get(page("change", amber.id)).status_code == 404
    listed = other.get(page("everybody")).content.decode()
    assert duty.law in listed
    assert amber.law not in listed


def test_the_sheet_holds_what_the_list_shows_and_no_formula(team):
    DutyFactory(organisation=team.organisation, law="=HYPERLINK(1)")
    DutyFactory(law="Other law", trigger="outage")
    client = sign_in(Client(), member_of(TeamFactory()))
    rows = list(csv.DictReader(StringIO(client.get(page("csv")).content.decode())))
    assert {row["law"] for row in rows} == {"'=HYPERLINK(1)", "Other law"}
    narrowed = client.get(page("csv") + "?trigger=outage").content.decode()
    assert "Other law" in narrowed
    assert "HYPERLINK" not in narrowed


def test_the_list_asks_as_often_for_three_as_for_one(django_assert_num_queries, team):
    client = sign_in(Client(), member_of(team))
    DutyFactory(organisation=team.organisation)
    addresses = [page("everybody"), page("organisation", team.organisation_id)]
    counts = []
    for address in addresses:
        with CaptureQueriesContext(connection) as counted:
            client.get(address)
        counts.append(len(counted))
    DutyFactory.create_batch(2, organisation=team.organisation)
    DutyFactory.create_batch(2)
    for address, count in zip(addresses, counts, strict=True):
        with django_assert_num_queries(count):
            client.get(address)


def test_the_page_of_an_organisation_shows_members_its_duties_and_strangers_none(team, lead):
    address = reverse("directory:organisation", args=[team.organisation_id])
    assert "Enter a duty" in sign_in(Client(), lead).get(address).content.decode()
    DutyFactory(organisation=team.organisation, law="Act 7")
    DutyFactory(organisation=team.organisation, law="Act 8", tlp=Tlp.AMBER)
    member = sign_in(Client(), member_of(TeamFactory()))
    assert "Act 7" in member.get(address).content.decode()
    for client, law in ((member, "Act 8"), (Client(), "Act 7"), (Client(), "Duties to report")):
        assert law not in client.get(address).content.decode()


def test_putting_back_does_not_pass_the_limit(team, lead):
    over = DutyFactory(organisation=team.organisation, ended_at=clock.now())
    DutyFactory.create_batch(duties.MOST, organisation=team.organisation)
    with pytest.raises(DomainError, match="100"):
        duties.set_ended(principal=principal_of(lead), duty=over, ended=False)
    assert Duty.objects.standing().count() == duties.MOST
