"""The design system in a real browser: no breach, nothing sideways, useful without scripts."""

from datetime import timedelta
from itertools import product

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from playwright.sync_api import expect
from tests.browser.axe import assert_accessible, violations
from tests.factories.directory import coordinator_of_desk
from tests.factories.intake import answers, ready_desk
from tests.principals import PASSPHRASE, sign_in, sign_in_without_second_factor

from tcert.foundation.kernel import clock

PAGES = [
    "/",
    "/about/",
    "/about/what-we-see/",
    "/about/policies/",
    "/about/styleguide/",
    "/about/styleguide/?plain",
    "/language/",
    "/account/sign-in/",
    "/no/such/page",
]


@pytest.fixture(autouse=True)
def desk(settings, hub):
    """A founded hub that shows its style guide; returns a member of the desk."""
    settings.DEMO = True
    return coordinator_of_desk()


def sideways(page) -> int:
    return page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


@pytest.mark.long
def test_axe_finds_nothing_and_nothing_runs_sideways(page):
    found = []
    for path in PAGES:
        page.goto(path)
        for width, theme in product([320, 1440], ["light", "dark"]):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=theme)
            found += violations(page)
            if sideways(page) > 0:
                found.append(f"{path} runs sideways at {width}")
    assert not found, "\n".join(found)


def test_a_member_walks_by_keyboard_and_finds_the_keys(new_context, client, hub, desk):
    client.defaults["SERVER_NAME"] = "localhost"
    sign_in(client, desk, coordinator=True)
    context = new_context()
    context.add_cookies(
        [{"name": "hub", "value": client.cookies["hub"].value, "url": hub}],
    )
    page = context.new_page()
    page.goto("/about/styleguide/")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("?")
    dialog = page.locator("dialog#shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Language")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    now = clock.now()
    page.clock.set_fixed_time(now)
    page.keyboard.press("g")
    page.clock.set_fixed_time(now + timedelta(seconds=3))
    page.keyboard.press("l")  # too late to belong together
    page.keyboard.press("g")
    page.clock.set_fixed_time(now + timedelta(seconds=5))
    page.keyboard.press("l")
    page.wait_for_url("**/language/")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("() => location.hash") == "#content"
    assert_accessible(page)


def test_letters_typed_into_a_field_are_letters(page):
    page.goto("/account/sign-in/")
    page.fill("input[name=login]", "")
    page.type("input[name=login]", "gl?/")
    assert page.input_value("input[name=login]") == "gl?/"
    assert not page.locator("dialog#shortcuts").is_visible()


def test_keys_can_be_switched_off(page):
    page.goto("/about/")
    page.keyboard.press("?")
    page.locator("[data-shortcut-switch]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_timeout(200)
    assert page.url.endswith("/about/")


def test_a_dangerous_act_waits_for_the_name(page):
    page.goto("/about/styleguide/")
    act = page.locator("details.act.danger")
    act.locator("summary").click()
    button = act.locator("button[type=submit]")
    expect(button).to_be_disabled()
    act.locator("input[name=confirm_name]").fill("quiet harbour")
    expect(button).to_be_enabled()


def test_without_scripts_everything_is_there_but_what_needs_them(new_context):
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/about/styleguide/")
    assert page.locator("button.copy").first.is_hidden()
    assert page.locator("h1").inner_text() == "Quiet Harbour"
    page.locator("details.act > summary").first.click()
    expect(page.locator("details.act input").first).to_be_visible()


def test_copying_puts_the_whole_fingerprint_on_the_clipboard(new_context):
    context = new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/about/styleguide/")
    button = page.locator("button.copy").first
    button.click()
    expect(button).to_have_text("Copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == (
        "8F2A91C40D7B5E2210A94C6633F1A8D2902F77D0"
    )


ACCOUNT_PAGES = [
    "/my-day/",
    "/account/",
    "/account/passphrase/",
    "/account/sessions/",
    "/account/second-factor/",
    "/account/second-factor/codes/new/",
    "/account/second-factor/passkeys/add/",
    "/account/sign-out/",
]


@pytest.mark.long
@pytest.mark.parametrize("width", [360, 1440])
def test_the_library_s_pages_wear_the_hub_s_look(new_context, client, hub, desk, width):
    client.defaults["SERVER_NAME"] = "localhost"
    sign_in(client, desk)
    context = new_context(viewport={"width": width, "height": 800}, color_scheme="dark")
    context.add_cookies([{"name": "hub", "value": client.cookies["hub"].value, "url": hub}])
    page = context.new_page()
    found = []
    for path in ACCOUNT_PAGES:
        answer = page.goto(path)
        assert answer.status == 200, path
        assert page.locator("header.top .brand").count() == 1, path
        assert page.locator("h1").count() == 1, path
        found += violations(page)
        if sideways(page) > 0:
            found.append(f"{path} runs sideways")
    assert not found, "\n".join(found)


def test_setting_up_an_authenticator_draws_its_code_within_the_policy(
    new_context, client, hub, desk
):
    client.defaults["SERVER_NAME"] = "localhost"
    sign_in_without_second_factor(client, desk)
    context = new_context()
    context.add_cookies([{"name": "hub", "value": client.cookies["hub"].value, "url": hub}])
    page = context.new_page()
    page.goto("/account/second-factor/app/")
    page.fill("input[name=password]", PASSPHRASE)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/second-factor/app/")
    expect(page.locator(".qr svg path")).to_have_count(1)
    expect(page.locator("input[name=code]")).to_be_visible()
    assert_accessible(page)


def test_print_leaves_out_what_only_a_screen_needs(page):
    page.goto("/about/styleguide/")
    page.emulate_media(media="print")
    for gone in ("header.top", "footer.foot", ".filters", ".btn", ".pager"):
        assert page.locator(gone).first.is_hidden(), gone
    assert page.locator(".tlp").first.is_visible()
    assert page.locator("h1").is_visible()


@pytest.mark.parametrize("width", [320, 1440])
def test_the_page_of_a_hub_that_stores_nothing_is_readable_by_all(new_context, hub, width):
    """Made by the hub while its database took no writing, then shown under its address."""
    ready_desk()
    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    sent = answers(files=[SimpleUploadedFile("log.txt", b"a log")])
    takes_no_writing = {
        "sqlite": "PRAGMA query_only = %s",
        "postgresql": "SET default_transaction_read_only = %s",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(takes_no_writing % "on")
        try:
            made = client.post("/report/", sent, headers={"Origin": "http://localhost:8000"})
        finally:
            cursor.execute(takes_no_writing % "off")
    assert made.status_code == 503

    context = new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    headers = {name: value for name, value in made.items() if name != "Content-Length"}
    page.route(
        "**/report/",
        lambda route: route.fulfill(status=503, headers=headers, body=made.content.decode()),
    )
    page.goto(f"{hub}/report/")
    expect(page.get_by_text("What you typed is still here")).to_be_visible()
    expect(page.get_by_role("button", name="Try again with what I typed")).to_be_visible()
    assert_accessible(page)
    assert sideways(page) <= 0
