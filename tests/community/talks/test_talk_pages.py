"""The pages of talks: who is served what, what bad input meets, how many queries a list takes."""

import io
import json
import re
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.directory import coordinator_of_desk, member_of
from tests.factories.sealed import seal_for
from tests.factories.talks import RefusalFactory, cannot_open, let_join, say, side
from tests.factories.talks import talk_between as begun
from tests.principals import sign_in

from tcert.community.directory.enums import KeyState, OrganisationState
from tcert.community.directory.models import TeamKey
from tcert.community.notices.models import Notice
from tcert.community.talks.domain import ending, opening
from tcert.community.talks.models import Refusal, Talk, keep
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides():
    return side("Alder CERT"), side("Birch CERT"), side("Cedar CERT")


@pytest.fixture
def clients(sides):
    return tuple(sign_in(Client(), one.person) for one in sides)


def at(name, *args):
    return reverse(f"talks:{name}", args=args)


def html(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def test_a_talk_is_begun_from_the_page_of_a_team(sides, clients):
    a, b, _c = sides
    page = html(clients[0], reverse("directory:team", args=[b.team.id]))
    assert at("new", b.team.id) in page
    assert "the hub cannot read it" in page
    assert "The hub sees that these two teams talk" in html(clients[0], at("new", b.team.id))
    sent = clients[0].post(at("new", b.team.id), {"from_team": a.team.id})
    talk = Talk.objects.get()
    assert sent.url == at("talk", talk.id)
    for client, other in ((clients[0], "Birch CERT"), (clients[1], "Alder CERT")):
        assert f"Talk with {other}" in html(client, at("talk", talk.id))
    assert "Subject line" in html(clients[0], at("talk", talk.id))


def test_a_member_is_told_who_can_begin_one_and_a_stranger_nothing(sides, client):
    _a, b, _c = sides
    address = reverse("directory:team", args=[b.team.id])
    assert "In confidence" not in html(client, address)
    member = sign_in(Client(), member_of(sides[0].team))
    page = html(member, address)
    assert "A representative, a deputy or a duty officer" in page
    assert at("new", b.team.id) not in page
    assert member.get(at("new", b.team.id)).status_code == 403


def test_a_team_without_a_key_says_what_to_do(sides, clients):
    a, b, _c = sides
    TeamKey.objects.filter(team=b.team).update(state=KeyState.REVOKED)
    assert "Without a key nothing can be sealed" in html(
        clients[0], reverse("directory:team", args=[b.team.id])
    )
    assert "Reach it another way" in html(clients[0], at("teams"))
    page = html(clients[0], at("new", b.team.id))
    assert "has no key that can be sealed to" in page
    assert '<form method="post" class="card"' not in page
    assert clients[0].post(at("new", b.team.id), {"from_team": a.team.id}).status_code == 400
    TeamKey.objects.filter(team=a.team).update(state=KeyState.REVOKED)
    assert "Your team has no key." in html(clients[0], at("new", sides[2].team.id))


def addresses(talk, place, message):
    for name in ("talk", "context", "gpg", "keyring", "draft", "hand_over"):
        yield "get", at(name, talk.id)
    for name in ("readers", "post", "go_on_without", "part"):
        yield "post", at(name, talk.id)
    yield "get", at("message", talk.id, message)
    yield "get", at("file", talk.id, message)
    yield "post", at("unopened", talk.id, message)
    for name in ("join", "ask", "leave", "close"):
        yield "get", at(name, place.id)
    for name in ("join", "ask", "leave", "close", "mute", "settle"):
        yield "post", at(name, place.id)


def test_for_everybody_else_there_is_no_such_talk(sides, clients):
    a, b, _c = sides
    talk = begun(a, b)
    posted = say(a, talk, b)
    desk = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    for client in (clients[2], desk):
        for method, address in addresses(talk, a.place(talk), posted.message_id):
            answer = getattr(client, method)(address)
            assert answer.status_code == 404, address
            assert "Alder" not in answer.content.decode()
    assert a.place(talk).reads
    assert Talk.objects.get().closed_on is None


def test_a_message_is_served_in_its_own_talk_only(sides, clients):
    a, b, c = sides
    talk, other = begun(a, b), begun(a, c)
    posted = say(a, talk, b)
    assert clients[0].get(at("message", talk.id, posted.message_id)).status_code == 200
    assert clients[0].get(at("message", other.id, posted.message_id)).status_code == 404


def test_a_member_who_does_not_speak_reads_and_writes_but_does_not_act(sides):
    a, b, _c = sides
    talk = begun(a, b)
    member = sign_in(Client(), member_of(a.team))
    page = html(member, at("talk", talk.id))
    assert "data-compose" in page
    assert at("leave", a.place(talk).id) not in page
    for name in ("leave", "close", "ask"):
        assert member.get(at(name, a.place(talk).id)).status_code == 403
        assert member.post(at(name, a.place(talk).id)).status_code == 403
    assert member.post(at("mute", a.place(talk).id), {"act": "mute"}).status_code == 403


def sealed_file(data):
    return SimpleUploadedFile("message.pgp", data, content_type="application/octet-stream")


def send(client, talk, data, **fields):
    version = Talk.objects.get(pk=talk.pk).thread.current_set.version
    values = {"version": version, "kind": "message", "sealed": sealed_file(data), **fields}
    return client.post(at("post", talk.id), values)


def test_the_pages_script_asks_for_the_readers_and_posts(sides, clients):
    a, b, _c = sides
    talk = begun(a, b)
    told = clients[0].post(at("readers", talk.id)).json()
    assert told["subject"] == f"talk:{talk.id}"
    assert told["tlp"] == "AMBER"
    assert {r["fingerprint"] for r in told["recipients"]} == {
        a.party.fingerprint,
        b.party.fingerprint,
    }
    data = seal_for(talk.thread, a.party, [a.party, b.party])
    assert send(clients[0], talk, data).status_code == 200
    claimed = clients[1].get(at("context", talk.id)).json()
    assert [m["author"] for m in claimed["messages"]] == [a.party.fingerprint]
    assert clients[1].get(claimed["messages"][0]["url"]).status_code == 200
    assert send(clients[0], talk, data).json()["code"] == "replay"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"version": "99"}, "stale-recipients"),
        ({"version": "x"}, "refused"),
        ({"kind": "facts"}, "refused"),
        ({"kind": "nonsense"}, "refused"),
        ({"sha256": ["0" * 64]}, "refused"),
        ({"sealed": ""}, "refused"),
        ({"sealed": SimpleUploadedFile("m", b"in clear")}, None),
    ],
)
def test_a_hostile_post_stores_nothing(sides, clients, fields, code):
    a, b, _c = sides
    talk = begun(a, b)
    data = seal_for(talk.thread, a.party, [a.party, b.party])
    answer = send(clients[0], talk, data, **fields)
    assert 400 <= answer.status_code < 500
    assert code is None or answer.json()["code"] == code
    assert not Message.objects.exists()


