"""The pages: the applicant's, the members', the desk's; what they show, refuse and cost."""

import csv
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.joining import (
    ApplicationFactory,
    ApplicationMessageFactory,
    ObjectionFactory,
    SponsorshipFactory,
    founded,
    in_period,
    sponsored,
    submitted,
    word_for,
)
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Channel
from tcert.community.joining import queries
from tcert.community.joining.domain.machine import IDENTITY, note
from tcert.community.joining.enums import State, Word
from tcert.community.joining.models import Application, Objection
from tcert.community.joining.waiting import asked as asked_waiting
from tcert.community.joining.waiting import desk as desk_waiting
from tcert.community.joining.waiting import own as own_waiting
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shown import mark

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"joining:{name}", args=args)


def html(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.fixture
def mine(applicant):
    return sign_in(Client(), applicant)


@pytest.fixture
def team():
    return TeamFactory(name="Own CERT")


@pytest.fixture
def boss(team):
    return sign_in(Client(), member_of(team, TeamRole.REPRESENTATIVE))


@pytest.fixture
def at_desk():
    return sign_in(Client(), coordinator_of_desk(), coordinator=True)


GOOD = {
    "kind": "mno",
    "name": "Fjord Networks",
    "short_name": "Fjord",
    "country": "xa",
    "website": "fjord.example",
    "team_name": "Fjord CERT",
    "team_kind": "cert",
    "about": "We answer.",
    "mail": "cert@fjord.example",
    "phone": "+999 0000 0002",
}


def test_the_door_says_how_many_members_there_are_and_that_it_is_founded(client):
    TeamFactory()
    words = html(client, "/join/")
    assert "1 organisation is a member so far" in words
    assert "two coordinators" in words
    assert "free" in words
    founded()
    words = html(client, "/join/")
    assert "being founded" not in words
    assert "21 days" in words


def test_home_leads_to_the_door(client):
    assert 'href="/join/"' in html(client, "/")


def test_filling_in_saves_and_leads_to_the_proof(mine, applicant):
    found = ApplicationFactory(applicant=applicant, mail_proved_at=None)
    answer = mine.post(at("edit", found.id), GOOD)
    assert answer.url == at("mail", found.id)
    found.refresh_from_db()
    assert (found.name, found.country, found.mail_domain) == (
        "Fjord Networks",
        "XA",
        "fjord.example",
    )
    assert "Fjord Networks" in html(mine, at("application", found.id))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "nul\x00"},
        {"name": "two\nlines"},
        {"team_name": "bell\x07"},
        {"country": "FIN"},
        {"country": "1!"},
        {"phone": "0800 123"},
        {"mail": "nobody"},
        {"website": "javascript:alert(1)"},
        {"kind": "hub"},
        {"team_kind": "desk"},
        {"about": "x" * 2001},
    ],
)
def test_bad_input_is_refused_and_nothing_typed_is_lost(mine, applicant, wrong):
    found = ApplicationFactory(applicant=applicant, name="Before")
    answer = mine.post(at("edit", found.id), {**GOOD, "short_name": "Kept", **wrong})
    assert answer.status_code == 400
    assert "Kept" in answer.content.decode()
    found.refresh_from_db()
    assert found.name == "Before"


def test_an_applicant_sees_whose_turn_it_is_and_no_more(mine, applicant):
    found = in_period(applicant=applicant)
    before = html(mine, at("application", found.id))
    raised = ObjectionFactory(application=found, team__name="Secret CERT")
    words = html(mine, at("application", found.id))
    assert "Members may object" in words
    assert "desk’s turn" not in words
    assert len(words.splitlines()) == len(before.splitlines())
    for hidden in ("Secret CERT", raised.reason):
        assert hidden not in words
    assert mine.get(at("decide", raised.id)).status_code == 403
    assert mine.get(at("objection", raised.id)).status_code == 403


def test_an_upheld_objection_shows_nothing_but_the_desks_turn(mine, applicant):
    found = in_period(applicant=applicant)
    ObjectionFactory(application=found, state="upheld", answer="It is so.")
    words = html(mine, at("application", found.id))
    assert "It is so." not in words


def test_a_decline_of_a_sponsor_looks_like_silence(mine, applicant):
    found = submitted(examined=True, applicant=applicant)
    SponsorshipFactory(application=found, team__name="Mute CERT", state=Word.DECLINED)
    words = html(mine, at("application", found.id))
    assert "Mute CERT" in words
    assert "declined" not in words.lower().replace("decline without", "")


