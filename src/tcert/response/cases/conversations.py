"""Reads of a case's conversations: which ones the viewer reads, and the messages in them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.queries import holders_of
from tcert.response.cases.enums import ThreadPurpose
from tcert.response.cases.models import Case, CaseThread, ThreadReader
from tcert.response.cases.models.case import acting_team_ids

PER_PAGE, FEWEST = 40, 20
"""Messages on a page, and on the newest one at least: fewer stand on the page before."""


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


@dataclass(frozen=True, slots=True)
class Claim:
    """What the hub claims of a message, in short: the browser holds the whole thread against it."""

    id: UUID
    sha256: str
    author: str
    kind: str


def outline(links: Collection[CaseThread], principal: Principal) -> dict[UUID, list[Claim]]:
    """Return all that was sealed to the viewer in several threads, oldest first, by the thread."""
    found: dict[UUID, list[Claim]] = {link.thread_id: [] for link in links}
    lines = (
        Message.objects.visible_to(holders_of(principal), found.keys())
        .order_by("position")
        .values_list("thread", "id", "body_sha256", "author_fingerprint", "kind")
    )
    for thread, message, sha256, author, kind in lines:
        found[thread].append(Claim(message, sha256, author, kind))
    return found


def messages_of(ids: Collection[UUID]) -> QuerySet[Message]:
    """Return these messages, oldest first, without what is sealed in them."""
    found = Message.objects.filter(id__in=ids).prefetch_related("files")
    return found.defer("body").order_by("position")


def page_of(link: CaseThread, principal: Principal, query: Mapping[str, str]) -> Page[Message]:
    """Return the page of a thread that the address names, by number or by a message on it.

    Pages are cut from the oldest message on, so that one keeps what it shows; without a wish it is
    the newest one, which is never nearly empty.
    """
    shown = (
        Message.objects.visible_to(holders_of(principal), [link.thread_id])
        .prefetch_related("files")
        .defer("body")
        .order_by("position")
    )
    pages = Paginator(shown, PER_PAGE, orphans=FEWEST)
    wanted: Any = query.get("messages", pages.num_pages)
    if "messages" not in query and (place := _place(shown, query.get("message", ""))) is not None:
        wanted = min(place // PER_PAGE + 1, pages.num_pages)
    return pages.get_page(wanted)


def _place(shown: QuerySet[Message], text: str) -> int | None:
    """Return how many messages come before the one that an address names."""
    try:
        position = shown.values_list("position", flat=True).get(id=UUID(text))
    except (ValueError, Message.DoesNotExist):
        return None
    return shown.filter(position__lt=position).count()


def hidden_count(link: CaseThread, shown: int) -> int:
    """Return how many messages of a thread came before the viewer joined."""
    return link.thread.messages.count() - shown
