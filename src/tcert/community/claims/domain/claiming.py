"""Claims: entered, changed, withdrawn, restored."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.claims import queries, spaces
from tcert.community.claims.domain import disputes, overlaps, states
from tcert.community.claims.enums import Act, Outcome, Source, State
from tcert.community.claims.models import MARKS, Claim, Covered
from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.ties import tied_organisations
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.foundation.kernel.shown import hold
from tcert.foundation.kernel.tlp import Tlp

ENTER = "claims:claim:enter"
CHANGE = "claims:claim:change"
WITHDRAW = "claims:claim:withdraw-by-desk"
FIELDS = ("team", "evidence", "tlp", "is_findable", "valid_from", "valid_until")
MOST_CLAIMS = 200_000
"""Of one organisation."""


def enter(
    *,
    principal: Principal,
    organisation: Organisation,
    kind: Kind,
    value: str,
    team: Team | None = None,
    evidence: str = "",
    tlp: Tlp = Tlp.AMBER,
    is_findable: bool = False,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Claim:
    """Claim an identifier or a range; what was withdrawn or has run out is claimed anew.

    Both holders and the desk are told when another organisation's claim overlaps.

    Raises:
        DomainError: it is no identifier of the kind, or none that is claimed, with the cure; the
            time is none; the team is another organisation's; there are too many.
        Conflict: the organisation claims it already, or a decision ended it.
        PermissionDenied: a coordinator is tied to who claims what overlaps.

    """
    require(principal, Permission.CLAIMS_MANAGE, organisation)
    try:
        found = spaces.read(kind, value)
    except IdentifierRefused as error:
        raise DomainError(str(error), code="value") from error
    content: dict[str, Any] = {
        "team": team,
        "evidence": evidence.strip(),
        "tlp": tlp,
        "is_findable": is_findable,
        "valid_from": valid_from or clock.now(),
        "valid_until": valid_until,
    }
    _fit(organisation, content)
    _require_no_rival(principal, organisation, spaces.stretches(found))
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        known = Claim.objects.filter(
            organisation=organisation, kind=found.kind, value=found.canonical
        ).first()
        if known is not None:
            claim = _anew(principal, known, content)
        else:
            _room(organisation)
            claim = _new(organisation, found.kind, found.canonical, content)
            stretches = spaces.stretches(found)
            Covered.objects.bulk_create(
                Covered(claim=claim, space=one.space, prefix=one.prefix) for one in stretches
            )
            record(principal, ENTER, "claim", claim.id, kind=str(found.kind))
        jobs.enqueue(overlaps.look, claim=claim.id)
    return claim


def _require_no_rival(
    principal: Principal, organisation: Organisation, stretches: tuple[spaces.Stretch, ...]
) -> None:
    """Refuse a coordinator who is tied to somebody with whom the new claim would compete."""
    tied = tied_organisations(principal) if principal.is_desk else frozenset()
    if not tied:
        return
    rivals = queries.overlapping(stretches, organisation.id).filter(organisation__in=tied)
    if rivals.exists():
        raise PermissionDenied


def _new(organisation: Organisation, kind: Kind, value: str, content: dict[str, Any]) -> Claim:
    try:
        with transaction.atomic():
            return Claim.objects.create(
                organisation=organisation,
                kind=kind,
                value=value,
                source=Source.TYPED,
                **content,
            )
    except IntegrityError as error:
        raise Conflict(_("Your organisation claims this already.")) from error


def _anew(principal: Principal, known: Claim, content: dict[str, Any]) -> Claim:
    if known.state in State.counting():
        raise Conflict(_("Your organisation claims this already."))
    _restorable(principal, known)
    return states.move(principal=principal, claim=known, act=Act.RESTORE, **content)


def _room(organisation: Organisation) -> None:
    if Claim.objects.filter(organisation=organisation).count() >= MOST_CLAIMS:
        raise DomainError(
            _("Your organisation has 200,000 claims, which is the most. Claim wider ranges.")
        )


def _fit(organisation: Organisation, content: dict[str, Any]) -> None:
    """Refuse what does not go together."""
    team, until = content["team"], content["valid_until"]
    if team is not None and (team.organisation_id != organisation.id or team.retired_at):
        raise DomainError(_("Choose a team of the organisation that claims it."), code="team")
    if until is not None and until <= content["valid_from"]:
        raise DomainError(_("It ends before it begins."), code="valid_until")
    if until is not None and until <= clock.now():
        raise DomainError(_("This end is past: withdraw the claim instead."), code="valid_until")
    if content["tlp"] not in MARKS:
        raise DomainError(_("Choose AMBER, GREEN or CLEAR."), code="tlp")


@transaction.atomic
def change(
    *, principal: Principal, claim: Claim, shown: str | None = None, **content: Any
) -> Claim:
    """Change what the holder says about a claim; identifier and state stay.

    Raises:
        Conflict: somebody changed it since the page `shown`, or it does not count any more.
        DomainError: the time is none, or the team is another organisation's.

    """
    require(principal, Permission.CLAIMS_MANAGE, claim)
    present = hold(claim, shown, FIELDS)
    if not present.counts:
        raise AlreadyDone
    content["evidence"] = content["evidence"].strip()
    _fit(claim.organisation, content)
    for name, value in content.items():
        setattr(present, name, value)
    present.changed_at = clock.now()
    present.save(update_fields=[*content, "changed_at"])
    record(principal, CHANGE, "claim", present.id, tlp=present.tlp, findable=present.is_findable)
    return present


@transaction.atomic
def withdraw(
    *, principal: Principal, claim: Claim, confirmation: Confirmation | None = None
) -> Claim:
    """Withdraw a claim; it can be restored, and is then to be verified anew.

    What an operator claims keeps cases from those of the desk who are tied to it, as its people or
    otherwise. So nobody of the desk withdraws it alone, whether the hub knows of a tie or not.

    Raises:
        AlreadyDone: somebody did the same a moment ago, or it has run out.

    """
    require(principal, Permission.CLAIMS_MANAGE, claim)
    if principal.is_desk:
        require_second(confirmation, WITHDRAW, claim.id)
    moved = states.move(principal=principal, claim=claim, act=Act.WITHDRAW)
    disputes.close(principal=principal, claim=moved, outcome=Outcome.MOOT)
    return moved


@transaction.atomic
def restore(*, principal: Principal, claim: Claim) -> Claim:
    """Let a claim count again that was withdrawn, has run out, or, by a coordinator, was ended.

    Raises:
        AlreadyDone: it counts already.
        Conflict: a decision ended it, and the person is no coordinator.

    """
    require(principal, Permission.CLAIMS_MANAGE, claim)
    present = hold(claim, None, ())
    _restorable(principal, present)
    moved = states.move(
        principal=principal, claim=present, act=Act.RESTORE, **_without_past_end(present)
    )
    jobs.enqueue(overlaps.look, claim=moved.id)
    return moved


def _without_past_end(claim: Claim) -> dict[str, Any]:
    """Return what makes a restored claim count: an end that is past goes."""
    is_past = claim.valid_until is not None and claim.valid_until <= clock.now()
    return {"valid_until": None} if is_past else {}


def _restorable(principal: Principal, claim: Claim) -> None:
    if claim.state == State.ENDED and not principal.is_coordinator:
        raise Conflict(_("A decision ended this claim. Ask the desk if that has changed."))
    if claim.state == State.ENDED:
        require(principal, Permission.CLAIMS_VERIFY, claim)
