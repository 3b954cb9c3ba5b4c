"""What becomes of a team's seat: invited, asked for, answered, left, taken, objected to."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tcert.community.directory.forms import ConfirmNameForm
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.groups import queries
from tcert.community.groups.domain import entering, leaving
from tcert.community.groups.enums import Objection, State
from tcert.community.groups.forms import (
    AnswerForm,
    AskForm,
    InviteForm,
    ObjectForm,
    ReasonForm,
    RemoveForm,
)
from tcert.community.groups.models import Group, Seat, own_team_ids
from tcert.community.groups.views.finding import (
    find_own_seat,
    find_seat,
    find_stewarded,
)
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.text import searched
from tcert.foundation.ui.answers import press

PER_PAGE = 25


@read_or_send
@page(Permission.GROUPS_READ)
def invite(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Choose a team and invite it."""
    group, principal = find_stewarded(request, group_id), principal_of(request)
    form = InviteForm(request.POST or None, teams=queries.invitable(group, principal, ""))
    done = attempt(
        form,
        lambda: entering.invite(principal=principal, group=group, team=form.cleaned_data["team"]),
    )
    if done:
        messages.success(request, _("Invited. The team has 14 days to answer."))
        return redirect("groups:group", group.id)
    query = searched(request.GET, "q")
    found = queries.invitable(group, principal, query)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "group": group, "page": shown, "query": query}
    return render(request, "groups/invite.html", context, status=status_of(form))


