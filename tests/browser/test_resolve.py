"""*Whose is this* in a browser: what leaves it, with scripts and without, and what is told.

Protects: a subscriber's number that somebody pastes at night reaches no hub.
"""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import TeamFactory, member_of
from tests.response.routing.test_resolve_page import PASTED, SUBSCRIBER
from tests.response.routing.test_resolving import holder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


def member_page(hub, new_context, **options):
    context = new_context(viewport=WIDE, **options)
    sign_in_browser(context, hub, member_of(TeamFactory()))
    page = context.new_page()
    sent = []
    page.on("request", lambda one: one.post_data and sent.append(parse_qs(one.post_data)))
    page.goto("/resolve/")
    return page, sent


def test_what_names_a_subscriber_is_cut_before_it_leaves(hub, new_context):
    """The script cuts each text as the server would: both are held against one list."""
    holder()
    page, sent = member_page(hub, new_context)
    assert look(page, page.url) == []
    page.get_by_label("Whatever you have").fill("\n".join([*PASTED, "999-70"]))
    page.get_by_text("What leaves this browser").click()
    expect(page.locator("#leaves")).to_contain_text("310410xxxxxxxxx")
    page.get_by_role("button", name="Whose is it?").click()
    expect(page.get_by_role("heading", name="Altus Networks CERT")).to_be_visible()
    (body,) = sent
    assert body["what"][0].splitlines() == [*PASTED.values(), "999-70"]
    assert page.url.endswith("/resolve/")
    assert look(page, page.url) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Answer as CSV").click()
    assert b"Altus Networks" in download.value.path().read_bytes()
    assert SUBSCRIBER not in str(sent)


def test_titles_stay_whole_and_subscribers_do_not(hub, new_context):
    page, sent = member_page(hub, new_context)
    page.get_by_label("Whatever you have").fill(f"+491710012345\n{SUBSCRIBER}")
    page.get_by_label("The numbers are Global Titles").check()
    page.get_by_label("Whatever you have").press("Tab")
    page.get_by_role("button", name="Whose is it?").press("Enter")
    expect(page.get_by_role("heading", name="Answer", exact=True)).to_be_visible()
    assert sent[0]["what"][0].splitlines() == ["+491710012345", "310410xxxxxxxxx"]


def test_without_scripts_the_server_cuts_what_it_shows(hub, new_context):
    holder()
    page, _sent = member_page(hub, new_context, java_script_enabled=False)
    page.get_by_label("Whatever you have").fill(f"{SUBSCRIBER}\n999-70")
    page.get_by_role("button", name="Whose is it?").click()
    expect(page.get_by_role("heading", name="Altus Networks CERT")).to_be_visible()
    assert "0123456789" not in page.content()
    assert page.get_by_label("Whatever you have").input_value().startswith("310410xxxxxxxxx")
