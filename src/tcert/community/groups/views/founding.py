"""Founding, changing and closing a group; what is saved is shown first, to be confirmed."""

from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.groups import queries
from tcert.community.groups.domain import founding
from tcert.community.groups.enums import Admission
from tcert.community.groups.forms import FoundForm, GroupForm
from tcert.community.groups.models import Group
from tcert.community.groups.views.finding import find_stewarded
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.tlp import Tlp


def _said(form: forms.Form | forms.ModelForm) -> Iterable[tuple[str, str]]:
    """Yield what was typed, as the page shows it before it is saved."""
    for bound in form.visible_fields():
        value = form.cleaned_data[bound.name]
        choices = dict(getattr(bound.field, "choices", ()) or ()) if bound.name != "team" else {}
        yield str(bound.label), str(choices.get(value, value))


def _is_confirmed(request: HttpRequest) -> bool:
    return request.POST.get("act") == "confirm"


def _look(request: HttpRequest, form: GroupForm, group: Group | None) -> HttpResponse | None:
    """Return the page that shows what would be saved, unless it was confirmed or has errors."""
    if request.POST.get("act") in {"confirm", "back"} or not form.is_valid():
        return None
    context = {"form": form, "group": group, "said": list(_said(form))}
    return render(request, "groups/confirm.html", context)


@read_or_send
@page(Permission.GROUPS_FOUND)
def found(request: HttpRequest) -> HttpResponse:
    """Found a group."""
    principal = principal_of(request)
    first = {"tlp": Tlp.AMBER, "admission": Admission.STEWARD, "team": principal.acting_team_id}
    form = FoundForm(request.POST or None, initial=first, teams=queries.led_teams(principal))
    asked = _look(request, form, None)
    if asked is not None:
        return asked
    if _is_confirmed(request):
        made = attempt(
            form,
            lambda: founding.found(
                principal=principal,
                team=form.cleaned_data["team"],
                **{name: form.cleaned_data[name] for name in founding.FIRST_FIELDS},
            ),
        )
        if made:
            messages.success(request, _("Founded. Invite teams, and ask one to be a steward too."))
            return redirect("groups:group", made.id)
    return render(request, "groups/form.html", {"form": form}, status=status_of(form))


@read_or_send
@page(Permission.GROUPS_READ)
def change(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Change name, purpose, rules, or who admits."""
    group, principal = find_stewarded(request, group_id), principal_of(request)
    form = GroupForm(request.POST or None, instance=group)
    if not group.is_open:
        del form.fields["admission"]
    # Another copy than the form's: what was typed must not stand in the row that it compares.
    row = Group.objects.get(pk=group.pk)
    asked = _look(request, form, row)
    if asked is not None:
        return asked
    if _is_confirmed(request):
        done = attempt(
            form,
            lambda: founding.change(
                principal=principal,
                group=row,
                shown=form.cleaned_data["shown"],
                **{
                    name: form.cleaned_data.get(name, Admission.STEWARD) for name in founding.FIELDS
                },
            ),
        )
        if done:
            messages.success(request, _("Saved. Its teams are told."))
            return redirect("groups:group", group.id)
    context = {"form": form, "group": row}
    return render(request, "groups/form.html", context, status=status_of(form))


@read_or_send
@page(Permission.GROUPS_READ)
def close(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Close a group, after its name was typed."""
    group, principal = find_stewarded(request, group_id), principal_of(request)
    form = ConfirmNameForm(request.POST or None)
    done = attempt(
        form,
        lambda: founding.close(
            principal=principal, group=group, confirmed_name=form.cleaned_data["confirm_name"]
        ),
        "confirm_name",
    )
    if done:
        messages.success(request, _("Closed. Its teams are told."))
        return redirect("groups:group", group.id)
    context = {"form": form, "group": group}
    return render(request, "groups/close.html", context, status=status_of(form))
