"""What this room puts into lower ones: lines of my day, names of talks, whose records are shown."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.urls import reverse

from tcert.community.groups import waiting
from tcert.community.groups.models import SUBJECT, Group
from tcert.community.talks import origins
from tcert.community.talks.origins import Origin
from tcert.foundation.kernel import records
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.ui.waiting import register


def origins_of(group_ids: Collection[UUID]) -> Mapping[UUID, Origin]:
    """Return what the talks of groups are called."""
    return {
        group.id: Origin(group.name, reverse("groups:group", args=[group.id]), Tlp(group.tlp))
        for group in Group.objects.filter(id__in=group_ids)
    }


register(waiting.groups)
origins.register(SUBJECT, origins_of)
records.confine(SUBJECT, Group.objects.known_to)