def test_a_message_sealed_to_somebody_else_too_is_refused(sides, clients):
    a, b, c = sides
    talk = begun(a, b)
    for readers in ([a.party, b.party, c.party], [a.party], [b.party]):
        answer = send(clients[0], talk, seal_for(talk.thread, a.party, readers))
        assert answer.status_code == 400
    assert not Message.objects.exists()


def test_a_closed_talk_says_who_closed_it_and_takes_nothing(sides, clients):
    a, b, _c = sides
    talk = begun(a, b)
    say(a, talk, b)
    data = seal_for(talk.thread, a.party, [a.party, b.party], body="late")
    place = b.place(talk)
    assert "There is no way back" in html(clients[1], at("close", place.id))
    wrong = clients[1].post(at("close", place.id), {"confirm_name": "Alder CERT"})
    assert wrong.status_code == 400
    clients[1].post(at("close", place.id), {"confirm_name": "birch cert"})
    page = html(clients[0], at("talk", talk.id))
    assert "Birch CERT closed this talk" in page
    assert "data-compose" not in page
    refused = send(clients[0], talk, data)
    assert (refused.status_code, refused.json()["code"]) == (409, "closed")
    assert "This talk was closed" in html(clients[0], at("gpg", talk.id))
    assert Message.objects.count() == 1