def test_teams_are_found_by_name_and_asked(mine, applicant):
    found = ApplicationFactory(applicant=applicant)
    other = TeamFactory(name="Gale CERT")
    hidden = TeamFactory(name="Gale LI", kind="lawful-interception")
    words = html(mine, at("sponsors", found.id) + "?q=gale")
    assert "Gale CERT" in words
    assert hidden.name not in words
    assert mine.post(at("sponsors", found.id), {"team": other.id}).status_code == 302
    assert found.sponsorships.get().team == other
    for wrong in ("", "x", str(hidden.id), str(found.id)):
        mine.post(at("sponsors", found.id), {"team": wrong})
    assert found.sponsorships.count() == 1


@pytest.mark.parametrize(
    "name", ["application", "edit", "mail", "sponsors", "submit", "write", "withdraw"]
)
def test_anothers_application_does_not_exist(mine, name):
    other = ApplicationFactory()
    assert mine.get(at(name, other.id)).status_code in {404, 405}
    assert mine.post(at(name, other.id), {"text": "x"}).status_code in {404, 405}


def test_writing_keeps_what_was_typed_when_it_is_refused(mine, applicant):
    found = submitted(applicant=applicant)
    refused = mine.post(at("write", found.id), {"text": "x" * 2001})
    assert refused.status_code == 400
    assert "x" * 2001 in refused.content.decode()
    mine.post(at("write", found.id), {"text": "<script>alert(1)</script>"})
    assert "<script>alert" not in html(mine, at("application", found.id))


def test_members_see_who_is_in_the_period_and_who_asks_them(boss, team):
    period = in_period(name="Fjord Networks")
    waiting = submitted(examined=True, name="Gale Mobile")
    SponsorshipFactory(application=waiting, team=team)
    submitted(examined=True, name="Unseen")
    words = html(boss, at("applicants"))
    assert "Fjord Networks" in words
    assert "Gale Mobile" in words
    assert "Unseen" not in words
    shown = html(boss, at("applicant", period.id))
    assert "We met them." in shown
    for hidden in (period.phone, period.mail, period.applicant.name):
        assert hidden not in shown


def test_an_applicant_that_is_not_shown_does_not_exist_to_members(boss):
    for other in (submitted(examined=True), sponsored(), ApplicationFactory()):
        assert boss.get(at("applicant", other.id)).status_code == 404
        assert boss.get(at("object", other.id)).status_code == 404


def test_objecting_and_reading_the_answer(boss, team, at_desk):
    found = in_period()
    sent = boss.post(at("object", found.id), {"team": team.id, "reason": "They leak."})
    raised = Objection.objects.get()
    assert sent.url == at("objection", raised.id)
    assert "They leak." in html(at_desk, at("desk", found.id))
    decided = {"upholds": "no", "answer": "We asked; it was another."}
    assert at_desk.post(at("decide", raised.id), decided).url == at("desk", found.id)
    assert "it was another" in html(boss, at("objection", raised.id))
    other = sign_in(Client(), member_of(TeamFactory()))
    assert other.get(at("objection", raised.id)).status_code == 404


def test_vouching_and_taking_back(boss, team):
    asked = SponsorshipFactory(application=submitted(examined=True), team=team)
    page = at("sponsorship", asked.id)
    assert "Decline" in html(boss, page)
    shown = mark(asked.application, IDENTITY)
    good = {"basis": "met-in-person", "statement": "Met at their site.", "lasts": "365"}
    good["shown"] = shown
    assert boss.post(page, {**good, "statement": ""}).status_code == 400
    assert boss.post(page, good).url == page
    assert "Met at their site." in html(boss, page)
    boss.post(at("take_back", asked.id))
    asked.refresh_from_db()
    assert asked.state == Word.WITHDRAWN


def test_a_plain_member_reads_the_request_and_answers_nothing(team):
    asked = SponsorshipFactory(application=submitted(examined=True), team=team)
    plain = sign_in(Client(), member_of(team))
    assert plain.get(at("sponsorship", asked.id)).status_code == 403
    assert plain.post(at("decline_sponsor", asked.id)).status_code == 403


def test_the_queue_is_narrowed_by_who_must_act_and_written_as_csv(at_desk):
    first = submitted(name="=Desk first")
    submitted(name="Asked more", state=State.MORE_INFORMATION)
    ApplicationFactory(name="A draft")
    everything = html(at_desk, at("queue"))
    assert "=Desk first" in everything
    assert "Asked more" in everything
    assert "A draft" not in everything
    narrowed = html(at_desk, at("queue") + "?who=desk")
    assert "Asked more" not in narrowed
    written = at_desk.get(at("queue_csv") + "?who=desk").content.decode()
    rows = list(csv.DictReader(StringIO(written)))
    assert [(row["name"], row["who_must_act"]) for row in rows] == [("'=Desk first", "desk")]
    assert rows[0]["by"] == (first.since + timedelta(days=7)).date().isoformat()


