"""What organisations have to report."""

import factory
from tests.factories.directory import OrganisationFactory

from tcert.community.duties.enums import Trigger
from tcert.community.duties.models import Duty
from tcert.foundation.kernel.tlp import Tlp


class DutyFactory(factory.django.DjangoModelFactory):
    """A duty that members read."""

    class Meta:
        model = Duty

    organisation = factory.SubFactory(OrganisationFactory)
    law = factory.Sequence(lambda n: f"Act {n}, section 4")
    trigger = Trigger.INCIDENT
    authority = "national CSIRT"
    hours = 24
    tlp = Tlp.GREEN
