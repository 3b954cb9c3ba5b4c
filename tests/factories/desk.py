"""What coordinators have declared."""

from uuid import UUID, uuid4

import factory
from tests.factories.accounts import PersonFactory
from tests.factories.directory import OrganisationFactory

from tcert.community.desk.enums import InterestKind
from tcert.community.desk.models import Interest
from tcert.foundation.kernel.second import Confirmation


class InterestFactory(factory.django.DjangoModelFactory):
    """An interest that counts today."""

    class Meta:
        model = Interest

    person = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    kind = InterestKind.CUSTOMER


def confirmed(act: str, object_id: UUID) -> Confirmation:
    """Return what a second coordinator's yes hands in, for tests of the act itself."""
    return Confirmation(act, object_id, uuid4())
