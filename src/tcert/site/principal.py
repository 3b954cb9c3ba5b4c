"""The one place that builds a principal."""

from datetime import datetime
from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tcert.community.accounts.domain import staff
from tcert.community.accounts.models import Person
from tcert.community.accounts.proofs import has_second_factor, proved_second_factor
from tcert.community.desk.queries import interests_of
from tcert.community.directory.queries import memberships_of
from tcert.foundation.kernel.principal import ANONYMOUS, Membership, Principal, PrincipalKind
from tcert.response.feedkeys.domain import reading
from tcert.response.feedkeys.enums import Opens
from tcert.response.feedkeys.models import FeedKey

ACTING_TEAM = "acting_team"


def of_request(request: HttpRequest) -> Principal:
    """Build the principal of a request from person, second factor, teams and staff session."""
    person = request.user
    if not isinstance(person, Person) or not person.is_active:
        return ANONYMOUS
    if not (proved_second_factor(request.session, person) and has_second_factor(person)):
        return of_person(person, second_factor=False)
    return of_person(
        person,
        staff_until=staff.rights_until(request.session, person),
        acting_team=request.session.get(ACTING_TEAM, ""),
        only_looks=request.method in {"GET", "HEAD"},
    )


def _owner_of(header: str, opens: Opens) -> FeedKey | None:
    """Return the key that a header shows, where it counts and its owner is a member.

    Asked of the present state: who has left, lost the second factor, or whose account is closed
    has no program that reads or asks.

    Raises:
        TooMany: a budget is used up.

    """
    key = reading.counting(header, opens)
    if key is None or not key.person.is_active:
        return None
    if not of_person(key.person, second_factor=has_second_factor(key.person)).is_member:
        return None
    reading.note_use(key)
    return key


def of_feed_key(header: str) -> Principal | None:
    """Build the principal of a member's program from its feed key; None for a key that is none.

    It has no teams and is no person: no other rule grants it anything.

    Raises:
        TooMany: a budget is used up.

    """
    key = _owner_of(header, Opens.ADVISORIES)
    if key is None:
        return None
    return Principal(
        PrincipalKind.FEED_READER, person_id=key.person_id, label=key.person.name, only_looks=True
    )


def of_lookup_key(header: str) -> Principal | None:
    """Build the principal of the member in whose place a program asks; None for no such key.

    What is answered depends on whose claims its owner may read, so it is that member, without a
    staff session and for one request that changes nothing. `FeedKeyMiddleware` asks it at the
    addresses of look-ups alone.

    Raises:
        TooMany: a budget is used up.

    """
    key = _owner_of(header, Opens.LOOKUPS)
    return of_person(key.person, only_looks=True) if key else None


def of_incident_key(header: str) -> Principal | None:
    """Build the principal of the member for whose team a program reports; None for no such key.

    It is that member, without a staff session, at the addresses of incidents for programs alone.

    Raises:
        TooMany: a budget is used up.

    """
    key = _owner_of(header, Opens.INCIDENTS)
    return of_person(key.person) if key else None


def of_sender(person: Person) -> Principal | None:
    """Build the principal of who is named as the sender of a mail; None for who is no member.

    It counts only together with the signature of a team's key, which the incidents' room checks.
    """
    found = of_person(person, second_factor=has_second_factor(person))
    return found if found.is_member else None


def of_notification_key(header: str) -> Principal | None:
    """Build the principal of the member for whose team a program notifies; None for no such key.

    It is that member, without a staff session, at the addresses of notifications for programs.

    Raises:
        TooMany: a budget is used up.

    """
    key = _owner_of(header, Opens.NOTIFICATIONS)
    return of_person(key.person) if key else None


def of_person(
    person: Person,
    *,
    second_factor: bool = True,
    staff_until: datetime | None = None,
    acting_team: str = "",
    only_looks: bool = False,
) -> Principal:
    """Build the principal of a person; without a second factor it belongs to no team.

    So every rule denies by construction what only members may do. The acting team is the chosen
    one, else the one that the person joined first.
    """
    memberships = memberships_of(person) if second_factor else ()
    return Principal(
        PrincipalKind.PERSON,
        person_id=person.id,
        label=person.name,
        memberships=memberships,
        has_second_factor=second_factor,
        staff_until=staff_until,
        acting_team_id=_acting(memberships, acting_team),
        interests=_read_when_asked(person) if staff_until else frozenset(),
        only_looks=only_looks,
    )


def _read_when_asked(person: Person) -> frozenset[UUID]:
    return cast("frozenset[UUID]", SimpleLazyObject(lambda: interests_of(person.id)))


def _acting(memberships: tuple[Membership, ...], chosen: str) -> UUID | None:
    own = [m.team_id for m in memberships]
    return next((team for team in own if str(team) == chosen), own[0] if own else None)
