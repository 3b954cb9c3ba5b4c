"""What a program is answered that may not read what is published for members (RFC 9110, 11.6)."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

UNAUTHORIZED, TOO_MUCH = 401, 429
_AN_HOUR = 3600


def ask_for_key(_request: HttpRequest) -> HttpResponse:
    """Ask for a feed key: the same words for no key and for one that does not count, anywhere."""
    return _plain(
        _(
            "These advisories are TLP:GREEN: for members.\n"
            "A program gives a feed key by HTTP Basic: the key's number as the user name, its "
            "secret as the password. A key counts for a year, until it is revoked, and while its "
            "owner is a member. Make one under Account, Feed keys.\n"
            "In a browser, sign in first and open this address again."
        ),
        UNAUTHORIZED,
        {"WWW-Authenticate": 'Basic realm="TLP:GREEN advisories", charset="UTF-8"'},
    )


def too_much(why: str) -> HttpResponse:
    """Say that a budget is used up, and when to come back."""
    return _plain(why, TOO_MUCH, {"Retry-After": str(_AN_HOUR)})


def _plain(text: str, status: int, headers: dict[str, str]) -> HttpResponse:
    response = HttpResponse(
        f"{text}\n", status=status, content_type="text/plain; charset=utf-8", headers=headers
    )
    # Django would log the address, which names a document; a program asks for it day after day.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response
