"""A talk: its messages, a copy of one's part, and handing earlier messages over."""

from collections.abc import Callable, Collection
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.queries import desk_team
from tcert.community.talks import origins, queries, reading
from tcert.community.talks.handing import Source, offered
from tcert.community.talks.models import TLP, Talk
from tcert.community.talks.part import NAME, part_of
from tcert.community.talks.rules import speaks_for
from tcert.community.talks.views.finding import addresses_of, find_talk, with_places
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed.inner import Kind, nameable
from tcert.foundation.sealed.models import Message

MOST_SOURCES = 50
"""Other talks, those in which something came last, whose messages are offered to hand over."""


def names_of(shown: Collection[Message]) -> Callable[[Message], str]:
    """Return how the author of each of these messages is called."""
    teams = Team.objects.filter(id__in={message.author_id for message in shown})
    found = dict(teams.values_list("id", "name"))
    return lambda message: found.get(message.author_id, "")


def label_of(found: Talk, own_teams: Collection[UUID]) -> str:
    """Return what a talk is called: by its origin, else the other teams that read it, in brackets.

    Its places were fetched with their teams.
    """
    origin = origins.of_one(found)
    return origin.name if origin else _of_teams(found, own_teams)


def _of_teams(found: Talk, own_teams: Collection[UUID]) -> str:
    return ", ".join(queries.names_in(found, own_teams)) or _("nobody else yet")


@require_safe
@page(Permission.TALKS_READ, kind=PageKind.VAULT)
def talk(request: HttpRequest, talk_id: UUID) -> HttpResponse:
    """Show a talk; who is asked to join is led to the question."""
    principal = principal_of(request)
    seen = with_places(Talk.objects.visible_to(principal))
    found = get_object_or_404(seen, pk=talk_id)
    own = queries.own_place(found, principal)
    if own is not None and not found.is_read_by(principal):
        return redirect("talks:join", own.id)
    shown = reading.page_of(found.thread_id, principal, request.GET)
    thread = found.thread
    places = list(found.places.all())
    ids = [message.id for message in shown]
    origin = origins.of_one(found)
    title = thread.messages.filter(kind=Kind.TITLE).exists()
    context = {
        "talk": found,
        "own": own,
        "label": label_of(found, principal.acting_team_ids),
        "origin": origin,
        "places": places,
        # In a governed talk a team that is off the list reads nothing, old or new.
        "readers": [
            p.team.name
            for p in places
            if p.reads and (p.is_of_listed_team or not found.is_governed)
        ],
        "messages_page": shown,
        "messages_shown": reading.shown(
            shown,
            principal,
            names=names_of(list(shown)),
            told=queries.told_of(found, principal, ids),
            addresses=addresses_of(found.id),
        ),
        "hidden": thread.messages.count() - shown.paginator.count,
        "has_title": title,
        "tlp": origin.tlp if origin else TLP,
        "desk": desk_team(),
        "own_name": nameable(principal.label),
        "may_post": allowed(principal, Permission.TALKS_POST, found),
        "speaks": own is not None and speaks_for(principal, own),
        "news": next(
            (p.news for p in queries.own_places(principal).filter(talk=found) if p.reads), 0
        ),
    }
    return render(request, "talks/talk.html", context)


@require_GET
@page(Permission.TALKS_POST, kind=PageKind.VAULT)
def hand_over(request: HttpRequest, talk_id: UUID) -> HttpResponse:
    """Choose earlier messages to hand over: of this talk for who joined later, or of others."""
    found, principal = find_talk(request, talk_id), principal_of(request)
    read = Talk.objects.read_by(principal)
    own = principal.acting_team_ids
    others = with_places(read.exclude(pk=found.pk))[:MOST_SOURCES]
    known = origins.of([found, *others])
    names = {key: origin.name for key, origin in known.items()}
    sources = [
        Source(
            one.thread_id,
            _("This talk") if one.pk == found.pk else names.get(one.pk) or _of_teams(one, own),
            reverse("talks:context", args=[one.id]),
        )
        for one in [found, *others]
    ]
    told, shown = offered(found.thread, sources, principal, request.GET.get("page"), names_of)
    label = label_of(found, own)
    context = {"talk": found, "label": label, "sources": told, "page": shown}
    return render(request, "talks/hand_over.html", context)


@require_POST
@page(Permission.TALKS_READ)
def part(request: HttpRequest, talk_id: UUID) -> StreamingHttpResponse:
    """Send a team its part of a talk, sealed as it is; that it took it is recorded."""
    found, principal = find_talk(request, talk_id), principal_of(request)
    with transaction.atomic():
        record(principal, "talks:talk:export", "talk", found.id)
    archive = part_of(found, principal, label_of(found, principal.acting_team_ids))
    return StreamingHttpResponse(
        archive.stream(),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{NAME}"'},
    )
