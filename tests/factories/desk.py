"""What coordinators have declared."""

import factory
from tests.factories.accounts import PersonFactory
from tests.factories.directory import OrganisationFactory

from tcert.community.desk.enums import InterestKind
from tcert.community.desk.models import Interest


class InterestFactory(factory.django.DjangoModelFactory):
    """An interest that counts today."""

    class Meta:
        model = Interest

    person = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    kind = InterestKind.CUSTOMER
