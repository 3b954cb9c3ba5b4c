"""Offers and needs, and what stands around them."""

from datetime import timedelta

import factory
from tests.factories.accounts import PersonFactory
from tests.factories.directory import OrganisationFactory, TeamFactory

from tcert.community.directory.enums import OrganisationKind
from tcert.community.market.enums import Act, ContactState, Ground, Kind, State, Terms
from tcert.community.market.models import (
    Contact,
    Entry,
    Happened,
    MeasureClaim,
    Report,
)
from tcert.foundation.kernel import clock


class OfferFactory(factory.django.DjangoModelFactory):
    """An offer that is on the list."""

    class Meta:
        model = Entry

    kind = Kind.OFFER
    team = factory.SubFactory(TeamFactory)
    subject = "test-bed"
    title = factory.Sequence(lambda n: f"Test-bed {n}")
    text = "Two weeks a year."
    terms = Terms.FREE
    state = State.PUBLISHED
    listed_from = factory.LazyFunction(clock.today)
    valid_until = factory.LazyFunction(lambda: clock.today() + timedelta(days=90))


class NeedFactory(OfferFactory):
    """A need whose team is not shown."""

    kind = Kind.NEED
    is_unnamed = True
    title = factory.Sequence(lambda n: f"Need {n}")


class ProviderFactory(TeamFactory):
    """A team of a solution provider."""

    organisation = factory.SubFactory(OrganisationFactory, kind=OrganisationKind.SOLUTION_PROVIDER)


class MeasureClaimFactory(factory.django.DjangoModelFactory):
    """A provider's claim."""

    class Meta:
        model = MeasureClaim

    entry = factory.SubFactory(OfferFactory, team=factory.SubFactory(ProviderFactory))
    measure = "Gate 3.1"
    requirement = "TS 33.117 4.2.3.4.2.1"


class ContactFactory(factory.django.DjangoModelFactory):
    """A question that waits."""

    class Meta:
        model = Contact

    entry = factory.SubFactory(NeedFactory)
    team = factory.SubFactory(TeamFactory)
    state = ContactState.ASKED


class ReportFactory(factory.django.DjangoModelFactory):
    """A report on which the desk has not decided."""

    class Meta:
        model = Report

    entry = factory.SubFactory(OfferFactory)
    person = factory.LazyFunction(lambda: PersonFactory().id)
    ground = Ground.FALSE_CLAIM
    text = "The test-bed does not exist."


class HappenedFactory(factory.django.DjangoModelFactory):
    """A line of a history."""

    class Meta:
        model = Happened

    entry = factory.SubFactory(OfferFactory)
    act = Act.ENTER
