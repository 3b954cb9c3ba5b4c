"""Vouches of teams for teams, and reviews."""

from datetime import timedelta

import factory
from tests.factories.directory import TeamFactory

from tcert.community.directory.models import Team
from tcert.community.membership.enums import Basis
from tcert.community.membership.models import Review, Vouch
from tcert.community.membership.trust import YEAR
from tcert.foundation.kernel import clock


class VouchFactory(factory.django.DjangoModelFactory):
    """A vouch that stands, given a month ago."""

    class Meta:
        model = Vouch

    from_team = factory.SubFactory(TeamFactory)
    to_team = factory.SubFactory(TeamFactory)
    basis = Basis.WORKED_TOGETHER
    statement = "We handled an incident with them."
    given_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=30))
    expires_at = factory.LazyAttribute(lambda o: o.given_at + YEAR)


class ReviewFactory(factory.django.DjangoModelFactory):
    """An open review."""

    class Meta:
        model = Review

    team = factory.SubFactory(TeamFactory)


def withdrawn(vouch: Vouch, reason: str = "not-known", remark: str = "They moved.") -> Vouch:
    """Let a vouch have been withdrawn yesterday."""
    vouch.withdrawn_at = vouch.ended_at = clock.now() - timedelta(days=1)
    vouch.reason, vouch.remark = reason, remark
    vouch.save()
    return vouch


def stood_for(team: Team, houses: int = 2) -> list[Vouch]:
    """Let teams of so many houses vouch for a team."""
    return [VouchFactory(to_team=team) for _ in range(houses)]
