"""Sealed threads of a case: who reads, who may post and hand over, what removal and keys do."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.case_parties import give_key, make_report
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.sealed import seal_for
from tests.principals import principal_of

from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed import queries as sealed
from tcert.foundation.sealed.inner import Kind, parse
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.refusals import StaleRecipients
from tcert.response.cases.domain import participants, reports, threads, triage
from tcert.response.cases.enums import Management, Role, ThreadPurpose
from tcert.response.cases.models import CaseThread

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """A desk and two parties that take part, with keys that the test holds."""
    desk_team = DeskFactory()
    desk = give_key(desk_team)
    case = CaseFactory(coordinating_team=desk_team)
    coordinator = principal_of(coordinator_of_desk(), coordinator=True)
    people = {}
    for name in ("vendor", "operator"):
        team = TeamFactory()
        party = give_key(team)
        row = ParticipantFactory(case=case, team=team, management=Management.RECEIVED)
        principal = principal_of(member_of(team))
        link = threads.open_with_desk(principal=principal, participant=row)
        people[name] = (row, principal, party, link)
    return case, coordinator, desk, people


def post(principal, link, author, readers, body="text", **about):
    return threads.post(
        principal=principal,
        link=link,
        set_version=link.thread.current_set.version,
        sealed=seal_for(link.thread, author, readers, body),
        **about,
    )


def test_a_thread_is_between_the_party_and_the_desk(scene):
    _case, coordinator, desk, people = scene
    _own, principal, vendor, link = people["vendor"]
    _row, other, other_party, _link = people["operator"]
    posted = post(principal, link, vendor, [vendor, desk], "from the vendor")
    message = Message.objects.get(id=posted.message_id)
    for reader in (vendor, desk):
        opened = reader.open(sealed.served_to(message, reader.holder))
        assert parse(opened.plaintext.decode()).body == "from the vendor"
    assert link.is_visible_to(coordinator)
    assert not link.is_visible_to(other)
    with pytest.raises(PermissionDenied):
        post(other, link, other_party, [vendor, desk])
    with pytest.raises(PermissionDenied):
        post(principal_of(member_of(TeamFactory())), link, vendor, [vendor, desk])


def test_pairs_of_visibility_agree(scene):
    case, coordinator, _desk, people = scene
    wide = threads.open_wide(
        principal=coordinator,
        case=case,
        purpose=ThreadPurpose.ALL,
        asked=[people["vendor"][0]],
    )
    threads.open_title(principal=coordinator, case=case)
    threads.join(
        principal=people["vendor"][1], reader=wide.readers.get(participant=people["vendor"][0])
    )
    viewers = [
        coordinator,
        people["vendor"][1],
        people["operator"][1],
        principal_of(member_of(TeamFactory())),
        principal_of(coordinator_of_desk()),
    ]
    seen = []
    for viewer in viewers:
        visible = set(CaseThread.objects.visible_to(viewer))
        assert visible == {t for t in CaseThread.objects.all() if t.is_visible_to(viewer)}
        seen.append(len(visible))
    assert seen == [4, 2, 1, 0, 0]


def test_the_desk_needs_its_staff_session():
    desk_team = DeskFactory()
    give_key(desk_team)
    case, _stranger = make_report(give_key(desk_team))
    link = case.threads.get(purpose=ThreadPurpose.REPORT)
    person = coordinator_of_desk()
    assert not link.is_visible_to(principal_of(person))
    assert link.is_visible_to(principal_of(person, coordinator=True))


def test_only_the_desk_gives_titles_and_nobody_posts_facts(scene):
    _case, coordinator, desk, people = scene
    _row, principal, vendor, link = people["vendor"]
    for kind in (Kind.FACTS, Kind.WISHES, Kind.HANDOVER):
        with pytest.raises(DomainError, match="not posted here"):
            post(principal, link, vendor, [vendor, desk], kind=kind)
    with pytest.raises(DomainError, match="coordinating team gives"):
        post(principal, link, vendor, [vendor, desk], kind=Kind.TITLE)
    post(coordinator, link, desk, [vendor, desk], kind=Kind.TITLE)


def test_a_removed_party_is_not_sealed_to_and_a_stale_set_is_told(scene):
    _case, coordinator, desk, people = scene
    row, principal, vendor, link = people["vendor"]
    old = link.thread.current_set.version
    stale = seal_for(link.thread, desk, [vendor, desk])
    participants.remove(
        principal=coordinator, participant=row, typed_name=row.team.name, revision=None
    )
    with pytest.raises(StaleRecipients):
        threads.post(principal=coordinator, link=link, set_version=old, sealed=stale)
    with pytest.raises(PermissionDenied):
        post(principal, link, vendor, [vendor, desk])
    posted = post(coordinator, link, desk, [desk], "only the desk")
    message = Message.objects.get(id=posted.message_id)
    with pytest.raises(DomainError):
        sealed.served_to(message, vendor.holder)


def test_a_party_that_comes_back_reads_again(scene):
    case, coordinator, desk, people = scene
    row, principal, vendor, link = people["vendor"]
    participants.remove(
        principal=coordinator, participant=row, typed_name=row.team.name, revision=None
    )
    invitation = participants.invite(
        principal=coordinator, case=case, team=row.team, roles=[Role.VENDOR]
    )
    participants.accept(principal=principal, invitation=invitation, revision=None, agreed_end=None)
    link.refresh_from_db()
    assert link.is_visible_to(principal)
    assert {r.holder_id for r in link.thread.current_set.recipients.all()} == {
        desk.holder.id,
        vendor.holder.id,
    }


def test_a_new_key_reaches_every_thread(scene):
    _case, _coordinator, _desk, people = scene
    row, _principal, _vendor, link = people["vendor"]
    renewed = give_key(row.team)
    threads.refresh_for_team(row.team_id)
    fingerprints = {r.fingerprint for r in link.thread.current_set.recipients.all()}
    assert renewed.fingerprint in fingerprints


def test_wide_threads_ask_first_and_can_be_left(scene):
    case, coordinator, desk, people = scene
    row, principal, _vendor, _link = people["vendor"]
    wide = threads.open_wide(
        principal=coordinator, case=case, purpose=ThreadPurpose.VENDORS, asked=[row]
    )
    assert {r.holder_id for r in wide.thread.current_set.recipients.all()} == {desk.holder.id}
    reader = wide.readers.get(participant=row)
    with pytest.raises(PermissionDenied):
        threads.join(principal=people["operator"][1], reader=reader)
    threads.join(principal=principal, reader=reader)
    assert wide.is_visible_to(principal)
    with pytest.raises(DomainError, match="already"):
        threads.join(principal=principal, reader=reader)
    threads.leave(principal=principal, reader=reader)
    assert {r.holder_id for r in wide.thread.current_set.recipients.all()} == {desk.holder.id}
    with pytest.raises(DomainError, match="cannot be left"):
        threads.leave(
            principal=coordinator,
            reader=wide.readers.get(participant=triage.coordinator_row(case)),
        )


def test_who_can_be_asked(scene):
    case, coordinator, _desk, people = scene
    operator = people["operator"][0]
    operator.roles.update(role=Role.DEPLOYER)
    wide = threads.open_wide(principal=coordinator, case=case, purpose=ThreadPurpose.VENDORS)
    for wrong in (
        operator,
        ParticipantFactory(),
        ParticipantFactory(case=case, presence="invited"),
    ):
        with pytest.raises(DomainError):
            threads.ask(principal=coordinator, link=wide, participant=wrong)
    with pytest.raises(DomainError, match="two parties only"):
        threads.ask(
            principal=coordinator, link=people["vendor"][3], participant=people["operator"][0]
        )
    with pytest.raises(DomainError, match="names the product"):
        threads.open_wide(principal=coordinator, case=case, purpose=ThreadPurpose.PRODUCT)
    with pytest.raises(DomainError, match="what the conversation"):
        threads.open_wide(principal=coordinator, case=case, purpose=ThreadPurpose.DESK)


def test_wishes_are_never_handed_over():
    desk = give_key(DeskFactory())
    case, _stranger = make_report(desk)
    coordinator = principal_of(coordinator_of_desk(), coordinator=True)
    row = ParticipantFactory(case=case)
    give_key(row.team)
    link = threads.open_with_desk(principal=principal_of(member_of(row.team)), participant=row)
    wishes = Message.objects.get(kind=Kind.WISHES)
    facts = Message.objects.get(kind=Kind.FACTS)
    with pytest.raises(DomainError, match="coordinating team alone"):
        threads.check_handed_over(coordinator, wishes, link)
    assert threads.check_handed_over(coordinator, facts, link).purpose == ThreadPurpose.REPORT
    with pytest.raises(DomainError, match="that you read"):
        threads.check_handed_over(principal_of(member_of(row.team)), facts, link)
    reporter = case.threads.get(purpose=ThreadPurpose.REPORTER)
    with pytest.raises(DomainError, match="do not have it yet"):
        threads.check_handed_over(coordinator, facts, reporter)


def test_a_hand_over_is_recorded_without_what_it_hands_over(scene):
    case, coordinator, desk, people = scene
    row, _principal, vendor, link = people["vendor"]
    _other, of_operator, operator, source = people["operator"]
    words = "the HLR answers to anybody"
    sent = post(of_operator, source, operator, [operator, desk], words)
    original = Message.objects.get(id=sent.message_id)
    before = set(AuditRecord.objects.values_list("id", flat=True))
    at = clock.now() + timedelta(minutes=10)
    with clock.frozen(at):
        posted = threads.hand_over(
            principal=coordinator,
            original=original,
            link=link,
            set_version=link.thread.current_set.version,
            sealed=seal_for(link.thread, desk, [vendor, desk], words, kind=Kind.HANDOVER),
        )
    written = {r.act: r for r in AuditRecord.objects.exclude(id__in=before)}
    assert set(written) == {"sealed:post", "sealed:hand-over", "cases:handed-over"}
    for one in written.values():
        assert (one.at, one.actor_id) == (at, coordinator.person_id), "when, and who"
    sealed_record, in_case = written["sealed:hand-over"], written["cases:handed-over"]
    assert (sealed_record.object_kind, sealed_record.object_id) == ("message", original.id)
    assert sealed_record.data == {
        "message": str(posted.message_id),
        "thread": str(link.thread_id),
    }
    assert (in_case.object_kind, in_case.object_id) == ("case", case.id)
    assert in_case.data == {
        "participant": str(row.id),
        "kind": Kind.MESSAGE,
        "message": str(posted.message_id),
        "original": str(original.id),
    }
    kept = json.dumps([one.data for one in written.values()])
    confidential = (words, case.code_name, row.team.name, original.body_sha256)
    for secret in (*confidential, desk.fingerprint, vendor.fingerprint, operator.fingerprint):
        assert secret not in kept


def test_a_refused_hand_over_leaves_no_record(scene):
    _case, coordinator, desk, people = scene
    _row, _principal, vendor, link = people["vendor"]
    _other, of_operator, operator, source = people["operator"]
    sent = post(of_operator, source, operator, [operator, desk])
    before = AuditRecord.objects.count()
    with pytest.raises(StaleRecipients):
        threads.hand_over(
            principal=coordinator,
            original=Message.objects.get(id=sent.message_id),
            link=link,
            set_version=link.thread.current_set.version + 1,
            sealed=seal_for(link.thread, desk, [vendor, desk], kind=Kind.HANDOVER),
        )
    assert AuditRecord.objects.count() == before


def test_messages_stay_in_their_case(scene):
    case, coordinator, desk, people = scene
    other, _stranger = make_report(desk)
    facts = Message.objects.get(kind=Kind.FACTS)
    with pytest.raises(DomainError, match="of this case"):
        threads.check_handed_over(coordinator, facts, people["vendor"][3])
    assert other != case


def test_a_message_tells_its_other_readers_once(scene):
    case, _coordinator, desk, people = scene
    row, principal, vendor, link = people["vendor"]
    posted = post(principal, link, vendor, [vendor, desk])
    Event.objects.all().delete()
    threads.posted(message_id=posted.message_id)
    told = Event.objects.filter(kind="cases:notice")
    assert {(e.data["team"], e.data["what"]) for e in told} == {
        (str(case.coordinating_team_id), "message")
    }
    row.refresh_from_db()
    assert row.last_heard_at is not None


def test_the_hub_hears_of_a_new_key(scene):
    from tcert.community.directory.domain.keys import KEY_CHANGED
    from tcert.foundation.kernel import jobs
    from tcert.foundation.kernel.outbox import emit

    _case, _coordinator, _desk, people = scene
    row, _principal, _vendor, link = people["vendor"]
    renewed = give_key(row.team)
    emit(KEY_CHANGED, row.team_id, key="x")
    while jobs.run_due():
        pass
    assert renewed.fingerprint in {r.fingerprint for r in link.thread.current_set.recipients.all()}


def test_notices_are_mailed_sealed_with_nothing_confidential(scene, mailoutbox):
    from tcert.community.directory.models import Channel
    from tcert.foundation.kernel import jobs

    case, _coordinator, desk, people = scene
    row, principal, vendor, link = people["vendor"]
    Channel.objects.create(
        team=case.coordinating_team, kind="email", purpose="main", value="desk@hub.example"
    )
    post(principal, link, vendor, [vendor, desk], "the secret words")
    while jobs.run_due():
        pass
    assert {m.to[0] for m in mailoutbox} == {"desk@hub.example"}
    for mail in mailoutbox:
        raw = mail.message().as_string()
        for secret in (case.code_name, row.team.name, "secret words", str(case.id)):
            assert secret not in raw


def test_the_report_stands_alone():
    desk = give_key(DeskFactory())
    case, stranger = make_report(desk)
    coordinator = principal_of(coordinator_of_desk(), coordinator=True)
    report = case.threads.get(purpose=ThreadPurpose.REPORT)
    with pytest.raises(DomainError, match="stands alone"):
        post(coordinator, report, desk, [desk, stranger])
    reporter = case.threads.get(purpose=ThreadPurpose.REPORTER)
    post(coordinator, reporter, desk, [desk, stranger])


def run_out(team):
    """Let a team's key run out without a successor."""
    TeamKey.objects.filter(team=team).update(expires_at=clock.now() - timedelta(days=1))


