"""Imports: nothing before it is confirmed, nothing twice, nothing lost, nothing overwritten."""

import copy
import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from tests.community.imports.test_records import FIRST, TI
from tests.factories.desk import InterestFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.imports import EntryFactory
from tests.factories.keys import active_key_of
from tests.principals import principal_of

from tcert.community.bundle import contents, teamsjson
from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.directory.models import Channel, Organisation, Team, TeamSection
from tcert.community.imports.domain import deciding, importing
from tcert.community.imports.enums import Match, Phase, Source, Verdict
from tcert.community.imports.models import KEPT_FOR, UNDO_WITHIN, Entry, Former, ImportPart
from tcert.foundation.kernel import clock, jobs, portions
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.jobs import Job
from tcert.foundation.kernel.shown import mark

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def a_team(name="CERT of Alpha", house="Alpha", mail="cert@alpha.example", **values) -> Team:
    team = TeamFactory(name=name, organisation__name=house, **values)
    Channel.objects.create(team=team, kind="email", purpose="main", value=mail)
    return team


def counts(batch):
    return {verdict: n for verdict, n in batch.counts.items() if n}


def ti(number, **values):
    name = f"CERT {number}"
    return {"official_name": name, "short_name": name, **values}


def state():
    """All that the directory holds, to see that none of it moves."""
    rows = [list(model.objects.order_by("pk").values()) for model in (Organisation, Team, Channel)]
    return copy.deepcopy(rows)


def test_it_is_shown_first_and_nothing_of_the_directory_is_ever_touched(read, desk):
    a_team()
    before = state()
    batch = read([TI, ti(1), {"official_name": ""}])
    assert batch.phase == Phase.PREVIEW
    assert counts(batch) == {"matched": 1, "new": 1, "refused": 1}
    assert not Entry.objects.exists()
    importing.confirm(principal=desk, batch=batch)
    jobs.run_due()
    assert Entry.objects.count() == 2
    assert state() == before
    entry = Entry.objects.get(name="CERT of Alpha")
    assert (entry.team.name, entry.matched_by) == ("CERT of Alpha", Match.DOMAIN_AND_NAME)
    assert set(entry.dates) == set(entry.data)
    assert set(entry.dates.values()) == {f"{clock.now():%Y-%m-%d}"}


def test_matching_is_by_what_is_exact_and_never_by_parts_of_a_name(read):
    alpha = a_team()
    key = active_key_of(alpha)
    a_team("CERT of Alphabet", "Alphabet", "cert@alphabet.example")
    one = a_team("Team 1", "Twin", "1@twin.example")
    twins = [one, TeamFactory(name="Team 2", organisation=one.organisation)]
    Channel.objects.create(team=twins[1], kind="email", purpose="main", value="2@twin.example")
    batch = read(
        [
            ti(1, pgp_keys=[{"fingerprint": key.fingerprint.lower()}]),
            ti(2, emails=[{"address": "other@ALPHA.example"}]),
            {"official_name": "cert of  ALPHA", "short_name": "a"},
            {
                "official_name": "Alpha",
                "short_name": "b",
                "emails": [{"address": "x@alpha.example"}],
            },
            {"official_name": "CERT of Alph", "short_name": "c"},
            {
                "official_name": "CERT",
                "short_name": "d",
                "emails": [{"address": "x@b.alpha.example"}],
            },
            {"official_name": "Twin", "short_name": "e", "emails": [{"address": "z@twin.example"}]},
        ]
    )
    assert counts(batch) == {"matched": 2, "candidates": 3, "new": 2}
    matched = {one.key: (one.team, one.by) for one in importing.shown(batch, Verdict.MATCHED, 1)}
    assert matched == {
        "cert 1": (alpha.id, Match.KEY),
        "b": (alpha.id, Match.DOMAIN_AND_NAME),
    }
    near = {one.key: set(one.candidates) for one in importing.shown(batch, Verdict.CANDIDATES, 1)}
    assert near == {"cert 2": {alpha.id}, "a": {alpha.id}, "e": {one.id for one in twins}}


