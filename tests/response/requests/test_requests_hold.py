"""What hostile hands try on requests: chosen ids, replays, early ends, other people's records."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.factories.directory import DeskFactory, HubFactory, coordinator_of_desk, member_of
from tests.factories.records import seal_at
from tests.factories.requests import accepted, acknowledged, facts, give, police, sent
from tests.factories.sealed import seal_for
from tests.factories.talks import say, side, talk_between
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationKind, TeamRole
from tcert.community.notices.domain.telling import notify_team
from tcert.community.notices.models import Notice
from tcert.community.talks import part
from tcert.community.talks.domain import ending as talks
from tcert.community.talks.domain import writing
from tcert.community.talks.models import Talk
from tcert.community.talks.waiting import talks as talks_waiting
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.foundation.sealed.inner import Kind as Written
from tcert.foundation.sealed.models import File, Message
from tcert.response.requests import custody, queries
from tcert.response.requests.domain import answering, ending, handing, sending
from tcert.response.requests.enums import Data, Keep, Kind, Reason, State
from tcert.response.requests.enums import Side as Stands
from tcert.response.requests.forms import SendForm
from tcert.response.requests.models import DeletedRequest, Exhibit, Request
from tcert.response.retention.domain import counting

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def two():
    return police(), side("Alder CERT")


def as_now(found):
    return Request.objects.get(pk=found.pk)


def withdrawn(authority, found):
    found = as_now(found)
    return answering.withdraw(principal=authority.principal, found=found, revision=found.revision)


def deleted(found, start):
    """Let the time of a request that is over go by, until it is deleted."""
    for days in (31, 39):
        with clock.frozen(start + timedelta(days=days)):
            ending.warn()
            ending.delete_due()
    assert not Request.objects.filter(pk=found.pk).exists()


# Sending ---------------------------------------------------------------------------------------


def test_an_authority_chooses_no_id(two):
    """Else a request is called as another is, and takes another thing's notices when it goes."""
    a, b = two
    thing = uuid4()
    notify_team(b.team.id, subject="Alarm", text="of another room", key="alarm", about=thing)
    with clock.frozen(START):
        found = sent(a, b, key=thing)
        assert found.id != thing
        assert sent(police(), b, key=thing).id not in {thing, found.id}
        withdrawn(a, found)
    deleted(found, START)
    assert Notice.objects.filter(about=thing).exists()


def test_what_was_deleted_is_not_sent_again_under_its_id(two):
    """The records of the new one would be deleted as those of the old one, while it goes on."""
    a, b = two
    key = uuid4()
    with clock.frozen(START):
        told = facts()
        about = {"principal": a.principal, "key": key, "authority": a.team, "addressee": b.team}
        found = sending.send(**about, facts=told)
        withdrawn(a, found)
    deleted(found, START)
    for days in (40, 60):
        with clock.frozen(START + timedelta(days=days)):
            with pytest.raises(Conflict, match="open the page anew"):
                sending.send(**about, facts=facts())
            seal_at(clock.now() + timedelta(days=1))
            ending.sweep_records(before=counting.keep)
    assert not DeletedRequest.objects.exists()


def test_a_page_that_is_sent_again_with_other_facts_does_not_say_sent(two):
    """Back in the browser, another ground, sent: whoever reads *is sent* believes that it was."""
    a, b = two
    key = uuid4()
    found = sent(a, b, key=key, kind=Kind.PRESERVATION)
    for changes in ({}, {"country": "XB", "kind": Kind.PRESERVATION}):
        with pytest.raises(Conflict, match="was not"):
            sent(a, b, key=key, **changes)
    assert list(Request.objects.all()) == [found]


def test_the_desk_asks_nobody_and_is_asked_by_nobody(two):
    """A desk in the house of a government, or of an operator, is no side: it steers the rest."""
    a, b = two
    person = coordinator_of_desk()
    principal = principal_of(person, coordinator=True)
    desk = DeskFactory()
    for kind, text in (
        (OrganisationKind.GOVERNMENT, "Only listed teams"),
        (OrganisationKind.MNO, "Requests go to"),
    ):
        HubFactory()
        desk.organisation.kind = kind
        desk.organisation.save()
        assert desk not in queries.asking_teams(principal)
        assert desk not in queries.addressees(a.principal, "")
        asks = kind == OrganisationKind.GOVERNMENT
        with pytest.raises(DomainError, match=text):
            sending.send(
                principal=principal if asks else a.principal,
                key=uuid4(),
                authority=desk if asks else a.team,
                addressee=b.team if asks else desk,
                facts=facts(),
            )


