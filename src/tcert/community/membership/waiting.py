"""What vouches ask of the people who lead teams, and of the desk."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.rules import led_team_ids
from tcert.community.membership import queries
from tcert.community.membership.models import RENEW_BEFORE, Review, Vouch
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def vouches(principal: Principal) -> Iterator[Waiting]:
    """Ask who leads a team to renew what runs out, and say that too few stand for the team."""
    leading = led_team_ids(principal)
    if not leading or not principal.is_member:
        return
    now = clock.now()
    ending = Vouch.objects.visible_to(principal).standing(now).with_teams()
    ending = ending.filter(from_team__in=leading, expires_at__lte=now + RENEW_BEFORE)
    for vouch in ending.order_by("expires_at", "id")[: queries.LONGEST_LIST]:
        yield Waiting(
            title=_("Renew your vouch for %(team)s, or let it end") % {"team": vouch.to_team.name},
            why=_("You speak for the team that gave it."),
            otherwise=_("It ends on that day, and your team no longer stands for them."),
            url=reverse("membership:renew", args=[vouch.id]),
            due=vouch.expires_at,
        )
    thin = Review.objects.visible_to(principal).open().filter(team__in=leading)
    for review in thin.select_related("team"):
        yield Waiting(
            title=_("Fewer than two houses vouch for %(team)s") % {"team": review.team.name},
            why=_("You speak for the team. Ask teams that know you."),
            otherwise=_("Nothing is taken from the team by itself; a coordinator looks at it."),
            url=reverse("membership:vouches"),
            urgency=Urgency.WHENEVER,
        )


def reviews(principal: Principal) -> Iterator[Waiting]:
    """Ask the desk to look at teams that fell below two houses; one line, whatever their number."""
    if not principal.is_desk:
        return
    waiting = Review.objects.open().filter(seen_at=None)
    count = waiting.count()
    if count:
        yield Waiting(
            title=_("Teams that too few vouch for: %(count)d") % {"count": count},
            why=_("Two houses stood for each of them, and no longer do."),
            otherwise=_("Nobody asks what has changed; nothing is taken from a team by itself."),
            url=reverse("membership:review"),
            urgency=Urgency.WHENEVER,
        )
