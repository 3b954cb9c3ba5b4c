"""Who may do what: every permission for every kind of viewer, and the visibility pairs."""

from dataclasses import replace

import pytest
from tests.factories.cases import (
    CaseFactory,
    ExclusionFactory,
    InvitationFactory,
    ParticipantFactory,
    StatementFactory,
)
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.principals import principal_of, sign_in

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS, REPORTER
from tcert.foundation.sealed.models import Thread
from tcert.response.cases.enums import (
    Consent,
    EmbargoState,
    Management,
    Presence,
    ThreadPurpose,
)
from tcert.response.cases.models import (
    Case,
    CaseThread,
    Invitation,
    Participant,
    Statement,
    ThreadReader,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return CaseFactory(parts__embargo=EmbargoState.ACTIVE)


@pytest.fixture
def viewers(case):
    """Everybody who could look at one case under embargo."""
    signed = ParticipantFactory(case=case, consent=Consent.SIGNATORY)
    shown = ParticipantFactory(case=case, consent=Consent.SIGNATORY, shows_itself=True)
    unsigned = ParticipantFactory(case=case, consent=Consent.INVITED)
    invited = InvitationFactory(
        participant__case=case, participant__consent=Consent.INVITED
    ).participant
    declined = ParticipantFactory(case=case, presence=Presence.DECLINED, consent=Consent.DECLINED)
    removed = ParticipantFactory(case=case, presence=Presence.REMOVED, consent=Consent.SIGNATORY)
    conflicted = coordinator_of_desk()
    TeamMembershipFactory(
        team=TeamFactory(organisation=signed.team.organisation), person=conflicted
    )
    return {
        "coordinator": principal_of(coordinator_of_desk(), coordinator=True),
        "desk without session": principal_of(coordinator_of_desk()),
        "coordinator in conflict": principal_of(conflicted, coordinator=True),
        "signed": principal_of(member_of(signed.team)),
        "shown": principal_of(member_of(shown.team)),
        "unsigned": principal_of(member_of(unsigned.team)),
        "invited": principal_of(member_of(invited.team)),
        "declined": principal_of(member_of(declined.team)),
        "removed": principal_of(member_of(removed.team)),
        "stranger": principal_of(member_of(TeamFactory())),
        "reporter": REPORTER,
        "anonymous": ANONYMOUS,
    }


def who(viewers, permission, obj):
    return {name for name, viewer in viewers.items() if allowed(viewer, permission, obj)}


def test_permissions_on_a_case(case, viewers):
    assert who(viewers, Permission.CASES_CASE_READ, case) == {"coordinator", "signed", "shown"}
    assert who(viewers, Permission.CASES_CASE_COORDINATE, case) == {"coordinator"}
    assert who(viewers, Permission.CASES_CASE_INVITE, case) == {"coordinator"}
    own = Participant.objects.get(case=case, team__in=viewers["signed"].team_ids)
    assert who(viewers, Permission.CASES_ROW_MANAGE, own) == {"signed"}
    desk = case.participants.get(team=case.coordinating_team)
    assert who(viewers, Permission.CASES_ROW_MANAGE, desk) == {"coordinator"}
    invitation = Invitation.objects.get()
    assert who(viewers, Permission.CASES_INVITATION_ANSWER, invitation) == {"invited"}


def test_only_accepted_invites(case, viewers):
    case.participants.filter(team=case.coordinating_team).update(management=Management.VALID)
    case.refresh_from_db()
    assert who(viewers, Permission.CASES_CASE_INVITE, case) == set()


def test_the_board_is_for_coordinators(viewers):
    assert who(viewers, Permission.CASES_BOARD_READ, None) == {
        "coordinator",
        "coordinator in conflict",
    }


@pytest.mark.parametrize("model", [Case, Participant, Statement, Invitation])
def test_lists_and_objects_agree(case, viewers, model):
    for participant in list(Participant.objects.filter(team__isnull=False)):
        StatementFactory(participant=participant)
    CaseFactory()
    CaseFactory(coordinating_team=TeamFactory())
    for name, viewer in viewers.items():
        listed = set(model.objects.visible_to(viewer))
        alone = {obj for obj in model.objects.all() if obj.is_visible_to(viewer)}
        assert listed == alone, name


def test_of_one_case_is_shown_what_is_shown_of_it_among_all(case, viewers):
    """The pages of a case ask of the case alone; it must be the same answer."""
    for row in list(Participant.objects.filter(team__isnull=False)):
        link = CaseThread.objects.create(
            case=row.case,
            thread=Thread.objects.create(
                subject_kind="case", subject_id=row.case_id, created_on=clock.today()
            ),
            purpose=ThreadPurpose.DESK,
            participant=row,
        )
        for reader in (row, row.case.participants.get(team=row.case.coordinating_team)):
            ThreadReader.objects.get_or_create(
                thread=link, participant=reader, defaults={"joined_at": clock.now()}
            )
    other = CaseFactory(coordinating_team=TeamFactory())
    seen = set()
    for name, viewer in viewers.items():
        for one in (case, other):
            for model in (Participant, CaseThread):
                shown = set(model.objects.of_case(one, viewer))
                assert shown == set(model.objects.visible_to(viewer).filter(case=one)), name
                seen |= {(name, model) for _ in shown}
    readers = {"coordinator", "signed", "shown"}
    assert seen == {(name, model) for name in readers for model in (Participant, CaseThread)}


def test_an_act_asks_again_whether_the_case_is_in_conflict(case):
    """Between the page and the act somebody may have said whom the case is about."""
    person, house = coordinator_of_desk(), OrganisationFactory()
    TeamMembershipFactory(team=TeamFactory(organisation=house), person=person)
    acting = principal_of(person, coordinator=True)
    looking = replace(acting, only_looks=True)
    assert case.is_coordinated_by(acting)
    assert case.is_coordinated_by(looking)
    ExclusionFactory(case=case, team=None, organisation=house)
    assert not case.is_coordinated_by(acting)
    assert case.is_coordinated_by(looking)  # until its page is answered
    assert not case.is_coordinated_by(replace(looking))


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_a_request_that_changes_nothing_looks(client, method):
    sign_in(client, coordinator_of_desk(), coordinator=True)
    request = getattr(client, method)("/my-day/").wsgi_request
    assert request.principal.only_looks == (method in {"get", "head"})


def test_rows_of_others_are_not_listed(case, viewers):
    rows = set(Participant.objects.visible_to(viewers["signed"]).values_list("team", flat=True))
    own = next(iter(viewers["signed"].team_ids))
    shown = next(iter(viewers["shown"].team_ids))
    assert rows == {own, shown, case.coordinating_team_id}


def test_a_conflict_reaches_the_group_and_the_excluded():
    group = OrganisationFactory()
    daughter = OrganisationFactory(group=group)
    person = coordinator_of_desk()
    TeamMembershipFactory(team=TeamFactory(organisation=group), person=person)
    viewer = principal_of(person, coordinator=True)
    free, by_party, by_exclusion = CaseFactory(), CaseFactory(), CaseFactory()
    ParticipantFactory(case=by_party, team=TeamFactory(organisation=daughter))
    ExclusionFactory(case=by_exclusion, team=None, organisation=daughter)
    assert set(Case.objects.coordinated_by(viewer)) == {free}
    assert [c.is_coordinated_by(viewer) for c in (free, by_party, by_exclusion)] == [
        True,
        False,
        False,
    ]


def test_a_chosen_team_coordinates_without_the_desk():
    team = TeamFactory()
    case = CaseFactory(coordinating_team=team)
    assert case.is_coordinated_by(principal_of(member_of(team)))
    assert not case.is_visible_to(principal_of(coordinator_of_desk(), coordinator=True))
