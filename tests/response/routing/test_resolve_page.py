"""The page *Whose is this*: for members, masked, as a file too, and nothing pasted stays anywhere.

Protects: subscribers of others, and whoever asks: what they saw is in no log and no database.
"""

import csv
import io
import logging
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import canary
from tests.factories.claims import ClaimFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import sign_in, sign_in_without_second_factor
from tests.response.reference.test_asn import package
from tests.response.routing.test_resolving import holder
from tests.site.test_hostile_input import VALUES

from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.reference.domain import addresses
from tcert.response.routing import pasted, views
from tcert.response.routing.forms import MOST_BYTES, ResolveForm

pytestmark = pytest.mark.django_db
SUBSCRIBER = "310410123456789"


@pytest.fixture
def member(client):
    return sign_in(client, member_of(TeamFactory()))


def ask(client, text, **more):
    return client.post("/resolve/", {"what": text, **more})


def test_answers_are_by_party_with_what_came_of_each_line(member):
    holder()
    holder("+4917100", name="Beta Mobile", kind="gt-range")
    page = ask(member, f"999-70\n{SUBSCRIBER}\nnonsense!\n+4917100123456", side="source").text
    for said in (
        "Altus Networks CERT",
        "holder of 999-70 (verified)",
        "night@altus.example",
        "If they do not answer:",
        "Beta Mobile CERT",
        "traffic that claims to come from",
        "+4917100",
    ):
        assert said in page, said
    decided, waits = page.index('id="decided"'), page.index('id="waiting"')
    altus, beta = page.index("Altus Networks CERT</a>"), page.index("Beta Mobile CERT</a>")
    assert decided < altus < waits < beta
    assert '<p class="mono">3</p>' in page
    for kept in (SUBSCRIBER, "0123456789", "123456"):
        assert kept not in page, kept


def test_a_browser_without_scripts_gets_back_nothing_that_names_a_subscriber(member):
    """The box holds what is sent again, and that is cut; so is what an error shows again."""
    for more in ({}, {"at": "yesterday"}):
        page = ask(member, f"imsi-{SUBSCRIBER}\njoe@operator.example\n+49 171 0012 3456", **more)
        assert "imsi-310410xxxxxxxxx" in page.text
        for kept in (SUBSCRIBER, "joe@", "3456", "123456"):
            assert kept not in page.text


def test_titles_of_nodes_stay_whole_where_somebody_says_so(member):
    holder("+491710012", name="Of A Part", kind="gt-range")
    assert "Of A Part CERT" not in ask(member, "+491710012345").text
    page = ask(member, "+491710012345\n310410123456789", titles="on").text
    assert "Of A Part CERT" in page
    assert 'id="decided"' in page
    assert "0123456789" not in page.replace("+491710012345", "")


def test_the_file_has_every_row_and_no_formula(member):
    holder()
    holder(name='=HYPERLINK("x")')
    answer = ask(member, "999-70\n\n999-70\nnonsense!", **{"as": "csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["lines"], row["result"]) for row in rows] == [
        ("1 3", "waiting"),
        ("1 3", "waiting"),
        ("4", "unread"),
    ]
    assert {row["organisation"] for row in rows[:2]} == {"Altus Networks", '\'=HYPERLINK("x")'}


def test_addresses_name_their_makers_where_they_are_shown(member, tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    addresses.take(proposal=addresses.propose([package()]))
    page = ask(member, "1.0.0.7").text
    for said in ("Cloudflare, Inc.", "routeviews.org", '<a href="https://db-ip.com"', "CC BY 4.0"):
        assert said in page
    assert "db-ip.com" not in ask(member, "10.0.0.7").text


def test_only_members_may_ask(client):
    stranger = client.post("/resolve/", {"what": "999-70"})
    assert (stranger.status_code, "999-70" in stranger["Location"]) == (302, False)
    sign_in_without_second_factor(client, member_of(TeamFactory()))
    assert ask(client, "999-70").status_code in {302, 403}


def test_a_coordinator_reads_all_and_a_member_what_is_open(client):
    holder(tlp="AMBER")
    sign_in(client, coordinator_of_desk(), coordinator=True)
    assert "holder of 999-70" in ask(client, "999-70").text
    sign_in(client, member_of(TeamFactory()))
    page = ask(client, "999-70").text
    assert "by a claim that is not open to you" in page
    assert "night@altus.example" in page
    assert "holder of" not in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type or paste what you have."),
        (" \n \n", "Type or paste what you have."),
        ("1\n" * 5_000 + "1", "That is too much at once"),
        ("9" * (MOST_BYTES + 1), "That is too much at once"),
        ("\u20ac" * MOST_BYTES, "That is too much at once"),
        ("999\x0070", "Null characters"),
    ],
)
def test_what_cannot_be_answered_is_said_and_not_shown_again(member, text, said):
    answer = ask(member, text)
    assert (answer.status_code, said in answer.text) == (400, True)
    assert len(answer.content) < 100_000


