"""The record of the promise as it is shown: to who is about to write, and on the desk's page."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock
from tcert.response.cases.models import PromisedAnswer
from tcert.response.cases.promise import (
    PROMISED_WORKING_DAYS,
    Measured,
    Owed,
    measure,
    months_measured,
)

LONGEST_PROMISE = timedelta(days=14)


def record_of_promise() -> Measured:
    """Measure how the desk kept its promise."""
    today = clock.today()
    first, last = months_measured(today)
    rows = PromisedAnswer.objects.filter(
        team__is_desk=True, received_on__range=(first - LONGEST_PROMISE, last)
    )
    # Counted by day in the database: a flood of reports must not make the page slow.
    days = rows.order_by().values_list("received_on", "answered_on").annotate(count=Count("id"))
    owed = (Owed(received, answered) for received, answered, count in days for _one in range(count))
    return measure(owed, today)


def promise_in_words() -> str:
    """Say what the desk promises."""
    return ngettext(
        "The desk promises an answer within %(days)d working day.",
        "The desk promises an answer within %(days)d working days.",
        PROMISED_WORKING_DAYS,
    ) % {"days": PROMISED_WORKING_DAYS}


def record_in_words(measured: Measured) -> str:
    """Say how the promise was kept, or that there were too few reports to tell."""
    until = date_format(measured.until, "F Y")
    if not measured.tells:
        return _(
            "In the twelve months to the end of %(until)s too few reports came to tell how well "
            "this was kept."
        ) % {"until": until}
    kept = _(
        "In the twelve months to the end of %(until)s it was kept for %(kept)d of %(total)d "
        "reports."
    ) % {"until": until, "kept": measured.kept, "total": measured.total}
    if measured.median is None:
        return kept + " " + _("Half of them or more had no answer by then.")
    half = ngettext(
        "Half of them were answered within %(days)d working day.",
        "Half of them were answered within %(days)d working days.",
        measured.median,
    ) % {"days": measured.median}
    return f"{kept} {half}"


def on_the_page_of(team: Team) -> Iterator[str]:
    """Yield what the public page of the desk says of its promise."""
    if team.is_desk:
        yield promise_in_words()
        yield record_in_words(record_of_promise())
