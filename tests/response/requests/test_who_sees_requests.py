"""Who sees a request and may do what: each kind of person, in lists and one by one."""

import pytest
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.requests import AuthorityTeamFactory, ExhibitFactory
from tests.principals import principal_of

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS, REPORTER, SYSTEM
from tcert.response.requests.models import Exhibit, Request

pytestmark = pytest.mark.django_db

READ, ANSWER, PURSUE = "read", "answer", "pursue"
WANTED = {
    "stranger": set(),
    "reporter of a flaw": set(),
    "the hub": set(),
    "another operator": set(),
    "another authority": set(),
    "a second team of the operator": set(),
    "coordinator": set(),
    "asks": {READ, PURSUE},
    "night of who asks": {READ, PURSUE},
    "member of who asks": {READ},
    "is asked": {READ, ANSWER},
    "night of who is asked": {READ, ANSWER},
    "member of who is asked": {READ},
}


def test_who_may_do_what_and_lists_show_what_each_thing_shows():
    """Two teams and nobody else: no desk, no coordinator, no colleague of another team."""
    DeskFactory()
    found = ExhibitFactory().request
    ExhibitFactory()

    def lead(team, role=TeamRole.REPRESENTATIVE):
        return principal_of(member_of(team, role))

    people = {
        "stranger": ANONYMOUS,
        "reporter of a flaw": REPORTER,
        "the hub": SYSTEM,
        "another operator": lead(TeamFactory()),
        "another authority": lead(AuthorityTeamFactory()),
        "a second team of the operator": lead(
            TeamFactory(organisation=found.addressee.organisation)
        ),
        "coordinator": principal_of(coordinator_of_desk(), coordinator=True),
        "asks": lead(found.authority),
        "night of who asks": lead(found.authority, TeamRole.DUTY_OFFICER),
        "member of who asks": lead(found.authority, TeamRole.MEMBER),
        "is asked": lead(found.addressee),
        "night of who is asked": lead(found.addressee, TeamRole.DUTY_OFFICER),
        "member of who is asked": lead(found.addressee, TeamRole.MEMBER),
    }

    def seen_and_done(wanted):
        for who, principal in people.items():
            may = {
                name
                for name, permission in (
                    (READ, Permission.REQUESTS_READ),
                    (ANSWER, Permission.REQUESTS_ANSWER),
                    (PURSUE, Permission.REQUESTS_PURSUE),
                )
                if allowed(principal, permission, found)
            }
            assert may == wanted[who], who
            for model in (Request, Exhibit):
                listed = set(model.objects.visible_to(principal))
                assert listed == {o for o in model.objects.all() if o.is_visible_to(principal)}
                assert bool(listed) == (READ in may), (who, model)

    seen_and_done(WANTED)
    organisation = found.authority.organisation
    organisation.state = OrganisationState.SUSPENDED
    organisation.save()
    gone = {who: set() if "asks" in who else may for who, may in WANTED.items()}
    seen_and_done(gone)
    organisation.state = OrganisationState.LISTED
    organisation.save()
    found.addressee.retired_at = clock.now()
    found.addressee.save()
    gone = {who: set() if "is asked" in who else may for who, may in WANTED.items()}
    seen_and_done(gone)
