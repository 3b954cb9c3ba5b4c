"""From an approved text to a signed release: planned, carried out once, or held back.

The worker builds and signs first and then writes everything in one transaction: killed at any
moment it leaves either no release or a whole one, and may simply start again.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock, jobs, outbox
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.packets import armour
from tcert.foundation.openpgp.signing import sign_detached
from tcert.response.advisories import assembly, csaf, parties, publication, standing
from tcert.response.advisories.content import Content
from tcert.response.advisories.domain import final_text
from tcert.response.advisories.domain.writing import locked
from tcert.response.advisories.enums import AdvisoryState, Pending
from tcert.response.advisories.errors import NotYet, WrongNumber, WrongState
from tcert.response.advisories.models import AdvisedProduct, Advisory, Release
from tcert.response.cases.models import Statement

WITHDRAW = "advisories:withdraw"
FARTHEST = timedelta(days=3_653)
"""Further away nobody plans; the last hours of the calendar cannot even be written in UTC."""


@transaction.atomic
def schedule(
    *,
    principal: Principal,
    advisory_id: UUID,
    text_version: int,
    at: datetime,
    zone: str,
    short_notice_reason: str = "",
) -> Advisory:
    """Plan the release for a moment. An early end of the embargo never moves it forward.

    Less than 48 hours after the final text wants a confirmed P or X, and the reason in words; less
    than 48 hours after the copy of a party that joined later wants the reason.
    Raises NotYet when a rule forbids that moment, and DomainError for a moment in the past or an
    unknown zone.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DomainError(_("There is no such time zone.")) from error
    if at <= clock.now():
        raise DomainError(_("That time has passed: choose one to come, or publish now."))
    if at > clock.now() + FARTHEST:
        raise DomainError(_("That is more than ten years away: choose an earlier day."))
    return _plan(principal, advisory_id, text_version, at, zone, short_notice_reason)


@transaction.atomic
def publish_now(
    *,
    principal: Principal,
    advisory_id: UUID,
    text_version: int,
    typed_number: str,
    short_notice_reason: str = "",
) -> Advisory:
    """Publish by hand; the number is typed to confirm. Raises NotYet with the rule's words."""
    advisory = locked(advisory_id, text_version)
    _confirm(advisory, typed_number)
    return _plan(principal, advisory_id, text_version, clock.now(), "UTC", short_notice_reason)


def _plan(
    principal: Principal,
    advisory_id: UUID,
    text_version: int,
    at: datetime,
    zone: str,
    short_notice_reason: str,
) -> Advisory:
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_PUBLISH, advisory)
    if advisory.state != AdvisoryState.APPROVED:
        raise WrongState
    before = standing.of(advisory, at)
    is_short = publication.cuts_notice_short(before, at)
    late_only = publication.is_short_for_late_only(before, at)
    _say_why(advisory, short_notice_reason.strip() if is_short else "", late_only=late_only)
    found = standing.objections(advisory, at)
    if found:
        raise NotYet(" ".join(o.message for o in found), code=found[0].code)
    if is_short:
        # Each party has a copy from now on, and the reason stands in it.
        final_text.hand_out(advisory, parties.facts(advisory.case_id).teams, clock.now())
    advisory.pending = Pending.RELEASE
    advisory.scheduled_for = at
    advisory.scheduled_zone = zone
    advisory.held = ""
    advisory.updated_at = clock.now()
    advisory.save()
    record(
        principal,
        "advisories:schedule",
        "advisory",
        advisory.id,
        at=at.isoformat(),
        text_version=advisory.text_version,
        **({"short_notice": "reason given"} if is_short else {}),
    )
    outbox.emit(
        "advisories:scheduled",
        advisory.id,
        at=at.isoformat(),
        is_short_notice=is_short and not late_only,
    )
    _enqueue(advisory, at)
    return advisory


def _say_why(advisory: Advisory, reason: str, *, late_only: bool = False) -> None:
    """Keep why the notice is cut short; no plan, no reason, and what was published keeps its."""
    if not advisory.releases.exists():
        advisory.short_notice_reason = reason
        advisory.short_notice_version = advisory.text_version if reason else None
        advisory.short_notice_late_only = bool(reason) and late_only


@transaction.atomic
def keep_plan(
    *, principal: Principal, advisory_id: UUID, text_version: int, reason: str
) -> Advisory:
    """Keep a planned moment although a party joined later and has the text for less than 48 hours.

    The reason stands for this plan: whoever joins after it reads it in its copy too, so that a
    late yes can hold a release back once, not again and again.
    """
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_PUBLISH, advisory)
    at = advisory.scheduled_for
    if advisory.pending != Pending.RELEASE or at is None:
        raise WrongState
    facts = standing.of(advisory, at)
    if facts.has_reason or not publication.cuts_notice_short(facts, at):
        raise WrongState
    if not reason.strip():
        raise DomainError(_("Type the reason: the party that joined late reads it in its copy."))
    late_only = publication.is_short_for_late_only(facts, at)
    _say_why(advisory, reason.strip(), late_only=late_only)
    advisory.updated_at = clock.now()
    advisory.save()
    record(
        principal,
        "advisories:keep-plan",
        "advisory",
        advisory.id,
        at=at.isoformat(),
        text_version=advisory.text_version,
        short_notice="reason given",
    )
    return advisory


