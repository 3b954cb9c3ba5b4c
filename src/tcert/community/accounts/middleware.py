"""Asking again, without keeping what the library would keep."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import urlencode


class AskAgainMiddleware:
    """Lead to the page that asks for the second factor again, and back to where it was needed.

    The library would store the whole suspended request in the session, with address, browser
    and cookies. Here the person comes back to the page itself and sends it again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Answer the library's call for a fresh proof."""
        if not isinstance(exception, ReauthenticationRequired):
            return None
        methods = get_adapter(request).get_reauthentication_methods(request.user)
        page = methods[0]["url"] if methods else resolve_url("account_login")
        return HttpResponseRedirect(f"{page}?{urlencode({'next': request.get_full_path()})}")
