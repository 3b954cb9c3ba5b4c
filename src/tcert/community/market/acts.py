"""Withdrawing a reported entry, as an act of two."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from tcert.community.desk.acts import DangerousAct, Values, Words, register
from tcert.community.market import vocabulary
from tcert.community.market.domain import reports
from tcert.community.market.enums import Ground
from tcert.community.market.models import Report
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation


def _take_off(by: Principal, about: Report, values: Values, confirmed: Confirmation) -> None:
    reports.take_off(principal=by, about=about, reason=values["reason"], confirmation=confirmed)


def _shown(about: Report, values: Values) -> Iterable[tuple[Words, object]]:
    yield _("Entry"), about.entry.title
    yield _("Reported because"), vocabulary.GROUNDS[Ground(about.ground)]
    yield _("What its team reads"), values["reason"]


register(
    DangerousAct(
        name=reports.TAKE_OFF,
        title=_("Withdraw a reported entry of the marketplace"),
        model=Report,
        permission=Permission.MARKET_REPORTS_SETTLE,
        carry_out=_take_off,
        state=lambda about: (about.settled_at, about.entry.title, about.entry.text),
        about=lambda about: ("market-report", about.id),
        asked_of=lambda about: about,
        shown=_shown,
    )
)
