"""The pages of requests: a walk of both sides, who is led where, files, what stays nowhere."""

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests import canary
from tests.factories.directory import coordinator_of_desk
from tests.factories.requests import (
    ExhibitFactory,
    RequestFactory,
    accepted,
    acknowledged,
    facts,
    give,
    police,
    sent,
)
from tests.factories.talks import say, side
from tests.principals import sign_in
from tests.settings import HOME

from tcert.community.directory.models import Channel
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock, jobs
from tcert.response.requests import queries
from tcert.response.requests.enums import Kind, State
from tcert.response.requests.models import Request

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    return police(), side("Alder CERT")


def client_of(one):
    return sign_in(Client(), one.person)


def address(found, name="request"):
    return reverse(f"requests:{name}", args=[found.pk])


def text_of(answer):
    return answer.content.decode()


def typed(**changes):
    told = facts()
    first = {
        "kind": told.kind,
        "basis": told.basis,
        "country": "xa",
        "about": [str(one) for one in told.data],
        "period_from": told.period_from.isoformat(),
        "period_to": told.period_to.isoformat(),
        "deadline_day": told.deadline.date().isoformat(),
        "deadline_hour": "09:30",
        "zone": "Asia/Tokyo",
        "tlp": told.tlp,
        "key": "2b2f9a3e-52a6-4e0b-8a0a-000000000001",
    }
    return {**first, **changes}


def test_a_request_from_the_form_to_the_receipt(two):
    """Each page leads to the next: chosen, looked at, sent, answered, handed over, confirmed."""
    a, b = two
    asks, asked = client_of(a), client_of(b)
    chosen = asks.get("/requests/new/?q=Ald")
    new = reverse("requests:new", args=[b.team.id])
    assert new in text_of(chosen)
    assert "key" in asks.get(new).context["form"].initial
    looked = asks.post(new, typed(authority=a.team.id))
    assert "Nothing is stored yet" in text_of(looked)
    assert not Request.objects.exists()
    answer = asks.post(new, typed(authority=a.team.id, act="confirm"))
    found = Request.objects.get()
    assert answer.url == reverse("talks:talk", args=[queries.talk_of(found).id])
    assert (found.deadline.hour, found.country) == (0, "XA")
    assert asks.post(new, typed(authority=a.team.id, act="confirm")).status_code == 302
    assert Request.objects.count() == 1

    assert "Say that somebody looks at it" in text_of(asked.get(address(found)))
    asked.post(address(found, "acknowledge"), {"revision": 1})
    page = text_of(asked.get(address(found)))
    assert "Your team decides" in page
    assert "Call back at a number from elsewhere" in page
    assert "takes no position" in text_of(asked.get(address(found, "accept")))
    asked.post(address(found, "accept"), {"revision": 2, "reason": "", "keep": 180})
    assert "Attach the files" in text_of(asked.get(address(found, "hand_over")))
    exhibit = give(a, b, Request.objects.get())
    assert "Digests match" not in text_of(asked.get(address(found)))
    confirm = reverse("requests:confirm", args=[exhibit.pk])
    assert asked.post(confirm, {"revision": 4, "act": "matches"}).status_code == 403
    assert asks.post(confirm, {"revision": 4, "act": "maybe"}).status_code == 404
    asks.post(confirm, {"revision": 4, "act": "matches"})
    printed = text_of(asks.get(address(found, "custody")))
    assert exhibit.manifest_sha256 in printed
    assert exhibit.files[0]["sha256"] in printed
    manifest = asks.get(reverse("requests:manifest", args=[exhibit.pk]))
    assert text_of(manifest) == exhibit.manifest
    for name in ("custody_json", "custody_text"):
        answer = asked.get(address(found, name))
        assert answer["Content-Disposition"].startswith("attachment")
        assert exhibit.manifest_sha256 in text_of(answer)
    asks.post(address(found, "close"), {"revision": 5})
    assert "Deleted for good" in text_of(asked.get(address(found)))
    talk = reverse("talks:talk", args=[queries.talk_of(found).id])
    assert "the request is over" in text_of(asked.get(talk))


