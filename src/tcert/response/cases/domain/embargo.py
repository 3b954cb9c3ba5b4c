"""The embargo: proposals for its end, answers, what ends it. `decided.md` 10."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.response.cases import protocol
from tcert.response.cases.domain.machines import (
    move_consent,
    move_embargo,
    note,
    state_of,
)
from tcert.response.cases.domain.notices import tell_all
from tcert.response.cases.domain.terms import put_terms
from tcert.response.cases.domain.triage import coordinator_row
from tcert.response.cases.enums import (
    EMBARGO_HOLDS,
    Answer,
    Consent,
    ConsentAct,
    EmbargoAct,
    EmbargoState,
    Presence,
    ProposalState,
)
from tcert.response.cases.models import (
    Case,
    Embargo,
    EmbargoAnswer,
    EmbargoProposal,
    Participant,
)
from tcert.response.cases.refusals import in_words


def hold(case: Case) -> Embargo:
    """Lock a case's embargo and read it anew: who is asked and what is agreed stand still.

    Whoever locks more rows of a case takes this one first.
    """
    case.embargo.refresh_from_db(from_queryset=Embargo.objects.select_for_update())
    return case.embargo


def vendor_aware_at(case: Case) -> datetime | None:
    """Return when the first vendor or operator learned of the flaw."""
    times = [p.vendor_aware_at for p in case.participants.all() if p.vendor_aware_at]
    return min(times, default=None)


def default_end(case: Case) -> datetime:
    """Return the end that a form offers: 90 days from vendor awareness, or from now before it."""
    return protocol.default_end(vendor_aware_at(case) or clock.now())


@transaction.atomic
def propose_end(
    *,
    principal: Principal,
    case: Case,
    by: Participant,
    ends_at: datetime,
    zone: str,
    revision: int | None,
    despite_attacks: bool = False,
) -> EmbargoProposal:
    """Propose the end of the embargo, with its hour and zone.

    Before an embargo is active the coordinating team accepts one proposal. Afterwards a shorter
    end holds at once, and a longer one becomes a revision that needs every signatory.
    """
    embargo = case.embargo
    embargo.claim(revision)
    _require_part(principal, by)
    now = clock.now()
    current = embargo.ends_at if embargo.state in EMBARGO_HOLDS else None
    coordinating = by.team_id == case.coordinating_team_id
    if current is not None and not coordinating and by.consent != Consent.SIGNATORY:
        raise DomainError(_("Only who has signed the embargo can propose another end."))
    if despite_attacks and coordinating:
        _decide_despite_attacks(principal, case)
    with in_words():
        protocol.check_end(ends_at, now=now)
        outcome = protocol.weigh(current, ends_at, now=now, by_coordinating_team=coordinating)
    try:
        with transaction.atomic():
            proposal = EmbargoProposal.objects.create(
                embargo=embargo, proposed_by=by, ends_at=ends_at, zone=zone
            )
    except IntegrityError:
        raise DomainError(_("This end is proposed already.")) from None
    shortened = current is not None and outcome.revision is None
    under_revision = embargo.state == EmbargoState.REVISE
    move_embargo(
        principal=principal, embargo=embargo, act=EmbargoAct.PROPOSE, by=by, ends_at=ends_at
    )
    if shortened:
        move_embargo(
            principal=principal,
            embargo=embargo,
            act=EmbargoAct.ACCEPT,
            by=by,
            ends_at=ends_at,
            zone=zone,
        )
        _decide(proposal, ProposalState.IN_FORCE)
        if under_revision:
            _reopen_revision(principal, embargo)
    else:
        _ask(proposal, by)
    tell_all(case, "embargo", except_team=by.team_id)
    return proposal


def _require_part(principal: Principal, by: Participant) -> None:
    """Ask with the embargo held: whoever is being removed at this moment has no last word."""
    by.refresh_from_db(fields=["consent", "presence"])
    require(principal, Permission.CASES_ROW_MANAGE, by)


def _decide_despite_attacks(principal: Principal, case: Case) -> None:
    """Keep the coordinating team's word that an embargo helps although attacks are seen."""
    if not case.despite_attacks:
        case.despite_attacks = True
        case.save(update_fields=["despite_attacks"])
        note(principal, "despite-attacks", case)


