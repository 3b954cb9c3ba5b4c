"""What everybody reads: the list of advisories and the page of one."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import provider, queries
from tcert.response.advisories.content import Content
from tcert.response.advisories.forms.listing import FilterForm
from tcert.response.advisories.models import Release
from tcert.response.advisories.views.files import file_of, private
from tcert.response.advisories.words import REMEDIATION_WORDS, THREAT_WORDS, status_words

PAGE_SIZE = 25


def layout(request: HttpRequest) -> str:
    """Return the frame: members keep their side list, strangers get the plain page."""
    return "ui/base.html" if principal_of(request).is_person else "ui/plain.html"


@page(Permission.ADVISORIES_READ)
def advisory_list(request: HttpRequest) -> HttpResponse:
    """All advisories that the viewer may read, newest first, with a filter."""
    form = FilterForm(request.GET or None)
    given = {k: v for k, v in form.cleaned_data.items() if v} if form.is_valid() else {}
    releases = queries.public_list(principal_of(request))
    words = given.pop("q", "")
    shown = queries.filtered(releases, words=words, **given)
    found = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": found,
        "filtered": bool(given or words),
        "layout": layout(request),
    }
    return render(request, "advisories/list.html", context)


def readable(request: HttpRequest, number: str) -> Release:
    """Return the newest release that the viewer may read; anything else does not exist."""
    release = (
        Release.objects.visible_to(principal_of(request))
        .current()
        .select_related("advisory__publisher")
        .filter(advisory__number=number.upper())
        .first()
    )
    if release is None:
        raise Http404
    return release


@page(Permission.ADVISORIES_READ)
def advisory(request: HttpRequest, number: str) -> HttpResponse:
    """One advisory: am I affected, what to do, what it is, how to check it."""
    release = readable(request, number)
    return render(
        request,
        "advisories/advisory.html",
        {
            **text_context(release.text),
            "layout": layout(request),
            "release": release,
            "revisions": Release.objects.filter(advisory_id=release.advisory_id)
            .only("version", "released_at", "summary")
            .order_by("version"),
            "severity": release.severity,
            "in_tree": release.tlp == Tlp.CLEAR,
            "document_url": document_url(release),
            "key_url": provider.key_address(settings.BASE_URL, release.signer),
        },
    )


def document_url(release: Release) -> str:
    """Return the address of the signed document: in the open folder, or in that for members."""
    return provider.address(settings.BASE_URL, release.entry, release.folder)


def text_context(text: Content) -> dict[str, object]:
    """Return what the template of an advisory's text needs."""
    return {
        "text": text,
        "flaws": queries.shown_flaws(text),
        "products": text.named_products,
        "statuses": status_words(text),
        "remedies": [
            (
                REMEDIATION_WORDS.get(r.category, r.category),
                r,
                [text.named_products[p] for p in r.products if p in text.named_products],
            )
            for r in text.remediations
        ],
        "threats": [(THREAT_WORDS.get(t.category, t.category), t) for t in text.threats],
        "credits": [c for c in text.credits if c.agreed],
    }


@page(Permission.ADVISORIES_READ)
def document(request: HttpRequest, number: str, name: str, suffix: str = "") -> HttpResponse:
    """The signed document of an advisory that the viewer may read, and the files beside it."""
    release = readable(request, number)
    if release.file_name != name:
        raise Http404
    response = file_of(release, suffix)
    return response if release.tlp == Tlp.CLEAR else private(response)
