"""Sharing groups with teams of which somebody leads each."""

from datetime import timedelta

import factory
from tests.factories.directory import TeamFactory
from tests.factories.talks import Side

from tcert.community.directory.models import Team
from tcert.community.groups.domain import entering, founding
from tcert.community.groups.domain.entering import ANSWER_WITHIN, DECIDE_WITHIN
from tcert.community.groups.enums import Admission, Kind, State
from tcert.community.groups.models import Group, Seat, Word
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp

VALUES = {
    "name": "Signalling watchers",
    "kind": Kind.CONFIDENTIAL,
    "tlp": Tlp.AMBER,
    "purpose": "Who sees the same unknown networks tells the others.",
    "rules": "",
    "admission": Admission.STEWARD,
}


class GroupFactory(factory.django.DjangoModelFactory):
    """A confidential group; nobody sits in it yet."""

    class Meta:
        model = Group

    name = factory.Sequence(lambda n: f"Group {n}")
    kind = Kind.CONFIDENTIAL
    tlp = Tlp.AMBER
    purpose = "To share."
    founded_by = factory.SubFactory(TeamFactory)


class SeatFactory(factory.django.DjangoModelFactory):
    """A member's seat."""

    class Meta:
        model = Seat

    group = factory.SubFactory(GroupFactory)
    team = factory.SubFactory(TeamFactory)
    state = State.MEMBER
    joined_at = factory.LazyAttribute(
        lambda o: clock.now() - timedelta(days=9) if o.state == State.MEMBER else None
    )
    answer_by = factory.LazyAttribute(
        lambda o: {
            State.INVITED: clock.now() + ANSWER_WITHIN,
            State.REQUESTED: clock.now() + DECIDE_WITHIN,
        }.get(o.state)
    )
    by_team = factory.LazyAttribute(
        lambda o: o.group.founded_by if o.state == State.INVITED else None
    )


class WordFactory(factory.django.DjangoModelFactory):
    """A word for a team that asks."""

    class Meta:
        model = Word

    seat = factory.SubFactory(SeatFactory, state=State.REQUESTED)
    by_team = factory.SubFactory(TeamFactory)


def group_of(steward: Side, *others: Side, **values: object) -> Group:
    """Let a team have founded a group, and others have been invited and have accepted."""
    group = founding.found(principal=steward.principal, team=steward.team, **{**VALUES, **values})
    for other in others:
        invited = entering.invite(principal=steward.principal, group=group, team=other.team)
        entering.accept(principal=other.principal, seat=invited)
    return group


def seat_of(group: Group, team: Side | Team, **about: object) -> Seat:
    """Return the live seat of a team, or one in another state."""
    found = getattr(team, "team", team)
    about = about or {"state__in": State.live()}
    return Seat.objects.select_related("team__organisation", "group").get(
        group=group, team=found, **about
    )