def _reopen_revision(principal: Principal, embargo: Embargo) -> None:
    """Keep a longer end under revision after a shorter one took force: the longer still waits."""
    longer = embargo.proposals.filter(state=ProposalState.OPEN).first()
    if longer is not None:
        move_embargo(
            principal=principal,
            embargo=embargo,
            act=EmbargoAct.PROPOSE,
            by=longer.proposed_by,
            ends_at=longer.ends_at,
        )


def _ask(proposal: EmbargoProposal, by: Participant) -> None:
    """Ask every signatory and the coordinating team; the proposer agrees with itself.

    A removed signatory stays bound by its word but is not asked: it could never answer.
    """
    case = proposal.embargo.case
    asked = _taking_part_signatories(case) | case.participants.filter(
        team_id=case.coordinating_team_id
    )
    now = clock.now()
    for participant in asked.distinct():
        own = participant.pk == by.pk
        EmbargoAnswer.objects.create(
            proposal=proposal,
            participant=participant,
            answer=Answer.ACCEPTED if own else Answer.WAITING,
            answered_at=now if own else None,
        )
    if not proposal.answers.filter(participant=by).exists():
        EmbargoAnswer.objects.create(
            proposal=proposal, participant=by, answer=Answer.ACCEPTED, answered_at=now
        )


def _taking_part_signatories(case: Case) -> QuerySet[Participant]:
    return case.participants.filter(consent=Consent.SIGNATORY, presence=Presence.TAKING_PART)


def _decide(proposal: EmbargoProposal, state: ProposalState) -> None:
    proposal.state = state
    proposal.decided_at = clock.now()
    proposal.save(update_fields=["state", "decided_at"])


@transaction.atomic
def answer(
    *,
    principal: Principal,
    proposal: EmbargoProposal,
    by: Participant,
    agrees: bool,
    revision: int | None,
    despite_attacks: bool = False,
) -> EmbargoProposal:
    """Agree or not to a proposed end.

    Before an embargo is active the coordinating team's yes makes it so and its no rejects it; after
    confirmed attacks its yes says `despite_attacks` too. A revision needs the yes of the
    coordinating team and of all signatories; one no rejects it.
    """
    embargo = Embargo.objects.select_related("case").get(pk=proposal.embargo_id)
    embargo.claim(revision)
    _require_part(principal, by)
    proposal.refresh_from_db()
    if proposal.state != ProposalState.OPEN:
        raise DomainError(_("This proposal is decided already."))
    asked = proposal.answers.filter(participant=by).first()
    if asked is None:
        raise DomainError(_("Only who has signed the embargo is asked about its end."))
    asked.answer = Answer.ACCEPTED if agrees else Answer.REJECTED
    asked.answered_at, asked.answered_by = clock.now(), principal.person_id
    asked.save()
    note(principal, "embargo-answer", embargo.case, by, agrees=agrees)
    if despite_attacks and agrees and by.team_id == embargo.case.coordinating_team_id:
        _decide_despite_attacks(principal, embargo.case)
    _settle(principal, embargo, proposal, by, agrees=agrees)
    return proposal


def _settle(
    principal: Principal,
    embargo: Embargo,
    proposal: EmbargoProposal,
    by: Participant,
    *,
    agrees: bool,
) -> None:
    """Put an answered proposal in force or reject it, when the answers so far decide it."""
    first = embargo.state == EmbargoState.PROPOSED
    coordinating = by.team_id == embargo.case.coordinating_team_id
    if first and not coordinating:
        return
    if not agrees:
        _decide(proposal, ProposalState.REJECTED)
        if not embargo.proposals.filter(state=ProposalState.OPEN).exists():
            move_embargo(principal=principal, embargo=embargo, act=EmbargoAct.REJECT, by=by)
        tell_all(embargo.case, "embargo", except_team=by.team_id)
        return
    if first:
        _activate(principal, embargo, by)
        return
    if _is_agreed(proposal):
        with in_words():
            protocol.check_end(proposal.ends_at, now=clock.now())
        _lengthen(principal, embargo, proposal, by)
        tell_all(embargo.case, "embargo", except_team=by.team_id)


def _is_agreed(proposal: EmbargoProposal) -> bool:
    return protocol.is_agreed_by_all(
        Answer(answer) for answer in proposal.answers.values_list("answer", flat=True)
    )


