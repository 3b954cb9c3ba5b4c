"""Find a team: one box for whatever somebody has. Resolve: the same for thousands, for members."""

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.limits import Budget, Outcome, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import attachment
from tcert.response.routing import finding, grouping, onward, resolving, telling
from tcert.response.routing.forms import ResolveForm
from tcert.response.routing.ways_on import ways_on

STRANGERS = Budget("routing:find-by-strangers", Scope.HUB, 120, timedelta(minutes=1))
"""Look-ups of all the world together: nobody is told apart. A minute, so that who uses it up
keeps others away for no longer than they go on."""
MEMBERS = Budget("routing:find", Scope.ACCOUNT, 600, timedelta(hours=1))
LOOK_UPS = Budget("routing:resolve", Scope.ACCOUNT, 120, timedelta(hours=1))
LINES = Budget("routing:resolve-lines", Scope.ACCOUNT, 50_000, timedelta(days=1))
"""Of one person: enough for any night, too few to draw the map of what others hold."""
MOST_AS_TEXT = 100
"""Lines that are shown as text to copy as well; more are better read in the file."""
_TOO_MANY, _BAD = 429, 400


class FindForm(forms.Form):
    """One line of anything."""

    what = forms.CharField(
        label=_("Name, product, network code, realm, domain or number"),
        max_length=finding.LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
        error_messages={
            "max_length": _("That is too long for one name or identifier: 300 characters at most."),
            "required": _("Type or paste what you have."),
        },
    )


def wait_for(principal: Principal) -> timedelta | None:
    """Count a look-up; return how long to wait where there were too many, else None."""
    budget, whose = (MEMBERS, principal.person_id) if principal.is_person else (STRANGERS, None)
    return None if budget.spend(whose) is Outcome.WITHIN else budget.again_in


@read_or_send
@page(Permission.DIRECTORY_READ)
def find(request: HttpRequest) -> HttpResponse:
    """Show the box; answer what was sent in the body, for what people paste belongs in no address.

    A subscriber's number in an address would stand in logs and histories.
    """
    principal = principal_of(request)
    form = FindForm(request.POST or None)
    context = {"form": form, "is_member": principal.is_member, "ways": ways_on()}
    if request.method != "POST":
        return render(request, "routing/find.html", context)
    if not form.is_valid():
        return render(request, "routing/find.html", context, status=_BAD)
    wait = wait_for(principal)
    if wait is not None:
        seconds = max(1, int(wait.total_seconds()) + 1)
        context["wait"] = seconds
        answer = render(request, "routing/find.html", context, status=_TOO_MANY)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    context["found"] = finding.find(principal, form.cleaned_data["what"])
    return render(request, "routing/find.html", context)


@read_or_send
@page(Permission.ROUTING_RESOLVE)
def resolve(request: HttpRequest) -> HttpResponse:
    """Say whose what was pasted is, on the page or as a file; it stands in the body alone.

    A file is asked for by sending the same again: nothing is kept from which it could be made.
    """
    principal = principal_of(request)
    form = ResolveForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form}
    if request.method != "POST":
        return render(request, "routing/resolve.html", context)
    if not form.is_valid():
        return render(request, "routing/resolve.html", context, status=_BAD)
    lines = form.cleaned_data["lines"]
    wait = _wait_of(principal, len(lines))
    if wait is not None:
        context["wait"] = max(1, round(wait.total_seconds() / 60))
        answer = render(request, "routing/resolve.html", context, status=_TOO_MANY)
        answer.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
        return answer
    found = resolving.answers(
        lines,
        at=form.cleaned_data["at"] or clock.now(),
        principal=principal,
        side=form.cleaned_data["side"],
    )
    if request.POST.get("as") == "csv":
        return attachment(telling.as_csv(found), "whose.csv", "text/csv; charset=utf-8")
    text = telling.as_text(found) if len(found.lines) <= MOST_AS_TEXT else ""
    context["onward"] = onward.ways_for(principal)
    context |= {"found": found, "page": grouping.grouped(found), "text": text}
    return render(request, "routing/resolve.html", context)


def _wait_of(principal: Principal, lines: int) -> timedelta | None:
    """Count a look-up and its lines; return how long to wait where there were too many."""
    spent = ((LOOK_UPS, 1), (LINES, lines))
    over = [b for b, cost in spent if b.spend(principal.person_id, cost=cost) is Outcome.REFUSE]
    return max((budget.again_in for budget in over), default=None)
