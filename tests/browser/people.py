"""Signed-in people in browsers."""

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext
from tests.principals import sign_in

from tcert.community.accounts.models import Person


def sign_in_browser(context: BrowserContext, hub: str, person: Person, **options: bool) -> None:
    """Give a browser the session that a person has after signing in."""
    client = sign_in(Client(), person, **options)
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": hub,
            }
        ]
    )
