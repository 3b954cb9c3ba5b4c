"""Reads of participation that pages, acts and jobs share; each asks a constant number of times."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Max, QuerySet

from tcert.community.accounts.models import Person
from tcert.community.directory import contributions
from tcert.community.directory.enums import OrganisationKind, OrganisationState
from tcert.community.directory.models import Organisation
from tcert.community.participation import leave
from tcert.community.participation.enums import Shown, State
from tcert.community.participation.models import Absence, Contribution, Office, Snapshot, Start
from tcert.community.participation.rule_sets import RULES, Weight
from tcert.community.participation.standing import Contribution as Act
from tcert.community.participation.standing import Meeting, Standing, shown, standing
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal

LONGEST_LIST = 20
LOOK_BACK = timedelta(days=3 * 365)
"""Longer than any window with all absences in it; what is older decides nothing."""
PER_PORTION = 500
"""So many ids does every database take in one question."""


def members() -> QuerySet[Organisation]:
    """Return the organisations that take part: listed ones, not the hub's own."""
    return Organisation.objects.filter(state=OrganisationState.LISTED).exclude(
        kind=OrganisationKind.HUB
    )


def own_organisations(principal: Principal) -> list[Organisation]:
    """Return a person's organisations that take part; the one they act for stands first."""
    acting = {m.team_id: m.organisation_id for m in principal.memberships}.get(
        principal.acting_team_id or UUID(int=0)
    )
    found = members().filter(id__in=principal.listed_organisation_ids)
    return sorted(found, key=lambda one: (one.id != acting, one.name, one.id))


def told_organisations(principal: Principal, roles: Collection[str]) -> list[Organisation]:
    """Return those that were warned or have lapsed, of which the person has one of some roles."""
    ids = {m.organisation_id for m in principal.memberships if m.role in roles and not m.is_desk}
    loud = members().filter(id__in=ids, standing_snapshot__told__in=[State.WARNED, State.LAPSED])
    return list(loud.order_by("name", "id")) if ids else []


def weights() -> dict[str, Weight]:
    """Return what the rooms say of their own kinds."""
    return {kind.name: Weight(kind.needs, kind.most) for kind in contributions.kinds().values()}


Row = TypeVar("Row")
Part = TypeVar("Part")


def _grouped(
    rows: Iterable[Row], key: Callable[[Row], UUID], part: Callable[[Row], Part]
) -> dict[UUID, list[Part]]:
    found: dict[UUID, list[Part]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(part(row))
    return found


Answer = TypeVar("Answer")


def standings(organisations: Collection[Organisation], at: date) -> dict[UUID, Standing]:
    """Return how some organisations stand on a day, in four questions however many they are."""
    return _asked(organisations, at, standing)


def words(organisations: Collection[Organisation], at: date) -> dict[UUID, Shown]:
    """Return what all members read of it, as cheaply as long lists want it."""
    return _asked(organisations, at, shown)


def _asked(
    organisations: Collection[Organisation], at: date, question: Callable[..., Answer]
) -> dict[UUID, Answer]:
    """Fetch what the pure functions of standing want, and ask one of them for each."""
    ids = [one.id for one in organisations]
    acts = _grouped(
        Contribution.objects.filter(organisation__in=ids, on__gt=at - LOOK_BACK)
        .order_by()
        .values_list("organisation_id", "kind", "object_id", "on"),
        lambda row: row[0],
        lambda row: Act(*row[1:]),
    )
    away = _grouped(
        Absence.objects.confirmed()
        .filter(organisation__in=ids)
        .order_by()
        .values_list("organisation_id", "first", "last"),
        lambda row: row[0],
        lambda row: leave.Absence(*row[1:]),
    )
    held = _grouped(
        Office.objects.filter(organisation__in=ids).only("organisation", "first", "last"),
        lambda row: row.organisation_id,
        lambda row: row.term,
    )
    starts = dict(Start.objects.filter(organisation__in=ids).values_list("organisation_id", "on"))
    meetings = [Meeting(on, pk) for pk, on in contributions.ordinary_meetings()]
    counts = weights()
    return {
        one.id: question(
            acts[one.id],
            away[one.id],
            Start.of(one, starts.get(one.id)),
            RULES,
            at,
            terms=held[one.id],
            meetings=meetings,
            weights=counts,
        )
        for one in organisations
    }


def standing_of(organisation: Organisation, at: date | None = None) -> Standing:
    """Return how one organisation stands, today if no day is given."""
    return standings([organisation], at or clock.today())[organisation.id]


def in_portions(ids: Sequence[UUID]) -> Iterator[list[Organisation]]:
    """Fetch many organisations a portion at a time, in the order in which their ids are given."""
    for start in range(0, len(ids), PER_PORTION):
        portion = ids[start : start + PER_PORTION]
        found = Organisation.objects.in_bulk(portion)
        yield [found[one] for one in portion if one in found]


def last_look() -> datetime | None:
    """Return when the hub last looked at all standings."""
    found: datetime | None = Snapshot.objects.aggregate(at=Max("taken_at"))["at"]
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A contribution as a page tells it; a confidential one has its day for its own people only."""

    label: str
    on: date | None
    until: date | None


def lines(found: Standing, *, is_own: bool) -> list[Line]:
    """Return what counts today in words, the newest first."""
    kinds, told = contributions.kinds(), []
    for one in found.counted:
        kind = kinds.get(one.contribution.kind)
        shows = is_own or kind is None or not kind.is_confidential
        label = str(kind.label) if kind else one.contribution.kind
        days = (one.contribution.on, one.until) if shows else (None, None)
        told.append(Line(label, *days))
    return told


def names(people: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Return the names of people by their ids; who has left has none."""
    found = Person.objects.filter(id__in=[one for one in people if one])
    return dict(found.values_list("id", "name"))
