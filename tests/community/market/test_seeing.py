"""Who sees which entry, and that nothing of an unnamed need tells whose it is."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.market import (
    ContactFactory,
    HappenedFactory,
    MeasureClaimFactory,
    NeedFactory,
    OfferFactory,
    ReportFactory,
)
from tests.factories.talks import side
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationKind, OrganisationState, TeamRole
from tcert.community.market import codes
from tcert.community.market.domain import contacts
from tcert.community.market.enums import State
from tcert.community.market.models import Contact, Entry, Happened, MeasureClaim, Report
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS, REPORTER, SYSTEM
from tcert.foundation.kernel.records import AuditRecord, record

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def table_of(model, table, rows):
    """Hold what each viewer sees against the table, by the list and by the single question."""
    for principal, seen in table:
        assert set(model.objects.visible_to(principal)) == set(seen), principal
        told = {row for row in rows if row.is_visible_to(principal)}
        assert told == set(seen), principal


def test_who_sees_which_entry():
    team, today = TeamFactory(), clock.today()
    unlisted = TeamFactory(organisation__state=OrganisationState.SUSPENDED)
    listed = OfferFactory(team=team)
    need = NeedFactory(team=team)
    vendors = OfferFactory(team=team, audience=codes.packed([OrganisationKind.VENDOR]))
    hidden = [
        OfferFactory(team=team, state=state, listed_from=today)
        for state in (State.DRAFT, State.PAUSED, State.EXPIRED, State.WITHDRAWN)
    ]
    hidden.append(OfferFactory(team=team, valid_until=today - DAY))
    hidden.append(NeedFactory(team=team, listed_from=today + DAY))
    gone = OfferFactory(team=unlisted)
    retired = OfferFactory(team__retired_at=clock.now())
    vendor = TeamFactory(organisation__kind=OrganisationKind.VENDOR)
    everything = [listed, need, vendors, *hidden, gone, retired]
    table_of(
        Entry,
        [
            (ANONYMOUS, []),
            (REPORTER, []),
            (SYSTEM, []),
            (principal_of(member_of(unlisted)), []),
            (principal_of(member_of(TeamFactory())), [listed, need]),
            (principal_of(member_of(vendor)), [listed, need, vendors]),
            (principal_of(coordinator_of_desk()), [listed, need]),
            (principal_of(coordinator_of_desk(), coordinator=True), [listed, need]),
            (principal_of(member_of(team)), [listed, need, vendors, *hidden]),
        ],
        everything,
    )


def test_who_sees_history_claims_contacts_and_reports():
    team, asker = TeamFactory(), TeamFactory()
    own, asking = member_of(team), member_of(asker)
    entry = OfferFactory(team=team)
    line, claim = HappenedFactory(entry=entry), MeasureClaimFactory(entry=entry)
    contact = ContactFactory(entry=entry, team=asker)
    reporter = member_of(TeamFactory())
    report = ReportFactory(entry=entry, person=reporter.id)
    viewers = {
        "own": principal_of(own),
        "asker": principal_of(asking),
        "other": principal_of(reporter),
        "coordinator": principal_of(coordinator_of_desk(), coordinator=True),
        "desk": principal_of(coordinator_of_desk()),
        "anonymous": ANONYMOUS,
    }
    for model, row, seeing in (
        (Happened, line, {"own"}),
        (MeasureClaim, claim, set(viewers) - {"anonymous"}),
        (Contact, contact, {"own", "asker"}),
        (Report, report, {"other", "coordinator"}),
    ):
        table = [(viewer, [row] if name in seeing else []) for name, viewer in viewers.items()]
        table_of(model, table, [row])


def test_a_suspended_organisations_entries_vanish_at_once_and_come_back():
    entry = OfferFactory()
    client = sign_in(Client(), member_of(TeamFactory()))
    address = reverse("market:entry", args=[entry.id])
    assert client.get(address).status_code == 200
    body = entry.team.organisation
    body.state = OrganisationState.SUSPENDED
    body.save()
    assert client.get(address).status_code == 404
    assert entry.title not in client.get(reverse("market:list")).content.decode()
    body.state = OrganisationState.LISTED
    body.save()
    assert client.get(address).status_code == 200


def test_records_of_an_unnamed_need_are_not_for_coordinators():
    """A record names who acted, and so whose need it is."""
    need, report = NeedFactory(), ReportFactory()
    lead = principal_of(member_of(need.team, TeamRole.REPRESENTATIVE))
    contact = ContactFactory(entry=need)
    record(lead, "market:entry:publish", "market-entry", need.id)
    record(lead, "market:contact:answer", "market-contact", contact.id)
    record(lead, "market:report:make", "market-report", report.id)
    read = AuditRecord.objects.visible_to(principal_of(coordinator_of_desk(), coordinator=True))
    assert set(read.values_list("object_kind", flat=True)) & {
        "market-entry",
        "market-contact",
        "market-report",
    } == {"market-report"}


def test_records_tell_who_asked_neither_a_no_nor_who_said_it():
    """A coordinator whose own team asked reads records: no and silence look alike there too."""
    ben = coordinator_of_desk()
    asker = TeamMembershipFactory(person=ben, team=side().team, role=TeamRole.REPRESENTATIVE).team
    owner, need = side(), NeedFactory()
    need.team = owner.team
    need.save()
    contact = contacts.turn_to(
        principal=principal_of(ben, coordinator=True), entry=need, team=asker
    )
    contacts.decline(principal=owner.principal, contact=contact)

    def read(person):
        seen = AuditRecord.objects.visible_to(principal_of(person, coordinator=True))
        return set(seen.filter(act__startswith="market:contact").values_list("act", flat=True))

    assert read(ben) == {"market:contact:make"}
    inside = coordinator_of_desk()
    TeamMembershipFactory(person=inside, team=owner.team)
    assert read(inside) == {"market:contact:decline"}, "who of the other team asked is its own"


# What a reader gets is the same whoever's need it is ----------------------------------------------

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|nonce-[\w-]+')


def everything_read(client, need, contact):
    """All that the marketplace gives a reader, as bytes."""
    addresses = [
        reverse("market:list"),
        reverse("market:list") + "?kind=need",
        *(f"{reverse('market:list')}?q={word}" for word in ("Alder", "Birch", "Zebra")),
        reverse("market:csv"),
        reverse("market:json"),
        reverse("market:matches"),
        reverse("market:mine"),
        reverse("market:entry", args=[need.id]),
        reverse("market:change", args=[need.id]),
        reverse("market:claims", args=[need.id]),
        reverse("market:report", args=[need.id]),
        reverse("market:contact", args=[contact.id]),
        reverse("site:search") + "?q=Need",
    ]
    answers = [client.get(address) for address in addresses]
    posted = [
        client.post(reverse("market:move", args=[need.id]), {"act": "withdraw"}),
        client.post(reverse("market:reply", args=[contact.id]), {"act": "answer"}),
    ]
    return [(a.status_code, TOKEN.sub(b"", a.content)) for a in (*answers, *posted)]


@pytest.mark.slow
@pytest.mark.parametrize("coordinator", [False, True])
def test_all_that_a_reader_gets_is_the_same_whoevers_need_it_is(coordinator):
    teams = [
        TeamFactory(
            name=f"{name} CERT", organisation=OrganisationFactory(name=name, country=country)
        )
        for name, country in (("Alder", "FI"), ("Birch", "SE"))
    ]
    need = NeedFactory(team=teams[0])
    OfferFactory(team=teams[0])
    OfferFactory(team=teams[1])
    reader = coordinator_of_desk() if coordinator else member_of(TeamFactory())
    other = TeamFactory()
    TeamMembershipFactory(team=other, person=reader, role=TeamRole.REPRESENTATIVE)
    OfferFactory(team=other)
    contact = ContactFactory(entry=need, team=other)
    client = sign_in(Client(), reader, coordinator=coordinator)
    client.get(reverse("market:list"))
    read = []
    for number, team in enumerate(teams):
        moved = {"team": team, "valid_until": clock.today() + timedelta(days=30 + number)}
        Entry.objects.filter(pk=need.pk).update(
            **moved, listed_from=clock.today() - number * DAY, reminded_on=None
        )
        read.append(everything_read(client, need, contact))
    assert read[0] == read[1]
    assert any(b"Need" in content for _status, content in read[0])


def test_the_comparison_would_find_a_name(monkeypatch):
    """Planted: were the name shown, the bytes would differ."""
    from tcert.community.market.views import lists

    monkeypatch.setattr(lists, "_row", lambda one: [str(Entry.objects.get(pk=one.id).team)])
    need = NeedFactory()
    client = sign_in(Client(), member_of(TeamFactory()))
    read = []
    for team in (need.team, TeamFactory()):
        Entry.objects.filter(pk=need.pk).update(team=team)
        read.append(client.get(reverse("market:csv")).content)
    assert read[0] != read[1]
