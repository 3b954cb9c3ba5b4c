"""The vault's pages: their scripts do the work, the hub stores what is locked."""

import base64
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tcert.community.accounts import vaults
from tcert.community.accounts.models import Person, Vault, VaultPasskey
from tcert.community.accounts.vault_forms import CreateForm, DiscardForm, LockForm, PasskeyForm
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission

vault_page = page(Permission.ACCOUNTS_VAULT_MANAGE, kind=PageKind.VAULT)


def _person(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def _vault(request: HttpRequest) -> Vault | None:
    return Vault.objects.filter(person=_person(request)).first()


def _way_back(request: HttpRequest) -> str:
    """Return the page of this hub that the person came from, else the vault's own."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if here else reverse("vault:state")


@vault_page
@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """Show whether there is a vault, whether it is open, and what it opens."""
    return render(request, "accounts/vault/state.html", {"vault": _vault(request)})


@vault_page
@read_or_send
def create(request: HttpRequest) -> HttpResponse:
    """Make a personal key in the browser and store it locked."""
    if request.method != "POST" and _vault(request):
        return redirect("vault:state")
    form = CreateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            vaults.create_vault(
                principal=principal_of(request),
                person=_person(request),
                certificate=form.cleaned_data["certificate"],
                locked_secret=form.cleaned_data["locked_secret"],
            )
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Your vault is made and open in this browser."))
            return redirect(_way_back(request))
    context = {"form": form, "person": _person(request), "next": _way_back(request)}
    return render(
        request, "accounts/vault/create.html", context, status=400 if form.errors else 200
    )


@vault_page
@require_GET
def unlock(request: HttpRequest) -> HttpResponse:
    """Open the vault in this browser; nothing is sent."""
    if not _vault(request):
        return redirect("vault:create")
    return render(request, "accounts/vault/unlock.html", {"next": _way_back(request)})


@vault_page
@read_or_send
def backup(request: HttpRequest) -> HttpResponse:
    """Make a backup kit of the personal key again."""
    vault = _vault(request)
    if vault is None:
        return redirect("vault:create")
    if request.method == "POST":
        vaults.note_backup(principal=principal_of(request), vault=vault)
        messages.success(request, _("Noted. Keep the kit away from this machine."))
        return redirect("vault:state")
    return render(request, "accounts/vault/backup.html", {"vault": vault})


@vault_page
@read_or_send
def passphrase(request: HttpRequest) -> HttpResponse:
    """Lock the same key under another passphrase."""
    vault = _vault(request)
    if vault is None:
        return redirect("vault:create")
    form = LockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            vaults.change_lock(principal=principal_of(request), vault=vault, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(
                request,
                _("The new passphrase holds. An old backup kit keeps its own passphrase."),
            )
            return redirect("vault:state")
    return render(
        request,
        "accounts/vault/passphrase.html",
        {"form": form, "vault": vault},
        status=400 if form.errors else 200,
    )


@vault_page
@read_or_send
def passkeys(request: HttpRequest) -> HttpResponse:
    """Let a passkey open the vault beside the passphrase, and say which ones do."""
    vault = _vault(request)
    if vault is None:
        return redirect("vault:create")
    own = vaults.passkeys_of(_person(request))
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        wanted = values.pop("passkey")
        chosen = next((one for one in own if one.pk == wanted), None)
        if chosen is None:
            raise Http404
        try:
            vaults.add_passkey(
                principal=principal_of(request), vault=vault, passkey=chosen, **values
            )
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(
                request, _("This passkey opens your vault now, as the passphrase does.")
            )
            return redirect("vault:passkeys")
    entries = list(vault.passkeys.select_related("authenticator"))
    taken = {entry.authenticator_id for entry in entries}
    context = {
        "vault": vault,
        "form": form,
        "entries": entries,
        "free": [
            {"passkey": one, "credential": urlsafe(vaults.credential_id(one))}
            for one in own
            if one.pk not in taken
        ],
    }
    return render(
        request, "accounts/vault/passkeys.html", context, status=400 if form.errors else 200
    )


@vault_page
@require_POST
def remove_passkey(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a passkey open the vault no longer."""
    entry = get_object_or_404(
        VaultPasskey.objects.select_related("vault__person"), pk=pk, vault__person=_person(request)
    )
    vaults.remove_passkey(principal=principal_of(request), entry=entry)
    messages.success(request, _("This passkey opens your vault no longer; it still signs you in."))
    return redirect("vault:passkeys")


def urlsafe(data: bytes) -> str:
    """Write an id as browsers do: base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@vault_page
@require_GET
def lost(request: HttpRequest) -> HttpResponse:
    """Tell the whole way back from a forgotten passphrase, gentlest first."""
    vault = _vault(request)
    if vault is None:
        return redirect("vault:create")
    context = {
        "vault": vault,
        "passkeys": vault.passkeys.exists(),
        "teams": vaults.ways_back(_person(request).id),
    }
    return render(request, "accounts/vault/lost.html", context)


@vault_page
@read_or_send
def discard(request: HttpRequest) -> HttpResponse:
    """Throw away a vault that no passphrase opens any more."""
    vault = _vault(request)
    if vault is None:
        return redirect("vault:create")
    form = DiscardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            vaults.discard_vault(
                principal=principal_of(request),
                vault=vault,
                confirmed_name=form.cleaned_data["confirm_name"],
            )
        except DomainError as error:
            form.add_error("confirm_name", str(error.message))
        else:
            messages.success(request, _("The old vault is gone. Make a new one to go on."))
            return redirect("vault:create")
    return render(
        request,
        "accounts/vault/discard.html",
        {
            "form": form,
            "vault": vault,
            "person": _person(request),
            "teams": vaults.ways_back(_person(request).id),
        },
        status=400 if form.errors else 200,
    )


@vault_page
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """Give the person's own browser what it can open: the locked secret and the sealed shares."""
    vault = _vault(request)
    if vault is None:
        return JsonResponse({"vault": None, "teams": []})
    person = _person(request)
    return JsonResponse(
        {
            "vault": {
                "fingerprint": vault.fingerprint,
                "certificate": vault.certificate,
                "lockedSecret": base64.b64encode(vault.locked_secret).decode(),
                "passkeys": [
                    {
                        "id": urlsafe(vaults.credential_id(entry.authenticator)),
                        "salt": base64.b64encode(entry.prf_salt).decode(),
                        "wrapped": base64.b64encode(entry.wrapped_secret).decode(),
                    }
                    for entry in vault.passkeys.select_related("authenticator")
                ],
            },
            "teams": vaults.team_keys(person.id, vault.fingerprint),
        }
    )
