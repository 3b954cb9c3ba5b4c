"""Founding the hub, authenticator app, passkeys, coordinator rights: walked in a browser."""

import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.axe import assert_accessible
from tests.factories.directory import coordinator_of_desk
from tests.principals import PASSPHRASE

from tcert.community.accounts.domain import create_setup_link
from tcert.community.accounts.models import OneTimeLink, Person, StaffSession

NEW = "copper ladder 7 mist"


def code_of(secret: str, offset: int = 0) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + offset))


def give_passphrase(page: Page, email: str, passphrase: str) -> None:
    page.goto("/account/sign-in/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Passphrase").fill(passphrase)
    page.get_by_role("button", name="Go on").click()


@pytest.fixture
def authenticator(page: Page) -> Page:
    """A page whose browser has a security key in it (the DevTools virtual authenticator)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return page


def test_the_set_up_link_leads_through_to_my_day(page: Page, hub: str) -> None:
    link = create_setup_link().replace("http://localhost:8000", hub)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url + str(request.headers)))
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up this hub")
    token = link.partition("#")[2]
    assert not [entry for entry in seen if token in entry]
    assert token not in page.url
    assert_accessible(page)
    page.get_by_label("Your name").fill("Ada Coordinator")
    page.get_by_label("E-mail address").fill("ada@tcert.example")
    page.get_by_label("Passphrase", exact=True).fill(NEW)
    page.get_by_label("Passphrase, again").fill(NEW)
    page.get_by_role("button", name="Set up the hub").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    assert_accessible(page)
    page.get_by_role("link", name="Set up an authenticator app").click()
    assert_accessible(page)
    page.get_by_text("Type the secret instead").click()
    secret = page.locator("code.fp").first.inner_text()
    page.get_by_label("Code that the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("#recovery_codes li")).to_have_count(10)
    assert_accessible(page)
    page.goto("/my-day/")
    expect(page.get_by_role("heading", level=1)).to_have_text("What waits for me")
    expect(page.get_by_text("Invite a second coordinator")).to_be_visible()
    assert_accessible(page)
    assert OneTimeLink.objects.get().used_at is not None
    page.get_by_text("Ada Coordinator").first.click()
    page.get_by_role("button", name="Sign out").first.click()
    give_passphrase(page, "ada@tcert.example", NEW)
    page.get_by_label("Code").fill(code_of(secret, 1))
    page.locator("main").get_by_role("button").first.click()
    page.wait_for_url("**/my-day/")


def test_a_passkey_is_added_signs_in_and_switches_the_rights_on(
    authenticator: Page, hub: str
) -> None:
    page = authenticator
    person = coordinator_of_desk()
    give_passphrase(page, person.email, PASSPHRASE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    page.get_by_role("link", name="Add a passkey").click()
    assert_accessible(page)
    page.get_by_label("Name").fill("blue key")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#recovery_codes li")).to_have_count(10)
    assert Authenticator.objects.filter(user=person, type="webauthn").count() == 1
    page.goto("/account/second-factor/passkeys/")
    expect(page.get_by_role("rowheader", name="blue key")).to_be_visible()
    assert_accessible(page)
    page.goto("/account/sign-out/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    give_passphrase(page, person.email, PASSPHRASE)
    assert_accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/my-day/")
    page.goto("/account/coordinator/")
    page.get_by_role("link", name="Declare your interests").click()
    assert_accessible(page)
    page.get_by_role("button", name="I have no interests to declare").click()
    page.goto("/account/coordinator/")
    assert_accessible(page)
    page.get_by_label("What for").fill("To look at the reports")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("coordinator until").first).to_be_visible()
    assert_accessible(page)
    assert StaffSession.objects.filter(person=person, closed_at=None).count() == 1
    page.get_by_role("button", name="Switch off").click()
    page.goto("/account/again/passkey/?next=/account/sessions/")
    assert_accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{hub}/account/sessions/")
    page.goto("/account/second-factor/passkeys/add/")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_have_text("This key is set up already.")
    assert Authenticator.objects.filter(user=person, type="webauthn").count() == 1
    assert StaffSession.objects.filter(closed_at=None).count() == 0


def test_without_scripts_the_code_is_typed_by_hand(
    new_context: Callable[..., BrowserContext], hub: str
) -> None:
    link = create_setup_link()
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/account/start/")
    page.get_by_label("Code from your link").fill(link.partition("#")[2])
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up this hub")
    assert not Person.objects.exists()
