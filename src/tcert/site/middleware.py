"""Give every request its principal."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from tcert.site import principal


class PrincipalMiddleware:
    """Set `request.principal`; everything below asks it, and never `request.user`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.principal = principal.of_request(request)  # type: ignore[attr-defined]
        return self.get_response(request)
