"""By what attempts at signing in are counted: never by an address that could be read again.

Addresses are counted as a keyed hash under a key of the day (`kernel/daykey.py`), for an hour at
most, in a table that all web processes share (`kernel/shared.py`).
Visitors who share one address (over the onion service, or behind a proxy that hides theirs) are
counted per account only. A browser that the person signed in with before has a count of its own,
so that a stranger who tries passphrases cannot lock the person out of it.
"""

import hmac
import ipaddress
import secrets

from allauth.core.internal.httpkit import get_client_ip
from allauth.core.internal.ratelimit import truncate_ip
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from tcert.community.accounts.models import Person
from tcert.foundation.kernel import daykey
from tcert.foundation.kernel.onion import is_over_onion

_COOKIE_DAYS = 90
_SALT = "accounts.known-browser"


def keyed_address(request: HttpRequest) -> str:
    """Return today's keyed hash of the visitor's address, or an empty string for a shared one."""
    address = get_client_ip(request)
    if request.get_host().partition(":")[0].endswith(".onion") or not address:
        return ""
    if ipaddress.ip_address(address).is_loopback:
        return ""
    network = truncate_ip(address).encode()
    return hmac.digest(daykey.of_today(), network, "sha256").hex()[:32]


def counted_as(request: HttpRequest) -> str:
    """Return under what a visitor is counted; each visit of a shared address counts alone."""
    return keyed_address(request) or secrets.token_hex(8)


def _owner(email: str) -> str:
    return salted_hmac(_SALT, email.lower(), algorithm="sha256").hexdigest()[:32]


def _over_tls(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_SECURE and not is_over_onion(request)


def cookie_name(request: HttpRequest) -> str:
    """Return the name of the mark; it is sent to the pages of sign-in only, never to a stranger's.

    That path is why it cannot carry the stricter prefix that the session's cookie has.
    """
    return "__Secure-known" if _over_tls(request) else "known"


def account_mark(email: str) -> str:
    """Return how the log names an account: the same for the same address, and not the address."""
    return salted_hmac("accounts.log", email.lower(), algorithm="sha256").hexdigest()[:12]


def known_browser(request: HttpRequest, email: str) -> str:
    """Return the number of this browser if the person signed in with it before, else nothing."""
    try:
        mark = signing.loads(
            request.COOKIES.get(cookie_name(request), ""), salt=_SALT, max_age=_COOKIE_DAYS * 86_400
        )
        owner, number = str(mark["of"]), str(mark["n"])
    except (signing.BadSignature, KeyError, TypeError):
        return ""
    return number if constant_time_compare(owner, _owner(email)) else ""


def remember_browser(response: HttpResponseBase, request: HttpRequest, person: Person) -> None:
    """Give the browser a mark of its own after a full sign-in; the hub keeps no copy."""
    number = known_browser(request, person.email) or secrets.token_hex(8)
    response.set_cookie(
        cookie_name(request),
        signing.dumps({"of": _owner(person.email), "n": number}, salt=_SALT),
        max_age=_COOKIE_DAYS * 86_400,
        path="/account/",
        secure=_over_tls(request),
        httponly=True,
        samesite="Lax",
    )
