"""Reads of a case's conversations: which ones the viewer reads, and the messages in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from tcert.community.talks import reading
from tcert.community.talks.reading import Cut
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.queries import holders_of
from tcert.response.cases.enums import ThreadPurpose
from tcert.response.cases.models import Case, CaseThread, ThreadReader
from tcert.response.cases.models.case import acting_team_ids

PER_PAGE, FEWEST = reading.PER_PAGE, reading.FEWEST


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread as the viewer's list shows it."""

    link: CaseThread
    label: str
    short: str
    count: int
    last_on: Any

    @property
    def rest(self) -> str:
        """Return what the short name leaves out, for who hears the name and does not see it."""
        return self.label.removeprefix(self.short) if self.label.startswith(self.short) else ""


def talks(case: Case, principal: Principal) -> list[Talk]:
    """Return the threads that the viewer reads, the report first, the busiest next."""
    order = [
        ThreadPurpose.REPORT,
        ThreadPurpose.REPORTER,
        ThreadPurpose.DESK,
        ThreadPurpose.VENDORS,
        ThreadPurpose.PRODUCT,
        ThreadPurpose.ALL,
    ]
    links = (
        CaseThread.objects.of_case(case, principal)
        .exclude(purpose=ThreadPurpose.TITLE)
        .select_related("participant__team", "product")
    )
    for link in links:
        link.case = case  # One case, read once, for all its conversations.
    served = dict(
        Message.objects.visible_to(holders_of(principal), [link.thread_id for link in links])
        .order_by()
        .values_list("thread")
        .annotate(n=Count("id"))
        .values_list("thread", "n")
    )
    newest = dict(
        Message.objects.filter(thread__in=list(served))
        .order_by()
        .values_list("thread")
        .annotate(last=Max("created_on"))
        .values_list("thread", "last")
    )
    found = [
        Talk(
            link=link,
            label=label_of(link, principal),
            short=_short_label(link, principal),
            count=served.get(link.thread_id, 0),
            last_on=newest.get(link.thread_id),
        )
        for link in links
    ]
    return sorted(found, key=lambda t: (order.index(ThreadPurpose(t.link.purpose)), t.label))


def label_of(link: CaseThread, principal: Principal) -> str:
    """Return a thread's name as the viewer calls it."""
    purpose = ThreadPurpose(link.purpose)
    if purpose is ThreadPurpose.DESK and link.participant is not None:
        coordinator = link.case.coordinating_team
        if link.participant.team_id in acting_team_ids(principal):
            return _("You and %(team)s") % {"team": coordinator.name}
        return _("%(party)s and %(team)s") % {
            "party": link.participant.name,
            "team": coordinator.name,
        }
    if purpose is ThreadPurpose.PRODUCT and link.product is not None:
        return link.product.name
    return str(link.get_purpose_display())


def _short_label(link: CaseThread, principal: Principal) -> str:
    """Return the name without the side that all tabs share: for the desk the party's alone."""
    other = link.purpose == ThreadPurpose.DESK and link.participant
    if other and other.team_id not in acting_team_ids(principal):
        return other.name
    return label_of(link, principal)


def asked_to_join(case: Case, principal: Principal) -> QuerySet[ThreadReader]:
    """Return the wide threads that the viewer's teams are asked to join."""
    return ThreadReader.objects.filter(
        thread__case=case,
        participant__case=case,
        participant__team__in=acting_team_ids(principal),
        asked_at__isnull=False,
        joined_at__isnull=True,
        left_at__isnull=True,
    ).select_related("thread__product", "participant__team")


def page_of(link: CaseThread, principal: Principal, query: Mapping[str, str]) -> Page[Message]:
    """Return the page of a thread that the address names, as `reading.page_of`."""
    return reading.page_of(link.thread_id, principal, query, cut())


def cut() -> Cut:
    """Return how the conversations of a case are cut into pages."""
    return Cut(PER_PAGE, FEWEST)


def hidden_count(link: CaseThread, shown: int) -> int:
    """Return how many messages of a thread came before the viewer joined."""
    return link.thread.messages.count() - shown
