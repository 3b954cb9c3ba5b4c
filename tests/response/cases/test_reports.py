"""A report opens a case: ciphertext only, readers as chosen, nothing that tells the hour."""

from uuid import uuid4

import pytest
from tests.factories.case_parties import give_key, make_report, seal_part
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk
from tests.factories.inventory import ProductFactory
from tests.factories.sealed import make_party
from tests.principals import principal_of

from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp.ingest import IngestRefused
from tcert.foundation.sealed import queries
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind, parse
from tcert.foundation.sealed.models import Message
from tcert.response.cases import codenames
from tcert.response.cases.domain import reports
from tcert.response.cases.domain.reports import (
    Reporter,
    RoutingLine,
    SealedPart,
    receive_report,
)
from tcert.response.cases.enums import CaseKind, Management, Presence, Role, ThreadPurpose
from tcert.response.cases.models import Case
from tcert.response.cases.queries import timeline

pytestmark = pytest.mark.django_db


def test_a_report_opens_a_case_at_received():
    desk = give_key(DeskFactory())
    case, stranger = make_report(desk)
    assert case.number is None
    assert len(case.code_name.split()) == 2
    rows = {p.name: (p.management, p.role_names) for p in case.participants.all()}
    assert rows == {
        "TCERT desk": (Management.RECEIVED, {Role.COORDINATOR}),
        "reporter": (Management.ACCEPTED, {Role.FINDER, Role.REPORTER}),
    }
    facts = Message.objects.get(kind=Kind.FACTS)
    wishes = Message.objects.get(kind=Kind.WISHES)
    for message, words in ((facts, "answers anyone"), (wishes, "no name")):
        for reader in (desk, stranger):
            opened = reader.open(queries.served_to(message, reader.holder))
            inner = parse(opened.plaintext.decode())
            assert words in inner.body
            assert inner.thread == str(message.thread_id)


def test_the_wishes_go_to_the_coordinating_team_alone():
    desk, chosen = give_key(DeskFactory()), give_key(TeamFactory())
    case, _stranger = make_report(chosen, desk, coordinating=None)
    assert case.coordinating_team_id == chosen.holder.id
    facts, wishes = Message.objects.get(kind="facts"), Message.objects.get(kind="wishes")
    assert desk.open(queries.served_to(facts, desk.holder)).plaintext
    with pytest.raises(DomainError):
        queries.served_to(wishes, desk.holder)
    assert {p.team_id for p in case.participants.all()} == {
        desk.holder.id,
        chosen.holder.id,
        None,
    }


def test_nothing_tells_the_hour_of_a_report():
    case, _stranger = make_report()
    assert all(m.created_at is None for m in Message.objects.all())
    records = AuditRecord.objects.filter(object_kind="case", object_id=case.id)
    assert records.exists()
    for record in records:
        assert (record.at.hour, record.at.minute, record.at.second) == (0, 0, 0)
        assert record.actor_id is None
    finder = case.participants.get(team=None)
    assert (finder.joined_at, finder.last_heard_at) == (None, None)


def test_the_routing_line_is_what_the_reporter_lets_the_hub_read():
    listed = ProductFactory(vendor__short_name="Corevale", name="UDM")
    case, _stranger = make_report(
        routing=RoutingLine(
            products=[
                ("corevale  udm", "4.x"),
                ("Corevale UDM", ""),
                ("Unlisted box", ""),
                (" ", ""),
            ],
            networks=["999-70", "999-70"],
        )
    )
    products = {(p.name, p.product, p.versions) for p in case.products.all()}
    assert products == {("Corevale UDM", listed, "4.x"), ("Unlisted box", None, "")}
    assert [n.plmn for n in case.networks.all()] == ["999-70"]


