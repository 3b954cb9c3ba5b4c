"""Is this installation safe and complete: a registry of inspections, asked by `tcert check`.

    @inspection("mail", _("mail"))
    def inspect_mail() -> Iterator[Finding]: ...

A check whose answer has a form of its own, and which is asked for by name only, is registered by
`on_its_own`; it is no part of the whole.

A room puts its inspections into its `inspections.py`, which is found by itself. An inspection
that breaks is a problem of its own: silence never passes for safety.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Level(StrEnum):
    """How much a finding matters; a problem makes `tcert check` fail."""

    FINE = "fine"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, in a sentence, and what to do about it."""

    level: Level
    message: Words
    cure: Words = ""
    inspection: str = ""


Inspection = Callable[[], Iterable[Finding]]

Command = Callable[[argparse.Namespace], int]

_inspections: dict[str, tuple[Words, Inspection]] = {}
_thorough: set[str] = set()
_on_its_own: dict[str, Command] = {}


def inspection(
    name: str, title: Words, *, thorough: bool = False
) -> Callable[[Inspection], Inspection]:
    """Register an inspection under a short name.

    A thorough one reads whole tables: the command asks it, a page that people wait for does not.
    """

    def register(inspect: Inspection) -> Inspection:
        if name in _inspections:
            raise ValueError(f"there are two inspections called {name}")
        _inspections[name] = (title, inspect)
        if thorough:
            _thorough.add(name)
        return inspect

    return register


def on_its_own(name: str, command: Command) -> None:
    """Let `tcert check NAME` run a command of a room; it returns the exit code."""
    _on_its_own[name] = command


def commands() -> dict[str, Command]:
    """Return the checks that run on their own."""
    return dict(_on_its_own)


def fine(message: Words) -> Finding:
    """Say that something is as it should be."""
    return Finding(Level.FINE, message)


def warning(message: Words, cure: Words) -> Finding:
    """Say that something needs attention."""
    return Finding(Level.WARNING, message, cure)


def problem(message: Words, cure: Words) -> Finding:
    """Say that something is unsafe or broken."""
    return Finding(Level.PROBLEM, message, cure)


def demanded(message: Words, cure: Words) -> Finding:
    """Say that something lacks which production must have and a trial may lack."""
    return problem(message, cure) if settings.PRODUCTION else warning(message, cure)


def names() -> dict[str, Words]:
    """Return the title of every inspection by its name."""
    autodiscover_modules("inspections")
    return {name: title for name, (title, _inspect) in sorted(_inspections.items())}


def quick() -> list[str]:
    """Return the names of the inspections that a page can wait for."""
    return [name for name in names() if name not in _thorough]


def inspect(only: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield the findings of all inspections, or of the named ones."""
    known = names()
    for name in set(only) or known:
        _title, look = _inspections[name]
        try:
            for found in look():
                yield Finding(found.level, found.message, found.cure, name)
        except Exception as error:  # noqa: BLE001 - one broken inspection must not hide the others
            message = _("This could not be inspected (%(error)s).") % {
                "error": type(error).__name__
            }
            yield Finding(Level.PROBLEM, message, _("See the log of the command."), name)


def inspect_sorted(only: Iterable[str] = ()) -> list[Finding]:
    """Return the findings, the worst first."""
    order = [Level.PROBLEM, Level.WARNING, Level.FINE]
    return sorted(inspect(only), key=lambda found: (order.index(found.level), found.inspection))
