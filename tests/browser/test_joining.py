"""Joining, in real browsers: an applicant, two sponsors, an objector and the desk."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.accounts import PersonFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.joining import founded

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Organisation
from tcert.community.joining.domain import listing
from tcert.community.joining.models import Application
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.mail import Mail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def opened(hub, new_context):
    """Return what opens a page of a person who is signed in, or of a stranger."""

    def open_as(person=None, **options: bool) -> Page:
        context = new_context(viewport=WIDE)
        if person is not None:
            sign_in_browser(context, hub, person, **options)
        return context.new_page()

    return open_as


def mailed(pattern: str) -> str:
    """Return what the last mail says that fits."""
    texts = [bytes(m.entity).decode() for m in Mail.objects.filter(entity__isnull=False)]
    plain = [text.replace("=\n", "").replace("=3D", "=") for text in texts]
    return next(found[0] for text in reversed(plain) if (found := re.search(pattern, text)))


def fill_in(page: Page) -> None:
    page.get_by_role("link", name="Fill it in").click()
    page.get_by_label("Name", exact=True).fill("Fjord Networks")
    page.get_by_label("Country").fill("XD")
    page.locator("#id_team_name").fill("Fjord CERT")
    page.get_by_label("What the team does").fill("We answer for a network of our own.")
    page.get_by_label("Team's mail").fill("cert@fjord.example")
    page.get_by_label("Telephone, at any hour").fill("+999 0000 0009")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Mail the code").click()
    expect(page.get_by_text("A code is on its way.")).to_be_visible()
    page.get_by_label("Code").fill(mailed(r"\b\d{8}\b"))
    page.get_by_role("button", name="Prove").click()
    expect(page.get_by_text("The address is proved.")).to_be_visible()


def name_teams(page: Page, *names: str) -> None:
    page.get_by_role("link", name="Name teams").first.click()
    for name in names:
        page.get_by_label("Name of a team").fill(name)
        page.get_by_role("button", name="Look").click()
        page.get_by_role("button", name=f"Name this team {name}").click()
        expect(page.get_by_text("is asked to vouch once the desk")).to_be_visible()
    page.get_by_role("link", name="Done").click()


def vouch(page: Page) -> None:
    page.goto("/my-day/")
    page.get_by_role("link", name="Vouch for Fjord Networks").click()
    page.get_by_label("worked together").check()
    page.get_by_label("What your team says").fill("They answered at night.")
    page.get_by_role("button", name="Vouch").click()
    expect(page.get_by_text("Your team vouches for them now.")).to_be_visible()


def test_an_applicant_is_vouched_for_objected_to_and_listed(opened):
    founded()
    leader = {
        name: member_of(TeamFactory(name=name), TeamRole.REPRESENTATIVE)
        for name in ("Gale CERT", "Hail CERT", "Ibis CERT")
    }
    nora = PersonFactory(email="nora@fjord.example", name="Nora")
    page = opened(nora)
    page.goto("/join/")
    page.get_by_role("link", name="Your applications").click()
    page.get_by_role("button", name="Begin").click()
    fill_in(page)
    name_teams(page, "Gale CERT", "Hail CERT")
    page.get_by_role("button", name="Send it in").click()
    expect(page.get_by_text("It is the desk’s turn.")).to_be_visible()
    assert look(page, "/join/mine/_/") == []

    desk = opened(coordinator_of_desk(), coordinator=True)
    desk.goto("/join/queue/")
    desk.get_by_role("link", name="Fjord Networks").click()
    desk.get_by_role("button", name="Looked at: go on").click()
    for name in ("Gale CERT", "Hail CERT"):
        vouch(opened(leader[name]))
    desk.reload()
    desk.get_by_role("button", name="Begin the 21 days").click()
    expect(desk.get_by_text("Members may object for 21 days.")).to_be_visible()

    objector = opened(leader["Ibis CERT"])
    objector.goto("/join/applicants/")
    objector.get_by_role("link", name="Fjord Networks").click()
    objector.get_by_role("link", name="Object").click()
    objector.get_by_label("Why").fill("Their number answered nobody.")
    objector.get_by_role("button", name="Send to the desk").click()
    expect(objector.get_by_text("Nothing yet.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Members may object, in confidence.")).to_be_visible()
    expect(page.get_by_text("Their number")).to_have_count(0)

    desk.reload()
    assert look(desk, "/join/queue/_/") == []
    desk.get_by_role("link", name="Decide Ibis CERT").click()
    desk.get_by_label("dismiss it").check()
    desk.get_by_label("Reason").fill("We called at night, twice.")
    desk.get_by_role("button", name="Decide").click()
    expect(desk.get_by_text("Decided. The team that objected reads why.")).to_be_visible()
    objector.reload()
    expect(objector.get_by_text("We called at night, twice.")).to_be_visible()

    assert not Organisation.objects.filter(name="Fjord Networks").exists()
    with clock.frozen(clock.now() + timedelta(days=21, minutes=1)):
        listing.advance(Application.objects.get().id)
    page.reload()
    expect(page.get_by_text("You are listed.", exact=True)).to_be_visible()
    page.get_by_role("link", name="Your team’s page").click()
    expect(page.get_by_role("heading", name="Fjord CERT", level=1)).to_be_visible()


def test_a_stranger_comes_from_the_door_by_mail_to_an_account(opened):
    page = opened()
    page.goto("/join/")
    assert look(page, "/join/") == []
    page.get_by_label("Your e-mail address").fill("nora@fjord.example")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto("/account/start/")
    page.locator("input[name=code]").fill(mailed(r"http\S+#[\w-]+"))
    page.locator("form button[type=submit]").first.click()
    page.get_by_label("Name").fill("Nora")
    page.get_by_label("Passphrase", exact=True).fill("granite otter waltz 91")
    page.locator("input[name=again]").fill("granite otter waltz 91")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("One more step.")).to_be_visible()
    assert Application.objects.get().applicant.email == "nora@fjord.example"
