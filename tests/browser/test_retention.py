"""The end of a case in real browsers: a coordinator holds it, two lift it, a party takes a copy."""

import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.axe import assert_accessible
from tests.browser.people import sign_in_browser
from tests.browser.steps import open_mailbox
from tests.factories.retention import FullCase, full_case

from tcert.community.accounts.models import Person
from tcert.community.desk.models import Declaration
from tcert.foundation.kernel import clock
from tcert.response.cases.models import Case
from tcert.response.intake.models import Report

pytestmark = pytest.mark.django_db(transaction=True)


def narrow_and_accessible(page: Page) -> None:
    """Hold a page to what every page is held to, at 320 pixels too."""
    assert_accessible(page)
    page.set_viewport_size({"width": 320, "height": 800})
    wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"
    page.set_viewport_size({"width": 1280, "height": 900})


def wishes_to_delete(page: Page, made: FullCase) -> None:
    """A reporter reads of the hold, takes a copy, deletes the report and is told that it waits."""
    open_mailbox(page, made.sealer.receipt)
    expect(page.locator("#status")).to_contain_text("A legal hold is on this case")
    page.get_by_text("Take a copy").first.click()
    with page.expect_download() as waiting:
        page.locator("#copy").click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert {"locked-key.asc", "messages/00002.asc"} <= set(archive.namelist())
    page.get_by_text("Delete my report").first.click()
    page.get_by_label("Type the code name").fill(made.case.code_name)
    page.locator("#withdraw").click()
    expect(page.get_by_role("heading", name="Your report will be deleted")).to_be_visible()
    assert_accessible(page)


def test_a_case_is_held_lifted_and_copied(
    hub: str, new_context: Callable[..., BrowserContext]
) -> None:
    made = full_case()
    Declaration.objects.update(confirmed_at=clock.now())
    Case.objects.update(closed_at=clock.now() - timedelta(days=70))

    def page_of(person: Person, *, coordinator: bool) -> Page:
        context = new_context()
        sign_in_browser(context, hub, person, coordinator=coordinator)
        return context.new_page()

    ada = page_of(made.ada, coordinator=True)
    ben = page_of(made.ben, coordinator=True)
    ines = page_of(made.member, coordinator=False)

    ines.goto("/my-day/")
    ines.get_by_role("link", name="is about to be deleted").click()
    expect(ines.locator("main")).to_contain_text("Its content is deleted on")
    narrow_and_accessible(ines)
    with ines.expect_download() as waiting:
        ines.get_by_role("button", name="Take a copy").click()
    assert waiting.value.suggested_filename == "part.zip"
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert {"README.txt", "manifest.json", "messages/00001.asc"} <= set(archive.namelist())

    ada.goto(f"/cases/{made.case.id}/keeping/")
    ada.get_by_text("Set a legal hold").click()
    hold = ada.locator("form", has=ada.get_by_role("button", name="Hold everything"))
    hold.get_by_label("Who demands it").fill("District court, 7/26")
    hold.get_by_label("Look at it again").fill((clock.today() + timedelta(days=90)).isoformat())
    narrow_and_accessible(ada)
    hold.get_by_role("button").click()
    expect(ada.locator("#hold")).to_contain_text("District court, 7/26")
    ines.reload()
    expect(ines.locator("#hold")).to_contain_text("A legal hold is on this case since")
    narrow_and_accessible(ines)

    wishes_to_delete(new_context().new_page(), made)

    ada.get_by_text("Lift the hold").click()
    ada.get_by_label("Why it is lifted").fill("The order ended.")
    ada.get_by_role("button", name="Lift it").click()
    ada.get_by_label("Why", exact=True).fill("Their letter of yesterday.")
    ada.get_by_role("button", name="Propose it").click()
    ben.goto("/my-day/")
    ben.get_by_role("link", name="Confirm or refuse: Lift a legal hold").click()
    expect(ben.locator("main")).to_contain_text("District court, 7/26")
    ben.get_by_role("button", name="Confirm and carry out").click()
    expect(ben.locator("main")).to_contain_text("Carried out, as it was proposed.")
    assert not Report.objects.exists()
    ines.reload()
    expect(ines.locator("main")).to_contain_text("Its content is deleted on")
    expect(ines.locator("#hold")).to_have_count(0)
