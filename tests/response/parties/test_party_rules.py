"""Who may invite beyond the hub, and all that a person of a provisional team may do."""

import pytest
from django.test import Client
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.inventory import EquipmentFactory
from tests.factories.parties import asked_out, brought, joined
from tests.principals import principal_of, sign_in

from tcert.community.desk.domain import acts
from tcert.community.desk.domain.declarations import END
from tcert.community.directory import queries
from tcert.community.directory.enums import TeamKind, TeamRole
from tcert.community.directory.models import Channel, Organisation, Team, TeamKey, TeamMembership
from tcert.community.inventory.models import Equipment, Product
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS, REPORTER
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.advisories.models import Release
from tcert.response.parties.models import PartyInvitation
from tcert.response.parties.registrations import parties_of

pytestmark = pytest.mark.django_db


def test_who_manages_invitations_beyond_the_hub():
    case = CaseFactory()
    party = ParticipantFactory(case=case)
    tied = coordinator_of_desk()
    TeamMembershipFactory(team=TeamFactory(organisation=party.team.organisation), person=tied)
    viewers = {
        "coordinator": principal_of(coordinator_of_desk(), coordinator=True),
        "coordinator in conflict": principal_of(tied, coordinator=True),
        "desk without session": principal_of(coordinator_of_desk()),
        "party": principal_of(member_of(party.team, TeamRole.REPRESENTATIVE)),
        "stranger": principal_of(member_of(TeamFactory())),
        "anonymous": ANONYMOUS,
        "reporter": REPORTER,
    }
    may = {n for n, v in viewers.items() if allowed(v, Permission.PARTIES_INVITATION_MANAGE, case)}
    assert may == {"coordinator"}
    other = TeamFactory()
    viewers["chosen team"] = principal_of(member_of(other))
    chosen = CaseFactory(coordinating_team=other)
    assert not any(
        allowed(v, Permission.PARTIES_INVITATION_MANAGE, chosen) for v in viewers.values()
    )
    asked_out(case, viewers["coordinator"])
    for name, viewer in viewers.items():
        listed = set(PartyInvitation.objects.visible_to(viewer))
        assert listed == {i for i in PartyInvitation.objects.all() if i.is_visible_to(viewer)}
        assert bool(listed) == (name == "coordinator"), name
        assert len(list(parties_of(viewer, case))) == len(listed), name


def test_what_a_person_of_a_provisional_team_may_ever_do():
    _invitation, person = joined()
    own = principal_of(person)
    assert {permission for permission in Permission if allowed(own, permission)} == {
        Permission.ACCOUNTS_OWN_MANAGE,
        Permission.ACCOUNTS_SECOND_FACTOR_SET_UP,
        Permission.ACCOUNTS_VAULT_MANAGE,
        Permission.ADVISORIES_APPROVE,  # these four: of cases that one's own team coordinates
        Permission.ADVISORIES_FINAL_READ,
        Permission.ADVISORIES_PUBLISH,
        Permission.ADVISORIES_READ,
        Permission.ADVISORIES_WRITE,
        Permission.CASES_CASE_COORDINATE,
        Permission.CASES_CASE_INVITE,
        Permission.CASES_CASE_READ,
        Permission.CASES_INVITATION_ANSWER,
        Permission.CASES_ROW_MANAGE,
        Permission.CASES_THREAD_POST,
        Permission.CLAIMS_LINK_USE,
        Permission.CONDUCT_APPEAL,  # these two: of one's own organisation
        Permission.CONDUCT_MEASURE_READ,
        Permission.DIRECTORY_KEY_SHARE,
        Permission.DIRECTORY_READ,
        Permission.DIRECTORY_TEAM_MANAGE,
        Permission.DIRECTORY_TEAM_PUBLISH,
        Permission.DIRECTORY_TEAM_READ,
        Permission.INTAKE_MAILBOX_OPEN,
        Permission.INTAKE_REPORT_SEND,
        Permission.JOINING_APPLY,
        Permission.KEYRING_MANAGE,  # of one's own team, as all of maturity
        Permission.KEYRING_PUBLIC_READ,
        Permission.MATURITY_ASSESS,
        Permission.MATURITY_PATH_MANAGE,
        Permission.MATURITY_PATH_READ,
        Permission.MATURITY_READ,
        Permission.NOTICES_LINK_USE,
        Permission.NOTICES_NOTICE_READ,
        Permission.PARTIES_OWN_READ,
        Permission.PLAYBOOKS_READ,
        Permission.REACHABILITY_LINK_USE,
        Permission.RESPONSIBILITY_LINK_USE,
        Permission.ROUTING_LOOKUPS_READ,
        Permission.SITE_MEMBER,
        Permission.SITE_PUBLIC,
    }


