"""Reads that pages share: the board, the matrix, the timeline."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case as Choice
from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.desk import queries as desk
from tcert.community.notices.queries import acknowledged
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.text import searched
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Message
from tcert.response.cases import standing, words
from tcert.response.cases.enums import (
    EMBARGO_HOLDS,
    CaseKind,
    Consent,
    InvitationState,
    Management,
    Presence,
    Role,
    ThreadPurpose,
)
from tcert.response.cases.models import (
    Case,
    CaseThread,
    Invitation,
    Participant,
    ParticipantRole,
    PromisedAnswer,
    Recusal,
    Statement,
)
from tcert.response.cases.models.case import acting_team_ids
from tcert.response.cases.standing import Mark

SORTS = {
    "received": "received_on",
    "number": "number",
    "name": "code_name",
    "embargo": "embargo__ends_at",
    "state": "management",
}
ASKED_FIRST = timedelta(days=1)

# Lists of cases ------------------------------------------------------------------------------


def with_state(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Add the coordinating team's report management and what a list shows beside it."""
    parties = (
        Participant.objects.filter(
            case=OuterRef("pk"), presence=Presence.TAKING_PART, team__isnull=False
        )
        .order_by()
        .values("case")
        .annotate(count=Count("id"))
        .values("count")
    )
    return _with_management(cases.select_related("embargo", "coordinating_team")).annotate(
        parties=Coalesce(Subquery(parties), 0)
    )


def _with_management(cases: QuerySet[Any]) -> QuerySet[Any]:
    own = Participant.objects.filter(case=OuterRef("pk"), team=OuterRef("coordinating_team"))
    return cases.annotate(management=Subquery(own.order_by().values("management")[:1]))


