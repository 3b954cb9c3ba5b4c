"""Give every request its principal, its second factor, and its viewer's zone."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode

from tcert.community.accounts.models import Person
from tcert.community.accounts.proofs import has_second_factor
from tcert.foundation.kernel.access import allowed, declared, principal_of
from tcert.foundation.kernel.errors import TooMany
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.response.advisories import challenge
from tcert.response.feedkeys.domain import reading
from tcert.response.incidents import api as incidents
from tcert.response.notifications import api as notifications
from tcert.response.routing import api
from tcert.site import principal

READS = Permission.ADVISORIES_MEMBERS_READ
OF_PROGRAMS = {
    Permission.INCIDENTS_PROGRAM: principal.of_incident_key,
    Permission.NOTIFICATIONS_PROGRAM: principal.of_notification_key,
    Permission.ROUTING_LOOKUPS_ASK: principal.of_lookup_key,
    Permission.ROUTING_LOOKUPS_READ: principal.of_lookup_key,
}
"""At what only programs use, whose place the key stands in; session or stranger count no more."""
SENT_BY_PROGRAMS = {
    Permission.INCIDENTS_PROGRAM,
    Permission.NOTIFICATIONS_PROGRAM,
    Permission.ROUTING_LOOKUPS_ASK,
}
TOO_MANY = {
    Permission.INCIDENTS_PROGRAM: (incidents.too_many, reading.INCIDENTS),
    Permission.NOTIFICATIONS_PROGRAM: (notifications.too_many, reading.NOTIFICATIONS),
}
"""Where a refusal is JSON: how it is said, and which budget tells when to come back."""
Respond = Callable[[HttpRequest], HttpResponseBase]


class PrincipalMiddleware:
    """Set `request.principal`; everything below asks it, and never `request.user`."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.principal = principal.of_request(request)  # type: ignore[attr-defined]
        return self.get_response(request)


class FeedKeyMiddleware:
    """Let a feed key stand for its owner at the addresses that it opens.

    Anywhere else the header is not looked at: by construction a key opens nothing more. A session
    that may read what is published needs no key; who asks whose identifiers are with a key is
    answered by that key alone.

    It stands before the check against forged forms, which a program with a key cannot pass and
    need not: without a session there is nothing that a page elsewhere could misuse.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        """Put the key's principal in the place of the stranger's, or say that it is too much."""
        header = request.headers.get("Authorization")
        wanted = declared(view)
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if wanted in SENT_BY_PROGRAMS and (header is not None or not has_session):
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001
        if header is None:
            return None
        try:
            if wanted in OF_PROGRAMS:
                # A key that does not count is not passed over for what a session or a stranger may.
                reader = OF_PROGRAMS[wanted](header)
                setattr(request, api.KEY_MARK, reader is None)
            elif wanted == READS and not allowed(principal_of(request), READS):
                reader = principal.of_feed_key(header)
            else:
                return None
        except TooMany as refused:
            if wanted in TOO_MANY:
                say, budget = TOO_MANY[wanted]
                return say(str(refused.message), budget.again_in)
            return challenge.too_much(str(refused.message))
        if reader is not None:
            request.principal = reader  # type: ignore[attr-defined]
        return None


class SecondFactorMiddleware:
    """Lead who has no second factor to set one up; nothing but public pages opens before.

    Who has one but has not proved it in this session (it was set up in another browser since) is
    asked for it.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        """Let through what is public and what serves the set-up itself."""
        actor = principal_of(request)
        if not actor.is_person or actor.has_second_factor:
            return None
        permission = declared(view)
        if permission == Permission.ACCOUNTS_SECOND_FACTOR_SET_UP:
            return None
        if permission is not None and allowed(ANONYMOUS, permission):
            return None
        person = request.user
        if isinstance(person, Person) and has_second_factor(person):
            back = request.get_full_path() if request.method == "GET" else reverse("site:my_day")
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back})}")
        return redirect("mfa_index")


class ViewerMiddleware:
    """Write times in the person's zone and dates in the person's way."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, Person):
            return self.get_response(request)
        with timezone.override(_zone(person.timezone)), translation.override(person.dates):
            return self.get_response(request)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
