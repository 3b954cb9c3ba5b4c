"""What time does to claims: they run out, their proof lapses, and their holders are reminded."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.claims import queries
from tcert.community.claims.domain import disputes, states
from tcert.community.claims.domain.verifying import lapse_questions
from tcert.community.claims.enums import Act, Outcome, State
from tcert.community.claims.models import Claim
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.principal import SYSTEM

AT_ONCE = 5_000
"""So many does one run take; the next run takes the others."""


def age() -> int:
    """Let run out what has run out, and lapse what is proven no longer; returns how many."""
    now = clock.now()
    lapse_questions(now)
    over = Claim.objects.counting().filter(valid_until__lte=now)
    stale = Claim.objects.filter(state=State.VERIFIED, verified_until__lte=now)
    moved = [_aged(pk, Act.EXPIRE, now) for pk in _some(over)]
    moved += [_aged(pk, Act.LAPSE, now) for pk in _some(stale)]
    return sum(moved)


def _some(found: QuerySet[Claim]) -> list[UUID]:
    return list(found.order_by("id").values_list("id", flat=True)[:AT_ONCE])


@transaction.atomic
def _aged(claim_id: UUID, act: Act, now: datetime) -> bool:
    """Move one claim, unless its holder has prolonged it or proven it anew meanwhile."""
    claim = Claim.objects.select_for_update(of=("self",)).filter(pk=claim_id).first()
    end = (
        None if claim is None else claim.valid_until if act == Act.EXPIRE else claim.verified_until
    )
    if claim is None or end is None or end > now:
        return False
    try:
        lapsed = {"verified_from": None, "verified_until": None} if act == Act.LAPSE else {}
        moved = states.move(principal=SYSTEM, claim=claim, act=act, **lapsed)
    except AlreadyDone:
        return False
    if act == Act.EXPIRE:
        disputes.close(principal=SYSTEM, claim=moved, outcome=Outcome.MOOT)
    return True


@transaction.atomic
def remind() -> int:
    """Tell holders once a month that claims run out or are to be verified anew within 30 days."""
    now = clock.now()
    ending = Claim.objects.counting().filter(queries.ends_soon(now))
    organisations = set(ending.order_by().values_list("organisation_id", flat=True).distinct())
    first = queries.first_teams(organisations)
    for organisation_id, team_id in first.items():
        path = reverse("claims:of_organisation", args=[organisation_id])
        notify_team(
            team_id,
            subject=_("Claims of yours are about to run out"),
            text=_("Within 30 days they end, or are to be verified anew. Look at each.")
            + f"\n\n{settings.BASE_URL}{path}?state=ending\n",
            key=f"claims-ending:{organisation_id}:{now:%Y-%m}",
        )
    return len(first)
