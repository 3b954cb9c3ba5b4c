"""One claim: entered, read, changed, withdrawn, verified."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.claims import queries
from tcert.community.claims.domain import claiming, verifying
from tcert.community.claims.enums import Act, State, Way
from tcert.community.claims.forms import AskForm, ClaimForm, ContentForm, NoteForm, WordForm
from tcert.community.claims.models import Claim, Verification
from tcert.community.claims.transitions import after
from tcert.community.claims.views.base import claim_for, is_own, organisation_for
from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import press


@read_or_send
@page(Permission.CLAIMS_MANAGE)
def new(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Claim something for an organisation."""
    organisation, principal = organisation_for(request, organisation_id), principal_of(request)
    require(principal, Permission.CLAIMS_MANAGE, organisation)
    form = ClaimForm(request.POST or None, organisation=organisation, claim=None)
    made = attempt(
        form,
        lambda: claiming.enter(
            principal=principal,
            organisation=organisation,
            **{**form.cleaned_data, "kind": Kind(form.cleaned_data["kind"])},
        ),
    )
    if made:
        messages.success(request, _("Claimed. Verify it next: it then counts in full."))
        return redirect("claims:claim", made.id)
    context = {"form": form, "organisation": organisation}
    return render(request, "claims/new.html", context, status=status_of(form))


@require_safe
@page(Permission.CLAIMS_READ)
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Show a claim: to its holder and coordinators with evidence, proofs, overlaps and disputes."""
    return _page(request, claim_for(request, claim_id))


def _page(request: HttpRequest, found: Claim, status: int = 200, **forms: Any) -> HttpResponse:
    principal = principal_of(request)
    own = is_own(principal, found)
    context: dict[str, Any] = {
        "claim": found,
        "own": own,
        "may_contest": found.counts
        and found.state != State.DISPUTED
        and allowed(principal, Permission.CLAIMS_DISPUTE)
        and (found.organisation_id not in principal.listed_organisation_ids),
    }
    if own:
        context |= _for_holder(principal, found) | forms
    return render(request, "claims/claim.html", context, status=status)


def _for_holder(principal: Principal, found: Claim) -> dict[str, Any]:
    proofs = list(found.verifications.select_related("by_team__organisation")[:20])
    now = clock.now()
    waiting = {one.way: one for one in proofs if one.is_open(now)}
    provable = found.state in {State.CLAIMED, State.VERIFIED}
    manages = allowed(principal, Permission.CLAIMS_MANAGE, found)
    return {
        "proofs": proofs,
        "waiting": waiting,
        "dns": waiting.get(Way.DNS),
        "dns_name": verifying.record_name(found),
        "ways": verifying.ways_for(found) if provable else (),
        "addresses": [one.value for one in queries.round_the_clock(found)] if manages else [],
        "overlaps": [
            {"claim": one, "seen": one.is_visible_to(principal)}
            for one in (queries.overlaps_of(found) if found.counts else [])
        ],
        "disputes": list(found.disputes.select_related("organisation")),
        "may_manage": manages,
        "may_verify": provable and allowed(principal, Permission.CLAIMS_VERIFY, found),
        "may_withdraw": after(State(found.state), Act.WITHDRAW) is not None,
        "may_restore": after(State(found.state), Act.RESTORE) is not None
        and (found.state != State.ENDED or allowed(principal, Permission.CLAIMS_VERIFY, found)),
        "note_form": NoteForm(prefix="v"),
        "ask_form": AskForm(prefix="w", teams=queries.witnesses(found)),
    }


@read_or_send
@page(Permission.CLAIMS_MANAGE)
def change(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Change what the holder says about a claim."""
    found, principal = claim_for(request, claim_id), principal_of(request)
    require(principal, Permission.CLAIMS_MANAGE, found)
    ends = found.valid_until
    before = {
        "team": found.team_id,
        "evidence": found.evidence,
        "tlp": found.tlp,
        "is_findable": found.is_findable,
        "valid_from": found.valid_from.date(),
        "valid_until": (ends - timedelta(microseconds=1)).date() if ends else None,
    }
    form = ContentForm(
        request.POST or None, organisation=found.organisation, claim=found, initial=before
    )
    done = attempt(form, lambda: _changed(principal, found, form.cleaned_data))
    if done:
        messages.success(request, _("Saved."))
        return redirect("claims:claim", found.id)
    context = {"form": form, "claim": found}
    return render(request, "claims/change.html", context, status=status_of(form))


def _changed(principal: Principal, found: Claim, typed: dict[str, Any]) -> Claim:
    content = {**typed, "valid_from": typed["valid_from"] or found.valid_from}
    return claiming.change(principal=principal, claim=found, **content)


