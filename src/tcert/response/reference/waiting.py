"""What reference data ask of the desk."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.response.reference import packaged
from tcert.response.reference.enums import Source
from tcert.response.reference.models import Edition


def desk(principal: Principal) -> Iterator[Waiting]:
    """Show that an upgrade brought another version of the list than the one in use."""
    if not principal.is_desk:
        return
    current = Edition.objects.current(Source.NETWORKS)
    about = packaged.newer_than(current.version) if current else None
    if current is None or about is None:
        return
    yield Waiting(
        title=_("A newer list of network codes: %(version)s") % {"version": about.version},
        why=_("It came with an upgrade. You see what it changes before you take it."),
        otherwise=_("Codes are read and told as version %(version)s has them.")
        % {"version": current.version},
        url=reverse("reference:refresh"),
        urgency=Urgency.WHENEVER,
    )