@pytest.mark.parametrize("at", ["9999-12-31T23:59", "0001-01-01T00:00", "yesterday"])
def test_a_moment_that_cannot_be_is_refused(member, at):
    answer = ask(member, "999-70", at=at)
    assert answer.status_code == 400
    assert 'class="error"' in answer.text


def test_a_moment_is_read_in_utc_whatever_zone_somebody_reads_in(member):
    """At half past two of that night there is no such hour in Berlin, and there is in UTC."""
    holder()
    with timezone.override("Europe/Berlin"):
        form = ResolveForm(QueryDict("what=999-70&at=2026-03-29T02:30"))
        assert form.is_valid(), form.errors
    assert form.cleaned_data["at"] == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize("field", ["what", "at", "side", "titles", "as"])
def test_whatever_stands_in_a_field_is_answered_or_refused_in_words(member, field):
    holder()
    for label, value in VALUES.items():
        sent = {"what": "999-70", "at": "", "side": "", "as": "page"}
        sent = {k: v for k, v in sent.items() if k != field} | ({field: value} if value else {})
        answer = member.post("/resolve/", sent)
        assert answer.status_code in {200, 400}, label
        if answer.status_code == 400:
            assert 'class="error"' in answer.text, label


def test_five_thousand_lines_are_answered_in_one_page(member):
    for n in range(3):
        ClaimFactory(value=f"999-{n:02}", verified=True)
    text = "\n".join(f"999{n % 10:02}{n:010}" for n in range(5_000))
    answer = ask(member, text)
    assert answer.status_code == 200
    assert len(answer.content) < 400_000


def test_the_page_asks_the_database_as_often_whatever_is_pasted(member):
    def questions(text):
        with CaptureQueriesContext(connection) as captured:
            assert ask(member, text).status_code == 200
        return len(captured)

    holder()
    questions("999-70")
    few = questions("999-70")
    for n in range(9):
        holder(f"998-{n:02}", name=f"Operator {n}")
    views.resolving.table.forget()
    questions("999-70")
    assert questions("\n".join(f"998-{n:02}" for n in range(9)) + "\n+491710012345") == few


@pytest.mark.parametrize("budget", ["LOOK_UPS", "LINES"])
def test_who_asks_too_much_is_told_when_to_come_back(member, monkeypatch, budget):
    old = getattr(views, budget)
    monkeypatch.setattr(views, budget, Budget(old.name, Scope.ACCOUNT, 2, old.per))
    for _n in range(2):
        answer = ask(member, "999-70")
    assert answer.status_code == 200
    answer = ask(member, "999-70")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "You have asked too much" in answer.text


def test_what_was_pasted_stands_nowhere(member, caplog, monkeypatch):
    """Not in the database, the logs, the records, the session or the address; errors too."""
    caplog.set_level(logging.DEBUG)
    marks = ("canary-7391.operator.example", "+4917155512", "31041077123")
    text = f"{marks[0]}\n+49171555123456\n310410771234567\n{marks[0]}!?\n"
    for more in ({}, {"as": "csv"}, {"at": "nonsense"}, {"titles": "on"}):
        ask(member, text, **more)

    def broken(*_args, **_more):
        raise RuntimeError("broken")

    monkeypatch.setattr(views.grouping, "grouped", broken)
    member.raise_request_exception = False
    page = ask(member, text)
    assert page.status_code == 500
    seen = "\n".join(f"{one.getMessage()} {one.exc_text or ''}" for one in caplog.records)
    for mark in marks:
        assert mark not in page.text
        assert not canary.contains(seen.encode(), mark)
        assert canary.in_tables(mark) == []
    assert not AuditRecord.objects.filter(act__startswith="routing").exists()


