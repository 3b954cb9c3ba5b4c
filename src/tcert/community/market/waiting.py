"""What the marketplace asks of people, for my day."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tcert.community.market import queries
from tcert.community.market.models import Report
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def entries(principal: Principal) -> Iterator[Waiting]:
    """Yield one line for what ends soon, and one for teams that ask; one question in all."""
    told = queries.counted(principal)
    if told["asked"]:
        yield Waiting(
            title=ngettext(
                "A team asks to talk about a need of yours",
                "Teams ask %(count)d times to talk about needs of yours",
                told["asked"],
            )
            % {"count": told["asked"]},
            why=_("it does not know whose need it is; only your answer tells"),
            otherwise=_("after 30 days it is over without an answer"),
            url=reverse("market:mine"),
        )
    if told["ending"]:
        yield Waiting(
            title=ngettext(
                "Say if an entry on the marketplace is true still",
                "Say if %(count)d entries on the marketplace are true still",
                told["ending"],
            )
            % {"count": told["ending"]},
            why=_("its time ends within two weeks"),
            otherwise=_("others do not see it any more after that day"),
            url=reverse("market:mine"),
            urgency=Urgency.WHENEVER,
        )


def reports(principal: Principal) -> Iterator[Waiting]:
    """Ask the desk to decide on entries that were reported."""
    if not principal.is_desk:
        return
    waiting = Report.objects.waiting().count()
    if waiting:
        yield Waiting(
            title=_("Entries of the marketplace to look at: %(count)d") % {"count": waiting},
            why=_("members say that something is wrong with them"),
            otherwise=_("they stay on the list"),
            url=reverse("market:reports"),
        )
