"""Attestations: prepared, signed, shown, taken back."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.keyring import queries
from tcert.community.keyring.domain import attestations
from tcert.community.keyring.forms import AttestForm, SignedForm, WithdrawForm
from tcert.community.keyring.models import Attestation
from tcert.community.keyring.statements import Statement
from tcert.community.keyring.views.base import key_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment


def _of_others(request: HttpRequest, pk: UUID, fingerprint: str) -> queries.Key:
    """Return a key that is not the person's own team's."""
    found = key_for(request, pk, fingerprint)
    if found.team.id in principal_of(request).team_ids:
        raise Http404
    return found


@read_or_send
@page(Permission.KEYRING_ATTEST, kind=PageKind.VAULT)
def attest(request: HttpRequest, pk: UUID, fingerprint: str) -> HttpResponse:
    """Attest a key in two steps: what was compared, then the signature over the text of it."""
    key = _of_others(request, pk, fingerprint)
    teams = queries.led_teams(principal_of(request))
    if "until" in request.POST:
        return _sign(request, key, teams)
    form = AttestForm(request.POST or None, teams=teams)
    statement = attempt(form, lambda: _prepared(request, key, form.cleaned_data), "typed")
    if statement:
        return _to_sign(request, key, teams, statement)
    refused = attestations.refusal_of(teams[0], key, clock.now()) if len(teams) == 1 else None
    context = {
        "key": key,
        "form": form,
        "obstacle": attestations.REFUSALS[refused] if refused and not form.is_bound else "",
    }
    return render(request, "keyring/attest.html", context, status=status_of(form))


def _prepared(
    request: HttpRequest, key: queries.Key, values: dict[str, Any], until: date | None = None
) -> Statement:
    return attestations.prepare(
        principal=principal_of(request),
        from_team=values["from_team"],
        key=key,
        typed=values["typed"],
        basis=values["basis"],
        checked_on=values["checked_on"],
        until=until,
    )


def _to_sign(
    request: HttpRequest,
    key: queries.Key,
    teams: list[Team],
    statement: Statement,
    form: SignedForm | None = None,
) -> HttpResponse:
    """Show the text that is to be signed, with what was typed kept in the form."""
    if form is None:
        values = {
            "from_team": str(statement.by_team),
            "basis": str(statement.basis),
            "checked_on": statement.checked_on.isoformat(),
            "until": statement.until.isoformat(),
            "typed": key.fingerprint[-16:],
        }
        form = SignedForm(initial=values, teams=teams)
    else:
        names = ("from_team", "basis", "checked_on", "until", "typed")
        values = {name: str(form.data.get(name, "")) for name in names}
    context = {"key": key, "form": form, "statement": statement, "kept": values}
    return render(request, "keyring/sign.html", context, status=status_of(form))


def _sign(request: HttpRequest, key: queries.Key, teams: list[Team]) -> HttpResponse:
    form = SignedForm(request.POST, request.FILES, teams=teams)
    made = attempt(form, lambda: _given(request, key, form.cleaned_data), "signature")
    if made:
        messages.success(request, _("Attested. Members see that your team stands for this key."))
        return redirect("keyring:key", key.team.id, key.fingerprint)
    first = AttestForm(request.POST, teams=teams)
    typed = getattr(form, "cleaned_data", {})
    statement = attempt(
        first, lambda: _prepared(request, key, first.cleaned_data, typed.get("until")), "typed"
    )
    if statement:
        return _to_sign(request, key, teams, statement, form)
    context = {"key": key, "form": first, "obstacle": ""}
    return render(request, "keyring/attest.html", context, status=status_of(first))


def _given(request: HttpRequest, key: queries.Key, values: dict[str, Any]) -> Attestation:
    return attestations.give(
        principal=principal_of(request),
        from_team=values["from_team"],
        key=key,
        typed=values["typed"],
        basis=values["basis"],
        checked_on=values["checked_on"],
        until=values["until"],
        signature=values["signature"],
    )


@require_safe
@page(Permission.KEYRING_ATTEST)
def statement(request: HttpRequest, pk: UUID, fingerprint: str) -> HttpResponse:
    """Give the text as a file, so that GnuPG signs the very bytes."""
    key = _of_others(request, pk, fingerprint)
    form = AttestForm(request.GET, teams=queries.led_teams(principal_of(request)))
    written = attempt(form, lambda: _prepared(request, key, form.cleaned_data))
    if written is None:
        raise Http404
    return attachment(written.text(), "attestation.txt", "text/plain; charset=us-ascii")


def _attestation(request: HttpRequest, attestation_id: UUID) -> Attestation:
    seen = Attestation.objects.visible_to(principal_of(request)).with_teams()
    found: Attestation = get_object_or_404(seen, pk=attestation_id)
    return found


@require_safe
@page(Permission.KEYRING_READ)
def attestation(request: HttpRequest, attestation_id: UUID) -> HttpResponse:
    """Show one attestation with all that is needed to check it without the hub."""
    found = _attestation(request, attestation_id)
    counts = queries.counts(found)
    context = {
        "attestation": found,
        "counts": counts,
        "is_broken": queries.is_broken(found.signer),
        "may_withdraw": found.is_not_over
        and allowed(principal_of(request), Permission.KEYRING_ATTEST_WITHDRAW, found),
    }
    return render(request, "keyring/attestation.html", context)


@require_safe
@page(Permission.KEYRING_READ)
def attestation_text(request: HttpRequest, attestation_id: UUID) -> HttpResponse:
    """Give the signed text as a file."""
    found = _attestation(request, attestation_id)
    return attachment(found.text, "attestation.txt", "text/plain; charset=us-ascii")


@require_safe
@page(Permission.KEYRING_READ)
def attestation_signature(request: HttpRequest, attestation_id: UUID) -> HttpResponse:
    """Give the signature as a file."""
    found = _attestation(request, attestation_id)
    return attachment(found.signature, "attestation.txt.asc", "application/pgp-signature")


@read_or_send
@page(Permission.KEYRING_ATTEST_WITHDRAW)
def withdraw(request: HttpRequest, attestation_id: UUID) -> HttpResponse:
    """Take an attestation back, after the other team's name was typed."""
    found, principal = _attestation(request, attestation_id), principal_of(request)
    require(principal, Permission.KEYRING_ATTEST_WITHDRAW, found)
    form = WithdrawForm(request.POST or None)
    done = attempt(
        form,
        lambda: attestations.withdraw(
            principal=principal,
            attestation=found,
            reason=form.cleaned_data["reason"],
            confirmed_name=form.cleaned_data["confirm_name"],
        ),
    )
    if done:
        messages.success(request, _("Taken back. It no longer counts, and the team is told."))
        return redirect("keyring:attestation", found.id)
    context = {"form": form, "attestation": found}
    return render(request, "keyring/withdraw.html", context, status=status_of(form))