def with_promise(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Add whether the reporter was answered, or since which day an answer is waited for.

    A judgement is no answer: the promise is kept when a team has written to the reporter. Who
    deleted the mailbox waits for nothing. The promise itself is looked at first: it is one row,
    and says of most cases that the answer came.
    """
    return _with_waiting(cases).annotate(reporter_answered=_answered())


def _answered() -> Exists:
    written = Message.objects.filter(thread=OuterRef("thread"), author_kind=HolderKind.TEAM)
    talk = CaseThread.objects.filter(case=OuterRef("pk"), purpose=ThreadPurpose.REPORTER)
    return Exists(talk.filter(Exists(written)))


def _with_waiting(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Add since which day the reporter of a case waits for a first answer."""
    talk = CaseThread.objects.filter(case=OuterRef("pk"), purpose=ThreadPurpose.REPORTER)
    listening = talk.filter(readers__participant__team=None, readers__left_at=None)
    owed = PromisedAnswer.objects.filter(case=OuterRef("pk"))
    return cases.annotate(
        waits_since=Choice(
            When(
                Exists(owed.filter(answered_on=None)) & Exists(listening) & ~_answered(),
                then=Subquery(owed.values("received_on")[:1]),
            ),
            output_field=DateField(),
        )
    )


def late_at_desk() -> QuerySet[Any]:
    """Return the desk's cases whose reporter waits for a first answer, with since when."""
    return waiting_for_answer(Case.objects.filter(coordinating_team__is_desk=True))


def waiting_for_answer(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Return those cases whose reporter waits for a first answer, with since when.

    From the promises that are open: they are few, and the rest is asked of their cases alone.
    """
    owed = PromisedAnswer.objects.filter(answered_on=None, case__isnull=False).order_by()
    return with_promise(cases.filter(id__in=owed.values("case"))).filter(waits_since__isnull=False)


def board(principal: Principal, query: Mapping[str, str]) -> QuerySet[Any]:
    """Return the coordinated cases that the filters of the address ask for, sorted.

    What the board shows beside a case is asked of a page only (`described`): of ten thousand cases,
    before they are sorted, it takes most of a second.
    """
    cases: QuerySet[Any] = Case.objects.coordinated_by(principal).only("id")
    state = query.get("state", "")
    if state in set(Management):
        cases = _at(cases, [state])
    elif state != "all":
        cases = _at(cases, sorted(set(Management) - {Management.CLOSED}))
    if (kind := query.get("kind", "")) in set(CaseKind):
        cases = cases.filter(kind=kind)
    if text := searched(query, "q"):
        cases = cases.filter(
            Q(code_name__icontains=text)
            | Q(number__icontains=text)
            | Q(products__name__icontains=text)
        ).distinct()
    sort = query.get("sort", "")
    if sort.removeprefix("-") not in SORTS:
        # The promise that ends first stands first; what is answered follows, the newest first.
        waiting = F("waits_since").asc(nulls_last=True)
        return _with_waiting(cases).order_by(waiting, "-received_on", "code_name")
    return _sorted(_with_management(cases) if sort.endswith("state") else cases, sort)


def described(cases: Iterable[Case]) -> list[Any]:
    """Return these cases, in their order, with what the board shows beside each."""
    keys = [case.pk for case in cases]
    found = with_promise(with_state(Case.objects.filter(pk__in=keys))).in_bulk()
    return [found[key] for key in keys if key in found]


def _sorted(cases: QuerySet[Any], sort: str) -> QuerySet[Any]:
    field = SORTS.get(sort.removeprefix("-"))
    if field is None:
        return cases.order_by("-received_on", "code_name")
    order = (
        F(field).desc(nulls_last=True) if sort.startswith("-") else F(field).asc(nulls_last=True)
    )
    return cases.order_by(order, "code_name")


def counts(principal: Principal) -> dict[str, int]:
    """Return how many coordinated cases stand at each state."""
    own = Case.objects.coordinated_by(principal).filter(participants__team=F("coordinating_team"))
    return dict(
        own.order_by()
        .values("participants__management")
        .annotate(count=Count("id"))
        .values_list("participants__management", "count")
    )


def number_at(state: str, numbers: Mapping[str, int]) -> int:
    """Return how many cases the board shows of a state, as `counts` told: all but closed if none.

    It is `board`'s choice, in numbers.
    """
    if state in set(Management):
        return numbers.get(state, 0)
    closed = 0 if state == "all" else numbers.get(Management.CLOSED, 0)
    return sum(numbers.values()) - closed


def standing_at(principal: Principal, *states: Management) -> QuerySet[Any]:
    """Return the coordinated cases at these states, found from the rows of the person's teams."""
    cases = Case.objects.coordinated_by(principal)
    return _at(cases, states, participants__team__in=acting_team_ids(principal))


def _at(cases: QuerySet[Any], states: Collection[str], **row: Any) -> QuerySet[Any]:
    """Return those of some cases whose coordinating team stands at one of these states."""
    return cases.filter(
        participants__team=F("coordinating_team"), participants__management__in=states, **row
    )


def count_to_judge(principal: Principal) -> int:
    """Return how many reports wait for judgement; every page of a coordinator asks."""
    return standing_at(principal, Management.RECEIVED).count()


def joined(principal: Principal, query: Mapping[str, str]) -> QuerySet[Any]:
    """Return the cases in which the person's teams take part, with their own row's facts."""
    mine = Participant.objects.filter(case=OuterRef("pk"), team__in=acting_team_ids(principal))
    shown = Q(id__in=Case.objects.joined_by(principal).values("id")) | Q(
        id__in=Case.objects.coordinated_by(principal)
        .filter(coordinating_team__is_desk=False)
        .values("id")
    )
    cases = with_state(Case.objects.filter(shown)).annotate(
        own_tracking=Subquery(mine.values("tracking_id")[:1]),
        own_management=Subquery(mine.values("management")[:1]),
    )
    if text := searched(query, "q"):
        cases = cases.filter(
            Q(code_name__icontains=text)
            | Q(number__icontains=text)
            | Q(own_tracking__icontains=text)
        )
    return _sorted(cases, query.get("sort", ""))


def open_invitations(principal: Principal) -> QuerySet[Invitation]:
    """Return what the person's teams are asked and can still answer."""
    return (
        Invitation.objects.filter(
            participant__team__in=acting_team_ids(principal),
            state=InvitationState.WAITING,
            expires_at__gt=clock.now(),
        )
        .select_related("participant__case", "participant__team")
        .order_by("expires_at")
    )


# Who of the desk can coordinate ---------------------------------------------------------------


def available_coordinators(case: Case) -> list[Person]:
    """Return who of the desk can coordinate a case: declared, and without a conflict.

    Whose declaration has lapsed is not among them: nobody knows whether the case concerns them.
    """
    return [
        person
        for person in desk.members()
        if desk.has_declared(person.id) and case.is_coordinated_by(desk.as_coordinator(person))
    ]


def to_take_over(principal: Principal) -> QuerySet[Recusal]:
    """Return the cases that a colleague stepped back from and nobody has taken over yet.

    Who was asked by name sees it alone for a day; after that every colleague who may does.
    """
    mine = Case.objects.coordinated_by(principal).filter(closed_at=None)
    asked = Q(successor=None) | Q(successor=principal.person_id)
    waited = Q(at__lte=clock.now() - ASKED_FIRST)
    return (
        Recusal.objects.filter(asked | waited, mine.this("case"), taken_at=None)
        .select_related("case", "person")
        .order_by("at")
    )


# The matrix ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the matrix: a party, and one of its statements if it made any."""

    participant: Participant
    roles: tuple[str, ...]
    consent: Mark
    product: str
    position: Mark
    last_heard_at: datetime | None
    acknowledged_at: datetime | None
    first: bool
    own: bool


def participants_of(
    case: Case, principal: Principal, query: Mapping[str, str] | None = None
) -> QuerySet[Participant]:
    """Return the visible participants with what the matrix needs, filtered by the address."""
    query = query or {}
    statements = Statement.objects.select_related("product").defer("text")
    found = (
        Participant.objects.of_case(case, principal)
        .filter(team__isnull=False)
        .select_related("team__organisation", "case")
        .prefetch_related(
            "roles",
            Prefetch("statements", queryset=statements),
            Prefetch("invitations", queryset=Invitation.objects.defer("reason")),
        )
    )
    if (role := query.get("role", "")) in set(Role):
        found = found.filter(
            Exists(ParticipantRole.objects.filter(participant=OuterRef("pk"), role=role))
        )
    if text := searched(query, "party"):
        found = found.filter(
            Q(team__name__icontains=text) | Q(team__organisation__name__icontains=text)
        )
    if (presence := query.get("presence", "")) in set(Presence):
        found = found.filter(presence=presence)
    return found.order_by("team__organisation__name", "team__name")


def lines(participants: Iterable[Participant], principal: Principal) -> list[Line]:
    """Return the matrix's lines: each party once per product on which it spoke, at least once."""
    own_teams = acting_team_ids(principal)
    participants = list(participants)
    about = participants[0].case_id if participants else None
    seen_at = acknowledged(about, [p.team_id for p in participants]) if about else {}
    result = []
    for participant in participants:
        invitations = list(participant.invitations.all())
        seen = bool(invitations and invitations[0].seen_at)
        statements = list(participant.statements.all())
        consent = standing.of_consent(participant.consent, participant.presence, seen=seen)
        roles = tuple(str(r) for r in participant.roles.all())
        overall = standing.of_participant(
            presence=participant.presence,
            management=participant.management,
            will_not_answer=participant.will_not_answer,
            seen=seen,
            positions=[s.position for s in statements],
        )
        spoken = [
            (s.subject, standing.of_position(s.position, s.fix_state)) for s in statements
        ] or [("", overall)]
        for index, (product, position) in enumerate(spoken):
            result.append(
                Line(
                    participant=participant,
                    roles=roles,
                    consent=consent,
                    product=product,
                    position=position,
                    last_heard_at=participant.last_heard_at,
                    acknowledged_at=seen_at.get(participant.team_id)
                    if participant.team_id
                    else None,
                    first=index == 0,
                    own=participant.team_id in own_teams,
                )
            )
    return result


def own_row(case: Case, principal: Principal) -> Participant | None:
    """Return the row of the team that the person acts for in a case, the acting team first."""
    rows = list(
        case.participants.filter(team__in=acting_team_ids(principal), presence=Presence.TAKING_PART)
        .select_related("team__organisation", "case__coordinating_team")
        .prefetch_related("roles")
    )
    if case.is_coordinated_by(principal):
        rows.sort(key=lambda r: r.team_id != case.coordinating_team_id)
    else:
        rows = [r for r in rows if r.team_id != case.coordinating_team_id]
        rows.sort(key=lambda r: r.team_id != principal.acting_team_id)
    return rows[0] if rows else None


# The timeline --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline."""

    at: datetime
    words: str
    day_only: bool
    alarm: bool = False


def timeline(case: Case, principal: Principal, limit: int = 40) -> list[Happening]:
    """Return what happened, newest first, in words, as far as the viewer may know of it.

    A party sees what concerns the whole case, what the coordinating team and itself did, and what
    parties did that show themselves. It never learns from the timeline who else takes part.
    """
    coordinates = case.is_coordinated_by(principal)
    visible_rows = Participant.objects.of_case(case, principal).filter(team__isnull=False)
    names = {str(key): name for key, name in visible_rows.values_list("id", "team__name")}
    finder = case.participants.filter(team__isnull=True).values_list("id", flat=True).first()
    records = AuditRecord.objects.filter(object_kind="case", object_id=case.id)
    if not coordinates:
        mine = {
            str(i)
            for i in case.participants.filter(team__in=acting_team_ids(principal)).values_list(
                "id", flat=True
            )
        }
        visible = mine | set(names)
        records = records.filter(
            Q(act__in=words.FOR_ALL)
            | (Q(act__in=words.FOR_SHOWN) & Q(data__participant__in=sorted(visible)))
            | Q(data__participant__in=sorted(mine))
        ).exclude(act__in=words.FOR_COORDINATORS)
    if finder is not None:
        names[str(finder)] = _("The reporter")
    result = []
    for record in records.order_by("-at")[:limit]:
        who = names.get(str(record.data.get("participant", "")), _("A party"))
        sentence = words.sentence(record.act, record.data, who)
        if sentence:
            result.append(
                Happening(
                    at=record.at,
                    words=sentence,
                    day_only=record.actor_kind == "reporter",
                    alarm=record.act in words.ALARMS,
                )
            )
    return result


def is_waiting_to_sign(case_id: UUID, principal: Principal) -> Invitation | None:
    """Return the open invitation that stands between the viewer and a case."""
    return (
        Invitation.objects.filter(
            participant__case_id=case_id,
            participant__team__in=acting_team_ids(principal),
            state=InvitationState.WAITING,
            expires_at__gt=clock.now(),
        )
        .select_related("participant__case")
        .first()
    )


def signatories(case: Case) -> int:
    """Return how many parties have signed the embargo."""
    return case.participants.filter(consent=Consent.SIGNATORY, team__isnull=False).count()


def holds(case: Case) -> bool:
    """Tell whether an embargo holds."""
    return case.embargo.state in EMBARGO_HOLDS
