"""What notifications ask of people, for my day: by counts alone."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.response.notifications import queries


def notifications(principal: Principal) -> Iterator[Waiting]:
    """Yield what is not acknowledged, and for the desk what found no one."""
    if not (principal.is_member and principal.acting_team_ids):
        return
    told = queries.waiting_counts(principal)
    if told["silent"]:
        yield Waiting(
            title=_("Notifications that your team has not acknowledged: %(count)d")
            % {"count": told["silent"]},
            why=_("Another team saw something that seems to be yours."),
            otherwise=_("It goes on to the next team of your organisation, then to the desk."),
            url=reverse("notifications:list"),
            urgency=Urgency.NOW if told["pressing"] else Urgency.SOON,
        )
    if told["denied"]:
        yield Waiting(
            title=_("What a colleague said is not your organisation's: %(count)d")
            % {"count": told["denied"]},
            why=_("“Whose is this” names you last for it, or not at all. You lead a team of it."),
            otherwise=_("It stands, and reports on these ranges do not come to you."),
            url=reverse("notifications:organisations"),
            urgency=Urgency.SOON,
        )
    if told["queued"]:
        yield Waiting(
            title=_("Notifications without an answer, at the desk: %(count)d")
            % {"count": told["queued"]},
            why=_("They found nobody, or nobody acknowledged them."),
            otherwise=_("Nobody acts on them."),
            url=reverse("notifications:queue"),
            urgency=Urgency.SOON,
        )
