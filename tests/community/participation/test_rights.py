"""What standing opens, and that nobody is ever cut off from what concerns them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.notices import NoticeFactory
from tests.factories.participation import AbsenceFactory, active, veteran
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.membership import sponsors
from tcert.community.membership.domain import vouches
from tcert.community.membership.enums import Basis
from tcert.community.notices.domain.telling import notify_team
from tcert.community.notices.models import Notice
from tcert.community.participation import rights
from tcert.community.participation.models import Contribution
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS

pytestmark = pytest.mark.django_db


def excused():
    found = active(days=200)
    AbsenceFactory(organisation=found, state="confirmed", first=clock.today())
    return found


RIGHTS = {
    "in standing": (active, True),
    "warned": (lambda: active(days=330), True),
    "in grace": (OrganisationFactory, True),
    "excused": (excused, True),
    "lapsed": (veteran, False),
    "not listed": (lambda: OrganisationFactory(state=OrganisationState.PROVISIONAL), False),
    "retired": (lambda: active(OrganisationFactory(state=OrganisationState.RETIRED)), False),
    "the hub": (lambda: DeskFactory().organisation, False),
}


@pytest.mark.parametrize("how", RIGHTS)
def test_the_same_answer_everywhere(how):
    make, expected = RIGHTS[how]
    organisation = make()
    reader = principal_of(member_of(TeamFactory(organisation=organisation)))
    assert rights.may_vote(organisation.id) == expected
    assert rights.may_sponsor(organisation.id) == expected
    assert (organisation.id in sponsors.able([organisation.id])) == expected
    assert rights.may_read_restricted(reader) == expected


def test_strangers_have_none_and_coordinators_read():
    assert not rights.may_read_restricted(ANONYMOUS)
    assert rights.may_read_restricted(principal_of(coordinator_of_desk(), coordinator=True))
    assert not rights.may_vote(veteran().group_id or DeskFactory().id)


def test_one_organisation_in_standing_is_enough_to_read():
    person = member_of(TeamFactory(organisation=veteran()))
    assert not rights.may_read_restricted(principal_of(person))
    TeamFactory(organisation=active()).memberships.create(person=person, role="member")
    assert rights.may_read_restricted(principal_of(person))


def test_many_are_asked_about_in_a_constant_number_of_questions(django_assert_num_queries):
    ids = [active().id, veteran().id, *(active().id for _ in range(5))]
    with django_assert_num_queries(5):
        assert len(sponsors.able(ids)) == 6
    with django_assert_num_queries(0):
        assert rights.in_standing([]) == frozenset()


def test_rights_come_back_by_themselves():
    organisation = veteran()
    assert not rights.may_vote(organisation.id)
    active_on = clock.today()
    for n in range(2):
        Contribution.objects.create(
            organisation=organisation, kind="mentored", object_id=f"{n:032x}", on=active_on
        )
    assert rights.may_vote(organisation.id)


@pytest.fixture
def lapsed():
    team = TeamFactory(organisation=veteran())
    team.channels.create(kind="email", purpose="main", value="cert@lapsed.example")
    return team


def test_vouches_between_listed_teams_stay_as_they_are(lapsed):
    given = vouches.give(
        principal=principal_of(member_of(lapsed, TeamRole.REPRESENTATIVE)),
        from_team=lapsed,
        to_team=TeamFactory(),
        basis=Basis.MET_IN_PERSON,
        statement="Met.",
    )
    assert given.is_standing


def test_who_has_lapsed_is_told_like_everybody_else(lapsed, mailoutbox):
    other = TeamFactory(organisation=active())
    other.channels.create(kind="email", purpose="main", value="cert@active.example")
    assert not rights.may_vote(lapsed.organisation_id)
    told = {
        notify_team(team.id, subject="A case waits", text="Look.", urgent=True)
        for team in (lapsed, other)
    }
    assert len(told) == 1
    assert Notice.objects.filter(team=lapsed).count() == 1


def test_who_has_lapsed_reads_their_notices_cases_and_own_pages(lapsed):
    client = sign_in(Client(), member_of(lapsed, TeamRole.REPRESENTATIVE))
    case = CaseFactory()
    ParticipantFactory(case=case, team=lapsed)
    notice = NoticeFactory(team=lapsed)
    for address in (
        "/my-day/",
        f"/cases/{case.id}/",
        reverse("notices:notice", args=[notice.id]),
        reverse("directory:team", args=[lapsed.id]),
        reverse("directory:keys", args=[lapsed.id]),
        reverse("participation:own"),
        reverse("participation:standings"),
        reverse("membership:vouches"),
    ):
        assert client.get(address).status_code == 200, address


def test_an_old_day_is_asked_about_without_looking_ahead():
    organisation = active(days=0)
    with clock.frozen(clock.now() - timedelta(days=1)):
        assert not rights.may_vote(organisation.id)