def test_facts_that_say_one_thing_and_mean_another_are_refused(two):
    a, b = two
    today = clock.today()
    help_only = {"kind": Kind.ASSISTANCE, "data": [], "period_from": None, "period_to": None}
    for changes, words in (
        ({**help_only, "period_to": today + timedelta(days=900)}, "which day"),
        ({**help_only, "period_from": today}, "which day"),
        ({**help_only, "data": [Data.CONTENT]}, "no data of persons"),
        ({"tlp": Tlp.CLEAR}, "TLP:AMBER"),
        ({"tlp": Tlp.GREEN}, "TLP:AMBER"),
    ):
        with pytest.raises(DomainError, match=words):
            sent(a, b, **changes)
    assert not Request.objects.exists()
    assert sent(a, b, data=[Data.LOGS] * 900).data == ["logs"]
    marks = dict(SendForm(teams=queries.asking_teams(a.principal)).fields["tlp"].choices)
    assert set(marks) == {"AMBER", "AMBER+STRICT", "RED"}


# Handing over and its chain --------------------------------------------------------------------


def _files_in_talk(giver, reader, found):
    sealed = SealedFile(seal_with_password(b"a trace", "passphrase"))
    return say(giver, queries.talk_of(found), reader, files=[sealed]).message_id


def test_who_ends_it_in_between_does_not_keep_what_was_given_out_of_the_chain(two):
    """Sealed in the talk it has reached the authority: withdrawing at that moment hides nothing."""
    a, b = two
    for end in (withdrawn, "close"):
        found = accepted(a, b)
        message = _files_in_talk(b, a, found)
        found = as_now(found)
        if end == "close":
            found = answering.close(
                principal=a.principal, found=found, revision=3, by=Stands.AUTHORITY
            )
        else:
            found = withdrawn(a, found)
        before = (found.state, found.ended_at, found.keep_days)
        late = _files_in_talk(b, a, found)
        page = sign_in(Client(), b.person).get(reverse("requests:request", args=[found.pk]))
        assert "stand in no list" in page.content.decode()
        about = {"principal": b.principal, "found": found, "revision": found.revision}
        with pytest.raises(DomainError, match="Choose a message"):
            handing.hand_over(**about, message_id=late)
        exhibit = handing.hand_over(**about, message_id=message)
        found = as_now(found)
        assert (found.state, found.ended_at, found.keep_days) == before
        assert "handed over no. 1" in custody.steps_of(found, a.principal)[-1].words
        assert exhibit.number == 1
        page = sign_in(Client(), b.person).get(reverse("requests:request", args=[found.pk]))
        assert "stand in no list" not in page.content.decode()


def test_the_chain_has_the_order_of_the_acts_where_the_clock_goes_back(two):
    a, b = two
    with clock.frozen(START):
        found = acknowledged(a, b)
    with clock.frozen(START - timedelta(minutes=3)):
        found = answering.accept(principal=b.principal, found=found, revision=found.revision)
        give(a, b, found)
    found = as_now(found)
    words = [step.words for step in custody.steps_of(found, a.principal)]
    wanted = ("sent", "acknowledged", "accepted", "handed over")
    assert all(word in said for word, said in zip(wanted, words, strict=True))
    assert [step.number for step in custody.steps_of(found, a.principal)] == [1, 2, 3, 4]


def test_the_digests_are_those_of_what_the_talk_serves(two):
    """The list names the file as the browser saves it, and its own digest stands in the record."""
    a, b = two
    found = accepted(a, b)
    exhibit = give(a, b, found)
    file = File.objects.get(message=exhibit.message)
    for one in (a, b):
        url = reverse("talks:file", args=[queries.talk_of(found).id, file.id])
        served = sign_in(Client(), one.person).get(url)
        name = served["Content-Disposition"].split("filename=")[1].strip('"')
        digest = hashlib.sha256(b"".join(served)).hexdigest()
        assert exhibit.manifest == f"{digest}  {name}\n"
    said = AuditRecord.objects.get(act="requests:information:handed-over").data["manifest"]
    assert said == hashlib.sha256(exhibit.manifest.encode()).hexdigest()


# Who reads records, and what is deleted when ----------------------------------------------------


