"""Talks between teams whose secret keys the test holds."""

from dataclasses import dataclass

import factory
from tests.factories.case_parties import give_key
from tests.factories.directory import TeamFactory, member_of
from tests.factories.sealed import Party, seal_for
from tests.principals import principal_of

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Team
from tcert.community.talks import domain
from tcert.community.talks.domain import opening, writing
from tcert.community.talks.models import Place, Refusal, Talk, Unopened
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.domain.posting import Posted
from tcert.foundation.sealed.models import Message


@dataclass(frozen=True)
class Side:
    """A team with its key and its representative."""

    team: Team
    party: Party
    person: Person

    @property
    def principal(self) -> Principal:
        """The representative, as a request would have them."""
        return principal_of(self.person)

    def place(self, talk: Talk) -> Place:
        """The team's place in a talk."""
        return Place.objects.get(talk=talk, team=self.team)


def side(name: str = "", role: TeamRole = TeamRole.REPRESENTATIVE, **team: object) -> Side:
    """Make a listed team with a key and somebody of this role."""
    made = TeamFactory(**({"name": name} if name else {}), **team)
    return Side(made, give_key(made), member_of(made, role))


def talk_between(opener: Side, *others: Side) -> Talk:
    """Let a team have begun a talk with another one; further ones were asked, and joined."""
    talk = domain.open(principal=opener.principal, from_team=opener.team, to_teams=[others[0].team])
    for other in others[1:]:
        let_join(talk, opener, other)
    return talk


def let_join(talk: Talk, by: Side, other: Side) -> Place:
    """Let a further team be asked into a talk, and join."""
    place = opening.ask(principal=by.principal, talk=talk, by=by.place(talk), team=other.team)
    opening.join(principal=other.principal, place=place)
    return place


def say(author: Side, talk: Talk, *readers: Side, body: str = "text", **about: object) -> Posted:
    """Post a message of a team, sealed to it and to these others."""
    thread = talk.thread
    parties = [author.party, *(reader.party for reader in readers)]
    header = {"kind": about["kind"]} if "kind" in about else {}
    return writing.post(
        principal=author.principal,
        talk=talk,
        set_version=thread.current_set.version,
        sealed=seal_for(thread, author.party, parties, body, **header),
        **about,
    )


def cannot_open(reader: Side, talk: Talk, posted: Posted) -> Unopened:
    """Let a team have said that it cannot open a message."""
    message = Message.objects.get(pk=posted.message_id)
    writing.say_unopened(principal=reader.principal, talk=talk, message=message)
    return Unopened.objects.get(message=message, place=reader.place(talk))


class RefusalFactory(factory.django.DjangoModelFactory):
    """A team that takes no talk from another one."""

    class Meta:
        model = Refusal

    team = factory.SubFactory(TeamFactory)
    other = factory.SubFactory(TeamFactory)