def test_a_report_that_is_not_sealed_to_its_readers_leaves_nothing():
    desk_team = DeskFactory()
    desk = give_key(desk_team)
    stranger, foreign = make_party(HolderKind.REPORTER), make_party()
    report_id = uuid4()

    def receive(facts, wishes):
        receive_report(
            kind=CaseKind.INCIDENT,
            report_id=report_id,
            coordinating_team=desk_team,
            addressees=[desk_team],
            reporter=Reporter(stranger.holder.id, stranger.fingerprint, stranger.certificate),
            facts=facts,
            wishes=wishes,
        )

    good = seal_part(report_id, stranger, [desk, stranger], Kind.FACTS, "x")
    wishes = seal_part(report_id, stranger, [desk, stranger], Kind.WISHES, "y")
    for bad in (
        seal_part(report_id, stranger, [desk, foreign, stranger], Kind.FACTS, "x"),
        seal_part(report_id, stranger, [stranger], Kind.FACTS, "x"),
        SealedPart(uuid4(), b"-----BEGIN PGP MESSAGE-----\n\nplain text\n"),
        SealedPart(uuid4(), b""),
    ):
        with pytest.raises((IngestRefused, DomainError)):
            receive(bad, wishes)
        with pytest.raises((IngestRefused, DomainError)):
            receive(good, bad)
    assert not Case.objects.exists()
    assert not Message.objects.exists()
    receive(good, wishes)
    assert Case.objects.get().kind == CaseKind.INCIDENT


def test_the_coordinating_team_is_an_addressee():
    desk_team, other = DeskFactory(), TeamFactory()
    with pytest.raises(DomainError, match="one of those"):
        receive_report(
            kind=CaseKind.VULNERABILITY,
            report_id=uuid4(),
            coordinating_team=desk_team,
            addressees=[other],
            reporter=Reporter(uuid4(), "A" * 40, "x"),
            facts=SealedPart(uuid4(), b""),
            wishes=SealedPart(uuid4(), b""),
        )


def test_a_team_without_a_key_cannot_be_an_addressee():
    desk = give_key(DeskFactory())
    keyless = TeamFactory()
    stranger = make_party(HolderKind.REPORTER)
    report_id = uuid4()
    with pytest.raises(DomainError, match="no active key"):
        receive_report(
            kind=CaseKind.VULNERABILITY,
            report_id=report_id,
            coordinating_team=keyless,
            addressees=[keyless],
            reporter=Reporter(stranger.holder.id, stranger.fingerprint, stranger.certificate),
            facts=seal_part(report_id, stranger, [desk, stranger], Kind.FACTS, "x"),
            wishes=seal_part(report_id, stranger, [desk, stranger], Kind.WISHES, "y"),
        )
    assert not Case.objects.exists()


def test_code_names_are_drawn_until_one_is_new(monkeypatch):
    drawn = iter(["Calm Bay", "Calm Bay", "Quiet Pier"])
    monkeypatch.setattr(codenames, "draw", lambda _words=2: next(drawn))
    first, _s = make_report()
    second, _s = make_report()
    assert (first.code_name, second.code_name) == ("Calm Bay", "Quiet Pier")


def test_code_names_are_plain_words():
    names = {codenames.draw() for _ in range(200)}
    assert len(names) > 150
    assert all(len(name.split()) == 2 and name.replace(" ", "").isalpha() for name in names)
    assert not set(codenames.FIRST) & set(codenames.SECOND)


def test_purposes():
    case, _stranger = make_report()
    assert {t.purpose for t in case.threads.all()} == {
        ThreadPurpose.REPORT,
        ThreadPurpose.REPORTER,
    }


def test_a_case_goes_on_without_its_finder():
    desk = give_key(DeskFactory())
    case, _stranger = make_report(desk)
    reports.reporter_left(case_id=case.id)
    reports.reporter_left(case_id=case.id)
    finder = case.participants.get(team=None)
    assert (finder.presence, finder.last_heard_at) == (Presence.REMOVED, None)
    for link in case.threads.all():
        held = {r.holder_id for r in link.thread.current_set.recipients.all()}
        assert held == {desk.holder.id}

    told = AuditRecord.objects.get(act="cases:reporter-left")
    assert (told.actor_id, told.at.hour, told.at.minute, told.at.second) == (None, 0, 0, 0)
    viewer = principal_of(coordinator_of_desk(), coordinator=True)
    [line] = [h for h in timeline(case, viewer) if "deleted the report" in h.words]
    assert line.day_only
