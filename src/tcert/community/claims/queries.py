"""Reads of claims: who holds an identifier, what overlaps, lists as people narrow them."""

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import cast
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tcert.community.claims import precedence, spaces
from tcert.community.claims.enums import Proof, State, Way
from tcert.community.claims.models import (
    REMIND_BEFORE,
    Claim,
    Covered,
    Dispute,
    Verification,
)
from tcert.community.claims.precedence import Ranked
from tcert.community.claims.spaces import Stretch
from tcert.community.directory.enums import ChannelKind, ChannelPurpose, OrganisationState
from tcert.community.directory.models import Channel, Team
from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Held:
    """A claim that covers what was asked for, with its place among the others."""

    claim: Claim
    ranked: Ranked


def holders(
    kind: Kind, value: str, at: datetime, *, operational: Container[str] = ()
) -> tuple[Held, ...]:
    """Return who holds an identifier at a moment, best first (`precedence`); often nobody.

    It asks nobody's rights: who shows the answer decides what may be said of it. A stranger reads
    of a claim that is findable only.

    Raises:
        IdentifierRefused: the value is none of this kind.

    """
    return holders_of(registry.parse(kind, value), at, operational=operational)


def holders_of(
    found: Identifier, at: datetime, *, operational: Container[str] = ()
) -> tuple[Held, ...]:
    """Return the same of an identifier that was read already."""
    return holders_of_each([found], at, Q(), operational=operational)[0]


def holders_of_each(
    readings: Sequence[Identifier], at: datetime, among: Q, *, operational: Container[str] = ()
) -> list[tuple[Held, ...]]:
    """Return who holds each of several identifiers, of the claims that `among` leaves.

    One question for all. Claims that it leaves out are as if they were not there: whoever is
    answered from the others learns nothing of them.
    """
    wanted: list[dict[Stretch, int]] = []
    for found in readings:
        groups = spaces.covering(found, operational)
        wanted.append(
            {stretch: n for n, group in reversed(list(enumerate(groups))) for stretch in group}
        )
    every = {stretch for one in wanted for stretch in one}
    if not every:
        return [() for _found in readings]
    rows = list(
        Covered.objects.filter(exactly(every), among, claim__state__in=State.counting())
        .select_related("claim__organisation", "claim__team")
        .order_by()
    )
    return [_best(rows, one, at) for one in wanted]


def _best(rows: Iterable[Covered], wanted: dict[Stretch, int], at: datetime) -> tuple[Held, ...]:
    claims, candidates = {}, []
    for row in rows:
        group = wanted.get(Stretch(spaces.Space(row.space), row.prefix))
        if group is not None:
            claims[row.claim_id] = row.claim
            candidates.append(row.claim.candidate(group, len(row.prefix)))
    return tuple(
        Held(claims[one.candidate.claim], one) for one in precedence.ranked(candidates, at)
    )


def for_strangers(at: datetime) -> Q:
    """Leave the claims that answer a stranger: findable, proven and undisputed, of a listed holder.

    One that is only claimed would lead reports to whoever claims somebody else's network.
    """
    lasting = Q(claim__valid_until=None) | Q(claim__valid_until__gt=at)
    return lasting & Q(
        claim__valid_from__lte=at,
        claim__is_findable=True,
        claim__state=State.VERIFIED,
        claim__verified_until__gt=at,
        claim__organisation__state=OrganisationState.LISTED,
    )


def for_viewer(principal: Principal, at: datetime) -> Q:
    """Leave the claims that answer somebody: those they may read of, and those for strangers."""
    # Asked of each claim that covers it: a list of all that somebody reads is walked whole.
    read = Q(Exists(Claim.objects.visible_to(principal).filter(pk=OuterRef("claim"))))
    return read | for_strangers(at) if principal.is_member else for_strangers(at)


def exactly(wanted: Iterable[Stretch]) -> Q:
    """Ask for rows of exactly these stretches."""
    by_space: dict[str, list[str]] = {}
    for stretch in wanted:
        by_space.setdefault(stretch.space, []).append(stretch.prefix)
    return reduce(or_, (Q(space=s, prefix__in=found) for s, found in by_space.items()))


def overlapping(stretches: Collection[Stretch], organisation_id: UUID) -> QuerySet[Claim]:
    """Return the claims of others that cover, or lie in, one of some stretches."""
    covered = Covered.objects.filter(overlap_of(stretches))
    return (
        Claim.objects.counting()
        .exclude(organisation=organisation_id)
        .filter(id__in=covered.order_by().values("claim"))
    )


def overlap_of(stretches: Collection[Stretch]) -> Q:
    """Ask for rows that hold one of some stretches or lie below one; a few hundred at most.

    SQLite's parser takes no deeper question.
    """
    parts: list[Q] = [exactly({up for stretch in stretches for up in spaces.above(stretch)})]
    for stretch in stretches:
        first, last = stretch.bounds
        parts.append(Q(space=stretch.space, prefix__gt=first, prefix__lt=last))
    return Q(*parts, _connector=Q.OR)


