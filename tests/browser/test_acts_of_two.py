"""Two coordinators withdraw an advisory in two real browsers, and look at each other's sessions."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.axe import assert_accessible
from tests.browser.people import sign_in_browser
from tests.factories import advisories as made
from tests.factories.cases import CaseFactory
from tests.factories.directory import OrganisationFactory, coordinator_of_desk
from tests.principals import declared, principal_of

from tcert.community.accounts.models import Person, StaffSession
from tcert.foundation.kernel import clock, jobs

pytestmark = pytest.mark.django_db(transaction=True)


def narrow_and_accessible(page: Page) -> None:
    """Hold a page to what every page is held to, at 320 pixels too."""
    assert_accessible(page)
    page.set_viewport_size({"width": 320, "height": 800})
    wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"
    page.set_viewport_size({"width": 1280, "height": 900})


def browser_of(new_context: Callable[..., BrowserContext], hub: str, person: Person) -> Page:
    context = new_context()
    sign_in_browser(context, hub, person, coordinator=True)
    return context.new_page()


def test_two_coordinators_withdraw_an_advisory(
    hub: str, new_context: Callable[..., BrowserContext], hub_key: None
) -> None:
    ada, ben = coordinator_of_desk(name="Ada"), coordinator_of_desk(name="Ben")
    text = made.published(principal_of(ada, coordinator=True)).advisory
    first, second = (browser_of(new_context, hub, person) for person in (ada, ben))

    first.goto(f"/advisories/texts/{text.id}/")
    first.get_by_text("Withdraw", exact=False).first.click()
    first.get_by_label("Why it is withdrawn").fill("It was no flaw.")
    first.get_by_label("number").last.fill(text.number)
    first.locator("form[action$='/withdraw/'] button").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Withdraw a published advisory")
    narrow_and_accessible(first)
    first.get_by_label("Why", exact=True).fill("The vendor showed us that we misread it.")
    first.get_by_role("button", name="Propose it").click()
    expect(first.locator("main")).to_contain_text("These coordinators can confirm it: Ben")
    expect(first.get_by_role("button", name="Confirm and carry out")).to_have_count(0)
    narrow_and_accessible(first)

    second.goto("/my-day/")
    second.get_by_role("link", name="Confirm or refuse: Withdraw a published advisory").click()
    expect(second.locator("main")).to_contain_text("we misread it")
    narrow_and_accessible(second)
    second.get_by_role("button", name="Confirm and carry out").click()
    expect(second.locator("main")).to_contain_text("Carried out, as it was proposed.")
    second.goto("/desk/acts/")
    narrow_and_accessible(second)

    jobs.run_due()
    second.goto(f"/advisories/{text.number}/")
    expect(second.locator("main")).to_contain_text("This advisory is withdrawn")


def test_a_staff_session_is_asked_about_answered_and_seen(
    hub: str, new_context: Callable[..., BrowserContext]
) -> None:
    ada, ben = coordinator_of_desk(name="Ada"), coordinator_of_desk(name="Ben")
    begun = clock.now() - timedelta(hours=5)
    StaffSession.objects.create(
        person=ada,
        purpose="Invite a vendor",
        opened_at=begun,
        ends_at=begun + timedelta(hours=1),
    )
    first, second = (browser_of(new_context, hub, person) for person in (ada, ben))
    second.goto("/desk/sessions/?review=unseen")
    narrow_and_accessible(second)
    second.get_by_role("row", name="Invite a vendor").get_by_role("link").click()
    expect(second.locator("main")).to_contain_text("it ran to its end")
    second.get_by_label("Question or answer").fill("Which one?")
    second.get_by_role("button", name="Ask").click()
    narrow_and_accessible(second)
    first.goto("/my-day/")
    first.get_by_role("link", name="Answer a question on your staff session").click()
    first.get_by_label("Question or answer").fill("The one of Tuesday's call.")
    first.get_by_role("button", name="Answer").click()
    second.reload()
    second.get_by_role("button", name="Seen").click()
    expect(second.locator("main")).to_contain_text("The review is finished.")


def test_a_coordinator_declares_and_steps_back(
    hub: str, new_context: Callable[..., BrowserContext]
) -> None:
    ada, ben = coordinator_of_desk(name="Ada"), coordinator_of_desk(name="Ben")
    declared(ben)
    case, house = CaseFactory(), OrganisationFactory(name="Altus Oyj")
    first, second = (browser_of(new_context, hub, person) for person in (ada, ben))
    first.goto("/desk/declaration/")
    first.get_by_label("Organisation", exact=True).select_option(str(house.id))
    first.get_by_label("Kind of interest").select_option("employer")
    first.get_by_role("button", name="Enter").click()
    expect(first.get_by_role("rowheader", name="Altus Oyj")).to_be_visible()
    narrow_and_accessible(first)
    first.get_by_role("link", name="It has ended").click()
    narrow_and_accessible(first)
    first.goto(f"/cases/{case.id}/")
    first.get_by_role("link", name="I have a conflict").click()
    narrow_and_accessible(first)
    first.get_by_label("Who goes on (optional)", exact=True).select_option(label="Ben")
    first.get_by_role("button", name="Step back from this case").click()
    expect(first.locator("main")).to_contain_text("You are out of the case.")
    assert first.goto(f"/cases/{case.id}/").status == 404
    second.goto("/my-day/")
    second.get_by_role("link", name=f"Go on with {case.name}").click()
    narrow_and_accessible(second)
    second.get_by_role("button", name="I go on with it").click()
    expect(second.locator("main")).to_contain_text("You go on with this case.")
    second.goto("/desk/interests/")
    narrow_and_accessible(second)
