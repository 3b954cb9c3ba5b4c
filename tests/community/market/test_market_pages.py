"""The pages of the marketplace: bad input, exports, bounds of questions, and what buttons do."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.market import (
    ContactFactory,
    MeasureClaimFactory,
    NeedFactory,
    OfferFactory,
    ProviderFactory,
    ReportFactory,
)
from tests.factories.talks import side
from tests.principals import sign_in

from tcert.community.directory.enums import TeamRole
from tcert.community.market.enums import ContactState, State
from tcert.community.market.models import Contact, Entry, MeasureClaim, Report, Wish
from tcert.foundation.kernel import clock

pytestmark = pytest.mark.django_db
OWN_CLAIM = "not checked by the hub"


def page(name, *args):
    return reverse(f"market:{name}", args=args)


@pytest.fixture
def team():
    return TeamFactory(name="Alder CERT", organisation__name="Alder")


@pytest.fixture
def lead(team):
    return sign_in(Client(), member_of(team, TeamRole.REPRESENTATIVE))


@pytest.fixture
def reader():
    return sign_in(Client(), member_of(TeamFactory(), TeamRole.REPRESENTATIVE))


def typed(team, **changed):
    until = (clock.today() + timedelta(days=60)).isoformat()
    return {
        "team": team.id,
        "subject": "audit",
        "title": "A review",
        "text": "Kept.",
        "terms": "free",
        "valid_until": until,
        "languages": "English",
        "regions": "fi, SE",
        **changed,
    }


def test_a_need_is_entered_seen_as_others_will_published_renewed_and_withdrawn(team, lead, reader):
    form = lead.get(page("new_need"))
    assert form.context["form"]["is_unnamed"].value() is True
    assert "Competition law" in form.content.decode()
    lead.post(page("new_need"), typed(team, is_unnamed="on", domains=["core"]))
    need = Entry.objects.get()
    assert (need.regions, need.languages, need.is_unnamed) == (",FI,SE,", ",en,", True)
    draft = lead.get(page("entry", need.id)).content.decode()
    assert "This is what others see" in draft
    assert "Only 0 organisations" in draft
    assert reader.get(page("entry", need.id)).status_code == 404
    done = lead.post(page("move", need.id), {"act": "publish"}, follow=True)
    assert "from tomorrow on" in done.content.decode(), [str(m) for m in done.context["messages"]]
    assert reader.get(page("entry", need.id)).status_code == 404
    Entry.objects.update(listed_from=clock.today())  # the next day has come
    shown = reader.get(page("entry", need.id)).content.decode()
    assert "A review" in shown
    assert "Alder" not in shown
    lead.post(page("move", need.id), {"act": "pause"})
    assert Entry.objects.get().state == State.PAUSED
    lead.post(page("move", need.id), {"act": "withdraw"})
    assert Entry.objects.get().state == State.WITHDRAWN
    assert lead.post(page("move", need.id), {"act": "expire"}).status_code == 404
    assert "Withdrawn" in lead.get(page("entry", need.id)).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 121),
        ("title", "two\nlines"),
        ("title", "cert@alder.example"),
        ("text", "call +358 9 123 4567"),
        ("text", "x" * 4001),
        ("text", "\x00"),
        ("subject", "weapons"),
        ("terms", "barter"),
        ("domains", "moon"),
        ("languages", "Klingon"),
        ("regions", "Finland"),
        ("regions", " ".join(f"{a}{b}" for a in "ABCD" for b in "ABCDEFGHIJ")),
        ("audience", "hub"),
        ("valid_until", "2001-01-01"),
        ("valid_until", "9999-12-31"),
        ("valid_until", "soon"),
    ],
)
def test_wrong_input_is_refused_at_its_field_and_kept(team, lead, field, value):
    answer = lead.post(page("new_offer"), typed(team, **{field: value}))
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    if field != "text":
        assert "Kept." in answer.content.decode()
    assert not Entry.objects.exists()


def test_nothing_is_entered_for_another_team_or_by_who_does_not_lead(team, reader):
    assert reader.post(page("new_offer"), typed(team)).status_code == 400
    plain = sign_in(Client(), member_of(team))
    assert plain.get(page("new_offer")).status_code == 403
    entry = OfferFactory(team=team)
    assert plain.get(page("entry", entry.id)).status_code == 200
    for name in ("change", "claims"):
        assert plain.get(page(name, entry.id)).status_code == 403
        assert reader.get(page(name, entry.id)).status_code == 404
    assert Client().get(page("list")).status_code == 302
    assert not Entry.objects.exclude(pk=entry.pk).exists()


def test_a_stale_form_is_told_what_a_colleague_did(team, lead):
    entry = OfferFactory(team=team)
    shown = lead.get(page("change", entry.id)).context["form"]["shown"].value()
    lead.post(page("change", entry.id), typed(team, shown=shown))
    late = lead.post(page("change", entry.id), typed(team, shown=shown, title="Mine"))
    assert late.status_code == 409
    assert "Somebody changed this" in late.content.decode()
    assert Entry.objects.get().title == "A review"


def test_a_providers_claim_is_marked_as_its_own_in_page_sheet_and_document(reader):
    claim = MeasureClaimFactory(measure="=HYPERLINK(1)")
    shown = reader.get(page("entry", claim.entry_id)).content.decode()
    assert "own claim" in shown
    assert "The hub has not checked it" in shown
    assert "no-print" not in shown.split("What the provider says")[1].split("</section>")[0]
    sheet = reader.get(page("csv")).content.decode()
    ((heading, cell),) = [
        (name, value)
        for row in csv.DictReader(StringIO(sheet))
        for name, value in row.items()
        if name.startswith("claims")
    ]
    assert OWN_CLAIM in heading
    assert OWN_CLAIM in cell
    assert cell.startswith("'=")
    (told,) = json.loads(reader.get(page("json")).content)["entries"]
    assert OWN_CLAIM in told["claims"][0]["status"]
    found = reader.get(page("list"), {"clause": claim.requirement}).content.decode()
    assert claim.entry.title in found
    assert (
        claim.entry.title
        not in reader.get(page("list"), {"clause": "TS 33.117 4.2.5.1"}).content.decode()
    )


def test_claims_are_entered_and_taken_off_by_providers_alone(lead, team):
    provider = ProviderFactory()
    entry = OfferFactory(team=provider)
    client = sign_in(Client(), member_of(provider, TeamRole.DEPUTY))
    said = {"measure": "Gate 3", "requirement": "TS 33.117 4.2.5.1"}
    client.post(page("claims", entry.id), said)
    refused = client.post(page("claims", entry.id), {**said, "measure": "Gate 3 certified"})
    assert refused.status_code == 400
    assert "measure" in refused.context["form"].errors
    claim = MeasureClaim.objects.get()
    assert client.post(page("unclaim", entry.id), {"claim": "x"}).status_code == 404
    client.post(page("unclaim", entry.id), {"claim": str(claim.id)})
    assert not MeasureClaim.objects.exists()
    assert lead.get(page("claims", OfferFactory(team=team).id)).status_code == 404


def test_ones_own_unnamed_need_stands_without_a_name_in_what_is_passed_around(team, lead):
    need = NeedFactory(team=team)
    for name in ("list", "csv", "json", "matches"):
        text = lead.get(page(name)).content.decode()
        assert need.title in text
        assert team.name not in text, name


def test_hostile_cells_are_harmless_in_the_sheet(reader):
    OfferFactory(title="=cmd|' /C calc'!A0", text="@SUM(1)", team__name="+Alder")
    (row,) = csv.DictReader(StringIO(reader.get(page("csv")).content.decode()))
    assert (row["title"][:2], row["text"][:2], row["team"][:2]) == ("'=", "'@", "'+")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"One", "Two"}),
        ({"kind": "need"}, {"Two"}),
        ({"kind": "x", "terms": "x", "clause": "x"}, {"One", "Two"}),
        ({"subject": "audit"}, {"One"}),
        ({"domain": "core"}, {"One", "Two"}),
        ({"domain": "ran"}, {"Two"}),
        ({"language": "fr"}, {"One"}),
        ({"region": "fi"}, {"One", "Two"}),
        ({"region": "SE"}, {"Two"}),
        ({"terms": "paid"}, {"One"}),
        ({"q": "one"}, {"One"}),
        ({"q": "alder"}, {"One"}),
        ({"q": "birch"}, set()),
        ({"q": "\x00'%", "subject": "\x00", "region": "\x00,"}, set()),
    ],
)
def test_filters_narrow_the_list_and_its_files_alike(reader, query, found):
    OfferFactory(
        title="One",
        subject="audit",
        domains=",core,",
        languages=",fr,",
        regions=",FI,",
        terms="paid",
        team__name="Alder CERT",
    )
    NeedFactory(title="Two", languages=",en,", team__name="Birch CERT")
    shown = {one.title for one in reader.get(page("list"), query).context["entries"]}
    assert shown == found
    told = json.loads(reader.get(page("json"), query).content)["entries"]
    assert {one["title"] for one in told} == found


def test_a_contact_from_button_to_talk(team):
    a, b = side("Alder Two"), side("Birch CERT")
    asker, owner = sign_in(Client(), a.person), sign_in(Client(), b.person)
    need = NeedFactory(team=b.team)
    asked = asker.post(page("turn_to", need.id), {"from_team": a.team.id}, follow=True)
    assert "up to them to answer" in asked.content.decode()
    assert "Birch" not in asked.content.decode()
    contact = Contact.objects.get()
    assert "Alder Two turned to you" in owner.get(page("contact", contact.id)).content.decode()
    assert asker.post(page("reply", contact.id), {"act": "answer"}).status_code == 404
    answered = owner.post(page("reply", contact.id), {"act": "answer"})
    contact.refresh_from_db()
    assert answered.url == reverse("talks:talk", args=[contact.talk_id])
    assert (
        reverse("talks:talk", args=[contact.talk_id])
        in asker.get(page("contact", contact.id)).content.decode()
    )
    other = sign_in(Client(), member_of(team))
    assert other.get(page("contact", contact.id)).status_code == 404
    gone = NeedFactory(state=State.PAUSED)
    assert asker.post(page("turn_to", gone.id), {"from_team": a.team.id}).status_code == 404
    late = asker.post(page("turn_to", need.id), {"from_team": a.team.id}, follow=True)
    assert "already" in late.content.decode()


def test_a_declined_asker_reads_the_same_page_as_one_who_waits():
    read = []
    asker = TeamFactory()
    client = sign_in(Client(), member_of(asker, TeamRole.REPRESENTATIVE))
    for state in (ContactState.ASKED, ContactState.DECLINED):
        need = NeedFactory(title="Same")
        contact = ContactFactory(team=asker, entry=need, state=state)
        texts = [client.get(page("contact", contact.id)), client.get(page("mine"))]
        whole = "".join(answer.content.decode() for answer in texts)
        for key in (contact.id, need.id):
            whole = whole.replace(str(key), "")
        read.append([line for line in whole.splitlines() if "csrf" not in line])
        need.delete()
    assert read[0] == read[1]
    assert any("Same" in line for line in read[0])


def test_an_entry_is_reported_and_decided_on(reader, team, lead):
    entry = OfferFactory(team=team)
    reader.post(page("report", entry.id), {"ground": "false-claim", "text": "It is not there."})
    about = Report.objects.get()
    assert "has not decided" in reader.get(page("mine")).content.decode()
    assert reader.get(page("reports")).status_code == 403
    desk = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    assert entry.title in desk.get(page("reports")).content.decode()
    empty = desk.post(page("settle", about.id), {"outcome": "withdrawn", "reason": ""})
    assert empty.status_code == 400
    desk.post(page("settle", about.id), {"outcome": "withdrawn", "reason": "We asked."})
    assert "We asked." in lead.get(page("entry", entry.id)).content.decode()
    assert "We asked." in reader.get(page("mine")).content.decode()
    assert entry.title in desk.get(page("reports") + "?show=over").content.decode()
    unnamed = ReportFactory(entry=NeedFactory())
    led = desk.post(page("settle", unnamed.id), {"outcome": "withdrawn", "reason": "We asked."})
    assert led.url == reverse("desk:propose")


def test_the_desk_reads_of_a_reported_entry_no_more_than_members_do():
    """Else a report that is long decided shows what the team of an unnamed need writes, at once."""
    need = NeedFactory(text="What members read.")
    waiting = ReportFactory(entry=need)
    decided = ReportFactory(entry=need, settled_at=clock.now(), outcome="stays", answer="Fine.")
    desk = sign_in(Client(), coordinator_of_desk(), coordinator=True)

    def read():
        pages = [desk.get(page("settle", one.id)) for one in (waiting, decided)]
        return {"What members read." in one.content.decode() for one in pages}

    assert read() == {True}
    for changed in ({"listed_from": clock.today() + timedelta(days=1)}, {"state": State.DRAFT}):
        Entry.objects.filter(pk=need.pk).update(**changed)
        assert read() == {False}
    Entry.objects.filter(pk=need.pk).update(state=State.WITHDRAWN)
    need.refresh_from_db()
    need.taken_off_why = "It names others."
    need.save()
    assert read() == {True}, "what the desk has withdrawn cannot change any more"


def test_being_told_of_matches_is_asked_for(lead, team, reader):
    assert not Wish.objects.exists()
    lead.post(page("wish"), {"from_team": team.id, "act": "tell"})
    assert Wish.objects.get().team == team
    reader.post(page("wish"), {"from_team": team.id, "act": "stop"})
    assert Wish.objects.exists()
    lead.post(page("wish"), {"from_team": team.id, "act": "stop"})
    assert not Wish.objects.exists()


@pytest.mark.slow
def test_the_pages_ask_as_often_for_four_as_for_one(lead, team, django_assert_num_queries):
    own = OfferFactory(team=team)
    need = MeasureClaimFactory(entry=NeedFactory()).entry
    ContactFactory(entry=own)
    ContactFactory(entry=need, team=team)
    addresses = [
        *map(page, ("list", "csv", "json", "mine", "matches")),
        page("entry", own.id),
        page("entry", need.id),
        page("contact", Contact.objects.get(entry=own).id),
        "/my-day/",
    ]
    counts = []
    for address in addresses:
        lead.get(address)
        with CaptureQueriesContext(connection) as asked:
            lead.get(address)
        counts.append(len(asked))
    for _ in range(3):
        ContactFactory(entry=OfferFactory(team=team))
        ContactFactory(entry=NeedFactory(), team=team)
        ContactFactory(entry=own)
        MeasureClaimFactory(entry=need, measure=str(_))
        MeasureClaimFactory()
    for address, count in zip(addresses, counts, strict=True):
        with django_assert_num_queries(count):
            lead.get(address)
