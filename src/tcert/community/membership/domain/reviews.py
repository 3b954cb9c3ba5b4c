"""Reviews of teams for which too few stand, and what teams are told of vouches that run out."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.membership import queries, trust
from tcert.community.membership.enums import Outcome
from tcert.community.membership.models import RENEW_BEFORE, Review, Vouch
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record

OPEN = "membership:review:open"
CLOSE = "membership:review:close"
MARK = "membership:review:mark"


@transaction.atomic
def look_at(team_ids: Iterable[UUID] | None = None) -> None:
    """Open a review of each team that fell below two houses, and close what has mended itself.

    A team for which two houses never stood did not fall: it is on the coordinators' list, and no
    review opens. Done again it changes nothing.

    Args:
        team_ids: Only these teams; None for all.

    """
    now = clock.now()
    known = queries.given(_received(team_ids))
    houses = queries.houses_of(queries.members())
    counted = trust.houses_for(known, houses, now)
    thin = {team for team in houses if len(counted.get(team, ())) < trust.ENOUGH_HOUSES}
    fallen = trust.once_enough(known, queries.houses_of(Team.objects.all())) & thin
    present = Review.objects.open()
    if team_ids is not None:
        present = present.filter(team__in=list(team_ids))
    for review in present.exclude(team__in=fallen):
        if Review.objects.open().filter(pk=review.pk).update(closed_at=now):
            record(SYSTEM, CLOSE, "team", review.team_id)
    there = set(present.filter(team__in=fallen).values_list("team_id", flat=True))
    for team_id in sorted(fallen - there):
        _open(team_id)


def _received(team_ids: Iterable[UUID] | None) -> QuerySet[Vouch]:
    every = Vouch.objects.all()
    return every if team_ids is None else every.filter(to_team__in=list(team_ids))


def _open(team_id: UUID) -> None:
    """Open a review and tell the team; who was first in a race has done both."""
    try:
        with transaction.atomic():
            review = Review.objects.create(team_id=team_id, opened_at=clock.now())
    except IntegrityError:
        return
    record(SYSTEM, OPEN, "team", team_id)
    address = settings.BASE_URL + reverse("membership:vouches")
    notify_team(
        team_id,
        subject=_("Fewer than two houses vouch for your team"),
        text=_(
            "Nothing is taken from your team by this. A coordinator looks at it. You can ask "
            "teams that know you to vouch for you."
        )
        + f"\n\n{address}\n",
        key=f"vouches-thin:{review.id}",
    )


@transaction.atomic
def mark(*, principal: Principal, review: Review, outcome: Outcome) -> Review:
    """Say as a coordinator what was found; the review stays until two houses stand again.

    Raises:
        AlreadyDone: a colleague has looked a moment ago, or it is closed.

    """
    require(principal, Permission.MEMBERSHIP_REVIEW, review)
    now = clock.now()
    rows = Review.objects.open().filter(pk=review.pk, seen_at=review.seen_at)
    if not rows.update(seen_at=now, seen_by=principal.person_id, outcome=outcome):
        raise AlreadyDone
    record(principal, MARK, "team", review.team_id, outcome=outcome)
    review.seen_at, review.seen_by, review.outcome = now, principal.person_id, outcome
    return review


@transaction.atomic
def remind() -> None:
    """Tell the teams whose vouch runs out within 30 days, once for each end; name nobody."""
    now = clock.now()
    members = queries.members().values("id")
    ending = Vouch.objects.standing(now).filter(
        expires_at__lte=now + RENEW_BEFORE, from_team__in=members, to_team__in=members
    )
    for vouch in ending:
        address = settings.BASE_URL + reverse("membership:renew", args=[vouch.id])
        notify_team(
            vouch.from_team_id,
            subject=_("A vouch of your team is about to run out"),
            text=_("It ends on %(day)s. Renew it if your word still holds, or let it end.")
            % {"day": f"{vouch.expires_at:%d %B %Y}"}
            + f"\n\n{address}\n",
            key=f"vouch-ends:{vouch.id}:{vouch.expires_at:%Y-%m-%d}",
        )