def _lengthen(
    principal: Principal, embargo: Embargo, proposal: EmbargoProposal, by: Participant | None
) -> None:
    """Put a longer end in force; a still longer one goes on waiting."""
    move_embargo(
        principal=principal,
        embargo=embargo,
        act=EmbargoAct.ACCEPT,
        by=by,
        ends_at=proposal.ends_at,
        zone=proposal.zone,
    )
    _decide(proposal, ProposalState.IN_FORCE)
    _overtake_shorter(embargo)
    _reopen_revision(principal, embargo)


def settle_revision(*, principal: Principal, case: Case) -> None:
    """Put the longest end in force that all who are asked have agreed to; for who holds it.

    For acts after which fewer are asked: the last missing answer need not come any more. Only who
    has signed is asked, so a declined or lapsed invitation leaves no gap, and the coordinating
    team always is: a proposal that it has not answered waits on.
    """
    embargo = case.embargo
    if embargo.state != EmbargoState.REVISE:
        return
    ahead = embargo.proposals.filter(state=ProposalState.OPEN, ends_at__gt=clock.now())
    agreed = next((p for p in ahead.order_by("-ends_at") if _is_agreed(p)), None)
    if agreed is not None:
        _lengthen(principal, embargo, agreed, None)
        tell_all(case, "embargo")


def _overtake_shorter(embargo: Embargo) -> None:
    """Close open proposals that no longer lengthen what holds."""
    embargo.proposals.filter(state=ProposalState.OPEN, ends_at__lte=embargo.ends_at).update(
        state=ProposalState.OVERTAKEN, decided_at=clock.now()
    )


def _activate(principal: Principal, embargo: Embargo, by: Participant) -> None:
    """Make the shortest open proposal active; a longer one stays as a revision.

    The coordinating team and who proposed are bound by their own word; all others are invited to
    sign, and see nothing new until they do.
    """
    case = embargo.case
    open_ones = list(embargo.proposals.filter(state=ProposalState.OPEN).order_by("ends_at"))
    shortest = open_ones[0]
    with in_words():
        protocol.check_end(shortest.ends_at, now=clock.now())
    move_embargo(
        principal=principal,
        embargo=embargo,
        act=EmbargoAct.ACCEPT,
        by=by,
        ends_at=shortest.ends_at,
        zone=shortest.zone,
    )
    _decide(shortest, ProposalState.IN_FORCE)
    agreed = {a.participant_id for a in shortest.answers.filter(answer=Answer.ACCEPTED)} | {
        by.pk,
        coordinator_row(case).pk,
    }
    for participant in case.participants.select_related("team"):
        if participant.presence not in {Presence.TAKING_PART, Presence.INVITED}:
            continue
        if participant.consent not in {Consent.NO_EMBARGO, Consent.LAPSED, Consent.DECLINED}:
            continue
        act = ConsentAct.ACCEPT if participant.pk in agreed else ConsentAct.INVITE
        move_consent(principal=principal, participant=participant, act=act)
        if act is ConsentAct.INVITE and participant.team_id is not None:
            put_terms(principal=principal, participant=participant)
    for longer in open_ones[1:]:
        _ask_again(longer)
    _reopen_revision(principal, embargo)
    tell_all(case, "embargo", except_team=by.team_id)


def _ask_again(proposal: EmbargoProposal) -> None:
    """A proposal that becomes a revision asks those who have signed meanwhile."""
    asked = set(proposal.answers.values_list("participant_id", flat=True))
    for participant in _taking_part_signatories(proposal.embargo.case):
        if participant.pk not in asked:
            EmbargoAnswer.objects.create(proposal=proposal, participant=participant)


@transaction.atomic
def end_by_date(*, embargo: Embargo) -> bool:
    """End an embargo whose hour has come; True if this call ended it."""
    embargo.claim(None)
    if embargo.state not in EMBARGO_HOLDS or embargo.ends_at is None:
        return False
    if embargo.ends_at > clock.now():
        return False
    move_embargo(principal=SYSTEM, embargo=embargo, act=EmbargoAct.TERMINATE, reason="date")
    tell_all(embargo.case, "embargo")
    return True


def arguments_against(case: Case) -> tuple[str, ...]:
    """Return what speaks against an embargo in this case, for the form."""
    return tuple(str(_(words)) for words in protocol.arguments_against(state_of(case)))
