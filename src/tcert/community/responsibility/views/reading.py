"""Who answers for what, as members, an organisation's own people and coordinators read it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.community.accounts.models import Person
from tcert.community.responsibility import matrix as rules
from tcert.community.responsibility import queries
from tcert.community.responsibility.domain import history as kept
from tcert.community.responsibility.domain.entries import FIELDS
from tcert.community.responsibility.domains import INCIDENT_COMMAND, domains, label
from tcert.community.responsibility.enums import EntryState
from tcert.community.responsibility.models import Change, Entry, Matrix
from tcert.community.responsibility.rules import is_named
from tcert.community.responsibility.views.base import (
    GAPS,
    STATES,
    entry_for,
    inner_matrix_for,
    matrix_for,
)
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.shown import mark

PER_PAGE = 50


@require_safe
@page(Permission.RESPONSIBILITY_READ)
def home(request: HttpRequest) -> HttpResponse:
    """List the person's own organisations, and all that take part."""
    principal = principal_of(request)
    shown = Paginator(queries.taking_part(principal), PER_PAGE).get_page(request.GET.get("page"))
    own = [
        (one, found, allowed(principal, Permission.RESPONSIBILITY_MANAGE, one))
        for one, found in queries.own(principal)
    ]
    return render(request, "responsibility/home.html", {"own": own, "page": shown})


@require_safe
@page(Permission.RESPONSIBILITY_READ)
def explained(request: HttpRequest) -> HttpResponse:
    """Explain the domains, each with an example."""
    return render(request, "responsibility/domains.html", {"domains": domains().values()})


@require_safe
@page(Permission.RESPONSIBILITY_READ)
def matrix(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a matrix: roles to members, all of it with its gaps to who reads it from inside."""
    found, principal = matrix_for(request, pk), principal_of(request)
    entries = queries.entries_of(principal, found)
    context: dict[str, Any] = {
        "matrix": found,
        "organisation": found.organisation,
        "rows": [_row(principal, one) for one in entries],
        "is_inside": allowed(principal, Permission.RESPONSIBILITY_INSIDE_READ, found.organisation),
    }
    if context["is_inside"]:
        context |= _inside(principal, found, entries)
    return render(request, "responsibility/matrix.html", context)


def _row(principal: Principal, entry: Entry) -> dict[str, Any]:
    """Return what the table says of one domain; no state and no name for who reads none."""
    return {
        "entry": entry,
        "named": entry.names_people_to(principal),
        "state": STATES[entry.state],
    }


def _inside(principal: Principal, found: Matrix, entries: list[Entry]) -> dict[str, Any]:
    """Return what is missing, doubled and heavy, and what may be done."""
    now, chain = clock.now(), queries.chain_of(found)
    missing = queries.gaps_of(entries, chain, now)
    names = {one.key: one.who for one in entries}
    heavy = rules.load(one.held for one in entries)
    last = kept.last(found)
    manages = allowed(principal, Permission.RESPONSIBILITY_MANAGE, found.organisation)
    return {
        "gaps": [(one.domain, label(one.domain), GAPS[one.gap]) for one in missing],
        "doubles": [
            (label(one.domain), one.names)
            for one in queries.doubles_of(principal, found.organisation)
        ],
        "heavy": [(names[key], [label(code) for code in codes]) for key, codes in heavy.items()],
        "chain": chain,
        "may_manage": manages,
        "is_own": allowed(principal, Permission.RESPONSIBILITY_OWN_READ, found.organisation),
        "last": last[0] if last and manages else None,
        "mails": settings.MAIL_CLEAR_TEXT,
        "confirmed": sum(one.state is EntryState.CONFIRMED for one in entries),
    }


@require_safe
@page(Permission.RESPONSIBILITY_READ)
def entry(request: HttpRequest, pk: UUID, domain: str) -> HttpResponse:
    """Show one domain: what it is, who answers for it, and the button of the person named."""
    found, principal = entry_for(request, pk, domain), principal_of(request)
    organisation = found.matrix.organisation
    context = {
        "entry": found,
        "domain": domains().get(found.domain),
        "organisation": organisation,
        "named": found.names_people_to(principal),
        "is_inside": allowed(principal, Permission.RESPONSIBILITY_INSIDE_READ, organisation),
        "state": STATES[found.state],
        "is_me": is_named(principal, found),
        "may_manage": allowed(principal, Permission.RESPONSIBILITY_MANAGE, organisation),
        "to_ask": bool(found.address) and found.state in EntryState.to_ask(),
        "shown": mark(found, FIELDS),
        "is_command": found.domain == INCIDENT_COMMAND,
    }
    return render(request, "responsibility/entry.html", context)


@require_safe
@page(Permission.RESPONSIBILITY_INSIDE_READ)
def down(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say who answers when the network is down, in the order in which they are called."""
    found = inner_matrix_for(request, pk, Permission.RESPONSIBILITY_INSIDE_READ)
    principal = principal_of(request)
    context = {
        "matrix": found,
        "organisation": found.organisation,
        "chain": queries.chain_of(found),
        "command": next(
            (e for e in queries.entries_of(principal, found) if e.domain == INCIDENT_COMMAND), None
        ),
        "may_manage": allowed(principal, Permission.RESPONSIBILITY_MANAGE, found.organisation),
        "is_own": allowed(principal, Permission.RESPONSIBILITY_OWN_READ, found.organisation),
    }
    return render(request, "responsibility/down.html", context)


@require_safe
@page(Permission.RESPONSIBILITY_INSIDE_READ)
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show every change, the newest first, to who reads the matrix from inside."""
    found = inner_matrix_for(request, pk, Permission.RESPONSIBILITY_INSIDE_READ)
    changes = Change.objects.filter(matrix=found)
    shown = Paginator(changes, PER_PAGE).get_page(request.GET.get("page"))
    people = Person.objects.in_bulk({one.by for one in shown if one.by})
    context = {
        "organisation": found.organisation,
        "page": shown,
        "rows": [(one, people.get(one.by) if one.by else None) for one in shown],
    }
    return render(request, "responsibility/history.html", context)
