"""Incidents: reported, worked on, joined, closed; what is refused, and what is stored."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.incidents import (
    IncidentFactory,
    IndicatorFactory,
    facts,
    named,
    party_of,
    report_of,
)
from tests.factories.keys import active_key_of
from tests.factories.talks import say, side
from tests.principals import principal_of

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.talks import queries as talk_queries
from tcert.community.talks.models import Place, Talk
from tcert.community.talks.readers import NoKey
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError, TooMany
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.models import Case
from tcert.response.incidents import history, queries, waiting
from tcert.response.incidents.domain import changing, joining, parties, reporting, working
from tcert.response.incidents.domain.holding import Joined
from tcert.response.incidents.enums import Answer, Reason, Severity, Side, Standing, State, Work
from tcert.response.incidents.models import Incident, Indicator, Party, Tally, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides():
    return side("Alder CERT"), side("Birch CERT"), side("Cedar CERT")


def change(by, incident, state=None, **about):
    incident.refresh_from_db()
    values = {
        "revision": incident.revision,
        "state": state or State(incident.state),
        "severity": Severity(incident.severity),
        "tlp": Tlp(incident.tlp),
        "reason": Reason.EVIDENCE,
    }
    return changing.change(principal=by.principal, incident=incident, **{**values, **about})


def readers_of(incident):
    talk = queries.talk_of(incident)
    return {p.team.name for p in Place.objects.filter(talk=talk).reading().select_related("team")}


# Reporting -------------------------------------------------------------------------------------


def test_one_team_that_is_told_reads_at_once(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    assert incident.number == f"TCERT-IN-{clock.now().year}-0001"
    assert readers_of(incident) == {"Alder CERT", "Birch CERT"}
    say(a, queries.talk_of(incident), b)
    assert party_of(incident, b).standing == Standing.READS
    assert party_of(incident, a).answer == Answer.ACKNOWLEDGED


def test_several_are_asked_first_and_who_is_only_named_is_not_told(sides):
    a, b, c = sides
    d = side("Dogwood CERT")
    silent = named(Side.SUSPECTED, d, is_told=False)
    incident = report_of(a, b, c, others=silent)
    assert readers_of(incident) == {"Alder CERT"}
    assert party_of(incident, b).standing == party_of(incident, c).standing == Standing.ASKED
    assert party_of(incident, d).standing == Standing.NAMED
    parties.take_part(principal=b.principal, party=party_of(incident, b))
    assert readers_of(incident) == {"Alder CERT", "Birch CERT"}


def test_the_desk_coordinates_what_is_addressed_to_it(sides):
    a, b, _c = sides
    desk = DeskFactory()
    active_key_of(desk)
    incident = report_of(a, b, to_desk=True)
    assert incident.coordinator == desk
    assert readers_of(incident) == {"Alder CERT", "Birch CERT", desk.name}


def test_a_report_that_is_sent_twice_is_one(sides):
    a, b, c = sides
    key = uuid4()
    first = report_of(a, b, key=key)
    assert report_of(a, b, key=key) == first
    assert Incident.objects.count() == 1
    with pytest.raises(DomainError, match="incomplete"):
        report_of(c, b, key=key)


@pytest.mark.parametrize(
    ("about", "refusal"),
    [
        ({"kind": "incident-kind:nothing"}, "no such kind"),
        ({"began_at": timedelta(0)}, "before it began"),
        ({"noticed_at": timedelta(hours=1)}, "later than now"),
    ],
)
def test_a_report_with_wrong_facts_is_refused_whole(sides, about, refusal):
    a, b, _c = sides
    about = {k: clock.now() + v if isinstance(v, timedelta) else v for k, v in about.items()}
    with pytest.raises(DomainError, match=refusal):
        report_of(a, b, **about)
    assert not Incident.objects.exists()
    assert not AuditRecord.objects.filter(act__startswith="incidents:").exists()


def test_a_report_needs_somebody_to_read_it_who_can(sides):
    a, b, _c = sides
    keyless, unlisted = TeamFactory(name="Keyless CERT"), side("Unlisted CERT")
    unlisted.team.organisation.state = OrganisationState.SUSPENDED
    unlisted.team.organisation.save()
    with pytest.raises(DomainError, match="to whom"):
        report_of(a)
    with pytest.raises(DomainError, match="no desk"):
        report_of(a, to_desk=True)
    with pytest.raises(DomainError, match="on the list"):
        report_of(a, unlisted)
    with pytest.raises(DomainError, match="stands twice"):
        report_of(a, b, others=named(Side.SUSPECTED, b))
    with pytest.raises(DomainError, match="need not be named"):
        report_of(a, a)
    with pytest.raises(NoKey, match="Keyless CERT"):
        report_of(a, others=[reporting.Named(keyless, Side.AFFECTED, is_told=True)])
    assert not Incident.objects.exists()


def test_a_duty_officer_reports_and_a_plain_member_does_not(sides):
    a, b, _c = sides
    night = member_of(a.team, TeamRole.DUTY_OFFICER)
    about = {
        "key": uuid4(),
        "team": a.team,
        "side": Side.NEITHER,
        "facts": facts(),
        "named": named(Side.AFFECTED, b),
        "to_desk": False,
    }
    with pytest.raises(PermissionDenied):
        reporting.report(principal=principal_of(member_of(a.team)), **about)
    with pytest.raises(PermissionDenied):
        reporting.report(principal=b.principal, **about)
    assert reporting.report(principal=principal_of(night), **about).reporter == a.team


def test_a_team_does_not_flood_the_others(sides, monkeypatch):
    a, b, _c = sides
    monkeypatch.setattr(
        reporting,
        "REPORTED",
        reporting.Budget("incidents:reported", reporting.Scope.ACCOUNT, 1, timedelta(days=1)),
    )
    report_of(a, b)
    with pytest.raises(TooMany):
        report_of(a, b)
    assert Incident.objects.count() == 1


# States ----------------------------------------------------------------------------------------


def test_an_incident_from_report_to_end_and_back(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    for state in (State.CONFIRMED, State.CONTAINED, State.CLOSED, State.REOPENED, State.DISMISSED):
        incident = change(a, incident, state)
    assert (incident.state, incident.revision) == (State.DISMISSED, 6)


def test_a_change_is_for_who_steers_and_follows_the_table(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    with pytest.raises(PermissionDenied):
        change(b, incident, State.CONFIRMED)
    with pytest.raises(DomainError, match="does not follow"):
        change(a, incident, State.CLOSED)
    with pytest.raises(AlreadyDone):
        change(a, incident)
    with pytest.raises(Conflict, match="Somebody changed this"):
        change(a, incident, State.CONFIRMED, revision=7)
    incident.refresh_from_db()
    assert (incident.state, incident.revision) == (State.REPORTED, 1)


def test_a_marking_is_lowered_by_who_reported_it_alone(sides):
    a, _b, _c = sides
    desk = DeskFactory()
    active_key_of(desk)
    ada = coordinator_of_desk()

    class Desk:
        principal = principal_of(ada, coordinator=True)

    incident = report_of(a, to_desk=True)
    change(Desk, incident, tlp=Tlp.RED)
    with pytest.raises(DomainError, match="Only the team that reported"):
        change(Desk, incident, tlp=Tlp.GREEN)
    assert change(a, incident, tlp=Tlp.GREEN).tlp == Tlp.GREEN


# Parties ---------------------------------------------------------------------------------------


def test_a_team_acknowledges_thinks_better_of_it_and_says_nothing_twice(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    party = party_of(incident, b)
    assert [w.title for w in waiting.incidents(b.principal)] == [
        "Incidents that your team has not acknowledged: 1"
    ]
    parties.answer(principal=b.principal, party=party, said=Answer.ACKNOWLEDGED)
    with pytest.raises(AlreadyDone):
        parties.answer(principal=b.principal, party=party, said=Answer.ACKNOWLEDGED)
    assert not list(waiting.incidents(b.principal))
    parties.answer(principal=b.principal, party=party, said=Answer.NOT_OURS)
    assert party_of(incident, b).answer == Answer.NOT_OURS
    with pytest.raises(PermissionDenied):
        parties.answer(principal=a.principal, party=party, said=Answer.ACKNOWLEDGED)


def test_who_leaves_or_is_taken_out_reads_no_more_and_can_be_asked_again(sides):
    a, b, c = sides
    incident = report_of(a, b)
    parties.leave(principal=b.principal, party=party_of(incident, b))
    assert not incident.is_visible_to(b.principal)
    assert readers_of(incident) == {"Alder CERT"}
    parties.ask(principal=a.principal, party=party_of(incident, b))
    parties.take_part(principal=b.principal, party=party_of(incident, b))
    parties.take_out(principal=a.principal, party=party_of(incident, b))
    assert readers_of(incident) == {"Alder CERT"}
    with pytest.raises(DomainError, match="stay in"):
        parties.leave(principal=a.principal, party=party_of(incident, a))
    with pytest.raises(PermissionDenied):
        parties.take_out(principal=c.principal, party=party_of(incident, b))


def test_a_team_is_named_once_and_told_only_if_wanted(sides):
    a, b, c = sides
    incident = report_of(a, b)
    party = parties.name(
        principal=a.principal, incident=incident, team=c.team, side=Side.SUSPECTED, is_told=False
    )
    assert not incident.is_visible_to(c.principal)
    with pytest.raises(Conflict):
        parties.name(
            principal=a.principal, incident=incident, team=c.team, side=Side.AFFECTED, is_told=True
        )
    parties.ask(principal=a.principal, party=party)
    assert incident.is_visible_to(c.principal)
    assert not incident.is_read_by(c.principal)


# Work ------------------------------------------------------------------------------------------


def test_counts_are_one_row_for_a_team_and_day_and_are_summed(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    with clock.frozen(clock.now().replace(hour=18)):
        now = clock.now()
        for one, events in ((a, 40), (a, 50), (b, 7)):
            working.count(
                principal=one.principal,
                incident=incident,
                events=events,
                first_at=now - timedelta(hours=1),
                last_at=now,
            )
        assert Tally.objects.count() == 2
        told = queries.counted(incident)
        assert (told.events, told.reports, told.last_at) == (57, 1, now)
        with pytest.raises(DomainError, match="by itself"):
            working.count(
                principal=a.principal,
                incident=incident,
                events=1,
                first_at=now - timedelta(days=1),
                last_at=now,
            )
    (listed,) = queries.listed(a.principal, {})
    assert listed.events == 57


@pytest.mark.parametrize(
    ("kind", "text", "stored"),
    [
        (Kind.IMSI, "208011234567890", "20801xxxxxxxxxx"),
        (Kind.MSISDN, "+358401234567", "+3584xxxxxxxx"),
        (Kind.IMEI, "35-209900-176148-1", None),
    ],
)
def test_what_names_a_subscriber_is_stored_masked_alone(sides, kind, text, stored):
    a, b, _c = sides
    incident = report_of(a, b)
    made = working.add_indicator(
        principal=a.principal,
        incident=incident,
        kind=kind,
        text=text,
        tlp=Tlp.AMBER,
        expires_on=clock.today(),
    )
    assert made.value == ""
    assert made.masked.startswith((stored or made.masked)[:5])
    assert "x" in made.masked
    digits = "".join(c for c in text if c.isdigit())
    assert digits[-6:] not in "".join(str(v) for v in vars(Indicator.objects.get()).values())


def test_a_global_title_is_whole_for_who_entered_it_and_masked_for_the_others(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    made = working.add_indicator(
        principal=a.principal,
        incident=incident,
        kind=Kind.GLOBAL_TITLE,
        text="358409999999",
        tlp=Tlp.AMBER,
        expires_on=clock.today(),
    )
    assert "358409999999" in made.shown_to([a.team.id], steers=True)
    assert "358409999999" not in made.shown_to([b.team.id], steers=False)
    with pytest.raises(Conflict):
        working.add_indicator(
            principal=b.principal,
            incident=incident,
            kind=Kind.GLOBAL_TITLE,
            text="358409999999",
            tlp=Tlp.RED,
            expires_on=clock.today(),
        )


def test_an_indicator_that_cannot_be_read_is_refused_without_repeating_it(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    with pytest.raises(DomainError) as refused:
        working.add_indicator(
            principal=a.principal,
            incident=incident,
            kind=Kind.IMSI,
            text="2080112345678901234",
            tlp=Tlp.AMBER,
            expires_on=clock.today(),
        )
    assert "20801123" not in str(refused.value.message)


def test_indicators_whose_day_is_over_are_deleted():
    kept = IndicatorFactory(expires_on=clock.today())
    IndicatorFactory(expires_on=clock.today() - timedelta(days=1))
    assert working.expire() == 1
    assert list(Indicator.objects.all()) == [kept]


def test_a_task_is_given_done_opened_again_and_taken_back(sides):
    a, b, c = sides
    incident = report_of(a, b)
    due = clock.now() + timedelta(hours=4)
    about = {"incident": incident, "work": Work.BLOCK, "due_at": due}
    task = working.give(principal=a.principal, team=b.team, **about)
    working.give(principal=b.principal, team=b.team, **about)
    with pytest.raises(PermissionDenied):
        working.give(principal=b.principal, team=a.team, **about)
    with pytest.raises(DomainError, match="teams that read"):
        working.give(principal=a.principal, team=c.team, **about)
    with clock.frozen(due + timedelta(minutes=1)):
        assert "Overdue tasks of your team in incidents: 2" in [
            str(line.title) for line in waiting.incidents(b.principal)
        ]
    assert working.settle(principal=b.principal, task=task, done=True).done_at
    with pytest.raises(AlreadyDone):
        working.settle(principal=a.principal, task=task, done=True)
    assert working.settle(principal=a.principal, task=task, done=False).done_at is None
    working.drop(principal=a.principal, task=task)
    assert Task.objects.count() == 1


def test_own_notes_are_sealed_to_ones_own_team_alone(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    notes = working.begin_notes(principal=b.principal, incident=incident)
    assert [p.team for p in notes.places.all()] == [b.team]
    assert working.begin_notes(principal=b.principal, incident=incident) == notes
    assert working.begin_talk(principal=b.principal, incident=incident) != notes


def test_a_case_is_linked_by_who_sees_it_and_shown_to_who_sees_both(sides):
    from tests.factories.cases import ParticipantFactory

    a, b, _c = sides
    incident = report_of(a, b)
    case = ParticipantFactory(team=a.team).case
    foreign = ParticipantFactory(team=b.team).case
    link = working.link_case(principal=a.principal, incident=incident, case=case)
    assert link.is_visible_to(a.principal)
    assert not link.is_visible_to(b.principal)
    with pytest.raises(DomainError, match="no such case"):
        working.link_case(principal=a.principal, incident=incident, case=foreign)
    with pytest.raises(AlreadyDone):
        working.link_case(principal=a.principal, incident=incident, case=case)
    working.unlink_case(principal=a.principal, link=link)
    assert Case.objects.count() == 2


# Joining ---------------------------------------------------------------------------------------


def test_a_second_report_is_joined_its_owner_asked_and_it_is_taken_back(sides):
    a, b, c = sides
    first, second = report_of(a, c), report_of(b, a)
    now = clock.now()
    for one, incident, events in ((a, first, 5), (b, second, 6)):
        working.count(
            principal=one.principal, incident=incident, events=events, first_at=now, last_at=now
        )
    joining.join(principal=a.principal, incident=first, other=second)
    told = queries.counted(first)
    assert (told.events, told.reports) == (11, 2)
    assert party_of(first, b).standing == Standing.ASKED
    assert not Party.objects.get(incident=first, team=b.team).is_visible_to(c.principal)
    with pytest.raises(Joined):
        change(b, second, State.CONFIRMED)
    joining.separate(principal=b.principal, other=second)
    assert party_of(first, b).standing == Standing.GONE
    assert queries.counted(first).events == 5
    assert change(b, second, State.CONFIRMED).state == State.CONFIRMED
    with pytest.raises(AlreadyDone):
        joining.separate(principal=a.principal, other=second)


def test_what_is_not_joined(sides):
    a, b, c = sides
    first, second, third = report_of(a, b), report_of(b, a), report_of(c, a)
    hidden = report_of(b, c)
    with pytest.raises(DomainError, match="into itself"):
        joining.join(principal=a.principal, incident=first, other=first)
    with pytest.raises((AlreadyDone, PermissionDenied)):
        joining.join(principal=a.principal, incident=first, other=hidden)
    with pytest.raises(PermissionDenied):
        joining.join(principal=a.principal, incident=second, other=third)
    narrow = report_of(b, a, tlp=Tlp.RED)
    with pytest.raises(DomainError, match="narrower"):
        joining.join(principal=a.principal, incident=first, other=narrow)
    joining.join(principal=a.principal, incident=first, other=second)
    with pytest.raises(AlreadyDone):
        joining.join(principal=a.principal, incident=first, other=second)
    own = report_of(a, b)
    with pytest.raises(Conflict, match="joined with others"):
        joining.join(principal=a.principal, incident=own, other=first)
    assert set(queries.joinable(first, a.principal)) == {third, narrow, own}


def test_who_took_part_before_stays_when_reports_are_separated(sides):
    a, b, _c = sides
    first, second = report_of(a, b), report_of(b, a)
    joining.join(principal=a.principal, incident=first, other=second)
    joining.separate(principal=a.principal, other=second)
    assert party_of(first, b).standing == Standing.READS


# Timeline --------------------------------------------------------------------------------------


def words_for(one, incident):
    return [line.words for line in history.page_of(incident, one.principal, None)[1]]


def test_the_timeline_tells_each_what_they_may_know(sides):
    a, b, c = sides
    incident = report_of(a, b, others=named(Side.SUSPECTED, c, is_told=False))
    parties.answer(principal=b.principal, party=party_of(incident, b), said=Answer.ACKNOWLEDGED)
    change(a, incident, State.CONFIRMED, reason=Reason.SEEN_TWICE)
    assert words_for(a, incident) == [
        "Alder CERT changed it: state reported, now confirmed; A second team sees the same",
        "Birch CERT acknowledged",
        "Alder CERT named Cedar CERT",
        "Alder CERT let Birch CERT be told and read",
        "Alder CERT reported the incident",
    ]
    assert not any("Cedar" in words for words in words_for(b, incident))
    assert "Birch CERT acknowledged" in words_for(b, incident)


def test_every_record_of_the_room_has_words():
    """An act that the room writes and the timeline does not know would be missing from it."""
    room = Path(history.__file__).parent / "domain"
    text = "".join(path.read_text() for path in sorted(room.glob("*.py")))
    written = set(re.findall(r'"((?:incident|hold|tally|indicator|task|case):[a-z-]+)"', text))
    parties = {"asked", "take-part", "leave", "take-out", *Answer, *Standing} - {"none", "gone"}
    written |= {f"party:{act}" for act in parties}
    assert {f"incidents:{act}" for act in written} == set(history.WORDS)


def test_a_desk_member_with_a_concern_does_not_see_it(sides):
    a, _b, _c = sides
    desk = DeskFactory()
    active_key_of(desk)
    ada = coordinator_of_desk()
    incident = report_of(a, to_desk=True)
    free = principal_of(ada, coordinator=True)
    assert incident.is_visible_to(free)
    talk = queries.talk_of(incident)
    assert talk.is_read_by(free)
    tied = replace(free, interests=frozenset({a.team.organisation_id}))
    assert not incident.is_visible_to(tied)
    assert not Incident.objects.visible_to(tied).exists()
    assert not talk.is_visible_to(tied)
    assert not Talk.objects.visible_to(tied).exists()
    assert not talk_queries.counted(tied)["all"]
    place = talk.places.get(team=desk)
    assert place.is_visible_to(free)
    assert not place.is_visible_to(tied)
    assert not Place.objects.visible_to(tied).exists()
    assert not incident.is_visible_to(principal_of(ada))


def test_the_factory_makes_what_the_form_makes():
    incident = IncidentFactory()
    assert incident.parties.get().team == incident.reporter
