"""How a team is told, in a real browser: every page of it, and the duty phone's without scripts."""

import pytest
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import TeamFactory, member_of
from tests.factories.notices import HookFactory, NoticeFactory

from tcert.community.directory.enums import TeamRole
from tcert.community.notices.domain import paging
from tcert.community.notices.enums import Urgency
from tcert.community.notices.models import Hook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


def test_a_representative_adds_a_webhook_keeps_its_secret_and_removes_it(hub, new_context):
    team = TeamFactory()
    context = new_context()
    sign_in_browser(context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    page = context.new_page()
    page.goto(f"/directory/teams/{team.id}/")
    page.get_by_role("link", name="How the team is told").click()
    page.get_by_role("link", name="Add a webhook").click()
    page.get_by_label("Name").fill("duty desk")
    page.get_by_label("Address").fill("https://hooks.example/path")
    page.get_by_label("an invitation").check()
    page.get_by_role("button", name="Add").click()
    secret = Hook.objects.get().secret
    assert page.locator("code").first.inner_text() == secret
    page.get_by_role("link", name="I have kept it").click()
    assert secret not in page.content()
    page.get_by_role("link", name="Remove duty desk").click()
    page.get_by_label("Name, to confirm").fill("duty desk")
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("Removed").wait_for()
    assert not Hook.objects.exists()


@pytest.mark.long
def test_each_page_of_it_is_accessible_and_narrow_enough(hub, new_context):
    team = TeamFactory()
    hook = HookFactory(team=team, last_error="status-503")
    HookFactory(team=team, state="disabled", last_error="certificate", quiet_from=22, quiet_until=6)
    notice = NoticeFactory(team=team)
    made = paging.make(hook=hook, notice=notice, urgency=Urgency.NORMAL)
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    own = f"/notices/teams/{team.id}/"
    tails = ("", "webhooks/new/", "sms/new/", f"hooks/{hook.id}/remove/")
    paths = [own + tail for tail in tails]
    page = context.new_page()
    for path in [*paths, f"/notices/{notice.id}/", f"/seen/{made.token}/"]:
        page.goto(path)
        assert look(page, path) == []


def test_the_duty_phone_says_seen_without_scripts_and_without_signing_in(hub, new_context):
    notice = NoticeFactory()
    made = paging.make(hook=HookFactory(team=notice.team), notice=notice, urgency=Urgency.URGENT)
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"/seen/{made.token}/")
    notice.refresh_from_db()
    assert notice.acknowledged_at is None
    page.get_by_role("button", name="Yes, seen by the team").click()
    page.get_by_text("Seen by the team:").wait_for()
    notice.refresh_from_db()
    assert notice.acknowledged_at is not None
