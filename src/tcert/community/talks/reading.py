"""What any page with a sealed conversation reads: its messages, cut into pages, and its outline."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.queries import holders_of

PER_PAGE, FEWEST = 40, 20
"""Messages on a page, and on the newest one at least: fewer stand on the page before."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How a thread is cut into pages: messages on one, and on the newest one at least."""

    per_page: int = PER_PAGE
    fewest: int = FEWEST


WHOLE_PAGES = Cut()


@dataclass(frozen=True, slots=True)
class Claim:
    """What the hub claims of a message, in short: the browser holds the whole thread against it."""

    id: UUID
    sha256: str
    author: str
    kind: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a viewer is told of one message that somebody cannot open."""

    own: bool = False
    """The viewer's own team said that it cannot open it."""
    names: tuple[str, ...] = ()
    """Who else cannot, as far as the viewer may know them."""
    answered: bool = False
    """For all of these the sender has written, or handed it over, since."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a room serves a message, an attachment, and the word that a message does not open."""

    message: Callable[[UUID], str]
    file: Callable[[UUID], str]
    unopened: Callable[[UUID], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a page shows it: who wrote it in words, and where to fetch it."""

    message: Message
    author: str
    mine: bool
    told: Told | None
    url: str
    unopened_url: str
    files: tuple[tuple[str, int], ...]
    """Address and sealed size of each attachment."""


def shown(
    messages: Iterable[Message],
    principal: Principal,
    *,
    names: Callable[[Message], str],
    told: Mapping[UUID, Told],
    addresses: Addresses,
) -> list[Shown]:
    """Return messages as the viewer's page shows them."""
    return [
        Shown(
            message=message,
            author=names(message),
            mine=is_own(message, principal),
            told=told.get(message.id),
            url=addresses.message(message.id),
            unopened_url=addresses.unopened(message.id),
            files=tuple((addresses.file(file.id), file.size) for file in message.files.all()),
        )
        for message in messages
    ]


def is_own(message: Message, principal: Principal) -> bool:
    """Tell whether a team of the person wrote it."""
    return message.author_kind == HolderKind.TEAM and message.author_id in principal.team_ids


def outline(thread_ids: Collection[UUID], principal: Principal) -> dict[UUID, list[Claim]]:
    """Return all that was sealed to the viewer in several threads, oldest first, by the thread."""
    found: dict[UUID, list[Claim]] = {thread_id: [] for thread_id in thread_ids}
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


def page_of(
    thread_id: UUID, principal: Principal, query: Mapping[str, str], cut: Cut = WHOLE_PAGES
) -> Page[Message]:
    """Return the page of a thread that the address names, by number or by a message on it.

    Pages are cut from the oldest message on, so that one keeps what it shows; without a wish it is
    the newest one, which is never nearly empty.
    """
    found = (
        Message.objects.visible_to(holders_of(principal), [thread_id])
        .prefetch_related("files")
        .defer("body")
        .order_by("position")
    )
    pages = Paginator(found, cut.per_page, orphans=cut.fewest)
    wanted: Any = query.get("messages", pages.num_pages)
    if "messages" not in query and (place := _place(found, query.get("message", ""))) is not None:
        wanted = min(place // cut.per_page + 1, pages.num_pages)
    return pages.get_page(wanted)


def _place(found: QuerySet[Message], text: str) -> int | None:
    """Return how many messages come before the one that an address names."""
    try:
        position = found.values_list("position", flat=True).get(id=UUID(text))
    except (ValueError, Message.DoesNotExist):
        return None
    return found.filter(position__lt=position).count()