@read_or_send
@page(Permission.GROUPS_READ)
def ask(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Ask to join an open group."""
    principal = principal_of(request)
    group: Group = get_object_or_404(
        Group.objects.visible_to(principal).standing(), pk=group_id, kind="open"
    )
    require(principal, Permission.GROUPS_SEAT_MANAGE)
    live = group.seats.filter(state__in=State.live()).values("team")
    teams = queries.led_teams(principal).exclude(id__in=live)
    form = AskForm(request.POST or None, teams=teams, initial={"team": principal.acting_team_id})
    done = attempt(
        form, lambda: entering.ask(principal=principal, group=group, **form.cleaned_data)
    )
    if done:
        messages.success(request, _("Asked. You find the answer under sharing groups."))
        return redirect("groups:seat", done.id)
    context = {"form": form, "group": group, "able": teams.exists()}
    return render(request, "groups/ask.html", context, status=status_of(form))


@read_or_send
@page(Permission.GROUPS_READ)
def seat(request: HttpRequest, seat_id: UUID) -> HttpResponse:
    """Show a seat to its own team, or a removal to stewards, with what can be done about it."""
    found, principal = find_seat(request, seat_id), principal_of(request)
    own = found.team_id in own_team_ids(principal)
    objected = found.state == State.REMOVED and found.objected_at is not None
    decides = objected and allowed(principal, Permission.GROUPS_STEWARD, found.group)
    if found.state == State.MEMBER or not (own or decides):
        return redirect("groups:group", found.group_id)
    form: forms.Form = (ObjectForm if own else AnswerForm)(request.POST or None)
    done = attempt(form, lambda: _settled(request, principal, found, form))
    if done and own:
        messages.success(request, _("The stewards of the group read it."))
        return redirect("groups:list")
    if done:
        messages.success(request, _("Decided. The team reads it."))
        return redirect("groups:group", found.group_id)
    context = {
        "seat": found,
        "group": found.group,
        "form": form,
        "own": own,
        "speaks": allowed(principal, Permission.GROUPS_SEAT_MANAGE, found),
        "members": queries.count_members([found.group]).get(found.group_id, 0),
    }
    return render(request, "groups/seat.html", context, status=status_of(form))


def _settled(request: HttpRequest, principal: Principal, found: Seat, form: forms.Form) -> Seat:
    if isinstance(form, ObjectForm):
        return leaving.object_to(principal=principal, seat=found, text=form.cleaned_data["text"])
    heard = request.POST.get("act") == "restore"
    return leaving.decide(
        principal=principal,
        seat=found,
        outcome=Objection.UPHELD if heard else Objection.REJECTED,
        answer=form.cleaned_data["answer"],
    )


Act = Callable[[Principal, Seat], Seat]
ACTS: dict[str, tuple[Act, str | Promise]] = {
    "accept": (
        lambda by, seat: entering.accept(principal=by, seat=seat),
        gettext_lazy("Your team is a member."),
    ),
    "decline": (
        lambda by, seat: entering.decline(principal=by, seat=seat),
        gettext_lazy("Declined."),
    ),
    "withdraw": (
        lambda by, seat: entering.take_back(principal=by, seat=seat),
        gettext_lazy("Taken back."),
    ),
    "admit": (
        lambda by, seat: entering.admit(principal=by, seat=seat),
        gettext_lazy("Admitted."),
    ),
    "word": (
        lambda by, seat: entering.give_word(principal=by, seat=seat),
        gettext_lazy("Your word is given."),
    ),
    "unsay": (
        lambda by, seat: entering.give_word(principal=by, seat=seat, back=True),
        gettext_lazy("Your word is taken back."),
    ),
    "ask-steward": (
        lambda by, seat: leaving.ask_steward(principal=by, seat=seat),
        gettext_lazy("It is asked."),
    ),
    "steward": (
        lambda by, seat: leaving.become_steward(principal=by, seat=seat),
        gettext_lazy("Your team is a steward."),
    ),
    "step-down": (
        lambda by, seat: leaving.step_down(principal=by, seat=seat),
        gettext_lazy("Your team is a member like others."),
    ),
}


@require_POST
@page(Permission.GROUPS_READ)
def answer(request: HttpRequest, seat_id: UUID) -> HttpResponse:
    """Do what a button beside a seat asks."""
    found, principal = find_seat(request, seat_id), principal_of(request)
    chosen = ACTS.get(request.POST.get("act", ""))
    if chosen is None:
        raise Http404
    act, said = chosen
    press(request, lambda: act(principal, found), str(said))
    if Group.objects.inside(principal).filter(pk=found.group_id).exists():
        return redirect("groups:group", found.group_id)
    return redirect("groups:list")


@read_or_send
@page(Permission.GROUPS_READ)
def leave(request: HttpRequest, seat_id: UUID) -> HttpResponse:
    """Leave a group, after one's team's name was typed."""
    found, principal = find_own_seat(request, seat_id), principal_of(request)
    form = ConfirmNameForm(request.POST or None)
    done = attempt(
        form,
        lambda: leaving.leave(
            principal=principal, seat=found, confirmed_name=form.cleaned_data["confirm_name"]
        ),
    )
    if done:
        messages.success(request, _("Left. Nothing of the group reaches your team any more."))
        return redirect("groups:list")
    context = {"form": form, "seat": found, "group": found.group}
    return render(request, "groups/leave.html", context, status=status_of(form))


def _of_group(request: HttpRequest, seat_id: UUID, state: State) -> Seat:
    """Return a seat in a group that the person stewards."""
    found = find_seat(request, seat_id)
    find_stewarded(request, found.group_id)
    if found.state != state:
        raise Http404
    return found


@read_or_send
@page(Permission.GROUPS_READ)
def refuse(request: HttpRequest, seat_id: UUID) -> HttpResponse:
    """Refuse a team that asks, with a reason."""
    found, principal = _of_group(request, seat_id, State.REQUESTED), principal_of(request)
    form = ReasonForm(request.POST or None)
    done = attempt(
        form,
        lambda: entering.refuse(
            principal=principal, seat=found, reason=form.cleaned_data["reason"]
        ),
    )
    if done:
        messages.success(request, _("Refused. The team reads why."))
        return redirect("groups:group", found.group_id)
    context = {"form": form, "seat": found, "group": found.group}
    return render(request, "groups/refuse.html", context, status=status_of(form))


@read_or_send
@page(Permission.GROUPS_READ)
def remove(request: HttpRequest, seat_id: UUID) -> HttpResponse:
    """Remove a team, with a reason, after its name was typed."""
    found, principal = _of_group(request, seat_id, State.MEMBER), principal_of(request)
    form = RemoveForm(request.POST or None)
    done = attempt(
        form,
        lambda: leaving.remove(
            principal=principal,
            seat=found,
            reason=form.cleaned_data["reason"],
            confirmed_name=form.cleaned_data["confirm_name"],
        ),
    )
    if done:
        messages.success(request, _("Removed. The team reads why, and may object."))
        return redirect("groups:group", found.group_id)
    context = {"form": form, "seat": found, "group": found.group}
    return render(request, "groups/remove.html", context, status=status_of(form))
