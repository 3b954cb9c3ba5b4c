"""Sealed threads of a case: who reads them, posting into them, handing earlier messages over.

The sealed room checks and stores; this module says who may, and keeps the readers of a thread in
step with the participants of the case and with their keys.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.talks import readers as of_teams
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.sealed.domain import posting
from tcert.foundation.sealed.domain import threads as sealed_threads
from tcert.foundation.sealed.domain.posting import Author, Posted, SealedFile
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import Message, RecipientSet, Thread
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.domain.triage import check_may_be_told, coordinator_row
from tcert.response.cases.enums import (
    WIDE_PURPOSES,
    Presence,
    Role,
    ThreadPurpose,
)
from tcert.response.cases.models import (
    Case,
    CaseProduct,
    CaseThread,
    Participant,
    PromisedAnswer,
    ThreadReader,
    Unopened,
)
from tcert.response.cases.models.unopened import UnopenedQuerySet

SUBJECT = "case"
_NOT_HANDED_INTO = frozenset({ThreadPurpose.REPORT, ThreadPurpose.REPORTER, ThreadPurpose.TITLE})
NoKey, team_recipient = of_teams.NoKey, of_teams.team_recipient
POSTED_KINDS = frozenset({Kind.MESSAGE, Kind.REMARK, Kind.TITLE})


def _link(
    *,
    principal: Principal,
    case: Case,
    purpose: ThreadPurpose,
    readers: Sequence[Participant],
    participant: Participant | None = None,
    product: CaseProduct | None = None,
) -> CaseThread:
    """Open a sealed thread of teams and tie it to the case; all readers have joined."""
    opened = sealed_threads.open_thread(
        principal=principal,
        subject_kind=SUBJECT,
        subject_id=case.id,
        purpose=purpose,
        recipients=of_teams.team_recipients([r.team for r in readers if r.team is not None]),
    )
    link = CaseThread.objects.create(
        case=case,
        thread=opened.current.thread,
        purpose=purpose,
        participant=participant,
        product=product,
    )
    now = clock.now()
    ThreadReader.objects.bulk_create(
        ThreadReader(thread=link, participant=r, joined_at=now) for r in readers
    )
    return link


@transaction.atomic
def open_with_desk(*, principal: Principal, participant: Participant) -> CaseThread:
    """Open the one-to-one thread of a party with the coordinating team, or bring it back."""
    case = participant.case
    existing = CaseThread.objects.filter(
        participant=participant, purpose=ThreadPurpose.DESK
    ).first()
    if existing is not None:
        existing.readers.filter(participant=participant).update(joined_at=clock.now(), left_at=None)
        refresh(principal=principal, link=existing)
        return existing
    return _link(
        principal=principal,
        case=case,
        purpose=ThreadPurpose.DESK,
        readers=[coordinator_row(case), participant],
        participant=participant,
    )


@transaction.atomic
def open_title(*, principal: Principal, case: Case) -> CaseThread:
    """Open the coordinating team's own thread for the title; each party gets it in its own."""
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    existing = case.threads.filter(purpose=ThreadPurpose.TITLE).first()
    return existing or _link(
        principal=principal,
        case=case,
        purpose=ThreadPurpose.TITLE,
        readers=[coordinator_row(case)],
    )


@transaction.atomic
def open_wide(
    *,
    principal: Principal,
    case: Case,
    purpose: ThreadPurpose,
    asked: Iterable[Participant] = (),
    product: CaseProduct | None = None,
) -> CaseThread:
    """Open a thread of several parties. It starts with the coordinating team alone.

    Each other party is asked first, because joining shows it to the readers.
    """
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    if purpose not in WIDE_PURPOSES:
        raise DomainError(_("Choose what the conversation is for."))
    if (product is not None) != (purpose is ThreadPurpose.PRODUCT):
        raise DomainError(_("A conversation on one product names the product."))
    if product is not None and product.case_id != case.id:
        raise DomainError(_("This product belongs to another case."))
    link = _link(
        principal=principal,
        case=case,
        purpose=purpose,
        readers=[coordinator_row(case)],
        product=product,
    )
    note(principal, "thread-opened", case, purpose=purpose)
    for participant in asked:
        ask(principal=principal, link=link, participant=participant)
    return link


