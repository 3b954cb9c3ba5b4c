"""The hub's table: it answers as the claims in the database do, and an act shows at once.

Protects: whoever is asked for, the answer is that of the claims as they stand now and stood then.
"""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.community.claims.conftest import a_house
from tests.factories.claims import BatchFactory, ClaimFactory
from tests.factories.directory import OrganisationFactory, coordinator_of_desk
from tests.factories.reference import NetworkFactory
from tests.principals import principal_of

from tcert.community.claims import queries
from tcert.community.claims.domain import claiming, disputes, verifying
from tcert.community.claims.enums import Outcome, State
from tcert.community.claims.models import Claim
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import record
from tcert.response.reference.domain import tying
from tcert.response.routing import claimed, table
from tcert.response.snapshot.enums import Role
from tcert.response.snapshot.resolution import resolve

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

VALUES = [
    (Kind.GT_RANGE, "+49171"),
    (Kind.GT_RANGE, "+4917100"),
    (Kind.GT_RANGE, "+4917100000-4917100499"),
    (Kind.GLOBAL_TITLE, "+4917100000321"),
    (Kind.MSISDN_RANGE, "+4917100"),
    (Kind.PLMN, "310-410"),
    (Kind.PLMN, "310-41"),
    (Kind.PLMN, "405-05"),
    (Kind.CIDR, "198.51.100.0/24"),
    (Kind.CIDR, "198.51.100.4/32"),
    (Kind.IP, "198.51.100.4"),
    (Kind.ASN, "64496"),
    (Kind.DOMAIN, "example.net"),
    (Kind.DIAMETER_REALM, "a.example.net"),
    (Kind.TAC, "49015420"),
]
ASKED = [
    (Kind.GLOBAL_TITLE, "+4917100000321"),
    (Kind.GLOBAL_TITLE, "+4917100999999"),
    (Kind.MSISDN, "+4917100000321"),
    (Kind.PLMN, "310-410"),
    (Kind.IMSI, "310410123456789"),
    (Kind.DIAMETER_REALM, "epc.mnc005.mcc405.3gppnetwork.org"),
    (Kind.DIAMETER_HOST, "dra.a.example.net"),
    (Kind.DOMAIN, "b.a.example.net"),
    (Kind.IP, "198.51.100.4"),
    (Kind.IP, "198.51.100.9"),
    (Kind.ASN, "64496"),
    (Kind.IMEI, "490154203237518"),
]
NOW = clock.now().replace(microsecond=0)
DAYS = [timedelta(days=days) for days in (-40, -20, -1, 0, 20, 40)]
CLAIMS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(VALUES),
        st.sampled_from([*State]),
        st.sampled_from(DAYS),
        st.sampled_from([None, *DAYS]),
        st.sampled_from([None, *DAYS]),
        st.sampled_from([None, *DAYS]),
    ),
    max_size=14,
    unique_by=lambda one: (one[0], one[1]),
)


def later(moved):
    return None if moved is None else NOW + moved


def made(houses, found):
    for house, (kind, value), state, begins, ends, verified, until in found:
        ClaimFactory(
            organisation=houses[house],
            kind=kind,
            value=value,
            state=state,
            valid_from=later(begins),
            valid_until=later(ends),
            verified_from=later(verified),
            verified_until=later(until),
        )


def places_in(ranked):
    """Who stands where: of each organisation its best, whatever else it claims."""
    best = {}
    for party, place in ranked:
        best[party] = min(place, best.get(party, place))
    order = {place: n for n, place in enumerate(sorted(set(best.values())))}
    return {party: order[place] for party, place in best.items()}


def by_table(snapshot, found, at):
    found = resolve(snapshot, found, at).candidates
    named = [one for one in found if not one.party.startswith("country:")]
    return places_in((claimed.organisation_of(one.party), one.place) for one in named)


def by_database(found, at, operational):
    held = queries.holders_of(found, at, operational=operational)
    return places_in((one.claim.organisation_id, one.ranked.place) for one in held)


def compare(snapshot):
    for kind, value in ASKED:
        found = registry.parse(kind, value)
        for moved in DAYS:
            at = NOW + moved
            said = by_database(found, at, snapshot.operational)
            assert by_table(snapshot, found, at) == said, (kind, value, moved)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=CLAIMS, second=CLAIMS, unlisted=st.booleans())
@pytest.mark.slow
def test_the_table_answers_as_the_claims_do_one_by_one(db, first, second, unlisted):
    """Compiled whole, and with everything that came later in the overlay."""
    with transaction.atomic():
        table.forget()
        houses = [OrganisationFactory() for _n in range(3)]
        if unlisted:
            houses[2].state = OrganisationState.SUSPENDED
            houses[2].save()
            first = [one for one in first if one[0] != 2]
            second = [one for one in second if one[0] != 2]
        made(houses, first)
        compare(table.current())
        there = {(one[0], one[1]) for one in first}
        made(houses, [one for one in second if (one[0], one[1]) not in there])
        for claim in Claim.objects.all():
            Claim.objects.filter(pk=claim.pk).update(is_shared=True)
            record(SYSTEM, "claims:claim:change", "claim", claim.id)
        whole = table.current()
        assert whole.overlay is not None or not Claim.objects.exists()
        compare(whole)
        table.forget()
        compare(table.current())
        transaction.set_rollback(True)


