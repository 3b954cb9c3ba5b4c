"""Reads of the desk: whose word is current, who keeps away from what, who could act instead."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tcert.community.accounts.domain.staff import Obstacle
from tcert.community.accounts.models import Person
from tcert.community.desk import acts
from tcert.community.desk.enums import ActState
from tcert.community.desk.models import Declaration, Deputy, Interest, ProposedAct
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Team, TeamMembership
from tcert.community.directory.queries import memberships_of
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS, Principal, PrincipalKind

GONE_AFTER = timedelta(days=30)
_NOBODY = UUID(int=0)


def interests_of(person_id: UUID | None) -> frozenset[UUID]:
    """Return the organisations in which a person has an interest that counts today."""
    counting = Interest.objects.filter(person_id=person_id or _NOBODY).counting(clock.today())
    return frozenset(counting.values_list("organisation_id", flat=True))


def interests_entered_by(principal: Principal) -> QuerySet[Interest]:
    """Return a person's own list, what no longer counts included."""
    own = Interest.objects.filter(person_id=principal.person_id or _NOBODY)
    return own.select_related("organisation")


def declaration_of(person_id: UUID | None) -> Declaration | None:
    """Return a person's declaration, current or not."""
    return Declaration.objects.filter(person_id=person_id or _NOBODY).first()


def has_declared(person_id: UUID | None) -> bool:
    """Tell whether a person's declaration is current."""
    declaration = declaration_of(person_id)
    return declaration is not None and declaration.is_current


def undeclared(principal: Principal) -> Obstacle | None:
    """Say what stands between a desk member and coordinator rights, if anything does."""
    if has_declared(principal.person_id):
        return None
    return Obstacle(
        _(
            "Your declaration of interests is missing or older than 180 days. Without it the hub "
            "cannot keep from you what concerns your own house, so coordinator rights stay off."
        ),
        "desk:declaration",
        _("Declare your interests"),
    )


def members() -> QuerySet[Person]:
    """Return the people of the desk whose accounts are open."""
    places = TeamMembership.objects.filter(team__is_desk=True)
    return Person.objects.filter(id__in=places.values("person"), is_active=True).order_by("name")


def as_coordinator(person: Person) -> Principal:
    """Return what a desk member would be with coordinator rights on, to ask what they could do."""
    return Principal(
        PrincipalKind.PERSON,
        person_id=person.id,
        label=person.name,
        memberships=memberships_of(person),
        has_second_factor=True,
        staff_until=clock.now() + timedelta(minutes=1),
        interests=interests_of(person.id),
    )


def is_there(person: Person) -> bool:
    """Tell whether a person has signed in within a month: who is gone can be waited for in vain."""
    return max(person.last_login or person.created_at, person.created_at) > (
        clock.now() - GONE_AFTER
    )


def everybody() -> QuerySet[Person]:
    """Return the people of the desk, those with closed accounts too."""
    places = TeamMembership.objects.filter(team__is_desk=True)
    return Person.objects.filter(id__in=places.values("person")).order_by("name")


def could_confirm(proposal: ProposedAct) -> list[Person]:
    """Return who else could confirm a proposal: there, of the right, without a conflict.

    Not whom it is done to, and not who has been away for a month. A declaration that lapsed can
    be confirmed in a minute, so it excuses nobody.
    """
    act = acts.named(proposal.act)
    found = act.find(proposal.object_id) if act else None
    if act is None or found is None:
        return []
    able = ((person, as_coordinator(person)) for person in colleagues(proposal))
    return [p for p, by in able if act.may(by, found) and proposal.is_visible_to(by)]


def colleagues(proposal: ProposedAct) -> list[Person]:
    """Return who else is there at the desk, a conflict or not; not whom the act is done to.

    While there is one, nobody acts alone: a coordinator can bring a colleague into conflict with a
    case, by an exclusion or an owner that they enter, and would then decide on it by themselves.
    """
    act = acts.named(proposal.act)
    found = act.find(proposal.object_id) if act else None
    left_out = {proposal.proposed_by_id, act.subject(found) if act and found else None}
    return [p for p in members() if p.id not in left_out and is_there(p)]


def to_decide(principal: Principal) -> list[ProposedAct]:
    """Return what others proposed and the person could decide on, rights switched on or not."""
    open_now = ProposedAct.objects.filter(state=ActState.WAITING, expires_at__gt=clock.now())
    if not principal.is_desk or not open_now.exists():
        return []
    able = with_rights(principal)
    waiting = ProposedAct.objects.visible_to(able).filter(pk__in=open_now.values("pk"))
    return [p for p in waiting.select_related("proposed_by") if may_decide(able, p)]


def may_decide(principal: Principal, proposal: ProposedAct) -> bool:
    """Tell whether a proposal of somebody else is the person's to confirm or to refuse."""
    act = acts.named(proposal.act)
    found = act.find(proposal.object_id) if act else None
    if act is None or found is None or proposal.proposed_by_id == principal.person_id:
        return False
    return act.may(principal, found) or act.subject(found) == principal.person_id


def with_rights(principal: Principal) -> Principal:
    """Return a desk member as they would be with coordinator rights on, conflicts included."""
    if principal.is_coordinator:
        return principal
    return replace(
        principal,
        staff_until=clock.now() + timedelta(minutes=1),
        interests=interests_of(principal.person_id),
    )


def teams_for_deputy() -> QuerySet[Team]:
    """Return the listed teams that can be called when the desk does not answer."""
    listed = Team.objects.visible_to(ANONYMOUS).filter(is_desk=False)
    return listed.select_related("organisation").order_by("organisation__name", "name")


def people_for_deputy() -> QuerySet[Person]:
    """Return the people who can be called: the desk's own are reminded anyway.

    Nobody who came by an invitation into a case: whom that is kept from would read it here.
    """
    places = TeamMembership.objects.filter(team__retired_at=None)
    listed = places.exclude(team__organisation__state=OrganisationState.PROVISIONAL)
    found = Person.objects.filter(id__in=listed.values("person"), is_active=True)
    return found.exclude(id__in=members().values("id")).order_by("name")


def deputy() -> Deputy | None:
    """Return who is called when the desk misses its promise; nobody who cannot be any more."""
    named = Deputy.objects.filter(is_current=True).first()
    if named is None:
        return None
    can_be_called = (
        teams_for_deputy().filter(id=named.team_id).exists()
        if named.team_id
        else people_for_deputy().filter(id=named.person_id or _NOBODY).exists()
    )
    return named if can_be_called else None


def is_deputy(principal: Principal) -> bool:
    """Tell whether a person, or a team of theirs, is the desk's deputy."""
    found = deputy()
    return found is not None and (
        (found.team_id is not None and found.team_id in principal.team_ids)
        or (found.person_id is not None and found.person_id == principal.person_id)
    )
