"""How a report opens a case: with ciphertext only, and nobody's name.

`intake` calls `receive_report`; everything it hands down was sealed before it came here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.inventory.models import Product
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.principal import REPORTER
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.sealed.domain import posting
from tcert.foundation.sealed.domain import threads as sealed_threads
from tcert.foundation.sealed.domain.posting import Author, SealedFile
from tcert.foundation.sealed.domain.threads import NewRecipient
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import Holder
from tcert.response.cases import codenames
from tcert.response.cases.domain.machines import move_management, note
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.domain.threads import refresh, team_recipient
from tcert.response.cases.enums import (
    CaseKind,
    Management,
    ManagementAct,
    Presence,
    Role,
    ThreadPurpose,
)
from tcert.response.cases.models import (
    Case,
    CaseNetwork,
    CaseProduct,
    CaseThread,
    Embargo,
    Participant,
    ParticipantRole,
    ThreadReader,
)

REPORT_SUBJECT = "report"


@dataclass(frozen=True, slots=True)
class Reporter:
    """The stranger: a mailbox id and a key made for this one report."""

    mailbox_id: UUID
    fingerprint: str
    certificate: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedPart:
    """One sealed message of the report: the id of its thread, the bytes, the attachments."""

    thread_id: UUID
    sealed: bytes = field(repr=False)
    files: Sequence[SealedFile] = ()


@dataclass(frozen=True, slots=True)
class RoutingLine:
    """What the reporter lets the hub read: product names with versions, and networks."""

    products: Sequence[tuple[str, str]] = ()
    networks: Sequence[str] = ()


@transaction.atomic
def receive_report(
    *,
    kind: CaseKind,
    report_id: UUID,
    coordinating_team: Team,
    addressees: Sequence[Team],
    reporter: Reporter,
    facts: SealedPart,
    wishes: SealedPart,
    routing: RoutingLine = RoutingLine(),
    at_once: bool = True,
    announced: bool = True,
) -> Case:
    """Open a case at *received* from a report.

    The facts are sealed to every addressee and the reporter, the wishes to the coordinating team
    and the reporter; both name `report:<report_id>` as their subject inside. The coordinating team
    is one of the addressees. Raises what `sealed` raises when a key changed meanwhile; then
    nothing is stored.
    """
    if coordinating_team.id not in {team.id for team in addressees}:
        raise DomainError(_("The coordinating team is one of those that the report goes to."))
    case = _new_case(kind, coordinating_team)
    Embargo.objects.create(case=case)
    rows = {}
    for team in {t.id: t for t in [coordinating_team, *addressees]}.values():
        rows[team.id] = _add_team(case, team)
    finder = Participant.objects.create(
        case=case, reporter_id=reporter.mailbox_id, management=Management.ACCEPTED
    )
    for role in (Role.FINDER, Role.REPORTER):
        ParticipantRole.objects.create(participant=finder, role=role)
    _thread(
        case=case,
        report_id=report_id,
        purpose=ThreadPurpose.REPORT,
        part=facts,
        kind=Kind.FACTS,
        teams=[(row, row.team) for row in rows.values() if row.team],
        finder=finder,
        reporter=reporter,
        at_once=at_once,
    )
    _thread(
        case=case,
        report_id=report_id,
        purpose=ThreadPurpose.REPORTER,
        part=wishes,
        kind=Kind.WISHES,
        teams=[(rows[coordinating_team.id], coordinating_team)],
        finder=finder,
        reporter=reporter,
        at_once=at_once,
    )
    _read_routing_line(case, routing)
    note(REPORTER, "received", case, kind=kind)
    emit("cases:case_opened", case.id, about=kind)
    # A report over the flood budgets is taken all the same, but wakes nobody.
    for team_id in rows if announced else ():
        tell_team(case, team_id, "report")
    return case


def _new_case(kind: CaseKind, coordinating_team: Team) -> Case:
    """Create the case under a code name that no other case has had."""
    for attempt in range(3 * codenames.TWO_WORDS_TRIES):
        words = 2 if attempt < codenames.TWO_WORDS_TRIES else 3
        try:
            with transaction.atomic():
                return Case.objects.create(
                    code_name=codenames.draw(words),
                    kind=kind,
                    coordinating_team=coordinating_team,
                    tlp=Tlp.AMBER,
                    received_on=clock.today(),
                )
        except IntegrityError:
            continue
    raise RuntimeError("no free code name was drawn")


def _add_team(case: Case, team: Team) -> Participant:
    participant = Participant.objects.create(case=case, team=team)
    ParticipantRole.objects.create(participant=participant, role=Role.COORDINATOR)
    move_management(principal=REPORTER, participant=participant, act=ManagementAct.RECEIVE)
    return participant


def _thread(
    *,
    case: Case,
    report_id: UUID,
    purpose: ThreadPurpose,
    part: SealedPart,
    kind: Kind,
    teams: Sequence[tuple[Participant, Team]],
    finder: Participant,
    reporter: Reporter,
    at_once: bool,
) -> None:
    """Open one thread of the report with its first message."""
    holder = Holder(HolderKind.REPORTER, reporter.mailbox_id)
    thread = sealed_threads.open_thread(
        principal=REPORTER,
        subject_kind=REPORT_SUBJECT,
        subject_id=report_id,
        purpose=purpose,
        recipients=[
            *(team_recipient(team) for _row, team in teams),
            NewRecipient(holder, reporter.certificate),
        ],
        thread_id=part.thread_id,
    )
    link = CaseThread.objects.create(case=case, thread=thread, purpose=purpose)
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    ThreadReader.objects.bulk_create(
        ThreadReader(thread=link, participant=row, joined_at=day)
        for row in [*(row for row, _team in teams), finder]
    )
    posting.post(
        principal=REPORTER,
        thread_id=thread.id,
        set_version=1,
        sealed=part.sealed,
        author=Author(holder, reporter.fingerprint),
        kind=kind,
        files=part.files,
        at_once=at_once,
    )


def _read_routing_line(case: Case, routing: RoutingLine) -> None:
    listed = {str(p).casefold(): p for p in Product.objects.current().select_related("vendor")}
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    names: set[str] = set()
    for raw, versions in routing.products:
        name = " ".join(raw.split())[:160]
        if not name or name.casefold() in names:
            continue
        names.add(name.casefold())
        product = listed.get(name.casefold())
        CaseProduct.objects.create(
            case=case,
            product=product,
            name=str(product) if product else name,
            versions=" ".join(versions.split())[:200],
            by_reporter=True,
            added_at=day,
        )
    for plmn in dict.fromkeys(routing.networks):
        CaseNetwork.objects.create(case=case, plmn=plmn, by_reporter=True)


def case_of_report(report_id: UUID) -> Case | None:
    """Return the case that a report opened, for the reporter's status page."""
    link = CaseThread.objects.filter(
        thread__subject_kind=REPORT_SUBJECT, thread__subject_id=report_id
    ).first()
    return link.case if link else None


@transaction.atomic
def reporter_left(*, case_id: UUID) -> None:
    """Let a case go on without its finder, who deleted the mailbox: nothing new is sealed to it.

    What was handed over before stays (decided.md 7).
    """
    finder = Participant.objects.filter(case_id=case_id, team__isnull=True).first()
    if finder is None or finder.presence == Presence.REMOVED:
        return
    finder.presence = Presence.REMOVED
    finder.save(update_fields=["presence"])
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for reader in finder.readings.select_related("thread__thread").filter(left_at__isnull=True):
        reader.left_at = day
        reader.save(update_fields=["left_at"])
        refresh(principal=REPORTER, link=reader.thread)
    note(REPORTER, "reporter-left", finder.case)
