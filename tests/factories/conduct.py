"""Suspensions, exclusions and appeals."""

from datetime import timedelta

import factory
from tests.factories.directory import OrganisationFactory

from tcert.community.conduct.enums import Ground, Kind
from tcert.community.conduct.models import Appeal, Measure
from tcert.community.directory.enums import OrganisationState
from tcert.foundation.kernel import clock


class MeasureFactory(factory.django.DjangoModelFactory):
    """A suspension of 30 days that began yesterday."""

    class Meta:
        model = Measure

    organisation = factory.SubFactory(OrganisationFactory, state=OrganisationState.SUSPENDED)
    kind = Kind.SUSPENSION
    ground = Ground.CONFIDENCE
    reason = "A draft advisory stood in a newspaper."
    imposed_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=1))
    ends_at = factory.LazyAttribute(lambda o: o.imposed_at + timedelta(days=30))


class AppealFactory(factory.django.DjangoModelFactory):
    """An appeal that waits."""

    class Meta:
        model = Appeal

    measure = factory.SubFactory(MeasureFactory)
    text = "It was not us: our copy never left the safe."
