"""Reviews of teams for which too few stand, and what teams are told of vouches that run out."""

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
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


def to_look_at() -> set[UUID]:
    """Return the teams of which a review is to be opened or closed; it changes nothing."""
    present = set(Review.objects.open().values_list("team_id", flat=True))
    return _fallen(Vouch.objects.all(), Team.objects.all()) ^ present


@transaction.atomic
def look_at(team_id: UUID) -> None:
    """Open a review of a team that fell below two houses, or close one that has mended itself.

    A team for which two houses never stood did not fall: it is on the coordinators' list, and no
    review opens. Done again it changes nothing.
    """
    received = Vouch.objects.filter(to_team=team_id)
    concerned = Team.objects.filter(Q(id=team_id) | Q(id__in=received.values("from_team")))
    if team_id in _fallen(received, concerned):
        _open(team_id)
    elif Review.objects.open().filter(team=team_id).update(closed_at=clock.now()):
        record(SYSTEM, CLOSE, "team", team_id)


def _fallen(received: QuerySet[Vouch], concerned: QuerySet[Team]) -> set[UUID]:
    """Return the teams for which enough houses stood once and too few do now."""
    known = queries.given(received)
    houses = queries.houses_of(queries.members() & concerned)
    counted = trust.houses_for(known, houses, clock.now())
    thin = {team for team in houses if len(counted.get(team, ())) < trust.ENOUGH_HOUSES}
    return trust.once_enough(known, queries.houses_of(concerned)) & thin


def _open(team_id: UUID) -> None:
    """Open a review and tell the team, unless it is open; who was first in a race has done both."""
    if Review.objects.open().filter(team=team_id).exists():
        return
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
