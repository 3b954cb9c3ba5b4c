"""Wrong clocks, late answers, everything over at once, nobody left: nothing is won by it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.signals import pre_save
from django.urls import reverse
from tests.community.claims.conftest import a_house
from tests.dns_server import DnsServer, serving
from tests.factories.claims import ClaimFactory, DisputeFactory, VerificationFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.meeting import Moment, meet
from tests.principals import principal_of, sign_in

from tcert.community.claims.domain import ageing, claiming, verifying
from tcert.community.claims.enums import Proof, State, Way
from tcert.community.claims.models import Claim, Dispute, Verification
from tcert.community.claims.precedence import is_decided
from tcert.community.claims.queries import holders
from tcert.community.claims.waiting import claims as waiting_claims
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Channel, TeamMembership
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
AHEAD = timedelta(hours=3)


def held(kind, value, at=None):
    found = holders(kind, value, at or clock.now())
    return [(one.claim.value, one.ranked.place) for one in found]


# Overlaps -------------------------------------------------------------------------------------


def test_the_same_a_wider_and_a_narrower_one_all_answer_in_their_order(house, other):
    third = a_house()
    for one, value in ((house, "+49171"), (other, "+491710"), (third, "+491710")):
        ClaimFactory(organisation=one.organisation, kind=Kind.GT_RANGE, value=value)
    found = holders(Kind.GLOBAL_TITLE, "+491710123", clock.now())
    places = [(one.claim.value, one.ranked.place) for one in found]
    assert places == [("+491710", 0), ("+491710", 0), ("+49171", 1)]
    assert not is_decided([one.ranked for one in found])
    proven = Claim.objects.get(value="+49171")
    verifying.verify_by_desk(
        principal=principal_of(coordinator_of_desk(), coordinator=True), claim=proven, note="Seen."
    )
    assert held(Kind.GLOBAL_TITLE, "+491710123")[0] == ("+49171", 0)


@pytest.mark.django_db(transaction=True)
def test_two_of_one_house_claim_the_same_at_once():
    house = a_house()
    colleague = principal_of(member_of(house.team, TeamRole.DEPUTY))

    def enter(who):
        return claiming.enter(
            principal=who, organisation=house.organisation, kind=Kind.PLMN, value="999-70"
        )

    made, refused = meet(
        lambda: enter(house.boss),
        lambda: enter(colleague),
        at=Moment(pre_save, Claim, lambda _row: True),
    )
    assert isinstance(made, Claim)
    assert isinstance(refused, Conflict)
    assert Claim.objects.count() == 1


# Clocks ---------------------------------------------------------------------------------------


def test_what_begins_tomorrow_answers_tomorrow(house):
    tomorrow = clock.now() + timedelta(days=1)
    claiming.enter(
        principal=house.boss,
        organisation=house.organisation,
        kind=Kind.PLMN,
        value="999-70",
        valid_from=tomorrow,
    )
    assert held(Kind.PLMN, "999-70") == []
    assert held(Kind.PLMN, "999-70", tomorrow) == [("999-70", 0)]


def test_a_clock_that_was_ahead_leaves_no_proof_from_the_future(house):
    """Entered and proven while the clock was three hours ahead: it counts once that hour comes."""
    real = clock.now()
    with clock.frozen(real + AHEAD):
        claim = ClaimFactory(organisation=house.organisation, valid_from=clock.now())
        leader = principal_of(coordinator_of_desk(), coordinator=True)
        verifying.verify_by_desk(principal=leader, claim=claim, note="Seen.")
    assert held(Kind.PLMN, "999-70", real) == []
    claim.refresh_from_db()
    assert not claim.candidate(0, 1).is_verified(real)
    assert claim.candidate(0, 1).is_verified(real + AHEAD)
    with clock.frozen(real):
        assert ageing.age() == 0


def test_an_answer_before_the_question_is_an_answer(house, other):
    """The question was dated by a clock that was ahead; the end of its time is what counts."""
    claim = ClaimFactory(organisation=house.organisation)
    real = clock.now()
    with clock.frozen(real + AHEAD):
        asked = verifying.ask_for_word(principal=house.boss, claim=claim, team=other.team)
    with clock.frozen(real):
        verifying.give_word(principal=other.boss, verification=asked, is_right=True, note="")
    claim.refresh_from_db()
    assert (claim.state, claim.verified_from) == (State.VERIFIED, real)


def test_a_record_that_comes_after_its_time_proves_nothing(house):
    claim = ClaimFactory(organisation=house.organisation, kind=Kind.DOMAIN, value="example.net")
    asked = verifying.ask_by_dns(principal=house.boss, claim=claim)
    with (
        serving(DnsServer({"_tcert-claim.example.net": [asked.record]})) as server,
        clock.frozen(asked.expires_at),
    ):
        assert not verifying.look_up.handler(asked.id)
        assert server.asked == []
    claim.refresh_from_db()
    assert claim.state == State.CLAIMED


# Everything over at once ----------------------------------------------------------------------


def test_years_later_every_page_answers_and_says_what_is_over(client, house, leader):
    claim = ClaimFactory(
        organisation=house.organisation, valid_until=clock.now() + timedelta(days=30)
    )
    proven = ClaimFactory(organisation=house.organisation, value="999-71", verified=True)
    VerificationFactory(claim=proven)
    dispute = DisputeFactory(claim=ClaimFactory(organisation=house.organisation, value="999-72"))
    Channel.objects.create(team=house.team, kind="email", purpose="24/7", value="n@house.example")
    with clock.frozen(clock.now() + timedelta(days=3650)):
        ageing.age()
        claim.refresh_from_db()
        proven.refresh_from_db()
        assert (claim.state, proven.state) == (State.EXPIRED, State.CLAIMED)
        assert not Verification.objects.filter(state=Proof.ASKED).exists()
        boss = sign_in(client, member_of(house.team, TeamRole.REPRESENTATIVE))
        listed = reverse("claims:of_organisation", args=[house.organisation.id])
        pages = {
            f"{listed}?state=all": "expired",
            reverse("claims:claim", args=[claim.id]): "expired",
            reverse("claims:claim", args=[proven.id]): "Nobody has verified it",
            reverse("claims:dispute", args=[dispute.id]): "Dispute about a claim",
            reverse("claims:csv", args=[house.organisation.id]): "999-71",
            reverse("keyring:team", args=[house.team.id]): "key",
            reverse("directory:team", args=[house.team.id]): house.team.name,
        }
        for path, words in pages.items():
            answer = boss.get(path)
            assert (path, answer.status_code) == (path, 200)
            assert words in answer.content.decode(), path
        assert held(Kind.PLMN, "999-70") == []
        assert held(Kind.PLMN, "999-71") == [("999-71", 0)]


# Nobody left ----------------------------------------------------------------------------------


def test_when_the_last_who_leads_has_left_nothing_is_lost_and_the_desk_can_help(client, leader):
    team = TeamFactory()
    last = member_of(team, TeamRole.REPRESENTATIVE)
    member_of(team)
    claim = ClaimFactory(organisation=team.organisation)
    asked = VerificationFactory(claim=claim, way=Way.ATTESTATION)
    dispute = DisputeFactory(claim=ClaimFactory(organisation=team.organisation, value="999-71"))
    TeamMembership.objects.filter(person=last).delete()
    gone = principal_of(last)
    with pytest.raises(PermissionDenied):
        claiming.withdraw(principal=gone, claim=claim)
    assert list(waiting_claims(gone)) == []
    assert not claim.is_visible_to(gone)
    assert sign_in(client, last).get(reverse("claims:claim", args=[claim.id])).status_code in {
        403,
        404,
    }
    assert held(Kind.PLMN, "999-70") == [("999-70", 0)]
    assert Verification.objects.get(pk=asked.pk).state == Proof.ASKED
    assert not Dispute.objects.get(pk=dispute.pk).decided_at
    verifying.verify_by_desk(principal=leader, claim=claim, note="Called them.")
    assert Claim.objects.get(pk=claim.pk).state == State.VERIFIED