@require_POST
@page(Permission.CLAIMS_MANAGE)
def withdraw(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Withdraw a claim; the same button restores it."""
    found, principal = claim_for(request, claim_id), principal_of(request)
    require(principal, Permission.CLAIMS_MANAGE, found)
    if request.POST.get("act") == "restore":
        press(
            request,
            lambda: claiming.restore(principal=principal, claim=found),
            _("It counts again. Verify it anew."),
        )
    else:
        press(
            request,
            lambda: claiming.withdraw(principal=principal, claim=found),
            _("Withdrawn. You can restore it on its page."),
        )
    return redirect("claims:claim", found.id)


@require_POST
@page(Permission.CLAIMS_READ)
def verify(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Begin to verify a claim in one way, or verify it as a coordinator."""
    found, principal = claim_for(request, claim_id), principal_of(request)
    way = request.POST.get("way", "")
    if way == Way.COORDINATOR:
        note = NoteForm(request.POST, prefix="v")
        done: object = attempt(
            note,
            lambda: verifying.verify_by_desk(
                principal=principal, claim=found, note=note.cleaned_data["note"]
            ),
        )
        if not done:
            return _page(request, found, status_of(note), note_form=note)
        messages.success(request, _("Verified for a year."))
    elif way == Way.ATTESTATION:
        ask = AskForm(request.POST, prefix="w", teams=queries.witnesses(found))
        require(principal, Permission.CLAIMS_MANAGE, found)
        done = attempt(
            ask,
            lambda: verifying.ask_for_word(
                principal=principal, claim=found, team=ask.cleaned_data["team"]
            ),
        )
        if not done:
            return _page(request, found, status_of(ask), ask_form=ask)
        messages.success(request, _("Asked. You are told when the team has answered."))
    elif way == Way.MAIL:
        press(
            request,
            lambda: verifying.ask_by_mail(principal=principal, claim=found),
            _("Mailed. Whoever reads there has seven days to confirm."),
        )
    elif way == Way.DNS:
        press(
            request,
            lambda: verifying.ask_by_dns(principal=principal, claim=found),
            _("Enter the record below into the zone, then let the hub look."),
        )
    else:
        raise DomainError(_("This page is incomplete. Open it again; nothing was changed."))
    return redirect("claims:claim", found.id)


@require_POST
@page(Permission.CLAIMS_MANAGE)
def verification(request: HttpRequest, verification_id: UUID) -> HttpResponse:
    """Let the hub look for a record, or ask no longer."""
    principal = principal_of(request)
    seen = Verification.objects.visible_to(principal).select_related("claim__organisation__group")
    found = get_object_or_404(seen, pk=verification_id)
    if not is_own(principal, found.claim):
        raise Http404
    if request.POST.get("act") == "look":
        press(
            request,
            lambda: verifying.ask_to_look(principal=principal, verification=found),
            _("The hub looks now. Open this page again in a moment."),
        )
    else:
        press(
            request,
            lambda: verifying.take_back(principal=principal, verification=found),
            _("Asked no longer."),
        )
    return redirect("claims:claim", found.claim_id)


@read_or_send
@page(Permission.CLAIMS_ATTEST)
def attest(request: HttpRequest, verification_id: UUID) -> HttpResponse:
    """Give the word of one's team on another's claim, or decline."""
    principal = principal_of(request)
    seen = Verification.objects.visible_to(principal).filter(way=Way.ATTESTATION)
    asked = get_object_or_404(
        seen.select_related("claim__organisation__group", "by_team__organisation__group"),
        pk=verification_id,
    )
    require(principal, Permission.CLAIMS_ATTEST, asked)
    form = WordForm(request.POST or None)
    is_right = request.POST.get("act") == "attest"
    done = attempt(
        form,
        lambda: verifying.give_word(
            principal=principal,
            verification=asked,
            is_right=is_right,
            note=form.cleaned_data["note"],
        ),
    )
    if done:
        messages.success(
            request, _("Your team's word counts for a year.") if is_right else _("Declined.")
        )
        return redirect("claims:index")
    context = {"form": form, "asked": asked, "open": asked.is_open(clock.now())}
    return render(request, "claims/attest.html", context, status=status_of(form))


@read_or_send
@page(Permission.CLAIMS_LINK_USE)
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm a claim by a mailed link: who reads the round-the-clock mailbox needs no account.

    Opening it uses nothing up, since programs that check mails open what they find.
    """
    try:
        asked = verifying.open_link(token)
        if request.method == "POST":
            is_right = request.POST.get("act") == "confirm"
            verifying.answer_link(token=token, is_right=is_right)
            return render(request, "claims/link.html", {"done": True, "is_right": is_right})
    except DomainError as error:
        context = {"refused": str(error.message)}
        return render(request, "claims/link.html", context, status=404)
    return render(request, "claims/link.html", {"asked": asked, "claim": asked.claim})
