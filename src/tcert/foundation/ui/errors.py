"""Error pages: each says what happened, that nothing was lost, and what to do next."""

import logging
import sys
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.template.loader import render_to_string
from django.utils.functional import Promise

from tcert.foundation.kernel import clock, faults
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.faults import Fault
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.ui import importmap

logger = logging.getLogger(__name__)

STATUSES = (400, 403, 404, 409, 413, 429, 500)
_FAILURE = 500
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field


def _is_strangers(request: HttpRequest) -> bool:
    """Tell whether the request is for a page that reporters use."""
    view = getattr(getattr(request, "resolver_match", None), "func", None)
    return getattr(view, "page_kind", None) is PageKind.REPORTER


def _unlogged(response: HttpResponse) -> HttpResponse:
    """Keep Django from logging a refusal with its moment: a stranger's hour is nobody's business.

    A failure of the hub itself is logged all the same, for whoever has to mend it.
    """
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def error_page(
    request: HttpRequest,
    status: int,
    message: str | Promise = "",
    *,
    retry_after: str = "",
    template: str = "",
) -> HttpResponse:
    """Return the page of an HTTP status (one of `STATUSES`), with a sentence of its own if given.

    `retry_after` is a duration in words for 429.
    """
    page = template or f"ui/errors/{status}.html"
    context = {"status": status, "message": message, "retry_after": retry_after}
    response = HttpResponse(render_to_string(page, context, request), status=status)
    return _unlogged(response) if _is_strangers(request) and status < _FAILURE else response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that Django refused to read; too much data is 413."""
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an act that no rule grants; its name goes to the log with the person, not the page."""
    person = getattr(getattr(request, "principal", None), "person_id", None)
    if person and not _is_strangers(request):
        logger.warning("refused: %s to person %s", exception, person)
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for what does not exist and for what is not shared alike."""
    _ = exception
    return error_page(request, 404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer a visitor whose budget is used up (also the sign-in library's)."""
    return error_page(request, 429)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its proof of origin (``CSRF_FAILURE_VIEW``)."""
    _ = reason
    if _is_strangers(request):
        return _stranger_without_cookie(request)
    return error_page(request, 403, template="ui/errors/csrf.html")


def _stranger_without_cookie(request: HttpRequest) -> HttpResponse:
    """Tell a stranger whose browser refuses cookies what to do; what was typed rides in the page.

    The page is not kept by the browser, so going back would lose the text. It is handed back only
    to a form of the hub's own pages: another site must not be able to put words here.
    """
    typed = _typed(request) if _is_from_here(request) else []
    context = {"typed": typed, "with_files": bool(typed and request.FILES)}
    page = render_to_string("ui/errors/csrf_stranger.html", context, request)
    return _unlogged(HttpResponse(page, status=403))


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what came with the form; nothing when the browser went away in the middle of it."""
    try:
        sent = request.POST.lists()
    except UnreadablePostError:
        return []
    return [(name, value) for name, values in sent for value in values if name != _TOKEN]


def _is_from_here(request: HttpRequest) -> bool:
    here = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return request.headers.get("Origin") in here


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a mistake of the hub, without asking the database or the registry for anything."""
    error = sys.exc_info()[1]
    fault = faults.fault_of(error)
    if fault is not None:
        return _unavailable(request, fault)
    context = {"at": f"{clock.now():%Y-%m-%d %H:%M:%S}", "stylesheet": _stylesheet()}
    return HttpResponse(render_to_string("ui/errors/500.html", context), status=500)


def _unavailable(request: HttpRequest, fault: Fault) -> HttpResponse:
    """Tell that the hub cannot keep anything now; what was typed rides in the page.

    A full disk or a missing database is no mistake. An act is stored whole or not at all: when the
    connection breaks nobody can say which, and the page says that.
    """
    typed = _typed(request) if _may_ride(request) else []
    context = {
        "typed": typed,
        "with_files": bool(typed and request.FILES),
        "is_post": request.method == "POST",
        "is_certain": fault is not Fault.AWAY,
        "stylesheet": _stylesheet(),
    }
    page = render_to_string("ui/errors/503.html", context, request)
    if not _is_strangers(request):  # of a stranger's hour no line is written: the worker's will do
        logger.error("a page could not be served: %s", fault)
    # Django would log the address and the error's text, which may quote a row.
    return _unlogged(HttpResponse(page, status=503, headers={"Retry-After": "120"}))


def _may_ride(request: HttpRequest) -> bool:
    """Tell whether a form may be handed back in a page: ours, and no passphrase is in it."""
    match = getattr(request, "resolver_match", None)
    kind = getattr(match.func, "page_kind", None) if match else None
    if kind is PageKind.SIGN_IN or not _is_from_here(request):
        return False
    return kind is PageKind.REPORTER or not hasattr(request, "sensitive_post_parameters")


def _stylesheet() -> str:
    try:
        return importmap.asset_url("ui/hub.css")
    except LookupError:
        return "/static/ui/hub.css"


class DomainErrorMiddleware:
    """Show the sentence of a refused act that a view did not show in its form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a domain error into its page; anything else stays what it is."""
        if isinstance(exception, DomainError):
            return error_page(request, exception.status, exception.message)
        return None
