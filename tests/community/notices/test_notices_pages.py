"""The page on which a team sees and chooses how it is told."""

import pytest
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.notices import HookFactory, NoticeFactory, SmsFactory
from tests.principals import sign_in

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Channel
from tcert.community.notices.domain import telling
from tcert.community.notices.enums import HookState, Pace, Told
from tcert.community.notices.models import Hook, Page, Preference
from tcert.foundation.kernel.installation import inspect
from tcert.foundation.kernel.jobs import Job
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db

WEBHOOK = {
    "name": "duty",
    "url": "https://hooks.example/s3cr3t",
    "occasions": ["invitation", "message"],
    "quiet_from": "",
    "quiet_until": "",
}
PHONE = {
    **WEBHOOK,
    "number": "+358 40 123 4567",
    "body_form": "json",
    "number_field": "to",
    "text_field": "text",
    "secret": "Bearer s3cr3t",
}


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def leader(client, team):
    sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
    return client


def at(team, tail=""):
    return f"/notices/teams/{team.id}/{tail}"


def test_the_page_of_a_team_leads_there_for_its_own_people(leader, team):
    assert at(team) in leader.get(f"/directory/teams/{team.id}/").content.decode()
    other = TeamFactory()
    assert at(other) not in leader.get(f"/directory/teams/{other.id}/").content.decode()


def test_a_webhook_is_entered_and_its_secret_shown_once(leader, team):
    made = leader.post(at(team, "webhooks/new/"), WEBHOOK)
    hook = Hook.objects.get()
    assert made.status_code == 200
    assert hook.secret in made.content.decode()
    assert len(hook.secret) == 43
    shown = leader.get(at(team)).content.decode()
    assert "hooks.example" in shown
    assert hook.secret not in shown
    assert "s3cr3t" not in shown
    record = AuditRecord.objects.get(act="notices:hook:add")
    assert "s3cr3t" not in str(record.data)


def test_a_phone_is_entered_and_its_secrets_never_shown_again(leader, team):
    assert leader.post(at(team, "sms/new/"), PHONE).status_code == 302
    hook = Hook.objects.get()
    assert (hook.number, hook.secret, hook.body_form) == ("+358401234567", "Bearer s3cr3t", "json")
    shown = leader.get(at(team)).content.decode()
    assert not [secret for secret in ("s3cr3t", "401234567") if secret in shown]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/",
        "https://10.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://hooks.example:8443/",
        "https://user:pass@hooks.example/",
        "ftp://hooks.example/",
        "hooks.example",
        "https://hooks.example/\r\nHost: x",
    ],
)
def test_an_address_that_no_page_would_go_to_is_refused_at_once(leader, team, url):
    answer = leader.post(at(team, "webhooks/new/"), {**WEBHOOK, "url": url})
    assert answer.status_code == 400
    assert not Hook.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "0401234567"},
        {"number": "+35840\r\n1234567"},
        {"number_field": "to&x"},
        {"text_field": "to"},
        {"secret": "Bearer a\r\nX-Other: b"},
        {"secret": "Bearer ä"},
        {"occasions": ["everything"]},
        {"occasions": []},
        {"quiet_from": "22", "quiet_until": ""},
        {"quiet_from": "7", "quiet_until": "7"},
        {"quiet_from": "24", "quiet_until": "6"},
        {"name": "a\nb"},
    ],
)
def test_what_cannot_be_sent_is_refused_at_once(leader, team, wrong):
    answer = leader.post(at(team, "sms/new/"), {**PHONE, **wrong})
    assert answer.status_code == 400
    assert not Hook.objects.exists()


def test_a_name_counts_once_and_ten_hooks_are_enough(leader, team):
    HookFactory(team=team, name="duty")
    assert leader.post(at(team, "webhooks/new/"), WEBHOOK).status_code == 409
    for _number in range(9):
        HookFactory(team=team)
    refused = leader.post(at(team, "webhooks/new/"), {**WEBHOOK, "name": "another"})
    assert refused.status_code == 400
    assert Hook.objects.count() == 10


