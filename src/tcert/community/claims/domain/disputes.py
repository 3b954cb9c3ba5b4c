"""Disputes: a member organisation or the desk contests a claim, both answer, one decides."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.claims import queries
from tcert.community.claims.domain import states
from tcert.community.claims.enums import Act, Outcome, State
from tcert.community.claims.models import Answer, Claim, Dispute
from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.queries import desk_team
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second

END = "claims:dispute:end-claim"
MOST_ANSWERS = 40


def open_dispute(
    *, principal: Principal, claim: Claim, organisation: Organisation | None, reason: str
) -> Dispute:
    """Contest a claim for one's organisation, or as the desk (None); the claim stays and is marked.

    Raises:
        DomainError: no reason was given, it is one's own, or one may not know of it.
        Conflict: it is disputed already, or does not count any more.

    """
    require(principal, Permission.CLAIMS_DISPUTE, organisation)
    if organisation is None and not principal.is_coordinator:
        raise DomainError(_("Choose the organisation for which you contest it."))
    if organisation is None and not may_contest_as_desk(principal, claim):
        raise PermissionDenied
    if not reason.strip():
        raise DomainError(_("Say why: the holder and a coordinator read it."), code="reason")
    if organisation is not None and not may_contest(principal, claim, organisation):
        raise DomainError(
            _("You contest what you can see, or what overlaps with a claim of yours.")
        )
    try:
        with transaction.atomic():
            moved = states.move(principal=principal, claim=claim, act=Act.DISPUTE)
            dispute = Dispute.objects.create(
                claim=moved,
                organisation=organisation,
                opened_at=clock.now(),
                opened_by=principal.person_id,
                reason=reason.strip(),
            )
            record(principal, "claims:dispute:open", "claim", claim.id, dispute=str(dispute.id))
            _tell(dispute, _("A claim of yours is contested"), "open")
    except IntegrityError as error:
        raise Conflict(_("This claim is contested already.")) from error
    return dispute


def may_contest(principal: Principal, claim: Claim, organisation: Organisation) -> bool:
    """Tell whether an organisation may contest a claim: it sees it, or claims what overlaps."""
    if organisation.id == claim.organisation_id:
        return False
    if claim.is_visible_to(principal):
        return True
    return rivals(claim, organisation).exists()


def may_contest_as_desk(principal: Principal, claim: Claim) -> bool:
    """Tell whether nothing ties a coordinator to the holder, nor to who claims what overlaps."""
    may = allowed(principal, Permission.CLAIMS_VERIFY, claim)
    return may and claim.is_visible_to(principal)


def rivals(claim: Claim, organisation: Organisation) -> QuerySet[Claim]:
    """Return the claims of one organisation that overlap with another's claim."""
    found = queries.overlapping(queries.stretches_of(claim), claim.organisation_id)
    return found.filter(organisation=organisation)


@transaction.atomic
def answer(
    *, principal: Principal, dispute: Dispute, organisation: Organisation | None, text: str
) -> Answer:
    """Say something for one side, or as the desk; both sides and coordinators read it.

    Raises:
        AlreadyDone: it was decided a moment ago.
        DomainError: nothing was said, or one speaks for neither side.

    """
    require(principal, Permission.CLAIMS_DISPUTE, organisation)
    sides = {dispute.claim.organisation_id, dispute.organisation_id}
    if organisation is None:
        require(principal, Permission.CLAIMS_DISPUTE_DECIDE, dispute)
    if organisation is not None and organisation.id not in sides:
        raise DomainError(_("You speak for neither side."))
    if not text.strip():
        raise DomainError(_("Write what you have to say."), code="text")
    present = Dispute.objects.select_for_update(of=("self",)).get(pk=dispute.pk)
    if present.decided_at is not None:
        raise AlreadyDone
    if present.answers.count() >= MOST_ANSWERS:
        raise DomainError(_("Enough was said here: a coordinator decides."))
    said = Answer.objects.create(
        dispute=present,
        organisation=organisation,
        at=clock.now(),
        by=principal.person_id,
        text=text.strip(),
    )
    record(principal, "claims:dispute:answer", "claim", present.claim_id)
    _tell(present, _("There is something new about a contested claim"), f"answer:{said.id}")
    return said


