"""How somebody comes to apply: the same answer for all, an account that can do nothing else."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from tests.factories.accounts import PersonFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.joining import ApplicationFactory
from tests.principals import principal_of, sign_in

from tcert.community.accounts.domain.links import open_link
from tcert.community.accounts.enums import LinkKind
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.directory.enums import TeamRole
from tcert.community.joining.domain import doors
from tcert.community.joining.models import Application
from tcert.foundation.kernel import access
from tcert.foundation.kernel.errors import Conflict, DomainError, TooMany
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS

pytestmark = pytest.mark.django_db


def link_to(address: str) -> OneTimeLink:
    mail = next(m for m in Mail.objects.filter(recipient__isnull=False) if m.recipient == address)
    text = bytes(mail.entity).decode().replace("=\n", "").replace("=3D", "=")
    return open_link(re.search(r"#([\w-]+)", text)[1])


def test_whether_an_address_has_an_account_shows_to_nobody_who_asks(client):
    PersonFactory(email="known@operator.example")
    answers = []
    for email in ("known@operator.example", "new@operator.example"):
        answer = client.post("/join/", {"email": email})
        assert answer.status_code == 200
        answers.append(answer.content.decode().replace(email, "@"))
        assert link_to(email).kind == LinkKind.APPLICATION
    assert answers[0] == answers[1]


def test_one_address_is_mailed_three_times_an_hour_and_the_answer_stays_the_same(client):
    answers = {
        client.post("/join/", {"email": "new@operator.example"}).content.decode() for _ in range(5)
    }
    assert len(answers) == 1
    assert OneTimeLink.objects.count() == 3


def test_beyond_the_hubs_budget_nothing_is_mailed_or_stored(monkeypatch):
    monkeypatch.setattr(doors, "ASKED", doors.Budget("t", doors.Scope.HUB, 1, doors.LINK_FOR))
    for n in range(3):
        doors.ask(email=f"a{n}@operator.example")
    assert (OneTimeLink.objects.count(), Mail.objects.count()) == (1, 1)


def test_a_link_makes_an_account_that_can_do_nothing_but_apply():
    doors.ask(email="new@operator.example")
    link = link_to("new@operator.example")
    person = doors.open_account(link=link, name="Nora", passphrase="granite otter waltz 91")
    assert Application.objects.get().applicant == person
    principal = principal_of(person)
    may = {one for one in Permission if access.allowed(principal, one)}
    public = {one for one in Permission if access.allowed(ANONYMOUS, one)}
    assert may - public == {
        Permission.ACCOUNTS_OWN_MANAGE,
        Permission.ACCOUNTS_SECOND_FACTOR_SET_UP,
        Permission.JOINING_APPLY,
    } | (may & {Permission.PARTIES_OWN_READ})
    with pytest.raises(Conflict):
        doors.open_account(link=link, name="Nora", passphrase="granite otter waltz 91")
    assert Person.objects.count() == 1


def test_the_pages_walk_from_link_to_account(client):
    doors.ask(email="new@operator.example")
    mail = Mail.objects.get()
    text = bytes(mail.entity).decode().replace("=\n", "").replace("=3D", "=")
    code = re.search(r"http\S+#[\w-]+", text)[0]
    assert client.post("/account/start/", {"code": code}).url == "/join/account/"
    assert "new@operator.example" in client.get("/join/account/").content.decode()
    typed = {"name": "Nora", "passphrase": "granite otter waltz 91"}
    assert client.post("/join/account/", {**typed, "again": "other"}).status_code == 400
    made = client.post("/join/account/", {**typed, "again": typed["passphrase"]})
    assert made.url == "/account/second-factor/"
    assert Person.objects.get().name == "Nora"


def test_who_has_an_account_comes_in_with_it_and_only_the_owner_of_the_address():
    owner, other = PersonFactory(email="a@operator.example"), PersonFactory()
    doors.ask(email=owner.email)
    link = link_to(owner.email)
    with pytest.raises(Conflict, match="another e-mail"):
        doors.come_with_account(link=link, person=other)
    assert doors.come_with_account(link=link, person=owner).applicant == owner


def test_the_desk_does_not_apply():
    person = coordinator_of_desk()
    doors.ask(email=person.email)
    with pytest.raises(DomainError, match="desk decides"):
        doors.come_with_account(link=link_to(person.email), person=person)
    with pytest.raises(PermissionDenied):
        doors.begin(principal=principal_of(person), person=person)


def test_one_application_of_a_person_runs_at_a_time(applicant, by):
    ApplicationFactory(applicant=applicant)
    with pytest.raises(Conflict, match="runs already"):
        doors.begin(principal=by, person=applicant)


def test_an_invitation_names_nobody_and_is_counted(leader_of):
    boss = leader_of()
    doors.invite(principal=boss, email="Psirt@Tern.example")
    mail = Mail.objects.get()
    text = bytes(mail.entity).decode()
    assert boss.label not in text
    link = link_to("psirt@tern.example")
    person = doors.open_account(link=link, name="T", passphrase="granite otter waltz 91")
    assert Application.objects.get(applicant=person).invited_by == boss.person_id
    for n in range(doors.INVITED.limit - 1):
        doors.invite(principal=boss, email=f"a{n}@tern.example")
    with pytest.raises(TooMany):
        doors.invite(principal=boss, email="more@tern.example")


def test_who_is_no_member_invites_nobody(by):
    with pytest.raises(PermissionDenied):
        doors.invite(principal=by, email="psirt@tern.example")


def test_a_provisional_team_applies_with_what_the_hub_knows_of_it():
    house = OrganisationFactory(state="provisional", name="Tern", group=OrganisationFactory())
    team = TeamFactory(organisation=house, name="Tern PSIRT")
    person = member_of(team, TeamRole.REPRESENTATIVE)
    client = sign_in(Client(), person)
    assert "Tern" in client.get("/join/mine/").content.decode()
    client.post("/join/mine/", {"team": str(team.id)})
    made = Application.objects.get()
    assert (made.team, made.name, made.team_name) == (team, "Tern", "Tern PSIRT")
    assert made.group == house.group
    assert made.applicant == person


@pytest.mark.parametrize("which", ["listed", "not leading", "retired"])
def test_for_no_other_team_anybody_applies(which):
    house = OrganisationFactory(state="listed" if which == "listed" else "provisional")
    team = TeamFactory(organisation=house)
    role = TeamRole.MEMBER if which == "not leading" else TeamRole.REPRESENTATIVE
    person = member_of(team, role)
    principal = principal_of(person)
    if which == "retired":
        team.retired_at = team.created_at
    with pytest.raises(DomainError, match="provisional team"):
        doors.begin(principal=principal, person=person, team=team)
