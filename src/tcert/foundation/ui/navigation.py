"""The registry of links: each room says in its apps.py where it can be reached and by whom.

`ui` knows no room. What is not registered, or not granted to the viewer, has no link.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import access
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal

Words = str | Promise


class Section(StrEnum):
    """Where a link stands: groups of the side list in their order, then the other places."""

    DAY = "day"
    RESPONSE = "response"
    COMMUNITY = "community"
    WATCH = "watch"
    ASSURANCE = "assurance"
    DESK = "desk"
    PUBLIC = "public"
    ACCOUNT = "account"
    FOOT = "foot"


_PLACES = {section: place for place, section in enumerate(Section)}

HEADINGS: dict[Section, Words] = {
    Section.DAY: "",
    Section.RESPONSE: _("Response"),
    Section.COMMUNITY: _("Community"),
    Section.WATCH: _("Watch"),
    Section.ASSURANCE: _("Assurance"),
    Section.DESK: _("Desk"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered link."""

    section: Section
    label: Words
    url_name: str
    permission: Permission | None
    order: int
    count: Callable[[Principal], int | None] | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One link as a viewer sees it; `key` is the letter that follows `g` to go there."""

    label: Words
    url: str
    current: bool
    count: int | None
    key: str


@dataclass(frozen=True, slots=True)
class Group:
    """The links of one section under its heading (empty for the first)."""

    name: str
    heading: Words
    links: tuple[Link, ...]


_entries: dict[tuple[Section, str], Entry] = {}
_search: list[tuple[str, Permission | None, Words]] = []


def register(
    section: Section | str,
    label: Words,
    url_name: str,
    permission: Permission | None = None,
    order: int = 100,
    count: Callable[[Principal], int | None] | None = None,
    *,
    key: str = "",
) -> None:
    """Add a link, once per section and address; call it from ``AppConfig.ready``.

    A link without a permission is for everyone. `count` is asked on every page: keep it to one
    indexed query, and return None to show nothing.
    """
    where = Section(str(section).lower())
    _entries[where, url_name] = Entry(where, label, url_name, permission, order, count, key)


def register_search(url_name: str, permission: Permission | None, label: Words) -> None:
    """Say which address answers the search field; the first that the viewer may use is shown."""
    _search.append((url_name, permission, label))


def entries() -> tuple[Entry, ...]:
    """Return all entries in their order, for checks and tests."""
    return tuple(sorted(_entries.values(), key=lambda e: (_PLACES[e.section], e.order)))


def _granted(principal: Principal, permission: Permission | None) -> bool:
    return permission is None or access.allowed(principal, permission)


@cache
def _address(url_name: str) -> str | None:
    try:
        return reverse(url_name)
    except NoReverseMatch:  # `checks.py` reports it; one room's slip must not break every page
        return None


def links(
    principal: Principal, sections: Iterable[Section], path: str = ""
) -> dict[Section, tuple[Link, ...]]:
    """Return the links that the principal may follow, by section, with the current one marked."""
    wanted = set(sections)
    found: list[tuple[Entry, str]] = []
    for entry in entries():
        if entry.section in wanted and _granted(principal, entry.permission):
            url = _address(entry.url_name)
            if url is not None:
                found.append((entry, url))
    matching = [url for _entry, url in found if _leads_to(url, path)]
    here = max(matching, key=len, default=None)
    result: dict[Section, list[Link]] = {section: [] for section in Section if section in wanted}
    for entry, url in found:
        count = entry.count(principal) if entry.count else None
        result[entry.section].append(Link(entry.label, url, url == here, count, entry.key))
    return {section: tuple(items) for section, items in result.items()}


def stand_at(request: HttpRequest, url_name: str) -> None:
    """Say under which link a page belongs, where its address lies under another one."""
    request.stands_at = _address(url_name)  # type: ignore[attr-defined]


def path_of(request: HttpRequest | None) -> str:
    """Return the path by which the side list and the breadcrumbs know where a page belongs."""
    return str(getattr(request, "stands_at", None) or getattr(request, "path", ""))


def here(principal: Principal, path: str) -> tuple[Words, str] | None:
    """Return label and address of the side list's link that `links` would mark, asking no count."""
    found = [
        (entry.label, url)
        for entry in entries()
        if entry.section in HEADINGS
        and _granted(principal, entry.permission)
        and (url := _address(entry.url_name))
        and _leads_to(url, path)
    ]
    return max(found, key=lambda link: len(link[1]), default=None)


def _leads_to(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))


def side_list(principal: Principal, path: str) -> tuple[Group, ...]:
    """Return the groups of the member's side list; empty groups and strangers get none."""
    if not principal.is_person:
        return ()
    by_section = links(principal, HEADINGS, path)
    return tuple(
        Group(section.value, HEADINGS[section], items)
        for section, items in by_section.items()
        if items
    )


def search_target(principal: Principal) -> tuple[str, Words] | None:
    """Return address and label of the search that the principal may use."""
    for url_name, permission, label in _search:
        if _granted(principal, permission):
            url = _address(url_name)
            if url is not None:
                return url, label
    return None
