"""A party that the hub does not know, in real browsers: from the desk's mail to its answer."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.axe import assert_accessible
from tests.browser.steps import accept_terms, hand_over, open_as, remember, unlock, write
from tests.browser.test_case import as_party
from tests.browser.test_sign_in import code_of
from tests.browser.vaults import confirm_kit, create_vault
from tests.factories.case_parties import make_report
from tests.factories.directory import DeskFactory, coordinator_of_desk
from tests.factories.keys import active_key_of
from tests.factories.parties import ADDRESS, CONTACT, mailed_token
from tests.principals import principal_of

from tcert.community.accounts.domain.links import link_address
from tcert.community.directory.models import Team, TeamKey
from tcert.foundation.kernel import clock, jobs
from tcert.response.cases.domain import triage
from tcert.response.cases.enums import (
    Consent,
    EmbargoState,
    ManagementAct,
    Presence,
    ThreadPurpose,
)
from tcert.response.cases.models import Case, Embargo, Participant
from tcert.response.cases.protocol import default_end

FACTS = "The UDM answers anyone who asks."
SIGN_IN = "copper ladder 7 mist"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def look(page: Page) -> None:
    """Hold a page that the walk over the demonstration cannot reach to what every page is."""
    expect(page.locator("footer").last).to_be_visible()
    assert_accessible(page)
    wide = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate(OVERFLOW) <= 0, page.url
    page.set_viewport_size(wide)


@pytest.fixture
def desk() -> Team:
    team = DeskFactory()
    active_key_of(team, "first")
    return team


def a_case_under_embargo(desk: Team) -> Case:
    """A report that the desk has accepted, with an embargo that the desk signed."""
    case, _stranger = make_report(as_party(desk, "first"), facts=FACTS)
    by = principal_of(coordinator_of_desk(), coordinator=True)
    for act in (ManagementAct.VALIDATE, ManagementAct.ACCEPT):
        triage.judge(principal=by, case=case, revision=None, act=act)
    triage.settle_exclusions(principal=by, case=case, revision=None)
    Embargo.objects.filter(case=case).update(
        state=EmbargoState.ACTIVE, ends_at=default_end(clock.now())
    )
    case.participants.filter(team=desk).update(consent=Consent.SIGNATORY)
    return Case.objects.get(pk=case.pk)


def ask_out(page: Page, case: Case) -> None:
    page.goto(f"/cases/{case.id}/involve/")
    page.get_by_role("link", name="Invite a party that the hub does not know").click()
    page.get_by_label("Organisation").fill("Corevale")
    page.get_by_label("Kind").select_option("vendor")
    page.get_by_label("vendor", exact=True).check()
    page.get_by_label("Mail addresses").fill(ADDRESS)
    page.get_by_label("Published in").select_option("security.txt")
    page.get_by_label("Where exactly").fill(CONTACT)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Nothing has been sent yet")).to_be_visible()
    expect(page.get_by_text(ADDRESS)).to_be_visible()
    look(page)
    page.get_by_role("button", name="Send the mail").click()
    expect(page.get_by_text("sent, not opened")).to_be_visible()


def come_in(page: Page, hub: str, token: str) -> None:
    """Open the link, make the account and its second factor."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url + str(request.headers)))
    page.goto(link_address(token).replace("http://localhost:8000", hub))
    expect(page.get_by_role("heading", level=1)).to_have_text("Make your account")
    assert not [entry for entry in seen if token in entry]
    look(page)
    page.get_by_label("Your name").fill("Kim Vale")
    page.get_by_label("Passphrase", exact=True).fill(SIGN_IN)
    page.get_by_label("Passphrase, again").fill(SIGN_IN)
    page.get_by_role("button", name="Make the account").click()
    page.get_by_role("link", name="Set up an authenticator app").click()
    page.get_by_text("Type the secret instead").click()
    secret = page.locator("code.fp").first.inner_text()
    page.get_by_label("Code that the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("#recovery_codes li")).to_have_count(10)


def bring_key(page: Page) -> str:
    """Make vault and key in the browser; return the fingerprint as the invitee reads it aloud."""
    create_vault(page)
    page.goto("/my-day/")
    page.get_by_role("link", name="Go on with your invitation").click()
    page.get_by_role("link", name="Make a key in the browser").click()
    page.get_by_role("button", name="Make the key").click()
    confirm_kit(page)
    page.get_by_role("button", name="store the key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Keys of"))
    page.goto("/invited/steps/")
    read_aloud = page.locator("code.fp, .fp").first
    expect(read_aloud).to_have_text(re.compile("[0-9A-F]{4}"))
    look(page)
    return read_aloud.inner_text()


def confirm(page: Page, heard: str) -> None:
    page.goto("/my-day/")
    page.get_by_role("link", name="Confirm the key of Corevale").click()
    expect(page.get_by_text(CONTACT)).to_be_visible()
    assert heard not in page.content()
    look(page)
    page.get_by_label("How", exact=True).select_option("phone")
    page.get_by_label("Which published contact").fill("switchboard, from /contact")
    page.get_by_label("Fingerprint").fill(heard)
    page.get_by_role("button", name="Confirm the key and put the terms").click()
    expect(page.get_by_text("terms put, no answer yet")).to_be_visible()


def test_a_party_from_outside_comes_in_reads_and_answers(new_context, hub, desk):
    case = a_case_under_embargo(desk)
    page = open_as(new_context, hub, coordinator_of_desk(), desk, "first", coordinator=True)
    ask_out(page, case)

    stranger = new_context().new_page()
    come_in(stranger, hub, mailed_token())
    heard = bring_key(stranger)
    assert stranger.goto(f"/cases/{case.id}/").status == 404

    confirm(page, heard)
    key = TeamKey.objects.get(team__name="Corevale")
    assert key.confirmed_contact == "switchboard, from /contact"
    assert not Participant.objects.filter(team=key.team, presence=Presence.TAKING_PART).exists()

    # The embargo is put to them before they see anything; then all goes the ordinary way.
    stranger.goto("/invited/steps/")
    stranger.get_by_role("link", name="Read the terms").click()
    expect(stranger.get_by_text("Nothing of this is made public")).to_be_visible()
    assert FACTS not in stranger.content()
    accept_terms(stranger)
    jobs.run_due()
    link = case.threads.get(purpose=ThreadPurpose.DESK, participant__team=key.team)
    page.goto(f"/cases/{case.id}/?thread={link.id}")
    unlock(page)
    write(page, "Please look at this.", new_keys=True)
    hand_over(page, "answers anyone", "As received")

    stranger.goto(f"/cases/{case.id}/")
    carried = stranger.locator(".msg").last
    expect(carried.locator("blockquote")).to_contain_text("answers anyone")
    expect(carried.locator("[data-alarm]")).to_be_hidden()
    stranger.get_by_label("Message", exact=True).fill("We reproduced it.")
    stranger.get_by_role("button", name="Seal and send").click()
    remember(stranger)
    expect(stranger.locator(".msg.mine [data-text]").last).to_contain_text("We reproduced it.")
    page.goto(f"/cases/{case.id}/?thread={link.id}")
    expect(page.locator(".msg").last).to_contain_text("We reproduced it.")
    expect(page.locator("#parties")).to_contain_text("provisional")
