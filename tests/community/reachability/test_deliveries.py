"""From a real relay's answer, and from a real mailbox, to what a team's page says."""

import logging
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from tests.community.reachability.returned import plain, report
from tests.factories.accounts import PersonFactory
from tests.factories.directory import TeamFactory, member_of
from tests.factories.reachability import DeliveryFactory, reachable
from tests.imap_server import PASSWORD, USER, imap_server
from tests.principals import principal_of
from tests.smtp_server import smtp_server

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Channel
from tcert.community.notices.domain.telling import addresses, notify_team
from tcert.community.reachability import bounces, inspections, jobs
from tcert.community.reachability.domain import deliveries
from tcert.community.reachability.enums import DeliveryState, Outcome, Reason
from tcert.community.reachability.models import Call, Delivery, DeliveryEvent
from tcert.foundation.kernel import clock, mailbox
from tcert.foundation.kernel import jobs as kernel_jobs
from tcert.foundation.kernel.errors import DomainError, TooMany
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.kernel.mail import queue_mail

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)
ADDRESS = "soc@operator.example"


@pytest.fixture
def relay(settings):
    with smtp_server() as server:
        settings.EMAIL_BACKEND = "tcert.foundation.kernel.mail.FixedNameBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def team():
    found = TeamFactory()
    reachable(found, ADDRESS)
    return found


def send(to=ADDRESS, times=1, at=MOMENT):
    """Hand mails to the relay: as many attempts as there are hours."""
    with clock.frozen(at):
        queue_mail(to, "s", "t")
    for hours in range(times):
        with clock.frozen(at + timedelta(hours=7 * hours)):
            kernel_jobs.run_due()


def row(address=ADDRESS):
    return Delivery.objects.get(address=address)


def test_a_mail_that_is_taken_is_noted_by_day_and_hour_and_once(team, relay):
    send()
    send(at=MOMENT + timedelta(days=1))
    found = row()
    assert (found.state, found.since, found.fine_on.day) == (DeliveryState.FINE, None, 2)
    (event,) = DeliveryEvent.objects.all()
    assert (event.outcome, event.hour) == ("accepted", MOMENT.replace(minute=0, second=0))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("550 5.1.1 <soc@operator.example> s3cret unknown", Reason.NO_SUCH_ADDRESS),
        ("552 5.2.2 over quota", Reason.FULL),
        ("550 5.7.1 listed", Reason.POLICY),
        ("553 no", Reason.NO_SUCH_ADDRESS),
        ("550 4.2.2 the class does not fit the code", Reason.NO_SUCH_ADDRESS),
    ],
)
def test_a_refusal_for_good_is_not_tried_again(team, relay, answer, reason, caplog):
    caplog.set_level(logging.DEBUG)
    relay.refused[ADDRESS] = answer
    send(times=3)
    found = row()
    assert (found.state, found.reason) == (DeliveryState.REFUSED, reason)
    assert found.since == MOMENT.replace(minute=0, second=0)
    assert Job.objects.get(name="kernel:send-mail").state == State.DEAD
    assert DeliveryEvent.objects.count() == 1
    assert "s3cret" not in caplog.text


def test_a_refusal_after_the_data_counts_the_same(team, relay):
    relay.refused_after_data = "554 5.7.1 we do not like it"
    send()
    assert (row().state, row().reason) == (DeliveryState.REFUSED, Reason.POLICY)
    assert relay.received == []


def test_a_mail_that_is_put_off_is_tried_again_and_then_called_failing(team, relay):
    relay.refused[ADDRESS] = "451 4.2.2 full"
    send()
    assert row().state == DeliveryState.FINE
    assert Job.objects.get(name="kernel:send-mail").state == State.WAITING
    with clock.frozen(MOMENT + timedelta(hours=7)):
        kernel_jobs.run_due()
    assert (row().state, row().reason) == (DeliveryState.FAILING, Reason.FULL)
    relay.refused.clear()
    with clock.frozen(MOMENT + timedelta(hours=21)):
        kernel_jobs.run_due()
    assert (row().state, row().since) == (DeliveryState.FINE, None)
    assert len(relay.received) == 1


def test_one_refused_address_of_two_leaves_the_other_alone(team, relay):
    """Each mail has one recipient: a relay cannot take it for one and refuse it for another."""
    Channel.objects.create(team=team, kind="email", purpose="main", value="two@operator.example")
    relay.refused[ADDRESS] = "550 5.1.1 unknown"
    with clock.frozen(MOMENT):
        notify_team(team.id, subject="s", text="t")
        kernel_jobs.run_due()
    assert [one.recipients for one in relay.received] == [["two@operator.example"]]
    assert row().state == DeliveryState.REFUSED
    assert row("two@operator.example").state == DeliveryState.FINE


