"""The sealed lines by mail, timers that wait for the worker, and denials that leads look at.

Protects: who reads what a mailbox holds, teams that nobody told, and ranges from one tired person.
"""

from datetime import timedelta
from email import message_from_bytes
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models.signals import pre_save
from django.test import Client
from tests import canary
from tests.factories.case_parties import give_key
from tests.factories.claims import ClaimFactory
from tests.factories.directory import DeskFactory, coordinator_of_desk, member_of
from tests.factories.notifications import holder_of, sent_by, step_of
from tests.factories.sealed import Party
from tests.factories.talks import side
from tests.principals import principal_of, sign_in
from tests.settings import HOME

from tcert.community.directory.enums import KeyState, TeamRole
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.jobs import Job
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.outbox import Delivery
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.notifications import waiting
from tcert.response.notifications.delivery import Rule, mailed
from tcert.response.notifications.domain import answering, delivering, keeping
from tcert.response.notifications.domain.moving import REACHED
from tcert.response.notifications.enums import Act, Hop, Mailed, Pace, Severity, State, Topic, Way
from tcert.response.notifications.jobs import climb, day
from tcert.response.notifications.models import DeliveryRule, Denial, Notification
from tcert.response.routing import finding

pytestmark = pytest.mark.django_db
WORDS = "Canary88bbMailedAtNight"


@pytest.fixture
def sender():
    return side("Alder CERT")


@pytest.fixture
def beta():
    """A holder that wants its lines by mail, with one address."""
    made = holder_of("Beta")
    Channel.objects.create(team=made.team, kind="email", value="soc@beta.example")
    wants(made, way=Way.MAIL)
    return made


def wants(team, **rule):
    return delivering.add(
        principal=team.principal, organisation=team.team.organisation, rule=Rule(**rule)
    )


def to(one):
    return Notification.objects.get(organisation=one.team.organisation)


def mails_to(address="soc@beta.example"):
    return [m.message().as_bytes() for m in mail.outbox if m.to == [address]]


@pytest.fixture
def relay(settings):
    """A relay that can be switched off: then mails wait in the queue."""

    class Relay:
        backend = settings.EMAIL_BACKEND

        def off(self):
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

        def on(self):
            settings.EMAIL_BACKEND = self.backend

    return Relay()


def opened_by(party: Party, raw: bytes) -> str:
    """Open a mail as a mail program does: RFC 3156, two parts, the second is the message."""
    whole = message_from_bytes(raw)
    assert whole.get_content_type() == "multipart/encrypted"
    assert whole.get_param("protocol") == "application/pgp-encrypted"
    control, body = whole.get_payload()
    assert control.get_payload().strip() == "Version: 1"
    inner = party.open(body.get_payload(decode=True)).plaintext
    entity = message_from_bytes(inner)
    assert entity.get_content_type() == "text/plain"
    return entity.get_payload(decode=True).decode()


def test_the_lines_go_by_mail_sealed_and_nothing_readable_is_queued(sender, beta, relay):
    sent_by(sender, "999-70", text=WORDS)
    step = step_of(to(beta), beta)
    assert step.mailed == Mailed.WAITS
    relay.off()
    jobs.run_due()
    waits = Mail.objects.get(content_id=step.pk)
    assert waits.entity is None
    (job,) = [j for j in Job.objects.all() if str(waits.pk) in str(j.arguments)]
    assert job.arguments == {"mail": str(waits.pk)}
    assert canary.in_tables(WORDS) == []
    relay.on()
    with clock.frozen(clock.now() + timedelta(hours=1)):
        jobs.run_due()
        jobs.run_due()
    (raw,) = [one for one in mails_to() if f"<{waits.pk}@".encode() in one]
    text = opened_by(beta.party, raw)
    assert text.startswith("Notification: ")
    for told in (WORDS, "999-70\t", "From: Alder CERT"):
        assert told in text
    head = message_from_bytes(raw)
    assert (head["To"], head["Subject"]) == ("soc@beta.example", "[...]")
    for secret in (WORDS, "999-70", "Alder", "otification", str(step.pk), str(to(beta).pk)):
        assert secret.encode() not in raw
    step.refresh_from_db()
    assert (step.mailed, step.mailed_at is None) == (Mailed.LEFT, False)
    assert canary.in_files(HOME, WORDS) == []
    waits.refresh_from_db()
    assert (waits.recipient, waits.content_id) == (None, None)
    page = sign_in(Client(), sender.person).get(f"/notifications/{to(beta).id}/").text
    assert "a mail with the sealed lines left" in page


