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
from tcert.community.talks.readers import team_recipients
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
from tcert.response.cases.domain.threads import refresh
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
    DeletedCase,
    Embargo,
    Participant,
    ParticipantRole,
    PromisedAnswer,
    ThreadReader,
)
from tcert.response.cases.promise import answer_by

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
    teams = list({team.id: team for team in [coordinating_team, *addressees]}.values())
    rows = {team.id: _add_team(case, team) for team in teams}
    readers = {one.holder.id: one for one in team_recipients(teams)}
    finder = Participant.objects.create(
        case=case, reporter_id=reporter.mailbox_id, management=Management.ACCEPTED
    )
    ParticipantRole.objects.bulk_create(
        ParticipantRole(participant=finder, role=role) for role in (Role.FINDER, Role.REPORTER)
    )
    open_report_thread(
        case=case,
        report_id=report_id,
        purpose=ThreadPurpose.REPORT,
        part=facts,
        kind=Kind.FACTS,
        teams=[(rows[team_id], reader) for team_id, reader in readers.items()],
        finder=finder,
        reporter=reporter,
    )
    open_report_thread(
        case=case,
        report_id=report_id,
        purpose=ThreadPurpose.REPORTER,
        part=wishes,
        kind=Kind.WISHES,
        teams=[(rows[coordinating_team.id], readers[coordinating_team.id])],
        finder=finder,
        reporter=reporter,
    )
    _read_routing_line(case, routing)
    PromisedAnswer.objects.create(case=case, team=coordinating_team, received_on=case.received_on)
    note(REPORTER, "received", case, kind=kind)
    emit("cases:case_opened", case.id, about=kind)
    # A report over the flood budgets is taken all the same, but wakes nobody.
    for team_id in rows if announced else ():
        tell_team(case, team_id, "report")
    return case


def _new_case(kind: CaseKind, coordinating_team: Team) -> Case:
    """Create the case under a code name that no other case has had."""
    for attempt in range(3 * codenames.TWO_WORDS_TRIES):
        name = codenames.draw(2 if attempt < codenames.TWO_WORDS_TRIES else 3)
        if DeletedCase.objects.filter(code_name=name).exists():
            continue
        try:
            with transaction.atomic():
                return Case.objects.create(
                    code_name=name,
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


def open_report_thread(
    *,
    case: Case,
    report_id: UUID,
    purpose: ThreadPurpose,
    part: SealedPart,
    kind: Kind,
    teams: Sequence[tuple[Participant, NewRecipient]],
    finder: Participant,
    reporter: Reporter,
    anew_for: Participant | None = None,
) -> None:
    """Open one thread of a report with its first message.

    `anew_for` is the addressee that a report was sent to later, in the place of a silent one.
    """
    holder = Holder(HolderKind.REPORTER, reporter.mailbox_id)
    opened = sealed_threads.open_thread(
        principal=REPORTER,
        subject_kind=REPORT_SUBJECT,
        subject_id=report_id,
        purpose=purpose,
        recipients=[
            *(reader for _row, reader in teams),
            NewRecipient(holder, reporter.certificate),
        ],
        thread_id=part.thread_id,
    )
    link = CaseThread.objects.create(
        case=case, thread=opened.current.thread, purpose=purpose, participant=anew_for
    )
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    ThreadReader.objects.bulk_create(
        ThreadReader(thread=link, participant=row, joined_at=day)
        for row in [*(row for row, _reader in teams), finder]
    )
    posting.post_first(
        principal=REPORTER,
        opened=opened,
        sealed=part.sealed,
        author=Author(holder, reporter.fingerprint),
        kind=kind,
        files=part.files,
        at_once=True,
    )


def _read_routing_line(case: Case, routing: RoutingLine) -> None:
    products = Product.objects.current().select_related("vendor") if routing.products else ()
    listed = {str(product).casefold(): product for product in products}
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
        # Nobody else reads a talk with a team that was silent, and nobody writes there any more.
        if any(other.reads for other in reader.thread.readers.all()):
            refresh(principal=REPORTER, link=reader.thread)
    _promise_no_more(case_id)
    note(REPORTER, "reporter-left", finder.case)


def _promise_no_more(case_id: UUID) -> None:
    """Owe a reporter who left no answer; one that was given or missed before stays measured."""
    owed = PromisedAnswer.objects.filter(case_id=case_id).first()
    if owed is None:
        return
    if owed.answered_on is None and clock.today() <= answer_by(owed.received_on):
        owed.delete()
        return
    owed.case = None
    owed.save(update_fields=["case"])