def test_a_hook_is_tested_resumed_and_removed_by_its_name(leader, team):
    hook = SmsFactory(team=team, name="duty phone")
    address = at(team, f"hooks/{hook.id}/")
    leader.post(address + "test/")
    page = Page.objects.get()
    assert (page.notice_id, page.urgency) == (None, "test")
    assert Job.objects.filter(name="notices:page").count() == 1

    Hook.objects.update(state=HookState.DISABLED, failures=8, last_error="status-410")
    shown = leader.get(at(team)).content.decode()
    assert "switched off, because it failed" in shown
    assert "status-410" in shown
    leader.post(address + "test/")
    assert Page.objects.count() == 1
    leader.post(address + "resume/")
    hook.refresh_from_db()
    assert (hook.state, hook.failures) == (HookState.ACTIVE, 0)

    assert leader.get(address + "remove/").status_code == 200
    assert leader.post(address + "remove/", {"confirm_name": "other"}).status_code == 400
    assert Hook.objects.exists()
    assert leader.post(address + "remove/", {"confirm_name": "duty phone"}).status_code == 302
    assert not Hook.objects.exists()
    acts = set(AuditRecord.objects.values_list("act", flat=True))
    assert acts >= {"notices:hook:test", "notices:hook:resume", "notices:hook:remove"}


def test_the_hub_does_not_knock_at_a_door_all_day(leader, team):
    hook = HookFactory(team=team)
    for _time in range(22):
        leader.post(at(team, f"hooks/{hook.id}/test/"))
    assert Page.objects.count() == 20
    assert "too often" in leader.get(at(team)).content.decode()


def test_who_does_not_lead_the_team_looks_and_changes_nothing(client, team):
    hook = HookFactory(team=team)
    sign_in(client, member_of(team))
    assert client.get(at(team)).status_code == 200
    for tail in ("webhooks/new/", "sms/new/", f"hooks/{hook.id}/remove/"):
        assert client.get(at(team, tail)).status_code == 403
    for tail in ("pace/", f"hooks/{hook.id}/test/", f"hooks/{hook.id}/resume/"):
        assert client.post(at(team, tail)).status_code == 403
    assert not Page.objects.exists()


def test_nobody_else_learns_how_a_team_is_told_not_even_a_coordinator(client, team):
    hook = HookFactory(team=team)
    for person, coordinator in (
        (member_of(TeamFactory(), TeamRole.REPRESENTATIVE), False),
        (coordinator_of_desk(), True),
    ):
        sign_in(client, person, coordinator=coordinator)
        assert client.get(at(team)).status_code == 404
        assert client.get(at(team, f"hooks/{hook.id}/remove/")).status_code == 403
        assert client.post(at(team, f"hooks/{hook.id}/test/")).status_code == 403


def test_a_hook_of_another_team_is_not_found_under_ones_own(leader, team):
    other = HookFactory()
    assert leader.get(at(team, f"hooks/{other.id}/remove/")).status_code == 404


def test_a_team_chooses_its_pace(leader, team):
    leader.post(at(team, "pace/"), {"pace": "digest"})
    assert Preference.objects.get().pace == Pace.DIGEST
    leader.post(at(team, "pace/"), {"pace": "never"})
    assert Preference.objects.get().pace == Pace.DIGEST


@pytest.mark.parametrize("clear", [True, False])
def test_a_team_without_a_key_reads_why_nothing_was_sent(leader, team, settings, clear):
    """TCERT_MAIL_CLEAR_TEXT=0: nothing leaves, and the team and `tcert check` say so."""
    settings.MAIL_CLEAR_TEXT = clear
    Channel.objects.create(team=team, kind="email", purpose="main", value="cert@team.example")
    told = telling.notify_team(team.id, subject="Case Quiet Harbour", text="A message.")
    assert told is (Told.NEUTRAL if clear else Told.NO_KEY)
    assert Job.objects.filter(name="kernel:send-mail").count() == int(clear)
    shown = leader.get(at(team)).content.decode()
    for said in ("is not mailed, because", "nothing was mailed, because"):  # now, and then
        assert (f"{said} the team has no key" in shown) is not clear
    levels = {found.level for found in inspect(["notices"])}
    assert ("warning" in levels) is not clear


def test_the_page_asks_the_database_as_often_for_many_as_for_one(
    leader, team, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    HookFactory(team=team)
    NoticeFactory(team=team)
    leader.get(at(team))
    with CaptureQueriesContext(
        connection,
    ) as once:
        leader.get(at(team))
    for _number in range(2):
        HookFactory(team=team)
        NoticeFactory(team=team)
    with django_assert_num_queries(len(once)):
        leader.get(at(team))
