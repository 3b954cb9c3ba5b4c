"""What this room puts into lower ones: lines of my day, names of talks, whose records are shown."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tcert.community.talks import origins
from tcert.community.talks.origins import Origin
from tcert.foundation.kernel import records
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.ui.waiting import register
from tcert.response.requests import waiting
from tcert.response.requests.models import DELETED, SUBJECT, DeletedRequest, Request


def origins_of(request_ids: Collection[UUID]) -> Mapping[UUID, Origin]:
    """Return what the talks of requests are called, and until when they are kept."""
    return {
        found.id: Origin(
            _("%(reference)s: request for %(kind)s")
            % {"reference": found.reference, "kind": found.kind_label},
            reverse("requests:request", args=[found.id]),
            Tlp(found.tlp),
            kept=_kept(found),
        )
        for found in Request.objects.filter(id__in=request_ids)
    }


def _kept(found: Request) -> str:
    if found.deletes_on is None:
        return _("Deleted for good, with its files, some time after the request is over.")
    return _("Deleted for good, with its files, on %(day)s: the request is over.") % {
        "day": date_format(found.deletes_on, "j F Y")
    }


register(waiting.requests)
origins.register(SUBJECT, origins_of, ends_it=True)
# To no coordinator, not even of one of the two teams: a record names who acted for the other one,
# and what was deleted, listed by its days, would count what the year hides.
records.confine(SUBJECT, lambda _principal: Request.objects.none())
records.confine(DELETED, lambda _principal: DeletedRequest.objects.none())
