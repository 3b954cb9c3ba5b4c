"""A coordinator's word: what it holds for, what happens without it, who reads it."""

from datetime import date, timedelta

import pytest
from tests.factories.desk import InterestFactory, confirmed
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.principals import declared, give_second_factor, principal_of, sign_in

from tcert.community.accounts.domain import staff
from tcert.community.accounts.models import StaffSession
from tcert.community.desk import queries, waiting
from tcert.community.desk.domain import declarations
from tcert.community.desk.enums import InterestKind
from tcert.community.desk.models import Declaration, Interest
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.second import NeedsSecond

pytestmark = pytest.mark.django_db


def open_rights(person, session):
    return staff.open_session(
        principal=principal_of(person), person=person, session=session, purpose="Triage"
    )


def test_without_a_declaration_no_rights_open_and_the_page_leads_to_it(client):
    person = coordinator_of_desk()
    with pytest.raises(DomainError, match="declaration of interests is missing"):
        open_rights(person, {})
    assert not StaffSession.objects.exists()
    sign_in(client, person)
    page = client.get("/account/coordinator/").content.decode()
    assert '<a class="btn" href="/desk/declaration/">' in page
    client.post("/desk/declaration/confirm/")
    assert open_rights(person, {}).person == person


@pytest.mark.parametrize(("days", "holds"), [(179, True), (180, False)])
def test_a_declaration_holds_for_180_days(days, holds):
    person = coordinator_of_desk()
    declared(person)
    with clock.frozen(clock.now() + timedelta(days=days, minutes=-1 if holds else 0)):
        assert queries.has_declared(person.id) is holds
        assert (staff.obstacle(principal_of(person)) is None) is holds


@pytest.mark.parametrize(("days", "urgency"), [(0, None), (165, None), (167, "SOON"), (181, "NOW")])
def test_my_day_asks_in_time(days, urgency):
    person = coordinator_of_desk()
    declared(person)
    with clock.frozen(clock.now() + timedelta(days=days)):
        lines = list(waiting.declaration(principal_of(person)))
    assert [line.urgency.name for line in lines] == ([urgency] if urgency else [])


def test_my_day_asks_nobody_else():
    assert list(waiting.declaration(principal_of(member_of(TeamFactory())))) == []
    assert len(list(waiting.declaration(principal_of(coordinator_of_desk())))) == 1


TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        (None, None, True),
        (TODAY, None, True),
        (TODAY + timedelta(days=1), None, False),
        (None, TODAY - timedelta(days=365), True),
        (None, TODAY - timedelta(days=366), False),
    ],
)
def test_an_interest_counts_from_its_beginning_until_a_year_after_its_end(since, until, counts):
    interest = InterestFactory(person=coordinator_of_desk(), since=since, until=until)
    with clock.frozen(clock.now().replace(year=2026, month=11, day=24)):
        assert (interest.organisation_id in queries.interests_of(interest.person_id)) is counts
        assert interest.counts is counts


def test_an_interest_counts_at_once_in_a_session_that_is_open():
    person, organisation = coordinator_of_desk(), OrganisationFactory()
    assert organisation.id not in principal_of(person, coordinator=True).interests
    declarations.enter_interest(
        principal=principal_of(person), organisation=organisation, kind=InterestKind.OWNER
    )
    assert principal_of(person, coordinator=True).interests == {organisation.id}
    record = AuditRecord.objects.get(act="desk:interest:enter")
    assert (record.object_id, record.data) == (person.id, {"kind": "owner"})


def test_the_same_interest_twice_is_refused_and_its_dates_have_an_order():
    person, organisation = coordinator_of_desk(), OrganisationFactory()
    common = {"principal": principal_of(person), "organisation": organisation}
    declarations.enter_interest(**common, kind=InterestKind.OWNER)
    with pytest.raises(Conflict):
        declarations.enter_interest(**common, kind=InterestKind.OWNER)
    with pytest.raises(DomainError, match="before it begins"):
        declarations.enter_interest(
            **common, kind=InterestKind.OTHER, since=date(2026, 2, 1), until=date(2026, 1, 1)
        )


