"""“I cannot open this”: one press that tells the sender, and one that takes it back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.sealed import queries as sealed
from tcert.foundation.sealed.refusals import NotARecipient
from tcert.response.cases.domain import unopened as acts
from tcert.response.cases.models import CaseThread
from tcert.response.cases.views.common import find_case


@require_POST
@page(Permission.CASES_THREAD_POST)
def unopened(request: HttpRequest, case_id: UUID, message_id: UUID) -> HttpResponse:
    """Say that one's team cannot open a message, or that it opens after all."""
    case, principal = find_case(request, case_id), principal_of(request)
    try:
        message = sealed.message_for(message_id, sealed.holders_of(principal))
    except NotARecipient:
        raise Http404 from None
    links = CaseThread.objects.of_case(case, principal).select_related("thread", "case")
    link = get_object_or_404(links, thread=message.thread_id)
    back = request.POST.get("act") == "take-back"
    act = acts.take_back if back else acts.say_unopened
    try:
        act(principal=principal, link=link, message=message)
    except NotARecipient:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Taken back.") if back else _("The sender is told."))
    if request.POST.get("from") == "gpg":
        return redirect(
            f"{reverse('cases:gpg', args=[case.id, link.id])}?message={message.id}#messages"
        )
    address = reverse("cases:case", args=[case.id])
    return redirect(f"{address}?thread={link.id}&message={message.id}#message-{message.id}")