def test_markings_silence_and_what_is_not_wanted_keep_the_lines_on_the_portal(sender, beta):
    assert [mailed(Way.MAIL, hop, Tlp.AMBER) for hop in Hop].count(Mailed.WAITS) == 1
    assert mailed(Way.MAIL, Hop.TEAM, Tlp.RED) == Mailed.RED
    assert mailed(Way.PORTAL, Hop.TEAM, Tlp.CLEAR) == Mailed.NOT_WANTED
    sent_by(sender, "999-70", tlp=Tlp.RED)
    jobs.run_due()
    assert len(mails_to()) == 1, "the notice alone"
    assert not Mail.objects.filter(content__isnull=False).exists()
    step = step_of(to(beta), beta)
    assert "TLP:RED is read on the hub" in step.mail_words


def _revoke(one):
    TeamKey.objects.filter(team=one.team).update(state=KeyState.REVOKED)


def _another_key(one):
    _revoke(one)
    give_key(one.team)


def _not_theirs(one):
    answering.answer(principal=one.principal, step=step_of(to(one), one), act=Act.NOT_OURS)


def _no_address(one):
    Channel.objects.filter(team=one.team).delete()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_revoke, Mailed.NO_KEY),
        (_another_key, Mailed.KEY_CHANGED),
        (_not_theirs, Mailed.GONE),
        (_no_address, Mailed.NO_ADDRESS),
    ],
)
def test_what_changes_before_it_leaves_keeps_it_here_and_is_said(sender, beta, change, why):
    """Before the worker queues it, and while it waits for a relay."""
    sent_by(sender, "999-70")
    step = step_of(to(beta), beta)
    change(beta)
    jobs.run_due()
    step.refresh_from_db()
    assert (step.mailed, step.mailed_at) == (why, None)
    assert step.mail_words
    assert Notice.objects.filter(team=beta.team).exists(), "the neutral notice goes out anyhow"
    assert not Mail.objects.filter(content__isnull=False).exists()


def test_a_key_that_ends_while_the_relay_is_down_stops_the_mail(sender, beta, relay):
    sent_by(sender, "999-70")
    step = step_of(to(beta), beta)
    relay.off()
    jobs.run_due()
    _another_key(beta)
    relay.on()
    with clock.frozen(clock.now() + timedelta(hours=1)):
        jobs.run_due()
    step.refresh_from_db()
    assert step.mailed == Mailed.KEY_CHANGED
    assert len(mails_to()) == 1, "the notice alone"
    assert not Mail.objects.filter(recipient__isnull=False).exists()


def _rule_removed(one):
    house = one.team.organisation
    rule = DeliveryRule.objects.get(organisation=house)
    delivering.remove(principal=one.principal, organisation=house, rule_id=rule.pk)


def _rule_for_another_class(one):
    _rule_removed(one)
    wants(one, topic=Topic.SUSPICIOUS, way=Way.MAIL)


def _address_changed(one):
    """Who left read their mail there."""
    Channel.objects.filter(team=one.team).delete()
    Channel.objects.create(team=one.team, kind="email", value="new@beta.example")


@pytest.mark.parametrize("change", [_rule_removed, _rule_for_another_class, _address_changed])
def test_what_is_taken_back_while_a_mail_waits_keeps_it_here(sender, beta, relay, change):
    sent_by(sender, "999-70")
    step = step_of(to(beta), beta)
    relay.off()
    jobs.run_due()
    change(beta)
    relay.on()
    with clock.frozen(clock.now() + timedelta(hours=1)):
        jobs.run_due()
    step.refresh_from_db()
    assert (step.mailed, step.mailed_at) == (Mailed.TAKEN_BACK, None)
    assert "removed before it left" in step.mail_words
    assert len(mails_to()) == 1, "the notice alone"
    assert not Mail.objects.filter(recipient__isnull=False).exists()


def test_a_team_that_stands_in_for_a_retired_one_has_asked_for_no_mail(sender, beta):
    """The rule named the team that is gone, and its mailbox."""
    house = beta.team.organisation
    other = side("Beta Night CERT", organisation=house)
    _rule_removed(beta)
    delivering.add(
        principal=beta.principal,
        organisation=house,
        rule=Rule(team=other.team.id, way=Way.MAIL),
    )
    sent_by(sender, "999-70")
    assert step_of(to(beta), other).mailed == Mailed.WAITS
    other.team.retired_at = clock.now()
    other.team.save()
    Notification.objects.update(marks=b"")
    sent_by(sender, "999-70")
    one = Notification.objects.exclude(steps__team=other.team).get()
    assert (step_of(one, beta).hop, step_of(one, beta).mailed) == (Hop.TEAM, Mailed.NOT_WANTED)


class Refusing(BaseEmailBackend):
    """A relay that knows no such mailbox."""

    def send_messages(self, email_messages):
        raise SMTPRecipientsRefused({email_messages[0].to[0]: (550, b"5.1.1 no such user")})


