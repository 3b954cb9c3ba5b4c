"""What the hub serves: its own files, asked for inside this process as a stranger would.

The request goes through every layer of the application (hosts, redirects, permissions, headers)
and through no network, so that a check cannot be turned into a request to somewhere else.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve, set_urlconf
from django.utils import translation

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal, PrincipalKind
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import provider
from tcert.response.advisories.conformance.hub import Answer, Folder, Hub
from tcert.response.advisories.conformance.looking import State
from tcert.response.advisories.conformance.requirements import Result, check, supported_role
from tcert.response.advisories.models import Release


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and on how many of the documents: a page opens the newest only."""

    base_url: str
    results: tuple[Result, ...]
    opened: int
    documents: int

    @property
    def role(self) -> str:
        """Return the highest role of section 7.2 that the results support; nothing for none."""
        return supported_role(self.results)

    @property
    def failed(self) -> tuple[Result, ...]:
        """Return the requirements that are not met."""
        return tuple(r for r in self.results if r.state is State.NOT_MET)

    def to_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {
            "provider": self.base_url,
            "documents": self.documents,
            "opened": self.opened,
            "role": self.role,
            "requirements": [result.to_json() for result in self.results],
        }


def _asked(path: str) -> WSGIRequest:
    base = urlsplit(settings.BASE_URL)
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "SERVER_NAME": base.hostname or "localhost",
            "SERVER_PORT": str(base.port or (443 if base.scheme == "https" else 80)),
            "HTTP_HOST": base.netloc,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": base.scheme,
            "wsgi.input": io.BytesIO(),
        }
    )


def _answered(response: HttpResponse) -> Answer:
    return Answer(
        status=response.status_code,
        content_type=response.headers.get("Content-Type", ""),
        body=response.content,
        location=response.headers.get("Location", ""),
        challenge=response.headers.get("WWW-Authenticate", ""),
    )


class Stranger(BaseHandler):
    """Asks the hub's application for one path after another, without a cookie.

    It goes around `get_response`, which would log each 404 that is wanted here, with the numbers
    of members' advisories; and it sends no `request_finished`, which would close the connection
    to the database under the page that asks.
    """

    _middleware_chain: Callable[[HttpRequest], HttpResponse]

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware()

    def __call__(self, path: str) -> Answer:
        """Return what the hub answers to GET."""
        set_urlconf(settings.ROOT_URLCONF)
        # The application sets a language and leaves it set: the page that asks keeps its own.
        with translation.override(settings.LANGUAGE_CODE):
            return _answered(self._middleware_chain(_asked(path)))


def as_member(path: str) -> Answer:
    """Return what a member's program is answered at an address of the folder for members.

    No key is made for this: the view is called with the principal that a key would give, behind
    the layers that ask for one. That they do ask is requirement 5, which goes through all of them.
    """
    request = _asked(path)
    reader = Principal(PrincipalKind.FEED_READER, label="self-check", only_looks=True)
    request.principal = reader  # type: ignore[attr-defined]
    try:
        match = resolve(path)
        with translation.override(settings.LANGUAGE_CODE):
            return _answered(match.func(request, *match.args, **match.kwargs))
    except Http404:
        return Answer(404)


def this_hub(most: int | None = None) -> Hub:
    """Return this hub to be checked; `most` opens only so many of each folder, the newest."""
    closed = Release.objects.current().exclude(tlp=Tlp.CLEAR).order_by("-released_at")
    return Hub(
        base_url=settings.BASE_URL,
        open=_folder(Tlp.CLEAR, Stranger(), most),
        members=_folder(Tlp.GREEN, as_member, most),
        closed=tuple(
            f"/advisories/{number}/{name}"
            for number, name in closed.values_list("advisory__number", "file_name")[:most]
        ),
        now=clock.now(),
    )


def _folder(tlp: Tlp, fetch: Callable[[str], Answer], most: int | None) -> Folder:
    rows = Release.objects.current().filter(tlp=tlp).order_by("-released_at", "-file_name")
    paths = tuple(f"{year}/{name}" for year, name in rows.values_list("year", "file_name"))
    return Folder(provider.FOLDERS[tlp], fetch, paths, paths[:most])


def check_hub(most: int | None = None) -> Checked:
    """Check all that the hub serves, or the lists and so many documents."""
    hub = this_hub(most)
    return Checked(hub.base_url, check(hub), len(hub.documents), hub.count)
