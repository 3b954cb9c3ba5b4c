"""How a team is told, its hooks, a notice, and the page behind the link of a page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.community.notices.domain import acknowledging, hooks, paging, telling
from tcert.community.notices.enums import HookKind, Pace, Told
from tcert.community.notices.forms import ConfirmNameForm, PaceForm, SmsForm, WebhookForm
from tcert.community.notices.models import (
    WOULD_BE_TOLD,
    Hook,
    Notice,
    Preference,
    acting_teams,
)
from tcert.community.notices.pages import FORGET_AFTER_SECONDS
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press

LATEST = 30


def _own_team(request: HttpRequest, pk: UUID) -> Team:
    """Return one of the person's own teams: nobody else learns how it is told."""
    own = Team.objects.filter(id__in=principal_of(request).team_ids)
    return get_object_or_404(own.select_related("organisation"), pk=pk)


def _hook(request: HttpRequest, pk: UUID, hook: UUID) -> Hook:
    team_for(request, pk, Permission.NOTICES_HOOKS_MANAGE)
    return get_object_or_404(Hook.objects.select_related("team"), pk=hook, team=pk)


@require_safe
@page(Permission.NOTICES_NOTICE_READ)
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how the team is told, through what, and what it was told lately."""
    found = _own_team(request, pk)
    principal = principal_of(request)
    preference = Preference.objects.filter(team=found).first()
    told = telling.mail_now(found.id)
    context = {
        "team": found,
        "form": PaceForm(initial={"pace": preference.pace if preference else Pace.AT_ONCE}),
        "told": WOULD_BE_TOLD[told],
        "reached": told in {Told.SEALED, Told.NEUTRAL},
        "hooks": Hook.objects.visible_to(principal).filter(team=found),
        "notices": Notice.objects.visible_to(principal).filter(team=found)[:LATEST],
        "reads_notices": found.id in acting_teams(principal),
        "may_manage": allowed(principal, Permission.NOTICES_HOOKS_MANAGE, found),
    }
    return render(request, "notices/team.html", context)


@require_POST
@page(Permission.NOTICES_HOOKS_MANAGE)
def pace(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose between at once and a digest."""
    found = team_for(request, pk, Permission.NOTICES_HOOKS_MANAGE)
    form = PaceForm(request.POST)
    if form.is_valid():
        chosen = form.cleaned_data["pace"]
        hooks.choose_pace(principal=principal_of(request), team=found, pace=chosen)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose one of the two."))
    return redirect("notices:team", pk)


@read_or_send
@page(Permission.NOTICES_HOOKS_MANAGE)
def new_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a webhook and show its secret once."""
    return _new(request, pk, HookKind.WEBHOOK, WebhookForm(request.POST or None))


@read_or_send
@page(Permission.NOTICES_HOOKS_MANAGE)
def new_sms(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter an SMS gateway."""
    return _new(request, pk, HookKind.SMS, SmsForm(request.POST or None))


def _new(
    request: HttpRequest, pk: UUID, kind: HookKind, form: WebhookForm | SmsForm
) -> HttpResponse:
    found = team_for(request, pk, Permission.NOTICES_HOOKS_MANAGE)
    made = attempt(
        form,
        lambda: hooks.add_hook(
            principal=principal_of(request), team=found, kind=kind, **form.cleaned_data
        ),
        "name",
    )
    if made is None:
        context: dict[str, Any] = {"team": found, "form": form, "is_sms": kind is HookKind.SMS}
        context["text"] = paging.sms_text("https://…") if kind is HookKind.SMS else ""
        return render(request, "notices/hook_form.html", context, status=status_of(form))
    if kind is HookKind.SMS:
        messages.success(request, _("Entered. Now test it."))
        return redirect("notices:team", pk)
    # No redirect: the secret is shown by this one answer and is kept nowhere on the way.
    context = {"team": found, "hook": made, "minutes": FORGET_AFTER_SECONDS // 60}
    return render(request, "notices/hook_secret.html", context)


@require_POST
@page(Permission.NOTICES_HOOKS_MANAGE)
def test(request: HttpRequest, pk: UUID, hook: UUID) -> HttpResponse:
    """Send a page that is a test."""
    found = _hook(request, pk, hook)
    press(
        request,
        lambda: hooks.test_hook(principal=principal_of(request), hook=found),
        _("A test is on its way. How it went shows here after a moment."),
    )
    return redirect("notices:team", pk)


@require_POST
@page(Permission.NOTICES_HOOKS_MANAGE)
def resume(request: HttpRequest, pk: UUID, hook: UUID) -> HttpResponse:
    """Switch a hook on again."""
    found = _hook(request, pk, hook)
    press(
        request,
        lambda: hooks.resume_hook(principal=principal_of(request), hook=found),
        _("It is in use again. Test it."),
    )
    return redirect("notices:team", pk)


@read_or_send
@page(Permission.NOTICES_HOOKS_MANAGE)
def remove(request: HttpRequest, pk: UUID, hook: UUID) -> HttpResponse:
    """Remove a hook, after its name was typed."""
    found = _hook(request, pk, hook)
    form = ConfirmNameForm(request.POST or None)

    def act() -> bool:
        hooks.remove_hook(
            principal=principal_of(request),
            hook=found,
            confirmed_name=form.cleaned_data["confirm_name"],
        )
        return True

    if attempt(form, act, "confirm_name"):
        messages.success(request, _("Removed: your team is not paged through it any more."))
        return redirect("notices:team", pk)
    context = {"team": found.team, "hook": found, "form": form}
    return render(request, "notices/remove_hook.html", context, status=status_of(form))


@read_or_send
@page(Permission.NOTICES_NOTICE_READ)
def notice(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Show a notice to a member of the team, who may acknowledge it; no vault is needed."""
    principal = principal_of(request)
    seen_by = Notice.objects.visible_to(principal).select_related("team")
    found = get_object_or_404(seen_by, pk=notice)
    if request.method == "POST":
        acknowledging.acknowledge(principal=principal, notice=found)
        return redirect("notices:notice", notice)
    return render(request, "notices/notice.html", {"notice": found})


@read_or_send
@page(Permission.NOTICES_LINK_USE, kind=PageKind.REPORTER)
def seen(request: HttpRequest, token: str) -> HttpResponse:
    """Ask before a page's link is used up: programs that look ahead must not acknowledge.

    The question is the same for every link, good or bad, and looks nothing up.
    """
    if request.method != "POST":
        return render(request, "notices/seen.html", {})
    try:
        at = acknowledging.acknowledge_by_link(token)
    except DomainError as error:
        return render(request, "notices/seen.html", {"refused": error.message}, status=error.status)
    return render(request, "notices/seen.html", {"at": at})
