"""Who sees what: each kind of person, each standing of their team, in lists and one by one."""

import pytest
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.incidents import (
    IncidentFactory,
    IndicatorFactory,
    PartyFactory,
    TallyFactory,
    TaskFactory,
)
from tests.principals import principal_of

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS, REPORTER, SYSTEM
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.incidents.enums import Standing, State
from tcert.response.incidents.models import (
    CaseLink,
    Incident,
    Indicator,
    Party,
    Tally,
    Task,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MODELS = (Incident, Party, Indicator, Task, Tally, CaseLink)


@pytest.fixture
def people():
    """Everybody who might look at an incident that the desk coordinates."""
    desk = DeskFactory()
    incident = IncidentFactory(coordinator=desk)
    reads = PartyFactory(incident=incident).team
    asked = PartyFactory(incident=incident, standing=Standing.ASKED).team
    named = PartyFactory(incident=incident, standing=Standing.NAMED).team
    gone = PartyFactory(incident=incident, standing=Standing.GONE).team
    away = TeamFactory(organisation=OrganisationFactory(state=OrganisationState.SUSPENDED))
    PartyFactory(incident=incident, team=away)
    for tlp in Tlp:
        IndicatorFactory(incident=incident, tlp=tlp)
    IndicatorFactory(incident=incident, tlp=Tlp.RED, by_team=reads)
    TaskFactory(incident=incident, team=reads)
    TallyFactory(incident=incident)
    TallyFactory(incident=incident, team=reads)
    IncidentFactory()
    ada = coordinator_of_desk()

    def lead(team):
        return principal_of(member_of(team, TeamRole.REPRESENTATIVE))

    return incident, {
        "stranger": ANONYMOUS,
        "reporter of a flaw": REPORTER,
        "the hub": SYSTEM,
        "outsider": lead(TeamFactory()),
        "owner": lead(incident.reporter),
        "member of the owner": principal_of(member_of(incident.reporter)),
        "night of the owner": principal_of(member_of(incident.reporter, TeamRole.DUTY_OFFICER)),
        "coordinator": principal_of(ada, coordinator=True),
        "coordinator without a session": principal_of(ada),
        "reads": lead(reads),
        "asked": lead(asked),
        "named": lead(named),
        "gone": lead(gone),
        "off the list": lead(away),
    }


READ, REPORT, STEER, PART = "read", "report", "steer", "part"
WANTED = {
    "stranger": set(),
    "reporter of a flaw": set(),
    "the hub": set(),
    "outsider": set(),
    "owner": {READ, STEER, PART},
    "member of the owner": {READ},
    "night of the owner": {READ, STEER, PART},
    "coordinator": {READ, STEER, PART},
    "coordinator without a session": set(),
    "reads": {READ, PART},
    "asked": {READ, PART},
    "named": set(),
    "gone": set(),
    "off the list": set(),
}


@pytest.mark.parametrize("state", State)
def test_what_each_may_do_in_each_state(people, state):
    incident, found = people
    Incident.objects.filter(pk=incident.pk).update(state=state)
    incident.refresh_from_db()
    for who, principal in found.items():
        own = next(
            (p for p in incident.parties.all() if p.team_id in principal.acting_team_ids), None
        )
        may = {
            name
            for name, permission, about in (
                (READ, Permission.INCIDENTS_READ, incident),
                (STEER, Permission.INCIDENTS_STEER, incident),
                (PART, Permission.INCIDENTS_TAKE_PART, own or object()),
            )
            if allowed(principal, permission, about)
        }
        assert may == WANTED[who], (who, state)


def test_lists_show_what_each_thing_shows(people):
    _incident, found = people
    for who, principal in found.items():
        for model in MODELS:
            listed = set(model.objects.visible_to(principal))
            single = {one for one in model.objects.all() if one.is_visible_to(principal)}
            assert listed == single, (who, model)
        for listed, single in (
            (Incident.objects.read_by, Incident.is_read_by),
            (Incident.objects.steered_by, Incident.is_steered_by),
        ):
            wanted = {one for one in Incident.objects.all() if single(one, principal)}
            assert set(listed(principal)) == wanted, who


def test_what_of_an_incident_each_sees(people):
    incident, found = people
    counts = {
        who: tuple(
            model.objects.visible_to(principal).filter(incident=incident).count()
            for model in (Party, Indicator, Task, Tally)
        )
        for who, principal in found.items()
        if incident.is_visible_to(principal)
    }
    everything = (7, 6, 1, 2)
    assert counts == {
        "owner": everything,
        "member of the owner": everything,
        "night of the owner": everything,
        "coordinator": everything,
        "reads": (4, 5, 1, 1),
        "asked": (3, 2, 0, 0),
    }