def test_what_the_relay_refuses_for_good_is_not_said_to_be_on_its_way(sender, beta, settings):
    sent_by(sender, "999-70")
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    jobs.run_due()
    step = step_of(to(beta), beta)
    assert (step.mailed, step.mailed_at) == (Mailed.REFUSED, None)


def test_what_is_told_once_a_day_is_mailed_once_a_day(sender, beta):
    wants(beta, topic=Topic.SUSPICIOUS, pace=Pace.DAILY, way=Way.MAIL)
    for severity in (Severity.LOW, Severity.MEDIUM):
        sent_by(sender, "999-70", topic=Topic.SUSPICIOUS, severity=severity)
    jobs.run_due()
    assert mails_to() == []
    with clock.frozen(clock.now() + timedelta(hours=9)):
        day()
        jobs.run_due()
    assert len(mails_to()) == 4, "two notices, and the lines of two notifications"


# Timers ----------------------------------------------------------------------------------------


def test_while_the_worker_stands_nobody_is_silent_and_the_desk_reads_so(sender):
    desk = DeskFactory()
    give_key(desk)
    beta = holder_of("Beta")
    coordinator = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    start = clock.now()
    sent_by(sender, "999-70", severity=Severity.HIGH)
    queue = "/notifications/queue/"
    assert "has not left the hub" not in coordinator.get(queue).text
    with clock.frozen(start + timedelta(hours=6)):
        climb()
        one = to(beta)
        assert (one.state, one.step) == (State.WAITING, 0)
        jobs.run_due()
        climb()
        one.refresh_from_db()
        assert one.due_at == start + timedelta(hours=10)
        assert step_of(one, beta).told_at == start + timedelta(hours=6)
    Job.objects.create(name="kernel:send-mail", run_at=clock.now() + timedelta(hours=1), attempts=7)
    assert "Mail of this hub has waited" in coordinator.get(queue).text
    step = step_of(one, beta)
    step.told_at, step.reached_at = None, start - timedelta(hours=1)
    step.save()
    assert "1 notification has not left the hub" in coordinator.get(queue).text


def test_what_nobody_could_be_told_of_climbs_when_its_time_is_over(sender):
    """The job that tells a team died for good; one that still waits holds the timer back."""
    give_key(DeskFactory())
    beta, start = holder_of("Beta"), clock.now()
    sent_by(sender, "999-70", severity=Severity.HIGH)
    told = Delivery.objects.get(event__kind=REACHED)
    job = Job.objects.filter(arguments={"delivery": str(told.pk)})
    assert job.count() == 1
    with clock.frozen(start + timedelta(hours=3)):
        job.update(state=jobs.State.DEAD)
        climb()
        assert to(beta).state == State.WAITING, "its time is not over"
    with clock.frozen(start + timedelta(hours=5)):
        job.update(state=jobs.State.WAITING)
        climb()
        assert to(beta).state == State.WAITING, "the worker will tell them"
        job.update(state=jobs.State.DEAD)
        climb()
        assert to(beta).state == State.QUEUED


def test_one_that_cannot_go_on_keeps_no_other_from_climbing(sender):
    give_key(DeskFactory())
    beta, gamma = holder_of("Beta"), holder_of("Gamma", "999-71")
    start = clock.now()
    sent_by(sender, "999-70", "999-71", severity=Severity.HIGH)
    jobs.run_due()
    first = min([to(beta), to(gamma)], key=lambda one: one.pk)
    Notification.objects.filter(pk=first.pk).update(due_at=start - timedelta(days=1))

    def fails(instance, **_about):
        if instance.object_id == first.pk:
            raise RuntimeError

    with clock.frozen(start + timedelta(hours=5)):
        pre_save.connect(fails, sender=AuditRecord)
        try:
            with pytest.raises(RuntimeError):
                climb()
        finally:
            pre_save.disconnect(fails, sender=AuditRecord)
    assert sorted([to(beta).state, to(gamma).state]) == [State.QUEUED, State.WAITING]


# Denials ---------------------------------------------------------------------------------------


