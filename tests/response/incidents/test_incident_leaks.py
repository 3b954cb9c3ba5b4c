"""What somebody with two places, a concern or a good guess must not learn, and what gets lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import DeskFactory, coordinator_of_desk, member_of
from tests.factories.incidents import (
    IncidentFactory,
    IndicatorFactory,
    PartyFactory,
    TaskFactory,
    named,
    party_of,
    report_of,
)
from tests.factories.keys import active_key_of
from tests.factories.talks import side
from tests.principals import principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.notices.models import Notice
from tcert.community.talks.models import Place, Talk
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.incidents import exports, history, queries, waiting
from tcert.response.incidents.domain import changing, joining, parties, working
from tcert.response.incidents.enums import Answer, Reason, Severity, Side, Standing, State
from tcert.response.incidents.models import Incident, Indicator, Party, Tally

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides():
    return side("Alder CERT"), side("Birch CERT"), side("Cedar CERT")


@pytest.fixture
def desk():
    """The desk, and a coordinator of it without any concern."""
    made = DeskFactory()
    active_key_of(made)
    return made, principal_of(coordinator_of_desk(), coordinator=True)


def both(principal, *sides):
    """Let a person sit in the teams of others too."""
    more = tuple(m for one in sides for m in one.principal.memberships)
    return replace(principal, memberships=(*principal.memberships, *more))


def tied_to(principal, one):
    """Let a coordinator work for a team that they have declared."""
    houses = frozenset({one.team.organisation_id})
    return replace(both(principal, one), interests=houses)


def indicator(by, incident, text, kind=Kind.GLOBAL_TITLE, tlp=Tlp.AMBER):
    return working.add_indicator(
        principal=getattr(by, "principal", by),
        incident=incident,
        kind=kind,
        text=text,
        tlp=tlp,
        expires_on=clock.today(),
    )


def words_for(principal, incident):
    return [line.words for line in history.page_of(incident, principal, None)[1]]


# Concerns --------------------------------------------------------------------------------------


def test_the_desks_own_notes_are_kept_from_its_member_with_a_concern(sides, desk):
    a, _b, _c = sides
    _team, free = desk
    incident = report_of(a, to_desk=True)
    notes = working.begin_notes(principal=free, incident=incident)
    tied = replace(free, interests=frozenset({a.team.organisation_id}))
    assert notes.is_visible_to(free)
    assert notes in Talk.objects.visible_to(free)
    assert not notes.is_visible_to(tied)
    assert not Talk.objects.visible_to(tied).exists()
    assert not Place.objects.visible_to(tied).exists()


def test_who_works_for_a_party_does_not_see_through_it_what_the_desk_did(sides, desk):
    """Their own team reads, and their other one is the desk: its row does not serve them."""
    a, b, _c = sides
    _team, free = desk
    incident = report_of(a, b, to_desk=True)
    hidden = indicator(free, incident, "358409999999", tlp=Tlp.RED)
    shown = indicator(free, incident, "358408888888")
    now = clock.now()
    working.count(principal=free, incident=incident, events=3, first_at=now, last_at=now)
    assert any("indicator" in line for line in words_for(free, incident))
    tied = tied_to(free, b)
    assert incident.is_read_by(tied)
    assert list(Indicator.objects.visible_to(tied)) == [shown]
    assert not hidden.is_visible_to(tied)
    assert not Tally.objects.visible_to(tied).exists()
    assert not Tally.objects.get().is_visible_to(tied)
    text = exports.indicators_csv([shown], incident.own_team_ids(tied), steers=False)
    assert "358408888888" not in text
    assert not any("indicator" in line or "counted" in line for line in words_for(tied, incident))


def test_records_of_an_incident_are_for_who_steers_it(sides, desk):
    """They hold who was named and not told: who only reads does not see that, a coordinator too."""
    a, b, c = sides
    _team, free = desk
    incident = report_of(a, b, others=named(Side.SUSPECTED, c, is_told=False))
    reader = both(free, b)
    assert incident.is_read_by(reader)
    records = AuditRecord.objects.visible_to(reader)
    assert not records.filter(act__startswith="incidents:").exists()


# Two teams -------------------------------------------------------------------------------------


def test_who_sits_in_a_team_that_reads_does_not_see_that_their_other_one_is_named(sides):
    a, b, c = sides
    incident = report_of(a, b, others=named(Side.SUSPECTED, c, is_told=False))
    (listed,) = queries.listed(both(b.principal, c), {})
    assert [party.team for party in listed.own] == [b.team]
    assert not any("Cedar" in words for words in words_for(both(b.principal, c), incident))


def test_a_joining_does_not_name_a_team_that_is_not_in_the_second(sides):
    """One person, two teams: with one they steer the first, with the other read the second."""
    a, b, c = sides
    d = side("Dogwood CERT")
    first, second = report_of(a, d), report_of(b, c)
    joining.join(principal=both(a.principal, c), incident=first, other=second)
    for reader in (b, c):
        assert not any("Alder" in words for words in words_for(reader.principal, second))
    joining.separate(principal=b.principal, other=second)
    assert not any("Alder" in words for words in words_for(b.principal, second))


def test_who_came_by_a_joining_is_named_to_nobody_before_it_takes_part(sides, desk):
    """The desk joins two reports: the first's owner does not learn from it who sent the second."""
    a, b, _c = sides
    _team, free = desk
    first, second = report_of(a, to_desk=True), report_of(b, to_desk=True)
    joining.join(principal=free, incident=first, other=second)
    party = party_of(first, b)
    parties.answer(principal=b.principal, party=party, said=Answer.ACKNOWLEDGED)

    def seen(principal):
        listed = set(Party.objects.visible_to(principal).filter(incident=first))
        assert (party in listed) == Party.objects.get(pk=party.pk).is_visible_to(principal)
        said = any("Birch" in words for words in words_for(principal, first))
        return party in listed, said

    assert seen(a.principal) == (False, False)
    assert seen(free) == (True, True)
    joining.separate(principal=free, other=second)
    assert seen(a.principal) == (False, False)
    joining.join(principal=free, incident=first, other=second)
    parties.take_part(principal=b.principal, party=party)
    assert seen(a.principal) == (True, True)
    parties.leave(principal=b.principal, party=party)
    assert seen(a.principal) == (True, True)


