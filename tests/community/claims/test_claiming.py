"""Claims entered, changed, withdrawn, aged; who holds what; what overlaps."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.community.claims.conftest import a_house
from tests.factories.claims import ClaimFactory, DisputeFactory, VerificationFactory
from tests.factories.desk import InterestFactory
from tests.factories.directory import coordinator_of_desk, member_of
from tests.principals import principal_of

from tcert.community.claims.domain import ageing, claiming
from tcert.community.claims.domain.states import move
from tcert.community.claims.enums import Act, Outcome, Proof, State
from tcert.community.claims.models import VERIFIED_FOR, Claim, Covered, Verification
from tcert.community.claims.queries import holders, overlaps_of
from tcert.community.claims.transitions import after
from tcert.community.claims.waiting import claims as waiting_claims
from tcert.community.claims.waiting import desk as waiting_desk
from tcert.community.notices.models import Notice
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.principal import ANONYMOUS, SYSTEM
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.second import NeedsSecond
from tcert.foundation.kernel.shown import mark
from tcert.foundation.kernel.tlp import Tlp

pytestmark = pytest.mark.django_db


def enter(house, kind=Kind.PLMN, value="99970", **more):
    return claiming.enter(
        principal=house.boss, organisation=house.organisation, kind=kind, value=value, **more
    )


def who(kind, value, at=None):
    return [(h.claim.organisation, h.ranked.place) for h in holders(kind, value, at or clock.now())]


def test_a_claim_is_kept_in_its_one_form_and_answers_at_once(house):
    claim = enter(house, Kind.GT_RANGE, "+4917100000 - 4917100499", evidence=" Letter ")
    assert (claim.value, claim.state, claim.tlp) == (
        "+4917100000-4917100499",
        State.CLAIMED,
        Tlp.AMBER,
    )
    assert not claim.is_findable
    assert Claim.objects.get().evidence == "Letter"
    assert who(Kind.GLOBAL_TITLE, "+4917100499") == [(house.organisation, 0)]
    assert who(Kind.GLOBAL_TITLE, "+4917100500") == []


def test_the_evidence_stands_nowhere_in_clear(house):
    enter(house, evidence="Licence of the minister")
    with connection.cursor() as cursor:
        cursor.execute("SELECT evidence FROM claims_claim")
        assert b"minister" not in bytes(cursor.fetchone()[0])
    assert "minister" not in str(list(AuditRecord.objects.values_list("data")))


@pytest.mark.parametrize("state", State)
def test_what_may_be_entered_again_depends_on_the_state(house, state):
    known = ClaimFactory(organisation=house.organisation, state=state)
    if state in {State.WITHDRAWN, State.EXPIRED}:
        assert enter(house).pk == known.pk
        known.refresh_from_db()
        assert (known.state, known.verified_until) == (State.CLAIMED, None)
    else:
        with pytest.raises(Conflict):
            enter(house)
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"value": "31"}, "value"),
        ({"kind": Kind.MSISDN, "value": "+491710000000"}, "value"),
        ({"valid_until": clock.now() - timedelta(days=9)}, "valid_until"),
        ({"tlp": Tlp.RED}, "tlp"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(house, more, code):
    with pytest.raises(DomainError) as refused:
        enter(house, **more)
    assert refused.value.code == code
    assert not Claim.objects.exists()


def test_a_foreign_team_does_not_answer_for_a_claim(house, other):
    with pytest.raises(DomainError):
        enter(house, team=other.team)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_each_pair_moves_or_is_refused_and_only_a_move_is_recorded(state, act):
    claim = ClaimFactory(state=state)
    target = after(state, act)
    if target is None:
        with pytest.raises(AlreadyDone):
            move(principal=SYSTEM, claim=claim, act=act)
    else:
        move(principal=SYSTEM, claim=claim, act=act)
    claim.refresh_from_db()
    assert claim.state == (target or state)
    assert AuditRecord.objects.filter(object_id=claim.id).count() == (target is not None)


# Who holds ------------------------------------------------------------------------------------


def test_a_verified_claim_comes_before_a_narrower_one(house, other):
    ClaimFactory(organisation=house.organisation, kind=Kind.GT_RANGE, value="+49171", verified=True)
    ClaimFactory(organisation=other.organisation, kind=Kind.GT_RANGE, value="+4917100")
    asked = who(Kind.GLOBAL_TITLE, "+491710012345")
    assert asked == [(house.organisation, 0), (other.organisation, 1)]


def test_it_is_answered_for_the_moment_that_is_asked_for(house):
    now = clock.now()
    ClaimFactory(
        organisation=house.organisation,
        valid_from=now - timedelta(days=10),
        valid_until=now + timedelta(days=10),
    )
    days = (-11, -10, 9, 10)
    found = [bool(who(Kind.PLMN, "999-70", now + timedelta(days=d, minutes=-1))) for d in days]
    assert found == [False, False, True, True]
    assert not who(Kind.PLMN, "999-70", now + timedelta(days=10, minutes=1))


@pytest.mark.parametrize("state", State)
def test_what_counts_answers_and_a_dispute_hides_nothing(state):
    ClaimFactory(state=state)
    assert bool(who(Kind.PLMN, "999-70")) == (state in State.counting())


def test_a_look_up_is_a_few_exact_values_however_many_claims_there_are(house):
    house_claims = [f"+49171{n:03}" for n in range(60)]
    for value in house_claims:
        ClaimFactory(organisation=house.organisation, kind=Kind.GT_RANGE, value=value)
    with CaptureQueriesContext(connection) as asked:
        assert who(Kind.GLOBAL_TITLE, "+49171012999") == [(house.organisation, 0)]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("value", "length"), [("192.0.2.9", 24), ("192.0.3.9", 16), ("192.1.0.1", 8)]
)
def test_the_longest_network_answers_first(house, value, length):
    for bits in ("192.0.0.0/8", "192.0.0.0/16", "192.0.2.0/24"):
        ClaimFactory(organisation=house.organisation, kind=Kind.CIDR, value=bits)
    first = holders(Kind.IP, value, clock.now())[0]
    assert first.claim.value.endswith(f"/{length}")


# Overlaps -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "mine", "theirs", "meets"),
    [
        (Kind.PLMN, "999-70", "999-70", True),
        (Kind.GT_RANGE, "+49171", "+4917100", True),
        (Kind.GT_RANGE, "+4917100", "+49171", True),
        (Kind.GT_RANGE, "+4917100", "+4917101", False),
        (Kind.CIDR, "192.0.2.0/24", "192.0.2.128/25", True),
        (Kind.CIDR, "192.0.2.0/25", "192.0.2.128/25", False),
        (Kind.DOMAIN, "example.net", "mail.example.net", True),
        (Kind.DOMAIN, "example.net", "example.net.example.org", False),
    ],
)
def test_both_stand_both_are_told_and_nobody_is_named(house, other, kind, mine, theirs, meets):
    first = enter(house, kind, mine)
    second = enter(other, kind, theirs)
    jobs.run_due()
    assert {c.state for c in Claim.objects.all()} == {State.CLAIMED}
    assert [c.pk for c in overlaps_of(first)] == ([second.pk] if meets else [])
    told = set(Notice.objects.values_list("team_id", flat=True))
    assert {house.team.id, other.team.id} <= told if meets else not told
    for notice in Notice.objects.all():
        words = f"{notice.subject} {notice.text}"
        assert not any(
            name in words
            for name in (mine, theirs, house.organisation.name, other.organisation.name)
        )


# Withdrawing, the desk, time ------------------------------------------------------------------


def test_withdrawn_it_answers_nobody_and_restored_it_is_to_be_proven_anew(house):
    claim = ClaimFactory(organisation=house.organisation, verified=True)
    VerificationFactory(claim=claim)
    claiming.withdraw(principal=house.boss, claim=claim)
    assert who(Kind.PLMN, "999-70") == []
    assert Verification.objects.get().state == Proof.LAPSED
    with pytest.raises(AlreadyDone):
        claiming.withdraw(principal=house.boss, claim=claim)
    claim.refresh_from_db()
    claiming.restore(principal=house.boss, claim=claim)
    claim.refresh_from_db()
    assert (claim.state, claim.is_proven) == (State.CLAIMED, False)


def test_nobody_of_the_desk_withdraws_alone_what_keeps_cases_from_them(leader):
    with pytest.raises(NeedsSecond):
        claiming.withdraw(principal=leader, claim=ClaimFactory())
    assert Claim.objects.get().state == State.CLAIMED


def test_what_a_decision_ended_only_an_untied_coordinator_restores(house):
    claim = ClaimFactory(organisation=house.organisation, state=State.ENDED)
    with pytest.raises(Conflict):
        claiming.restore(principal=house.boss, claim=claim)
    person = coordinator_of_desk()
    InterestFactory(person=person, organisation=house.organisation)
    tied = principal_of(person, coordinator=True)
    with pytest.raises(PermissionDenied):
        claiming.restore(principal=tied, claim=claim)
    free = principal_of(coordinator_of_desk(), coordinator=True)
    claiming.restore(principal=free, claim=claim)
    claim.refresh_from_db()
    assert claim.state == State.CLAIMED


def test_time_ends_claims_and_proofs_and_what_was_asked():
    now = clock.now()
    past = {"verified_from": now - VERIFIED_FOR, "verified_until": now - timedelta(hours=1)}
    over = ClaimFactory(valid_until=now - timedelta(hours=1))
    stale = ClaimFactory(state=State.VERIFIED, **past)
    contested = DisputeFactory(claim__valid_until=now - timedelta(hours=1))
    fresh = ClaimFactory(verified=True)
    asked = VerificationFactory(claim=fresh, expires_at=now - timedelta(hours=1))
    assert ageing.age() == 3
    states = {c.pk: c.state for c in Claim.objects.all()}
    assert (states[over.pk], states[stale.pk]) == (State.EXPIRED, State.CLAIMED)
    assert (states[contested.claim_id], states[fresh.pk]) == (State.EXPIRED, State.VERIFIED)
    contested.refresh_from_db()
    asked.refresh_from_db()
    assert (contested.outcome, asked.state) == (Outcome.MOOT, Proof.LAPSED)
    assert ageing.age() == 0


def test_holders_are_reminded_once_a_month_and_see_it_on_their_day(house):
    soon = clock.now() + timedelta(days=20)
    for value in ("999-70", "999-71"):
        ClaimFactory(
            organisation=house.organisation,
            value=value,
            state=State.VERIFIED,
            verified_from=clock.now(),
            verified_until=soon,
        )
    ageing.remind()
    ageing.remind()
    assert [n.team_id for n in Notice.objects.all()] == [house.team.id]
    (line,) = waiting_claims(house.boss)
    assert line.url.endswith("?state=ending")


def test_my_day_shows_what_waits_for_each(house, leader):
    DisputeFactory(claim__organisation=house.organisation)
    VerificationFactory(by_team=house.team)
    assert len(list(waiting_claims(house.boss))) == 2
    assert len(list(waiting_desk(leader))) == 2
    assert not list(waiting_claims(ANONYMOUS))


# Who sees what --------------------------------------------------------------------------------

VIEWERS = ("representative", "colleague", "member", "coordinator", "stranger")


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("tlp", [Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER])
def test_who_sees_a_claim(house, other, leader, tlp, state):
    """Mark, state, viewer: the query and the predicate say the same."""
    claim = ClaimFactory(organisation=house.organisation, tlp=tlp, state=state)
    viewers = {
        "representative": house.boss,
        "colleague": principal_of(member_of(house.team)),
        "member": other.boss,
        "coordinator": leader,
        "stranger": ANONYMOUS,
    }
    seen = {n for n, p in viewers.items() if Claim.objects.visible_to(p).exists()}
    assert seen == {n for n, p in viewers.items() if claim.is_visible_to(p)}
    shared = tlp in {Tlp.CLEAR, Tlp.GREEN} and state in State.counting()
    assert seen == set(VIEWERS) - {"stranger"} - (set() if shared else {"member"})


def test_only_who_leads_and_coordinators_claim(house, leader):
    plain = principal_of(member_of(house.team))
    foreign = a_house().boss
    for principal in (plain, foreign, ANONYMOUS):
        with pytest.raises(PermissionDenied):
            claiming.enter(
                principal=principal,
                organisation=house.organisation,
                kind=Kind.PLMN,
                value="999-70",
            )
    assert claiming.enter(
        principal=leader, organisation=house.organisation, kind=Kind.PLMN, value="999-70"
    )
    assert Covered.objects.count() == 1


def test_what_was_withdrawn_and_has_run_out_since_counts_once_it_is_restored(house):
    claim = ClaimFactory(
        organisation=house.organisation,
        state=State.WITHDRAWN,
        valid_until=clock.now() - timedelta(days=1),
    )
    claiming.restore(principal=house.boss, claim=claim)
    assert who(Kind.PLMN, "999-70") == [(house.organisation, 0)]
    assert ageing.age() == 0


def test_a_claim_that_is_over_already_is_not_entered(house):
    """It would be called a success and answer nobody."""
    begins, ended = clock.now() - timedelta(days=9), clock.now() - timedelta(days=2)
    with pytest.raises(DomainError) as refused:
        enter(house, valid_from=begins, valid_until=ended)
    assert refused.value.code == "valid_until"


def test_who_writes_evidence_over_a_colleagues_is_told_first(house):
    claim = ClaimFactory(organisation=house.organisation, evidence="old")
    shown = mark(claim, claiming.FIELDS)
    said = {"team": None, "tlp": Tlp.AMBER, "is_findable": False}
    said |= {"valid_from": claim.valid_from, "valid_until": None}
    claiming.change(principal=house.boss, claim=claim, shown=shown, evidence="mine", **said)
    with pytest.raises(Conflict):
        claiming.change(principal=house.boss, claim=claim, shown=shown, evidence="theirs", **said)
    assert Claim.objects.get().evidence == "mine"
