"""What who leads a team does with its keys: publish, end, prove, hand out by address."""

import io
import zipfile
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.community.keyring import queries, wkd
from tcert.community.keyring.domain import proofs, publishing, purpose_keys
from tcert.community.keyring.enums import Purpose, PurposeState
from tcert.community.keyring.forms import AddressForm, CodeForm, PublishForm
from tcert.community.keyring.models import PurposeKey
from tcert.community.keyring.views.base import key_for
from tcert.foundation.kernel.access import page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.openpgp import publishing as cutting
from tcert.foundation.openpgp.certificates import CertificateRefused
from tcert.foundation.ui.answers import attachment, press

_STAMP = (2020, 1, 1, 0, 0, 0)
"""The same moment in every archive: the same keys give the same file."""


@read_or_send
@page(Permission.KEYRING_MANAGE)
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Publish a key for a purpose, or a newer copy of one."""
    team = team_for(request, pk, Permission.KEYRING_MANAGE)
    form = PublishForm(request.POST or None, request.FILES or None)
    done = attempt(
        form,
        lambda: purpose_keys.publish(
            principal=principal_of(request),
            team=team,
            purpose=Purpose(form.cleaned_data["purpose"]),
            certificate=form.cleaned_data["certificate"],
        ),
    )
    if done:
        said = _("Published.") if done.state == PurposeState.PUBLISHED else _("It is revoked.")
        messages.success(request, said)
        return redirect("keyring:key", team.id, done.fingerprint)
    # A secret key pasted by mistake must not be sent back and stay in the browser's cache.
    keep = "PRIVATE KEY" not in request.POST.get("text", "")
    context = {"team": team, "form": form, "keep": keep}
    return render(request, "keyring/publish.html", context, status=status_of(form))


@read_or_send
@page(Permission.KEYRING_MANAGE)
def end(request: HttpRequest, pk: UUID, purpose_key: UUID) -> HttpResponse:
    """Publish a key no longer, after the team's name was typed."""
    team = team_for(request, pk, Permission.KEYRING_MANAGE)
    found = get_object_or_404(PurposeKey.objects.select_related("team"), pk=purpose_key, team=team)
    form = ConfirmNameForm(request.POST or None)
    done = attempt(
        form,
        lambda: purpose_keys.end(
            principal=principal_of(request),
            key=found,
            confirmed_name=form.cleaned_data["confirm_name"],
        ),
        "confirm_name",
    )
    if done:
        messages.success(request, _("Published no longer. It stays in the history."))
        return redirect("keyring:team", team.id)
    context = {"team": team, "key": found, "form": form}
    return render(request, "keyring/end.html", context, status=status_of(form))


@read_or_send
@page(Permission.KEYRING_MANAGE)
def directory(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what the Web Key Directory would hand out, and switch it."""
    team = team_for(request, pk, Permission.KEYRING_MANAGE)
    if request.method == "POST":
        is_on = request.POST.get("is_on") == "1"
        publishing.switch(principal=principal_of(request), team=team, is_on=is_on)
        said = _("Switched on.") if is_on else _("Switched off: nothing is handed out any more.")
        messages.success(request, said)
        return redirect("keyring:directory", team.id)
    entries = queries.entries(team)
    context = {
        "team": team,
        "entries": entries,
        "is_on": queries.publishes(team),
        "domains": sorted({one.address.rpartition("@")[2] for one in entries}),
    }
    return render(request, "keyring/directory.html", context)


@require_safe
@page(Permission.KEYRING_MANAGE)
def archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the same directory as files for the team's own web server, both methods' places."""
    team = team_for(request, pk, Permission.KEYRING_MANAGE)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, content in sorted(_files(team).items()):
            packed.writestr(zipfile.ZipInfo(path, _STAMP), content)
    return attachment(made.getvalue(), "web-key-directory.zip", "application/zip")


def _files(team: object) -> dict[str, bytes]:
    """Return path and content of each file of a team's own Web Key Directory."""
    files: dict[str, bytes] = {}
    for entry in queries.entries(team):  # type: ignore[arg-type]
        if entry.key is None:
            continue
        try:
            _local, domain = wkd.parts(entry.address)
            name = wkd.name_of(entry.address)
            content = cutting.only_for(entry.key.certificate, entry.address)
        except (wkd.NoAddress, CertificateRefused):
            continue
        root = wkd.ROOT.lstrip("/")
        files[f"{domain}/{root}policy"] = b""
        files[f"{domain}/{root}hu/{name}"] = content
        files[f"openpgpkey.{domain}/{root}{domain}/policy"] = b""
        files[f"openpgpkey.{domain}/{root}{domain}/hu/{name}"] = content
    files["README.txt"] = _(
        "Put what lies in the folder of your domain onto the web server of that domain, or what\n"
        "lies in the folder openpgpkey.DOMAIN onto a server of that name; TLS is needed. Serve\n"
        "files in hu/ as application/octet-stream, with Access-Control-Allow-Origin: *.\n"
        "Fetch this archive again whenever a key of your team changes.\n"
    ).encode()
    return files


@require_POST
@page(Permission.KEYRING_MANAGE)
def prove_mail(request: HttpRequest, pk: UUID, fingerprint: str) -> HttpResponse:
    """Send a code, sealed to the key, to one of its addresses."""
    key = key_for(request, pk, fingerprint)
    require(principal_of(request), Permission.KEYRING_MANAGE, key.team)
    press(
        request,
        lambda: proofs.ask_by_mail(
            principal=principal_of(request), team=key.team, key=key, address=_address(request)
        ),
        _("A sealed mail with a code is on its way. Open it with the key, and type the code here."),
    )
    return redirect("keyring:key", key.team.id, key.fingerprint)


@require_POST
@page(Permission.KEYRING_MANAGE)
def prove_code(request: HttpRequest, pk: UUID, fingerprint: str) -> HttpResponse:
    """Take the code of that mail."""
    key = key_for(request, pk, fingerprint)
    require(principal_of(request), Permission.KEYRING_MANAGE, key.team)
    form = CodeForm(request.POST)
    code = form.cleaned_data["code"] if form.is_valid() else ""
    press(
        request,
        lambda: proofs.prove_by_mail(
            principal=principal_of(request), team=key.team, key=key, code=code
        ),
        _("Proved: who reads at this address opens what is sealed to the key."),
    )
    return redirect("keyring:key", key.team.id, key.fingerprint)


@require_POST
@page(Permission.KEYRING_MANAGE)
def prove_domain(request: HttpRequest, pk: UUID, fingerprint: str) -> HttpResponse:
    """Have the hub look for the key at the domain of one of its addresses."""
    key = key_for(request, pk, fingerprint)
    require(principal_of(request), Permission.KEYRING_MANAGE, key.team)
    press(
        request,
        lambda: proofs.ask_domain(
            principal=principal_of(request), team=key.team, key=key, address=_address(request)
        ),
        _("The hub looks at the domain within the next minutes; load this page again then."),
    )
    return redirect("keyring:key", key.team.id, key.fingerprint)


def _address(request: HttpRequest) -> str:
    form = AddressForm(request.POST)
    if not form.is_valid():
        raise DomainError(_("Choose an address of the key."))
    return str(form.cleaned_data["address"])
