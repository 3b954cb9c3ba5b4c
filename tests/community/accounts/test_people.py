"""Coordinators and people: letting in again, closing, invitations, tidying."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.test import Client
from tests.community.accounts.test_links import follow, invitation
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import principal_of, sign_in

from tcert.community.accounts import jobs
from tcert.community.accounts.domain import people
from tcert.community.accounts.enums import Verified
from tcert.community.accounts.models import BrowserSession, OneTimeLink
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return coordinator_of_desk()


@pytest.fixture
def member():
    return member_of(TeamFactory(), name="Mia Member")


def test_a_coordinator_lets_a_person_in_again(client, coordinator, member):
    theirs = sign_in(Client(), member)
    sign_in(client, coordinator, coordinator=True)
    page = f"/people/{member.pk}/"
    wrong = client.post(page, {"verified": "met", "confirm_name": "Somebody Else"})
    assert wrong.status_code == 422
    assert Authenticator.objects.filter(user=member).exists()
    client.post(page, {"verified": "met", "confirm_name": "mia member"})
    assert not Authenticator.objects.filter(user=member).exists()
    assert theirs.get("/my-day/").status_code == 302
    done = AuditRecord.objects.get(act="accounts:second-factor:clear")
    assert (done.actor_id, done.object_id, done.data) == (
        coordinator.id,
        member.id,
        {"verified": "met"},
    )
    assert Mail.objects.get().recipient == member.email


def test_nobody_does_it_for_themselves(client, coordinator):
    sign_in(client, coordinator, coordinator=True)
    page = f"/people/{coordinator.pk}/"
    assert "This is you" in client.get(page).content.decode()
    data = {"verified": "met", "confirm_name": coordinator.name}
    assert client.post(page, data).status_code == 403
    assert client.post(f"{page}switch/", {"act": "close"}).status_code == 403


def test_it_takes_the_staff_session(coordinator, member):
    with pytest.raises(PermissionDenied):
        people.let_in_again(
            principal=principal_of(coordinator), person=member, verified=Verified.MET
        )


def test_closing_ends_sessions_and_a_second_closer_is_told(client, coordinator, member):
    theirs = sign_in(Client(), member)
    principal = principal_of(coordinator, coordinator=True)
    people.close_account(principal=principal, person=member)
    assert theirs.get("/my-day/").status_code == 302
    assert not BrowserSession.objects.filter(person=member).exists()
    with pytest.raises(Conflict):
        people.close_account(principal=principal, person=member)
    people.reopen_account(principal=principal, person=member)
    member.refresh_from_db()
    assert member.is_active


def test_a_changed_address_is_told_to_both_and_taken_ones_are_refused(client, coordinator, member):
    sign_in(client, coordinator, coordinator=True)
    before = member.email
    page = f"/people/{member.pk}/email/"
    taken = client.post(page, {"email": coordinator.email.upper()})
    assert taken.status_code == 422
    assert "already" in taken.content.decode()
    client.post(page, {"email": "Mia@New.example"})
    member.refresh_from_db()
    assert member.email == "mia@new.example"
    assert {mail.recipient for mail in Mail.objects.all()} == {before, "mia@new.example"}


def test_dates_are_written_as_the_person_chose(client, member):
    sign_in(client, member)
    with clock.frozen(member.created_at):
        day = member.created_at
        british = client.get("/account/").content.decode()
        member.dates = "en-us"
        member.save()
        american = client.get("/account/").content.decode()
    assert f"{day.day} {day:%b} {day.year}</time>" in british
    assert f"{day:%b} {day.day}, {day.year}</time>" in american


def test_a_withdrawn_invitation_does_not_work(client, coordinator):
    link = invitation()
    sign_in(client, coordinator, coordinator=True)
    row = OneTimeLink.objects.get()
    assert "eve@operator.example" in client.get("/people/").content.decode()
    client.post(f"/people/invitations/{row.pk}/withdraw/")
    assert follow(Client(), link).status_code == 422


@pytest.mark.parametrize("people_there", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(
    client, coordinator, people_there, django_assert_max_num_queries
):
    for _ in range(people_there):
        member_of(TeamFactory())
        invitation(email=f"new{_}@operator.example")
    sign_in(client, coordinator, coordinator=True)
    client.get("/people/")
    # Two of them are the counts in the side list, one for each room that registers one; one reads
    # the coordinator's interests, without which the first count would tell of their own house.
    with django_assert_max_num_queries(11):
        assert client.get("/people/", {"q": "", "page": "zzz"}).status_code == 200


def test_tidying_removes_what_has_ended_and_nothing_else(client, member):
    sign_in(client, member)
    sign_in(Client(), member)
    invitation()
    ended = BrowserSession.objects.first()
    BrowserSession.objects.filter(pk=ended.pk).update(expires_at=clock.now())
    jobs.tidy.handler()
    assert BrowserSession.objects.filter(person=member).count() == 1
    assert OneTimeLink.objects.count() == 1
    OneTimeLink.objects.update(expires_at=clock.now() - timedelta(days=31))
    jobs.tidy.handler()
    assert OneTimeLink.objects.count() == 0