def test_who_came_by_an_invitation_is_no_candidate(read):
    """That they are here tells of a case, to a coordinator who is kept from it as well."""
    a_team(organisation__state=OrganisationState.PROVISIONAL)
    a_team("Gone", "Gone", "cert@gone.example", retired_at=clock.now())
    gone = {"official_name": "Gone", "short_name": "G", "emails": [{"address": "a@gone.example"}]}
    assert counts(read([TI, gone])) == {"new": 2}


def test_the_same_file_again_changes_nothing(applied, read, desk):
    assert applied([TI, ti(1)]).phase == Phase.DONE
    again = read([TI, ti(1)])
    assert counts(again) == {"same": 2}
    with pytest.raises(DomainError):
        importing.confirm(principal=desk, batch=again)


def test_what_changed_is_shown_field_by_field_and_dated(applied, desk):
    first = clock.now()
    with clock.frozen(first - timedelta(days=9)):
        applied([TI])
    batch = applied([{**TI, "host_organisation": "Alpha SE"}])
    assert counts(batch) == {"changed": 1}
    entry = Entry.objects.get()
    assert entry.data["host_organisation"] == "Alpha SE"
    assert entry.dates["host_organisation"] == f"{first:%Y-%m-%d}"
    assert entry.dates["official_name"] == f"{first - timedelta(days=9):%Y-%m-%d}"


def test_sources_stand_beside_each_other_and_merge_nothing(applied):
    team = a_team()
    applied([TI])
    applied({"data": [FIRST]}, Source.FIRST)
    assert Entry.objects.filter(team=team).count() == 2


def test_undone_it_is_as_before_but_for_what_somebody_touched(applied, desk):
    team = a_team("Team", "House", "c@near.example")
    applied([ti(1), ti(2)])
    was = {one.key: one.data for one in Entry.objects.all()}
    near = [{"address": "x@near.example"}]
    batch = applied([ti(1, host_organisation="New"), ti(3), ti(4, emails=near)])
    decided = Entry.objects.get(key="cert 4")
    assert decided.is_open
    shown = mark(decided, deciding.SHOWN)
    deciding.decide(principal=desk, entry=decided, team=team, shown=shown)
    importing.undo(principal=desk, batch=batch)
    jobs.run_due()
    batch.refresh_from_db()
    assert (batch.phase, batch.kept) == (Phase.UNDONE, 1)
    decided.refresh_from_db()
    assert {one.key: one.data for one in Entry.objects.all()} == {**was, "cert 4": decided.data}
    with pytest.raises(AlreadyDone):
        importing.undo(principal=desk, batch=batch)


def test_an_import_whose_job_was_given_up_goes_on_within_the_hour(read, desk):
    """Else it would stand half done for ever, and keep every other list of its source out."""
    batch = read([ti(1), ti(2)])
    importing.confirm(principal=desk, batch=batch)
    Job.objects.all().delete()
    importing.go_on()
    importing.go_on()
    jobs.run_due()
    batch.refresh_from_db()
    assert (batch.phase, Entry.objects.count()) == (Phase.DONE, 2)
    importing.undo(principal=desk, batch=batch)
    Job.objects.all().delete()
    importing.go_on()
    jobs.run_due()
    batch.refresh_from_db()
    assert (batch.phase, Entry.objects.count()) == (Phase.UNDONE, 0)


def test_two_imports_are_undone_one_after_the_other(applied, desk):
    first = applied([ti(1)])
    second = applied([ti(1, host_organisation="Later")])
    for batch in (second, first):
        importing.undo(principal=desk, batch=batch)
        jobs.run_due()
        batch.refresh_from_db()
        assert (batch.phase, batch.kept) == (Phase.UNDONE, 0)
    assert not Entry.objects.exists()


def test_a_team_that_joins_later_is_found_by_the_same_list(applied, read, desk):
    """A hub begins with lists; its teams come after them."""
    near = ti(2, emails=[{"address": "x@beta.example"}])
    applied([TI, near])
    assert not Entry.objects.filter(is_open=True).exists()
    alpha, _beta = a_team(), a_team("Beta", "House of Beta", "c@beta.example")
    batch = applied([TI, near])
    assert counts(batch) == {"matched": 1, "candidates": 1}
    entry = Entry.objects.get(key="alpha-cert")
    assert (entry.team, entry.matched_by) == (alpha, Match.DOMAIN_AND_NAME)
    assert Entry.objects.get(key="cert 2").is_open
    again = read([TI, near])
    assert counts(again) == {"same": 2}
    importing.cancel(principal=desk, batch=again)
    importing.undo(principal=desk, batch=batch)
    jobs.run_due()
    entry.refresh_from_db()
    assert (entry.team, Entry.objects.filter(is_open=True).count()) == (None, 0)