def test_a_task_is_settled_by_who_speaks_for_its_team(sides):
    a, b, c = sides
    incident = IncidentFactory(reporter=a.team)
    for one in (b, c):
        PartyFactory(incident=incident, team=one.team)
    task = TaskFactory(incident=incident, team=c.team)
    listens = replace(
        b.principal,
        memberships=(
            *b.principal.memberships,
            *principal_of(member_of(c.team, TeamRole.MEMBER)).memberships,
        ),
    )
    with pytest.raises(PermissionDenied):
        working.settle(principal=listens, task=task, done=True)
    assert working.settle(principal=both(b.principal, c), task=task, done=True).done_at
    record = AuditRecord.objects.get(act="incidents:task:done")
    assert record.data["by"] == str(c.team.id)


# Indicators ------------------------------------------------------------------------------------


def test_an_indicator_that_one_does_not_see_is_not_found_by_entering_it(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    indicator(a, incident, "358409999999", tlp=Tlp.RED)
    assert indicator(b, incident, "358409999999").pk
    assert Indicator.objects.count() == 2


def test_an_indicator_whose_day_is_over_is_entered_again(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    IndicatorFactory(incident=incident, expires_on=clock.today() - timedelta(days=1))
    assert indicator(a, incident, "roam.example", kind=Kind.DIAMETER_REALM).pk


@pytest.mark.parametrize(
    ("kind", "text", "masked"),
    [
        (Kind.DOMAIN, "358401234567.example.org", "xxxxxxxxxxxx.example.org"),
        (Kind.DOMAIN, "7.6.5.4.3.2.1.0.4.8.5.3.e164.arpa", "x.x.x.x.x.x.x.x.x.x.x.x.e164.arpa"),
        (
            Kind.DIAMETER_HOST,
            "0208011234567890.nai.epc.mnc001.mcc208.3gppnetwork.org",
            "xxxxxxxxxxxxxxxx.nai.epc.mnc001.mcc208.3gppnetwork.org",
        ),
        (
            Kind.DIAMETER_REALM,
            "imsi208011234567890.epc.mnc001.mcc208.3gppnetwork.org",
            "imsixxxxxxxxxxxxxxx.epc.mnc001.mcc208.3gppnetwork.org",
        ),
    ],
)
def test_a_subscribers_number_in_a_name_is_stored_masked_alone(sides, kind, text, masked):
    a, _b, _c = sides
    made = indicator(a, report_of(a, _b), text, kind=kind)
    assert (made.value, made.masked) == ("", masked)


def test_a_shorter_number_in_a_name_is_kept_for_who_entered_it_and_masked_for_the_others(sides):
    """A day in the name of a false shop is no subscriber; a number without its area may be."""
    a, b, _c = sides
    made = indicator(a, report_of(a, b), "parcel-20261201.example", kind=Kind.DOMAIN)
    assert (made.value, made.masked) == ("parcel-20261201.example", "parcel-xxxxxxxx.example")


# Joining ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(State.over()))
def test_nothing_is_joined_into_what_is_over(sides, state):
    """It would vanish from all lists of what is open, and nobody would work on it."""
    a, b, _c = sides
    first, second = report_of(a, b), report_of(b, a)
    Incident.objects.filter(pk=first.pk).update(state=state)
    with pytest.raises(DomainError, match="Reopen"):
        joining.join(principal=a.principal, incident=first, other=second)
    second.refresh_from_db()
    assert second.joined_to is None


def test_a_joining_does_not_tell_who_was_named_and_not_told(sides, desk):
    """Who reported the first suspects it, and chose that it does not know: that is not undone."""
    a, b, _c = sides
    _team, free = desk
    first = report_of(a, to_desk=True, others=named(Side.SUSPECTED, b, is_told=False))
    second = report_of(b, to_desk=True)
    with pytest.raises(DomainError, match="not told"):
        joining.join(principal=free, incident=first, other=second)
    assert not first.is_visible_to(b.principal)
    parties.ask(principal=free, party=party_of(first, b))
    joining.join(principal=free, incident=first, other=second)
    assert first.is_visible_to(b.principal)


def test_who_does_not_see_the_first_keeps_the_second_in_its_list(sides):
    """My day counts what it has not acknowledged: the list to which it points must show it."""
    a, b, c = sides
    first = report_of(a, b)
    second = report_of(b, a, c)
    parties.take_part(principal=a.principal, party=party_of(second, a))
    joining.join(principal=a.principal, incident=first, other=second)
    assert list(queries.listed(c.principal, {})) == [second]
    assert "1" in str(next(waiting.incidents(c.principal)).title)
    assert list(queries.listed(b.principal, {})) == [first]


def test_who_is_asked_again_by_a_joining_has_not_answered_yet(sides):
    a, b, _c = sides
    first, second = report_of(a, b), report_of(b, a)
    party = party_of(first, b)
    parties.answer(principal=b.principal, party=party, said=Answer.NOT_OURS)
    parties.leave(principal=b.principal, party=party)
    joining.join(principal=a.principal, incident=first, other=second)
    party.refresh_from_db()
    assert (party.standing, party.answer, party.answered_at) == (Standing.ASKED, Answer.NONE, None)


def test_a_marking_is_not_lowered_below_what_was_joined(sides):
    """Its counts are shown here: the marking that joining asked for holds while it is joined."""
    a, b, _c = sides
    first, second = report_of(a, b), report_of(b, a)
    first = joining.join(principal=a.principal, incident=first, other=second)
    with pytest.raises(DomainError, match="joined"):
        changing.change(
            principal=a.principal,
            incident=first,
            revision=first.revision,
            state=State.REPORTED,
            severity=Severity.HIGH,
            tlp=Tlp.CLEAR,
            reason=Reason.EVIDENCE,
        )


# Notices ---------------------------------------------------------------------------------------


def test_who_was_taken_out_before_the_notice_left_gets_none(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    parties.take_out(principal=a.principal, party=party_of(incident, b))
    jobs.run_due()
    assert not Notice.objects.filter(team_id=b.team.id).exists()
