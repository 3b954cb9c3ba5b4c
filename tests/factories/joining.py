"""Applications to join at each point of their way."""

from datetime import timedelta

import factory
from tests.factories.accounts import PersonFactory
from tests.factories.directory import TeamFactory

from tcert.community.directory.enums import OrganisationKind, TeamKind
from tcert.community.joining import protocol
from tcert.community.joining.enums import State, Word
from tcert.community.joining.models import (
    Application,
    ApplicationMessage,
    Objection,
    Sponsorship,
)
from tcert.foundation.kernel import clock


class ApplicationFactory(factory.django.DjangoModelFactory):
    """A complete draft, whose mail address is proved."""

    class Meta:
        model = Application

    applicant = factory.SubFactory(PersonFactory)
    kind = OrganisationKind.MNO
    name = factory.Sequence(lambda n: f"Newcomer {n}")
    short_name = factory.Sequence(lambda n: f"N{n}")
    country = "XA"
    website = factory.Sequence(lambda n: f"https://newcomer{n}.example/")
    team_name = factory.Sequence(lambda n: f"Newcomer {n} CERT")
    team_kind = TeamKind.CERT
    about = "We answer for the whole network."
    mail = factory.Sequence(lambda n: f"cert@newcomer{n}.example")
    mail_domain = factory.Sequence(lambda n: f"newcomer{n}.example")
    mail_proved_at = factory.LazyFunction(clock.now)
    phone = "+999 0000 0001"


class SponsorshipFactory(factory.django.DjangoModelFactory):
    """A team that was asked."""

    class Meta:
        model = Sponsorship

    application = factory.SubFactory(ApplicationFactory)
    team = factory.SubFactory(TeamFactory)


class ObjectionFactory(factory.django.DjangoModelFactory):
    """An open objection."""

    class Meta:
        model = Objection

    application = factory.SubFactory(ApplicationFactory)
    team = factory.SubFactory(TeamFactory)
    reason = "They sold what they heard."


class ApplicationMessageFactory(factory.django.DjangoModelFactory):
    """A message of the desk."""

    class Meta:
        model = ApplicationMessage

    application = factory.SubFactory(ApplicationFactory)
    by_desk = True
    text = "Who answers at night?"


def word_for(application: Application, **values: object) -> Sponsorship:
    """Let a team of another house have given its word for an applicant."""
    return SponsorshipFactory(
        application=application,
        state=Word.GIVEN,
        basis="met-in-person",
        statement="We met them.",
        answered_at=clock.now(),
        **values,
    )


def submitted(*, examined: bool = False, **values: object) -> Application:
    """Return one that was sent in, and at which the desk has looked if asked for."""
    now = clock.now()
    looked = now if examined else None
    values = {"state": State.SUBMITTED, "submitted_at": now, "examined_at": looked, **values}
    return ApplicationFactory(**values)


def sponsored(**values: object) -> Application:
    """Return one for which two houses stand."""
    now = clock.now()
    values = {"submitted_at": now, "examined_at": now, "state": State.SPONSORED, **values}
    made = ApplicationFactory(**values)
    word_for(made)
    word_for(made)
    return made


def in_period(*, left: timedelta = protocol.OBJECTION_PERIOD, **values: object) -> Application:
    """Return one in its objection period, of which so much is left."""
    return sponsored(state=State.OBJECTIONS, objections_until=clock.now() + left, **values)


def founded() -> None:
    """Let ten organisations be members, so that the founding phase is over."""
    TeamFactory.create_batch(protocol.FOUNDING_MEMBERS)
