"""Taking a list: whole or not at all, claims and ties untouched, and who may do it."""

import json
import threading
import time
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from tests.factories.claims import ClaimFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.reference import ROWS, TieFactory, as_file, listed, taken
from tests.principals import principal_of

from tcert.community.claims.models import Claim
from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.reference import networks, packaged, queries
from tcert.response.reference.domain import taking, tying
from tcert.response.reference.models import Edition, Network, Tie
from tcert.response.reference.refusals import NotTaken

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return principal_of(coordinator_of_desk(), coordinator=True)


def proposed(rows, version="1.0.1"):
    return taking.propose(as_file(rows), version=version, licence="MIT")


COUNTING = ("organisation", "kind", "value", "state", "verified_until", "valid_until", "tlp")


def stored():
    return {one.row for one in Network.objects.all()}


@pytest.mark.slow
def test_the_first_list_is_taken_at_set_up_once_and_quickly():
    began = time.perf_counter()
    first = taking.first_load()
    took = time.perf_counter() - began
    assert Network.objects.count() == first.rows == 3085
    assert stored() == set(networks.read(packaged.networks()).rows)
    assert (first.version, first.licence, first.taken_by) == ("1.1.11", "MIT", None)
    assert len(first.aside) == 9
    assert first.changes == []
    assert AuditRecord.objects.filter(act="reference:take", object_id=first.id).count() == 1
    assert taking.first_load() is None
    assert took < 5, "each new hub waits for it"


def test_set_up_without_a_list_and_a_later_version_leave_all_as_it_is(monkeypatch, tmp_path):
    monkeypatch.setattr(packaged, "FOLDER", tmp_path)
    assert taking.first_load() is None
    taken()
    (tmp_path / "networks.json").write_bytes(as_file(ROWS[:3]))
    about = {"name": "mcc-mnc-list", "version": "9.0.0", "license": "MIT", "integrity": "sha512-"}
    (tmp_path / "networks.about.json").write_text(json.dumps(about))
    assert taking.first_load() is None
    assert Edition.objects.get().version == "1.0.0"


def test_a_refresh_alters_what_changed_and_leaves_the_rest_with_its_edition(desk):
    first = taken()
    closed = {**ROWS[0], "status": "Not operational"}
    come = listed("208-02", "New One")
    proposal = proposed([closed, come, *ROWS[2:]])
    assert proposal.counts == {"added": 1, "altered": 1, "removed": 1}
    assert stored() == set(networks.read(as_file()).rows), "nothing is changed by looking"
    second = taking.take(principal=desk, proposal=proposal)
    assert stored() == set(proposal.rows)
    assert set(second.networks.values_list("plmn", flat=True)) == {"208-01", "208-02"}
    assert first.networks.count() == len(ROWS) - 2
    assert (second.number, second.taken_by) == (2, desk.person_id)
    assert second.counts == proposal.counts
    assert len(second.changes) == 3
    said = AuditRecord.objects.get(act="reference:take", object_id=second.id).data
    assert (said["version"], said["removed"]) == ("1.0.1", 1)


def test_claims_and_ties_are_as_they_were_whatever_a_list_says(desk):
    taken()
    claim = ClaimFactory(kind=Kind.PLMN, value="208-01", verified=True)
    tied = TieFactory(operator="Orange S.A.", country_code="FR")
    before = Claim.objects.filter(pk=claim.pk).values_list(*COUNTING).get()
    taking.take(principal=desk, proposal=proposed(ROWS[1:]))
    assert Claim.objects.filter(pk=claim.pk).values_list(*COUNTING).get() == before
    tied.refresh_from_db()
    assert tied.ended_at is None


