"""The provider's files under `/.well-known/`, answered from the database.

Everything that is not in the open tree is answered as if it had never existed. The folder for
members is `members.py`.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tcert.community.directory.enums import ChannelKind
from tcert.community.directory.models import Channel
from tcert.community.directory.queries import desk_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp import hubkey
from tcert.response.advisories import assembly, provider
from tcert.response.advisories.enums import PublisherCategory
from tcert.response.advisories.models import Release

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
_MINUTES = 5
SECURITY_TXT_DAYS = 30


def answer(data: bytes, content_type: str) -> HttpResponse:
    """Return a file that programs and other sites' pages may fetch and keep for minutes."""
    response = HttpResponse(data, content_type=content_type)
    response.headers["Cache-Control"] = f"public, max-age={_MINUTES * 60}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def private(response: HttpResponse) -> HttpResponse:
    """Let a file be kept by nobody on its way, and fetched by no other site's page."""
    response.headers["Cache-Control"] = "private, no-store"
    del response.headers["Access-Control-Allow-Origin"]
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _entries() -> list[provider.Entry]:
    return [
        provider.Entry(*row)
        for row in Release.objects.open().values_list("year", "file_name", "released_at")
    ]


@page(Permission.ADVISORIES_READ)
def provider_metadata(_request: HttpRequest) -> HttpResponse:
    """`provider-metadata.json`: who publishes here, where, and with which keys."""
    desk = desk_team()
    if desk is None:
        raise Http404
    # Of open releases only: the moment of another would tell that there is one.
    newest = Release.objects.filter(tlp=Tlp.CLEAR).aggregate(at=Max("published_at"))["at"]
    present = hubkey.public()
    signers = [present.fingerprint] if present else []
    signers += [before.certificate.fingerprint for before in hubkey.predecessors()]
    signers += Release.objects.order_by("-published_at").values_list("signer", flat=True)
    return answer(
        provider.metadata(
            base_url=settings.BASE_URL,
            publisher=assembly.publisher(desk.organisation, PublisherCategory.COORDINATOR),
            fingerprints=list(dict.fromkeys(signers)),
            updated=newest or desk.created_at,
        ),
        JSON,
    )


@page(Permission.ADVISORIES_READ)
def public_key(_request: HttpRequest, fingerprint: str) -> HttpResponse:
    """The hub's key, or one that signed a release before it, in armour."""
    present = hubkey.public()
    if present is not None and present.fingerprint == fingerprint:
        return answer(present.armoured.encode(), "application/pgp-keys")
    for before in hubkey.predecessors():
        if before.certificate.fingerprint == fingerprint:
            return answer(before.certificate.armoured.encode(), "application/pgp-keys")
    release = Release.objects.filter(signer=fingerprint).order_by("-published_at").first()
    if release is None:
        raise Http404
    return answer(release.signer_certificate.encode(), "application/pgp-keys")


@page(Permission.ADVISORIES_READ)
def index(_request: HttpRequest) -> HttpResponse:
    """`index.txt`: every document of the open tree."""
    return answer(provider.index_txt(_entries()), TEXT)


@page(Permission.ADVISORIES_READ)
def changes(_request: HttpRequest) -> HttpResponse:
    """`changes.csv`: the same, newest first, with times."""
    return answer(provider.changes_csv(_entries()), "text/csv; charset=utf-8")


@page(Permission.ADVISORIES_READ)
def listing(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """A folder of the open tree as a page of links (requirement 14)."""
    entries = _entries()
    if year is None:
        names = [f"{y}/" for y in sorted({e.year for e in entries})]
        names += [provider.category_name(provider.OPEN), "changes.csv"]
        names += [provider.feed_name(provider.OPEN), "index.txt"]
    else:
        names = sorted(
            name + suffix
            for name in (e.name for e in entries if e.year == year)
            for suffix in ("", ".asc", ".sha256", ".sha512")
        )
        if not names:
            raise Http404
    return render(request, "advisories/listing.html", {"names": names, "folder": request.path})


@page(Permission.ADVISORIES_READ)
def open_document(_request: HttpRequest, year: int, name: str, suffix: str = "") -> HttpResponse:
    """A document of the open tree, or the hash or signature beside it."""
    release = Release.objects.open().filter(year=year, file_name=name).first()
    if release is None:
        raise Http404
    return file_of(release, suffix)


def file_of(release: Release, suffix: str) -> HttpResponse:
    """Return a release's document (no suffix), or the file beside it.

    The hashes are those written down at release: of bytes that were changed since, they do not fit.
    """
    hashes = {".sha256": release.sha256, ".sha512": release.sha512}
    if suffix == ".asc":
        return answer(release.signature.encode(), "application/pgp-signature")
    if suffix in hashes:
        return answer(provider.hash_line(hashes[suffix], release.file_name), TEXT)
    return answer(bytes(release.document), JSON)


@page(Permission.ADVISORIES_READ)
def security_txt(_request: HttpRequest) -> HttpResponse:
    """`security.txt` (RFC 9116): how to report to this hub, and where its advisories are."""
    desk = desk_team()
    if desk is None:
        raise Http404
    mails = Channel.objects.filter(team=desk, is_public=True, kind=ChannelKind.EMAIL)
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return answer(
        provider.security_txt(
            base_url=settings.BASE_URL,
            contacts=[
                f"{settings.BASE_URL}/report",
                *(f"mailto:{channel.value}" for channel in mails),
            ],
            expires=midnight + timedelta(days=SECURITY_TXT_DAYS),
        ),
        TEXT,
    )
