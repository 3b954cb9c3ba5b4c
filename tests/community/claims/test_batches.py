"""Imports: nothing before it is confirmed, nothing twice, nothing lost, nothing kept."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from tests.community.claims.test_files import IR21
from tests.factories.claims import BatchFactory, ClaimFactory
from tests.factories.directory import member_of
from tests.principals import principal_of

from tcert.community.claims.domain import batches, claiming
from tcert.community.claims.enums import Phase, Source, State, Verdict
from tcert.community.claims.models import KEPT_FOR, Batch, BatchPart, Claim, Covered
from tcert.community.notices.models import Notice
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock, jobs, portions
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.principal import ANONYMOUS

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HEAD = "kind,value,evidence,tlp,findable,valid_from,valid_until\n"


def begun(house, text, source=Source.CSV, **more):
    batch = batches.begin(
        principal=house.boss,
        organisation=house.organisation,
        source=source,
        data=text.encode() if isinstance(text, str) else text,
        **more,
    )
    jobs.run_due()
    batch.refresh_from_db()
    return batch


def applied(house, text, **more):
    batch = begun(house, text, **more)
    batches.confirm(principal=house.boss, batch=batch)
    jobs.run_due()
    batch.refresh_from_db()
    return batch


def counts(batch):
    return {verdict: n for verdict, n in batch.counts.items() if n}


def test_it_is_shown_first_and_changes_nothing(house, other):
    ClaimFactory(organisation=house.organisation, value="999-70", evidence="E")
    ClaimFactory(organisation=house.organisation, value="999-71", evidence="old")
    ClaimFactory(organisation=other.organisation, kind=Kind.GT_RANGE, value="+4917100")
    ended = ClaimFactory(organisation=house.organisation, value="999-79", state=State.ENDED)
    rows = ["plmn,999-70,E", "plmn,999-71,new", "plmn,999-72,", "gt-range,+49171,", "plmn,x,"]
    batch = begun(house, "kind,value,evidence\n" + "\n".join([*rows, "plmn,999-79,"]))
    assert batch.phase == Phase.PREVIEW
    assert counts(batch) == {"new": 1, "changed": 1, "overlaps": 1, "same": 1, "refused": 2}
    refused = batches.shown(batch, Verdict.REFUSED, 1)
    assert [(row.line, row.problem) for row in refused] == [(6, "value"), (7, "ended")]
    assert Claim.objects.count() == 4
    assert not Notice.objects.exists()
    assert Claim.objects.get(pk=ended.pk).state == State.ENDED


def test_what_was_uploaded_is_kept_closed_and_forgotten_once_applied(house):
    batch = begun(house, HEAD + "plmn,999-70,Letter of the minister,,,,\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM claims_batchpart")
        held = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert held
    assert b"minister" not in held
    batches.confirm(principal=house.boss, batch=batch)
    jobs.run_due()
    assert not BatchPart.objects.exists()
    assert Claim.objects.get().evidence == "Letter of the minister"


def test_applied_again_it_changes_nothing(house):
    text = HEAD + "plmn,999-70,E,GREEN,yes,2026-01-01,\ngt-range,+4917100-4917104,,,,,\n"
    assert applied(house, text).phase == Phase.DONE
    claim = Claim.objects.get(kind=Kind.PLMN)
    assert (claim.tlp, claim.is_findable, claim.source) == ("GREEN", True, Source.CSV)
    assert Covered.objects.count() == 6
    again = begun(house, text)
    assert counts(again) == {"same": 2}
    with pytest.raises(DomainError):
        batches.confirm(principal=house.boss, batch=again)


def test_columns_that_say_nothing_change_nothing(house):
    claim = ClaimFactory(
        organisation=house.organisation, evidence="E", tlp="GREEN", is_findable=True
    )
    batch = begun(house, "kind;value;evidence;tlp\nplmn;999-70;;\n")
    assert counts(batch) == {"same": 1}
    claim.refresh_from_db()
    assert (claim.evidence, claim.tlp, claim.is_findable) == ("E", "GREEN", True)


def test_what_was_withdrawn_is_claimed_anew(house):
    ClaimFactory(
        organisation=house.organisation, state=State.WITHDRAWN, tlp="GREEN", is_findable=True
    )
    applied(house, "kind,value\nplmn,999-70\n")
    claim = Claim.objects.get()
    assert (claim.state, claim.tlp, claim.is_findable) == (State.CLAIMED, "AMBER", False)


def test_overlaps_are_marked_on_both_sides_and_told_once_for_each_house(house, other):
    theirs = [
        ClaimFactory(organisation=other.organisation, kind=Kind.GT_RANGE, value=f"+491710{n}")
        for n in range(3)
    ]
    applied(house, "kind,value\ngt-range,+49171\nplmn,999-70\n")
    marked = set(Claim.objects.exclude(overlapped_at=None).values_list("value", flat=True))
    assert marked == {"+49171", *(c.value for c in theirs)}
    told = list(Notice.objects.values_list("team_id", flat=True))
    assert sorted(told, key=str) == sorted([house.team.id, other.team.id], key=str)


def test_a_killed_worker_loses_nothing_and_doubles_nothing(house, monkeypatch):
    """Each part goes with its rows: after a death in the middle the next run goes on there."""
    monkeypatch.setattr(portions, "PER_PORTION", 2)
    monkeypatch.setattr(batches, "PARTS_AT_ONCE", 1)
    text = "kind,value\n" + "".join(f"asn,{n}\n" for n in range(1, 8))
    batch = begun(house, text)
    batches.confirm(principal=house.boss, batch=batch)
    written = batches.writing.write

    def die(batch, rows, **more):
        written(batch, rows, **more)
        raise KeyboardInterrupt

    assert batches._apply_next(batch.id)
    monkeypatch.setattr(batches.writing, "write", die)
    with pytest.raises(KeyboardInterrupt):
        batches._apply_next(batch.id)
    assert Claim.objects.count() == 2
    monkeypatch.setattr(batches.writing, "write", written)
    jobs.run_due()
    batch.refresh_from_db()
    assert (batch.phase, batch.done, Claim.objects.count()) == (Phase.DONE, 7, 7)


def test_cancelled_in_the_middle_it_stops_and_says_how_far_it_came(house, monkeypatch):
    monkeypatch.setattr(portions, "PER_PORTION", 2)
    monkeypatch.setattr(batches, "PARTS_AT_ONCE", 1)
    batch = begun(house, "kind,value\n" + "".join(f"asn,{n}\n" for n in range(1, 8)))
    batches.confirm(principal=house.boss, batch=batch)
    batches._apply_next(batch.id)
    batches.cancel(principal=house.boss, batch=batch)
    jobs.run_due()
    batch.refresh_from_db()
    assert (batch.phase, batch.done, Claim.objects.count()) == (Phase.CANCELLED, 2, 2)
    assert not BatchPart.objects.exists()
    with pytest.raises(AlreadyDone):
        batches.cancel(principal=house.boss, batch=batch)
    with pytest.raises(AlreadyDone):
        batches.confirm(principal=house.boss, batch=batch)


@pytest.mark.parametrize(
    ("data", "source", "problem"),
    [
        (b"kind,value\nplmn,Z\xfcrich\n", Source.CSV, "encoding"),
        (b"a,b\n1,2\n", Source.CSV, "columns"),
        (b"<!DOCTYPE x><TADIGRAEXIR21/>", Source.IR21, "entities"),
    ],
)
def test_what_cannot_be_read_is_said_and_makes_room(house, data, source, problem):
    batch = begun(house, data, source)
    assert (batch.phase, batch.problem) == (Phase.FAILED, problem)
    assert not BatchPart.objects.exists()
    assert begun(house, "kind,value\nplmn,999-70\n").phase == Phase.PREVIEW


def test_an_ir21_is_shown_with_whose_it_says_it_is_and_kept_amber(house):
    batch = begun(house, IR21, Source.IR21)
    assert ["organisation", "Example Mobile"] in batch.facts
    assert counts(batch) == {"new": 7}
    batches.confirm(principal=house.boss, batch=batch)
    jobs.run_due()
    assert set(Claim.objects.values_list("source", "tlp")) == {("ir21", "AMBER")}
    batch.refresh_from_db()
    assert batch.facts is None


def test_one_at_a_time_and_not_too_large(house, monkeypatch):
    begun(house, "kind,value\nplmn,999-70\n")
    with pytest.raises(Conflict):
        begun(house, "kind,value\nplmn,999-71\n")
    monkeypatch.setitem(batches.LONGEST_FILE, Source.CSV, 5)
    for data in (b"kind,value", b"  \n"):
        with pytest.raises(DomainError):
            begun(house, data)


def test_what_nobody_confirms_is_forgotten(house):
    batch = begun(house, "kind,value\nplmn,999-70\n")
    assert batches.forget_old() == 0
    Batch.objects.update(begun_at=clock.now() - KEPT_FOR - timedelta(minutes=1))
    assert batches.forget_old() == 1
    batch.refresh_from_db()
    assert batch.phase == Phase.CANCELLED
    assert not BatchPart.objects.exists()


def test_who_may_import_and_who_sees_it(house, other, leader):
    batch = BatchFactory(organisation=house.organisation)
    viewers = {"boss": house.boss, "colleague": principal_of(member_of(house.team))}
    viewers |= {"other": other.boss, "desk": leader, "stranger": ANONYMOUS}
    seen = {n for n, p in viewers.items() if Batch.objects.visible_to(p).exists()}
    assert seen == {"boss", "colleague", "desk"}
    assert seen == {n for n, p in viewers.items() if batch.is_visible_to(p)}
    for name in ("colleague", "other", "stranger"):
        with pytest.raises(PermissionDenied):
            batches.begin(
                principal=viewers[name],
                organisation=house.organisation,
                source=Source.CSV,
                data=b"kind,value\n",
            )


def test_the_jobs_arguments_hold_no_row(house):
    begun(house, "kind,value\nplmn,999-70\n")
    assert "999-70" not in json.dumps(list(jobs.Job.objects.values_list("arguments", flat=True)))


def test_what_changes_counts_as_no_new_claim(house, monkeypatch):
    """Who has many claims brings the same file with new days each year."""
    monkeypatch.setattr(batches, "MOST_CLAIMS", 2)
    text = "kind,value,evidence\nplmn,999-70,{0}\nplmn,999-71,{0}\n"
    applied(house, text.format("old"))
    assert applied(house, text.format("new")).phase == Phase.DONE
    assert {claim.evidence for claim in Claim.objects.all()} == {"new"}
    more = begun(house, "kind,value\nplmn,999-72\n")
    with pytest.raises(DomainError):
        batches.confirm(principal=house.boss, batch=more)


def test_what_was_withdrawn_and_has_run_out_since_counts_once_it_is_claimed_anew(house):
    ClaimFactory(
        organisation=house.organisation,
        state=State.WITHDRAWN,
        valid_until=clock.now() - timedelta(days=1),
    )
    applied(house, "kind,value\nplmn,999-70\n")
    claim = Claim.objects.get()
    assert (claim.state, claim.valid_until) == (State.CLAIMED, None)


def test_what_is_claimed_anew_by_a_file_is_held_against_what_others_claim(house, other):
    ClaimFactory(organisation=house.organisation, state=State.WITHDRAWN)
    ClaimFactory(organisation=other.organisation)  # the same network
    batch = applied(house, "kind,value\nplmn,999-70\n")
    assert counts(batch) == {"overlaps": 1}
    assert not Claim.objects.filter(overlapped_at=None).exists()
    told = set(Notice.objects.values_list("team_id", flat=True))
    assert {house.team.id, other.team.id} <= told


def test_a_row_is_stored_as_a_claim_that_is_typed(house, other):
    """Imports write rows past the models: each column must hold what saving a claim would hold."""
    text = HEAD + "gt-range,+4917100-4917104,Lettre n° 5,GREEN,yes,2026-01-01,2040-12-31\n"
    batch = applied(house, text, team=house.team)
    typed = claiming.enter(
        principal=other.boss,
        organisation=other.organisation,
        team=other.team,
        kind=Kind.GT_RANGE,
        value="+4917100-4917104",
        evidence="Lettre n° 5",
        tlp="GREEN",
        is_findable=True,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_until=datetime(2041, 1, 1, tzinfo=UTC),
    )
    row = Claim.objects.get(organisation=house.organisation)
    own = {"id", "organisation", "team", "source", "created_at", "changed_at", "overlapped_at"}
    for field in Claim._meta.concrete_fields:
        if field.name not in own:
            assert getattr(row, field.name) == getattr(typed, field.name), field.name
    assert (row.team, row.source) == (house.team, Source.CSV)
    assert row.created_at == row.changed_at >= batch.confirmed_at
    stretches = {
        claim.id: sorted(claim.covered.values_list("space", "prefix")) for claim in (row, typed)
    }
    assert stretches[row.id] == stretches[typed.id]


def test_a_claim_that_was_typed_while_an_import_waited_is_left_as_it_is(house):
    batch = begun(house, "kind,value,evidence\nplmn,999-70,File\nplmn,999-71,File\n")
    claiming.enter(
        principal=house.boss,
        organisation=house.organisation,
        kind=Kind.PLMN,
        value="999-70",
        evidence="File",
    )
    batches.confirm(principal=house.boss, batch=batch)
    jobs.run_due()
    batch.refresh_from_db()
    assert (batch.phase, batch.done, Claim.objects.count()) == (Phase.DONE, 2, 2)
    assert Claim.objects.get(value="999-70").source == Source.TYPED


def test_the_page_of_a_large_file_opens_one_part_only(house, django_assert_max_num_queries):
    """However many parts wait, the page reads and decrypts the one it shows."""
    rows = "".join(f"asn,{n}\n" for n in range(1, 2001))
    batch = begun(house, "kind,value\n" + rows)
    assert batches.pages_of(batch, Verdict.NEW) == 8
    with django_assert_max_num_queries(1):
        assert [row.value for row in batches.shown(batch, Verdict.NEW, 8)][-1] == "2000"
    assert batches.shown(batch, Verdict.NEW, 9) == []