def test_who_is_asked_is_led_to_the_question_and_sees_no_other_name(sides, clients):
    a, b, c = sides
    talk = begun(a, b)
    say(a, talk, b)
    assert "Cedar CERT" in html(clients[0], at("ask", a.place(talk).id))
    clients[0].post(at("ask", a.place(talk).id), {"team": c.team.id})
    place = c.place(talk)
    assert clients[2].get(at("talk", talk.id)).url == at("join", place.id)
    for page in (html(clients[2], at("join", place.id)), html(clients[2], at("list"))):
        assert "Alder CERT" in page
        assert "Birch CERT" not in page
    assert clients[2].get(at("context", talk.id)).status_code == 404
    assert "asked by Alder CERT" in html(clients[1], at("talk", talk.id))
    clients[2].post(at("join", place.id), {"act": "join"})
    page = html(clients[2], at("talk", talk.id))
    assert "1 message came before you" in page
    assert clients[2].get(at("context", talk.id)).json()["messages"] == []


def test_saying_no_leaves_one_outside(sides, clients):
    a, b, c = sides
    talk = begun(a, b)
    place = opening.ask(principal=a.principal, talk=talk, by=a.place(talk), team=c.team)
    clients[2].post(at("join", place.id), {"act": "leave"})
    assert clients[2].get(at("talk", talk.id)).status_code == 404
    assert clients[2].get(at("join", place.id)).status_code == 404
    assert "stays out" in html(clients[0], at("talk", talk.id))
    assert Talk.objects.get().closed_on is None


def test_leaving_asks_for_the_name_of_ones_team(sides, clients):
    a, b, c = sides
    talk = begun(a, b, c)
    place = c.place(talk)
    assert clients[2].post(at("leave", place.id), {"confirm_name": "x"}).status_code == 400
    assert clients[2].post(at("leave", place.id), {"confirm_name": "Cedar CERT"}).url == at("list")
    assert clients[2].get(at("talk", talk.id)).status_code == 404
    assert "left" in html(clients[0], at("talk", talk.id))


def test_refusing_is_quiet_and_taken_back(sides, clients):
    a, b, _c = sides
    sent = clients[1].post(at("refuse", a.team.id), {"team": b.team.id, "act": "refuse"})
    assert sent.url == at("refused")
    assert "Alder CERT" in html(clients[1], at("refused"))
    page = html(clients[0], reverse("directory:team", args=[b.team.id]))
    assert at("new", b.team.id) in page
    assert "takes no" not in page
    answer = clients[0].post(at("new", b.team.id), {"from_team": a.team.id})
    assert answer.status_code == 400
    assert "takes no new conversation from your team at the moment" in answer.content.decode()
    clients[1].post(at("refuse", a.team.id), {"team": b.team.id, "act": "admit"})
    assert not Refusal.objects.exists()


@pytest.mark.slow
def test_my_day_and_the_list_tell_counts_and_days(sides, clients):
    a, b, _c = sides
    talk = begun(a, b)
    assert "A team wrote to you" not in html(clients[1], "/my-day/")
    say(a, talk, b, kind=Kind.TITLE)
    say(a, talk, b)
    say(a, talk, b, body="more")
    mine = html(clients[1], "/my-day/")
    assert "A team wrote to you" in mine
    assert "Alder" not in mine
    page = html(clients[1], at("list") + "?turn=ours")
    assert "waits for you" in page
    assert "2 since yours" in page
    assert "No talk of this kind" in html(clients[0], at("list") + "?turn=ours")
    clients[1].post(at("settle", b.place(talk).id))
    assert "A team wrote to you" not in html(clients[1], "/my-day/")
    say(a, talk, b, body="again")
    assert "1 since yours" in html(clients[1], at("list"))
    say(b, talk, a, body="answer")
    assert "nothing waits for you" in html(clients[1], at("list"))


@pytest.mark.slow
def test_a_team_off_the_list_is_not_led_to_pages_that_refuse_it(sides, clients):
    a, b, _c = sides
    say(a, begun(a, b), b)
    assert "A team wrote to you" in html(clients[1], "/my-day/")
    b.team.organisation.state = OrganisationState.SUSPENDED
    b.team.organisation.save()
    assert "A team wrote to you" not in html(clients[1], "/my-day/")
    html(clients[1], at("list"), 403)