@transaction.atomic
def unschedule(*, principal: Principal, advisory_id: UUID, text_version: int) -> Advisory:
    """Take a planned release off the plan."""
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_PUBLISH, advisory)
    if advisory.pending != Pending.RELEASE:
        raise WrongState
    advisory.pending = ""
    _say_why(advisory, "")
    advisory.updated_at = clock.now()
    advisory.save()
    record(principal, "advisories:unschedule", "advisory", advisory.id)
    return advisory


@transaction.atomic
def start_revision(*, principal: Principal, advisory_id: UUID, text_version: int) -> Advisory:
    """Open a published text for its next release; what is public stays until that appears."""
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_WRITE, advisory)
    if AdvisoryState(advisory.state) not in AdvisoryState.out() or advisory.pending:
        raise WrongState
    advisory.state = AdvisoryState.DRAFT
    advisory.change_summary = ""
    advisory.text_version += 1
    advisory.updated_at = clock.now()
    advisory.save()
    record(principal, "advisories:revise", "advisory", advisory.id)
    return advisory


@transaction.atomic
def withdraw(
    *,
    principal: Principal,
    advisory_id: UUID,
    text_version: int,
    reason: str,
    typed_number: str,
    confirmation: Confirmation | None = None,
) -> Advisory:
    """Take a published advisory back: a last release names no product any more and says why.

    The desk's are taken back by two: one stolen session must not silence a warning.
    """
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_PUBLISH, advisory)
    if not advisory.releases.exists() or advisory.state == AdvisoryState.WITHDRAWN:
        raise WrongState
    if advisory.pending:
        raise WrongState
    _confirm(advisory, typed_number)
    if not reason.strip():
        raise DomainError(_("Say why it is withdrawn: readers have acted on it."))
    if advisory.team.is_desk:
        require_second(
            confirmation,
            WITHDRAW,
            advisory.id,
            text_version=text_version,
            reason=reason.strip(),
            typed_number=typed_number,
        )
    advisory.withdrawal_reason = reason.strip()
    advisory.pending = Pending.WITHDRAWAL
    advisory.scheduled_for = clock.now()
    advisory.scheduled_zone = "UTC"
    advisory.held = ""
    advisory.updated_at = clock.now()
    advisory.save()
    record(principal, WITHDRAW, "advisory", advisory.id)
    _enqueue(advisory, advisory.scheduled_for)
    return advisory


def _confirm(advisory: Advisory, typed_number: str) -> None:
    if not advisory.number or typed_number.strip().upper() != advisory.number:
        raise WrongNumber


