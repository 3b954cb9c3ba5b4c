from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from django.core import mail
from tests.factories.directory import TeamFactory
from tests.factories.sealed import make_party

from tcert.community.directory.enums import ChannelKind, ChannelPurpose, KeyState
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.notices.domain.telling import notify_team
from tcert.community.notices.enums import Told
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.openpgp.packets import armour

pytestmark = pytest.mark.django_db

SUBJECT, TEXT = "TCERT-2026-0042", "You are invited to the case “Blue heron”."


@pytest.fixture(autouse=True)
def hub(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    settings.MAIL_CLEAR_TEXT = True


def team_with(*addresses, party=None, state=KeyState.ACTIVE, expires_at=None):
    team = TeamFactory()
    for purpose, value in addresses:
        Channel.objects.create(team=team, kind=ChannelKind.EMAIL, purpose=purpose, value=value)
    Channel.objects.create(
        team=team, kind=ChannelKind.PHONE, purpose=ChannelPurpose.MAIN, value="+1"
    )
    if party:
        TeamKey.objects.create(
            team=team,
            fingerprint=party.fingerprint,
            certificate=armour(party.certificate, "PUBLIC KEY BLOCK"),
            state=state,
            expires_at=expires_at,
        )
    return team


def sent():
    jobs.run_due()
    return [message_from_bytes(one.message().as_bytes()) for one in mail.outbox]


MAIN = (ChannelPurpose.MAIN, "cert@team.example")
EMERGENCY = (ChannelPurpose.EMERGENCY, "duty@team.example")


def test_a_team_with_a_key_reads_it_and_nobody_else_does():
    party = make_party()
    team = team_with(MAIN, EMERGENCY, party=party)
    assert notify_team(team.id, subject=SUBJECT, text=TEXT) is Told.SEALED
    (one,) = sent()
    assert one["To"] == "cert@team.example"
    assert one["Subject"] == "[...]"
    assert b"heron" not in one.as_bytes()
    assert b"0042" not in one.as_bytes()
    from tcert.foundation.openpgp.packets import dearmour

    opened = party.open(dearmour(one.get_payload()[1].get_payload(decode=True), "MESSAGE"))
    assert TEXT in message_from_bytes(opened.plaintext).get_payload(decode=True).decode()


@pytest.mark.parametrize("state", [None, KeyState.PENDING, KeyState.REVOKED, KeyState.SUPERSEDED])
@pytest.mark.parametrize("clear", [True, False])
def test_without_an_active_key_the_words_are_neutral_or_there_are_none(settings, state, clear):
    settings.MAIL_CLEAR_TEXT = clear
    team = team_with(MAIN, party=make_party() if state else None, state=state)
    told = notify_team(team.id, subject=SUBJECT, text=TEXT)
    assert told is (Told.NEUTRAL if clear else Told.NO_KEY)
    mails = sent()
    assert len(mails) == int(clear)
    for one in mails:
        words = one.get_payload(decode=True).decode()
        assert "something for you" in words
        assert "heron" not in one.as_string() + words
        assert "0042" not in one.as_string() + words


def test_a_key_that_expires_before_the_worker_comes_leads_to_neutral_words_only(settings):
    start = datetime(2026, 6, 1, tzinfo=UTC)
    party = make_party(created=start, lifetime=timedelta(days=10))
    for clear, count in ((True, 1), (False, 1)):
        settings.MAIL_CLEAR_TEXT = clear
        team = team_with((MAIN[0], f"a{int(clear)}@team.example"), party=party)
        with clock.frozen(start + timedelta(days=9)):
            assert notify_team(team.id, subject=SUBJECT, text=TEXT) is Told.SEALED
        assert len(sent()) == count
    assert b"heron" not in b"".join(one.message().as_bytes() for one in mail.outbox)


def test_an_urgent_notice_goes_to_the_round_the_clock_address_too_one_mail_each():
    team = team_with(MAIN, EMERGENCY, party=make_party())
    notify_team(team.id, subject=SUBJECT, text=TEXT, urgent=True)
    assert sorted(one["To"] for one in sent()) == ["cert@team.example", "duty@team.example"]


def test_the_same_notice_is_sent_once():
    team = team_with(MAIN, party=make_party())
    for _time in range(2):
        notify_team(team.id, subject=SUBJECT, text=TEXT, key="cases:invited:1")
        assert len(sent()) == 1


def test_a_team_without_an_address_must_be_called():
    assert notify_team(team_with().id, subject=SUBJECT, text=TEXT) is Told.NO_ADDRESS
    assert not sent()


def test_the_only_address_serves_whatever_it_is_for():
    team = team_with(EMERGENCY, party=make_party())
    assert notify_team(team.id, subject=SUBJECT, text=TEXT) is Told.SEALED


def test_clear_text_refused_after_a_notice_was_queued_is_refused_all_the_same(settings):
    """The key expires and the setting changes while the worker is down: then nothing leaves."""
    start = datetime(2026, 6, 1, tzinfo=UTC)
    team = team_with(MAIN, party=make_party(created=start, lifetime=timedelta(days=10)))
    with clock.frozen(start + timedelta(days=9)):
        assert notify_team(team.id, subject=SUBJECT, text=TEXT) is Told.SEALED
    settings.MAIL_CLEAR_TEXT = False
    assert not sent()