PASTED = {
    SUBSCRIBER: "310410xxxxxxxxx",
    f"imsi-{SUBSCRIBER}": "imsi-310410xxxxxxxxx",
    "351746051234568": "35174605xxxxxxx",
    "35-174605-123456-8": "35174605xxxxxxx",
    "imei-351746051234568": "35174605xxxxxxx",
    "+49 (171) 0012-3456": "+4917100xxxxxx",
    "491710012345": "491710xxxxxx",
    "tel:+491710012345": "+491710xxxxxx",
    "suci-0-310-410-12-1-3-0011aabb": "suci-0-310-410-12-1-3-xxxxxxxx",
    "guti-310-410-8001-01-c00ffee0": "guti-310-410-8001-01-xxxxxxxx",
    "5g-guti-20801cafe00c0ffee01": "5g-guti-20801cafe00xxxxxxxx",
    "310410123456789@nai.epc.mnc410.mcc310.3gppnetwork.org": (
        "x@nai.epc.mnc410.mcc310.3gppnetwork.org"
    ),
    "sip:+491710012345@ims.example": "x@ims.example",
    "491710012345;np=7;nai=4": "491710xxxxxx;np=7;nai=4",
    "a491710012345.example": "a491710xxxxxx.example",
    "310-410-123456789": "310410xxxxxxxxx",
    "262-01-123456789": "262011xxxxxxxx",
    "491.710.012.345": "491710xxxxxx",
    "\u202d+49 171 0012345\u202c": "\u202d+49 171 0xxxxxx\u202c",
    "+49\u00a0171\u00a0001\u00a023\u00a045": "+49\u00a0171\u00a00xx\u00a0xx\u00a0xx",
    "+49\u2011171\u2011001\u20112345": "+49\u2011171\u20110xx\u2011xxxx",
    "IMEI: 35-209900-176148-1": "IMEI: 35-2099xx-xxxxxx-x",
    "IMSI 310 410   123456789": "IMSI 310 410   xxxxxxxxx",
    "Tel. +49 171 001 23 45": "Tel. +49 171 0xx xx xx",
    "imsi-310-410-123456789": "imsi-310-410-xxxxxxxxx",
    "5.4.3.2.1.0.0.1.7.1.9.4.e164.arpa": "x.e164.arpa",
    "\u0663\u0661\u0660\u0664\u0661\u0660\u0661\u0662\u0663": (
        "\u0663\u0661\u0660\u0664\u0661\u0660xxx"
    ),
    "310410123456789xxxxxx": "310410123xxxxxxxxxxxx",
    "@310410123456789": "@310410xxxxxxxxx",
    "310-410-1234a6789": "310-410-1234a6789",
    "2001:db8::1234/128": "2001:db8::1234/128",
    "::ffff:198.51.100.234": "::ffff:198.51.100.234",
    "234.100.51.198.in-addr.arpa": "234.100.51.198.in-addr.arpa",
    "310-410": "310-410",
    "999 70": "999 70",
    "AS4200000000": "AS4200000000",
    "198.51.100.234": "198.51.100.234",
    "198.51.100.0/24": "198.51.100.0/24",
    "2001:db8::1": "2001:db8::1",
    "2-000-0": "2-000-0",
    "35174605": "35174605",
    "310-410-1234567": "310-410-1234567",
    "mnc005.mcc405": "mnc005.mcc405",
    "ims.operator.example": "ims.operator.example",
    "cpe:2.3:a:v:p:20240101:*:*:*:*:*:*:*": "cpe:2.3:a:v:p:20240101:*:*:*:*:*:*:*",
}
"""What is pasted, and what of it reaches the hub; the browser test holds its script against it."""


@pytest.mark.once
@pytest.mark.parametrize("text", PASTED)
def test_a_line_is_cut_to_what_tells_whose_it_is(text):
    cut = pasted.cut(f" {text}\t")
    assert cut == PASTED[text]
    assert pasted.cut(cut) == cut
