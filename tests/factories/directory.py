"""Organisations, teams and people in teams."""

import factory
from tests.factories.accounts import PersonFactory

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import OrganisationKind, TeamKind, TeamRole
from tcert.community.directory.models import Organisation, Team, TeamMembership


class OrganisationFactory(factory.django.DjangoModelFactory):
    """A listed operator."""

    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Operator {n}")
    short_name = factory.Sequence(lambda n: f"OP{n}")
    kind = OrganisationKind.MNO
    country = "XA"


class TeamFactory(factory.django.DjangoModelFactory):
    """A CERT of an operator."""

    class Meta:
        model = Team

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"CERT {n}")
    kind = TeamKind.CERT


class HubFactory(OrganisationFactory):
    """The organisation that runs the hub; there is one."""

    class Meta:
        model = Organisation
        django_get_or_create = ("name",)

    name = "TCERT"
    short_name = "TCERT"
    kind = OrganisationKind.HUB


class DeskFactory(TeamFactory):
    """The triage desk; there is one, so a second call returns the first."""

    class Meta:
        model = Team
        django_get_or_create = ("is_desk",)

    organisation = factory.SubFactory(HubFactory)
    name = "TCERT desk"
    kind = TeamKind.DESK
    is_desk = True


class TeamMembershipFactory(factory.django.DjangoModelFactory):
    """A member of a team."""

    class Meta:
        model = TeamMembership

    team = factory.SubFactory(TeamFactory)
    person = factory.SubFactory(PersonFactory)
    role = TeamRole.MEMBER


def member_of(team: Team, role: TeamRole = TeamRole.MEMBER, **person: object) -> Person:
    """Create a person with a place in a team."""
    return TeamMembershipFactory(team=team, role=role, person=PersonFactory(**person)).person


def coordinator_of_desk(**person: object) -> Person:
    """Create a person of the desk (made if it is missing); switching the rights on is apart."""
    return member_of(DeskFactory(), TeamRole.REPRESENTATIVE, **person)
