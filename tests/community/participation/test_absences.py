"""Excused absences: who asks and decides, how many days there are, and every change of state."""

from datetime import timedelta
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.participation import AbsenceFactory, OfficeFactory, active
from tests.principals import principal_of

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.notices.models import Notice
from tcert.community.participation import queries
from tcert.community.participation.domain import absences, offices
from tcert.community.participation.enums import ABSENCE_MOVES, AbsenceState, State
from tcert.community.participation.models import Absence, Office
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def boss(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


@pytest.fixture
def desk():
    return principal_of(coordinator_of_desk(), coordinator=True)


def ask(principal, organisation, start=1, length=30):
    first = clock.today() + timedelta(days=start)
    return absences.ask(
        principal=principal,
        organisation=organisation,
        first=first,
        last=first + timedelta(days=length - 1),
        reason="We move.",
    )


def decide(principal, absence, *, confirmed=True, answer=""):
    return absences.decide(
        principal=principal,
        absence=absence,
        confirmed=confirmed,
        answer=answer,
        shown=absence.shown,
    )


def test_what_is_asked_counts_once_a_coordinator_confirms(team, boss, desk):
    organisation = active(team.organisation, days=355)
    asked = ask(boss, organisation, start=0, length=60)
    assert queries.standing_of(organisation).state is State.WARNED
    decide(desk, asked, answer="Granted.")
    assert queries.standing_of(organisation).excused_until == asked.last
    notice = Notice.objects.get(team=team)
    assert "We move" not in f"{notice.subject} {notice.text}"
    acts = AuditRecord.objects.filter(object_kind="absence").values_list("act", flat=True)
    assert sorted(acts) == [absences.ASK, absences.DECIDE]


def test_the_days_are_limited_in_any_two_years(team, boss):
    organisation = team.organisation
    ask(boss, organisation, start=1, length=100)
    with pytest.raises(DomainError, match="At most 180 days"):
        ask(boss, organisation, start=200, length=81)
    ask(boss, organisation, start=200, length=80)
    # What was refused or taken back uses none of them.
    Absence.objects.update(state=AbsenceState.REFUSED)
    ask(boss, organisation, start=1, length=180)


@pytest.mark.parametrize(("start", "length"), [(-31, 5), (366, 5), (1, 0), (1, 181)])
def test_days_out_of_reach_are_refused(team, boss, start, length):
    with pytest.raises(DomainError):
        ask(boss, team.organisation, start=start, length=length)
    assert not Absence.objects.exists()


def test_the_same_days_are_not_asked_for_twice(team, boss):
    ask(boss, team.organisation, start=1, length=10)
    with pytest.raises(Conflict):
        ask(boss, team.organisation, start=10, length=5)
    ask(boss, team.organisation, start=11, length=5)


def test_refusing_takes_words(team, boss, desk):
    asked = ask(boss, team.organisation)
    with pytest.raises(DomainError, match="Say in words"):
        decide(desk, asked, confirmed=False, answer="  ")
    assert decide(desk, asked, confirmed=False, answer="No.").state == AbsenceState.REFUSED


ACTS = {
    AbsenceState.CONFIRMED: lambda desk, _boss, one: decide(desk, one),
    AbsenceState.REFUSED: lambda desk, _boss, one: decide(desk, one, confirmed=False, answer="No."),
    AbsenceState.WITHDRAWN: lambda _desk, boss, one: absences.withdraw(
        principal=boss, absence=one, shown=one.shown
    ),
}


@pytest.mark.parametrize(("before", "after"), list(product(AbsenceState, ACTS)))
def test_every_pair_of_states(team, boss, desk, before, after):
    one = AbsenceFactory(organisation=team.organisation, state=before)
    if (before, after) in ABSENCE_MOVES:
        assert ACTS[after](desk, boss, one).state == after
    else:
        with pytest.raises(AlreadyDone):
            ACTS[after](desk, boss, one)
    one.refresh_from_db()
    assert one.state == (after if (before, after) in ABSENCE_MOVES else before)


def test_an_old_page_changes_nothing(team, boss, desk):
    one = AbsenceFactory(organisation=team.organisation)
    old = Absence.objects.get(pk=one.pk)
    decide(desk, one)
    with pytest.raises(AlreadyDone):
        absences.withdraw(principal=boss, absence=old, shown=old.shown)


# Who may ------------------------------------------------------------------------------------------

P = Permission
GRANTED = {
    "member": {P.PARTICIPATION_OWN_READ},
    "deputy": {P.PARTICIPATION_OWN_READ, P.PARTICIPATION_ABSENCE_ASK},
    "representative": {P.PARTICIPATION_OWN_READ, P.PARTICIPATION_ABSENCE_ASK},
    "other representative": set(),
    "provisional": set(),
    "desk without a session": set(),
    "coordinator": {P.PARTICIPATION_OWN_READ, P.PARTICIPATION_MANAGE},
    "coordinator with an interest": set(),
    "coordinator of the house": {P.PARTICIPATION_OWN_READ},
}


def actor(kind, team):
    if kind in {"member", "deputy", "representative"}:
        return principal_of(member_of(team, TeamRole(kind)))
    if kind == "other representative":
        return principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    if kind == "provisional":
        house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
        return principal_of(member_of(TeamFactory(organisation=house), TeamRole.REPRESENTATIVE))
    person = coordinator_of_desk()
    if kind == "coordinator with an interest":
        InterestFactory(person=person, organisation=team.organisation)
    if kind == "coordinator of the house":
        TeamMembershipFactory(team=team, person=person)
    return principal_of(person, coordinator=kind != "desk without a session")


@pytest.mark.parametrize("kind", GRANTED)
def test_who_may_do_what_with_an_organisation(team, kind):
    asked = (P.PARTICIPATION_OWN_READ, P.PARTICIPATION_ABSENCE_ASK, P.PARTICIPATION_MANAGE)
    principal = actor(kind, team)
    absence = AbsenceFactory(organisation=team.organisation)
    for about in (team.organisation, absence):
        assert {one for one in asked if allowed(principal, one, about)} == GRANTED[kind]
    seen = P.PARTICIPATION_OWN_READ in GRANTED[kind]
    assert absence.is_visible_to(principal) == seen
    assert Absence.objects.visible_to(principal).exists() == seen


@pytest.mark.parametrize("kind", GRANTED)
def test_the_acts_themselves_ask(team, kind):
    principal = actor(kind, team)
    absence = AbsenceFactory(organisation=team.organisation)
    office = OfficeFactory(organisation=team.organisation)
    acts = {
        P.PARTICIPATION_ABSENCE_ASK: lambda: ask(principal, team.organisation, start=100),
        P.PARTICIPATION_MANAGE: lambda: offices.end(
            principal=principal,
            office=office,
            last=clock.today() + DAY,
            confirmed_name=team.organisation.name,
        ),
    }
    for permission, do in acts.items():
        if permission in GRANTED[kind]:
            do()
        else:
            with pytest.raises(PermissionDenied):
                do()
    if P.PARTICIPATION_MANAGE not in GRANTED[kind]:
        with pytest.raises(PermissionDenied):
            decide(principal, absence)


# Offices ------------------------------------------------------------------------------------------


def enter(principal, organisation, **values):
    told = {"body": "Plenary", "title": "Chair", "first": clock.today(), "last": None}
    return offices.enter(
        principal=principal,
        organisation=organisation,
        **{"person_id": None, **told, **values},
    )


def test_an_office_counts_until_it_is_ended(team, desk):
    office = enter(desk, team.organisation)
    assert queries.standing_of(team.organisation).is_met
    with pytest.raises(DomainError, match="Type the name"):
        offices.end(principal=desk, office=office, last=clock.today(), confirmed_name="No")
    offices.end(
        principal=desk,
        office=office,
        last=clock.today(),
        confirmed_name=team.organisation.name,
    )
    tomorrow = clock.today() + DAY
    assert not queries.standing_of(team.organisation, tomorrow).is_met
    with pytest.raises(AlreadyDone):
        offices.end(
            principal=desk,
            office=office,
            last=tomorrow,
            confirmed_name=team.organisation.name,
        )


def test_an_office_is_held_by_somebody_of_the_organisation(team, desk):
    with pytest.raises(DomainError, match="no team of the organisation"):
        enter(desk, team.organisation, person_id=member_of(TeamFactory()).id)
    with pytest.raises(DomainError, match="before"):
        enter(desk, team.organisation, last=clock.today() - DAY)
    assert not Office.objects.exists()
    assert enter(desk, team.organisation, person_id=member_of(team).id).person