@transaction.atomic
def decide(
    *,
    principal: Principal,
    dispute: Dispute,
    outcome: Outcome,
    decision: str,
    confirmation: Confirmation | None = None,
) -> Dispute:
    """Decide as a coordinator whom nothing ties to either side; to end a claim takes two.

    A claim that stands is as proven as before. Where both hold it, both are marked as shared.

    Raises:
        AlreadyDone: it was decided a moment ago, or the claim was withdrawn.
        DomainError: no reason was given.

    """
    require(principal, Permission.CLAIMS_DISPUTE_DECIDE, dispute)
    if outcome not in {Outcome.UPHELD, Outcome.ENDED, Outcome.SHARED}:
        raise DomainError(_("Choose what you decide."), code="outcome")
    if not decision.strip():
        raise DomainError(_("Say why: both sides read it."), code="decision")
    if outcome == Outcome.ENDED:
        require_second(
            confirmation, END, dispute.id, outcome=str(outcome), decision=decision.strip()
        )
    # The claim first, as whoever withdraws it does: otherwise each would wait for the other.
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=dispute.claim_id)
    present = Dispute.objects.select_for_update(of=("self",)).get(pk=dispute.pk)
    if present.decided_at is not None or claim.state != State.DISPUTED:
        raise AlreadyDone
    if outcome == Outcome.ENDED:
        states.move(principal=principal, claim=claim, act=Act.END)
    else:
        act = Act.RESUME_VERIFIED if claim.is_proven else Act.RESUME
        shared = {"is_shared": True} if outcome == Outcome.SHARED else {}
        states.move(principal=principal, claim=claim, act=act, **shared)
        if shared and present.organisation is not None:
            _share(principal, rivals(claim, present.organisation), outcome)
    _close(principal, present, outcome, decision.strip())
    return present


def _share(principal: Principal, found: QuerySet[Claim], outcome: Outcome) -> None:
    """Mark claims as shared, each with a record of its own: by these a kept table is renewed."""
    keys = list(found.order_by("id").values_list("id", flat=True))
    found.update(is_shared=True, changed_at=clock.now())
    for key in keys:
        record(principal, "claims:dispute:decide", "claim", key, outcome=str(outcome))


def close(*, principal: Principal, claim: Claim, outcome: Outcome) -> None:
    """Close the dispute of a claim that is over, in the caller's transaction."""
    for dispute in Dispute.objects.select_for_update(of=("self",)).open().filter(claim=claim):
        _close(principal, dispute, outcome, "")


def _close(principal: Principal, dispute: Dispute, outcome: Outcome, decision: str) -> None:
    dispute.outcome, dispute.decision = outcome, decision
    dispute.decided_at, dispute.decided_by = clock.now(), principal.person_id
    dispute.save(update_fields=["outcome", "decision", "decided_at", "decided_by"])
    record(principal, "claims:dispute:decide", "claim", dispute.claim_id, outcome=str(outcome))
    _tell(dispute, _("A dispute about a claim is decided"), "decided")


def _tell(dispute: Dispute, subject: str, what: str) -> None:
    """Tell a team of each side and the desk; the text names neither claim nor side."""
    sides = [dispute.claim.organisation_id, dispute.organisation_id]
    address = settings.BASE_URL + reverse("claims:dispute", args=[dispute.id])
    teams = Team.objects.filter(
        Q(organisation__in=[s for s in sides if s]), retired_at=None, is_desk=False
    ).order_by("organisation", "created_at", "id")
    first = {team.organisation_id: team.id for team in reversed(list(teams))}
    answering = dispute.claim.team_id
    if answering is not None:
        first[dispute.claim.organisation_id] = answering
    desk = desk_team()
    for team_id in {*first.values(), *([desk.id] if desk else [])}:
        notify_team(
            team_id,
            subject=subject,
            text=_("Open the page of the dispute to read and to answer.") + f"\n\n{address}\n",
            key=f"claims-dispute:{dispute.id}:{what}",
        )