def test_of_strangers_nothing_is_kept(relay):
    relay.refused["stranger@elsewhere.example"] = "550 5.1.1 unknown"
    send("stranger@elsewhere.example")
    assert not Delivery.objects.exists()


def test_a_persons_own_address_is_followed_too(relay):
    PersonFactory(email="Ines@operator.example")
    relay.refused["ines@operator.example"] = "550 5.1.1 unknown"
    send("ines@operator.example")
    assert row("ines@operator.example").state == DeliveryState.REFUSED


def test_urgent_mail_goes_to_the_other_addresses_where_the_main_one_refuses(team):
    other = Channel.objects.create(
        team=team, kind="email", purpose="disclosure", value="psirt@operator.example"
    )
    assert [one.value for one in addresses(team.id, urgent=True)] == [ADDRESS]
    DeliveryFactory(address=ADDRESS)
    assert {one.value for one in addresses(team.id, urgent=True)} == {ADDRESS, other.value}
    DeliveryFactory(address=other.value)
    assert {one.value for one in addresses(team.id, urgent=True)} == {ADDRESS, other.value}


def test_an_address_that_nobody_has_any_more_is_forgotten(team):
    DeliveryFactory(address=ADDRESS)
    DeliveryFactory(address="gone@operator.example")
    jobs.look_after_addresses.handler()
    assert [one.address for one in Delivery.objects.all()] == [ADDRESS]


@pytest.fixture
def bouncing(settings):
    settings.BOUNCE_ADDRESS = "bounces@hub.example"


def test_the_envelope_carries_a_token_only_for_the_hubs_own(team, relay, bouncing):
    send()
    send("stranger@elsewhere.example")
    own, others = (one.sender.split(" ")[0].strip("<>") for one in relay.received)
    assert others == "bounces@hub.example"
    made = own.removeprefix("bounces+").removesuffix("@hub.example")
    with clock.frozen(MOMENT):
        assert bounces.read_token(made, clock.today(), deliveries.token_key()) == row().id
    assert b"bounces" not in relay.received[0].data


def test_without_the_setting_the_envelope_is_as_it_was(team, relay, settings):
    send()
    assert relay.received[0].sender.split(" ")[0].strip("<>") == settings.DEFAULT_FROM_EMAIL


@pytest.fixture
def box(tmp_path, settings, bouncing):
    with imap_server(tmp_path) as server:
        settings.BOUNCE_IMAP_HOST, settings.BOUNCE_IMAP_PORT = "127.0.0.1", server.port
        settings.BOUNCE_IMAP_USER, settings.BOUNCE_IMAP_PASSWORD = USER, PASSWORD
        settings.BOUNCE_IMAP_FOLDER = "INBOX"
        settings.BOUNCE_IMAP_CA = str(tmp_path / "imap.pem")
        yield server


def to(delivery):
    made = bounces.token(delivery.id, clock.today(), deliveries.token_key())
    return bounces.with_token("bounces@hub.example", made)


def test_a_mailbox_is_read_and_emptied_and_nothing_of_it_is_kept(team, box, caplog):
    caplog.set_level(logging.DEBUG)
    found = DeliveryFactory(address=ADDRESS, state=DeliveryState.FINE, since=None, reason="")
    box.messages = {
        3: b"junk",
        5: report(to(found), status="5.2.1"),
        9: report("bounces+aaaa@hub.example"),
        12: b"\x00\xff" * 500_000,
    }
    jobs.read_returned.handler()
    assert (row().state, row().reason) == (DeliveryState.REFUSED, Reason.SWITCHED_OFF)
    assert box.messages == {}
    assert [one.outcome for one in DeliveryEvent.objects.all()] == [Outcome.RETURNED]
    assert "s3cret" not in caplog.text


@pytest.mark.slow
def test_so_many_at_a_time_the_rest_waits_for_the_next_run(box):
    box.messages = {number: plain("x@y.example") for number in range(1, mailbox.MOST + 6)}
    jobs.read_returned.handler()
    assert len(box.messages) == 5


def test_a_report_is_read_to_its_codes_only(team, box):
    """What follows the first 64 KiB of a message is not even fetched."""
    found = DeliveryFactory(address=ADDRESS, state=DeliveryState.FINE, since=None, reason="")
    whole = report(to(found))
    box.messages = {1: whole + b"x" * 3_000_000}
    seen = []
    mailbox.read_returned(seen.append)
    assert [len(one) for one in seen] == [mailbox.LONGEST]


def test_what_could_not_be_handled_stays(box):
    box.messages = {1: b"one", 2: b"two"}

    def broken(_raw):
        raise OSError("disk is full")

    with pytest.raises(OSError, match="disk is full"):
        mailbox.read_returned(broken)
    assert set(box.messages) == {1, 2}


