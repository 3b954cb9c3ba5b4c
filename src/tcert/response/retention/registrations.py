"""What this room offers to the pages of others: links, what waits for a person, an act of two."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.desk.acts import DangerousAct, Values
from tcert.community.desk.acts import register as register_act
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation
from tcert.foundation.ui import navigation, waiting
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.response.cases import acts
from tcert.response.cases.models import Case
from tcert.response.cases.models.case import CaseQuerySet
from tcert.response.retention import queries
from tcert.response.retention.domain import holds, reminding
from tcert.response.retention.models import Hold

LONGEST_LIST = 20


def what_waits(principal: Principal) -> Iterator[Waiting]:
    """Yield cases about to be deleted, cases that sleep, and holds to look at again."""
    if not principal.is_member:
        return
    for case in queries.soon_deleted(principal, LONGEST_LIST):
        yield Waiting(
            title=_("%(case)s is about to be deleted") % {"case": case.name},
            why=_("it was closed, and its time is over; you can take a copy of your part"),
            otherwise=_("its content is deleted, and nobody can bring it back"),
            url=reverse("retention:keeping", args=[case.id]),
            due=case.deletes_at,
        )
    cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
    coordinated = cases.coordinated_by(principal)
    for case in reminding.asleep(coordinated)[:LONGEST_LIST]:
        yield Waiting(
            title=_("Nothing happens in %(case)s") % {"case": case.name},
            why=_("60 days without an act or a message; close it, or go on with it"),
            otherwise=_("it stays open, and nothing of it is ever deleted"),
            url=reverse("cases:case", args=[case.id]),
            urgency=Urgency.WHENEVER,
        )
    due = reminding.holds_to_review().filter(coordinated.this("case"))
    for hold in due[:LONGEST_LIST]:
        yield Waiting(
            title=_("Legal hold to look at again: %(case)s") % {"case": hold.case.name},
            why=_("the day that was named for it has come"),
            otherwise=_("the hold stays, and the case is kept without anybody knowing why"),
            url=reverse("retention:keeping", args=[hold.case_id]),
        )


def _lift_hold(by: Principal, hold: Hold, values: Values, confirmed: Confirmation) -> None:
    holds.lift_hold(principal=by, hold=hold, reason=values["reason"], confirmation=confirmed)


register_act(
    DangerousAct(
        name=holds.LIFT,
        title=gettext_lazy("Lift a legal hold"),
        model=Hold,
        permission=Permission.CASES_CASE_COORDINATE,
        carry_out=_lift_hold,
        state=lambda hold: (hold.case_id, hold.lifted_at, hold.review_on, hold.reason),
        about=lambda hold: ("case", hold.case_id),
        asked_of=lambda hold: hold.case,
        shown=lambda hold, values: [
            (gettext_lazy("Case"), hold.case.name),
            (gettext_lazy("Demanded by"), hold.reason),
            (gettext_lazy("Why it is lifted"), values["reason"]),
        ],
    )
)
acts.register_page(gettext_lazy("Keeping, holds and your copy"), "retention:keeping")
navigation.register(
    navigation.Section.DESK,
    gettext_lazy("Requests by authorities"),
    "retention:requests",
    Permission.RETENTION_REQUESTS_MANAGE,
    order=830,
)
navigation.register(
    navigation.Section.DESK,
    gettext_lazy("Deleted cases"),
    "retention:deleted",
    Permission.CASES_BOARD_READ,
    order=50,
)
navigation.register(
    navigation.Section.FOOT, gettext_lazy("When we are compelled"), "retention:compelled", order=60
)
waiting.register(what_waits)
