"""What overlaps is told to both holders and to the desk, in neutral words; nobody wins by it."""

from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.claims import queries
from tcert.community.claims.models import Claim
from tcert.community.directory.queries import desk_team
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock, jobs


def mark(claim: Claim) -> set[UUID]:
    """Mark a claim and what overlaps with it; returns the organisations that are to be told."""
    stretches = queries.stretches_of(claim)
    others = queries.overlapping(stretches, claim.organisation_id)
    found = dict(others.order_by().values_list("id", "organisation_id"))
    if not found:
        return set()
    Claim.objects.filter(id__in=[claim.id, *found]).update(overlapped_at=clock.now())
    return {claim.organisation_id, *found.values()}


@jobs.job("claims:look-for-overlaps")
def look(claim: UUID) -> None:
    """Mark what overlaps with a claim and tell both sides.

    After the act: of two that are entered at once neither sees the other before both are stored.
    """
    found = Claim.objects.counting().filter(pk=claim).first()
    if found is not None:
        with transaction.atomic():
            tell(mark(found), key=f"{claim}:{found.changed_at:%Y%m%dT%H%M%S}")


def tell(organisations: Collection[UUID], *, key: str) -> None:
    """Tell one team of each organisation, and the desk; `key` keeps it from being told twice."""
    if not organisations:
        return
    for organisation_id, team_id in queries.first_teams(organisations).items():
        path = reverse("claims:of_organisation", args=[organisation_id])
        notify_team(
            team_id,
            subject=_("A claim of yours overlaps with another one"),
            text=_(
                "Another organisation claims something that overlaps with a claim of yours. Both "
                "stand. If you think that theirs is wrong, open the claim and contest it."
            )
            + f"\n\n{settings.BASE_URL}{path}?state=overlaps\n",
            key=f"claims-overlap:{key}:{organisation_id}",
        )
    desk = desk_team()
    if desk is not None:
        notify_team(
            desk.id,
            subject=_("Claims overlap"),
            text=_("Claims of different organisations overlap. Both holders were told.")
            + f"\n\n{settings.BASE_URL}{reverse('claims:queue')}?show=overlaps\n",
            key=f"claims-overlap:{key}:desk",
        )