@transaction.atomic
def ask(*, principal: Principal, link: CaseThread, participant: Participant) -> ThreadReader:
    """Ask a party whether it wants to join a wide thread and be seen by its readers."""
    require(principal, Permission.CASES_CASE_COORDINATE, link.case)
    if link.purpose not in WIDE_PURPOSES:
        raise DomainError(_("This conversation is between two parties only."))
    if participant.case_id != link.case_id or participant.presence != Presence.TAKING_PART:
        raise DomainError(_("Only who takes part in the case can be asked."))
    if participant.team is None:
        raise DomainError(_("The reporter is in the reporter's own thread only."))
    check_may_be_told(link.case, participant.team)
    if link.purpose == ThreadPurpose.VENDORS and Role.VENDOR not in participant.role_names:
        raise DomainError(_("This conversation is for vendors."))
    reader, created = ThreadReader.objects.get_or_create(thread=link, participant=participant)
    if not created and reader.reads:
        raise DomainError(_("%(team)s reads this already.") % {"team": participant.name})
    reader.asked_at, reader.left_at, reader.joined_at = clock.now(), None, None
    reader.save()
    note(principal, "thread-asked", link.case, participant)
    tell_team(link.case, participant.team_id, "thread")
    return reader


@transaction.atomic
def join(*, principal: Principal, reader: ThreadReader) -> None:
    """Join a wide thread: from now on its readers see the party, and it reads what comes.

    Who has left, said no or was removed is asked anew first. The party's row is held, so that a
    removal and a joining at once leave it outside.
    """
    reader.participant.claim(None)
    reader.refresh_from_db(fields=["asked_at", "joined_at", "left_at"])
    require(principal, Permission.CASES_ROW_MANAGE, reader.participant)
    if reader.reads:
        raise DomainError(_("Your team reads this already."))
    if reader.asked_at is None or reader.left_at is not None:
        raise DomainError(_("Your team was not asked to join."))
    team = reader.participant.team
    if team is not None and reader.thread.case.kept_out_by(team) is not None:
        raise DomainError(_("Your team was not asked to join."))
    reader.joined_at, reader.left_at = clock.now(), None
    reader.save()
    refresh(principal=principal, link=reader.thread)
    note(principal, "thread-joined", reader.thread.case, reader.participant)


@transaction.atomic
def leave(*, principal: Principal, reader: ThreadReader) -> None:
    """Leave a wide thread, or say no to one: nothing new is sealed to the party."""
    require(principal, Permission.CASES_ROW_MANAGE, reader.participant)
    if reader.thread.purpose not in WIDE_PURPOSES or reader.participant.is_coordinator:
        raise DomainError(_("This conversation cannot be left; its parties are fixed."))
    was_reading = reader.reads
    reader.leave()
    if was_reading:
        refresh(principal=principal, link=reader.thread)
    note(principal, "thread-left", reader.thread.case, reader.participant)


@transaction.atomic
def leave_all(*, principal: Principal, participant: Participant) -> None:
    """Take a removed party out of every thread."""
    readings = participant.readings.select_related("thread__thread", "thread__case")
    for reader in readings.filter(left_at__isnull=True):
        was_reading = reader.reads
        reader.leave()
        if was_reading:
            refresh(principal=principal, link=reader.thread)


@transaction.atomic
def refresh(*, principal: Principal, link: CaseThread) -> RecipientSet:
    """Bring a thread's recipient set in step with its readers, as `readers.keep_in_step`.

    The thread is held first, so that nobody writes a set of readers that was read before another
    person's removal. A reporter's key stays as it is.
    """
    current = Thread.objects.select_for_update().get(id=link.thread_id).current_set
    rows = [r.participant for r in link.readers.select_related("participant__team") if r.reads]
    reporters = {
        one.holder
        for one in current.recipients.all()
        if one.holder_kind == HolderKind.REPORTER and any(row.team is None for row in rows)
    }
    return of_teams.keep_in_step(
        principal=principal,
        thread_id=link.thread_id,
        teams=[row.team for row in rows if row.team is not None],
        kept=reporters,
    )


def author_of(principal: Principal, link: CaseThread, team_id: UUID | None = None) -> Author:
    """Return the team that the person writes for in a thread, as `readers.author_of`."""
    return of_teams.author_of(principal, link.thread, team_id)


def post(
    *,
    principal: Principal,
    link: CaseThread,
    set_version: int,
    sealed: bytes,
    kind: Kind = Kind.MESSAGE,
    files: Sequence[SealedFile] = (),
    team_id: UUID | None = None,
) -> Posted:
    """Post a sealed message for one of the person's teams; the sealed room checks its form."""
    require(principal, Permission.CASES_THREAD_POST, link)
    if link.purpose == ThreadPurpose.REPORT:
        raise DomainError(_("The report stands alone. Answer it under “The reporter”."))
    if kind not in POSTED_KINDS:
        raise DomainError(_("This kind of message is not posted here."))
    if kind is Kind.TITLE and not link.case.is_coordinated_by(principal):
        raise DomainError(_("Only the coordinating team gives a case its title."))
    author = author_of(principal, link, team_id)
    return posting.post(
        principal=principal,
        thread_id=link.thread_id,
        set_version=set_version,
        sealed=sealed,
        author=author,
        kind=kind,
        files=files,
    )


