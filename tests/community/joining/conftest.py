"""Who takes part in joining."""

import pytest
from tests.factories.accounts import PersonFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import declared, principal_of

from tcert.community.directory.enums import TeamRole


@pytest.fixture
def applicant():
    return PersonFactory(email="nora@newcomer.example")


@pytest.fixture
def by(applicant):
    return principal_of(applicant)


@pytest.fixture
def desk():
    person = coordinator_of_desk(name="Ada")
    declared(person)
    return principal_of(person, coordinator=True)


@pytest.fixture
def leader_of():
    """Return who speaks for a team as a principal."""
    return lambda team=None: principal_of(member_of(team or TeamFactory(), TeamRole.REPRESENTATIVE))