def test_who_leads_hears_what_a_duty_officer_denied_and_can_lift_it(sender, beta):
    officer = member_of(beta.team, TeamRole.DUTY_OFFICER, name="Tired Tom")
    lead = member_of(beta.team, TeamRole.REPRESENTATIVE, name="Leading Lea")
    sent_by(sender, "999-70")
    jobs.run_due()
    mail.outbox.clear()
    tom = principal_of(officer)
    answering.answer(principal=tom, step=step_of(to(beta), beta), act=Act.NOT_OURS)
    jobs.run_due()
    assert lead.email in [m.to[0] for m in mail.outbox]
    assert officer.email not in [m.to[0] for m in mail.outbox]
    for one in mail.outbox:
        assert b"999-70" not in one.message().as_bytes()
    denial = Denial.objects.get()
    assert (denial.said_by, denial.seen_at) == (officer.pk, None)
    client, house = sign_in(Client(), lead), beta.team.organisation
    address = f"/notifications/delivery/{house.id}/"
    assert "Tired Tom" in client.get(address).text
    (item,) = [w for w in waiting.notifications(principal_of(lead)) if "colleague" in w.title]
    assert item.title.endswith(": 1")
    assert not [w for w in waiting.notifications(tom) if "colleague" in w.title]
    assert sign_in(Client(), officer).post(f"{address}let-stand/").status_code in {403, 404}
    client.post(f"{address}let-stand/", {"denial": str(denial.pk)})
    denial.refresh_from_db()
    assert denial.seen_at is not None
    with pytest.raises(AlreadyDone):
        answering.let_stand(
            principal=principal_of(lead), organisation=house, denial_ids=[denial.pk]
        )
    assert not [w for w in waiting.notifications(principal_of(lead)) if "colleague" in w.title]
    client.post(f"{address}ours/{denial.pk}/")
    assert not Denial.objects.standing().exists()


CLAIMED = (
    ("plmn", "999-70", "999-70", "999-70", "plmn"),
    ("gt-range", "+4917100", "+4917100", "+491710012345", "gt"),
    ("cidr", "192.0.2.0/24", "192.0.2.0/24", "192.0.2.7", "ip"),
    ("asn", "64500", "AS64500", "AS64500", "asn"),
    ("realm", "ims.beta.example", "ims.beta.example", "ims.beta.example", "realm"),
)


def test_find_and_programs_heed_denials_and_tell_strangers_nothing(sender):
    """Of each kind the text that a denial keeps is that by which it is found again."""
    beta, gamma = side("Beta CERT"), side("Gamma CERT")
    house = beta.team.organisation
    past = clock.now() - timedelta(days=60)
    for kind, value, _matched, _asked, _name in CLAIMED:
        ClaimFactory(
            organisation=house, kind=kind, value=value, verified=True, is_findable=True, tlp="GREEN"
        )
    ClaimFactory(organisation=gamma.team.organisation, kind="plmn", value="999-70", tlp="GREEN")

    def houses(principal, asked):
        found = finding.find(principal, asked)
        return [(a.organisation.pk, a.is_denied) for r in found.readings for a in r.answers]

    def destinations(client, name, asked):
        answer = client.get("/intelmq/lookup", {name: asked}).json()
        return [one["name"] for one in answer[name]["destinations"]]

    for kind, _value, matched, asked, name in CLAIMED:
        assert (house.pk, False) in houses(ANONYMOUS, asked), kind
        denial = Denial.objects.create(organisation=house, team=beta.team, matched=matched)
        assert houses(ANONYMOUS, asked) == [], kind
        known = houses(sender.principal, asked)
        assert known[-1] == (house.pk, True), kind
        for client in (Client(), sign_in(Client(), sender.person)):
            assert beta.team.name not in destinations(client, name, asked), kind
        page = Client().get("/find/", {"q": asked}).text
        assert "not theirs" not in page
        Denial.objects.filter(pk=denial.pk).update(at=past)  # proven after it: it counts again
        assert (house.pk, False) in houses(ANONYMOUS, asked), kind
        Denial.objects.filter(pk=denial.pk).update(at=clock.now(), withdrawn_at=clock.now())
        assert (house.pk, False) in houses(ANONYMOUS, asked), kind
    assert keeping.forget() == 0


def test_what_is_denied_inside_of_anothers_range_leaves_no_gap_for_a_stranger():
    """Else the gap would tell of a denial: an unfindable claim leaves none.

    A report finds who holds the range around it.
    """
    beta, gamma = side("Beta CERT"), side("Gamma CERT")
    claimed = {"kind": "cidr", "verified": True, "is_findable": True, "tlp": "GREEN"}
    ClaimFactory(organisation=gamma.team.organisation, value="192.0.2.0/24", **claimed)
    inner = ClaimFactory(organisation=beta.team.organisation, value="192.0.2.0/28", **claimed)

    def told():
        found = finding.find(ANONYMOUS, "192.0.2.7")
        asked = Client().get("/intelmq/lookup", {"ip": "192.0.2.7"}).json()
        names = [one["name"] for one in asked["ip"]["destinations"]]
        return [a.organisation for r in found.readings for a in r.answers], names

    assert told()[0] == [beta.team.organisation]
    type(inner).objects.filter(pk=inner.pk).update(is_findable=False)
    unfindable = told()
    type(inner).objects.filter(pk=inner.pk).update(is_findable=True)
    Denial.objects.create(
        organisation=beta.team.organisation, team=beta.team, matched="192.0.2.0/28"
    )
    assert told() == unfindable
    assert unfindable[0] == [gamma.team.organisation]