def test_what_is_for_members_is_not_for_a_provisional_team():
    invitation, person = joined()
    own, team = principal_of(person), invitation.team
    other = TeamFactory()
    member_of(other)
    Channel.objects.create(team=other, kind="phone", value="+46 8 1", is_public=False)
    TeamFactory(kind=TeamKind.LAWFUL_INTERCEPTION, name="LI")
    EquipmentFactory()
    assert not Team.objects.visible_to(own).filter(name="LI").exists()
    assert set(TeamMembership.objects.visible_to(own)) == set(team.memberships.all())
    assert set(Channel.objects.visible_to(own)) == set(team.channels.all())
    for model in (Product, Equipment, Release):
        assert not model.objects.visible_to(own).exists()
    for model in (Team, TeamMembership, Channel, Organisation):
        listed = set(model.objects.visible_to(own))
        assert listed == {one for one in model.objects.all() if one.is_visible_to(own)}


@pytest.mark.slow
def test_who_is_tied_to_its_owner_does_not_see_that_a_party_came():
    """It tells that a case is about their house; the case and the invitation are kept from them."""
    top = OrganisationFactory(name="Vale Holding")
    owner = OrganisationFactory(name="Vale Oyj", group=top)
    invitation, person = joined(group=owner)
    house, team = invitation.team.organisation, invitation.team
    brought(invitation, person)
    free, of_its_team, of_the_top, of_itself = (coordinator_of_desk() for _ in range(4))
    TeamMembershipFactory(team=TeamFactory(organisation=owner), person=of_its_team)
    InterestFactory(person=of_the_top, organisation=top)
    InterestFactory(person=of_itself, organisation=house)
    lists = [
        "/my-day/",
        "/directory/?state=all",
        "/directory/directory.csv?state=all",
        "/directory/keys/",
        "/inventory/",
        "/records/",
    ]
    doors = [
        f"/directory/organisations/{house.id}/",
        f"/directory/teams/{team.id}/",
        f"/directory/teams/{team.id}/key/",
        f"/inventory/{house.id}/",
    ]
    for viewer in (free, of_its_team, of_the_top, of_itself):
        sees = viewer == free
        own = principal_of(viewer, coordinator=True)
        for model in (Organisation, Team, TeamMembership, Channel, TeamKey, AuditRecord):
            listed = set(model.objects.visible_to(own))
            assert listed == {one for one in model.objects.all() if one.is_visible_to(own)}
        told = AuditRecord.objects.visible_to(own)
        assert told.filter(object_id__in=[house.id, team.id]).exists() is sees
        assert told.filter(team_id=team.id).exists() is sees
        assert (queries.count_waiting(own) == 1) is sees
        if viewer not in (free, of_the_top):
            continue  # the pages ask the same queries
        client = sign_in(Client(), viewer, coordinator=True)
        shown = [one for one in lists if team.name in client.get(one).content.decode()]
        assert shown == (lists if sees else [])
        choices = client.get("/desk/declaration/").context["form"].fields["organisation"].queryset
        assert (house in choices) is sees
        assert [client.get(one).status_code for one in doors] == [200 if sees else 404] * len(doors)


def test_what_hangs_on_a_party_tells_who_is_tied_to_its_owner_nothing():
    """An interest in it that a colleague ends, and its people where somebody is to be chosen."""
    owner = OrganisationFactory(name="Vale Oyj")
    invitation, person = joined(group=owner)
    colleague, tied = coordinator_of_desk(), coordinator_of_desk()
    InterestFactory(person=tied, organisation=owner)
    entered = InterestFactory(person=colleague, organisation=invitation.team.organisation)
    proposal = acts.propose(
        principal=principal_of(colleague, coordinator=True),
        name=END,
        object_id=entered.id,
        values={"until": clock.today().isoformat()},
        reason="It is over.",
    )
    client = sign_in(Client(), tied, coordinator=True)
    page = client.get(f"/desk/acts/{proposal.id}/").content.decode()
    assert "in an organisation that is not on the list" in page
    assert invitation.team.organisation.name not in page
    assert person not in client.get("/desk/deputy/").context["form"].fields["person"].queryset


def test_of_two_teams_the_provisional_one_declares_nothing_and_is_no_team_to_manage_by():
    person = member_of(TeamFactory())
    invitation = asked_out()
    TeamMembershipFactory(team=joined(invitation)[0].team, person=person, role="representative")
    own, house = principal_of(person), invitation.team.organisation
    assert own.is_member
    assert house.id in own.organisation_ids
    assert house.id not in own.listed_organisation_ids
    assert not allowed(own, Permission.INVENTORY_MANAGE, house)
    assert not allowed(own, Permission.INVENTORY_READ, house)


def test_who_brought_the_key_of_a_party_does_not_confirm_it():
    invitation, person = joined()
    key = brought(invitation, person)
    assert not allowed(principal_of(person), Permission.DIRECTORY_KEY_CONFIRM, key)
