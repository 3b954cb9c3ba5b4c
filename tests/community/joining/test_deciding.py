"""What coordinators decide, who may not, and the founding phase."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.desk import InterestFactory, confirmed
from tests.factories.directory import OrganisationFactory, TeamFactory, coordinator_of_desk
from tests.factories.joining import (
    ObjectionFactory,
    SponsorshipFactory,
    founded,
    in_period,
    sponsored,
    submitted,
    word_for,
)
from tests.principals import declared, principal_of

from tcert.community.directory.models import Organisation, Team
from tcert.community.joining.domain import deciding, listing, objecting
from tcert.community.joining.enums import State
from tcert.community.joining.models import Application
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.second import NeedsSecond

pytestmark = pytest.mark.django_db


def test_the_first_look_lets_the_named_teams_be_asked(desk):
    asked = SponsorshipFactory(application=submitted())
    deciding.examine(principal=desk, application=asked.application)
    assert [one.team_id for one in Notice.objects.all()] == [asked.team_id]


def test_it_is_looked_at_once(desk):
    with pytest.raises(Conflict, match="colleague"):
        deciding.examine(principal=desk, application=submitted(examined=True))


def test_an_address_at_a_provider_that_serves_everybody_needs_a_word(desk):
    found = submitted(mail="nora@gmail.com", mail_domain="gmail.com")
    with pytest.raises(DomainError, match="serves everybody"):
        deciding.examine(principal=desk, application=found, word="  ")
    looked = deciding.examine(principal=desk, application=found, word="Met her in Oslo.")
    assert looked.is_mail_settled


def test_asking_lets_the_applicant_act_and_mails_no_word_of_it(desk):
    found = submitted()
    deciding.ask(principal=desk, application=found, text="Who answers at night?")
    found.refresh_from_db()
    assert found.state == State.MORE_INFORMATION
    mail = Mail.objects.get(recipient__isnull=False)
    assert mail.recipient == found.applicant.email
    assert b"night" not in bytes(mail.entity)
    assert found.name.encode() not in bytes(mail.entity)


def test_the_period_lasts_21_days_and_begins_from_two_words_only(desk):
    with pytest.raises(Conflict):
        deciding.open_period(principal=desk, application=submitted(examined=True))
    ready = sponsored()
    with clock.frozen(clock.now()):
        found = deciding.open_period(principal=desk, application=ready)
    assert found.objections_until - found.since == timedelta(days=21)


@pytest.mark.parametrize("state", ["listed", "provisional", "retired"])
def test_a_name_that_the_directory_has_is_found_out_before(desk, state):
    OrganisationFactory(name="Newcomer", state=state)
    with pytest.raises(DomainError, match="of this name"):
        deciding.open_period(principal=desk, application=sponsored(name="NEWCOMER"))


def test_putting_off_ends_a_period_and_keeps_the_words(desk):
    found = in_period()
    until = clock.now() + timedelta(days=30)
    deciding.defer(principal=desk, application=found, until=until, reason="Wait for the merger.")
    found.refresh_from_db()
    assert (found.state, found.objections_until) == (State.DEFERRED, None)
    deciding.resume(principal=desk, application=found)
    found.refresh_from_db()
    assert found.state == State.SPONSORED


@pytest.mark.parametrize("days", [-1, 0, 200])
def test_nothing_is_put_off_to_the_past_or_for_years(desk, days):
    with pytest.raises(DomainError, match="half year"):
        deciding.defer(
            principal=desk,
            application=submitted(),
            until=clock.now() + timedelta(days=days),
            reason="Later.",
        )


def test_declining_asks_for_the_name_and_gives_the_reason(desk):
    found = submitted()
    with pytest.raises(DomainError, match="exactly"):
        deciding.decline(principal=desk, application=found, reason="No.", confirmed_name="x")
    deciding.decline(
        principal=desk, application=found, reason="No team.", confirmed_name=found.name
    )
    found.refresh_from_db()
    assert (found.state, found.reason) == (State.DECLINED, "No team.")
    assert found.ended_at is not None


# The founding phase --------------------------------------------------------------------------


def test_while_the_hub_is_founded_two_coordinators_admit(desk):
    found = submitted(examined=True, name="First CERT")
    with pytest.raises(NeedsSecond):
        deciding.admit(principal=desk, application=found)
    assert not Organisation.objects.filter(name="First CERT").exists()
    deciding.admit(
        principal=desk, application=found, confirmation=confirmed(deciding.ADMIT, found.id)
    )
    found.refresh_from_db()
    assert (found.state, found.admitted_by_two) == (State.LISTED, True)
    assert found.team.organisation.name == "First CERT"
    assert Event.objects.get(kind="joining:listed").object_id == found.id


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"examined": False}, "first look"),
        ({"examined": True, "mail_proved_at": None}, "not proved"),
        ({"examined": True, "state": State.MORE_INFORMATION}, "first look"),
    ],
)
def test_nobody_is_admitted_unseen(desk, values, why):
    found = submitted(**values)
    with pytest.raises(DomainError, match=why):
        deciding.admit(
            principal=desk, application=found, confirmation=confirmed(deciding.ADMIT, found.id)
        )
    assert not Team.objects.filter(name=found.team_name).exists()


def test_after_the_tenth_member_two_coordinators_are_not_enough(desk):
    founded()
    with pytest.raises(DomainError, match="founding phase is over"):
        deciding.admit(principal=desk, application=submitted(examined=True))


def test_a_confirmation_of_another_application_admits_nobody(desk):
    one, other = submitted(examined=True), submitted(examined=True)
    with pytest.raises(NeedsSecond):
        deciding.admit(
            principal=desk, application=one, confirmation=confirmed(deciding.ADMIT, other.id)
        )


# Ties ------------------------------------------------------------------------------------------

ACTS = {
    "examine": lambda by, one: deciding.examine(principal=by, application=one),
    "ask": lambda by, one: deciding.ask(principal=by, application=one, text="?"),
    "write": lambda by, one: deciding.write(principal=by, application=one, text="."),
    "open": lambda by, one: deciding.open_period(principal=by, application=one),
    "admit": lambda by, one: deciding.admit(principal=by, application=one),
    "defer": lambda by, one: deciding.defer(
        principal=by, application=one, until=clock.now() + timedelta(days=9), reason="."
    ),
    "resume": lambda by, one: deciding.resume(principal=by, application=one),
    "decline": lambda by, one: deciding.decline(
        principal=by, application=one, reason=".", confirmed_name=one.name
    ),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["tied", "off duty", "member", "applicant"])
def test_nobody_else_decides(act, who, leader_of):
    owner = OrganisationFactory()
    found = submitted(examined=True, group=owner)
    person = coordinator_of_desk()
    declared(person)
    if who == "tied":
        InterestFactory(person=person, organisation=owner)
        principal = principal_of(person, coordinator=True)
    elif who == "off duty":
        principal = principal_of(person)
    else:
        principal = leader_of() if who == "member" else principal_of(found.applicant)
    with pytest.raises(PermissionDenied):
        ACTS[act](principal, found)


def test_a_provisional_team_that_a_coordinator_does_not_see_applies_unseen_by_them():
    """That it is there tells that a case is about it."""
    owner = OrganisationFactory()
    house = OrganisationFactory(state="provisional", group=owner)
    found = submitted(team=TeamFactory(organisation=house))
    person, other = coordinator_of_desk(), coordinator_of_desk()
    for one in (person, other):
        declared(one)
    InterestFactory(person=person, organisation=owner)
    tied, free = (principal_of(one, coordinator=True) for one in (person, other))
    for principal, seen in ((tied, False), (free, True)):
        assert Application.objects.for_desk(principal).filter(pk=found.pk).exists() is seen
        assert found.is_visible_to(principal) is seen


def test_words_that_came_before_the_first_look_count_from_it(desk):
    found = submitted()
    word_for(found)
    word_for(found)
    deciding.examine(principal=desk, application=found)
    found.refresh_from_db()
    assert found.state == State.SPONSORED


def test_nobody_is_admitted_over_an_open_objection(desk):
    """The member who objects is told that nothing is listed before the desk has decided."""
    found = sponsored()
    made = ObjectionFactory(application=found)
    confirmation = confirmed(deciding.ADMIT, found.id)
    with pytest.raises(DomainError, match="objection"):
        deciding.admit(principal=desk, application=found, confirmation=confirmation)
    objecting.decide(principal=desk, objection=made, upholds=False, answer="No.")
    deciding.admit(principal=desk, application=found, confirmation=confirmation)
    found.refresh_from_db()
    assert found.state == State.LISTED


def test_nobody_is_listed_whose_account_was_closed(desk):
    """A team whose only person cannot sign in, closed by the desk, is no team to seal to."""
    found, due = sponsored(), in_period(left=timedelta(seconds=-1))
    for one in (found, due):
        one.applicant.is_active = False
        one.applicant.save()
    with pytest.raises(DomainError, match="account"):
        deciding.open_period(principal=desk, application=found)
    confirmation = confirmed(deciding.ADMIT, found.id)
    with pytest.raises(DomainError, match="account"):
        deciding.admit(principal=desk, application=found, confirmation=confirmation)
    listing.advance(due.id)
    due.refresh_from_db()
    assert due.state == State.OBJECTIONS