def test_the_list_is_filtered_by_what_its_address_says(sides, clients):
    a, b, c = sides
    begun(a, b)
    closed = begun(a, c)
    ending.close(principal=a.principal, place=a.place(closed))
    for query, found in {
        "team=birch": {"Birch"},
        "team=alder": set(),
        "state=closed": {"Cedar"},
        "state=open": {"Birch"},
        "state=%00&turn=zzz&team=%00&page=99": {"Birch", "Cedar"},
    }.items():
        page = html(clients[0], f"{at('list')}?{query}")
        assert {name for name in ("Birch", "Cedar") if f"{name} CERT" in page} == found


def test_an_empty_list_says_how_to_begin(clients):
    page = html(clients[0], at("list"))
    assert "No talk yet" in page
    assert at("teams") in page
    assert "Your team takes talks from every team" in html(clients[0], at("refused"))


def test_notices_name_nobody_and_nothing(sides):
    a, b, c = sides
    talk = begun(a, b)
    say(a, talk, b, body="in confidence")
    opening.ask(principal=a.principal, talk=talk, by=a.place(talk), team=c.team)
    ending.close(principal=a.principal, place=a.place(talk))
    jobs.run_due()
    told = {(n.team_id, n.text) for n in Notice.objects.all()}
    words = "\n".join(f"{n.subject} {n.text}" for n in Notice.objects.all())
    assert {team for team, _text in told} == {b.team.id, c.team.id}
    assert "A team wrote to you" in words
    assert "Your team is asked to join a talk" in words
    for name in ("Alder", "Birch", "Cedar", "confidence", str(talk.id)):
        assert name not in words


def test_a_muted_talk_tells_nothing(sides, clients):
    a, b, _c = sides
    talk = begun(a, b)
    clients[1].post(at("mute", b.place(talk).id), {"act": "mute"})
    say(a, talk, b)
    jobs.run_due()
    assert not Notice.objects.exists()
    assert "no notices" in html(clients[1], at("list"))
    assert "A team wrote to you" not in html(clients[1], "/my-day/")
    clients[1].post(at("mute", b.place(talk).id), {"act": "unmute"})
    assert not b.place(talk).is_muted


def test_a_message_that_does_not_open_is_told_to_its_sender(sides, clients):
    a, b, _c = sides
    talk = begun(a, b)
    posted = say(a, talk, b)
    sent = clients[1].post(at("unopened", talk.id, posted.message_id), {"act": "say"})
    assert sent.url.startswith(at("talk", talk.id))
    assert "Cannot be opened by: Birch CERT." in html(clients[0], at("talk", talk.id))
    assert "Message of a talk to seal anew" in html(clients[0], "/my-day/")
    assert "Your team has said that it cannot open this" in html(clients[1], at("gpg", talk.id))
    fields = {"act": "take-back", "from": "gpg"}
    clients[1].post(at("unopened", talk.id, posted.message_id), fields)
    assert "Cannot be opened by" not in html(clients[0], at("talk", talk.id))


def test_with_ones_own_program(sides, clients):
    a, b, _c = sides
    talk = begun(a, b)
    page = html(clients[0], at("gpg", talk.id))
    assert a.party.fingerprint in re.sub(r"\s", "", page)
    draft = clients[0].get(at("draft", talk.id)).content.decode()
    assert f"Subject: talk:{talk.id}" in draft
    assert b"PUBLIC KEY" in clients[0].get(at("keyring", talk.id)).content
    version = talk.thread.current_set.version
    data = seal_for(talk.thread, a.party, [a.party, b.party])
    answer = clients[0].post(at("gpg", talk.id), {"version": version, "sealed": "nonsense"})
    assert answer.status_code == 400
    fields = {"version": version, "file": sealed_file(data)}
    assert clients[0].post(at("gpg", talk.id), fields).url == at("talk", talk.id)
    assert Message.objects.count() == 1


def test_with_ones_own_program_the_next_page_shows_who_reads_now(sides, clients):
    """No script brings the readers in step: without this the page would ask for the same again."""
    a, b, c = sides
    talk = begun(a, b, c)
    c.team.retired_at = clock.now()
    c.team.save()
    data = seal_for(talk.thread, a.party, [one.party for one in sides])
    fields = {"version": talk.thread.current_set.version, "file": sealed_file(data)}
    answer = clients[0].post(at("gpg", talk.id), fields)
    assert answer.status_code == 409
    assert f"--recipient {c.party.fingerprint}" not in answer.content.decode()
    assert f"--recipient {b.party.fingerprint}" in answer.content.decode()
    data = seal_for(talk.thread, a.party, [a.party, b.party])
    fields = {"version": talk.thread.current_set.version, "file": sealed_file(data)}
    assert clients[0].post(at("gpg", talk.id), fields).url == at("talk", talk.id)


