"""Reads of reachability that pages and acts share; each asks a constant number of times."""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from tcert.community.directory.enums import ChannelKind, ChannelPurpose
from tcert.community.directory.models import Channel, Team
from tcert.community.notices.enums import HookState
from tcert.community.notices.models import Hook
from tcert.community.reachability.enums import DeliveryState, Result
from tcert.community.reachability.models import Delivery, Drill, Pause
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal

LONGEST_LIST = 40
LONG_AGO = timedelta(days=200)
"""A team that was not drilled for so long is missing from the plan."""
_RESULTS_LOOKED_AT = 4


def with_contact() -> QuerySet[Team]:
    """Return the listed teams that say that they are reached round the clock.

    They have an emergency channel, or a hook that pages whoever is on duty.
    """
    emergency = Channel.objects.filter(team=OuterRef("pk"), purpose=ChannelPurpose.EMERGENCY)
    hooks = Hook.objects.filter(team=OuterRef("pk"), state=HookState.ACTIVE)
    return Team.objects.on_list().filter(Exists(emergency) | Exists(hooks))


def is_paused(team_id: UUID) -> bool:
    """Tell whether a drill that begins now would run into days on which a team is spared."""
    now = clock.now()
    lately = Pause.objects.filter(team=team_id, last__gte=now.date())
    return any(one.span.holds(now) for one in lately)


def refused_among(addresses: AbstractSet[str]) -> set[str]:
    """Return those of some addresses to which mail is refused, as they were given."""
    wanted = {one.lower() for one in addresses}
    refused = Delivery.objects.filter(state=DeliveryState.REFUSED, address__in=wanted)
    found = set(refused.values_list("address", flat=True))
    return {one for one in addresses if one.lower() in found}


def last_results(team_id: UUID) -> list[Result]:
    """Return what a team's latest drills that count came to, the newest first."""
    found = Drill.objects.counted().closed().filter(team=team_id)
    return [Result(one) for one in found.values_list("result", flat=True)[:_RESULTS_LOOKED_AT]]


@dataclass(frozen=True, slots=True)
class Told:
    """An address of a team and how mail to it fares; None where no mail was sent yet."""

    channel: Channel
    delivery: Delivery | None

    @property
    def is_troubled(self) -> bool:
        """Does mail not reach it?"""
        return self.delivery is not None and self.delivery.is_troubled


def addresses_of(principal: Principal, team_ids: Collection[UUID]) -> list[Told]:
    """Return the mail addresses of teams that the person sees, with how mail to them fares."""
    channels = Channel.objects.visible_to(principal).filter(
        team__in=team_ids, kind=ChannelKind.EMAIL
    )
    found = list(channels.select_related("team").by_purpose())
    by_address = _deliveries(one.value for one in found)
    return [Told(one, by_address.get(one.value.lower())) for one in found]


def _deliveries(addresses: Iterable[str]) -> dict[str, Delivery]:
    wanted = {one.lower() for one in addresses}
    return {one.address: one for one in Delivery.objects.filter(address__in=wanted)}


def overview(principal: Principal, show: str) -> QuerySet[Team]:
    """Return the teams of the coordinators' list: narrowed, with what it says of each.

    Args:
        principal: Who looks.
        show: `mail`, `drills`, `undrilled`, or anything else for all.

    """
    troubled = Channel.objects.alias(low=Lower("value")).filter(
        team=OuterRef("pk"), kind=ChannelKind.EMAIL, low__in=_troubled()
    )
    last = Drill.objects.counted().closed().filter(team=OuterRef("pk")).order_by("-started_at")
    teams = (
        Team.objects.visible_to(principal)
        .on_list()
        .select_related("organisation")
        .annotate(
            has_trouble=Exists(troubled),
            has_contact=Exists(with_contact().filter(pk=OuterRef("pk"))),
            drilled_at=Subquery(last.values("started_at")[:1]),
            drill_result=Subquery(last.values("result")[:1]),
        )
        .order_by("name", "id")
    )
    if show == "mail":
        return teams.filter(has_trouble=True)
    if show == "drills":
        return teams.filter(drill_result__in=[Result.LATE, *Result.failed()])
    if show == "undrilled":
        before = clock.now() - LONG_AGO
        return teams.filter(has_contact=True).filter(Q(drilled_at=None) | Q(drilled_at__lt=before))
    return teams


def count_in_trouble(principal: Principal) -> int:
    """Count the teams of that list to which mail does not get, or that did not answer."""
    teams = overview(principal, "")
    return teams.filter(Q(has_trouble=True) | Q(drill_result__in=Result.failed())).count()


def _troubled() -> QuerySet:
    return Delivery.objects.troubled().values("address")
