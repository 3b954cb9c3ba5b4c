"""One organisation's way from a warning to being excused, in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.participation import active, veteran

from tcert.community.directory.enums import TeamRole
from tcert.community.participation import jobs
from tcert.community.participation.models import Absence
from tcert.foundation.kernel import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


def test_a_representative_is_warned_asks_to_be_excused_and_the_desk_confirms(hub, new_context):
    team = TeamFactory(name="Own CERT", organisation__name="Own Mobile")
    active(team.organisation, days=320)
    veteran(TeamFactory(organisation__name="Fjord Mobile").organisation)
    jobs.look_at_standings()
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    boss = context.new_page()
    boss.goto("/my-day/")
    boss.get_by_role("link", name="ends soon").click()
    expect(boss.get_by_text("Standing ends after")).to_be_visible()
    picture = boss.get_by_role("img", name="Contributions of the last year")
    assert picture.locator("circle").count() == 2
    assert look(boss, "own") == []
    boss.get_by_role("link", name="Ask to be excused").click()
    assert look(boss, "ask") == []
    first = clock.today() + timedelta(days=1)
    boss.get_by_label("From").fill(first.isoformat())
    boss.get_by_label("To").fill((first + timedelta(days=59)).isoformat())
    boss.get_by_label("Why").fill("We move to another building.")
    boss.get_by_role("button", name="Ask").click()
    expect(boss.get_by_text("It counts once a coordinator confirms it.")).to_be_visible()
    boss.goto("/participation/standings/?standing=lapsed")
    expect(boss.get_by_role("link", name="Fjord Mobile")).to_be_visible()
    expect(boss.get_by_role("link", name="Own Mobile", exact=True)).to_have_count(0)
    assert look(boss, "standings") == []

    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, coordinator_of_desk(), coordinator=True)
    desk = context.new_page()
    desk.goto("/participation/absences/")
    desk.get_by_role("link", name="Own Mobile").click()
    assert look(desk, "decide") == []
    desk.get_by_label("confirm: these days").check()
    desk.get_by_role("button", name="Decide").click()
    expect(desk.get_by_text("The organisation is told.")).to_be_visible()
    assert Absence.objects.get().state == "confirmed"
    desk.goto("/participation/report/")
    assert look(desk, "report") == []
