"""Requests: what is refused, what each side may say, custody, ends, deletion for real, counts."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import OrganisationFactory, TeamFactory
from tests.factories.records import seal_at
from tests.factories.requests import (
    accepted,
    acknowledged,
    facts,
    give,
    police,
    sent,
)
from tests.factories.talks import Side, say, side

from tcert.community.directory.enums import OrganisationKind, OrganisationState
from tcert.community.talks.models import Talk
from tcert.community.talks.readers import NoKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError, TooMany
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.storage import ciphertext
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.foundation.sealed.models import File, Message, Thread
from tcert.response.requests import custody, queries, waiting
from tcert.response.requests.domain import answering, ending, handing, sending
from tcert.response.requests.enums import Basis, Keep, Kind, Reason, Receipt, State
from tcert.response.requests.enums import Side as Stands
from tcert.response.requests.models import DeletedRequest, Exhibit, Request
from tcert.response.retention.domain import counting
from tcert.response.retention.models import YearCount

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    return police(), side("Alder CERT")


def as_now(found):
    return Request.objects.get(pk=found.pk)


def suspend(one):
    one.team.organisation.state = OrganisationState.SUSPENDED
    one.team.organisation.save()


# Sending ---------------------------------------------------------------------------------------


def test_a_request_is_sealed_to_the_two_teams_and_told_to_the_one_that_is_asked(two):
    a, b = two
    found = sent(a, b)
    talk = queries.talk_of(found)
    assert {place.team for place in talk.places.reading()} == {a.team, b.team}
    assert found.state == State.SENT
    assert say(a, talk, b, body="who used it?").message_id
    (line,) = waiting.requests(b.principal)
    assert "without an answer: 1" in str(line.title)
    assert list(waiting.requests(a.principal)) == []


def test_what_does_not_fit_is_refused_and_says_what_to_do(two):
    a, b = two
    today, now = clock.today(), clock.now()
    for changes, words in (
        ({"deadline": now - timedelta(minutes=1)}, "deadline is over"),
        ({"deadline": now + timedelta(days=400)}, "more than a year"),
        ({"data": []}, "kinds of data"),
        ({"period_from": None}, "which day"),
        ({"period_to": None}, "which day"),
        ({"period_from": today, "period_to": today - timedelta(days=1)}, "before it begins"),
        ({"period_to": today + timedelta(days=1)}, "no interception"),
        ({"period_from": today - timedelta(days=4000)}, "three years"),
    ):
        with pytest.raises(DomainError, match=words):
            sent(a, b, **changes)
    assert not Request.objects.exists()
    help_only = sent(a, b, kind=Kind.ASSISTANCE, data=[], period_from=None, period_to=None)
    assert help_only.days_asked == 0


def test_who_may_ask_whom(two):
    """An operator asks nobody here, a police no laboratory, and nobody for another team."""
    a, b = two
    lab = side("Lab", organisation=OrganisationFactory(kind=OrganisationKind.LAB))
    regulator = side("Watch", organisation=OrganisationFactory(kind=OrganisationKind.GOVERNMENT))
    assert sent(regulator, b).pk
    for asks, asked, words in (
        (b, side(), "Only listed teams"),
        (lab, b, "Only listed teams"),
        (a, lab, "go to teams of operators"),
        (a, police(), "go to teams of operators"),
    ):
        with pytest.raises(DomainError, match=words):
            sent(asks, asked)
    with pytest.raises(PermissionDenied):
        sending.send(
            principal=b.principal, key=uuid4(), authority=a.team, addressee=b.team, facts=facts()
        )
    keyless = TeamFactory(name="Elm CERT")
    with pytest.raises(NoKey, match="Elm CERT has no active key"):
        sent(a, Side(keyless, b.party, b.person))
    away = side("Fir CERT")
    suspend(away)
    with pytest.raises(DomainError, match="on the list"):
        sent(a, away)
    suspend(a)
    with pytest.raises((PermissionDenied, DomainError)):
        sent(a, b)


def test_a_form_that_is_sent_again_sends_nothing_again_and_a_days_flood_ends(two):
    a, b = two
    key, until = uuid4(), clock.now() + timedelta(days=5)
    first = sent(a, b, key=key, deadline=until)
    assert sent(a, b, key=key, deadline=until) == first
    with pytest.raises(Conflict):
        sent(a, side(), key=key, deadline=until)
    sending.SENT.spend(a.team.id, cost=sending.SENT.limit - 1)
    with pytest.raises(TooMany):
        sent(a, b)


# Answering -------------------------------------------------------------------------------------


def test_each_side_does_its_own_and_an_older_page_is_told_so(two):
    a, b = two
    found = sent(a, b)
    with pytest.raises(PermissionDenied):
        answering.acknowledge(principal=a.principal, found=found, revision=1)
    with pytest.raises(DomainError, match="does not follow"):
        answering.accept(principal=b.principal, found=found, revision=1)
    found = answering.acknowledge(principal=b.principal, found=found, revision=1)
    for act, other in ((answering.accept, a), (answering.withdraw, b)):
        with pytest.raises(PermissionDenied):
            act(principal=other.principal, found=found, revision=2)
    with pytest.raises(Conflict):
        answering.refuse(principal=b.principal, found=found, revision=1, reason=Reason.NO_BASIS)
    found = answering.refuse(principal=b.principal, found=found, revision=2, reason=Reason.NO_BASIS)
    assert (found.state, found.reason, found.keep_days) == ("refused", "no-basis", Keep.SHORT)
    with pytest.raises(DomainError, match="does not follow"):
        answering.withdraw(principal=a.principal, found=found, revision=3)


def test_nothing_is_given_to_who_is_an_authority_no_more(two):
    """Taken off the list, or of another kind by now: the party may still refuse."""
    a, b = two
    open_one, agreed = acknowledged(a, b), accepted(a, b)
    exhibit = give(a, b, agreed)
    file = SealedFile(seal_with_password(b"more", "passphrase"))
    more = say(b, queries.talk_of(agreed), a, files=[file])
    suspend(a)
    with pytest.raises(DomainError, match="Hand nothing over"):
        answering.accept(principal=b.principal, found=open_one, revision=open_one.revision)
    with pytest.raises(DomainError, match="Hand nothing over"):
        handing.hand_over(
            principal=b.principal,
            found=agreed,
            revision=as_now(agreed).revision,
            message_id=more.message_id,
        )
    agreed = as_now(agreed)
    with pytest.raises(PermissionDenied):
        handing.confirm(
            principal=a.principal,
            exhibit=exhibit,
            revision=agreed.revision,
            receipt=Receipt.MATCHES,
        )
    assert answering.refuse(
        principal=b.principal,
        found=open_one,
        revision=open_one.revision,
        reason=Reason.NOT_COMPETENT,
    ).is_over


def test_a_preservation_is_held_renewed_and_ended_by_the_party_alone(two):
    a, b = two
    found = acknowledged(a, b, kind=Kind.PRESERVATION)
    by, today = b.principal, clock.today()
    for day in (None, today, today + timedelta(days=400)):
        with pytest.raises(DomainError, match="day"):
            answering.accept(principal=by, found=found, revision=2, held_until=day)
    first, later = today + timedelta(days=5), today + timedelta(days=50)
    found = answering.accept(principal=by, found=found, revision=2, held_until=first)
    assert all(
        any("Preserv" in str(w.title) for w in waiting.requests(p)) for p in (a.principal, by)
    )
    with pytest.raises(PermissionDenied):
        answering.renew(principal=a.principal, found=found, revision=3, until=later)
    with pytest.raises(DomainError, match="Nothing is handed over"):
        give(a, b, found)
    found = answering.renew(principal=by, found=found, revision=3, until=later)
    assert found.held_until == later
    found = answering.end_hold(principal=by, found=found, revision=4)
    assert found.held_until is None
    with pytest.raises(AlreadyDone):
        answering.end_hold(principal=by, found=found, revision=5)
    found = answering.close(principal=a.principal, found=found, revision=5, by=Stands.AUTHORITY)
    assert found.is_over


# Handing over ----------------------------------------------------------------------------------


def test_a_hand_over_has_its_digests_and_each_step_stands_in_the_chain(two):
    a, b = two
    found = accepted(a, b)
    exhibit = give(a, b, found)
    file = File.objects.get(message=exhibit.message)
    assert exhibit.manifest == f"{file.sha256}  {file.id}.pgp\n"
    found = as_now(found)
    said = handing.confirm(
        principal=a.principal,
        exhibit=exhibit,
        revision=found.revision,
        receipt=Receipt.DIFFERS,
    )
    found = as_now(found)
    about = {"principal": a.principal, "exhibit": said, "revision": found.revision}
    with pytest.raises(AlreadyDone):
        handing.confirm(**about, receipt=Receipt.DIFFERS)
    handing.confirm(**about, receipt=Receipt.MATCHES)
    found = as_now(found)
    steps = custody.steps_of(found, b.principal)
    assert [step.words for step in steps] == [
        "Unit 7 sent the request",
        "Alder CERT acknowledged it",
        "Alder CERT accepted it",
        "Alder CERT handed over no. 1: 1 sealed files",
        "Unit 7 received no. 1: digests differ",
        "Unit 7 received no. 1: digests match",
    ]
    assert [bool(step.person) for step in steps] == [False, True, True, True, False, False]
    assert {step.manifest for step in steps[3:]} == {exhibit.manifest_sha256}
    told = json.loads(custody.as_json(found, steps))
    assert told["hand_overs"][0]["files"] == exhibit.files
    assert [one["record"] for one in told["steps"]] == [str(step.record) for step in steps]
    text = custody.as_text(found, steps)
    assert exhibit.manifest.strip() in text
    assert a.person.name not in text


def test_only_own_files_that_are_sealed_to_the_authority_are_handed_over(two):
    a, b = two
    found, other = accepted(a, b), accepted(a, b)
    exhibit = give(a, b, found)
    without = say(b, queries.talk_of(found), a)
    elsewhere = give(a, b, other)
    for message_id in (exhibit.message, without.message_id, elsewhere.message, uuid4()):
        with pytest.raises(DomainError, match="Choose a message"):
            handing.hand_over(
                principal=b.principal,
                found=found,
                revision=as_now(found).revision,
                message_id=message_id,
            )
    assert give(a, b, found, "more").number == 2
    assert Exhibit.objects.filter(request=found).count() == 2


# The end ---------------------------------------------------------------------------------------


def test_what_nobody_ends_ends_by_itself(two):
    a, b = two
    silent, given = sent(a, b), accepted(a, b)
    held = accepted(a, b, kind=Kind.PRESERVATION)
    far = clock.now() + timedelta(days=96)
    with clock.frozen(far):
        assert ending.end_silent() == 2
        assert ending.end_silent() == 0
    assert [as_now(one).state for one in (silent, given, held)] == ["lapsed", "closed", "accepted"]
    assert as_now(silent).keep_days == Keep.SHORT


def test_it_is_deleted_for_real_with_files_and_records_and_stays_as_a_number(
    two, django_capture_on_commit_callbacks
):
    """Text, files, traces, records: gone; the year still counts it, and says fewer than five."""
    a, b = two
    start = clock.now()
    with clock.frozen(start):
        found = accepted(a, b)
        exhibit = give(a, b, found)
        stored = File.objects.get(message=exhibit.message).stored_as
        found = as_now(found)
        answering.close(
            principal=b.principal,
            found=found,
            revision=found.revision,
            by=Stands.ADDRESSEE,
        )
        keys = [str(found.id), str(Talk.objects.get().id), str(Thread.objects.get().id)]
    with clock.frozen(start + timedelta(days=75)):
        assert (ending.warn(), ending.delete_due()) == (0, 0)
    with clock.frozen(start + timedelta(days=100)):  # the worker stood: who is told late has a week
        assert (ending.warn(), ending.warn(), ending.delete_due()) == (1, 0, 0)
    assert stored in set(ciphertext().names())
    with clock.frozen(start + timedelta(days=107)):
        with django_capture_on_commit_callbacks(execute=True):
            assert ending.delete_due() == 1
        seal_at(clock.now() + timedelta(days=1))
    assert stored not in set(ciphertext().names())
    for model in (Request, Exhibit, Talk, Thread, Message):
        assert not model.objects.exists(), model
    assert AuditRecord.objects.filter(object_id__in=keys).exists()
    with clock.frozen(start + timedelta(days=112)):
        assert ending.sweep_records(before=counting.keep) > 0
    left = AuditRecord.objects.filter(object_id__in=keys).exclude(object_kind=ending.DELETED)
    assert not left.exists()
    assert not DeletedRequest.objects.exists()
    assert YearCount.objects.get(kind="rq-inf-all", year=start.year).gone == 1


def test_each_answer_is_counted_by_kind_and_outcome(two):
    a, b = two
    assert set(counting.ACTS) >= {
        f"requests:{kind}:{state}"
        for kind in Kind
        for state in (State.ACCEPTED, State.PARTLY, State.REFUSED, State.WITHDRAWN, State.LAPSED)
    }
    start = clock.now()
    with clock.frozen(start):
        found = acknowledged(a, b, basis=Basis.EMERGENCY)
        answering.accept(
            principal=b.principal, found=found, revision=2, reason=Reason.DISPROPORTIONATE
        )
        found = sent(a, b, kind=Kind.PRESERVATION)
        answering.withdraw(principal=a.principal, found=found, revision=1)
    with clock.frozen(datetime(start.year + 1, 1, 20, tzinfo=UTC)):
        counting.settle_years()
    year = YearCount.objects.filter(year=start.year)
    counted = dict(year.filter(total__gt=0).values_list("kind", "total"))
    assert counted == {"rq-inf-par": 1, "rq-pre-non": 1}