def standing(kind, value, at=None):
    found = resolve(table.current(), registry.parse(kind, value), at or clock.now())
    return [(claimed.organisation_of(one.party), one.state, one.confidence) for one in found.first]


def test_each_act_shows_at_the_next_question():
    """Entered, proven, contested, decided, withdrawn, restored: the overlay has it each time."""
    house, rival = a_house(), a_house()
    key = house.organisation.id
    free = principal_of(coordinator_of_desk(), coordinator=True)
    assert standing(Kind.PLMN, "999-70") == []
    base = table.current()
    claim = claiming.enter(
        principal=house.boss, organisation=house.organisation, kind=Kind.PLMN, value="999-70"
    )
    assert standing(Kind.PLMN, "999-70") == [(key, "claimed", 50)]
    verifying.verify_by_desk(principal=free, claim=claim, note="Seen the licence.")
    assert standing(Kind.PLMN, "999-70") == [(key, "verified", 95)]
    Claim.objects.filter(pk=claim.pk).update(tlp="GREEN")
    claim.refresh_from_db()
    disputes.open_dispute(
        principal=rival.boss, claim=claim, organisation=rival.organisation, reason="Ours."
    )
    assert standing(Kind.PLMN, "999-70") == [(key, "disputed", 95)]
    claim.refresh_from_db()
    claiming.withdraw(principal=house.boss, claim=claim)
    assert standing(Kind.PLMN, "999-70") == []
    claiming.restore(principal=house.boss, claim=claim)
    assert standing(Kind.PLMN, "999-70") == [(key, "claimed", 50)]
    assert table.current().routes is base.routes  # never compiled anew for these


def test_a_change_takes_nobody_else_from_what_both_cover():
    """An address and its /32 are one key: who holds the other keeps answering."""
    house = a_house()
    other = ClaimFactory(kind=Kind.IP, value="198.51.100.4")
    table.current()
    claiming.enter(
        principal=house.boss,
        organisation=house.organisation,
        kind=Kind.CIDR,
        value="198.51.100.4/32",
    )
    parties = {one[0] for one in standing(Kind.IP, "198.51.100.4")}
    assert parties == {house.organisation.id, other.organisation_id}


def test_that_both_hold_it_shows_at_once_of_the_other_claim_too():
    """The other's claim is narrower: what covers it alone is told by its own record."""
    house, rival = a_house(), a_house()
    free = principal_of(coordinator_of_desk(), coordinator=True)
    wide = claiming.enter(
        principal=house.boss, organisation=house.organisation, kind=Kind.CIDR, value="192.0.2.0/24"
    )
    claiming.enter(
        principal=rival.boss, organisation=rival.organisation, kind=Kind.CIDR, value="192.0.2.0/25"
    )
    Claim.objects.filter(pk=wide.pk).update(tlp="GREEN")
    wide.refresh_from_db()
    dispute = disputes.open_dispute(
        principal=rival.boss, claim=wide, organisation=rival.organisation, reason="Ours."
    )
    found = registry.parse(Kind.IP, "192.0.2.7")
    table.current()
    disputes.decide(principal=free, dispute=dispute, outcome=Outcome.SHARED, decision="Both.")
    roles = {one.role for one in resolve(table.current(), found, clock.now()).candidates}
    assert roles == {Role.SHARED}


def test_a_tie_shows_at_once_and_so_does_taking_it_back():
    """What is claimed of the same code stays, although the list's entry is another."""
    network = NetworkFactory(plmn="208-01", operator="Orange S.A.")
    house, holder = OrganisationFactory(), ClaimFactory(value="208-01", verified=True)
    free = principal_of(coordinator_of_desk(), coordinator=True)
    found = registry.parse(Kind.PLMN, "208-01")

    def parties():
        return [one.party for one in resolve(table.current(), found, clock.now()).candidates]

    first = claimed.party_of(holder.organisation_id)
    assert parties() == [first, "reference:Orange S.A."]
    tied = tying.tie(
        principal=free, operator=network.operator, country_code="FR", organisation=house
    )
    assert parties() == [first, claimed.party_of(house.id)]
    tying.untie(principal=free, tied=tied)
    assert parties() == [first, "reference:Orange S.A."]


@pytest.mark.parametrize("by", ["suspended", "deleted"])
def test_who_leaves_the_list_answers_for_nothing(by):
    claim = ClaimFactory(verified=True)
    assert standing(Kind.PLMN, "999-70") == [(claim.organisation_id, "verified", 95)]
    if by == "deleted":
        claim.organisation.delete()
        with clock.frozen(clock.now() + table.AGAIN_AFTER):
            assert standing(Kind.PLMN, "999-70") == []
    else:
        Organisation.objects.filter(pk=claim.organisation_id).update(
            state=OrganisationState.SUSPENDED
        )
        assert standing(Kind.PLMN, "999-70") == []