def test_every_door_is_shut_for_all_others(two):
    """For strangers, the desk and other teams there is no such request; an operator sends none."""
    a, b = two
    exhibit = ExhibitFactory(request__authority=a.team, request__addressee=b.team)
    others = [
        client_of(side()),
        client_of(police("Other unit")),
        sign_in(Client(), coordinator_of_desk(), coordinator=True),
    ]
    names = "request custody custody_json custody_text accept refuse hold hand_over withdraw close"
    for one in others:
        for name in names.split():
            assert one.get(address(exhibit.request, name)).status_code == 404, name
        for name in ("acknowledge", "talk", "withdraw", "accept", "close"):
            assert one.post(address(exhibit.request, name)).status_code == 404, name
        for name in ("manifest", "confirm"):
            wanted = one.get if name == "manifest" else one.post
            assert wanted(reverse(f"requests:{name}", args=[exhibit.pk])).status_code == 404
        assert exhibit.request.reference not in text_of(one.get("/requests/"))
    asked = client_of(b)
    assert "No team for which you may ask" in text_of(asked.get("/requests/new/"))
    assert asked.get(address(exhibit.request, "withdraw")).status_code == 403
    assert client_of(a).get(address(exhibit.request, "accept")).status_code == 403


def test_an_older_page_is_refused_and_carries_what_stands_now(two):
    a, b = two
    found = acknowledged(a, b)
    asked = client_of(b)
    answer = asked.post(address(found, "refuse"), {"revision": 1, "reason": "no-basis"})
    assert answer.status_code == 409
    assert 'name="revision" value="2"' in text_of(answer)
    assert asked.post(address(found, "refuse"), {"revision": 2, "reason": ""}).status_code == 400
    answer = asked.post(address(found, "acknowledge"), {}, follow=True)
    assert "This page is incomplete" in text_of(answer)
    held = accepted(a, b, kind=Kind.PRESERVATION)
    asked.post(address(held, "hold"), {"revision": 3, "until": "2020-01-01"})
    held.refresh_from_db()
    assert held.held_until > clock.today()
    asked.post(address(held, "hold"), {"revision": 3, "act": "end"})
    held.refresh_from_db()
    assert held.held_until is None


def test_lists_and_pages_ask_as_often_however_much_there_is(two):
    a, b = two
    client = client_of(b)

    def asked(url):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    one = RequestFactory(authority=a.team, addressee=b.team, state=State.HANDED_OVER)
    ExhibitFactory(request=one)
    urls = ("/requests/", address(one), address(one, "custody"), "/my-day/")
    for url in urls:
        client.get(url)
    first = [asked(url) for url in urls]
    for _more in range(3):
        ExhibitFactory(request=one)
        RequestFactory(authority=a.team, addressee=b.team)
    assert [asked(url) for url in urls[:3]] == first[:3]
    assert asked("/my-day/") <= first[3] + 1
    over = RequestFactory(
        authority=a.team, addressee=b.team, state=State.REFUSED, ended_at=clock.now()
    )
    page = text_of(client.get("/requests/?state=over"))
    assert over.reference in page
    assert one.reference not in page


CANARY = "Canary5c1eOrderOfTheCourt"


@pytest.mark.slow
def test_nothing_that_is_written_or_given_lies_readable_anywhere(two, caplog):
    """Disk, tables, records, mails and logs: text and files are sealed, no field takes a word."""
    a, b = two
    Channel.objects.create(team=b.team, kind="email", value="soc@alder.example")
    found = accepted(a, b)
    say(a, queries.talk_of(found), b, body=f"Order {CANARY}")
    give(a, b, found, body=CANARY)
    asks, asked = client_of(a), client_of(b)
    field = dict.fromkeys(
        ("reason", "kind", "basis", "country", "about", "until", "act", "message", "key"), CANARY
    )
    for name in ("accept", "refuse", "hold", "hand_over", "close"):
        asked.post(address(found, name), field)
    asks.post(reverse("requests:new", args=[b.team.id]), field)
    asks.get(f"/requests/new/?q={CANARY}")
    asks.get(f"/requests/?state={CANARY}")
    jobs.run_due()
    left = [*canary.in_files(HOME, CANARY), *canary.in_tables(CANARY)]
    left += ["a mail" for m in mail.outbox if canary.contains(m.message().as_bytes(), CANARY)]
    logged = "\n".join(str(record.__dict__) for record in caplog.records)
    left += ["a log"] * canary.contains(logged.encode(), CANARY)
    assert left == []
    assert mail.outbox


def test_a_notice_names_no_request_and_no_team(two):
    a, b = two
    Channel.objects.create(team=b.team, kind="email", value="soc@alder.example")
    found = sent(a, b)
    jobs.run_due()
    notices = Notice.objects.filter(about=found.id)
    assert notices.exists()
    assert all(a.team.name not in str(vars(one)) for one in notices)
    assert all(found.reference not in str(m.message()) for m in mail.outbox)
