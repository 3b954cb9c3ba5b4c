"""A team's keys: made in the browser or brought, confirmed, shared, tested, replaced."""

import base64
import binascii
import secrets
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.accounts.models import Vault
from tcert.community.directory import queries, statements
from tcert.community.directory.challenges import challenge
from tcert.community.directory.domain import keys
from tcert.community.directory.domain.intake_rotation import rotate_intake
from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.enums import ChannelKind, KeyOrigin, KeyState, SecondChannel
from tcert.community.directory.forms import (
    BackupTestForm,
    ConfirmKeyForm,
    ConfirmNameForm,
    IntakeForm,
    MadeKeyForm,
    ShareForm,
    UploadKeyForm,
)
from tcert.community.directory.intake import LIFETIME, OVERLAP, intake_key
from tcert.community.directory.models import Channel, Team, TeamKey, TeamMembership
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.openpgp import certificates
from tcert.foundation.ui.answers import press


def _key(team: Team, pk: UUID, *states: KeyState) -> TeamKey:
    found: TeamKey = get_object_or_404(
        TeamKey.objects.select_related("team__organisation"), pk=pk, team=team
    )
    if states and found.state not in states:
        raise Http404
    return found


@require_safe
@page(Permission.DIRECTORY_TEAM_READ, kind=PageKind.VAULT)
def overview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a team's key, who holds it, what waits, and what was before."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_READ)
    principal = principal_of(request)
    now = clock.now()
    every = list(TeamKey.objects.visible_to(principal).filter(team=team))
    active = next((key for key in every if key.state == KeyState.ACTIVE), None)
    waiting = next((key for key in every if key.state == KeyState.PENDING), None)
    shares = queries.opening_shares([active]) if active else []
    found = intake_key(active.certificate, now) if active and team.is_desk else None
    context = {
        "team": team,
        "active": active,
        "intake": found,
        "intake_due": bool(found and found.is_due_soon(now)),
        "expired": bool(active and active.is_expired(now)),
        "expires_soon": bool(active and active.expires_soon(now)),
        "overdue": bool(active and active.rotation_is_overdue(now)),
        "waiting": waiting,
        "past": [key for key in every if key not in {active, waiting}],
        "holders": shares,
        "enough": len(shares) >= queries.ENOUGH_HOLDERS,
        "others": _without_share(team, {share.person_id for share in shares}),
        "may_change": allowed(principal, Permission.DIRECTORY_TEAM_MANAGE, team),
        "may_share": bool(active) and allowed(principal, Permission.DIRECTORY_KEY_SHARE, active),
        "may_confirm": bool(waiting)
        and allowed(principal, Permission.DIRECTORY_KEY_CONFIRM, waiting),
        "is_own": team.id in principal.team_ids,
        "holds": principal.person_id in {share.person_id for share in shares},
    }
    return render(request, "directory/keys.html", context)


