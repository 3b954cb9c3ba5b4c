"""Digests: at fixed hours, of one size, whether anything happened or not."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from django.core import mail
from tests.factories.directory import TeamFactory
from tests.factories.sealed import make_party

from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.notices import jobs as notice_jobs
from tcert.community.notices.domain import digests, telling
from tcert.community.notices.enums import Occasion, Pace, Told
from tcert.community.notices.models import Notice, Preference
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.jobs import Job
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.openpgp.packets import armour, dearmour

pytestmark = pytest.mark.django_db
SEVEN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def hub(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    settings.MAIL_CLEAR_TEXT = True


def team_with(party=None, address=""):
    team = TeamFactory()
    value = address or f"cert@{team.id}.example"
    Channel.objects.create(team=team, kind="email", purpose="main", value=value)
    if party:
        TeamKey.objects.create(
            team=team,
            fingerprint=party.fingerprint,
            certificate=armour(party.certificate, "PUBLIC KEY BLOCK"),
            state="active",
        )
    return team


def digest_round(at=SEVEN):
    """Run one fixed hour and the hour after it; returns the mails as they left."""
    mail.outbox.clear()
    with clock.frozen(at):
        notice_jobs.make_digests()
    with clock.frozen(at + timedelta(hours=1, minutes=1)):
        jobs.run_due()
    return [message_from_bytes(one.message().as_bytes()) for one in mail.outbox]


def opened(one, party):
    sealed = dearmour(one.get_payload()[1].get_payload(decode=True), "MESSAGE")
    inner = message_from_bytes(party.open(sealed).plaintext)
    return inner.get_payload(decode=True).decode()


def test_a_team_that_a_reporter_can_choose_gets_a_digest_though_nothing_happened():
    party = make_party()
    team = team_with(party)
    (one,) = digest_round()
    assert one["To"] == f"cert@{team.id}.example"
    assert one["Subject"] == "[...]"
    assert "No anonymous reporter has written" in opened(one, party)


def test_a_digest_that_has_something_to_say_looks_from_outside_like_one_that_has_not():
    party = make_party()
    team = team_with(party)
    (quiet,) = digest_round()
    telling.note_anonymous(team.id)
    (busy,) = digest_round(SEVEN + timedelta(hours=12))
    assert "An anonymous reporter has written" in opened(busy, party)
    assert "No anonymous" in opened(quiet, party)
    # The payloads are of one size; the envelope around them varies by a few bytes of signature.
    sizes = [len(opened(one, party)) for one in (quiet, busy)]
    assert sizes[0] == sizes[1]
    assert abs(len(quiet.as_bytes()) - len(busy.as_bytes())) <= 8
    (after,) = digest_round(SEVEN + timedelta(hours=24))
    assert "No anonymous" in opened(after, party)


def test_what_a_reporter_sets_off_leaves_no_mail_no_notice_no_job_and_no_moment():
    team = team_with(make_party())
    before = Job.objects.count()
    telling.note_anonymous(team.id)
    assert not Mail.objects.exists()
    assert not Notice.objects.exists()
    assert Job.objects.count() == before
    row = Preference.objects.values().get()
    assert {k: v for k, v in row.items() if k not in {"id", "team_id"}} == {
        "pace": "at-once",
        "anonymous_waits": True,
    }


def test_digests_leave_spread_over_the_hour_and_once_each():
    for _number in range(8):
        team_with(make_party())
    with clock.frozen(SEVEN):
        for _time in range(2):  # a tick that was run twice
            notice_jobs.make_digests()
        moments = set(Job.objects.filter(name="notices:digest").values_list("run_at", flat=True))
    assert len(moments) == 8
    assert min(moments) >= SEVEN
    assert max(moments) <= SEVEN + timedelta(hours=1)
    with clock.frozen(SEVEN + timedelta(hours=2)):
        notice_jobs.make_digests()
        jobs.run_due()
    assert len(mail.outbox) == 8


def test_a_team_without_a_key_that_wants_digests_reads_the_same_neutral_words_each_time():
    team = team_with()
    Preference.objects.create(team=team, pace=Pace.DIGEST)
    (quiet,) = digest_round()
    telling.notify_team(team.id, subject="Case Quiet Harbour", text="A message.")
    (busy,) = digest_round(SEVEN + timedelta(hours=12))
    assert quiet.get_payload() == busy.get_payload()


def test_who_is_retired_unlisted_or_has_no_key_gets_none():
    retired, unlisted = team_with(make_party()), team_with(make_party())
    retired.retired_at = SEVEN
    retired.save()
    unlisted.organisation.state = OrganisationState.PROVISIONAL
    unlisted.organisation.save()
    team_with()
    assert digests.teams_to_tell() == []


def test_a_team_that_wants_digests_has_its_notices_held_and_then_told():
    party = make_party()
    team = team_with(party)
    Preference.objects.create(team=team, pace=Pace.DIGEST)
    with clock.frozen(SEVEN - timedelta(hours=1)):
        told = telling.notify_team(
            team.id,
            subject="Case Quiet Harbour",
            text="A sealed message waits for you.",
            occasion=Occasion.MESSAGE,
        )
        jobs.run_due()
    assert told is Told.DIGEST
    assert not mail.outbox
    (one,) = digest_round()
    assert "Case Quiet Harbour: A sealed message waits for you." in opened(one, party)
    assert Notice.objects.get().told == Told.SEALED
    (after,) = digest_round(SEVEN + timedelta(hours=12))
    assert "Quiet Harbour" not in opened(after, party)


def test_what_is_urgent_never_waits_for_a_digest():
    team = team_with(make_party())
    Preference.objects.create(team=team, pace=Pace.DIGEST)
    telling.notify_team(team.id, subject="s", text="t", urgent=True)
    jobs.run_due()
    assert len(mail.outbox) == 1


def test_a_team_that_was_held_notices_and_then_wants_them_at_once_still_gets_them():
    party = make_party()
    team = team_with(party)
    preference = Preference.objects.create(team=team, pace=Pace.DIGEST)
    telling.notify_team(team.id, subject="Case One", text="Held.")
    preference.pace = Pace.AT_ONCE
    preference.save()
    (one,) = digest_round()
    assert "Case One: Held." in opened(one, party)


def test_words_are_forgotten_after_a_month_and_held_ones_are_not():
    team = team_with(make_party())
    with clock.frozen(SEVEN):
        telling.notify_team(team.id, subject="old", text="old", key="a")
        Preference.objects.update_or_create(team=team, defaults={"pace": Pace.DIGEST})
        telling.notify_team(team.id, subject="held", text="held", key="b")
    with clock.frozen(SEVEN + timedelta(days=31)):
        notice_jobs.forget()
    words = {(notice.is_held, notice.text) for notice in Notice.objects.all()}
    assert words == {(False, None), (True, "held")}
    with clock.frozen(SEVEN + timedelta(days=31)):
        telling.notify_team(team.id, subject="old", text="old", key="a")
    assert Notice.objects.count() == 2
