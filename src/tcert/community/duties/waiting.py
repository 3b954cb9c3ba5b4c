"""What duties ask of who leads in an organisation."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.models import Organisation
from tcert.community.directory.rules import led_organisation_ids
from tcert.community.duties.models import LOOK_AGAIN, Duty
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def duties(principal: Principal) -> Iterator[Waiting]:
    """Ask once a year whether the duties of the organisation are right still."""
    leading = led_organisation_ids(principal)
    if not leading:
        return
    old = Duty.objects.standing().filter(looked_at__lte=clock.now() - LOOK_AGAIN)
    found = old.filter(organisation__in=leading).values("organisation")
    for one in Organisation.objects.filter(id__in=found).order_by("name"):
        yield Waiting(
            title=_("Are the duties to report of %(name)s right still") % {"name": one.short_name},
            why=_("Nobody has said so for a year."),
            otherwise=_("Others plan with what may have changed."),
            url=reverse("duties:organisation", args=[one.id]),
            urgency=Urgency.WHENEVER,
        )
