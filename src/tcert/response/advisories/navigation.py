"""Where advisories are found, and what of them waits for a person."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui import finding, navigation, waiting
from tcert.foundation.ui.finding import Found
from tcert.foundation.ui.navigation import Section
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.response.advisories import queries, standing
from tcert.response.advisories.enums import AdvisoryState, Pending
from tcert.response.advisories.models import Advisory, FinalCopy, TextChange

LONGEST_LIST = 20


def what_waits(principal: Principal) -> Iterator[Waiting]:
    """Yield final texts not yet read, texts to review, and releases that were held back."""
    if not principal.is_in_team or principal.person_id is None:
        return
    unread = FinalCopy.objects.visible_to(principal).filter(
        seen_at=None, text_version=F("advisory__text_version")
    )
    for copy in unread.select_related("advisory")[:LONGEST_LIST]:
        yield Waiting(
            title=_("Final text of %(number)s") % {"number": copy.advisory.number},
            why=_("it concerns you, and you get it before it is public"),
            otherwise=_("it is published as it stands"),
            url=reverse("advisories:final", args=[copy.id]),
            due=copy.advisory.scheduled_for if copy.advisory.is_scheduled else None,
        )
    visible = Advisory.objects.visible_to(principal)
    wrote = TextChange.objects.filter(advisory=OuterRef("pk"), person_id=principal.person_id)
    review = visible.filter(state=AdvisoryState.REVIEW).exclude(Exists(wrote))
    for advisory in review[:LONGEST_LIST]:
        yield Waiting(
            title=_("Advisory to review: %(title)s") % {"title": advisory.text.title},
            why=_("a text needs a second pair of eyes, and you did not write it"),
            otherwise=_("it is not published"),
            url=reverse("advisories:review", args=[advisory.id]),
        )
    late = FinalCopy.objects.filter(
        advisory=OuterRef("pk"), text_version=OuterRef("text_version"), is_late=True
    )
    planned = visible.filter(Exists(late), pending=Pending.RELEASE)
    for advisory in filter(standing.wants_reason, planned[:LONGEST_LIST]):
        yield Waiting(
            title=_("Publication of %(number)s: a party joined late") % {"number": advisory.number},
            why=_("it has the final text for less than 48 hours before the planned time"),
            otherwise=_("the release is held back"),
            url=reverse("advisories:text", args=[advisory.id]),
            due=advisory.scheduled_for,
            urgency=Urgency.NOW,
        )
    for advisory in visible.exclude(held="")[:LONGEST_LIST]:
        yield Waiting(
            title=_("Publication held back: %(number)s") % {"number": advisory.number},
            why=_("something was missing at the planned time"),
            otherwise=_("it stays unpublished"),
            url=reverse("advisories:text", args=[advisory.id]),
            urgency=Urgency.NOW,
        )


def find(principal: Principal, words: str) -> Iterator[Found]:
    """Find what was published by its words; drafts are guarded and never searched."""
    for release in queries.filtered(queries.public_list(principal), words=words)[:LONGEST_LIST]:
        yield Found(
            release.title, reverse("advisories:advisory", args=[release.number]), release.number
        )


navigation.register(
    Section.PUBLIC, gettext_lazy("Advisories"), "advisories:list", Permission.ADVISORIES_READ, 20
)
navigation.register(
    Section.RESPONSE,
    gettext_lazy("Advisories"),
    "advisories:list",
    Permission.ADVISORIES_READ,
    40,
    key="a",
)
navigation.register(
    Section.DESK, gettext_lazy("Advisory texts"), "advisories:work", Permission.ADVISORIES_START, 40
)
waiting.register(what_waits)
finding.register(gettext_lazy("Advisories"), find)