def check_handed_over(principal: Principal, original: Message, to: CaseThread) -> CaseThread:
    """Return the thread that a message comes from, if it may be handed over into another one.

    The reporter's wishes never are; a case's messages stay in the case. The reporter reads the
    report too, so nothing is handed into it either. Into its own conversation a message is handed
    only for a reader who cannot open it, by who knows of that: to others the answer would tell it.
    """
    source = (
        CaseThread.objects.visible_to(principal)
        .filter(thread_id=original.thread_id, case_id=to.case_id)
        .first()
    )
    if source is None:
        raise DomainError(_("This message is not in a conversation of this case that you read."))
    if original.kind == Kind.WISHES:
        raise DomainError(_("The reporter's wishes are for the coordinating team alone."))
    if to.purpose in _NOT_HANDED_INTO:
        raise DomainError(_("Choose a conversation whose readers do not have it yet."))
    unopened: UnopenedQuerySet = Unopened.objects  # type: ignore[assignment]
    known = unopened.of_thread(to, principal).standing()
    if source.pk == to.pk and not known.filter(message=original).exists():
        raise DomainError(_("Choose a conversation whose readers do not have it yet."))
    return source


def hand_over(
    *,
    principal: Principal,
    original: Message,
    link: CaseThread,
    set_version: int,
    sealed: bytes,
    team_id: UUID | None = None,
) -> Posted:
    """Hand an earlier message over: a new message that carries the original, signed one."""
    require(principal, Permission.CASES_THREAD_POST, link)
    check_handed_over(principal, original, link)
    author = author_of(principal, link, team_id)
    posted = posting.hand_over(
        principal=principal,
        original_id=original.id,
        thread_id=link.thread_id,
        set_version=set_version,
        sealed=sealed,
        author=author,
    )
    note(
        principal,
        "handed-over",
        link.case,
        link.participant,
        kind=original.kind,
        original=str(original.id),
        message=str(posted.message_id),
    )
    return posted


@transaction.atomic
def go_on_without(
    *, principal: Principal, link: CaseThread, set_version: int, fingerprints: Sequence[str]
) -> RecipientSet:
    """Confirm to go on without readers whose keys have expired or were revoked."""
    require(principal, Permission.CASES_THREAD_POST, link)
    changed = sealed_threads.leave_out(
        principal=principal,
        thread_id=link.thread_id,
        set_version=set_version,
        fingerprints=fingerprints,
    )
    note(principal, "went-on-without", link.case, readers=len(fingerprints))
    return changed


def refresh_for_team(team_id: UUID) -> None:
    """Bring every thread of a team in step with its new key."""
    links = CaseThread.objects.filter(
        readers__participant__team_id=team_id,
        readers__joined_at__isnull=False,
        readers__left_at__isnull=True,
    )
    for link in links.select_related("thread", "case").distinct():
        with transaction.atomic():
            refresh(principal=SYSTEM, link=link)


@transaction.atomic
def posted(*, message_id: UUID) -> None:
    """Follow a message that was stored: note it in the timeline and tell the other readers.

    A message of a reporter leaves no hour. The report itself was told when it opened the case.
    """
    message = Message.objects.filter(id=message_id).first()
    link = (
        CaseThread.objects.select_related("case").filter(thread_id=message.thread_id).first()
        if message
        else None
    )
    if message is None or link is None:
        return
    if message.kind in {Kind.FACTS, Kind.WISHES}:
        return
    from_team = message.author_kind == HolderKind.TEAM
    author = link.case.participants.filter(team_id=message.author_id).first() if from_team else None
    if author is not None and message.created_at is not None:
        author.last_heard_at = message.created_at
        author.save(update_fields=["last_heard_at"])
    if from_team and link.purpose == ThreadPurpose.REPORTER:
        PromisedAnswer.objects.filter(case=link.case, answered_on=None).update(
            answered_on=message.created_on
        )
    for reader in link.readers.select_related("participant"):
        if reader.reads and reader.participant_id != (author.pk if author else None):
            what = "message" if from_team else "reporter-message"
            tell_team(link.case, reader.participant.team_id, what)
