"""A mixed list in real browsers: whose it is, notified, opened, “not ours”, silent, at the desk."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from tests.browser.axe import assert_accessible
from tests.browser.people import sign_in_browser
from tests.browser.steps import open_as, unlock
from tests.factories.case_parties import give_key
from tests.factories.claims import ClaimFactory
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.keys import active_key_of
from tests.factories.notifications import be_told

from tcert.community.directory.enums import TeamRole
from tcert.foundation.kernel import clock
from tcert.response.notifications.jobs import climb

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]
expect.set_options(timeout=30_000)  # unlocking takes its time on a busy machine

SUBSCRIBER = "999712345678901"


def holder(name, value):
    team = TeamFactory(name=f"{name} CERT", organisation__name=name)
    ClaimFactory(organisation=team.organisation, value=value, verified=True, tlp="GREEN")
    return team


def test_from_a_pasted_list_to_not_ours_and_to_the_desk(hub, new_context):  # noqa: PLR0915 - one walk
    give_key(DeskFactory())
    beta, gamma = holder("Beta", "999-70"), holder("Gamma", "999-71")
    active_key_of(beta, "second")
    give_key(gamma)
    sender = new_context()
    sign_in_browser(sender, hub, member_of(TeamFactory(name="Alder CERT"), TeamRole.DUTY_OFFICER))
    alder = sender.new_page()

    # Pasted, resolved, told.
    alder.goto("/resolve/")
    alder.get_by_label("Whatever you have").fill(f"999-70\n999-71\n{SUBSCRIBER}")
    alder.get_by_role("button", name="Whose is it?").click()
    assert_accessible(alder)
    alder.get_by_role("button", name="Notify these teams").click()
    expect(alder.get_by_label("Beta CERT")).to_be_checked()
    alder.get_by_label("Gamma CERT").check()
    alder.get_by_label("Class").select_option("compromised")
    alder.get_by_label("What you saw").fill("Requests for location all night.")
    assert_accessible(alder)
    alder.get_by_role("button", name="Look at what each team gets").click()
    expect(alder.get_by_role("heading", name="Gamma CERT")).to_be_visible()
    assert SUBSCRIBER[6:] not in alder.content()
    assert_accessible(alder)
    alder.get_by_role("button", name="Send", exact=True).click()
    expect(alder.get_by_text("2 notifications were sent")).to_be_visible()
    assert_accessible(alder)

    # Beta reads its own lines and says that it is not theirs.
    beta_page = open_as(new_context, hub, member_of(beta, TeamRole.REPRESENTATIVE), beta, "second")
    beta_page.goto("/my-day/")
    beta_page.get_by_role("link", name="Notifications that your team has not acknowledged").click()
    beta_page.get_by_role("link", name="compromised").click()
    unlock(beta_page)
    lines = beta_page.locator("[data-text]")
    expect(lines).to_contain_text("Requests for location all night.")
    expect(lines).to_contain_text("999-70")
    assert "999-71" not in lines.inner_text()
    assert_accessible(beta_page)
    beta_page.get_by_text("Not ours", exact=True).click()
    beta_page.get_by_role("button", name="Say that it is not ours").click()
    expect(beta_page.get_by_text("You said that it is not yours. It went on")).to_be_visible()

    # Gamma is silent, so both lie at the desk, each with its reason.
    be_told()
    with clock.frozen(clock.now() + timedelta(days=1, hours=1)):
        climb()
    staff = new_context()
    sign_in_browser(staff, hub, coordinator_of_desk(), coordinator=True)
    desk = staff.new_page()
    desk.goto("/notifications/queue/")
    expect(desk.get_by_text("nobody acknowledged in time")).to_be_visible()
    expect(desk.get_by_text("says that it is not theirs")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("row", name="Gamma").get_by_role("link").click()
    desk.get_by_role("button", name="Take it").click()
    desk.get_by_role("link", name="Close it").click()
    assert_accessible(desk)
    desk.get_by_label("Why").select_option("told-elsewhere")
    desk.get_by_role("button", name="Close it").click()
    expect(desk.get_by_text("Closed. Who sent it is told.")).to_be_visible()

    # Alder reads how it went, and whose is this has learned.
    alder.goto("/notifications/?box=sent&state=all")
    expect(alder.get_by_text("closed by the desk")).to_be_visible()
    alder.goto("/resolve/")
    alder.get_by_label("Whatever you have").fill("999-70")
    alder.get_by_role("button", name="Whose is it?").click()
    expect(alder.get_by_role("cell", name="its team said on")).to_be_visible()
