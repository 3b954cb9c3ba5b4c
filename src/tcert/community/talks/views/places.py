"""What a team does with its place in a talk: join, ask another, mute, settle, leave, close."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tcert.community.directory.views.base import attempt, status_of
from tcert.community.talks import queries
from tcert.community.talks.domain import ending, opening, writing
from tcert.community.talks.forms import AskForm, NamedForm
from tcert.community.talks.models import Place
from tcert.community.talks.views.finding import find_place
from tcert.community.talks.views.talk import label_of
from tcert.foundation.kernel.access import page, principal_of, read_or_send, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press

PER_PAGE = 25


def _own(request: HttpRequest, place_id: UUID) -> Place:
    """Return a place for which the person may act (404 where there is none, 403 without right)."""
    place = find_place(request, place_id)
    require(principal_of(request), Permission.TALKS_PLACE_MANAGE, place)
    return place


def _label(request: HttpRequest, place: Place) -> str:
    return label_of(place.talk, principal_of(request).acting_team_ids)


@read_or_send
@page(Permission.TALKS_READ)
def join(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Join a talk that one's team is asked into, or say no."""
    place, principal = find_place(request, place_id), principal_of(request)
    if place.reads:
        return redirect("talks:talk", place.talk_id)
    refusal, status = "", 200
    if request.method == "POST":
        joins = request.POST.get("act") == "join"
        try:
            if joins:
                opening.join(principal=principal, place=place)
            else:
                ending.leave(principal=principal, place=place)
        except DomainError as error:
            refusal, status = str(error.message), error.status
        else:
            said = _("You read this talk from now on.") if joins else _("Your team stays out.")
            messages.success(request, said)
            return redirect("talks:talk", place.talk_id) if joins else redirect("talks:list")
    context = {
        "place": place,
        "present": place.talk.places.reading().count(),
        "refusal": refusal,
    }
    return render(request, "talks/join.html", context, status=status)


@read_or_send
@page(Permission.TALKS_PLACE_MANAGE)
def ask(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Ask a further team into a talk."""
    place, principal = _own(request, place_id), principal_of(request)
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    inside = place.talk.places.filter(left_on=None).values("team")
    able = queries.correspondents(principal, "").filter(can_be_sealed_to=True)
    form = AskForm(request.POST or None, teams=able.exclude(id__in=inside))
    done = attempt(
        form,
        lambda: opening.ask(
            principal=principal, talk=place.talk, by=place, team=form.cleaned_data["team"]
        ),
    )
    if done:
        messages.success(request, _("It is asked. All who read are told."))
        return redirect("talks:talk", place.talk_id)
    found = queries.correspondents(principal, text).filter(can_be_sealed_to=True)
    shown = Paginator(found.exclude(id__in=inside), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "place": place,
        "label": _label(request, place),
        "page": shown,
        "query": text,
    }
    return render(request, "talks/ask.html", context, status=status_of(form))


@read_or_send
@page(Permission.TALKS_PLACE_MANAGE)
def leave(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Leave a talk, after one's team's name was typed."""
    place, principal = _own(request, place_id), principal_of(request)
    form = NamedForm(request.POST or None, name=place.team.name)
    done = attempt(form, lambda: ending.leave(principal=principal, place=place))
    if done:
        messages.success(request, _("Left. Nothing new of it is sealed to your team."))
        return redirect("talks:list")
    context = {"form": form, "place": place, "label": _label(request, place)}
    return render(request, "talks/leave.html", context, status=status_of(form))


@read_or_send
@page(Permission.TALKS_PLACE_MANAGE)
def close(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Close a talk for all, after one's team's name was typed."""
    place, principal = _own(request, place_id), principal_of(request)
    form = NamedForm(request.POST or None, name=place.team.name)
    done = attempt(form, lambda: ending.close(principal=principal, place=place))
    if done:
        messages.success(request, _("Closed. It stays readable until it is deleted."))
        return redirect("talks:talk", place.talk_id)
    context = {"form": form, "place": place, "label": _label(request, place)}
    return render(request, "talks/close.html", context, status=status_of(form))


@require_POST
@page(Permission.TALKS_PLACE_MANAGE)
def mute(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Stop the notices of a talk for one's team, or have them again."""
    place, muted = _own(request, place_id), request.POST.get("act") == "mute"
    press(
        request,
        lambda: ending.mute(principal=principal_of(request), place=place, muted=muted),
        _("Your team gets no notices of this talk.") if muted else _("Notices are on again."),
    )
    return redirect("talks:talk", place.talk_id)


@require_POST
@page(Permission.TALKS_READ)
def settle(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Say that what the others wrote needs no answer."""
    place = find_place(request, place_id)
    require(principal_of(request), Permission.TALKS_READ, place.talk)
    press(
        request,
        lambda: writing.settle(principal=principal_of(request), place=place),
        _("It no longer waits for your team."),
    )
    return redirect("talks:talk", place.talk_id)
