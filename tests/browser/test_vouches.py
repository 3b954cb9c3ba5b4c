"""Two teams and a path between them, in a real browser: give, look at the path, take back."""

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.membership import ReviewFactory, VouchFactory

from tcert.community.directory.enums import TeamRole
from tcert.community.membership.models import Vouch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def team(hub):
    return TeamFactory(name="Own CERT")


@pytest.fixture
def boss(hub, new_context, team):
    """A page of who speaks for the team."""
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    return context.new_page()


def test_a_representative_vouches_follows_the_path_and_takes_the_word_back(boss, team):
    fjord = TeamFactory(name="Fjord CERT")
    gale = VouchFactory(from_team=fjord, to_team=TeamFactory(name="Gale CERT")).to_team
    boss.goto(f"/directory/teams/{fjord.id}/")
    boss.get_by_role("link", name="Vouch for this team").click()
    boss.get_by_label("worked together").check()
    boss.get_by_label("What your team says").fill("They answered at night.")
    boss.get_by_role("button", name="Vouch").click()
    expect(boss.get_by_text("All members read it.")).to_be_visible()
    boss.goto(f"/directory/teams/{gale.id}/")
    boss.get_by_role("link", name="Path of trust from your team").click()
    picture = boss.get_by_role("img", name="From Own CERT to Gale CERT")
    expect(picture).to_be_visible()
    assert picture.locator("rect").count() == 3
    expect(boss.get_by_role("link", name="Fjord CERT")).to_be_visible()
    boss.get_by_role("link", name="vouches for").first.click()
    boss.get_by_role("link", name="Withdraw").click()
    boss.get_by_label("our confidence was broken").check()
    boss.get_by_label("Name, to confirm").fill("Fjord CERT")
    boss.get_by_role("button", name="Withdraw").click()
    expect(boss.get_by_text("Your word no longer stands.")).to_be_visible()
    assert not Vouch.objects.get(from_team=team).is_standing
    boss.goto(f"/vouches/teams/{gale.id}/path/")
    expect(boss.get_by_text("No path leads there")).to_be_visible()


@pytest.mark.long
def test_each_page_of_it_is_accessible_and_narrow_enough(boss, team):
    goal = TeamFactory(name="The Response Team of a Rather Long Organisation Name")
    for n in range(3):
        middle = VouchFactory(from_team=team, to_team__name=f"Middle Team Number {n}").to_team
        VouchFactory(from_team=middle, to_team=goal)
    vouch = Vouch.objects.filter(from_team=team).first()
    other = TeamFactory()
    for path in (
        "/vouches/",
        f"/vouches/{vouch.id}/",
        f"/vouches/{vouch.id}/renew/",
        f"/vouches/{vouch.id}/withdraw/",
        f"/vouches/teams/{other.id}/give/",
        f"/vouches/teams/{other.id}/path/",
        f"/vouches/teams/{goal.id}/path/",
        f"/directory/teams/{goal.id}/",
    ):
        boss.goto(path)
        assert look(boss, path) == []


@pytest.mark.long
def test_the_coordinators_list_is_accessible_and_takes_a_mark(hub, new_context):
    review = ReviewFactory(team__name="Fallen CERT")
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, coordinator_of_desk(), coordinator=True)
    page = context.new_page()
    page.goto("/vouches/review/")
    assert look(page, "/vouches/review/") == []
    page.get_by_label("What you found, Fallen CERT").select_option("asked")
    page.get_by_role("button", name="Note Fallen CERT").click()
    expect(page.get_by_text("Noted.")).to_be_visible()
    review.refresh_from_db()
    assert review.outcome == "asked"