def _enqueue(advisory: Advisory, at: datetime) -> None:
    from tcert.response.advisories.jobs import release_job

    jobs.enqueue(
        release_job,
        run_at=at,
        priority=jobs.Priority.URGENT,
        advisory_id=advisory.id,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """A signed document before it is written down."""

    content: Content
    document: bytes
    title: str
    severity: str
    summary: str
    signature: str
    signer: str
    signer_certificate: str
    released_at: datetime


def carry_out(advisory_id: UUID) -> Release | None:
    """Release or withdraw what is due; called by the worker, any number of times.

    Returns the release, or None when there is nothing to do, it is not time yet, or it was held
    back.
    """
    advisory = Advisory.objects.select_related("publisher").filter(pk=advisory_id).first()
    at = clock.now().replace(microsecond=0)
    if advisory is None or not advisory.pending or advisory.scheduled_for is None:
        return None
    if advisory.scheduled_for > clock.now():
        _enqueue(advisory, advisory.scheduled_for)  # the clock went back since: not yet, not never
        return None
    if _obstacle(advisory, clock.now()) is not None and _hold(advisory):
        return None
    made = _make(advisory, at)
    return _write_down(advisory, made)


def _obstacle(advisory: Advisory, at: datetime) -> publication.Objection | None:
    planned = advisory.scheduled_for
    if planned is None or advisory.pending == Pending.WITHDRAWAL:
        return None
    step = publication.clock_objection(
        at=at, planned=planned, latest_known=standing.latest_known_moment(advisory)
    )
    return step or next(iter(standing.objections(advisory, at)), None)


@transaction.atomic
def _hold(seen: Advisory) -> bool:
    """Take the advisory off the plan with the reason, and have everybody told.

    Looked at again with the advisory held: a person may have given the reason at this moment, or
    planned it anew. Returns False when nothing holds it back any more.
    """
    advisory = locked(seen.id)
    if not _is_planned_as(advisory, seen):
        return True
    obstacle = _obstacle(advisory, clock.now())
    if obstacle is None:
        return False
    advisory.pending = ""
    advisory.held = obstacle.code
    _say_why(advisory, "")
    advisory.save()
    record(SYSTEM, "advisories:hold", "advisory", advisory.id, reason=obstacle.code)
    outbox.emit("advisories:held", advisory.id, reason=obstacle.code)
    return True


def _is_planned_as(advisory: Advisory, seen: Advisory) -> bool:
    """Tell whether the plan that the worker saw still stands; a new one has a job of its own."""
    return (
        advisory.pending == seen.pending
        and advisory.text_version == seen.text_version
        and advisory.scheduled_for == seen.scheduled_for
    )


def _make(advisory: Advisory, at: datetime) -> _Made:
    """Build and sign, outside every transaction: a signature must not hold the database."""
    key = hubkey.load()
    if advisory.pending == Pending.WITHDRAWAL:
        built = assembly.assemble_withdrawal(advisory, at, advisory.withdrawal_reason)
        held = Content(title=built["document"]["title"], summary=advisory.withdrawal_reason)
    else:
        held = advisory.text
        built = assembly.assemble(advisory, at)
    data = csaf.canonical_json(built)
    severity = built["document"].get("aggregate_severity", {}).get("text", "")
    return _Made(
        content=held,
        document=data,
        title=built["document"]["title"],
        severity=severity.lower(),
        summary=built["document"]["tracking"]["revision_history"][-1]["summary"],
        signature=sign_detached(data, key),
        signer=key.fingerprint,
        signer_certificate=armour(key.certificate, "PUBLIC KEY BLOCK"),
        released_at=at,
    )


@transaction.atomic
def _write_down(seen: Advisory, made: _Made) -> Release | None:
    advisory = locked(seen.id)
    if not _is_planned_as(advisory, seen):
        return None
    withdrawal = advisory.pending == Pending.WITHDRAWAL
    entry = assembly.entry(advisory, made.released_at)
    version = advisory.releases.count() + 1
    approval = advisory.approvals.filter(text_version=advisory.text_version).first()
    last = advisory.releases.order_by("version").last()
    advisory.releases.filter(is_current=True).update(is_current=False)
    release = Release.objects.create(
        advisory=advisory,
        version=version,
        is_withdrawal=withdrawal,
        tlp=Tlp(last.tlp if withdrawal and last else advisory.tlp),
        title=made.title[:400],
        severity=made.severity,
        content=made.content.to_json(),
        search_text=_search_text(advisory, made.content),
        year=entry.year,
        file_name=entry.name,
        document=made.document,
        sha256=hashlib.sha256(made.document).hexdigest(),
        sha512=hashlib.sha512(made.document).hexdigest(),
        signature=made.signature,
        signer=made.signer,
        signer_certificate=made.signer_certificate,
        summary=made.summary[:1000],
        released_at=made.released_at,
        published_at=clock.now(),
        approved_by=approval.person if approval and not withdrawal else None,
    )
    AdvisedProduct.objects.bulk_create(
        AdvisedProduct(release=release, vendor=vendor[:200], name=name[:200])
        for vendor, name in dict.fromkeys((p.vendor, p.name) for p in made.content.products)
    )
    advisory.pending = ""
    advisory.held = ""
    if withdrawal:
        advisory.state = AdvisoryState.WITHDRAWN
    else:
        advisory.state = AdvisoryState.PUBLISHED if version == 1 else AdvisoryState.REVISED
    advisory.updated_at = clock.now()
    advisory.save()
    act = "advisories:withdrawn" if withdrawal else "advisories:published"
    record(
        SYSTEM,
        act,
        "advisory",
        advisory.id,
        number=advisory.number,
        version=version,
        sha256=release.sha256,
    )
    outbox.emit(
        act,
        advisory.id,
        release=str(release.id),
        case=str(advisory.case_id) if advisory.case_id else None,
        number=advisory.number,
        version=version,
    )
    if act == "advisories:published" and version == 1:
        for team_id in _authors(advisory):
            outbox.emit("advisories:co-authored", advisory.id, team=team_id)
    return release


def _authors(advisory: Advisory) -> set[UUID]:
    """Return the teams whose words an advisory holds: who wrote it, and who stated in its case."""
    stated = Statement.objects.filter(participant__case=advisory.case_id)
    teams = stated.exclude(participant__team=None).values_list("participant__team", flat=True)
    return {advisory.team_id, *(teams.order_by() if advisory.case_id else ())}


def _search_text(advisory: Advisory, held: Content) -> str:
    parts = [advisory.number or "", held.title, held.summary, held.details]
    parts += list(held.named_products.values())
    for flaw in held.vulnerabilities:
        parts += [flaw.title, flaw.description, flaw.cve, flaw.cwe, flaw.other_id]
    return "\n".join(p for p in parts if p).casefold()
