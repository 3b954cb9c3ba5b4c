"""What upper rooms offer on the page of a case: acts to begin there, and what they keep of it.

Each registers in its apps.py. Only the coordinating team is shown these, but for the pages that
every party may open; a provider is asked with the principal and yields no more than that person
may see.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.models import Case
from tcert.response.cases.standing import Mark, Words


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be begun from a case; the address takes the case's id alone."""

    label: Words
    url_name: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that another room keeps of a case: its name, its page, how it stands."""

    label: Words
    url: str
    mark: Mark


Provider = Callable[[Principal, Case], Iterable[Line]]

_acts: dict[str, Act] = {}
_involving: dict[str, Act] = {}
_providers: list[Provider] = []
_pages: dict[str, Words] = {}


def register(label: Words, url_name: str, permission: Permission) -> None:
    """Offer an act on validated, open cases; the same address registered twice is offered once."""
    _acts[url_name] = Act(label, url_name, permission)


def register_way_to_involve(label: Words, url_name: str, permission: Permission) -> None:
    """Offer, where it is chosen whom to involve, a way to somebody who is not listed."""
    _involving[url_name] = Act(label, url_name, permission)


def register_lines(provider: Provider) -> None:
    """Let a room list what it keeps of a case; a provider registered twice is asked once."""
    if provider not in _providers:
        _providers.append(provider)


def register_page(label: Words, url_name: str) -> None:
    """Link a page about how a case is kept, for each party; its address takes the case's id."""
    _pages[url_name] = label


def pages() -> list[tuple[Words, str]]:
    """Return label and address of the pages about how a case is kept."""
    return [(label, url_name) for url_name, label in _pages.items()]


def acts_on(case: Case, principal: Principal) -> list[Act]:
    """Return what the coordinating person may begin; nothing before validation or after the end."""
    if case.number is None or case.closed_at is not None or not case.is_coordinated_by(principal):
        return []
    return [act for act in _acts.values() if allowed(principal, act.permission)]


def ways_to_involve(case: Case, principal: Principal) -> list[Act]:
    """Return the ways to somebody who is not listed that are open to the person in this case."""
    return [act for act in _involving.values() if allowed(principal, act.permission, case)]


def lines_of(case: Case, principal: Principal) -> list[Line]:
    """Return what other rooms keep of the case, for those who coordinate it."""
    if not case.is_coordinated_by(principal):
        return []
    return [line for provider in _providers for line in provider(principal, case)]
