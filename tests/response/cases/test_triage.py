"""Triage: judging the report, its number, who must not be told, what it is about."""

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.cases import (
    CaseFactory,
    ExclusionFactory,
    ParticipantFactory,
    ReceivedFactory,
    StatementFactory,
)
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.inventory import ProductFactory
from tests.principals import principal_of

from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.domain import triage
from tcert.response.cases.enums import Management, ManagementAct

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return principal_of(coordinator_of_desk(), coordinator=True)


def judge(principal, case, *acts, **more):
    for act in acts:
        triage.judge(principal=principal, case=case, revision=None, act=act, **more)
    return triage.coordinator_row(case).management


def test_a_case_gets_its_number_when_found_valid(coordinator):
    case, other = ReceivedFactory(), ReceivedFactory()
    assert judge(coordinator, case, ManagementAct.VALIDATE) == Management.VALID
    judge(coordinator, other, ManagementAct.VALIDATE)
    first, second = case.number, other.number
    assert first.startswith("TCERT-20")
    assert int(second[-4:]) == int(first[-4:]) + 1
    judge(coordinator, case, ManagementAct.ACCEPT, ManagementAct.DEFER, ManagementAct.CLOSE)
    case.refresh_from_db()
    assert (case.number, case.closed_at is not None) == (first, True)


def test_an_invalid_report_has_no_number(coordinator):
    case = ReceivedFactory()
    judge(coordinator, case, ManagementAct.INVALIDATE)
    assert case.number is None
    judge(coordinator, case, ManagementAct.VALIDATE)
    assert case.number is not None


def test_an_illegal_move_says_the_rule_and_changes_nothing(coordinator):
    case = ReceivedFactory()
    with pytest.raises(DomainError, match="valid or a deferred report can be accepted") as refusal:
        judge(coordinator, case, ManagementAct.ACCEPT)
    assert "received" in str(refusal.value.message)
    case.refresh_from_db()
    assert (case.revision, case.number) == (0, None)
    assert AuditRecord.objects.filter(object_id=case.id).count() == 0


def test_a_duplicate_is_deferred_and_names_the_other(coordinator):
    case, other = ReceivedFactory(), CaseFactory()
    with pytest.raises(DomainError, match="never invalid"):
        judge(coordinator, case, ManagementAct.INVALIDATE, duplicate_of=other)
    judge(coordinator, case, ManagementAct.VALIDATE)
    judge(coordinator, case, ManagementAct.DEFER, duplicate_of=other)
    case.refresh_from_db()
    assert case.duplicate_of == other
    with pytest.raises(DomainError, match="of itself"):
        judge(coordinator, case, ManagementAct.ACCEPT, duplicate_of=case)


def test_a_duplicate_is_named_by_deferring_only(coordinator):
    case, other = ReceivedFactory(), CaseFactory()
    for act in (ManagementAct.VALIDATE, ManagementAct.ACCEPT):
        with pytest.raises(DomainError, match="then defer it"):
            judge(coordinator, case, act, duplicate_of=other)
        judge(coordinator, case, act)
    case.refresh_from_db()
    assert case.duplicate_of is None


def test_who_is_accepted_after_all_is_no_duplicate(coordinator):
    case, other = ReceivedFactory(), CaseFactory()
    judge(coordinator, case, ManagementAct.VALIDATE)
    judge(coordinator, case, ManagementAct.DEFER, duplicate_of=other)
    judge(coordinator, case, ManagementAct.ACCEPT)
    case.refresh_from_db()
    assert case.duplicate_of is None
    assert AuditRecord.objects.get(act="cases:no-duplicate").data == {"of": str(other.pk)}


def test_the_second_of_two_people_is_told(coordinator):
    case = ReceivedFactory()
    seen = case.revision
    triage.judge(principal=coordinator, case=case, revision=seen, act=ManagementAct.VALIDATE)
    with pytest.raises(Conflict, match="before you"):
        triage.judge(principal=coordinator, case=case, revision=seen, act=ManagementAct.INVALIDATE)


def test_only_the_coordinating_team_judges():
    case = ReceivedFactory()
    without_session = principal_of(coordinator_of_desk())
    vendor = ParticipantFactory(case=case)
    for principal in (without_session, principal_of(member_of(vendor.team))):
        with pytest.raises(PermissionDenied):
            judge(principal, case, ManagementAct.VALIDATE)


