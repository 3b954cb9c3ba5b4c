"""By what attempts at signing in are counted: never by an address that could be read again.

Addresses are counted as a keyed hash under a key of the day, for an hour at most, in the memory of
each web process (two processes allow twice the number; nothing reaches a disk).
Visitors who share one address (over the onion service, or behind a proxy that hides theirs) are
counted per account only. A browser that the person signed in with before has a count of its own,
so that a stranger who tries passphrases cannot lock the person out of it.
"""

import ipaddress
import secrets

from allauth.core.internal.httpkit import get_client_ip
from allauth.core.internal.ratelimit import truncate_ip
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from tcert.community.accounts.models import Person
from tcert.foundation.kernel import clock

COOKIE = "known"
_COOKIE_DAYS = 90
_SALT = "accounts.known-browser"


def keyed_address(request: HttpRequest) -> str:
    """Return today's keyed hash of the visitor's address, or an empty string for a shared one."""
    address = get_client_ip(request)
    if request.get_host().partition(":")[0].endswith(".onion") or not address:
        return ""
    if ipaddress.ip_address(address).is_loopback:
        return ""
    network = truncate_ip(address)
    day = clock.today().isoformat()
    return salted_hmac(f"accounts.address.{day}", network, algorithm="sha256").hexdigest()[:32]


def counted_as(request: HttpRequest) -> str:
    """Return under what a visitor is counted; each visit of a shared address counts alone."""
    return keyed_address(request) or secrets.token_hex(8)


def _owner(email: str) -> str:
    return salted_hmac(_SALT, email.lower(), algorithm="sha256").hexdigest()[:32]


def known_browser(request: HttpRequest, email: str) -> str:
    """Return the number of this browser if the person signed in with it before, else nothing."""
    try:
        mark = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_COOKIE_DAYS * 86_400
        )
        owner, number = str(mark["of"]), str(mark["n"])
    except (signing.BadSignature, KeyError, TypeError):
        return ""
    return number if constant_time_compare(owner, _owner(email)) else ""


def remember_browser(response: HttpResponseBase, request: HttpRequest, person: Person) -> None:
    """Give the browser a mark of its own after a full sign-in; the hub keeps no copy."""
    number = known_browser(request, person.email) or secrets.token_hex(8)
    response.set_cookie(
        COOKIE,
        signing.dumps({"of": _owner(person.email), "n": number}, salt=_SALT),
        max_age=_COOKIE_DAYS * 86_400,
        path="/account/",
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
