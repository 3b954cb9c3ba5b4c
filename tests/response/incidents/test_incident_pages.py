"""The pages of incidents: the form, the page of one, lists and files, what is hostile."""

import csv
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests import canary
from tests.factories.directory import member_of
from tests.factories.incidents import (
    KIND,
    IncidentFactory,
    IndicatorFactory,
    PartyFactory,
    TallyFactory,
    TaskFactory,
    named,
    party_of,
    report_of,
)
from tests.factories.talks import say, side
from tests.principals import sign_in
from tests.settings import HOME

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Channel
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.sealed.inner import Kind
from tcert.response.incidents import kinds, queries
from tcert.response.incidents.enums import Answer, Side, Standing, State
from tcert.response.incidents.models import Incident, Indicator, Party, Task
from tcert.response.playbooks import library

pytestmark = pytest.mark.django_db
NEW = "/incidents/new/"


@pytest.fixture
def sides():
    return side("Alder CERT"), side("Birch CERT"), side("Cedar CERT")


def client_of(one, *, coordinator=False):
    return sign_in(Client(), one.person, coordinator=coordinator)


def typed(one, **changes):
    """What a person types to report something that began two hours ago."""
    began, noticed = clock.now() - timedelta(hours=2), clock.now() - timedelta(hours=1)
    form = {
        "key": str(uuid4()),
        "team": str(one.team.id),
        "kind": KIND,
        "severity": "high",
        "tlp": "AMBER",
        "began_day": f"{began:%Y-%m-%d}",
        "began_hour": f"{began:%H:%M}",
        "noticed_day": f"{noticed:%Y-%m-%d}",
        "noticed_hour": f"{noticed:%H:%M}",
        "zone": "UTC",
        "own_side": "affected",
        "affected": "birch cert",
        "suspected": "",
        "is_forgeable": "on",
        "told": ["affected"],
        "helping": "",
        "act": "confirm",
    }
    return {**form, **changes}


def address(incident, name="incident"):
    return reverse(f"incidents:{name}", args=[incident.id])


# The form --------------------------------------------------------------------------------------


def test_a_report_by_form_is_looked_at_then_stands_and_leads_to_its_talk(sides):
    a, b, _c = sides
    client = client_of(a)
    form = typed(a, suspected="Cedar CERT")
    looked = client.post(NEW, {**form, "act": ""})
    assert looked.status_code == 200
    page = looked.content.decode()
    assert "Nothing is stored yet" in page
    assert "Named, and not told" in page
    assert not Incident.objects.exists()
    sent = client.post(NEW, form)
    incident = Incident.objects.get()
    assert str(incident.id) == form["key"]
    talk = queries.talk_of(incident)
    assert sent["Location"] == reverse("talks:talk", args=[talk.id])
    assert client.post(NEW, form)["Location"] == sent["Location"]
    assert Incident.objects.count() == 1
    assert party_of(incident, b).standing == Standing.READS
    cedar = Party.objects.get(incident=incident, side=Side.SUSPECTED)
    assert cedar.standing == Standing.NAMED
    shown = client.get(sent["Location"]).content.decode()
    assert f"Talk with {incident.number}" in shown
    assert "TLP:AMBER" in shown


def test_hours_are_read_in_the_zone_that_was_chosen(sides):
    a, _b, _c = sides
    form = typed(
        a,
        zone="Asia/Tokyo",
        began_day="2026-03-02",
        began_hour="03:00",
        noticed_day="2026-03-02",
        noticed_hour="04:30",
    )
    client_of(a).post(NEW, form)
    incident = Incident.objects.get()
    assert incident.began_at.isoformat() == "2026-03-01T18:00:00+00:00"
    assert incident.noticed_at.isoformat() == "2026-03-01T19:30:00+00:00"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"affected": "Birch"}, "Do you mean: Birch CERT?"),
        ({"affected": "Zyx Qqq"}, "there is no team of this name on the list"),
        ({"suspected": "Birch CERT"}, "Name each team once"),
        ({"told": []}, "Choose to whom it goes"),
        ({"noticed_day": "1999-01-01"}, "Look at the year"),
        ({"began_day": "9999-12-31"}, "Look at the year"),
        ({"noticed_day": "2020-01-01"}, "cannot be noticed before it began"),
        ({"kind": "incident-kind:nothing"}, "Select a valid choice"),
        ({"severity": "total"}, "Select a valid choice"),
        ({"zone": "Mars/Base"}, "Select a valid choice"),
        ({"team": str(uuid4())}, "Select a valid choice"),
        ({"key": "1"}, "valid UUID"),
        ({"key": ""}, "required"),
        ({"affected": "x\n" * 50}, "no team of this name"),
        ({"affected": "\n".join(f"x{n}" for n in range(50))}, "40 teams at most"),
        ({"affected": "Birch\x00CERT"}, "Null characters"),
        ({"affected": "B" * 9000}, "at most"),
    ],
)
def test_what_is_typed_wrongly_is_refused_with_a_reason_and_stays_typed(sides, changes, says):
    a, _b, _c = sides
    answer = client_of(a).post(NEW, typed(a, **changes))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert says in page
    assert 'value="high"' in page
    assert not Incident.objects.exists()
    assert not AuditRecord.objects.filter(act__startswith="incidents:").exists()


