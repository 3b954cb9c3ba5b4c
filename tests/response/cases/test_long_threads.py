"""A long thread comes in pages, and each page tells the browser enough to miss what is missing."""

import re
from hashlib import sha256

import pytest
from django.urls import reverse
from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import DeskFactory, TeamFactory, member_of
from tests.principals import principal_of, sign_in

from tcert.foundation.kernel import clock
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import KeyPacket, Message
from tcert.response.cases.conversations import FEWEST, PER_PAGE
from tcert.response.cases.domain import threads

pytestmark = pytest.mark.django_db

WHOLE = PER_PAGE + FEWEST + 1
"""One more than stands on a single page."""


@pytest.fixture
def long(client):
    """A party's thread with the desk, who wrote the first and the last message of it only."""
    desk_team, team = DeskFactory(), TeamFactory()
    desk, party = give_key(desk_team), give_key(team)
    row = ParticipantFactory(case=CaseFactory(coordinating_team=desk_team), team=team)
    link = threads.open_with_desk(principal=principal_of(member_of(team)), participant=row)
    readers = link.thread.current_set
    messages = [
        written(readers, place, desk if place in {1, WHOLE} else party)
        for place in range(1, WHOLE + 1)
    ]
    Message.objects.bulk_create(messages)
    KeyPacket.objects.bulk_create(
        KeyPacket(message=message, recipient=reader, packet=b"key")
        for message in messages
        for reader in readers.recipients.all()
    )
    return link, sign_in(client, member_of(team))


def written(readers, place, author):
    body = f"sealed {place}".encode()
    return Message(
        thread=readers.thread,
        recipient_set=readers,
        author_kind=author.holder.kind,
        author_id=author.holder.id,
        author_fingerprint=author.fingerprint,
        kind=Kind.MESSAGE,
        body=body,
        body_sha256=sha256(body).hexdigest(),
        size_bucket=4096,
        created_on=clock.today(),
        position=place,
    )


def in_order(link):
    return list(Message.objects.filter(thread=link.thread).order_by("position"))


def shown(client, link, **query):
    page = client.get(reverse("cases:case", args=[link.case_id]), {"thread": link.id, **query})
    assert page.status_code == 200
    text = page.content.decode()
    return re.findall(r'data-message="([0-9a-f-]{36})"', text), text


def claims(client, link, text):
    [url] = re.findall(r'data-thread="[^>]*data-context-url="([^"]*)"', text)
    return client.get(url.replace("&amp;", "&")).json()


def test_the_newest_page_comes_first_and_pages_tile_the_thread(long):
    link, client = long
    everything = [str(message.id) for message in in_order(link)]
    newest, text = shown(client, link)
    assert newest == everything[PER_PAGE:]
    assert f"Messages {PER_PAGE + 1} to {WHOLE} of {WHOLE}" in text
    assert "data-compose" in text
    older, text = shown(client, link, messages="1")
    assert older == everything[:PER_PAGE]
    # What is written names the newest message that its author saw: it is written there.
    assert "data-compose" not in text
    assert f"?thread={link.id}#talk" in text


def test_a_link_to_a_message_opens_its_page(long):
    link, client = long
    everything = [str(message.id) for message in in_order(link)]
    for place in (0, PER_PAGE - 1, PER_PAGE, WHOLE - 1):
        found, text = shown(client, link, message=everything[place])
        assert everything[place] in found
        assert f'id="message-{everything[place]}"' in text
    for nonsense in ("", "x", str(link.id)):
        assert shown(client, link, message=nonsense)[0] == everything[PER_PAGE:]


def test_every_page_says_what_the_whole_thread_is_and_where_each_author_stands(long):
    link, client = long
    messages = in_order(link)
    bodies = [sha256(bytes(message.body)).hexdigest() for message in messages]
    for number, first, last in (("1", 1, PER_PAGE), ("2", PER_PAGE + 1, WHOLE)):
        told = claims(client, link, shown(client, link, messages=number)[1])
        assert (told["first"], told["last"], told["per_page"]) == (first, last, PER_PAGE)
        assert [line[0] for line in told["chain"]] == bodies
        assert [told["writers"][line[1]] for line in told["chain"]] == [
            message.author_fingerprint for message in messages
        ]
        assert [one["sha256"] for one in told["messages"]] == bodies[first - 1 : last]
        # Each author's ends, whether they stand on this page or on another one.
        opened = {one["sha256"] for one in told["messages"] + told["heads"]}
        assert {bodies[0], bodies[1], bodies[-2], bodies[-1]} <= opened
        assert len(told["heads"]) == 2


def test_no_question_takes_all_of_a_long_thread(long):
    link, client = long
    url = reverse("cases:context", args=[link.case_id, link.id])
    assert len(client.get(url).json()["messages"]) == PER_PAGE + FEWEST
    for query in ({"first": "1"}, {"first": "-1", "last": "1"}, {"first": "x"}):
        assert client.get(url, query).status_code == 404, query
    assert client.get(url, {"only": "title"}).json()["messages"] == []


def test_the_other_pages_of_a_long_thread_are_paged_too(long):
    link, client = long
    messages = in_order(link)
    page = client.get(reverse("cases:gpg", args=[link.case_id, link.id])).content.decode()
    assert f"{messages[-1].id}.pgp" in page
    assert f"{messages[0].id}.pgp" not in page
    assert f"Messages {PER_PAGE + 1} to {WHOLE} of {WHOLE}" in page