def test_what_a_later_import_changed_stays_when_an_earlier_is_undone(applied, desk):
    first = applied([ti(1)])
    applied([ti(1, host_organisation="Later")])
    importing.undo(principal=desk, batch=first)
    jobs.run_due()
    assert Entry.objects.get().data["host_organisation"] == "Later"


def test_undo_has_its_time(applied):
    batch = applied([ti(1)])
    with clock.frozen(clock.now() + UNDO_WITHIN + timedelta(hours=1)):
        later = principal_of(coordinator_of_desk(), coordinator=True)
        with pytest.raises(DomainError):
            importing.undo(principal=later, batch=batch)
        importing.forget_old()
    assert not Former.objects.exists()


def test_a_killed_worker_loses_nothing_and_doubles_nothing(read, desk, monkeypatch):
    monkeypatch.setattr(portions, "PER_PORTION", 2)
    batch = read([ti(number) for number in range(7)])
    importing.confirm(principal=desk, batch=batch)
    written = importing.writing.write

    def die(*args):
        written(*args)
        raise KeyboardInterrupt

    assert importing.apply_next(batch.id)
    monkeypatch.setattr(importing.writing, "write", die)
    with pytest.raises(KeyboardInterrupt):
        importing.apply_next(batch.id)
    assert Entry.objects.count() == 2
    batch.refresh_from_db()
    assert (batch.done, batch.percent) == (2, 28)
    monkeypatch.setattr(importing.writing, "write", written)
    jobs.run_due()
    batch.refresh_from_db()
    assert (batch.phase, batch.done, Entry.objects.count()) == (Phase.DONE, 7, 7)
    assert not ImportPart.objects.exists()


def test_stopped_half_way_what_is_applied_can_be_undone(read, desk, monkeypatch):
    monkeypatch.setattr(portions, "PER_PORTION", 2)
    batch = read([ti(number) for number in range(5)])
    importing.confirm(principal=desk, batch=batch)
    assert importing.apply_next(batch.id)
    importing.cancel(principal=desk, batch=batch)
    jobs.run_due()
    batch.refresh_from_db()
    assert (batch.phase, Entry.objects.count()) == (Phase.DONE, 2)
    importing.undo(principal=desk, batch=batch)
    jobs.run_due()
    assert not Entry.objects.exists()


def test_of_two_imports_of_one_list_the_second_waits(read, desk):
    first = read([TI])
    with pytest.raises(Conflict):
        importing.begin(principal=desk, source=Source.TRUSTED_INTRODUCER, data=b"[]")
    assert importing.begin(principal=desk, source=Source.FIRST, data=b"[]")
    importing.cancel(principal=desk, batch=first)
    assert importing.begin(principal=desk, source=Source.TRUSTED_INTRODUCER, data=b"[]")


