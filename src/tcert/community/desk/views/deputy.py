"""The page on which the desk names its deputy."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tcert.community.desk import queries
from tcert.community.desk.domain import deputies
from tcert.community.desk.forms import DeputyForm
from tcert.community.notices.domain.telling import mail_now
from tcert.community.notices.enums import Told
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission


@read_or_send
@page(Permission.DESK_DEPUTY_NAME)
def deputy(request: HttpRequest) -> HttpResponse:
    """Show who is called when the desk is late, and name another."""
    form, status = DeputyForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                deputies.name_deputy(principal=principal_of(request), **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error.message))
                status = error.status
            else:
                messages.success(request, _("Named. Tell them by voice what that asks of them."))
                return redirect("desk:deputy")
    found = queries.deputy()
    unreachable = found is not None and (
        found.team_id is not None and mail_now(found.team_id) in {Told.NO_ADDRESS, Told.NO_KEY}
    )
    context = {"form": form, "deputy": found, "unreachable": unreachable}
    return render(request, "desk/deputy.html", context, status=status)