def test_the_desk_sees_who_may_be_the_same_and_the_applicant_does_not(at_desk, mine, applicant):
    found = submitted(
        applicant=applicant, mail_domain="fjord.example", name="Fjord", mail="a@fjord.example"
    )
    at_domain = TeamFactory(organisation__name="Fjord Holding")
    Channel.objects.create(team=at_domain, kind="email", value="soc@fjord.example")
    OrganisationFactory(name="Retired Fjord", short_name="Fjord", state="retired")
    submitted(mail_domain="fjord.example", name="Fjord again")
    other = OrganisationFactory(name="Not Fjordish", website="https://notfjord.example/")
    seen = html(at_desk, at("desk", found.id))
    own = html(mine, at("application", found.id))
    for name in ("Fjord Holding", "Retired Fjord", "Fjord again"):
        assert name in seen
        assert name not in own
    assert str(other.id) + "/" not in seen


def test_the_domain_of_a_provider_makes_nobody_the_same(at_desk):
    gull = TeamFactory(organisation__name="Gull")
    member_of(gull, email="a@gmail.com")
    found = submitted(mail_domain="gmail.com", mail="b@gmail.com")
    words = html(at_desk, at("desk", found.id))
    assert f"{gull.organisation_id}/" not in words
    assert "serves everybody" in words


def test_the_desk_walks_an_application_to_its_period(at_desk):
    found = submitted()
    for _ in range(2):
        word_for(found)
    shown = mark(found, IDENTITY)
    at_desk.post(at("examine", found.id), {"word": "", "group": "", "shown": shown})
    at_desk.post(at("open_period", found.id))
    found.refresh_from_db()
    assert found.state == State.OBJECTIONS
    later = (found.since + timedelta(days=30)).date().isoformat()
    put_off = {"until": later, "reason": "Wait."}
    assert at_desk.post(at("defer", found.id), put_off).status_code == 302
    at_desk.post(at("resume", found.id))
    typed = {"reason": "No team.", "confirm_name": found.name}
    assert at_desk.post(at("decline", found.id), {**typed, "confirm_name": "x"}).status_code == 400
    at_desk.post(at("decline", found.id), typed)
    found.refresh_from_db()
    assert (found.state, found.reason) == (State.DECLINED, "No team.")


def test_to_admit_leads_to_the_proposal_for_a_second(at_desk):
    found = submitted(examined=True)
    assert at_desk.post(at("admit", found.id)).url == reverse("desk:propose")


def test_a_message_that_needs_an_answer_makes_it_the_applicants_turn(at_desk):
    found = submitted()
    at_desk.post(at("desk_write", found.id), {"text": "Welcome."})
    found.refresh_from_db()
    assert found.state == State.SUBMITTED
    at_desk.post(at("desk_write", found.id), {"text": "Who?", "asks": "on"})
    found.refresh_from_db()
    assert found.state == State.MORE_INFORMATION
    assert [one.text for one in found.messages.all()] == ["Welcome.", "Who?"]


def test_a_draft_does_not_exist_to_the_desk(at_desk):
    draft = ApplicationFactory()
    assert at_desk.get(at("desk", draft.id)).status_code == 404


def test_my_day_tells_each_whose_turn_it_is(applicant, team):
    found = ApplicationFactory(applicant=applicant)
    assert len(list(own_waiting(principal_of(applicant)))) == 1
    asked = SponsorshipFactory(application=submitted(examined=True), team=team)
    boss = principal_of(member_of(team, TeamRole.REPRESENTATIVE))
    assert asked.application.name in str(next(asked_waiting(boss)).title)
    assert list(asked_waiting(principal_of(member_of(team)))) == []
    sees = principal_of(coordinator_of_desk(), coordinator=True)
    assert list(desk_waiting(sees)) == []
    submitted()
    assert len(list(desk_waiting(sees))) == 1
    Application.objects.filter(pk=found.pk).update(state=State.WITHDRAWN)
    assert list(own_waiting(principal_of(applicant))) == []


def count(client, address):
    with CaptureQueriesContext(connection) as asked:
        html(client, address)
    return len(asked)


def fill(team):
    period = in_period()
    ObjectionFactory(application=period)
    SponsorshipFactory(application=submitted(examined=True), team=team)
    ApplicationMessageFactory(application=period)


@pytest.mark.parametrize("name", ["queue", "applicants"])
def test_lists_ask_the_same_number_of_questions_for_one_and_for_three(at_desk, boss, team, name):
    client = at_desk if name == "queue" else boss
    fill(team)
    html(client, at(name))
    one = count(client, at(name))
    for _ in range(2):
        fill(team)
    assert count(client, at(name)) == one


