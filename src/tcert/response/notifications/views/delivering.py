"""Delivery rules of an organisation, what they would do, and what it said is not its own."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press
from tcert.response.notifications import delivery, planning, queries
from tcert.response.notifications.domain import answering, delivering
from tcert.response.notifications.enums import Feed, Severity, Topic, Way
from tcert.response.notifications.forms import PreviewForm, RuleForm
from tcert.response.notifications.models import DeliveryRule
from tcert.response.notifications.views.finding import find_ruled
from tcert.response.notifications.words import PACES, WAYS


@require_safe
@page(Permission.NOTIFICATIONS_RULES)
def organisations(request: HttpRequest) -> HttpResponse:
    """Lead to the rules of the person's organisation, or let them choose of several."""
    found = list(queries.organisations_ruled_by(principal_of(request)))
    if len(found) == 1:
        return redirect("notifications:rules", found[0].id)
    return render(request, "notifications/organisations.html", {"organisations": found})


@read_or_send
@page(Permission.NOTIFICATIONS_RULES)
def rules(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Show the rules, enter one."""
    principal, found = principal_of(request), find_ruled(request, organisation_id)
    form = RuleForm(request.POST or None, organisation=found)
    if attempt(
        form, lambda: delivering.add(principal=principal, organisation=found, rule=form.rule())
    ):
        messages.success(request, _("The rule holds for what is sent from now on."))
        return redirect("notifications:rules", found.id)
    return _shown(request, found, form, PreviewForm())


@read_or_send
@page(Permission.NOTIFICATIONS_RULES)
def preview(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Say what would happen to a notification; what is typed is not kept."""
    found = find_ruled(request, organisation_id)
    form = PreviewForm(request.POST or None)
    decision = None
    if form.is_valid():
        data = form.cleaned_data
        decision = delivery.decide(
            planning.rules_of([found.id]).get(found.id, ()),
            topic=Topic(data["topic"]),
            feed=Feed(data["feed"]),
            severity=Severity(data["severity"]),
            kind=data["kind"],
            written=data["begins"].strip(),
        )
    return _shown(request, found, RuleForm(organisation=found), form, decision=decision)


def _shown(
    request: HttpRequest,
    organisation: Organisation,
    form: forms.Form,
    preview_form: forms.Form,
    *,
    decision: delivery.Decision | None = None,
) -> HttpResponse:
    denied = queries.denied_lines(organisation)
    context: dict[str, Any] = {
        "organisation": organisation,
        "form": form,
        "preview": preview_form,
        "rules": DeliveryRule.objects.filter(organisation=organisation).select_related("team"),
        "denied": denied,
        "unseen": [one.pk for one, _name in denied if one.seen_at is None],
    }
    if decision is not None:
        team = Team.objects.filter(pk=decision.team).first() if decision.team else None
        context["decision"] = {
            "team": team,
            "pace": PACES[decision.pace],
            "way": WAYS[decision.way],
            "is_mail": decision.way == Way.MAIL,
            "days": decision.repeat.days,
            "by_rule": decision.by_rule,
        }
    status = max(status_of(form), status_of(preview_form))
    return render(request, "notifications/rules.html", context, status=status)


@require_POST
@page(Permission.NOTIFICATIONS_RULES)
def remove(request: HttpRequest, organisation_id: UUID, rule_id: UUID) -> HttpResponse:
    """Remove a rule."""
    principal, found = principal_of(request), find_ruled(request, organisation_id)
    press(
        request,
        lambda: delivering.remove(principal=principal, organisation=found, rule_id=rule_id),
        _("The rule is gone. What it said of is told by the defaults."),
    )
    return redirect("notifications:rules", found.id)


@require_POST
@page(Permission.NOTIFICATIONS_RULES)
def take_back(request: HttpRequest, organisation_id: UUID, denial_id: UUID) -> HttpResponse:
    """Say that a range is the organisation's after all."""
    principal, found = principal_of(request), find_ruled(request, organisation_id)
    denial = get_object_or_404(queries.denied(found), pk=denial_id)
    press(
        request,
        lambda: answering.take_back(principal=principal, denial=denial, organisation=found),
        _("Taken back: whose is this names you for it again."),
    )
    return redirect("notifications:rules", found.id)


@require_POST
@page(Permission.NOTIFICATIONS_RULES)
def let_stand(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Let stand what a colleague said is not the organisation's; the form carries what was seen."""
    principal, found = principal_of(request), find_ruled(request, organisation_id)
    shown = {str(one.pk): one.pk for one in queries.denied(found)}
    chosen = [shown[given] for given in request.POST.getlist("denial") if given in shown]
    press(
        request,
        lambda: answering.let_stand(principal=principal, organisation=found, denial_ids=chosen),
        _("Noted: it stands as your colleague said."),
    )
    return redirect("notifications:rules", found.id)