def test_what_was_uploaded_is_kept_closed_and_forgotten(read):
    batch = read([ti(1, host_organisation="Letter of the minister")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM imports_importpart")
        held = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert held
    assert b"minister" not in held
    with clock.frozen(clock.now() + KEPT_FOR + timedelta(minutes=1)):
        assert importing.forget_old() == 1
    batch.refresh_from_db()
    assert batch.phase == Phase.CANCELLED
    assert not ImportPart.objects.exists()


def test_a_file_that_cannot_be_read_says_why_and_where(read):
    batch = read(b'[{"a":1,"a":2}]')
    assert (batch.phase, batch.problem, batch.where) == (Phase.FAILED, "duplicate", "a")
    assert not ImportPart.objects.exists()
    assert counts(read(b"[]")) == {}


def test_too_large_or_empty_is_told_at_once(desk):
    for data in (b"", b" \n", b"[" + b" " * importing.records.MOST_BYTES):
        with pytest.raises(DomainError):
            importing.begin(principal=desk, source=Source.CSV, data=data)


def test_exported_and_imported_on_an_empty_hub_the_content_is_equal(applied):
    applied([TI, ti(1), ti(2, sections={"3.1": {"en": "We\nrepair."}})])
    written = teamsjson.write(one.data for one in Entry.objects.order_by("key"))
    Entry.objects.all().delete()
    applied(written, Source.TEAMS_JSON)
    again = teamsjson.write(
        one.data for one in Entry.objects.filter(source=Source.TEAMS_JSON).order_by("key")
    )
    named = {t["official_name"]: t for t in json.loads(written)["teams"]}
    assert {t["official_name"]: t for t in json.loads(again)["teams"]} == named


def test_a_bundle_imported_on_an_empty_hub_is_given_out_again_octet_for_octet(applied):
    """The hub's own teams with all that a bundle says of them, there and back."""
    team = a_team(
        timezone="Europe/Berlin",
        hours=["mon 08:00-12:00", "mon 13:00-17:00"],
        languages=["de", "en"],
        description="=We\n'repair.",
        confirmed_at=clock.now(),
    )
    active_key_of(team)
    a_team("CERT of Beta", "Beta", "a=b@beta.example")
    ways = {"phone": "+49 30 1", "fax": "+49 30 2", "web": "https://a.example/?b=c"}
    for kind, value in ways.items():
        Channel.objects.create(team=team, kind=kind, purpose="24/7", value=value)
    for section, language in (("3.2", "en"), ("3.2", "de"), ("2.2", "en")):
        TeamSection.objects.create(team=team, section=section, language=language, text="x\ny")
    now = clock.now()
    written = contents.files(contents.entries(now), now)["teams.json"]
    Team.objects.all().update(retired_at=now)  # nothing here to match with
    assert counts(applied(written, Source.TEAMS_JSON)) == {"new": 3}  # and the desk
    found = Entry.objects.filter(source=Source.TEAMS_JSON).order_by("key")
    assert teamsjson.write(one.data for one in found) == written
    assert not any(one.team_id for one in found)


def test_a_tied_coordinator_decides_nothing_of_that_house(applied):
    team = a_team()
    tied = coordinator_of_desk()
    InterestFactory(person=tied, organisation=team.organisation)
    by = principal_of(tied, coordinator=True)
    applied([TI], by=by)
    entry = Entry.objects.get()
    assert (entry.team, entry.is_open) == (None, True)
    shown = mark(entry, deciding.SHOWN)
    with pytest.raises(PermissionDenied):
        deciding.decide(principal=by, entry=entry, team=team, shown=shown)
    other = principal_of(coordinator_of_desk(), coordinator=True)
    deciding.decide(principal=other, entry=entry, team=team, shown=shown)
    entry.refresh_from_db()
    with pytest.raises(PermissionDenied):
        deciding.decide(principal=by, entry=entry, team=None, shown=mark(entry, deciding.SHOWN))
    assert Entry.objects.get().team == team


def test_of_two_who_decide_the_second_is_told(desk):
    team, entry = a_team(), EntryFactory(is_open=True)
    shown = mark(entry, deciding.SHOWN)
    deciding.decide(principal=desk, entry=entry, team=None, shown=shown)
    with pytest.raises(Conflict):
        deciding.decide(principal=desk, entry=entry, team=team, shown=shown)


def test_what_a_coordinator_decided_no_import_decides_again(applied, desk):
    team = a_team()
    applied([TI])
    entry = Entry.objects.get()
    shown = mark(entry, deciding.SHOWN)
    deciding.decide(principal=desk, entry=entry, team=None, shown=shown)
    applied([{**TI, "host_organisation": "Alpha SE"}])
    entry.refresh_from_db()
    assert (entry.team, entry.is_open) == (None, False)
    assert team.name == TI["official_name"]


def test_nobody_but_a_coordinator_imports(desk, read):
    batch = read([TI])
    leader = principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    for act in (importing.confirm, importing.cancel, importing.undo):
        with pytest.raises(PermissionDenied):
            act(principal=leader, batch=batch)
    with pytest.raises(PermissionDenied):
        importing.begin(principal=leader, source=Source.CSV, data=b"x")
    assert not Entry.objects.visible_to(leader)
    assert not EntryFactory().is_visible_to(leader)