@pytest.mark.parametrize(
    "query", ["last=-1", "first=-1", "first=1&last=-9", "last=x", "first=" + "9" * 5000]
)
def test_a_script_is_told_of_a_page_at_once_and_no_more(sides, clients, query):
    """A place before the first would have stood for nearly the whole talk."""
    a, b, _c = sides
    talk = begun(a, b)
    for _ in range(2):
        say(a, talk, b)
    assert clients[0].get(f"{at('context', talk.id)}?{query}").status_code == 404


def test_each_side_takes_its_part_sealed(sides, clients):
    a, b, c = sides
    talk = begun(a, b)
    say(a, talk, b)
    let_join(talk, a, c)
    say(b, talk, a, c, body="all three")
    answer = clients[2].post(at("part", talk.id))
    part = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert [n for n in part.namelist() if n.startswith("messages/")] == ["messages/00001.asc"]
    told = json.loads(part.read("talk.json"))
    assert [one["team"] for one in told["teams"]] == ["Alder CERT", "Birch CERT", "Cedar CERT"]
    assert "talk.json" in part.read("README.txt").decode()
    assert "case" not in part.read("README.txt").decode()


def test_my_day_tells_of_what_is_deleted_soon(sides, clients):
    a, b, _c = sides
    talk = begun(a, b)
    Talk.objects.update(last_on=clock.today() - keep() + timedelta(days=3))
    assert "A talk that is deleted within 30 days" in html(clients[1], "/my-day/")
    assert "soon" in html(clients[0], at("talk", talk.id))


def test_hand_over_offers_what_one_reads(sides, clients):
    a, b, c = sides
    talk, other = begun(a, b), begun(a, c)
    assert "Nothing to hand over" in html(clients[2], at("hand_over", other.id))
    say(b, talk, a)
    page = html(clients[0], at("hand_over", other.id))
    assert "Birch CERT" in page
    assert "Birch CERT" not in html(clients[2], at("hand_over", other.id))
    message = Message.objects.get()
    data = seal_for(other.thread, a.party, [a.party, c.party], kind=Kind.HANDOVER)
    sent = send(clients[0], other, data, kind="handover", original=str(message.id))
    assert sent.status_code == 200
    assert (
        send(clients[2], other, data, kind="handover", original=str(message.id)).status_code == 404
    )


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.slow
def test_every_page_asks_as_often_with_few_as_with_many(sides, clients):
    a, b, c = sides
    talk = begun(a, b)
    cannot_open(b, talk, say(a, talk, b))
    say(b, talk, a)
    another = begun(a, c)
    say(c, another, a)
    RefusalFactory(team=a.team)
    pages = [
        (clients[0], at("list")),
        (clients[0], at("list") + "?turn=ours&team=b&state=open"),
        (clients[0], at("teams")),
        (clients[0], at("refused")),
        (clients[0], at("talk", talk.id)),
        (clients[0], at("gpg", talk.id)),
        (clients[0], at("context", talk.id)),
        (clients[0], at("hand_over", talk.id)),
        (clients[1], at("talk", talk.id)),
        (clients[0], "/my-day/"),
        (clients[0], reverse("directory:team", args=[b.team.id])),
    ]
    before = [queries(*page) for page in pages]
    for _ in range(2):
        other = side()
        more = begun(a, other, c)
        say(other, more, a, c)
        cannot_open(b, talk, say(a, talk, b, body=str(uuid4())))
        RefusalFactory(team=a.team)
        asks = begun(b, c)
        opening.ask(principal=b.principal, talk=asks, by=b.place(asks), team=a.team)
    after = [queries(*page) for page in pages]
    grown = [
        (address, fewer, more)
        for (_client, address), fewer, more in zip(pages, before, after, strict=True)
        if more > fewer
    ]
    assert grown == []