def _without_share(team: Team, holders: set[UUID]) -> list[dict[str, Any]]:
    """Return the members without a share, with the vault that one could be sealed to."""
    members = (
        TeamMembership.objects.filter(team=team).select_related("person").order_by("person__name")
    )
    others = [member.person for member in members if member.person_id not in holders]
    vaults = {vault.person_id: vault for vault in Vault.objects.filter(person__in=others)}
    return [{"person": person, "vault": vaults.get(person.id)} for person in others]


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE, kind=PageKind.VAULT)
def make(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a key in the browser; the hub gets the public half and the maker's sealed share."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    principal = principal_of(request)
    if team.id not in principal.team_ids:
        raise Http404
    vault = Vault.objects.filter(person=request.user.pk).first()
    form = MadeKeyForm(request.POST or None)
    made = attempt(form, lambda: _store_made(request, team, vault, form.cleaned_data))
    if made:
        _say_state(request, made)
        return redirect("directory:keys", pk)
    email = Channel.objects.filter(team=team, kind=ChannelKind.EMAIL).order_by("purpose").first()
    context = {
        "team": team,
        "form": form,
        "vault": vault,
        "active": queries.active_key(team.id, clock.now()),
        "email": email.value if email else request.user.email,  # type: ignore[union-attr]
        "intake_lifetime": int((LIFETIME + OVERLAP).total_seconds()) if team.is_desk else "",
        "lifetimes": [(1, _("one year")), (2, _("two years")), (3, _("three years"))],
    }
    return render(request, "directory/make_key.html", context, status=status_of(form))


def _store_made(
    request: HttpRequest, team: Team, vault: Vault | None, values: dict[str, Any]
) -> TeamKey:
    """Store the key and the maker's share together, or neither."""
    if vault is None:
        raise DomainError(_("Make your vault first."))
    principal = principal_of(request)
    with transaction.atomic():
        key = keys.add_key(
            principal=principal,
            team=team,
            certificate=values["certificate"],
            origin=KeyOrigin.BROWSER,
            transition_signature=values["transition"],
        )
        keys.share_key(
            principal=principal,
            key=key,
            vault=vault,
            sealed_secret=_bytes(values["sealed_secret"]),
            certification=values["certification"],
        )
    return key


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DomainError(_("Your browser sent something unreadable.")) from error


def _say_state(request: HttpRequest, key: TeamKey) -> None:
    if key.state == KeyState.ACTIVE:
        messages.success(request, _("The key counts from now on."))
    else:
        messages.info(
            request,
            _(
                "The key waits: a coordinator of the desk compares its fingerprint with you "
                "through a second channel. Until then nothing is sealed to it."
            ),
        )


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE)
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring a key whose secret half stays with the team's own tools."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    form = UploadKeyForm(request.POST or None, request.FILES or None)
    made = attempt(
        form,
        lambda: keys.add_key(
            principal=principal_of(request),
            team=team,
            certificate=form.cleaned_data["certificate"],
            transition_signature=form.cleaned_data["transition"].strip(),
        ),
    )
    if made:
        _say_state(request, made)
        return redirect("directory:keys", pk)
    active = queries.active_key(team.id, clock.now())
    context = {
        "team": team,
        "form": form,
        "active": active,
        "statement": statements.transition(team.id, active.fingerprint, "NEW-FINGERPRINT")
        if active
        else "",
        # A secret key pasted by mistake must not be sent back and stay in the browser's cache.
        "keep": "PRIVATE KEY" not in request.POST.get("text", ""),
    }
    return render(request, "directory/upload_key.html", context, status=status_of(form))


@read_or_send
@page(Permission.DIRECTORY_MANAGE)
def confirm(request: HttpRequest, pk: UUID, key: UUID) -> HttpResponse:
    """Let a coordinator record that the fingerprint was heard through a second channel."""
    team = team_for(request, pk)
    found = _key(team, key)
    require(principal_of(request), Permission.DIRECTORY_KEY_CONFIRM, found)
    form = ConfirmKeyForm(request.POST or None, is_provisional=team.organisation.is_provisional)
    done = attempt(
        form,
        lambda: keys.confirm_key(
            principal=principal_of(request),
            key=found,
            heard_fingerprint=form.cleaned_data["heard"],
            channel=SecondChannel(form.cleaned_data["channel"]),
            contact=form.cleaned_data.get("contact", ""),
        ),
        "heard",
    )
    if done:
        messages.success(request, _("Confirmed: what is written to the team is sealed to it."))
        return redirect("directory:keys", pk)
    context = {
        "team": team,
        "key": found,
        "form": form,
        "is_waiting": found.state == KeyState.PENDING,
        "present": queries.active_key(team.id, clock.now()),
        "channels": Channel.objects.filter(team=team),
    }
    return render(request, "directory/confirm_key.html", context, status=status_of(form))


