"""What requests ask of people, for my day: by counts, never by a kind, a ground or a team."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.response.requests import queries


def requests(principal: Principal) -> Iterator[Waiting]:
    """Yield one line for each kind of thing that waits, by two questions whatever their number."""
    if not (principal.is_member and principal.acting_team_ids):
        return
    told = queries.waiting_counts(principal)
    url = reverse("requests:list")
    if told["unanswered"]:
        yield Waiting(
            title=_("Requests of authorities without an answer: %(count)d")
            % {"count": told["unanswered"]},
            why=_("An authority asks your team. You may ask back, accept, or refuse."),
            otherwise=_("Nothing is handed over; the authority may go another way."),
            url=url,
            urgency=Urgency.NOW if told["pressing"] else Urgency.SOON,
        )
    if told["given"]:
        yield Waiting(
            title=_("Requests that your team accepted, with nothing handed over: %(count)d")
            % {"count": told["given"]},
            why=_("Your team agreed to give something."),
            otherwise=_("The authority waits. Close the request if nothing is to come."),
            url=url,
        )
    if told["unreceived"]:
        yield Waiting(
            title=_("Hand-overs whose receipt your team has not confirmed: %(count)d")
            % {"count": told["unreceived"]},
            why=_("Somebody handed something over to your team."),
            otherwise=_("The chain of custody has no word of yours."),
            url=url,
        )
    if told["holds"] or told["own_holds"]:
        yield Waiting(
            title=_("Preservations that end within a week: %(count)d")
            % {"count": told["holds"] + told["own_holds"]},
            why=_("The day comes until which the data is kept."),
            otherwise=_("The party may delete it from then on."),
            url=url,
        )