def test_an_import_shows_within_a_minute_and_single_acts_at_once_meanwhile():
    house = a_house()
    start = clock.now()
    with clock.frozen(start):
        table.current()
        batch = BatchFactory(organisation=house.organisation)
        ClaimFactory(organisation=house.organisation, value="999-71", verified=True)
        record(SYSTEM, "claims:batch:apply", "claims-batch", batch.id, rows=1, written=1)
        assert standing(Kind.PLMN, "999-71") == []
        claiming.enter(
            principal=house.boss, organisation=house.organisation, kind=Kind.PLMN, value="999-70"
        )
        assert standing(Kind.PLMN, "999-70") == [(house.organisation.id, "claimed", 50)]
    with clock.frozen(start + table.AGAIN_AFTER):
        assert standing(Kind.PLMN, "999-71") == [(house.organisation.id, "verified", 95)]


def test_more_changes_than_an_overlay_takes_are_compiled(monkeypatch):
    monkeypatch.setattr(table, "MOST_BESIDE", 3)
    start = clock.now()
    with clock.frozen(start):
        table.current()
        for n in range(5):
            claim = ClaimFactory(value=f"999-{n:02}", verified=True)
            record(SYSTEM, "claims:claim:expire", "claim", claim.id)
    with clock.frozen(start + table.AGAIN_AFTER):
        assert table.current().overlay is None
        assert all(standing(Kind.PLMN, f"999-{n:02}") for n in range(5))


def test_no_table_outlives_its_time_or_a_clock_that_was_set_back():
    start = clock.now()
    for moved in (table.OLDEST, -timedelta(days=1)):
        with clock.frozen(start):
            table.forget()
            table.current()
        ClaimFactory(value="999-70", verified=True)
        with clock.frozen(start + moved):
            table.current()
            assert table.current().operational == {"999-70"}
        Claim.objects.all().delete()


def test_a_proof_that_ends_needs_no_new_table():
    """Time changes the answer, not the table: there is a moment to which each is valid."""
    claim = ClaimFactory(verified=True)
    base = table.current()
    ends = claim.verified_until
    for at, state in [
        (claim.verified_from - timedelta(seconds=1), "claimed"),
        (claim.verified_from, "verified"),
        (ends - timedelta(seconds=1), "verified"),
        (ends, "claimed"),
    ]:
        assert standing(Kind.PLMN, "999-70", at)[0][1] == state
    assert table.current() is base


def test_what_decides_a_question_is_asked_in_two_questions_however_many_claims():
    for n in range(3):
        ClaimFactory(value=f"999-{n:02}", verified=True)
    table.current()
    with CaptureQueriesContext(connection) as asked:
        table.current()
    assert len(asked) == 2


def test_shared_claims_are_shared_and_typed_ones_say_so():
    claim = ClaimFactory(is_shared=True, verified=True, tlp="GREEN")
    (entry,) = [one for one in claimed.entries() if one.state == "verified"]
    assert (entry.role, entry.source) == (Role.SHARED, "claim, typed")
    assert claimed.Mark.read(entry.mark) == claimed.Mark("GREEN", claim.team_id)


class TestTwoAtOnce:
    """Another connection acts, and this one has its table already."""

    pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

    def test_an_act_of_another_connection_shows_once_it_is_done(self):
        house = a_house()
        table.current()
        entered = Thread(target=self.enter, args=(house,))
        entered.start()
        entered.join()
        assert standing(Kind.PLMN, "999-70") == [(house.organisation.id, "claimed", 50)]

    def test_an_act_that_ends_later_than_a_later_one_is_not_overlooked(self):
        """Its record is older than one that was taken in before: known is a set, no highest."""
        if connection.vendor == "sqlite":
            pytest.skip("SQLite lets one writer in at a time")
        house, other, entered, go = a_house(), a_house(), Event(), Event()
        late = Thread(target=self.enter, args=(house, entered, go))
        table.current()
        late.start()
        entered.wait(20)
        claiming.enter(
            principal=other.boss, organisation=other.organisation, kind=Kind.ASN, value="64496"
        )
        assert standing(Kind.ASN, "64496") == [(other.organisation.id, "claimed", 50)]
        table.forget()
        assert standing(Kind.PLMN, "999-70") == []
        go.set()
        late.join()
        assert standing(Kind.PLMN, "999-70") == [(house.organisation.id, "claimed", 50)]

    @staticmethod
    def enter(house, entered=None, go=None):
        try:
            with transaction.atomic():
                claiming.enter(
                    principal=house.boss,
                    organisation=house.organisation,
                    kind=Kind.PLMN,
                    value="999-70",
                )
                if entered is not None:
                    entered.set()
                    go.wait(20)
        finally:
            connection.close()