@require_POST
@page(Permission.DIRECTORY_TEAM_MANAGE)
def refuse(request: HttpRequest, pk: UUID, key: UUID) -> HttpResponse:
    """Take a waiting key out of the way."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    found = _key(team, key)
    press(
        request,
        lambda: keys.refuse_key(principal=principal_of(request), key=found),
        _("The key is out of the way; it was never sealed to."),
    )
    return redirect("directory:keys", pk)


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE)
def renew(request: HttpRequest, pk: UUID, key: UUID) -> HttpResponse:
    """Take a newer copy of the same key: later expiry, new subkeys, or its revocation."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    found = _key(team, key, KeyState.ACTIVE, KeyState.SUPERSEDED)
    form = UploadKeyForm(request.POST or None, request.FILES or None)
    del form.fields["transition"]
    done = attempt(
        form,
        lambda: keys.renew_key(
            principal=principal_of(request),
            key=found,
            certificate=form.cleaned_data["certificate"],
        ),
    )
    if done:
        messages.success(
            request,
            _("The key is revoked.") if done.state == KeyState.REVOKED else _("Saved."),
        )
        return redirect("directory:keys", pk)
    context = {
        "team": team,
        "key": found,
        "form": form,
        "keep": "PRIVATE KEY" not in request.POST.get("text", ""),
    }
    return render(request, "directory/renew_key.html", context, status=status_of(form))


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE, kind=PageKind.VAULT)
def revoke(request: HttpRequest, pk: UUID, key: UUID) -> HttpResponse:
    """Revoke a key: signed in the browser by a holder, or by word where nobody can sign."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    found = _key(team, key, KeyState.ACTIVE, KeyState.SUPERSEDED)
    form = ConfirmNameForm(request.POST or None)
    done = attempt(form, lambda: _revoke(request, found, form.cleaned_data), "confirm_name")
    if done:
        messages.success(request, _("Revoked: nothing is sealed to this key any more."))
        return redirect("directory:keys", pk)
    context = {"team": team, "key": found, "form": form, "name": team.name}
    return render(request, "directory/revoke_key.html", context, status=status_of(form))


def _revoke(request: HttpRequest, key: TeamKey, values: dict[str, Any]) -> TeamKey:
    """Store the signed revocation if the browser made one, else the word of the team."""
    principal = principal_of(request)
    signed = request.POST.get("certificate", "")[: 128 * 1024]
    if signed:
        confirm_name(values["confirm_name"], key.team.name)
        done = keys.renew_key(principal=principal, key=key, certificate=signed)
        if done.state != KeyState.REVOKED:
            raise DomainError(_("Your browser sent a key that is not revoked."))
    else:
        keys.withdraw_key(principal=principal, key=key, confirmed_name=values["confirm_name"])
    return key


@read_or_send
@page(Permission.DIRECTORY_KEY_SHARE, kind=PageKind.VAULT)
def share(request: HttpRequest, pk: UUID, key: UUID) -> HttpResponse:
    """Let a holder seal the team's secret to a colleague's personal key, in the browser."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_READ)
    found = _key(team, key, KeyState.ACTIVE, KeyState.PENDING, KeyState.SUPERSEDED)
    require(principal_of(request), Permission.DIRECTORY_KEY_SHARE, found)
    form = ShareForm(request.POST or None)
    done = attempt(form, lambda: _share(request, found, form.cleaned_data))
    if done:
        messages.success(
            request, _("%(name)s can open the team's key now.") % {"name": done.person.name}
        )
        return redirect("directory:keys", pk)
    person = request.POST.get("person") or request.GET.get("person", "")
    holders = {one.person_id for one in queries.opening_shares([found])}
    others = [one for one in _without_share(team, holders) if one["vault"]]
    context = {
        "team": team,
        "key": found,
        "form": form,
        "others": others,
        "part": certificates.describe(found.certificate, clock.now()).latest_subkey,
        "chosen": person,
    }
    return render(request, "directory/share_key.html", context, status=status_of(form))


def _share(request: HttpRequest, key: TeamKey, values: dict[str, Any]) -> Any:
    vault = Vault.objects.select_related("person").filter(person_id=values["person"]).first()
    if vault is None:
        raise DomainError(_("This person has no vault yet: ask them to make one."))
    return keys.share_key(
        principal=principal_of(request),
        key=key,
        vault=vault,
        sealed_secret=_bytes(values["sealed_secret"]),
        certification=values["certification"],
        part=values["part"],
    )


