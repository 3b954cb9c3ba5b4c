"""The one place that builds a principal."""

import hashlib

from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from tcert.community.accounts.models import Person, StaffSession
from tcert.community.directory.models import TeamMembership
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS, Membership, Principal, PrincipalKind


def session_digest(request: HttpRequest) -> str:
    """Return the digest that binds a staff session to this browser session."""
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()


def of_request(request: HttpRequest) -> Principal:
    """Build the principal of a request from person, teams and staff session."""
    person = request.user
    if not isinstance(person, Person) or not person.is_active:
        return ANONYMOUS
    memberships = tuple(
        Membership(m.team_id, m.team.organisation_id, m.role, m.team.is_desk)
        for m in TeamMembership.objects.filter(person=person, team__retired_at=None)
        .select_related("team")
        .order_by("created_at")
    )
    staff = None
    if any(m.is_desk for m in memberships):
        staff = StaffSession.objects.filter(
            person=person,
            session_digest=session_digest(request),
            closed_at=None,
            ends_at__gt=clock.now(),
        ).first()
    chosen = request.session.get("acting_team")
    teams = {str(m.team_id): m.team_id for m in memberships}
    acting = teams.get(chosen or "") or (memberships[0].team_id if memberships else None)
    return Principal(
        PrincipalKind.PERSON,
        person_id=person.id,
        label=person.name,
        memberships=memberships,
        has_second_factor=Authenticator.objects.filter(user=person)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .exists(),
        staff_until=staff.ends_at if staff else None,
        acting_team_id=acting,
    )
