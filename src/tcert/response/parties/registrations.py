"""What this room shows on other rooms' pages: the way in from a case, its lines, what waits."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.accounts import leads
from tcert.community.accounts.enums import LinkKind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui import waiting
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.response.cases import acts
from tcert.response.cases.models import Case
from tcert.response.cases.models.case import register_asked
from tcert.response.parties.enums import WITH_TEAM, PartyState
from tcert.response.parties.models import PartyInvitation
from tcert.response.parties.queries import FOR_DESK, Standing, Step, standings

PRESSING = timedelta(hours=24)
LONGEST_LIST = 20


def parties_of(principal: Principal, case: Case) -> Iterator[acts.Line]:
    """Yield the invitations beyond the hub of a case."""
    if not (case.coordinating_team.is_desk and case.is_coordinated_by(principal)):
        return
    for one in standings(PartyInvitation.objects.filter(case=case)):
        yield acts.Line(
            label=_("%(name)s, from outside") % {"name": one.invitation.name},
            url=reverse("parties:party", args=[case.id, one.invitation.id]),
            mark=one.mark,
        )


def for_desk(principal: Principal) -> Iterator[Waiting]:
    """Tell coordinators which keys of parties wait, and which invitations came to nothing."""
    if not principal.is_coordinator:
        return
    open_ones = PartyInvitation.objects.visible_to(principal).filter(
        state__in=[*WITH_TEAM, PartyState.EXPIRED]
    )
    found = standings(open_ones.select_related("case")[: LONGEST_LIST * 2])
    for one in [s for s in found if s.step in FOR_DESK][:LONGEST_LIST]:
        yield _line(one)


def _line(one: Standing) -> Waiting:
    name = {"name": one.invitation.name, "case": one.invitation.case.name}
    url = reverse("parties:party", args=[one.invitation.case_id, one.invitation.id])
    if one.step is Step.KEY_WAITS:
        return Waiting(
            title=_("Confirm the key of %(name)s") % name,
            why=_("invited from outside into %(case)s; hear the fingerprint where they publish it")
            % name,
            otherwise=_("nothing is sealed to them, and they are not asked"),
            url=reverse("parties:key", args=[one.invitation.case_id, one.invitation.id]),
            urgency=Urgency.NOW,
            due=one.due,
        )
    if one.step is Step.CONFIRMED:
        return Waiting(
            title=_("Put the terms to %(name)s") % name,
            why=_("their key counts, and they are not asked into %(case)s yet") % name,
            otherwise=_("they wait, and do not know for what"),
            url=url,
            urgency=Urgency.NOW,
            due=one.due,
        )
    return Waiting(
        title=_("%(name)s did not follow the invitation") % name,
        why=_("invited from outside into %(case)s: send it anew, or withdraw it") % name,
        otherwise=_("they never learn of the case"),
        url=url,
    )


def for_invitee(principal: Principal) -> Iterator[Waiting]:
    """Tell an invited person which step is theirs, without a word of the case."""
    found = PartyInvitation.objects.of_invitee(principal).filter(state=PartyState.JOINED)
    for one in standings(found.select_related("team")[:LONGEST_LIST]):
        if one.step is Step.ACCOUNT:
            yield Waiting(
                title=_("Go on with your invitation: bring a key"),
                why=_("the desk writes to nobody whose key it does not know"),
                otherwise=_("the invitation lapses, and you hear nothing"),
                url=reverse("parties:own"),
                urgency=Urgency.NOW
                if one.invitation.expires_at - clock.now() < PRESSING
                else Urgency.SOON,
                due=one.due,
            )


def asked_into(houses: AbstractSet[UUID]) -> QuerySet[Any]:
    """Return the cases into which a party of these houses is asked from outside.

    From the moment of the invitation: before its terms are put the party is no participant, and a
    colleague who is tied to its owner would see whom the case is about.
    """
    theirs = PartyInvitation.objects.filter(
        Q(group__in=houses) | Q(team__organisation__in=houses)
    ).exclude(state=PartyState.WITHDRAWN)
    return theirs.order_by().values("case")


register_asked(asked_into)
leads.register(LinkKind.PARTY, "parties:join")
acts.register_way_to_involve(
    gettext_lazy("Invite a party that the hub does not know"),
    "parties:invite",
    Permission.PARTIES_INVITATION_MANAGE,
)
acts.register_lines(parties_of)
waiting.register(for_desk)
waiting.register(for_invitee)
