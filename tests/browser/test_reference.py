"""Reference data in a browser: searched by keyboard, a newer list taken, an operator tied."""

import json

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import OrganisationFactory, coordinator_of_desk
from tests.factories.reference import ROWS, as_file, listed, taken

from tcert.response.reference import packaged
from tcert.response.reference.models import Edition, Tie

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


def test_a_coordinator_looks_takes_and_ties(hub, new_context, monkeypatch, tmp_path):
    taken()
    (tmp_path / "networks.json").write_bytes(as_file([*ROWS, listed("208-02", "New One")]))
    about = {"name": "mcc-mnc-list", "version": "1.0.1", "license": "MIT", "integrity": "sha512-"}
    (tmp_path / "networks.about.json").write_text(json.dumps(about))
    monkeypatch.setattr(packaged, "FOLDER", tmp_path)
    house = OrganisationFactory(name="Orange", short_name="ORG")
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, coordinator_of_desk(), coordinator=True)
    page = context.new_page()
    page.goto("/reference/sources/")
    page.get_by_role("link", name="See what it changes").click()
    assert look(page, page.url) == []
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_text("New One")).to_be_visible()
    assert Edition.objects.count() == 2
    page.goto("/reference/")
    page.get_by_label("Code, operator or brand").focus()
    page.keyboard.type("208-01")
    page.keyboard.press("Enter")
    expect(page.get_by_text("New One")).to_have_count(0)
    assert look(page, page.url) == []
    page.get_by_role("link", name="Orange S.A.").click()
    page.get_by_label("Orange").check()
    page.get_by_role("button", name="They are one").click()
    expect(page.get_by_text("said by a coordinator")).to_be_visible()
    assert look(page, page.url) == []
    assert Tie.objects.get().organisation == house
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("button", name="They are one")).to_be_visible()
    assert Tie.objects.get().ended_at is not None
