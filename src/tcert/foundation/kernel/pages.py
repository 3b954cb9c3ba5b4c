"""Kinds of page and the policy that each carries (see design/browser.md and decided.md 13)."""

from collections.abc import Callable
from enum import StrEnum

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils.cache import patch_cache_control

_BASE = (
    "default-src 'none'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
METHODS = ("GET", "HEAD", "POST")
_INTEGRITY = "blocked-destinations=(script), sources=(inline)"


class PageKind(StrEnum):
    """The four kinds: what scripts may do on the page."""

    ORDINARY = "ordinary"
    REPORTER = "reporter"
    SIGN_IN = "sign-in"
    VAULT = "vault"


_importmap_sha256: Callable[[], str] = lambda: ""  # noqa: E731 - replaced by ui at start


def provide_importmap_hash(provider: Callable[[], str]) -> None:
    """Let `ui` say the base64 SHA-256 of the import map that its pages print."""
    global _importmap_sha256  # noqa: PLW0603 - one process, one provider, set at start
    _importmap_sha256 = provider


def policy(kind: PageKind) -> str:
    """Return the Content-Security-Policy of a kind of page."""
    digest = _importmap_sha256()
    scripts = "script-src 'self'" + (f" 'sha256-{digest}'" if digest else "")
    types = "trusted-types 'none'"
    if kind is PageKind.VAULT:
        types = "trusted-types worker-url; worker-src 'self'"
    return f"{_BASE}; {scripts}; {types}"


def _not_a_method() -> HttpResponseBase:
    """Refuse a method that no page has: a view that reads any as GET would let TRACE past.

    Django writes no line of it: it may be a stranger's.
    """
    response = HttpResponseNotAllowed(METHODS)
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


class PagePolicyMiddleware:
    """Write the security headers by kind of page; an undeclared view gets the strictest kind."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request) if request.method in METHODS else _not_a_method()
        kind = getattr(request, "page_kind", PageKind.REPORTER)
        response.headers.setdefault("Content-Security-Policy", policy(kind))
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault(
            "Permissions-Policy",
            "camera=(), microphone=(), geolocation=(), interest-cohort=(), "
            "publickey-credentials-get=(self), publickey-credentials-create=(self)",
        )
        if kind in {PageKind.REPORTER, PageKind.VAULT}:
            response.headers.setdefault("Integrity-Policy", _INTEGRITY)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response

    def process_view(
        self, request: HttpRequest, view: object, _args: object, _kwargs: object
    ) -> None:
        """Remember the kind that the view declares."""
        request.page_kind = getattr(view, "page_kind", PageKind.REPORTER)  # type: ignore[attr-defined]
