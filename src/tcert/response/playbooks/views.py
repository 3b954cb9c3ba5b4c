"""Pages and files of playbooks: public, the same for every stranger."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from tcert.community.directory.queries import desk_team
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment
from tcert.response.playbooks import library, words, writing
from tcert.response.playbooks.beside import beside
from tcert.response.playbooks.playbook import Playbook
from tcert.response.routing.ways_on import ways_on

_KEPT_SECONDS = 300


def _same_for_strangers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let stores on the way keep for minutes what a request without any cookie got.

    With a cookie it may hold a name, or a notice meant for one.
    """
    if not request.COOKIES:
        patch_cache_control(response, public=True, max_age=_KEPT_SECONDS)
        patch_vary_headers(response, ["Cookie"])
    return response


def _named(slug: str) -> Playbook:
    found = library.playbooks().get(slug)
    if found is None:
        raise Http404
    return found


@require_safe
@page(Permission.PLAYBOOKS_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """All playbooks by what somebody sees."""
    context = {"playbooks": _all()}
    return _same_for_strangers(request, render(request, "playbooks/list.html", context))


def _all() -> tuple[Playbook, ...]:
    return tuple(library.playbooks().values())


@require_safe
@page(Permission.PLAYBOOKS_READ)
def playbook(request: HttpRequest, slug: str) -> HttpResponse:
    """One playbook: boxes of time to tick, for the screen and for paper."""
    one, principal = _named(slug), principal_of(request)
    context = {
        "playbook": one,
        "boxes": [(words.BOXES[box.box], box) for box in one.boxes],
        "calls": [(words.PLACES[call.place], words.domain(call), call) for call in one.calls],
        "techniques": words.techniques(one),
        "words": words,
        "sections": words.SECTIONS,
        "others": [other for other in _all() if other is not one],
        "beside": beside(principal),
        "desk": desk_team(),
        "ways": ways_on(),
        "reads_duties": allowed(principal, Permission.DUTIES_READ),
        "address": _address(one),
    }
    return _same_for_strangers(request, render(request, "playbooks/playbook.html", context))


def _address(one: Playbook) -> str:
    return settings.BASE_URL + reverse("playbooks:playbook", args=[one.slug])


@require_safe
@page(Permission.PLAYBOOKS_READ)
def plain_text(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the same as plain text, for a machine without a browser and for a printer."""
    one = _named(slug)
    with translation.override(one.language):
        text = writing.plain_text(one, _address(one))
    kept = attachment(text, f"{one.slug}.txt", "text/plain; charset=utf-8")
    return _same_for_strangers(request, kept)


@require_safe
@page(Permission.PLAYBOOKS_READ)
def markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the same as Markdown, for a wiki or a ticket of the reader's own."""
    one = _named(slug)
    with translation.override(one.language):
        text = writing.markdown(one, _address(one))
    kept = attachment(text, f"{one.slug}.md", "text/markdown; charset=utf-8")
    return _same_for_strangers(request, kept)
