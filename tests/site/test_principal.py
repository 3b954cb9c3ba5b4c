"""The principal of a request, built in one place."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from tests.factories.accounts import PersonFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import principal_of, sign_in, sign_in_without_second_factor

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import TeamMembership
from tcert.foundation.kernel.principal import ANONYMOUS, PrincipalKind
from tcert.site import principal as principals

pytestmark = pytest.mark.django_db


def principal_in(client: Client):
    """Return the principal that a request with this client's session has."""
    request = RequestFactory().get("/")
    request.session = client.session
    request.user = getattr(client, "signed_in", None) or AnonymousUser()
    return principals.of_request(request)


def test_a_stranger_is_anonymous(client):
    assert principal_in(client) is ANONYMOUS


def test_without_a_second_factor_a_member_belongs_to_no_team(client):
    person = member_of(TeamFactory())
    client.signed_in = person
    sign_in_without_second_factor(client, person)
    principal = principal_in(client)
    assert principal.kind is PrincipalKind.PERSON
    assert (principal.memberships, principal.is_member) == ((), False)


def test_a_session_older_than_the_second_factor_counts_as_without(client):
    person = member_of(TeamFactory())
    client.signed_in = person
    sign_in_without_second_factor(client, person)
    principal_of(person)  # sets a factor up, elsewhere
    assert not principal_in(client).has_second_factor


def test_a_second_factor_of_another_person_proves_nothing(client):
    person, other = member_of(TeamFactory()), member_of(TeamFactory())
    sign_in(client, other)
    client.signed_in = person
    principal_of(person)
    assert not principal_in(client).has_second_factor


def test_coordinator_rights_need_the_staff_session_of_this_browser(client):
    person = coordinator_of_desk()
    client.signed_in = person
    sign_in(client, person)
    assert (principal_in(client).is_desk, principal_in(client).is_coordinator) == (True, False)
    elsewhere = sign_in(Client(), person, coordinator=True)
    assert not principal_in(client).is_coordinator
    elsewhere.signed_in = person
    assert principal_in(elsewhere).is_coordinator


def test_who_leaves_the_desk_loses_the_rights_at_once(client):
    person = coordinator_of_desk()
    client.signed_in = person
    sign_in(client, person, coordinator=True)
    TeamMembership.objects.filter(person=person).delete()
    assert not principal_in(client).is_coordinator


def test_the_acting_team_is_the_chosen_one_else_the_first():
    first, second = TeamFactory(), TeamFactory()
    person = member_of(first)
    TeamMembership.objects.create(team=second, person=person, role=TeamRole.DEPUTY)
    assert principal_of(person).acting_team_id == first.id
    assert principal_of(person, acting_team=second).acting_team_id == second.id
    assert principal_of(person, acting_team=TeamFactory()).acting_team_id == first.id


def test_an_inactive_person_is_anonymous(client):
    person = PersonFactory(is_active=False)
    client.signed_in = person
    assert principal_in(client) is ANONYMOUS


@pytest.mark.parametrize("teams", [1, 3])
def test_the_principal_costs_three_queries_however_many_teams(
    client, teams, django_assert_num_queries
):
    person = member_of(TeamFactory())
    for _ in range(teams - 1):
        TeamMembership.objects.create(team=TeamFactory(), person=person, role=TeamRole.MEMBER)
    sign_in(client, person)
    request = RequestFactory().get("/")
    request.session, request.user = client.session, person
    request.session.keys()
    with django_assert_num_queries(2):
        principals.of_request(request)
    request.session["staff_session"] = "8c0f1f1e-0000-4000-8000-000000000000"
    with django_assert_num_queries(3):
        principals.of_request(request)
