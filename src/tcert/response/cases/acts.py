"""What upper rooms offer on the page of a case: acts to begin there, and what they keep of it.

Each registers in its apps.py. Only the coordinating team is shown these; a provider is asked with
the principal and yields no more than that person may see.
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
_providers: list[Provider] = []


def register(label: Words, url_name: str, permission: Permission) -> None:
    """Offer an act on validated, open cases; the same address registered twice is offered once."""
    _acts[url_name] = Act(label, url_name, permission)


def register_lines(provider: Provider) -> None:
    """Let a room list what it keeps of a case; a provider registered twice is asked once."""
    if provider not in _providers:
        _providers.append(provider)


def acts_on(case: Case, principal: Principal) -> list[Act]:
    """Return what the coordinating person may begin; nothing before validation or after the end."""
    if case.number is None or case.closed_at is not None or not case.is_coordinated_by(principal):
        return []
    return [act for act in _acts.values() if allowed(principal, act.permission)]


def lines_of(case: Case, principal: Principal) -> list[Line]:
    """Return what other rooms keep of the case, for those who coordinate it."""
    if not case.is_coordinated_by(principal):
        return []
    return [line for provider in _providers for line in provider(principal, case)]
