"""What authorities asked for: entered by coordinators, as kinds only."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press
from tcert.response.cases.views.common import form_answer
from tcert.response.retention.domain import requests as acts
from tcert.response.retention.enums import RequestAnswer, RequestKind
from tcert.response.retention.forms import RequestForm
from tcert.response.retention.models import AuthorityRequest

PER_PAGE = 50


@read_or_send
@page(Permission.RETENTION_REQUESTS_MANAGE)
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests, and enter one."""
    form = RequestForm(request.POST if request.method == "POST" else None)
    error = None
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            acts.enter(
                principal=principal_of(request),
                received_on=data["received_on"],
                kind=RequestKind(data["kind"]),
                answer=RequestAnswer(data["answer"]),
            )
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Entered. It is counted when the year is over."))
            return redirect("retention:requests")
    shown = Paginator(AuthorityRequest.objects.all(), PER_PAGE).get_page(request.GET.get("page"))
    return form_answer(
        request, "retention/requests.html", {"page": shown, "form": form}, form, error
    )


@require_POST
@page(Permission.RETENTION_REQUESTS_MANAGE)
def take_back(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take a mistaken entry back."""
    press(
        request,
        lambda: acts.take_back(principal=principal_of(request), request_id=request_id),
        _("Taken back."),
    )
    return redirect("retention:requests")
