"""Who sees an application in which state: the question of a list and of one row agree."""

import pytest
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.joining import ApplicationFactory, SponsorshipFactory
from tests.principals import declared, principal_of

from tcert.community.joining.enums import State, Word
from tcert.community.joining.models import Application, Sponsorship
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS

pytestmark = pytest.mark.django_db

RUNNING = {
    State.SUBMITTED,
    State.MORE_INFORMATION,
    State.SPONSORED,
    State.OBJECTIONS,
    State.DEFERRED,
}
SUBMITTED = set(State) - {State.DRAFT}
SEEN = {
    "stranger": set(),
    "applicant": set(State),
    "other applicant": set(),
    "member": {State.OBJECTIONS},
    "asked": RUNNING,
    "declined": {State.OBJECTIONS},
    "off duty": {State.OBJECTIONS},
    "coordinator": SUBMITTED,
}


def build(state):
    now = clock.now()
    submitted = None if state is State.DRAFT else now
    found = ApplicationFactory(state=state, submitted_at=submitted, examined_at=submitted)
    asked = SponsorshipFactory(application=found)
    declined = SponsorshipFactory(application=found, state=Word.DECLINED)
    coordinator = coordinator_of_desk()
    declared(coordinator)
    people = {
        "stranger": ANONYMOUS,
        "applicant": principal_of(found.applicant),
        "other applicant": principal_of(ApplicationFactory().applicant),
        "member": principal_of(member_of(TeamFactory())),
        "asked": principal_of(member_of(asked.team)),
        "declined": principal_of(member_of(declined.team)),
        "off duty": principal_of(coordinator_of_desk()),
        "coordinator": principal_of(coordinator, coordinator=True),
    }
    return found, people


@pytest.mark.parametrize("state", State)
def test_who_sees_an_application(state):
    found, people = build(state)
    seeing = {}
    for who, principal in people.items():
        listed = Application.objects.visible_to(principal).filter(pk=found.pk).exists()
        assert listed is found.is_visible_to(principal), who
        seeing[who] = listed
    assert seeing == {who: state in states for who, states in SEEN.items()}


@pytest.mark.parametrize("examined", [False, True])
def test_a_team_sees_that_it_is_asked_once_the_desk_has_looked(examined):
    looked = clock.now() if examined else None
    asked = SponsorshipFactory(application__state=State.SUBMITTED, application__examined_at=looked)
    own, other = (principal_of(member_of(t)) for t in (asked.team, TeamFactory()))
    for principal, sees in ((own, examined), (other, False), (ANONYMOUS, False)):
        assert Sponsorship.objects.visible_to(principal).exists() is sees
        assert asked.is_visible_to(principal) is sees
