"""What an organisation takes with it: the sheet for the crisis folder, and the matrix as CSV."""

import csv
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.community.responsibility import queries
from tcert.community.responsibility.matrix import CONFIRM_WITHIN
from tcert.community.responsibility.models import Entry
from tcert.community.responsibility.views.base import GAPS, STATES, inner_matrix_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment, harmless

COLUMNS = (
    "domain",
    "state",
    "confirmed",
    "role",
    "name",
    "mail",
    "phone",
    "responsible",
    "consulted",
    "informed",
    "tlp",
)

# Up to so many letters in all the sheet is set in larger type and is one page still.
ROOMY_LETTERS = 1200


@require_safe
@page(Permission.RESPONSIBILITY_OWN_READ)
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the sheet for the crisis folder: one page of A4, the chain first, gaps marked."""
    found = inner_matrix_for(request, pk, Permission.RESPONSIBILITY_OWN_READ)
    now = clock.now()
    entries, chain = queries.entries_of(principal_of(request), found), queries.chain_of(found)
    gaps = queries.gaps_of(entries, chain, now)
    by_domain = {one.domain: GAPS[one.gap] for one in gaps if one.domain}
    rows = [(one, by_domain.get(one.domain, "")) for one in entries]
    letters = [f"{one.who}{one.role_title}{gap}" for one, gap in rows]
    letters += [f"{step.who}{step.role_title}{step.hours}" for step in chain]
    context = {
        "is_roomy": len("".join([*letters, found.nobody])) <= ROOMY_LETTERS,
        "matrix": found,
        "organisation": found.organisation,
        "chain": chain,
        "rows": rows,
        "chain_gaps": [GAPS[one.gap] for one in gaps if not one.domain],
        "now": now,
        "until": now + CONFIRM_WITHIN,
    }
    return render(request, "responsibility/sheet.html", context)


@require_safe
@page(Permission.RESPONSIBILITY_OWN_READ)
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the matrix as CSV, for the organisation's own people."""
    found = inner_matrix_for(request, pk, Permission.RESPONSIBILITY_OWN_READ)
    response = attachment("", "responsibility.csv", "text/csv; charset=utf-8")
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for entry in queries.entries_of(principal_of(request), found):
        writer.writerow([harmless(cell) for cell in _cells(entry)])
    return response


def _cells(entry: Entry) -> list[str]:
    confirmed = entry.confirmed_at.date().isoformat() if entry.confirmed_at else ""
    state = str(STATES[entry.state][2])
    person = [entry.role_title, entry.who, entry.address, entry.phone]
    teams = ["; ".join(names) for names in (entry.responsible, entry.consulted, entry.informed)]
    return [entry.label, state, confirmed, *person, *teams, entry.tlp]
