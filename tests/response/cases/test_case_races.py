"""Joining, refreshing readers, posting and agreeing against a removal, at the worst moment.

Each race has a lock; without it, on PostgreSQL, its test fails. SQLite has one writer at a time.
"""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_init, pre_save
from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.sealed import seal_for
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed.domain.posting import Posted
from tcert.foundation.sealed.models import KeyPacket, Message
from tcert.response.cases.domain import embargo, facts, participants, threads, triage
from tcert.response.cases.enums import (
    Answer,
    CaseEvent,
    ClaimState,
    Consent,
    EmbargoState,
    InvitationState,
    ProposalState,
    Role,
    ThreadPurpose,
)
from tcert.response.cases.models import (
    CaseClaim,
    CaseThread,
    Embargo,
    EmbargoAnswer,
    Invitation,
    Participant,
    ThreadReader,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def desk():
    return give_key(DeskFactory())


@pytest.fixture
def coordinator(desk):
    return principal_of(coordinator_of_desk(), coordinator=True)


@pytest.fixture
def case(desk):
    return CaseFactory()


@pytest.fixture
def embargoed(desk):
    return CaseFactory(parts__embargo=EmbargoState.ACTIVE)


def a_party(case, **about):
    """Return a party's row, a member of it, and its keys."""
    keys = give_key(team := TeamFactory())
    return ParticipantFactory(case=case, team=team, **about), principal_of(member_of(team)), keys


def a_wide_thread(coordinator, case, *asked):
    return threads.open_wide(
        principal=coordinator, case=case, purpose=ThreadPurpose.ALL, asked=asked
    )


def remove(coordinator, row):
    return participants.remove(
        principal=coordinator,
        participant=Participant.objects.get(pk=row.pk),
        typed_name=row.team.name,
        revision=None,
    )


def sealed_to(link):
    """Return the teams that a thread's next message is sealed to."""
    thread = CaseThread.objects.get(pk=link.pk).thread
    return {r.holder_id for r in thread.current_set.recipients.all()}


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def test_who_is_removed_while_joining_is_outside(desk, coordinator, case):
    row, principal, _keys = a_party(case)
    wide = a_wide_thread(coordinator, case, row)
    reader = ThreadReader.objects.select_related("participant__case").get(
        thread=wide, participant=row
    )
    meet(
        lambda: threads.join(principal=principal, reader=reader),
        lambda: remove(coordinator, row),
        at=Moment(pre_save, ThreadReader, lambda saved: saved.joined_at is not None),
    )
    assert sealed_to(wide) == {desk.holder.id}
    assert not ThreadReader.objects.get(pk=reader.pk).reads


def test_who_joins_while_being_removed_is_outside(desk, coordinator, case):
    row, principal, _keys = a_party(case)
    wide = a_wide_thread(coordinator, case, row)
    reader = ThreadReader.objects.select_related("participant__case").get(
        thread=wide, participant=row
    )
    _removed, refusal = meet(
        lambda: remove(coordinator, row),
        lambda: threads.join(principal=principal, reader=reader),
        at=record_of("cases:removed"),
    )
    assert isinstance(refusal, PermissionDenied)
    assert sealed_to(wide) == {desk.holder.id}
    assert not ThreadReader.objects.get(pk=reader.pk).reads


def test_readers_read_before_a_removal_are_not_written_after_it(desk, coordinator, case):
    """A key that changes refreshes the readers: it must not bring back who is removed just then."""
    row, principal, _keys = a_party(case)
    wide = a_wide_thread(coordinator, case, row)
    threads.join(principal=principal, reader=wide.readers.get(participant=row))
    assert sealed_to(wide) == {desk.holder.id, row.team_id}
    meet(
        lambda: threads.refresh(principal=SYSTEM, link=CaseThread.objects.get(pk=wide.pk)),
        lambda: remove(coordinator, row),
        at=Moment(post_init, ThreadReader, lambda read: read.participant_id == row.pk),
    )
    assert sealed_to(wide) == {desk.holder.id}


def test_nothing_is_sealed_to_a_party_once_its_removal_is_done(desk, coordinator, case):
    row, principal, keys = a_party(case)
    link = threads.open_with_desk(principal=principal, participant=row)
    version = link.thread.current_set.version
    sealed = seal_for(link.thread, desk, [keys, desk])

    def sealed_to_the_party():
        return KeyPacket.objects.filter(recipient__holder_id=row.team_id).count()

    def remove_and_count():
        remove(coordinator, row)
        return sealed_to_the_party()

    posted, counted = meet(
        lambda: threads.post(principal=coordinator, link=link, set_version=version, sealed=sealed),
        remove_and_count,
        at=Moment(pre_save, Message, lambda _message: True),
    )
    assert isinstance(posted, Posted)
    assert (counted, sealed_to_the_party()) == (1, 1), "it came before the removal was done"


def a_longer_end(coordinator, case, days):
    """Have the desk propose that the embargo lasts longer."""
    return embargo.propose_end(
        principal=coordinator,
        case=case,
        by=triage.coordinator_row(case),
        ends_at=case.embargo.ends_at + timedelta(days=days),
        zone="UTC",
        revision=None,
    )


def test_no_embargo_is_lengthened_past_who_signs_meanwhile(coordinator, embargoed):
    signed, of_signed, _keys = a_party(embargoed, consent=Consent.SIGNATORY)
    give_key(joining := TeamFactory())
    invitation = participants.invite(
        principal=coordinator, case=embargoed, team=joining, roles=[Role.VENDOR]
    )
    agreed_end = embargoed.embargo.ends_at
    proposal = a_longer_end(coordinator, embargoed, 30)
    meet(
        lambda: participants.accept(
            principal=principal_of(member_of(joining)),
            invitation=Invitation.objects.get(pk=invitation.pk),
            revision=None,
            agreed_end=agreed_end,
        ),
        lambda: embargo.answer(
            principal=of_signed, proposal=proposal, by=signed, agrees=True, revision=None
        ),
        at=Moment(pre_save, Invitation, lambda saved: saved.state == InvitationState.ACCEPTED),
    )
    held = Embargo.objects.get(case=embargoed)
    assert (held.state, held.ends_at) == (EmbargoState.REVISE, agreed_end)
    asked = EmbargoAnswer.objects.get(proposal=proposal, participant__team=joining)
    assert asked.answer == Answer.WAITING


@pytest.mark.parametrize("does", ["names a shorter end", "takes its yes back"])
def test_who_is_being_removed_has_no_last_word_on_the_embargo(does, coordinator, embargoed):
    """A shorter end would hold at once for all, and one no rejects what all others agreed to."""
    leaves, principal, _keys = a_party(embargoed, consent=Consent.SIGNATORY)
    a_party(embargoed, consent=Consent.SIGNATORY)  # has not answered, so that nothing is settled
    end = embargoed.embargo.ends_at
    proposal = a_longer_end(coordinator, embargoed, 30)
    own = {"principal": principal, "by": leaves, "revision": None}
    embargo.answer(**own, proposal=proposal, agrees=True)

    def last_word():
        if does == "takes its yes back":
            return embargo.answer(**own, proposal=proposal, agrees=False)
        return embargo.propose_end(
            **own, case=embargoed, ends_at=end - timedelta(days=1), zone="UTC"
        )

    _removed, refusal = meet(
        lambda: remove(coordinator, leaves), last_word, at=record_of("cases:removed")
    )
    assert isinstance(refusal, PermissionDenied)
    held = Embargo.objects.get(case=embargoed)
    assert (held.state, held.ends_at) == (EmbargoState.REVISE, end)
    assert held.proposals.filter(state=ProposalState.OPEN).get() == proposal


def test_of_two_removals_the_last_one_settles(coordinator, embargoed):
    silent = [a_party(embargoed, consent=Consent.SIGNATORY)[0] for _ in range(2)]
    proposal = a_longer_end(coordinator, embargoed, 30)
    meet(
        lambda: remove(coordinator, silent[0]),
        lambda: remove(coordinator, silent[1]),
        at=Moment(pre_save, Event, lambda told: told.kind == "cases:participant_removed"),
    )
    held = Embargo.objects.get(case=embargoed)
    assert (held.state, held.ends_at) == (EmbargoState.ACTIVE, proposal.ends_at)


def test_the_second_of_two_confirmations_is_told(coordinator, embargoed):
    claims = []
    for _ in range(2):
        row, principal, _keys = a_party(embargoed, consent=Consent.SIGNATORY)
        claims.append(
            facts.claim(
                principal=principal,
                case=embargoed,
                by=row,
                event=CaseEvent.PUBLIC_AWARE,
                evidence="seen on a list",
            )
        )

    def confirm(claimed):
        return lambda: facts.confirm(
            principal=coordinator,
            claimed=CaseClaim.objects.get(pk=claimed.pk),
            revision=None,
        )

    confirmed, refusal = meet(
        confirm(claims[0]), confirm(claims[1]), at=record_of("cases:confirmed-P")
    )
    assert isinstance(confirmed, CaseClaim)
    assert isinstance(refusal, DomainError)
    assert "confirmed already" in str(refusal.message)
    assert CaseClaim.objects.filter(state=ClaimState.CONFIRMED).count() == 1