def test_the_same_an_older_and_a_shortened_list_are_refused(desk):
    taken(version="1.0.5")
    for rows, version, said in (
        (ROWS, "1.0.6", "stands here already"),
        (ROWS[1:], "1.0.4", "older than version 1.0.5"),
        (ROWS[:4], "1.0.6", "part of it may be missing"),
    ):
        with pytest.raises(NotTaken, match=said):
            taking.take(principal=desk, proposal=proposed(rows, version))
    assert stored() == set(networks.read(as_file()).rows)
    assert Edition.objects.count() == 1
    taking.take(principal=desk, proposal=proposed(ROWS[:4], "1.0.4"), anyhow=True)
    assert Edition.objects.count() == 2


def test_of_two_who_take_at_once_the_second_is_told_and_nothing_of_it_stays(desk):
    taken()
    one, other = proposed(ROWS[1:]), proposed([*ROWS, listed("208-02", "Late")], "1.0.2")
    taking.take(principal=desk, proposal=one)
    with pytest.raises(Conflict):
        taking.take(principal=desk, proposal=other)
    assert stored() == set(one.rows)
    assert Edition.objects.count() == 2


class Killed(BaseException):
    """What a killed process leaves: no handler of ours runs."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_refresh_that_is_killed_half_way_changes_nothing(at):
    """Killed at each statement that writes."""
    taken()
    before, proposal = stored(), proposed([listed("208-02", "Late"), *ROWS[2:]])
    seen = 0

    def kill(execute, sql, params, many, context):
        nonlocal seen
        seen += sql.startswith(("INSERT", "DELETE", "UPDATE"))
        if seen == at:
            raise Killed
        return execute(sql, params, many, context)

    with pytest.raises(Killed), connection.execute_wrapper(kill):
        taking.take(principal=SYSTEM, proposal=proposal)
    assert stored() == before
    assert Edition.objects.count() == 1
    taking.take(principal=SYSTEM, proposal=proposed([listed("208-02", "Late"), *ROWS[2:]]))
    assert stored() == set(proposal.rows)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_two_processes_that_set_up_at_once_take_the_list_once():
    results, errors = [], []

    def set_up():
        try:
            results.append(taking.first_load())
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=set_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(one is not None for one in results) == 1
    assert Network.objects.count() == Edition.objects.get().rows


def test_who_is_no_coordinator_takes_nothing_and_ties_nothing():
    taken()
    member = principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    with pytest.raises(PermissionDenied):
        taking.take(principal=member, proposal=proposed(ROWS[1:]))
    with pytest.raises(PermissionDenied):
        tying.tie(
            principal=member,
            operator="Bihar",
            country_code="IN",
            organisation=OrganisationFactory(),
        )


def test_a_tie_is_recorded_ends_and_can_be_made_again(desk):
    taken()
    house, other = OrganisationFactory(name="Orange"), OrganisationFactory()
    asked = {"operator": "Orange S.A.", "country_code": "FR"}
    tied = tying.tie(principal=desk, organisation=house, **asked)
    with pytest.raises(Conflict):
        tying.tie(principal=desk, organisation=other, **asked)
    tying.untie(principal=desk, tied=tied)
    with pytest.raises(AlreadyDone):
        tying.untie(principal=desk, tied=tied)
    tying.tie(principal=desk, organisation=other, **asked)
    acts = AuditRecord.objects.filter(object_kind="reference-tie").order_by("at")
    assert [one.act for one in acts] == ["reference:tie", "reference:untie", "reference:tie"]
    assert acts[0].data == {
        "operator": "Orange S.A.",
        "country": "FR",
        "organisation": str(house.id),
    }
    assert Tie.objects.get(pk=tied.pk).ended_by == desk.person_id


def test_a_coordinator_ties_nothing_to_a_house_of_their_own():
    taken()
    person = coordinator_of_desk()
    group = OrganisationFactory()
    own = TeamFactory(organisation=OrganisationFactory(group=group))
    member = member_of(own)
    own.memberships.filter(person=member).update(person=person)
    principal = principal_of(person, coordinator=True)
    for house in (own.organisation, OrganisationFactory(group=group)):
        with pytest.raises(PermissionDenied):
            tying.tie(principal=principal, operator="Bihar", country_code="IN", organisation=house)
        tied = TieFactory(operator=f"Bihar {house.id}", organisation=house)
        with pytest.raises(PermissionDenied):
            tying.untie(principal=principal, tied=tied)


@pytest.mark.parametrize(
    ("operator", "country"), [("Orange", "FR"), ("Orange S.A.", "US"), ("", "US"), ("Oran", "FR")]
)
def test_a_tie_is_to_an_operator_that_the_list_has_in_that_country(desk, operator, country):
    taken()
    with pytest.raises(DomainError, match="no operator"):
        tying.tie(
            principal=desk,
            operator=operator,
            country_code=country,
            organisation=OrganisationFactory(),
        )


def test_an_organisation_that_is_not_listed_is_tied_to_nothing(desk):
    taken()
    house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    with pytest.raises(DomainError, match="not on the list"):
        tying.tie(principal=desk, operator="Bihar", country_code="IN", organisation=house)


def test_candidates_have_all_words_of_the_name_and_no_more(desk):
    whole = OrganisationFactory(name="Liberty", short_name="LBT")
    OrganisationFactory(name="Liberty Global", short_name="LG")
    OrganisationFactory(name="Libertyfield", short_name="LF")
    short = OrganisationFactory(name="Some Carrier", short_name="AT&T Mobility")
    assert queries.candidates(desk, ["Liberty"]) == [whole]
    assert queries.candidates(desk, ["AT&T Mobility", "–"]) == [short]
    assert queries.candidates(desk, ["", "="]) == []


def test_the_compiled_table_gets_each_code_with_its_party_source_and_day():
    edition = taken()
    house = OrganisationFactory()
    TieFactory(operator="Orange S.A.", country_code="FR", organisation=house)
    gone = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    TieFactory(operator="Bihar", country_code="IN", organisation=gone)
    found = list(queries.entries())
    parties = {(one.value, one.party) for one in found}
    assert parties == {
        ("208-01", f"organisation:{house.id}"),
        ("310-410", "reference:AT&T Mobility"),
        ("310-410", "reference:Liberty"),
        ("405-03", "reference:Bihar"),
        ("350-00", "reference:Bermuda Digital"),
        ("234-03", "reference:Guernsey Airtel Ltd"),
        ("234-03", "reference:Jersey Airtel Limited"),
        ("901-31", "reference:Orange S.A."),
    }
    assert {
        (one.kind, one.role, one.state, one.source, one.on, one.valid_from, one.valid_until)
        for one in found
    } == {
        (
            *(Kind.PLMN, "operator", "imported", "mcc-mnc-list 1.0.0"),
            *(edition.taken_at.date(), None, None),
        )
    }


def test_codes_in_use_follow_the_edition(django_assert_num_queries, desk):
    assert queries.operational_plmns() == frozenset()
    taken()
    assert {"405-03", "310-410"} <= queries.operational_plmns()
    assert not {"405-034", "312-110"} & queries.operational_plmns()
    with django_assert_num_queries(1):
        queries.operational_plmns()
    closed = {**ROWS[3], "status": "Not operational"}
    taking.take(principal=desk, proposal=proposed([*ROWS[:3], closed, *ROWS[4:]]))
    assert "405-03" not in queries.operational_plmns()


def test_a_code_of_no_country_has_none():
    taken()
    assert queries.countries_of(["310-410"]) == {"US", "VI"}
    assert queries.countries_of(["901-31", "999-99", "001-01", "208-77"]) == set()


def test_a_row_keeps_source_licence_and_day():
    edition = taken()
    row = Network.objects.get(plmn="208-01")
    assert replace(row.row, note="") == row.row
    assert str(row.edition) == "mcc-mnc-list 1.0.0"
    assert (row.edition.licence, row.edition.taken_at) == ("MIT", edition.taken_at)