def test_nobody_is_told_before_the_question_is_settled(coordinator):
    case = ReceivedFactory()
    team = TeamFactory()
    with pytest.raises(DomainError, match="First say"):
        triage.check_may_be_told(case, team)
    triage.exclude(principal=coordinator, case=case, team=team, asked_by_reporter=False)
    triage.settle_exclusions(principal=coordinator, case=case, revision=None)
    with pytest.raises(DomainError, match="must not be told"):
        triage.check_may_be_told(case, team)
    triage.check_may_be_told(case, TeamFactory(organisation=team.organisation))
    triage.lift_exclusion(principal=coordinator, case=case, exclusion=case.exclusions.get())
    triage.check_may_be_told(case, team)


def test_an_excluded_organisation_keeps_out_its_teams_and_its_group():
    group = OrganisationFactory()
    daughter, sister = OrganisationFactory(group=group), OrganisationFactory(group=group)
    exclusion = ExclusionFactory(team=None, organisation=daughter)
    covered = [
        exclusion.covers(TeamFactory(organisation=o))
        for o in (daughter, sister, group, OrganisationFactory())
    ]
    assert covered == [True, True, True, False]


def test_an_excluded_name_keeps_out_whoever_is_listed_so_later():
    exclusion = ExclusionFactory(team=None, name="North Mobile")
    named = TeamFactory(organisation=OrganisationFactory(name="NORTH mobile"))
    assert exclusion.covers(named)
    assert not exclusion.covers(TeamFactory())


@pytest.mark.parametrize("given", [{}, {"name": "  "}, {"name": "A", "team": "team"}])
def test_an_exclusion_names_exactly_one(coordinator, given):
    case = ReceivedFactory()
    if "team" in given:
        given = {**given, "team": TeamFactory()}
    with pytest.raises(DomainError, match="Name one"):
        triage.exclude(principal=coordinator, case=case, **given)


def test_who_was_told_is_removed_before_being_excluded(coordinator):
    case = CaseFactory()
    told = ParticipantFactory(case=case)
    with pytest.raises(DomainError, match="told already"):
        triage.exclude(principal=coordinator, case=case, team=told.team)
    assert not case.exclusions.exists()


def test_products_and_networks(coordinator):
    case = CaseFactory()
    listed = ProductFactory()
    entered = triage.add_product(
        principal=coordinator, case=case, name="", versions="4.x", product=listed
    )
    assert entered.name == str(listed)
    with pytest.raises(DomainError, match="already"):
        triage.add_product(principal=coordinator, case=case, name=entered.name, product=None)
    with pytest.raises(DomainError, match="Choose"):
        triage.add_product(principal=coordinator, case=case, name=" ", product=None)
    assert triage.add_network(principal=coordinator, case=case, plmn="99970").plmn == "999-70"
    with pytest.raises(DomainError, match="three-digit"):
        triage.add_network(principal=coordinator, case=case, plmn="nonsense")
    StatementFactory(participant=ParticipantFactory(case=case), product=entered)
    with pytest.raises(DomainError, match="stays"):
        triage.remove_subject(principal=coordinator, case=case, products=[entered.id])
    triage.remove_subject(
        principal=coordinator, case=case, networks=case.networks.values_list("id", flat=True)
    )
    assert not case.networks.exists()


def test_tlp(coordinator):
    case = CaseFactory()
    triage.set_tlp(principal=coordinator, case=case, revision=0, tlp=Tlp.RED)
    case.refresh_from_db()
    assert case.tlp == Tlp.RED


def test_a_typed_name_that_is_listed_keeps_the_whole_house_out():
    case = CaseFactory()
    coordinator = principal_of(coordinator_of_desk(), coordinator=True)
    team = TeamFactory()
    sister = TeamFactory(organisation__group=team.organisation)
    found = triage.exclude(
        principal=coordinator, case=case, name=f" {team.organisation.name.upper()} "
    )
    assert (found.organisation, found.name) == (team.organisation, "")
    assert found.covers(sister)
    free = triage.exclude(principal=coordinator, case=case, name="Nobody's Telecom")
    assert (free.organisation, free.name) == (None, "Nobody's Telecom")
