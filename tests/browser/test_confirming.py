"""The confirmation of a team's entry in a real browser: asked for, held against change, given."""

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import TeamFactory, member_of

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import CONFIRM_WITHIN, Team
from tcert.foundation.kernel import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]

ASKED = "Confirm what the directory says of Fjord CERT"


def test_a_leader_is_asked_sees_a_change_in_time_and_confirms(hub, new_context):
    """A page that was left open confirms nothing that its reader has not seen."""
    team = TeamFactory(name="Fjord CERT", description="We answer at night.", timezone="UTC")
    Team.objects.filter(pk=team.pk).update(created_at=clock.now() - 2 * CONFIRM_WITHIN)
    first = member_of(team, TeamRole.REPRESENTATIVE, name="Ada Moss")
    second = member_of(team, TeamRole.REPRESENTATIVE, name="Ben Rook")
    pages = []
    for person in (first, second):
        context = new_context(viewport=WIDE)
        sign_in_browser(context, hub, person)
        pages.append(context.new_page())
    ada, ben = pages

    ada.goto("/my-day/")
    ada.get_by_role("link", name=ASKED).click()
    expect(ada.get_by_text("Due since")).to_be_visible()
    assert look(ada, "due") == []

    ben.goto(f"/directory/teams/{team.id}/edit/")
    ben.get_by_label("About the team").fill("We answer on weekdays.")
    ben.get_by_role("button", name="Save").click()
    expect(ben.get_by_role("main").get_by_text("We answer on weekdays.")).to_be_visible()

    ada.get_by_role("button", name="Confirm without change").click()
    expect(ada.get_by_text("We answer on weekdays.")).to_be_visible()
    assert Team.objects.get(pk=team.pk).confirmed_at is None

    ada.get_by_role("button", name="Confirm without change").click()
    expect(ada.get_by_text("Confirmed. Thank you.")).to_be_visible()
    expect(ada.get_by_text("Asked for again on")).to_be_visible()
    assert look(ada, "confirmed") == []
    assert Team.objects.get(pk=team.pk).confirmed_by == first.id
    for page in pages:
        page.goto("/my-day/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("link", name=ASKED)).to_have_count(0)