def test_an_end_lies_between_the_beginning_and_today_and_belongs_to_its_person(client):
    interest = InterestFactory(person=coordinator_of_desk(), since=date(2020, 1, 1))
    own, ended = principal_of(interest.person), date(2021, 5, 1)
    for wrong in (date(2019, 12, 31), clock.today() + timedelta(days=1)):
        with pytest.raises(DomainError):
            declarations.end_interest(principal=own, interest=interest, until=wrong)
    with pytest.raises(Interest.DoesNotExist):
        declarations.end_interest(
            principal=principal_of(coordinator_of_desk()), interest=interest, until=clock.today()
        )
    with pytest.raises(NeedsSecond):
        declarations.end_interest(principal=own, interest=interest, until=ended)
    colleague = principal_of(coordinator_of_desk())
    declarations.end_interest(
        principal=colleague,
        interest=interest,
        until=ended,
        confirmation=confirmed(declarations.END, interest.id),
    )
    interest.refresh_from_db()
    assert interest.until == ended
    record = AuditRecord.objects.get(act=declarations.END)
    assert (record.actor_id, record.object_id) == (colleague.person_id, interest.person_id)
    sign_in(client, interest.person)
    path = f"/desk/declaration/interests/{interest.id}/end/"
    assert client.post(path, {"until": "2019-05-01"}).status_code == 422
    assert client.get("/desk/declaration/").content.decode().count("no longer") == 1
    sign_in(client, coordinator_of_desk())
    assert client.get(path).status_code == 404


def test_the_page_takes_an_interest_and_refuses_it_twice_in_words(client):
    person, organisation = coordinator_of_desk(), OrganisationFactory(name="Altus Oyj")
    sign_in(client, person)
    typed = {"organisation": organisation.id, "kind": "employer", "remark": "Since my degree."}
    assert client.post("/desk/declaration/", typed).status_code == 302
    page = client.get("/desk/declaration/").content.decode()
    assert "Altus Oyj" in page
    assert "Since my degree." in page
    again = client.post("/desk/declaration/", typed)
    assert again.status_code == 409
    assert "on your list already" in again.content.decode()
    assert client.post("/desk/declaration/", {"kind": "employer"}).status_code == 422


def test_the_remark_is_encrypted_at_rest():
    from django.db import connection

    InterestFactory(person=coordinator_of_desk(), remark="My sister works there.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT remark FROM desk_interest")
        stored = bytes(cursor.fetchone()[0])
    assert b"sister" not in stored
    assert Interest.objects.get().remark == "My sister works there."


def test_only_coordinators_read_what_the_others_declared(client):
    reader, other = coordinator_of_desk(), coordinator_of_desk(name="Ben Odu")
    InterestFactory(person=other, organisation=OrganisationFactory(name="Altus Oyj"))
    Declaration.objects.create(person=other, confirmed_at=clock.now() - timedelta(days=200))
    sign_in(client, reader)
    assert client.get("/desk/interests/").status_code == 403
    sign_in(client, reader, coordinator=True)
    page = client.get("/desk/interests/").content.decode()
    assert "Ben Odu" in page
    assert "Altus Oyj" in page
    assert "lapsed" in page


def test_a_member_declares_nothing(client):
    person = member_of(TeamFactory())
    give_second_factor(person)
    sign_in(client, person)
    assert client.get("/desk/declaration/").status_code == 403
    assert client.post("/desk/declaration/confirm/").status_code == 403
    assert not Declaration.objects.exists()


def test_the_administrator_closes_a_coordinators_account_from_the_machine(client, capsys):
    from tcert.cli import main
    from tcert.foundation.kernel.mail import Mail

    ada, ben = coordinator_of_desk(name="Ada"), coordinator_of_desk(name="Ben")
    sign_in(client, ben, coordinator=True)
    assert main(["desk", "close", member_of(TeamFactory()).email]) == 1
    assert main(["desk", "close", ben.email.upper()]) == 0
    assert "Ben: the account is closed." in capsys.readouterr().out
    ben.refresh_from_db()
    assert not ben.is_active
    assert client.get("/my-day/").status_code == 302
    record = AuditRecord.objects.get(act="accounts:person:close")
    assert (record.actor_kind, record.object_id) == ("system", ben.id)
    assert {m.recipient for m in Mail.objects.all()} == {ada.email, ben.email}
    assert main(["desk", "close", ben.email]) == 1