@read_or_send
@page(Permission.DIRECTORY_TEAM_READ, kind=PageKind.VAULT)
def backup(request: HttpRequest, pk: UUID, key: UUID) -> HttpResponse:
    """Make a backup kit of the team's key, and prove that a backup opens."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_READ)
    if team.id not in principal_of(request).team_ids:
        raise Http404
    found = _key(team, key, KeyState.ACTIVE, KeyState.PENDING, KeyState.SUPERSEDED)
    # What was asked of an earlier part is no proof for the one that followed it: an older kit opens
    # that question, and not what comes now.
    newest = certificates.describe(found.certificate, clock.now()).newest_subkey
    slot = f"directory_backup_{found.id}_{newest.fingerprint if newest else ''}"
    nonce: str = request.session.setdefault(slot, secrets.token_urlsafe(18))
    vault = Vault.objects.filter(person=request.user.pk).first()
    form = BackupTestForm(request.POST or None)
    done = attempt(
        form, lambda: _take_backup(request, found, vault, nonce, form.cleaned_data), "signature"
    )
    if done:
        del request.session[slot]
        messages.success(request, _("Proved: this backup opens."))
        return redirect("directory:keys", pk)
    context = {
        "team": team,
        "key": found,
        "form": form,
        "may_restore": vault is not None
        and vault.person_id not in {share.person_id for share in queries.opening_shares([found])},
        "challenge": challenge(found, statements.backup_test(team.id, found.fingerprint, nonce)),
    }
    return render(request, "directory/backup_key.html", context, status=status_of(form))


def _take_backup(
    request: HttpRequest, key: TeamKey, vault: Vault | None, nonce: str, values: dict[str, Any]
) -> TeamKey:
    """Note that the backup opened and, where the browser sent one, store the member's share."""
    principal = principal_of(request)
    proof = {"nonce": nonce, "signature": values["signature"]}
    if values["sealed_secret"] and vault is not None:
        keys.restore_share(
            principal=principal,
            key=key,
            vault=vault,
            sealed_secret=_bytes(values["sealed_secret"]),
            certification=values["certification"],
            **proof,
        )
    else:
        keys.note_backup_test(principal=principal, key=key, **proof)
    return key


@read_or_send
@page(Permission.DIRECTORY_KEY_SHARE, kind=PageKind.VAULT)
def intake(request: HttpRequest, pk: UUID, key: UUID) -> HttpResponse:
    """Let a holder make the desk's next intake key, in the browser."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_READ)
    found = _key(team, key, KeyState.ACTIVE)
    require(principal_of(request), Permission.DIRECTORY_KEY_SHARE, found)
    if not team.is_desk:
        raise Http404
    form = IntakeForm(request.POST or None)
    done = attempt(
        form,
        lambda: rotate_intake(
            principal=principal_of(request),
            key=found,
            certificate=form.cleaned_data["certificate"],
            sealed_secrets=form.cleaned_data["shares"],
        ),
    )
    if done:
        messages.success(
            request,
            _(
                "Reports are sealed to the new intake key from now on. Prove the new kit: an "
                "earlier one does not open what comes."
            ),
        )
        return redirect("directory:backup_key", pk, found.id)
    context = {
        "team": team,
        "key": found,
        "form": form,
        "intake": intake_key(found.certificate, clock.now()),
        "spent": sorted(queries.spent_parts(found, clock.now())),
        "holders": queries.opening_shares([found]),
        "next_by": clock.now() + LIFETIME,
        "lifetime": int((LIFETIME + OVERLAP).total_seconds()),
    }
    return render(request, "directory/intake_key.html", context, status=status_of(form))


@require_safe
@page(Permission.DIRECTORY_MANAGE)
def waiting(request: HttpRequest) -> HttpResponse:
    """List the keys that wait for the desk, the oldest first."""
    found = (
        TeamKey.objects.visible_to(principal_of(request))
        .filter(state=KeyState.PENDING)
        .select_related("team__organisation", "predecessor")
        .order_by("created_at")
    )
    return render(request, "directory/waiting_keys.html", {"keys": found})
