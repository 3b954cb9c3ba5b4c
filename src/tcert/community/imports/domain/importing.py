"""Imports: uploaded, read in the background, shown, confirmed, applied in parts, undone.

What was uploaded is kept guarded and only until it is applied, cancelled, or two days old. Each
part is applied and deleted in one transaction, so a killed worker goes on where it was.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from tcert.community.directory.ties import tied_organisations
from tcert.community.imports import keys, matching, records
from tcert.community.imports.domain import writing
from tcert.community.imports.domain.writing import Judged
from tcert.community.imports.enums import Phase, Source, Verdict
from tcert.community.imports.models import KEPT_FOR, UNDO_WITHIN, Former, Import, ImportPart
from tcert.community.imports.records import FileRefused, RefusedRow, Row
from tcert.foundation.kernel import clock, jobs, portions
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record

SECONDS = 20
"""After so long one run makes room for other jobs."""
UPLOADS = Budget("imports:uploads", Scope.ACCOUNT, 20, timedelta(days=1))
_FILE = "file"
_KIND = "import"


def begin(*, principal: Principal, source: Source, data: bytes) -> Import:
    """Take a file in; the worker reads it, and nothing changes before somebody confirms.

    Raises:
        DomainError: it is empty or too large.
        Conflict: another import of this source waits or runs.
        TooMany: too many files today.

    """
    require(principal, Permission.IMPORTS_MANAGE)
    if not data.strip():
        raise DomainError(_("The file is empty."), code="file")
    if len(data) > records.MOST_BYTES:
        raise DomainError(_("The file is larger than 20 MB: send it in parts."), code="file")
    try:
        with transaction.atomic():
            if principal.person_id is not None:
                UPLOADS.require(principal.person_id)
            batch = Import.objects.create(source=source, begun_by=principal.person_id)
            content = portions.closed(data)
            ImportPart.objects.create(batch=batch, verdict=_FILE, number=0, content=content)
            jobs.enqueue(read_file, batch=batch.id)
            record(principal, "imports:begin", _KIND, batch.id, source=str(source))
    except IntegrityError as error:
        raise Conflict(
            _("Another import of this list waits or runs: finish or cancel it first.")
        ) from error
    return batch


@jobs.job("imports:read-file", max_attempts=3, deadline=timedelta(minutes=10))
def read_file(batch: UUID) -> None:
    """Read what was uploaded and say of each record what would change; again it begins anew."""
    reading = Import.objects.filter(pk=batch, phase=Phase.READING).first()
    held = ImportPart.objects.filter(batch=batch, verdict=_FILE).first()
    if reading is None or held is None:
        return
    problem, where, counts = "", "", dict.fromkeys(Verdict, 0)
    parts: list[ImportPart] = []
    try:
        data = portions.opened(bytes(held.content))
        source = Source(reading.source)
        found = records.read(source, data, lambda some: keys.read(some, clock.now()))
        for verdict, number, some in portions.portioned(_judged(source, found)):
            counts[verdict] += len(some)
            content = portions.written(some)
            parts.append(ImportPart(batch=reading, verdict=verdict, number=number, content=content))
    except FileRefused as refused:
        problem, where = refused.problem, refused.where[:80]
    with transaction.atomic():
        locked = _locked(batch)
        if locked is None or locked.phase != Phase.READING:
            return  # cancelled meanwhile
        locked.parts.all().delete()
        if not problem:
            ImportPart.objects.bulk_create(parts, batch_size=100)
        locked.phase = Phase.FAILED if problem else Phase.PREVIEW
        locked.problem, locked.where = problem, where
        locked.counts = {str(verdict): n for verdict, n in counts.items()}
        locked.rows = sum(counts.values())
        locked.ended_at = clock.now() if problem else None
        locked.save()


def _locked(batch: UUID) -> Import | None:
    return Import.objects.select_for_update(of=("self",)).filter(pk=batch).first()


def _judged(
    source: Source, rows: Iterable[Row | RefusedRow]
) -> Iterator[tuple[Verdict, list[Any]]]:
    """Say of each record what would become of it."""
    index = matching.index()
    present = writing.present(source)
    for row in rows:
        if isinstance(row, RefusedRow):
            yield (
                Verdict.REFUSED,
                [row.place, row.name, row.field, row.problem, row.said, row.other],
            )
            continue
        matched = index.match(row.data, has_our_ids=source is Source.TEAMS_JSON)
        judged = Judged(
            row.place, row.key, row.data, row.certificate, matched.team, matched.by,
            matched.candidates,
        )  # fmt: skip
        yield _verdict(judged, present.get(row.key)), judged.packed()


def _verdict(row: Judged, held: tuple[bytes, bool, bool] | None) -> Verdict:
    """Say what would become of a record, beside what is held under its key.

    Teams join after the list was first read: what said the same of nobody may be about one now.
    """
    state, is_settled, is_open = held or (b"", False, False)
    if held and state != writing.digest(row.data, row.certificate):
        return Verdict.CHANGED
    if row.team is not None and not is_settled:
        return Verdict.MATCHED
    if row.candidates and not is_settled and not is_open:
        return Verdict.CANDIDATES
    return Verdict.SAME if held else Verdict.NEW


def shown(batch: Import, verdict: Verdict, number: int) -> list[Judged | RefusedRow]:
    """Return the records of one part, for the page that shows them; none where there is none."""
    part = ImportPart.objects.filter(batch=batch, verdict=verdict, number=number).first()
    held = portions.read(bytes(part.content)) if part is not None else []
    if verdict == Verdict.REFUSED:
        return [RefusedRow(*row) for row in held]
    return [Judged.unpacked(row) for row in held]


def pages_of(batch: Import, verdict: Verdict) -> int:
    """Return how many parts there are of one verdict."""
    found = batch.parts.filter(verdict=verdict).aggregate(last=Max("number"))
    return int(found["last"] or 0)


@transaction.atomic
def confirm(*, principal: Principal, batch: Import) -> Import:
    """Let what was shown be applied; of houses that the person is tied to nothing is decided.

    Raises:
        AlreadyDone: it was confirmed, cancelled or forgotten a moment ago.
        DomainError: nothing would change.

    """
    require(principal, Permission.IMPORTS_MANAGE)
    present = _present(batch, {Phase.PREVIEW})
    if not present.to_write:
        raise DomainError(_("Nothing in this file would change an entry. Cancel the import."))
    present.phase = Phase.RUNNING
    present.confirmed_at, present.confirmed_by = clock.now(), principal.person_id
    present.tied = sorted(map(str, tied_organisations(principal)))
    present.save(update_fields=["phase", "confirmed_at", "confirmed_by", "tied"])
    jobs.enqueue(apply, batch=present.id)
    record(principal, "imports:confirm", _KIND, present.id, counts=present.counts)
    return present


def _present(batch: Import, phases: Collection[str]) -> Import:
    present = _locked(batch.pk)
    if present is None or present.phase not in phases:
        raise AlreadyDone
    return present


@transaction.atomic
def cancel(*, principal: Principal, batch: Import) -> Import:
    """Stop an import; what is applied already stays and can be undone.

    Raises:
        AlreadyDone: it has ended.

    """
    require(principal, Permission.IMPORTS_MANAGE)
    present = _present(batch, {Phase.READING, Phase.PREVIEW, Phase.RUNNING})
    applied = present.phase == Phase.RUNNING and present.done
    _end(principal, present, Phase.DONE if applied else Phase.CANCELLED)
    return present


@jobs.job("imports:apply", max_attempts=10)
def apply(batch: UUID) -> None:
    """Apply part after part for a while, then make room; a killed worker loses no part."""
    until = monotonic() + SECONDS
    while monotonic() < until:
        if not apply_next(batch):
            return
    jobs.enqueue(apply, batch=batch)


def apply_next(batch_id: UUID) -> bool:
    """Apply one part and delete it; False when there is nothing left to do."""
    with transaction.atomic():
        batch = _locked(batch_id)
        if batch is None or batch.phase != Phase.RUNNING:
            return False
        some = batch.parts.filter(verdict__in=Verdict.written()).order_by("verdict", "number")
        part = some.first()
        if part is None:
            _end(SYSTEM, batch, Phase.DONE)
            return False
        rows = [Judged.unpacked(row) for row in portions.read(bytes(part.content))]
        written = writing.write(batch, rows)
        part.delete()
        Import.objects.filter(pk=batch.pk).update(done=F("done") + len(rows))
        record(SYSTEM, "imports:apply", _KIND, batch.id, rows=len(rows), written=written)
    return True


@transaction.atomic
def undo(*, principal: Principal, batch: Import) -> Import:
    """Take an applied import back, entry by entry; what somebody touched since stays.

    Raises:
        AlreadyDone: it is being undone, or was.
        DomainError: it is too long ago.
        Conflict: another import of this source waits or runs.

    """
    require(principal, Permission.IMPORTS_MANAGE)
    present = _present(batch, {Phase.DONE})
    if not present.can_be_undone(clock.now()):
        raise DomainError(_("It was applied more than 30 days ago: it stays."))
    present.phase, present.done, present.kept = Phase.UNDOING, 0, 0
    try:
        with transaction.atomic():
            present.save(update_fields=["phase", "done", "kept"])
    except IntegrityError as error:
        raise Conflict(
            _("Another import of this list waits or runs: finish or cancel it first.")
        ) from error
    jobs.enqueue(take_back, batch=present.id)
    record(principal, "imports:undo", _KIND, present.id)
    return present


@jobs.job("imports:take-back", max_attempts=10)
def take_back(batch: UUID) -> None:
    """Undo part after part for a while, then make room."""
    until = monotonic() + SECONDS
    while monotonic() < until:
        if not take_back_next(batch):
            return
    jobs.enqueue(take_back, batch=batch)


def take_back_next(batch_id: UUID) -> bool:
    """Undo one part; False when there is nothing left to do."""
    with transaction.atomic():
        batch = _locked(batch_id)
        if batch is None or batch.phase != Phase.UNDOING:
            return False
        some = list(Former.objects.filter(batch=batch).order_by("id")[: portions.PER_PORTION])
        if not some:
            _end(SYSTEM, batch, Phase.UNDONE)
            return False
        kept = writing.take_back(batch, some)
        Import.objects.filter(pk=batch.pk).update(done=F("done") + len(some), kept=F("kept") + kept)
        record(SYSTEM, "imports:take-back", _KIND, batch.id, rows=len(some), kept=kept)
    return True


def _end(principal: Principal, batch: Import, phase: Phase) -> None:
    """Forget what was uploaded."""
    batch.parts.all().delete()
    batch.phase, batch.ended_at, batch.tied = phase, clock.now(), None
    batch.save(update_fields=["phase", "ended_at", "tied"])
    record(principal, f"imports:{phase}", _KIND, batch.id)


def forget_old() -> int:
    """Forget what nobody confirmed within two days, and what can be undone no more."""
    now = clock.now()
    Former.objects.filter(
        batch__phase__in=[Phase.DONE, Phase.UNDONE], batch__ended_at__lt=now - UNDO_WITHIN
    ).delete()
    count = 0
    waiting = Import.objects.filter(phase__in=[Phase.READING, Phase.PREVIEW])
    for batch in waiting.filter(begun_at__lt=now - KEPT_FOR):
        with transaction.atomic():
            locked = _locked(batch.pk)
            if locked is not None and locked.phase in {Phase.READING, Phase.PREVIEW}:
                _end(SYSTEM, locked, Phase.CANCELLED)
                count += 1
    return count


def go_on() -> None:
    """Let imports that are half applied or half undone go on, whose job was given up.

    Their parts are locked and counted, so beside a job that is still at it this does no harm.
    """
    for phase, job in ((Phase.RUNNING, apply), (Phase.UNDOING, take_back)):
        for batch in Import.objects.filter(phase=phase):
            jobs.enqueue(job, batch=batch.id)
