"""Each way to verify: who may, what it proves, what it does not, and what ends it."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.community.claims.conftest import a_house
from tests.dns_server import DnsServer, serving
from tests.factories.claims import ClaimFactory, VerificationFactory
from tests.factories.desk import InterestFactory
from tests.factories.directory import coordinator_of_desk, member_of
from tests.principals import principal_of

from tcert.community.claims.domain import verifying
from tcert.community.claims.enums import Proof, State, Way
from tcert.community.claims.models import VERIFIED_FOR, Claim, Verification
from tcert.community.directory.models import Channel
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.fetcher import FetchError, TooSlow
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.nameservice import name_service
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(house):
    Channel.objects.create(
        team=house.team, kind="email", purpose="24/7", value="night@house.example"
    )
    return ClaimFactory(
        organisation=house.organisation, kind=Kind.DOMAIN, value="example.net", team=house.team
    )


def mailed_token():
    text = bytes(Mail.objects.get(recipient__isnull=False).entity).decode()
    return re.search(r"/claims/confirm/([\w-]{43})/", text.replace("=\n", ""))[1], text


def state(claim):
    return Claim.objects.get(pk=claim.pk).state


# Mail -----------------------------------------------------------------------------------------


def test_the_link_goes_to_the_contact_that_stands_says_nothing_and_works_once(house, claim):
    verifying.ask_by_mail(principal=house.boss, claim=claim)
    assert Mail.objects.get().recipient == "night@house.example"
    token, text = mailed_token()
    for word in ("example.net", house.organisation.name, "domain"):
        assert word not in text
    assert token not in str(Verification.objects.values())
    verifying.answer_link(token=token, is_right=True)
    assert state(claim) == State.VERIFIED
    proof = Verification.objects.get()
    assert (proof.state, proof.digest) == (Proof.PROVEN, None)
    assert proof.holds_until - proof.answered_at == VERIFIED_FOR
    with pytest.raises(DomainError):
        verifying.answer_link(token=token, is_right=True)


def test_who_reads_there_may_say_that_it_is_wrong(house, claim):
    verifying.ask_by_mail(principal=house.boss, claim=claim)
    verifying.answer_link(token=mailed_token()[0], is_right=False)
    assert (state(claim), Verification.objects.get().state) == (State.CLAIMED, Proof.DECLINED)


def test_a_link_ends_with_its_time_its_taking_back_and_the_claim(house, claim):
    asked = verifying.ask_by_mail(principal=house.boss, claim=claim)
    token = mailed_token()[0]
    with pytest.raises(Conflict):
        verifying.ask_by_mail(principal=house.boss, claim=claim)
    Verification.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(DomainError):
        verifying.open_link(token)
    Verification.objects.update(expires_at=clock.now() + timedelta(days=1))
    verifying.take_back(principal=house.boss, verification=asked)
    with pytest.raises(DomainError):
        verifying.open_link(token)
    with pytest.raises(AlreadyDone):
        verifying.take_back(principal=house.boss, verification=asked)


def test_without_a_round_the_clock_address_nothing_is_sent(house):
    claim = ClaimFactory(organisation=house.organisation)
    with pytest.raises(DomainError, match="round-the-clock"):
        verifying.ask_by_mail(principal=house.boss, claim=claim)
    assert not Mail.objects.exists()
    assert not Verification.objects.exists()


def test_a_hub_that_writes_nothing_in_clear_asks_for_a_key_first(house, claim, settings):
    settings.MAIL_CLEAR_TEXT = False
    with pytest.raises(DomainError, match="key"):
        verifying.ask_by_mail(principal=house.boss, claim=claim)
    assert not Verification.objects.exists()


# DNS ------------------------------------------------------------------------------------------


def look(house, asked):
    verifying.ask_to_look(principal=house.boss, verification=asked)
    jobs.run_due()
    asked.refresh_from_db()


def test_the_record_in_the_zone_proves_a_name(house, claim):
    asked = verifying.ask_by_dns(principal=house.boss, claim=claim)
    with serving(DnsServer()) as server:
        look(house, asked)
        assert (asked.state, bool(asked.looked_at)) == (Proof.ASKED, True)
        server.records["_tcert-claim.example.net"] = ["other", asked.record]
        look(house, asked)
        assert server.asked == ["_tcert-claim.example.net"] * 2
    assert (asked.state, state(claim)) == (Proof.PROVEN, State.VERIFIED)


@pytest.mark.parametrize("texts", [["tcert-claim=guess"], ["x" * 250] * 60, [""]])
def test_another_record_proves_nothing(house, claim, texts):
    asked = verifying.ask_by_dns(principal=house.boss, claim=claim)
    with serving(DnsServer({"_tcert-claim.example.net": texts})):
        look(house, asked)
    assert (asked.state, state(claim)) == (Proof.ASKED, State.CLAIMED)


def test_a_name_service_that_is_silent_is_left_in_time():
    with serving(DnsServer(silent=True)), pytest.raises(TooSlow):
        name_service().texts("_tcert-claim.example.net")


@pytest.mark.parametrize("name", ["", "x" * 64 + ".example", "..", "a" * 300])
def test_a_name_that_is_none_is_an_answer_and_no_crash(name):
    with serving(DnsServer()), pytest.raises(FetchError):
        name_service().texts(name or "..")


@pytest.mark.parametrize(
    ("kind", "value", "by_dns"),
    [
        (Kind.DOMAIN, "example.net", True),
        (Kind.DIAMETER_REALM, "hub.example.net", True),
        (Kind.DIAMETER_REALM, "epc.mnc070.mcc999.3gppnetwork.org", False),
        (Kind.APN, "internet.mnc070.mcc999.gprs", False),
        (Kind.GT_RANGE, "+4917100", False),
        (Kind.CIDR, "192.0.2.0/24", False),
        (Kind.ASN, "AS64496", False),
    ],
)
def test_dns_proves_names_outside_of_3gpp_only(house, kind, value, by_dns):
    claim = ClaimFactory(organisation=house.organisation, kind=kind, value=value.removeprefix("AS"))
    ways = set(verifying.ways_for(claim))
    assert ways == {Way.MAIL, Way.ATTESTATION, Way.COORDINATOR} | ({Way.DNS} if by_dns else set())
    if not by_dns:
        with pytest.raises(DomainError):
            verifying.ask_by_dns(principal=house.boss, claim=claim)


# The word of another team ---------------------------------------------------------------------


def test_another_house_gives_its_word_or_declines(house, other, claim):
    for is_right, wanted in ((False, State.CLAIMED), (True, State.VERIFIED)):
        asked = verifying.ask_for_word(principal=house.boss, claim=claim, team=other.team)
        verifying.give_word(
            principal=other.boss, verification=asked, is_right=is_right, note="Our routing."
        )
        assert state(claim) == wanted
    assert Verification.objects.filter(note__isnull=False).first().note == "Our routing."


def test_a_house_cannot_stand_for_itself(house, other, claim):
    other.organisation.group = house.organisation
    other.organisation.save()
    with pytest.raises(DomainError, match="one house"):
        verifying.ask_for_word(principal=house.boss, claim=claim, team=other.team)
    with pytest.raises(DomainError):
        verifying.ask_for_word(principal=house.boss, claim=claim, team=house.team)


def test_only_who_leads_the_team_that_was_asked_gives_its_word(house, other, claim):
    asked = VerificationFactory(claim=claim, by_team=other.team)
    plain, third = principal_of(member_of(other.team)), a_house().boss
    coordinator = principal_of(coordinator_of_desk(), coordinator=True)
    for principal in (house.boss, plain, third, coordinator):
        with pytest.raises(PermissionDenied):
            verifying.give_word(principal=principal, verification=asked, is_right=True, note="")
    seen = [p for p in (house.boss, plain, third) if asked.is_visible_to(p)]
    assert seen == [house.boss, plain]
    assert all(
        Verification.objects.visible_to(p).exists() == asked.is_visible_to(p)
        for p in (house.boss, plain, third, coordinator)
    )


# A coordinator --------------------------------------------------------------------------------


def test_a_coordinator_verifies_what_they_looked_at_and_nothing_they_are_tied_to(house, claim):
    person = coordinator_of_desk()
    InterestFactory(person=person, organisation=house.organisation)
    with pytest.raises(PermissionDenied):
        verifying.verify_by_desk(
            principal=principal_of(person, coordinator=True), claim=claim, note="x"
        )
    free = coordinator_of_desk()
    for principal in (house.boss, principal_of(free)):
        with pytest.raises(PermissionDenied):
            verifying.verify_by_desk(principal=principal, claim=claim, note="x")
    leader = principal_of(free, coordinator=True)
    with pytest.raises(DomainError):
        verifying.verify_by_desk(principal=leader, claim=claim, note=" ")
    verifying.verify_by_desk(principal=leader, claim=claim, note="The regulator's list.")
    assert state(claim) == State.VERIFIED
    assert AuditRecord.objects.filter(act="claims:claim:verify", object_id=claim.id).count() == 1


@pytest.mark.parametrize("now", [State.DISPUTED, State.WITHDRAWN, State.EXPIRED, State.ENDED])
def test_nothing_is_proven_while_it_is_contested_or_over(house, claim, leader, now):
    Claim.objects.filter(pk=claim.pk).update(state=now)
    claim.refresh_from_db()
    with pytest.raises(Conflict):
        verifying.verify_by_desk(principal=leader, claim=claim, note="x")
    with pytest.raises(Conflict):
        verifying.ask_by_mail(principal=house.boss, claim=claim)


def test_a_proof_that_comes_after_a_withdrawal_moves_nothing(house, claim):
    asked = verifying.ask_by_dns(principal=house.boss, claim=claim)
    Claim.objects.filter(pk=claim.pk).update(state=State.WITHDRAWN)
    with serving(DnsServer({"_tcert-claim.example.net": [asked.record]})):
        assert not verifying.look_up.handler(asked.id)
    assert state(claim) == State.WITHDRAWN
    asked.refresh_from_db()
    assert asked.state == Proof.ASKED


def test_who_is_asked_no_longer_reads_no_more(house, other, claim):
    """What the holder enters later is not for a team that was asked by mistake."""
    asked = verifying.ask_for_word(principal=house.boss, claim=claim, team=other.team)
    assert asked.is_visible_to(other.boss)
    verifying.take_back(principal=house.boss, verification=asked)
    asked.refresh_from_db()
    for principal, sees in ((house.boss, True), (other.boss, False)):
        assert asked.is_visible_to(principal) is sees
        assert Verification.objects.visible_to(principal).exists() is sees
