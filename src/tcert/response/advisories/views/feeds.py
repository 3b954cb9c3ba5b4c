"""The public feeds: Atom for readers, ROLIE for programs, of what a stranger may read, for all.

They are built from the open releases and never from who asks: a member gets the same bytes, so
that no restricted title can reach a feed reader, its cache or a shared machine.

They carry an ETag, which no page of the hub does. A validator on a page could mark a visitor;
this one is a hash of bytes that everybody gets, and tells no more than which public release a
reader saw last. Feeds are polled for years, and "nothing new" should cost them one line.
"""

import hashlib

from django.conf import settings
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.queries import desk_team
from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.permissions import Permission
from tcert.response.advisories import assembly, atom, provider, queries, rolie
from tcert.response.advisories.models import AdvisedProduct, Release
from tcert.response.advisories.views.files import JSON, answer

PAGE_SIZE = 100


def feed_answer(request: HttpRequest, data: bytes, content_type: str) -> HttpResponseBase:
    """Return a feed, or 304 to a reader that has these very bytes."""
    etag = quote_etag(hashlib.sha256(data).hexdigest())
    response = answer(data, content_type)
    response.headers["ETag"] = etag
    found = get_conditional_response(request, etag=etag, response=response)
    if found is None:
        return response
    for name in ("Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy"):
        found.headers[name] = response.headers[name]
    return found


def _desk() -> Team:
    desk = desk_team()
    if desk is None:
        raise Http404
    return desk


@page(Permission.ADVISORIES_READ)
@require_safe
def atom_feed(request: HttpRequest) -> HttpResponseBase:
    """The Atom feed: every open advisory, the newest change first, a hundred a page."""
    desk = _desk()
    pages = Paginator(queries.open_list(), PAGE_SIZE)
    try:
        found = pages.page(request.GET.get("page", 1))
    except (EmptyPage, PageNotAnInteger) as error:
        raise Http404 from error
    newest = queries.open_list().values_list("released_at", flat=True).first()
    owner = desk.organisation.name
    with translation.override(settings.LANGUAGE_CODE):  # the hub's words, not the reader's
        data = atom.feed(
            address=f"{settings.BASE_URL}/advisories/feed.atom",
            home=f"{settings.BASE_URL}/advisories/",
            title=_("Advisories of %(name)s") % {"name": owner},
            author=owner,
            posts=[_post(release) for release in found],
            updated=newest or desk.created_at,
            place=atom.Place(found.number, pages.num_pages),
        )
    return feed_answer(request, data, atom.CONTENT_TYPE)


def _post(release: Release) -> atom.Post:
    terms = [release.severity] if release.severity else []
    told = [release.text.summary]
    if release.is_withdrawal:
        terms = ["withdrawn"]
    elif release.version > 1:
        terms.append("revised")
        changed = _("Release %(version)d: %(summary)s")
        told.insert(0, changed % {"version": release.version, "summary": release.summary})
    return atom.Post(
        page=assembly.page_address(release.number),
        document=provider.address(settings.BASE_URL, release.entry),
        title=f"{release.number}: {release.title}",
        summary="\n\n".join(part for part in told if part) or release.title,
        author=release.advisory.publisher.name,
        published=release.opened_at,  # type: ignore[attr-defined]  # annotated by the query
        updated=release.released_at,
        terms=tuple(terms),
    )


@page(Permission.ADVISORIES_READ)
@require_safe
def rolie_feed(request: HttpRequest) -> HttpResponseBase:
    """`csaf-feed-tlp-white.json`: every open document in one ROLIE feed."""
    return feed_answer(request, rolie_bytes(queries.open_list(), provider.OPEN), JSON)


def rolie_bytes(releases: QuerySet[Release], level: str) -> bytes:
    """Return the ROLIE feed of a folder, which holds these releases, the newest first."""
    desk = _desk()
    found = list(releases.prefetch_related("products"))
    return rolie.feed(
        base_url=settings.BASE_URL,
        level=level,
        items=[_item(release) for release in found],
        updated=found[0].released_at if found else desk.created_at,
    )


def _item(release: Release) -> rolie.Item:
    names = [name for p in release.products.all() for name in (p.vendor, p.name)]
    return rolie.Item(
        entry=release.entry,
        number=release.number,
        title=release.title,
        summary=release.text.summary,
        published=release.opened_at,  # type: ignore[attr-defined]  # annotated by the query
        terms=tuple(dict.fromkeys(names)),
    )


@page(Permission.ADVISORIES_READ)
@require_safe
def rolie_service(request: HttpRequest) -> HttpResponseBase:
    """`service.json`: which ROLIE feeds there are."""
    return feed_answer(request, rolie.service(base_url=settings.BASE_URL), JSON)


@page(Permission.ADVISORIES_READ)
@require_safe
def rolie_categories(request: HttpRequest) -> HttpResponseBase:
    """`category-white.json`: the vendors and products that open documents speak of."""
    return feed_answer(request, category_bytes(Release.objects.open()), JSON)


def category_bytes(releases: QuerySet[Release]) -> bytes:
    """Return the ROLIE category document of a folder, which holds these releases."""
    rows = AdvisedProduct.objects.filter(release__in=releases)
    names = rows.values_list("vendor", "name").distinct()
    return rolie.categories([name for row in names for name in row])