def test_no_coordinator_reads_a_record_of_a_request(two):
    """Not one whose own team is asked: it names the officer of the other side. Not of its end."""
    a, b = two
    person = coordinator_of_desk()
    other = member_of(b.team, TeamRole.REPRESENTATIVE)
    DeskFactory().memberships.create(person=other, role=TeamRole.REPRESENTATIVE)
    with clock.frozen(START):
        found = sent(a, b)
        going, _none = sent(a, b), withdrawn(a, found)
    deleted(found, START)
    keys = {found.id, going.id, queries.talk_of(going).id}
    readers = [principal_of(one, coordinator=True) for one in (person, other)]
    for principal in readers:
        seen = AuditRecord.objects.visible_to(principal).filter(object_id__in=keys)
        assert not {one.act for one in seen if one.act.startswith("requests:")}
    assert AuditRecord.objects.filter(object_id=found.id, act="requests:delete").exists()


def test_silence_does_not_delete_the_talk_of_a_request_that_goes_on(two):
    """A preservation is renewed for years without a word; its text is what it rests on."""
    a, b = two
    with clock.frozen(START):
        found = accepted(a, b, kind=Kind.PRESERVATION)
        say(a, queries.talk_of(found), b)
    for days in (20, 300, 600, 900, 1200):
        with clock.frozen(START + timedelta(days=days)):
            present = as_now(found)
            answering.renew(
                principal=b.principal,
                found=present,
                revision=present.revision,
                until=clock.today() + timedelta(days=360),
            )
            talks.warn()
            Talk.objects.filter(warned_on__isnull=False).update(
                warned_on=clock.today() - timedelta(days=30)
            )
            talks.delete_due()
            ending.end_silent()
            lines = [str(one.title) for one in talks_waiting(b.principal)]
            assert not [line for line in lines if "deleted" in line]
    talk = queries.talk_of(as_now(found))
    assert Message.objects.filter(thread=talk.thread_id).count() == 1
    assert '"deleted_on": null' in str(part.part_of(talk, b.principal, "talk").texts["talk.json"])


def test_records_of_what_was_handed_on_go_too(two):
    """Into a talk with a lawyer's team: the record of it names the message, and goes after it."""
    a, b, c = *two, side()
    with clock.frozen(START):
        found, other = sent(a, b), talk_between(b, c)
        original = say(a, queries.talk_of(found), b).message_id
        writing.hand_over(
            principal=b.principal,
            original=Message.objects.get(pk=original),
            talk=other,
            set_version=other.thread.current_set.version,
            sealed=seal_for(other.thread, b.party, [b.party, c.party], kind=Written.HANDOVER),
        )
        withdrawn(a, found)
    with clock.frozen(START + timedelta(days=40)):
        assert (ending.warn(), ending.delete_due()) == (1, 0)
    assert as_now(found).state == State.WITHDRAWN
    later = START + timedelta(days=settings.TALKS_KEEP_DAYS + 1)
    with clock.frozen(later):
        Talk.objects.filter(pk=other.pk).update(warned_on=clock.today() - timedelta(days=30))
        assert (talks.delete_due(), ending.delete_due()) == (1, 1)
        seal_at(clock.now() + timedelta(days=1))
    assert AuditRecord.objects.filter(object_id=original).exists()
    with clock.frozen(later + timedelta(days=5)):
        ending.sweep_records(before=counting.keep)
    assert not AuditRecord.objects.filter(object_id=original).exists()


# At three in the morning -----------------------------------------------------------------------


def test_who_is_told_of_danger_to_life_is_told_first_to_call_back(two):
    """Before any button: a hurried officer reads the top of the page, and presses."""
    a, b = two
    found = sent(a, b, basis="emergency")
    client = sign_in(Client(), b.person)
    page = client.get(reverse("requests:request", args=[found.pk])).content.decode()
    call = page.index("Call the authority first")
    assert call < page.index("/acknowledge/")
    assert "reaches the authority at once, accepted or not" in page
    answering.acknowledge(principal=b.principal, found=found, revision=1)
    answering.refuse(principal=b.principal, found=found, revision=2, reason=Reason.NOT_PROVEN)
    page = client.get(reverse("requests:request", args=[found.pk])).content.decode()
    assert "Call the authority first" not in page
    assert as_now(found).keep_days == Keep.SHORT
    with pytest.raises(AlreadyDone):
        sending.begin_talk(principal=b.principal, found=Request(id=uuid4()))
    assert not Exhibit.objects.exists()
