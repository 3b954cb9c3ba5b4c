"""What the desk's watch over itself asks of its people."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.desk import queries
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting

ASK_BEFORE = timedelta(days=14)


def declaration(principal: Principal) -> Iterator[Waiting]:
    """Ask a coordinator to declare, and to confirm two weeks before the declaration lapses."""
    if not principal.is_desk:
        return
    found = queries.declaration_of(principal.person_id)
    if found is not None and found.holds_until > clock.now() + ASK_BEFORE:
        return
    lapsed = found is None or not found.is_current
    yield Waiting(
        title=_("Declare your interests") if found is None else _("Confirm your interests"),
        why=_("You belong to the desk, and what concerns your own house is kept from you."),
        otherwise=_("Coordinator rights stay off."),
        url=reverse("desk:declaration"),
        urgency=Urgency.NOW if lapsed else Urgency.SOON,
        due=None if found is None or lapsed else found.holds_until,
    )