def test_a_server_that_announces_gigabytes_is_left(box):
    box.messages, box.announces = {1: b"x"}, 4_000_000_000
    with pytest.raises(mailbox.imaplib.IMAP4.abort):
        mailbox.read_returned(lambda _raw: None)


def test_a_server_whose_certificate_nobody_vouches_for_is_told_no_password(box, settings):
    settings.BOUNCE_IMAP_CA = ""
    with pytest.raises(ssl.SSLCertVerificationError):
        mailbox.read_returned(lambda _raw: None)


def test_a_mailbox_that_cannot_be_read_is_told_by_the_check_until_it_can(box, settings, caplog):
    def said():
        return " ".join(str(one.message) for one in inspections.inspect_reachability())

    settings.BOUNCE_IMAP_PASSWORD = "wr0ng-password"
    jobs.read_returned.handler()
    assert "cannot be read: error" in said()
    assert "wr0ng-password" not in caplog.text
    settings.BOUNCE_IMAP_PASSWORD = PASSWORD
    jobs.read_returned.handler()
    assert "are read from their mailbox" in said()


def test_who_has_a_token_cannot_fill_the_table(team):
    found = DeliveryFactory(address=ADDRESS)
    with clock.frozen(MOMENT):
        for n in range(60):
            deliveries.note(found.id, (Outcome.RETURNED, Outcome.PUT_OFF)[n % 2])
    assert DeliveryEvent.objects.count() == deliveries.MOST_A_DAY
    deliveries.note(found.id, Outcome.CONFIRMED)
    assert row().state == DeliveryState.FINE


def test_without_a_mailbox_nothing_is_opened(settings):
    settings.BOUNCE_ADDRESS = settings.BOUNCE_IMAP_HOST = ""
    jobs.read_returned.handler()


def link_of(message):
    return message.message().as_string().replace("=\n", "").split("/drills/works/")[1].split("/")[0]


def test_who_uses_the_link_in_a_test_mail_clears_the_address(team):
    DeliveryFactory(address=ADDRESS)
    deliveries.note(row().id, Outcome.RETURNED, Reason.FULL)
    boss = principal_of(member_of(team, TeamRole.REPRESENTATIVE))
    channel = Channel.objects.get(team=team, kind="email")
    deliveries.test_mail(principal=boss, channel=channel)
    kernel_jobs.run_due()
    token = link_of(mail.outbox[0])
    assert row().state == DeliveryState.REFUSED
    assert deliveries.confirm_by_link(token) is False
    assert row().state == DeliveryState.FINE
    assert deliveries.confirm_by_link(token) is True
    with pytest.raises(DomainError):
        deliveries.confirm_by_link(token + "x")
    assert Call.objects.get().used_at is not None


def test_a_link_proves_the_address_to_which_it_went(team):
    boss = principal_of(member_of(team, TeamRole.REPRESENTATIVE))
    channel = Channel.objects.get(team=team, kind="email")
    deliveries.test_mail(principal=boss, channel=channel)
    kernel_jobs.run_due()
    Channel.objects.filter(pk=channel.pk).update(value="new@operator.example")
    deliveries.note(DeliveryFactory(address="new@operator.example").id, Outcome.REFUSED)
    deliveries.confirm_by_link(link_of(mail.outbox[0]))
    assert row("new@operator.example").state == DeliveryState.REFUSED


def test_test_mails_have_a_limit(team):
    boss = principal_of(member_of(team, TeamRole.REPRESENTATIVE))
    channel = Channel.objects.get(team=team, kind="email")
    for _ in range(10):
        deliveries.test_mail(principal=boss, channel=channel)
    with pytest.raises(TooMany):
        deliveries.test_mail(principal=boss, channel=channel)


def test_one_mail_that_breaks_its_reader_keeps_no_other_waiting(box):
    """Else whoever finds such a mail stops everybody's."""
    box.messages = {1: b"one", 2: b"two"}
    seen = []

    def reader(raw):
        if raw == b"one":
            raise ValueError("a mistake of ours")
        seen.append(raw)

    with pytest.raises(ValueError, match="a mistake of ours"):
        mailbox.read_returned(reader)
    assert (seen, set(box.messages)) == ([b"two"], {1})


def test_what_the_server_does_not_give_just_now_is_not_deleted(box):
    box.messages, box.withheld = {1: b"one", 2: b"two"}, {1}
    seen = []
    assert mailbox.read_returned(seen.append) == 1
    assert (seen, set(box.messages)) == ([b"two"], {1})


def test_what_a_run_that_was_killed_had_read_goes_with_the_next(box):
    """Read and marked, it would lie there until somebody writes again."""
    box.messages, box.marked = {1: b"one"}, {1}
    assert mailbox.read_returned(lambda _raw: None) == 0
    assert box.messages == {}
