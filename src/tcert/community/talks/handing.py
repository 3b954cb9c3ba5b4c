"""Earlier messages that may be handed over into a conversation, page by page."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.core.paginator import Page, Paginator

from tcert.community.talks import reading
from tcert.community.talks.reading import PER_PAGE
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import Message, Thread

Names = Callable[[Collection[Message]], Callable[[Message], str]]


@dataclass(frozen=True, slots=True)
class Source:
    """A conversation that the viewer reads: its name, and where it is claimed."""

    thread_id: UUID
    label: str
    context_url: str


@dataclass(frozen=True, slots=True)
class Offered:
    """Messages of one conversation in a row: the first and the last place, who wrote each."""

    source: Source
    first: int
    last: int
    items: Sequence[tuple[Message, str, bool]]


def offered(
    into: Thread, sources: Sequence[Source], principal: Principal, number: str | None, names: Names
) -> tuple[list[Offered], Page]:
    """Return what may be handed over of these conversations, and the page of it.

    Never a reporter's wishes. One after the other, so that a conversation of thousands does not
    fill a page.

    Args:
        into: Where it goes.
        sources: The conversations that it may come from.
        principal: Who hands over.
        number: The page as the address names it.
        names: Given the messages of the page, tells who wrote one.

    """
    read = reading.outline([source.thread_id for source in sources], principal)
    lines = [
        (source, place, claim.id)
        for source in sources
        for place, claim in enumerate(read[source.thread_id], 1)
        if claim.kind != Kind.WISHES
    ]
    shown = Paginator(lines, PER_PAGE).get_page(number)
    found = {m.id: m for m in reading.messages_of([key for _s, _p, key in shown])}
    name = names(list(found.values()))
    done = set(
        Message.objects.filter(thread=into, hands_over__isnull=False).values_list(
            "hands_over__original", flat=True
        )
    )
    told = []
    for source, several in groupby(shown, key=itemgetter(0)):
        present = [(place, found[key]) for _source, place, key in several if key in found]
        items = [(m, name(m), m.id in done) for _place, m in present]
        if present:
            told.append(Offered(source, present[0][0], present[-1][0], items))
    return told, shown
