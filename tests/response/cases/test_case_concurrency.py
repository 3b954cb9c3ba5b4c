"""Two people at once: the second is told, and nothing is done twice."""

import pytest
from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory, ReceivedFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.meeting import at_once
from tests.principals import principal_of

from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.response.cases.domain import participants, triage
from tcert.response.cases.enums import ManagementAct, Role
from tcert.response.cases.models import Case, Invitation, Participant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_one_of_two_judgements_holds():
    case = ReceivedFactory()
    principal = principal_of(coordinator_of_desk(), coordinator=True)

    def judge(act):
        return lambda: triage.judge(
            principal=principal, case=Case.objects.get(pk=case.pk), revision=0, act=act
        )

    outcomes = at_once(judge(ManagementAct.VALIDATE), judge(ManagementAct.INVALIDATE))
    refused = [o for o in outcomes if isinstance(o, DomainError)]
    assert [r.status for r in refused] == [409]


def test_a_team_is_invited_once():
    case = CaseFactory()
    principal = principal_of(coordinator_of_desk(), coordinator=True)
    team = TeamFactory()

    def invite():
        return participants.invite(
            principal=principal,
            case=Case.objects.get(pk=case.pk),
            team=team,
            roles=[Role.VENDOR],
        )

    outcomes = at_once(invite, invite, invite)
    assert sum(isinstance(o, Invitation) for o in outcomes) == 1
    assert Participant.objects.filter(case=case, team=team).count() == 1


def test_nobody_is_invited_while_a_colleague_enters_that_they_must_not_be_told():
    case = CaseFactory()
    principal = principal_of(coordinator_of_desk(), coordinator=True)
    for _round in range(4):
        team = TeamFactory()
        outcomes = at_once(
            lambda team=team: triage.exclude(
                principal=principal, case=Case.objects.get(pk=case.pk), team=team
            ),
            lambda team=team: participants.invite(
                principal=principal,
                case=Case.objects.get(pk=case.pk),
                team=team,
                roles=[Role.VENDOR],
            ),
        )
        assert sum(isinstance(o, DomainError) for o in outcomes) == 1
        excluded = case.exclusions.filter(team=team).exists()
        assert excluded != case.participants.filter(team=team).exists()


def test_an_exclusion_is_entered_once_and_taken_back_once():
    case = CaseFactory()
    principal = principal_of(coordinator_of_desk(), coordinator=True)
    team = TeamFactory()

    def exclude():
        return triage.exclude(
            principal=principal,
            case=Case.objects.get(pk=case.pk),
            team=team,
            asked_by_reporter=False,
        )

    outcomes = at_once(exclude, exclude)
    assert [o.status for o in outcomes if isinstance(o, DomainError)] == [409]
    exclusion = case.exclusions.get()

    def lift():
        triage.lift_exclusion(
            principal=principal, case=Case.objects.get(pk=case.pk), exclusion=exclusion
        )

    outcomes = at_once(lift, lift)
    assert [o.status for o in outcomes if isinstance(o, DomainError)] == [409]


def test_who_settles_the_list_from_a_page_that_has_changed_is_told():
    case = ReceivedFactory()
    principal = principal_of(coordinator_of_desk(), coordinator=True)
    exclusion = triage.exclude(
        principal=principal, case=case, team=TeamFactory(), asked_by_reporter=False
    )
    shown = Case.objects.get(pk=case.pk).revision
    triage.lift_exclusion(principal=principal, case=case, exclusion=exclusion)
    with pytest.raises(Conflict):
        triage.settle_exclusions(
            principal=principal, case=Case.objects.get(pk=case.pk), revision=shown
        )


def test_a_network_is_taken_out_once():
    case = CaseFactory()
    principal = principal_of(coordinator_of_desk(), coordinator=True)
    network = triage.add_network(principal=principal, case=case, plmn="999-70")
    triage.remove_subject(principal=principal, case=case, networks=[network.id])
    with pytest.raises(Conflict):
        triage.remove_subject(principal=principal, case=case, networks=[network.id])


def test_an_invitation_is_answered_once():
    case = CaseFactory()
    give_key(case.coordinating_team)
    coordinator = principal_of(coordinator_of_desk(), coordinator=True)
    team = TeamFactory()
    give_key(team)
    invitation = participants.invite(
        principal=coordinator, case=case, team=team, roles=[Role.VENDOR]
    )
    principal = principal_of(member_of(team))

    def answer(act):
        def run():
            found = Invitation.objects.select_related("participant__case").get(pk=invitation.pk)
            if act == "accept":
                return participants.accept(
                    principal=principal, invitation=found, revision=0, agreed_end=None
                )
            return participants.decline(principal=principal, invitation=found, revision=0)

        return run

    outcomes = at_once(answer("accept"), answer("decline"))
    assert sum(isinstance(o, DomainError) for o in outcomes) == 1


def test_numbers_are_given_once_each():
    cases = [ReceivedFactory() for _ in range(4)]
    principal = principal_of(coordinator_of_desk(), coordinator=True)

    def judge(case):
        return lambda: triage.judge(
            principal=principal,
            case=Case.objects.get(pk=case.pk),
            revision=0,
            act=ManagementAct.VALIDATE,
        )

    at_once(*(judge(case) for case in cases))
    numbers = set(Case.objects.values_list("number", flat=True))
    assert len(numbers) == 4
    assert None not in numbers
