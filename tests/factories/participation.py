"""Contributions, absences, offices, and how an organisation comes to stand as a test wants it."""

from datetime import timedelta
from uuid import uuid4

import factory
from tests.factories.directory import OrganisationFactory

from tcert.community.directory.models import Organisation
from tcert.community.participation.enums import AbsenceState
from tcert.community.participation.models import Absence, Contribution, Office, Snapshot, Start
from tcert.foundation.kernel import clock


class ContributionFactory(factory.django.DjangoModelFactory):
    """A young team mentored a month ago."""

    class Meta:
        model = Contribution

    organisation = factory.SubFactory(OrganisationFactory)
    kind = "mentored"
    object_id = factory.LazyFunction(uuid4)
    on = factory.LazyFunction(lambda: clock.today() - timedelta(days=30))


class AbsenceFactory(factory.django.DjangoModelFactory):
    """An absence that waits for an answer: a month from tomorrow on."""

    class Meta:
        model = Absence

    organisation = factory.SubFactory(OrganisationFactory)
    first = factory.LazyFunction(lambda: clock.today() + timedelta(days=1))
    last = factory.LazyAttribute(lambda o: o.first + timedelta(days=29))
    state = AbsenceState.ASKED
    reason = "Two of three places are empty."


class OfficeFactory(factory.django.DjangoModelFactory):
    """An office held since a month."""

    class Meta:
        model = Office

    organisation = factory.SubFactory(OrganisationFactory)
    body = "Plenary"
    title = "Vice chair"
    first = factory.LazyFunction(lambda: clock.today() - timedelta(days=30))


class SnapshotFactory(factory.django.DjangoModelFactory):
    """What last night's look found: in standing."""

    class Meta:
        model = Snapshot

    organisation = factory.SubFactory(OrganisationFactory)
    shown = "good"


class StartFactory(factory.django.DjangoModelFactory):
    """Grace that runs from three years ago, and so is over."""

    class Meta:
        model = Start

    organisation = factory.SubFactory(OrganisationFactory)
    on = factory.LazyFunction(lambda: clock.today() - timedelta(days=3 * 365))


def veteran(organisation: Organisation | None = None, **values: object) -> Organisation:
    """Return an organisation whose grace is long over; with nothing else it has lapsed."""
    found = organisation or OrganisationFactory(**values)
    StartFactory(organisation=found)
    return found


def active(organisation: Organisation | None = None, days: int = 30) -> Organisation:
    """Return a veteran in standing by two contributions of so many days ago."""
    found = veteran(organisation)
    on = clock.today() - timedelta(days=days)
    for _ in range(2):
        ContributionFactory(organisation=found, on=on)
    return found
