"""Imports: uploaded, read in the background, shown, confirmed by a person, applied in parts.

What was uploaded is kept guarded and only until it is applied, cancelled, or two days old. Parts
are applied and deleted in one transaction, so a killed worker goes on where it was.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from tcert.community.claims import csvfile, ir21
from tcert.community.claims.domain import comparing, overlaps, writing
from tcert.community.claims.domain.claiming import MOST_CLAIMS
from tcert.community.claims.enums import Phase, Source, Verdict
from tcert.community.claims.models import KEPT_FOR, Batch, BatchPart, Claim
from tcert.community.claims.rows import RefusedRow, Row, packed, unpacked
from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.ties import tied_organisations
from tcert.foundation.kernel import clock, jobs, portions
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.tlp import Tlp

PARTS_AT_ONCE = 4
"""So many parts are applied in one transaction."""
MOST_LATER = 500
"""So many claims of others, entered while an import waited, are held against it."""
SECONDS = 20
"""After so long one run makes room for other jobs."""
LONGEST_FILE = {Source.CSV: csvfile.MOST_BYTES, Source.IR21: ir21.MOST_BYTES}
UPLOADS = Budget("claims:uploads", Scope.ACCOUNT, 20, timedelta(days=1))
_FILE = "file"


def begin(
    *,
    principal: Principal,
    organisation: Organisation,
    source: Source,
    data: bytes,
    tlp: Tlp = Tlp.AMBER,
    team: Team | None = None,
) -> Batch:
    """Take a file in; the worker reads it, and nothing changes before somebody confirms.

    Raises:
        DomainError: it is empty or too large, or the team is another organisation's.
        Conflict: another import of the organisation waits or runs.
        TooMany: too many files today.

    """
    require(principal, Permission.CLAIMS_MANAGE, organisation)
    if not data.strip():
        raise DomainError(_("The file is empty."), code="file")
    if len(data) > LONGEST_FILE[source]:
        raise DomainError(_("The file is too large: send it in parts."), code="file")
    if team is not None and (team.organisation_id != organisation.id or team.retired_at):
        raise DomainError(_("Choose a team of the organisation that claims it."), code="team")
    content = portions.closed(data)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        present = Batch.objects.filter(organisation=organisation).exclude(phase__in=Phase.ended())
        if present.exists():
            raise Conflict(_("Another import waits or runs: finish or cancel it first."))
        if principal.person_id is not None:
            UPLOADS.require(principal.person_id)
        batch = Batch.objects.create(
            organisation=organisation,
            team=team,
            source=source,
            tlp=tlp,
            begun_at=clock.now(),
            begun_by=principal.person_id,
        )
        BatchPart.objects.create(batch=batch, verdict=_FILE, number=0, content=content)
        jobs.enqueue(read_file, batch=batch.id)
        record(principal, "claims:batch:begin", "claims-batch", batch.id, source=str(source))
    return batch


@jobs.job("claims:read-file", max_attempts=3)
def read_file(batch: UUID) -> None:
    """Read what was uploaded and say of each row what would change; done again it begins anew."""
    found = Batch.objects.filter(pk=batch, phase=Phase.READING).select_related("organisation")
    reading = found.first()
    held = BatchPart.objects.filter(batch=batch, verdict=_FILE).first()
    if reading is None or held is None:
        return
    facts: list[tuple[str, str]] = []
    problem, counts = "", dict.fromkeys(Verdict, 0)
    parts: list[BatchPart] = []
    try:
        rows = _rows(reading, portions.opened(bytes(held.content)), facts)
        judged = ((verdict, packed(row)) for verdict, row in comparing.compared(reading, rows))
        for verdict, number, some in portions.portioned(judged):
            counts[verdict] += len(some)
            content = portions.written(some)
            parts.append(BatchPart(batch=reading, verdict=verdict, number=number, content=content))
    except csvfile.FileRefused as refused:
        problem = refused.problem
    with transaction.atomic():
        locked = Batch.objects.select_for_update(of=("self",)).filter(pk=batch).first()
        if locked is None or locked.phase != Phase.READING:
            return  # cancelled meanwhile
        locked.parts.all().delete()
        if not problem:
            BatchPart.objects.bulk_create(parts, batch_size=100)
        locked.phase = Phase.FAILED if problem else Phase.PREVIEW
        locked.problem, locked.facts = problem, facts or None
        locked.counts = {str(verdict): n for verdict, n in counts.items()}
        locked.rows = sum(counts.values())
        locked.ended_at = clock.now() if problem else None
        locked.save()


def _rows(batch: Batch, data: bytes, facts: list[tuple[str, str]]) -> Iterator[Row | RefusedRow]:
    if batch.source == Source.IR21:
        found = ir21.read_ir21(data, clock.now())
        facts += found.facts
        return iter(found.rows)
    return csvfile.read_csv(data, clock.now())


def shown(batch: Batch, verdict: Verdict, number: int) -> list[Row | RefusedRow]:
    """Return the rows of one part, for the page that shows them; none where there is none."""
    part = BatchPart.objects.filter(batch=batch, verdict=verdict, number=number).first()
    held = portions.read(bytes(part.content)) if part is not None else []
    if verdict == Verdict.REFUSED:
        return [RefusedRow(*row) for row in held]
    return [unpacked(row) for row in held]


@transaction.atomic
def confirm(*, principal: Principal, batch: Batch) -> Batch:
    """Let what was shown be applied.

    Raises:
        AlreadyDone: it was confirmed, cancelled or forgotten a moment ago.
        DomainError: nothing would change, there would be too many claims, or a coordinator is tied
            to somebody who has claims too: which of them compete is not looked at for each row.

    """
    require(principal, Permission.CLAIMS_MANAGE, batch.organisation)
    tied = tied_organisations(principal) if principal.is_desk else frozenset()
    if tied and Claim.objects.counting().filter(organisation__in=tied).exists():
        raise DomainError(
            _("You are tied to an organisation with claims of its own: let another one confirm.")
        )
    present = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if present.phase != Phase.PREVIEW:
        raise AlreadyDone
    if not present.to_write:
        raise DomainError(_("Nothing in this file would change a claim. Cancel the import."))
    standing = Claim.objects.filter(organisation=present.organisation_id).count()
    if standing + present.to_enter > MOST_CLAIMS:
        raise DomainError(_("There would be more than 200,000 claims. Claim wider ranges."))
    present.phase = Phase.RUNNING
    present.confirmed_at, present.confirmed_by = clock.now(), principal.person_id
    present.save(update_fields=["phase", "confirmed_at", "confirmed_by"])
    jobs.enqueue(apply, batch=present.id)
    record(principal, "claims:batch:confirm", "claims-batch", present.id, counts=present.counts)
    return present


@transaction.atomic
def cancel(*, principal: Principal, batch: Batch) -> Batch:
    """Stop an import; what is applied already stays, and the page says how much that is.

    Raises:
        AlreadyDone: it has ended.

    """
    require(principal, Permission.CLAIMS_MANAGE, batch.organisation)
    present = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if present.phase in Phase.ended():
        raise AlreadyDone
    _end(principal, present, Phase.CANCELLED)
    return present


@jobs.job("claims:apply-batch", max_attempts=10)
def apply(batch: UUID) -> None:
    """Apply part after part for a while, then make room; a killed worker loses no part."""
    until = monotonic() + SECONDS
    while monotonic() < until:
        if not _apply_next(batch):
            return
    jobs.enqueue(apply, batch=batch)


def _apply_next(batch_id: UUID) -> bool:
    """Apply a few parts and delete them; False when there is nothing left to do."""
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",))
            .select_related("organisation")
            .filter(pk=batch_id, phase=Phase.RUNNING)
            .first()
        )
        if batch is None:
            return False
        waiting = batch.parts.filter(verdict__in=Verdict.written()).order_by("verdict", "number")
        parts = list(waiting[:PARTS_AT_ONCE])
        if not parts:
            _end(SYSTEM, batch, Phase.DONE)
            return False
        count = written = 0
        for overlapping, some in groupby(parts, key=lambda one: one.verdict == Verdict.OVERLAPS):
            rows = [unpacked(row) for part in some for row in portions.read(bytes(part.content))]
            count += len(rows)
            written += writing.write(batch, rows, overlapping=overlapping)
        batch.parts.filter(id__in=[part.id for part in parts]).delete()
        Batch.objects.filter(pk=batch.pk).update(done=F("done") + count)
        record(SYSTEM, "claims:batch:apply", "claims-batch", batch.id, rows=count, written=written)
    return True


def _end(principal: Principal, batch: Batch, phase: Phase) -> None:
    """Forget what was uploaded, and tell those whose claims overlap with what was applied."""
    batch.parts.all().delete()
    batch.phase, batch.ended_at, batch.facts = phase, clock.now(), None
    batch.save(update_fields=["phase", "ended_at", "facts"])
    record(principal, f"claims:batch:{phase}", "claims-batch", batch.id)
    if batch.confirmed_at is not None:
        # Who claimed something since the file was read has not been held against it yet.
        later = Claim.objects.counting().filter(created_at__gte=batch.begun_at)
        for claim in later.exclude(organisation=batch.organisation_id)[:MOST_LATER]:
            overlaps.mark(claim)
        marked = Claim.objects.filter(overlapped_at__gte=batch.confirmed_at)
        overlaps.tell(
            set(marked.order_by().values_list("organisation_id", flat=True).distinct()),
            key=str(batch.id),
        )


def forget_old() -> int:
    """Forget what nobody confirmed within two days; returns how many imports."""
    over = Batch.objects.exclude(phase__in=[*Phase.ended(), Phase.RUNNING]).filter(
        begun_at__lt=clock.now() - KEPT_FOR
    )
    count = 0
    for batch in over:
        with transaction.atomic():
            locked = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            if locked.phase in {Phase.READING, Phase.PREVIEW}:
                _end(SYSTEM, locked, Phase.CANCELLED)
                count += 1
    return count


def pages_of(batch: Batch, verdict: Verdict) -> int:
    """Return how many parts there are of one verdict."""
    found = batch.parts.filter(verdict=verdict).aggregate(last=Max("number"))
    return int(found["last"] or 0)
