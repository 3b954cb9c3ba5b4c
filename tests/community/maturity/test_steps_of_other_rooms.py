"""The steps that rooms above the directory give to the path: worked out from their records."""

import pytest
from tests.factories.claims import ClaimFactory
from tests.factories.directory import OrganisationFactory, TeamFactory
from tests.factories.reachability import DrillFactory
from tests.factories.responsibility import MatrixFactory, StepFactory, named

from tcert.community.claims.enums import State
from tcert.community.directory import path_steps
from tcert.community.directory.enums import OrganisationKind
from tcert.community.directory.path_steps import Standing
from tcert.community.reachability.enums import DrillKind, Result
from tcert.foundation.kernel import clock

pytestmark = pytest.mark.django_db


def standing(name, team):
    step = next(one for one in path_steps.steps() if one.name == name)
    found = step.state([team])
    return found[team.id].standing if team.id in found else None


def test_the_steps_stand_in_the_order_of_the_path():
    names = [step.name for step in path_steps.steps()]
    assert names[-5:] == [
        "identifiers",
        "equipment",
        "accountability",
        "drill",
        "published",
    ]


def test_a_claim_that_counts_is_the_step_of_identifiers():
    team = TeamFactory()
    ClaimFactory()
    assert standing("identifiers", team) is Standing.OPEN
    claim = ClaimFactory(organisation=team.organisation)
    assert standing("identifiers", team) is Standing.DONE
    claim.state = State.WITHDRAWN
    claim.save()
    assert standing("identifiers", team) is Standing.OPEN


def test_accountability_asks_an_operator_for_a_confirmed_person_and_a_number_to_call():
    team = TeamFactory()
    vendor = TeamFactory(organisation=OrganisationFactory(kind=OrganisationKind.VENDOR))
    assert standing("accountability", vendor) is None
    assert standing("accountability", team) is Standing.OPEN
    matrix = MatrixFactory(organisation=team.organisation)
    named(matrix, "core")
    assert standing("accountability", team) is Standing.BEGUN
    named(matrix, "ran", confirmed_at=clock.now())
    assert standing("accountability", team) is Standing.BEGUN
    StepFactory(matrix=matrix, place=1)
    assert standing("accountability", team) is Standing.DONE


@pytest.mark.parametrize("kind", DrillKind)
def test_a_drill_that_was_answered_late_is_one_and_an_unanswered_is_a_beginning(kind):
    team = TeamFactory()
    assert standing("drill", team) is Standing.OPEN
    drill = DrillFactory(team=team, kind=kind, result=Result.UNANSWERED, closed_at=clock.now())
    assert standing("drill", team) is Standing.BEGUN
    drill.result = Result.LATE
    drill.save()
    assert standing("drill", team) is Standing.DONE
