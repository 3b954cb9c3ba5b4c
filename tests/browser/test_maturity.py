"""A team from nothing to a published page along its path, and one judgement with its wheel."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.inventory import EquipmentFactory
from tests.factories.keys import TeamKeyFactory
from tests.factories.maturity import (
    AssessmentFactory,
    MentorRequestFactory,
    answered,
    published,
)

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.establishing import DESCRIPTION, MANDATE
from tcert.community.directory.models import Team, TeamSection
from tcert.community.maturity.models import Answer, Assessment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


def page_of(new_context, hub, person, **options) -> Page:
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, person, **options)
    return context.new_page()


def go_to_step(page: Page, team: Team, step: str, lack: str) -> None:
    """Open the path and follow what a step still lacks."""
    page.goto(f"/establish/teams/{team.id}/")
    page.locator(f"#step-{step}").get_by_role("link", name=lack).first.click()


def state_of(page: Page, team: Team, step: str) -> str:
    page.goto(f"/establish/teams/{team.id}/")
    return page.locator(f"#step-{step} header .state").inner_text()


def write_section(page: Page, text: str) -> None:
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_a_team_from_nothing_to_its_published_page(hub, new_context):
    """What a browser need not show again (keys, equipment, texts alike) is entered beside it."""
    house = OrganisationFactory(name="Fjord Mobile", website="https://fjord.example")
    DeskFactory()
    desk = page_of(new_context, hub, coordinator_of_desk(), coordinator=True)
    desk.goto("/establish/organisations/")
    assert look(desk, "/establish/organisations/") == []
    desk.get_by_role("link", name="Enter a team Fjord Mobile").click()
    desk.get_by_label("Name", exact=True).fill("Fjord CERT")
    desk.get_by_label("Kind").select_option("cert")
    desk.locator("main form button[type=submit]").last.click()
    expect(desk.get_by_role("heading", level=1, name="Fjord CERT")).to_be_visible()
    team = Team.objects.get(organisation=house)

    boss = page_of(new_context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    boss.goto("/my-day/")
    boss.get_by_role("link", name="Establish Fjord CERT: Sponsor and mandate").click()
    assert look(boss, "path") == []
    boss.get_by_role("link", name="Add: section 3.1").click()
    write_section(boss, "We repair what attacks the network.")
    assert state_of(boss, team, "mandate") == "begun"
    for section in MANDATE[1:] + DESCRIPTION:
        TeamSection.objects.create(team=team, section=section, language="en", text="Ours.")
    assert state_of(boss, team, "mandate") == "done"
    go_to_step(boss, team, "constituency", "section 3.2")
    write_section(boss, "All networks of Fjord Mobile.")
    TeamMembershipFactory(team=team, role=TeamRole.DUTY_OFFICER)
    go_to_step(boss, team, "people", "the hours")
    boss.get_by_label("Round the clock").check()
    boss.get_by_role("button", name="Save").click()
    expect(boss.get_by_role("heading", level=1, name="Fjord CERT")).to_be_visible()
    assert state_of(boss, team, "people") == "done"
    for purpose, kind, value, is_public in (
        ("main", "email", "cert@fjord.example", True),
        ("24/7", "phone", "+358 9 000 000", False),
    ):
        lack = "a main e-mail" if kind == "email" else "a telephone"
        go_to_step(boss, team, "channels", lack)
        boss.get_by_label("Kind").select_option(kind)
        boss.get_by_label("Purpose").select_option(purpose)
        boss.get_by_label("Address or number").fill(value)
        if is_public:
            boss.get_by_label("Strangers may see it").check()
        boss.get_by_role("button", name="Save").click()
        expect(boss.get_by_text(value).first).to_be_visible()
    assert state_of(boss, team, "channels") == "done"
    TeamKeyFactory(team=team)
    EquipmentFactory(organisation=house)
    for step in ("key", "rfc2350", "security-txt", "equipment"):
        assert state_of(boss, team, step) == "done"
    go_to_step(boss, team, "published", "who leads the team confirms its page")
    boss.get_by_role("button", name="Confirm without change").click()
    assert state_of(boss, team, "published") == "done"
    stranger = new_context(viewport=WIDE).new_page()
    stranger.goto(f"/directory/teams/{team.id}/")
    expect(stranger.get_by_text("cert@fjord.example")).to_be_visible()
    expect(stranger.get_by_text("+358 9 000 000")).not_to_be_visible()


def test_a_team_judges_itself_and_looks_at_its_wheel(hub, new_context):
    team = TeamFactory(name="Fjord CERT")
    published(AssessmentFactory(team=team), level=1, days=400)
    boss = page_of(new_context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    boss.goto(f"/maturity/teams/{team.id}/")
    boss.get_by_label("Target").select_option("intermediate")
    boss.get_by_role("button", name="Begin a draft").click()
    draft = Assessment.objects.get(published_at=None)
    Answer.objects.filter(assessment=draft, parameter__in=["O-1", "O-2"]).delete()
    boss.reload()
    boss.get_by_role("link", name="Go on with O-1").click()
    assert look(boss, "parameter") == []
    boss.get_by_label("4 looked after from above").check()
    boss.get_by_label("What shows it").fill("The board looks at it each year.")
    boss.get_by_label("Where it stands").fill("https://intranet.example/mandate")
    boss.get_by_role("button", name="Save, and go on").click()
    expect(boss.get_by_role("heading", level=1, name="O-2")).to_be_visible()
    boss.get_by_label("3 made binding").check()
    boss.get_by_role("button", name="Save", exact=True).click()
    boss.get_by_role("link", name="Publish to the record").click()
    assert look(boss, "publish") == []
    boss.get_by_label("Name, to confirm").fill("Fjord CERT")
    boss.get_by_role("button", name="Publish").click()
    expect(boss.get_by_text("record now.")).to_be_visible()
    wheel = boss.get_by_role("img", name="SIM3 wheel of Fjord CERT against intermediate")
    expect(wheel).to_be_visible()
    assert wheel.locator("path.filled").count() == 45
    assert wheel.locator("path.target").count() == 45
    expect(boss.get_by_text("2 levels changed")).to_be_visible()
    assert look(boss, "assessment") == []
    boss.set_viewport_size({"width": 360, "height": 800})
    assert wheel.bounding_box()["width"] > 240, "the wheel stays legible on a phone"
    assert boss.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.long
def test_the_other_pages_are_accessible_and_narrow_enough(hub, new_context):
    team = TeamFactory(name="The Response Team of a Rather Long Organisation Name")
    draft = answered(AssessmentFactory(team=team), level=1)
    waiting = MentorRequestFactory()
    agreed = MentorRequestFactory(team=team, mentor=TeamFactory())
    boss = page_of(new_context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    for path in (
        "/establish/",
        f"/maturity/teams/{team.id}/",
        f"/maturity/{draft.id}/",
        f"/maturity/{draft.id}/discard/",
        "/mentors/",
        f"/mentors/teams/{team.id}/ask/",
        f"/mentors/{waiting.id}/",
        f"/mentors/{agreed.id}/",
        f"/mentors/{agreed.id}/withdraw/",
    ):
        boss.goto(path)
        assert look(boss, path) == []
