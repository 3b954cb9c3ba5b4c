"""A holder with people, and a coordinator."""

from dataclasses import dataclass

import pytest
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel.principal import Principal


@dataclass
class House:
    """An organisation with a team that somebody leads."""

    team: Team
    boss: Principal

    @property
    def organisation(self) -> Organisation:
        return self.team.organisation


def a_house(**team: object) -> House:
    made = TeamFactory(**team)
    return House(made, principal_of(member_of(made, TeamRole.REPRESENTATIVE)))


@pytest.fixture
def house():
    return a_house()


@pytest.fixture
def other():
    return a_house()


@pytest.fixture
def leader():
    return principal_of(coordinator_of_desk(), coordinator=True)
