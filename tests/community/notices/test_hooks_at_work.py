"""Pages as they really leave: over TLS to a real server on loopback, signed, neutral, retried."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from django.core import mail
from tests.factories.notices import HookFactory, SmsFactory
from tests.web_server import Authority, answer, local_fetcher, web_server

from tcert.community.directory.models import Channel
from tcert.community.notices import pages
from tcert.community.notices.domain import telling
from tcert.community.notices.enums import HookState, Occasion, Urgency
from tcert.community.notices.models import Hook, Notice, Page
from tcert.foundation.kernel import clock, fetcher, jobs
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.kernel.records import AuditRecord

MOMENT = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)
CASE = uuid4()
CONFIDENTIAL = ("Quiet Harbour", "invited to the case", str(CASE), "TCERT-2026-0042")


@pytest.fixture(scope="module")
def authority():
    return Authority.make()


@pytest.fixture
def gateway(authority, tmp_path, settings):
    settings.BASE_URL = "https://hub.example"
    context = authority.server_context(tmp_path, "hooks.example")
    with (
        web_server(answer("204 No Content"), context) as server,
        fetcher.replaced(local_fetcher(trust=authority.trust)),
        clock.frozen(MOMENT),
    ):
        server.url = f"https://hooks.example:{server.port}/s3cr3t-path"
        yield server


def tell(team, **how):
    settings = {"occasion": Occasion.INVITATION, "urgent": True, "about": CASE, **how}
    return telling.notify_team(
        team.id,
        subject="Case Quiet Harbour TCERT-2026-0042",
        text="You are invited to the case.",
        **settings,
    )


def test_quiet_hours_follow_the_teams_zone_and_end_by_themselves():
    def quiet(hour, start, end, zone="UTC"):
        now = MOMENT.replace(hour=hour, minute=30)
        found = pages.quiet_until(now, zone, start, end)
        return found and found.strftime("%d %H:%M")

    assert quiet(12, None, None) is None
    assert quiet(12, 9, 17) == "23 17:00"
    assert quiet(17, 9, 17) is None
    assert quiet(8, 9, 17) is None
    assert quiet(23, 22, 6) == "24 06:00"
    assert quiet(5, 22, 6) == "23 06:00"
    assert quiet(6, 22, 6) is None
    assert quiet(20, 22, 6, "Europe/Helsinki") == "24 04:00"  # 22:30 there
    assert quiet(19, 22, 6, "Europe/Helsinki") is None
    assert quiet(3, 3, 3) is None


def test_quiet_hours_hold_over_the_change_of_the_clock():
    """Helsinki leaves summer time on 25 October 2026 at 04:00: that night is an hour longer."""
    before = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    until = pages.quiet_until(before, "Europe/Helsinki", 22, 6)
    assert until == datetime(2026, 10, 25, 4, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_webhook_is_told_a_fixed_signed_json_and_nothing_of_a_case(gateway):
    hook = HookFactory(url=gateway.url)
    tell(hook.team)
    assert gateway.asked == []  # in the act's transaction nothing waits for a network
    jobs.run_due()

    (asked,) = gateway.asked
    notice, page = Notice.objects.get(), Page.objects.get()
    said = json.loads(asked.body)
    link = said.pop("acknowledge")
    assert said == {
        "hub": "hub.example",
        "urgency": "urgent",
        "notice": str(notice.id),
        "hour": "2026-11-23T12:00Z",
    }
    assert link.startswith("https://hub.example/seen/")
    assert asked.line == "POST /s3cr3t-path HTTP/1.1"
    stamp = asked.headers["x-tcert-timestamp"]
    assert stamp == str(int(MOMENT.timestamp()))
    proof = hmac.new(b"s3cr3t-of-the-hook", f"{stamp}.".encode() + asked.body, hashlib.sha256)
    assert asked.headers["x-tcert-signature"] == f"sha256={proof.hexdigest()}"
    whole = asked.line + str(asked.headers) + asked.body.decode()
    assert not [word for word in (*CONFIDENTIAL, hook.team.name) if word in whole]
    assert (page.sent_at, page.token) == (MOMENT, None)


@pytest.mark.django_db
def test_the_test_of_neutrality_would_find_a_leak(gateway):
    hook = HookFactory(url=gateway.url, secret="x")
    body = pages.webhook_body(
        hub="Quiet Harbour", urgency=Urgency.URGENT, notice=hook.id, at=MOMENT, acknowledge=""
    )
    assert [word for word in CONFIDENTIAL if word in body.decode()] == ["Quiet Harbour"]


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["form", "json"])
def test_a_phone_gets_the_same_words_whatever_happened(gateway, form):
    phone = SmsFactory(url=gateway.url, body_form=form)
    for occasion in (Occasion.INVITATION, Occasion.MESSAGE):
        tell(phone.team, occasion=occasion)
    jobs.run_due()

    texts = set()
    for asked in gateway.asked:
        read = json.loads if form == "json" else lambda body: dict(parse_qsl(body.decode()))
        fields = read(asked.body)
        assert set(fields) == {"to", "text"}
        assert fields["to"] == "+358401234567"
        assert asked.headers["authorization"] == "Bearer s3cr3t-token"
        texts.add(fields["text"].rpartition("/seen/")[0])
    assert texts == {"hub.example: there is something for your team. Seen? https://hub.example"}


@pytest.mark.django_db
def test_a_hook_pages_for_what_it_was_asked_for_and_for_its_own_team(gateway):
    hook = HookFactory(url=gateway.url, occasions=["message"])
    HookFactory(url=gateway.url)  # another team's
    tell(hook.team, occasion=Occasion.INVITATION)
    tell(hook.team, occasion=Occasion.OTHER)
    jobs.run_due()
    assert gateway.asked == []
    tell(hook.team, occasion=Occasion.MESSAGE, urgent=False)
    jobs.run_due()
    assert [json.loads(asked.body)["urgency"] for asked in gateway.asked] == ["normal"]


@pytest.mark.django_db
def test_the_same_notice_pages_once(gateway):
    hook = HookFactory(url=gateway.url)
    for _time in range(2):
        tell(hook.team, key="cases:1")
        jobs.run_due()
    assert len(gateway.asked) == 1
    assert Notice.objects.count() == 1


@pytest.mark.django_db
def test_a_gateway_that_is_down_gets_the_same_page_later(gateway):
    hook = HookFactory(url=gateway.url)
    gateway.says = answer("503 Later")
    tell(hook.team)
    jobs.run_due()
    hook.refresh_from_db()
    assert (hook.failures, hook.last_error, hook.is_active) == (1, "status-503", True)
    assert Job.objects.get(name="notices:page").state == State.WAITING

    gateway.says = answer()
    with clock.frozen(MOMENT + timedelta(minutes=5)):
        jobs.run_due()
    first, second = gateway.asked
    assert first.body == second.body
    assert first.headers["x-tcert-timestamp"] != second.headers["x-tcert-timestamp"]
    hook.refresh_from_db()
    assert (hook.failures, hook.last_error) == (0, "")
    assert not Job.objects.filter(name="notices:page").exists()


@pytest.mark.django_db
def test_after_an_hour_a_page_is_dropped_and_leaves_no_dead_job(gateway):
    hook = HookFactory(url=gateway.url)
    gateway.says = answer("503 Later")
    tell(hook.team)
    jobs.run_due()
    with clock.frozen(MOMENT + timedelta(hours=2)):
        jobs.run_due()
    assert len(gateway.asked) == 1
    assert Page.objects.get().token is None
    assert not Job.objects.filter(name="notices:page").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "times"), [("410 Gone", 2), ("500 Oops", 8)])
def test_a_hook_that_fails_again_and_again_is_switched_off_and_its_team_mailed(
    gateway, status, times
):
    hook = HookFactory(url=gateway.url)
    Channel.objects.create(team=hook.team, kind="email", purpose="main", value="cert@a.example")
    gateway.says = answer(status)
    for turn in range(times + 3):
        with clock.frozen(MOMENT + timedelta(hours=3 * turn)):
            tell(hook.team, occasion=Occasion.MESSAGE)
            Job.objects.filter(name="notices:page", attempts__gt=0).delete()
            jobs.run_due()
    hook.refresh_from_db()
    assert hook.state == HookState.DISABLED
    assert hook.last_error == f"status-{status[:3]}"
    assert len(gateway.asked) == times
    assert AuditRecord.objects.filter(act="notices:hook:disable").count() == 1
    told = [one for one in mail.outbox if one.to == ["cert@a.example"]]
    assert len(told) == times + 3 + 1  # each notice, and the one about the hook


@pytest.mark.django_db
def test_a_hook_that_leads_inside_is_refused_when_it_pages(settings):
    """The form cannot know what a name stands for later; the fetcher asks each time."""
    hook = HookFactory(url="https://localhost/")
    tell(hook.team)
    jobs.run_due()
    hook.refresh_from_db()
    assert hook.last_error == "address"


@pytest.mark.django_db
def test_a_page_waits_for_the_end_of_the_teams_night(gateway):
    hook = HookFactory(url=gateway.url, quiet_from=9, quiet_until=17)
    tell(hook.team)
    jobs.run_due()
    assert gateway.asked == []
    with clock.frozen(MOMENT.replace(hour=16, minute=59)):
        jobs.run_due()
    assert gateway.asked == []
    with clock.frozen(MOMENT.replace(hour=17, minute=1)):
        jobs.run_due()
    assert len(gateway.asked) == 1
    assert Page.objects.get().expires_at == MOMENT.replace(hour=17, minute=0, second=0) + timedelta(
        hours=24
    )


@pytest.mark.django_db
def test_nothing_of_a_hook_is_in_the_clear_in_the_database_or_the_job(gateway):
    from django.db import connection

    hook = SmsFactory(url=gateway.url)
    tell(hook.team)
    with connection.cursor() as cursor:
        for table in ("notices_hook", "notices_page", "notices_notice", "kernel_job"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own tables
            rows = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row]
                         for row in cursor.fetchall()])  # fmt: skip
            for secret in ("s3cr3t", "+358401234567", "Quiet Harbour"):
                assert secret not in rows, (table, secret)
    assert "s3cr3t" in Hook.objects.get().url