def test_who_speaks_for_no_team_has_no_form(sides):
    a, _b, _c = sides
    client = sign_in(Client(), member_of(a.team))
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, typed(a)).status_code == 403


# The page of one -------------------------------------------------------------------------------


def test_what_of_other_teams_is_shown_to_whom(sides):
    a, b, c = sides
    incident = report_of(a, b, others=named(Side.SUSPECTED, c, is_told=False))
    owner = client_of(a).get(address(incident)).content.decode()
    assert "Cedar CERT" in owner
    assert "suspected source" in owner
    reader = client_of(b).get(address(incident)).content.decode()
    assert "Cedar CERT" not in reader
    assert "suspected source" not in reader
    assert "Acknowledge" in reader
    assert "Change state or severity" not in reader
    assert client_of(c).get(address(incident)).status_code == 404


def test_who_is_asked_sees_the_facts_and_not_who_else_is(sides):
    a, b, c = sides
    incident = report_of(a, b, c)
    page = client_of(b).get(address(incident)).content.decode()
    assert "Acknowledge and take part" in page
    assert "Cedar CERT" not in page
    assert "Read and write" not in page


def test_an_incident_from_acknowledgement_to_its_end(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    owner, reader = client_of(a), client_of(b)
    party = party_of(incident, b)
    answered = reverse("incidents:answer", args=[party.id])
    assert reader.post(answered, {"act": "acknowledge"}).status_code == 302
    assert party_of(incident, b).answer == Answer.ACKNOWLEDGED
    due = clock.now() + timedelta(hours=5)
    task = {
        "work": "block",
        "team": str(b.team.id),
        "due_day": f"{due:%Y-%m-%d}",
        "due_hour": f"{due:%H:%M}",
        "zone": "UTC",
    }
    assert owner.post(address(incident, "task"), task).status_code == 302
    made = Task.objects.get()
    reader.post(reverse("incidents:settle", args=[made.id]), {"act": "done"})
    assert Task.objects.get().done_at is not None
    for revision, state in enumerate((State.CONFIRMED, State.CONTAINED, State.CLOSED), 1):
        change = {
            "revision": revision,
            "state": state,
            "severity": "high",
            "tlp": "AMBER",
            "reason": "measure",
        }
        assert owner.post(address(incident, "change"), change).status_code == 302
    incident.refresh_from_db()
    assert incident.state == State.CLOSED
    page = owner.get(address(incident)).content.decode()
    assert "state contained, now closed; A measure holds" in page
    assert "Birch CERT acknowledged" in page


def test_a_change_of_an_old_page_is_refused_told_and_can_be_sent_again(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    owner = client_of(a)
    first = {
        "revision": 1,
        "state": "confirmed",
        "severity": "high",
        "tlp": "AMBER",
        "reason": "evidence",
    }
    owner.post(address(incident, "change"), first)
    late = owner.post(address(incident, "change"), {**first, "state": "dismissed"})
    assert late.status_code == 409
    page = late.content.decode()
    assert "Somebody changed this before you" in page
    assert 'name="revision" value="2"' in page
    assert Incident.objects.get().state == State.CONFIRMED


def test_indicators_are_shown_and_written_as_each_may_see_them(sides):
    a, b, c = sides
    incident = report_of(a, b, c)
    add = {"kind": "gt", "text": "358409999999", "tlp": "AMBER", "expires_on": clock.today()}
    owner = client_of(a)
    assert owner.post(address(incident, "indicator"), add).status_code == 302
    refused = owner.post(address(incident, "indicator"), {**add, "kind": "imsi", "text": "=1+1"})
    assert refused.status_code == 400
    assert "An IMSI is" in refused.content.decode()
    imsi = {**add, "kind": "imsi", "text": "208011234567890", "tlp": "GREEN"}
    assert owner.post(address(incident, "indicator"), imsi).status_code == 302
    client_of(b).post(
        reverse("incidents:answer", args=[party_of(incident, b).id]), {"act": "take-part"}
    )
    files = {
        one: client_of(one).get(address(incident, "indicators_csv")).content.decode()
        for one in (a, b, c)
    }
    assert "358409999999" in files[a]
    assert "358409999999" not in files[b]
    assert "3584" in files[b]
    assert "3584" not in files[c]
    assert all("20801xxxxxxxxxx" in text for text in files.values())
    assert "208011234567890" not in "".join(files.values())
    assert not canary.in_tables("208011234567890", "358409999999")


# Lists -----------------------------------------------------------------------------------------


def test_the_list_filters_pages_and_says_what_is_empty(sides):
    a, _b, _c = sides
    client = client_of(a)
    assert "No open incident" in client.get("/incidents/").content.decode()
    own = IncidentFactory(reporter=a.team, severity="critical")
    told = PartyFactory(team=a.team).incident
    closed = IncidentFactory(reporter=a.team, state="closed", kind="gsma-fraud:business:wangiri")
    hidden = IncidentFactory()

    def numbers(query):
        found = client.get(f"/incidents/?{query}").context["lines"]
        return {line["incident"].number for line in found}

    assert numbers("") == {own.number, told.number}
    assert numbers("state=all") == {own.number, told.number, closed.number}
    assert numbers("state=closed") == {closed.number}
    assert numbers("mine=1") == {own.number}
    assert numbers("severity=critical") == {own.number}
    assert numbers("state=all&kind=gsma-fraud:business:wangiri") == {closed.number}
    assert numbers("state=x'%00&severity=;&kind=zzz&page=-1") != {hidden.number}
    assert "Take a filter away" in client.get("/incidents/?severity=low").content.decode()


def test_the_file_holds_what_the_list_shows_and_no_formula(sides):
    a, b, _c = sides
    b.team.name = "=cmd|' /C calc'!A0"
    b.team.save()
    report_of(b, a)
    IncidentFactory()
    answer = client_of(a).get("/incidents/incidents.csv")
    (line,) = csv.DictReader(StringIO(answer.content.decode()))
    assert line["reporter"] == "'=cmd|' /C calc'!A0"
    assert (line["state"], line["own_side"], line["own_answer"]) == ("reported", "affected", "none")
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.slow
def test_pages_ask_as_often_for_one_as_for_three(sides):
    a, b, _c = sides
    first = report_of(a, b)
    client, reader = client_of(a), client_of(b)

    def fill(incident):
        party = PartyFactory(incident=incident)
        IndicatorFactory(incident=incident)
        TaskFactory(incident=incident, team=party.team)
        TallyFactory(incident=incident, team=party.team)

    def asked():
        pages = (
            (client, "/incidents/"),
            (client, "/incidents/incidents.csv"),
            (client, address(first)),
            (reader, address(first)),
            (reader, address(first, "indicators_csv")),
            (reader, "/my-day/"),
        )
        counts = []
        for who, page in pages:
            who.get(page)
            with CaptureQueriesContext(connection) as told:
                assert who.get(page).status_code == 200
            counts.append(len(told))
        return counts

    fill(first)
    before = asked()
    for _ in range(3):
        fill(first)
        fill(report_of(a, b))
    assert asked() == before


# What stays where ------------------------------------------------------------------------------

CANARY = "Canary8d2bIncidentOfNight"


@pytest.mark.slow
def test_nothing_that_is_written_lies_readable_anywhere(sides, caplog):
    """Disk, tables, records, mails and logs: the talk is sealed, and no field takes a sentence."""
    a, b, _c = sides
    Channel.objects.create(team=b.team, kind="email", value="soc@birch.example")
    incident = report_of(a, b)
    talk = queries.talk_of(incident)
    say(a, talk, b, body=CANARY, kind=Kind.TITLE)
    say(a, talk, b, body=f"Evidence: {CANARY}")
    client = client_of(a)
    for name in ("change", "indicator", "count", "task", "name", "join", "case"):
        field = {"text": CANARY, "reason": CANARY, "work": CANARY, "kind": "gt", "remark": CANARY}
        client.post(address(incident, name), field)
    client.get(f"/incidents/?kind={CANARY}&state={CANARY}")
    jobs.run_due()
    found = [*canary.in_files(HOME, CANARY), *canary.in_tables(CANARY)]
    found += ["a mail" for m in mail.outbox if canary.contains(m.message().as_bytes(), CANARY)]
    logged = "\n".join(str(record.__dict__) for record in caplog.records)
    found += ["a log"] * canary.contains(logged.encode(), CANARY)
    assert found == []
    assert mail.outbox


def test_a_notice_names_no_incident_and_no_team(sides):
    a, b, _c = sides
    Channel.objects.create(team=b.team, kind="email", value="soc@birch.example")
    incident = report_of(a, b, severity="critical")
    jobs.run_due()
    told = Notice.objects.filter(team_id=b.team.id)
    (notice,) = [one for one in told if one.subject == "Incidents"]
    for secret in (incident.number, "Alder", incident.kind_label, str(incident.id)):
        assert secret not in notice.text
    for sent in mail.outbox:
        assert incident.number not in str(sent.message())


def test_an_outsider_gets_the_answer_of_a_number_that_nobody_has(sides):
    a, b, c = sides
    incident = report_of(a, b)
    indicator = IndicatorFactory(incident=incident)
    task = TaskFactory(incident=incident)
    client = client_of(c)
    party = party_of(incident, b)
    pages = [address(incident, name) for name in ("incident", "change", "count", "task", "join")]
    pages += [
        reverse("incidents:answer", args=[party.id]),
        reverse("incidents:end", args=[party.id]),
        reverse("incidents:settle", args=[task.id]),
        reverse("incidents:withdraw", args=[indicator.id]),
        reverse("incidents:separate", args=[incident.id]),
    ]
    nothing = client.get(reverse("incidents:incident", args=[uuid4()])).status_code
    assert nothing == 404
    for page in pages:
        assert {client.get(page).status_code, client.post(page).status_code} <= {404, 405}, page
    assert Indicator.objects.filter(tlp=Tlp.AMBER).count() == 1


def test_a_member_who_does_not_speak_reads_and_does_nothing(sides):
    a, b, _c = sides
    incident = report_of(a, b)
    client = sign_in(Client(), member_of(b.team))
    page = client.get(address(incident))
    assert page.status_code == 200
    assert "Not ours" not in page.content.decode()
    answered = reverse("incidents:answer", args=[party_of(incident, b).id])
    assert client.post(answered, {"act": "acknowledge"}).status_code == 403
    for name in ("count", "indicator", "task"):
        assert client.get(address(incident, name)).status_code == 403
    assert party_of(incident, b).answer == Answer.NONE
    night = sign_in(Client(), member_of(b.team, TeamRole.DUTY_OFFICER))
    assert night.post(answered, {"act": "acknowledge"}).status_code == 302
    assert night.post(answered, {"act": "shout"}).status_code == 404


def test_the_playbook_of_its_kind_stands_beside_it(sides):
    alder, birch, _cedar = sides
    incident = report_of(alder, birch, kind="incident-kind:roaming-fraud-spike")
    html = client_of(birch).get(f"/incidents/{incident.id}/").text
    assert 'href="/playbooks/roaming-fraud-spike/"' in html
    other = report_of(alder, birch, kind="incident-kind:supply-chain")
    html = client_of(birch).get(f"/incidents/{other.id}/").text
    assert "/playbooks/" not in html.split("<main")[1]


def test_each_playbook_is_for_kinds_that_can_be_reported():
    playbooks = library.playbooks().values()
    named_in_them = {f"{kinds.OWN}:{kind}" for one in playbooks for kind in one.kinds}
    assert named_in_them
    assert named_in_them <= kinds.known()
