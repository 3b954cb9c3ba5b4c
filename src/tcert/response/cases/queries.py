"""Reads that pages share: the board, the matrix, the timeline, the threads."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.desk import queries as desk
from tcert.community.notices.queries import acknowledged
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.queries import holders_of
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
    Recusal,
    Statement,
    ThreadReader,
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
LONGEST_SEARCH = 100
ASKED_FIRST = timedelta(days=1)

# Lists of cases ------------------------------------------------------------------------------


def searched(query: Mapping[str, str], name: str) -> str:
    """Return what was typed into a search field, without what nobody types and databases refuse."""
    text = "".join(c if c.isprintable() else " " for c in query.get(name, "")[:LONGEST_SEARCH])
    return " ".join(text.split())


def with_state(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Add the coordinating team's report management and what a list shows beside it."""
    own = Participant.objects.filter(case=OuterRef("pk"), team=OuterRef("coordinating_team"))
    return cases.select_related("embargo", "coordinating_team").annotate(
        management=Subquery(own.values("management")[:1]),
        parties=Count(
            "participants",
            filter=Q(participants__presence=Presence.TAKING_PART, participants__team__isnull=False),
        ),
    )


def with_promise(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Add whether the reporter was answered, or since which day an answer is waited for.

    A judgement is no answer: the promise is kept when the team has written to the reporter. Who
    deleted the mailbox waits for nothing.
    """
    written = Message.objects.filter(thread=OuterRef("thread"), author_kind=HolderKind.TEAM)
    talk = CaseThread.objects.filter(case=OuterRef("pk"), purpose=ThreadPurpose.REPORTER)
    listening = talk.filter(readers__participant__team=None, readers__left_at=None)
    return cases.annotate(
        reporter_answered=Exists(talk.filter(Exists(written))),
        waits_since=Subquery(listening.exclude(Exists(written)).values("case__received_on")[:1]),
    )


def board(principal: Principal, query: Mapping[str, str]) -> QuerySet[Any]:
    """Return the coordinated cases that the filters of the address ask for, sorted."""
    cases = with_promise(with_state(Case.objects.coordinated_by(principal)))
    state = query.get("state", "")
    if state in set(Management):
        cases = cases.filter(management=state)
    elif state != "all":
        cases = cases.exclude(management=Management.CLOSED)
    if (kind := query.get("kind", "")) in set(CaseKind):
        cases = cases.filter(kind=kind)
    if text := searched(query, "q"):
        cases = cases.filter(
            Q(code_name__icontains=text)
            | Q(number__icontains=text)
            | Q(products__name__icontains=text)
        ).distinct()
    if query.get("sort", "").removeprefix("-") not in SORTS:
        # The promise that ends first stands first; what is answered follows, the newest first.
        waiting = F("waits_since").asc(nulls_last=True)
        return cases.order_by(waiting, "-received_on", "code_name")
    return _sorted(cases, query.get("sort", ""))


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
    cases = with_state(Case.objects.coordinated_by(principal))
    return dict(Counter(cases.values_list("management", flat=True)))


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
    cases = Case.objects.coordinated_by(principal).filter(closed_at=None)
    asked = Q(successor=None) | Q(successor=principal.person_id)
    waited = Q(at__lte=clock.now() - ASKED_FIRST)
    return (
        Recusal.objects.filter(asked | waited, case__in=cases.values("id"), taken_at=None)
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
        Participant.objects.visible_to(principal)
        .filter(case=case, team__isnull=False)
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
    visible_rows = Participant.objects.visible_to(principal).filter(case=case, team__isnull=False)
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


# Threads -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread as the viewer's list shows it."""

    link: CaseThread
    label: str
    short: str
    count: int
    last_on: Any

    @property
    def rest(self) -> str:
        """Return what the short name leaves out, for who hears the name and does not see it."""
        return self.label.removeprefix(self.short) if self.label.startswith(self.short) else ""


def talks(case: Case, principal: Principal) -> list[Talk]:
    """Return the threads that the viewer reads, the report first, the busiest next."""
    order = [
        ThreadPurpose.REPORT,
        ThreadPurpose.REPORTER,
        ThreadPurpose.DESK,
        ThreadPurpose.VENDORS,
        ThreadPurpose.PRODUCT,
        ThreadPurpose.ALL,
    ]
    links = (
        CaseThread.objects.visible_to(principal)
        .filter(case=case)
        .exclude(purpose=ThreadPurpose.TITLE)
        .select_related("thread", "participant__team", "product", "case__coordinating_team")
    )
    served = dict(
        Message.objects.visible_to(holders_of(principal))
        .filter(thread__in=[link.thread_id for link in links])
        .order_by()
        .values_list("thread")
        .annotate(n=Count("id"))
        .values_list("thread", "n")
    )
    newest = dict(
        Message.objects.filter(thread__in=list(served))
        .order_by()
        .values_list("thread")
        .annotate(last=Max("created_on"))
        .values_list("thread", "last")
    )
    found = [
        Talk(
            link=link,
            label=label_of(link, principal),
            short=_short_label(link, principal),
            count=served.get(link.thread_id, 0),
            last_on=newest.get(link.thread_id),
        )
        for link in links
    ]
    return sorted(found, key=lambda t: (order.index(ThreadPurpose(t.link.purpose)), t.label))


def label_of(link: CaseThread, principal: Principal) -> str:
    """Return a thread's name as the viewer calls it."""
    purpose = ThreadPurpose(link.purpose)
    if purpose is ThreadPurpose.DESK and link.participant is not None:
        coordinator = link.case.coordinating_team
        if link.participant.team_id in acting_team_ids(principal):
            return _("You and %(team)s") % {"team": coordinator.name}
        return _("%(party)s and %(team)s") % {
            "party": link.participant.name,
            "team": coordinator.name,
        }
    if purpose is ThreadPurpose.PRODUCT and link.product is not None:
        return link.product.name
    return str(link.get_purpose_display())


def _short_label(link: CaseThread, principal: Principal) -> str:
    """Return the name without the side that all tabs share: for the desk the party's alone."""
    other = link.purpose == ThreadPurpose.DESK and link.participant
    if other and other.team_id not in acting_team_ids(principal):
        return other.name
    return label_of(link, principal)


def asked_to_join(case: Case, principal: Principal) -> QuerySet[ThreadReader]:
    """Return the wide threads that the viewer's teams are asked to join."""
    return ThreadReader.objects.filter(
        thread__case=case,
        participant__team__in=acting_team_ids(principal),
        asked_at__isnull=False,
        joined_at__isnull=True,
        left_at__isnull=True,
    ).select_related("thread__product", "participant__team")


def messages_of(link: CaseThread, principal: Principal) -> list[Message]:
    """Return the messages of a thread that were sealed to the viewer, oldest first."""
    return list(
        Message.objects.visible_to(holders_of(principal))
        .filter(thread=link.thread)
        .select_related("recipient_set")
        .prefetch_related("recipient_set__recipients", "files")
        .defer("body")
        .order_by("position")
    )


def hidden_count(link: CaseThread, shown: Sequence[Message]) -> int:
    """Return how many messages of a thread came before the viewer joined."""
    return link.thread.messages.count() - len(shown)


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


def from_reporter(message: Message) -> bool:
    """Tell whether the stranger wrote a message."""
    return message.author_kind == HolderKind.REPORTER