def holders(link):
    return {r.holder_id for r in link.thread.current_set.recipients.all()}


def test_a_removed_party_goes_although_another_partys_key_has_run_out(scene):
    case, coordinator, desk, people = scene
    vendor, operator = people["vendor"][0], people["operator"][0]
    wide = threads.open_wide(
        principal=coordinator, case=case, purpose=ThreadPurpose.ALL, asked=[vendor, operator]
    )
    for row, principal, _party, _link in people.values():
        threads.join(principal=principal, reader=wide.readers.get(participant=row))
    run_out(operator.team)
    participants.remove(
        principal=coordinator, participant=vendor, typed_name=vendor.team.name, revision=None
    )
    assert holders(wide) == {desk.holder.id, operator.team_id}
    version = wide.thread.current_set.version
    assert threads.refresh(principal=coordinator, link=wide).version == version


def test_a_reporter_goes_although_the_desks_key_has_run_out():
    desk_team = DeskFactory()
    case, stranger = make_report(give_key(desk_team))
    run_out(desk_team)
    reports.reporter_left(case_id=case.id)
    for link in case.threads.all():
        assert holders(link) == {desk_team.id}
    assert stranger.holder.id != desk_team.id


def test_who_was_removed_is_asked_anew_before_it_joins(scene):
    case, coordinator, _desk, people = scene
    row, principal, _party, _link = people["vendor"]
    wide = threads.open_wide(
        principal=coordinator, case=case, purpose=ThreadPurpose.ALL, asked=[row]
    )
    reader = wide.readers.get(participant=row)
    threads.join(principal=principal, reader=reader)
    participants.remove(
        principal=coordinator, participant=row, typed_name=row.team.name, revision=None
    )
    invitation = participants.invite(
        principal=coordinator, case=case, team=row.team, roles=[Role.VENDOR]
    )
    participants.accept(principal=principal, invitation=invitation, revision=None, agreed_end=None)
    reader = wide.readers.get(participant=row)
    with pytest.raises(DomainError, match="not asked"):
        threads.join(principal=principal, reader=reader)
    threads.ask(principal=coordinator, link=wide, participant=reader.participant)
    threads.join(principal=principal, reader=wide.readers.get(participant=row))


def test_a_joining_from_before_a_removal_changes_nothing(scene):
    case, coordinator, desk, people = scene
    row, principal, _party, _link = people["vendor"]
    wide = threads.open_wide(
        principal=coordinator, case=case, purpose=ThreadPurpose.ALL, asked=[row]
    )
    read_before = wide.readers.select_related("participant__case").get(participant=row)
    participants.remove(
        principal=coordinator, participant=row, typed_name=row.team.name, revision=None
    )
    with pytest.raises(PermissionDenied):
        threads.join(principal=principal, reader=read_before)
    assert holders(wide) == {desk.holder.id}


def test_nothing_is_handed_into_the_report(scene):
    _case, coordinator, desk, _people = scene
    case, _stranger = make_report(desk)
    row = ParticipantFactory(case=case)
    vendor = give_key(row.team)
    principal = principal_of(member_of(row.team))
    link = threads.open_with_desk(principal=principal, participant=row)
    posted = post(principal, link, vendor, [vendor, desk], "not for the reporter")
    report = case.threads.get(purpose=ThreadPurpose.REPORT)
    with pytest.raises(DomainError, match="do not have it yet"):
        threads.check_handed_over(coordinator, Message.objects.get(id=posted.message_id), report)
