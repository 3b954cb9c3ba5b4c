"""What this room puts into lower ones: lines of my day, names of talks, whose records are shown."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.talks import origins
from tcert.community.talks.origins import Origin
from tcert.foundation.kernel import records
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.ui.waiting import register
from tcert.response.incidents import waiting
from tcert.response.incidents.models import (
    DELETED,
    NOTES,
    SUBJECT,
    DeletedIncident,
    Incident,
    Party,
    kept_from,
    notes_kept_from,
)


def origins_of(incident_ids: Collection[UUID]) -> Mapping[UUID, Origin]:
    """Return what the talks of incidents are called."""
    return {
        incident.id: Origin(
            f"{incident.number}: {incident.kind_label}",
            reverse("incidents:incident", args=[incident.id]),
            Tlp(incident.tlp),
            kept=_kept(),
        )
        for incident in Incident.objects.filter(id__in=incident_ids)
    }


def origins_of_notes(party_ids: Collection[UUID]) -> Mapping[UUID, Origin]:
    """Return what the own notes of teams on incidents are called."""
    return {
        party.id: Origin(
            _("Own notes on %(number)s") % {"number": party.incident.number},
            reverse("incidents:incident", args=[party.incident_id]),
            Tlp(party.incident.tlp),
            kept=_kept(),
        )
        for party in Party.objects.filter(id__in=party_ids).select_related("incident")
    }


def _kept() -> str:
    return _("Deleted for good, with its files, together with the incident: its page says when.")


register(waiting.incidents)
origins.register(SUBJECT, origins_of, kept=kept_from, ends_it=True)
origins.register(NOTES, origins_of_notes, kept=notes_kept_from, ends_it=True)
records.confine(SUBJECT, Incident.objects.steered_by)
records.confine(DELETED, lambda _principal: DeletedIncident.objects.none())