def test_standings_cost_the_same_for_many():
    for _ in range(3):
        in_period()
    found = list(queries.applications())
    one, other = (
        replace(principal_of(coordinator_of_desk(), coordinator=True), only_looks=True)
        for _ in range(2)
    )
    with CaptureQueriesContext(connection) as few:
        queries.rows(found[:1], queries.told_to_desk(one, found[:1]))
    with CaptureQueriesContext(connection) as many:
        queries.rows(found, queries.told_to_desk(other, found))
    assert len(few) == len(many)


def test_whose_turn_it_is_does_not_tell_that_a_team_declined(mine, applicant):
    """Silence and refusal look alike: with one word given, whose turn it is would tell on one."""
    founded()
    found = submitted(examined=True, applicant=applicant)
    word_for(found)
    asked = SponsorshipFactory(application=found, team__name="Mute CERT")
    silent = html(mine, at("application", found.id))
    assert "turn of the teams that you named" in silent
    asked.state = Word.DECLINED
    asked.save()
    declined = html(mine, at("application", found.id))
    assert "turn of the teams that you named" in declined
    assert len(declined.splitlines()) == len(silent.splitlines())
    assert not list(own_waiting(principal_of(applicant)))
    assert queries.standing_of(found).unanswered == 0


@pytest.mark.parametrize("state", [Word.ASKED, Word.DECLINED])
def test_after_a_month_without_a_word_it_is_the_applicants_turn(applicant, mine, state):
    founded()
    found = submitted(examined=True, applicant=applicant)
    month = clock.now() - timedelta(days=28)
    Application.objects.filter(pk=found.pk).update(examined_at=month)
    for _ in range(2):
        SponsorshipFactory(application=found, state=state, asked_at=month)
    assert "Name more teams" in html(mine, at("application", found.id))
    (line,) = own_waiting(principal_of(applicant))
    assert str(found.id) in line.url


def test_a_page_of_the_one_before_lets_no_other_through(boss, team, at_desk):
    """Between opening and pressing, the applicant may have become another, and been sent back."""
    found = submitted(examined=True, name="Fjord Networks")
    asked = SponsorshipFactory(application=found, team=team)
    old = mark(found, IDENTITY)
    Application.objects.filter(pk=found.pk).update(name="Somebody else", examined_at=None)
    looked = at_desk.post(at("examine", found.id), {"word": "", "group": "", "shown": old})
    assert looked.status_code == 409
    assert "Somebody else" in looked.content.decode()
    found.refresh_from_db()
    assert found.examined_at is None
    Application.objects.filter(pk=found.pk).update(examined_at=clock.now())
    word = {"basis": "met-in-person", "statement": "Met.", "lasts": "365", "shown": old}
    given = boss.post(at("sponsorship", asked.id), word)
    assert given.status_code == 409
    assert "Somebody else" in given.content.decode()
    asked.refresh_from_db()
    assert asked.state == Word.ASKED


@pytest.fixture
def tied_desk():
    """A coordinator who signs in at the applicant's own domain."""
    return sign_in(Client(), coordinator_of_desk(email="x@fjord.example"), coordinator=True)


def test_a_coordinator_tied_to_the_applicant_learns_no_more_than_it_does(tied_desk, at_desk):
    """The applicant's page is the same with and without an objection; so is a colleague's."""
    found = in_period(mail_domain="fjord.example", name="Fjord")
    SponsorshipFactory(application=found, team__name="Mute CERT", state=Word.DECLINED)
    ObjectionFactory(application=found)
    page = html(tied_desk, at("desk", found.id))
    assert "members may object" in page
    for word in ("There are objections", "declined", "next:</span> the desk"):
        assert word not in page
    assert "members may object" in html(tied_desk, at("queue") + "?who=members")
    assert "Fjord" not in html(tied_desk, at("queue") + "?who=desk")
    assert "Fjord" not in tied_desk.get(at("queue_csv") + "?who=desk").content.decode()
    assert "declined" in html(at_desk, at("desk", found.id))
    assert "Fjord" in html(at_desk, at("queue") + "?who=desk")


def test_neither_mail_nor_records_tell_whom_somebody_objects_to(tied_desk, at_desk, boss, team):
    found = in_period(mail_domain="fjord.example", name="Fjord")
    boss.post(at("object", found.id), {"team": team.id, "reason": "They leak."})
    for notice in Notice.objects.filter(team__is_desk=True):
        assert str(found.id) not in notice.subject + notice.text
    note(SYSTEM, "sponsor-answer", found, word="declined")
    told = AuditRecord.objects.get(act="joining:sponsor-answer")
    tied, free = (
        principal_of(coordinator_of_desk(email=address), coordinator=True)
        for address in ("y@fjord.example", "y@desk.example")
    )
    assert (told.is_visible_to(tied), told.is_visible_to(free)) == (False, True)