def stretches_of(claim: Claim) -> list[Stretch]:
    """Return what a stored claim covers."""
    rows = Covered.objects.filter(claim=claim.pk).values_list("space", "prefix")
    return sorted(Stretch(spaces.Space(space), prefix) for space, prefix in rows)


def overlaps_of(claim: Claim) -> list[Claim]:
    """Return a few of the claims of others that overlap with a claim."""
    found = overlapping(stretches_of(claim), claim.organisation_id)
    return list(found.select_related("organisation").order_by("id")[:MOST_SHOWN])


def narrowed(
    principal: Principal, *, organisation_id: UUID, kind: str = "", state: str = "", text: str = ""
) -> QuerySet[Claim]:
    """Return the claims of an organisation that the person may see, as a list is narrowed.

    `state` is a state, `overlaps`, `ending`, or nothing for those that count; `text` is how a
    value begins.
    """
    seen = Claim.objects.visible_to(principal).filter(organisation=organisation_id)
    # What overlaps or is to be proven anew is the holder's and the desk's to know.
    own = principal.is_coordinator or organisation_id in principal.listed_organisation_ids
    if state in {"overlaps", "ending"} and not own:
        seen = seen.none()
    elif state == "overlaps":
        seen = seen.counting().exclude(overlapped_at=None)
    elif state == "ending":
        seen = seen.counting().filter(ends_soon(clock.now()))
    elif state in set(State):
        seen = seen.filter(state=state)
    elif state != "all":
        seen = seen.counting()
    if kind:
        seen = seen.filter(kind=kind)
    if text:
        seen = seen.filter(value__gte=text, value__lt=text + "\x7f")
    return cast("QuerySet[Claim]", seen.order_by("kind", "value", "id"))


def ends_soon(now: datetime) -> Q:
    """Ask for claims that end, or whose proof does, within 30 days."""
    soon = now + REMIND_BEFORE
    return Q(valid_until__gt=now, valid_until__lte=soon) | Q(
        verified_until__gt=now, verified_until__lte=soon
    )


def counted(principal: Principal, organisation_id: UUID) -> list[tuple[Kind, int, int]]:
    """Return by kind how many claims of an organisation the person sees, and how many verified."""
    seen = Claim.objects.visible_to(principal).counting().filter(organisation=organisation_id)
    verified = Count("id", filter=Q(verified_until__gt=clock.now()))
    rows = seen.order_by().values("kind").annotate(n=Count("id"), verified=verified)
    found = {row["kind"]: (row["n"], row["verified"]) for row in rows}
    return [(kind, *found[kind]) for kind in spaces.CLAIMABLE if kind in found]


def to_verify(principal: Principal) -> QuerySet[Claim]:
    """Return the claims that wait for a coordinator, the oldest first."""
    waiting = Claim.objects.visible_to(principal).filter(state=State.CLAIMED)
    return waiting.select_related("organisation", "organisation__group").order_by(
        "created_at", "id"
    )


def disputed(principal: Principal) -> QuerySet[Dispute]:
    """Return the open disputes that the person may see, the oldest first."""
    seen = Dispute.objects.visible_to(principal).open()
    return seen.select_related("claim__organisation", "organisation").order_by("opened_at", "id")


def asked_for_word(principal: Principal) -> QuerySet[Verification]:
    """Return what waits for the word of one of the person's teams."""
    now = clock.now()
    return (
        Verification.objects.visible_to(principal)
        .filter(
            way=Way.ATTESTATION,
            state=Proof.ASKED,
            expires_at__gt=now,
            by_team__in=principal.team_ids,
        )
        .select_related("claim__organisation", "by_team__organisation")
        .order_by("expires_at", "id")
    )


def witnesses(claim: Claim) -> QuerySet[Team]:
    """Return the listed teams of other organisations whose word can be asked for; not the desk.

    That a team belongs to the same house is judged when it is asked.
    """
    listed: QuerySet[Team] = Team.objects.listed().filter(is_desk=False)
    able = listed.exclude(organisation=claim.organisation_id)
    return able.select_related("organisation").order_by("organisation__name", "name")


def first_teams(organisations: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the one team of each organisation that is told: the oldest, but not the desk."""
    teams = Team.objects.filter(organisation__in=organisations, retired_at=None, is_desk=False)
    first: dict[UUID, UUID] = {}
    for team in teams.order_by("organisation", "created_at", "id"):
        first.setdefault(team.organisation_id, team.id)
    return first


def round_the_clock(claim: Claim) -> list[Channel]:
    """Return the round-the-clock addresses of the team that answers, else of all the holder's."""
    mails = Channel.objects.filter(
        team__organisation=claim.organisation_id,
        team__retired_at=None,
        kind=ChannelKind.EMAIL,
        purpose=ChannelPurpose.EMERGENCY,
    ).select_related("team")
    found = list(mails.order_by("value", "id")[:MOST_SHOWN])
    return [one for one in found if one.team_id == claim.team_id] or found
