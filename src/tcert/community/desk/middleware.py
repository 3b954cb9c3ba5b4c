"""An act that needs two leads to the page on which it is proposed, with what was typed."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.foundation.kernel.access import principal_of
from tcert.foundation.kernel.second import NeedsSecond

PREPARED = "act_of_two"


class SecondMiddleware:
    """Catch `NeedsSecond` of any room's page, and go on to the proposal.

    What was typed waits in the person's session, which is stored encrypted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Keep what is to be proposed, and lead to where it is."""
        if not isinstance(exception, NeedsSecond):
            return None
        if not principal_of(request).is_coordinator:
            messages.error(
                request, _("Two coordinators do this together: switch coordinator rights on first.")
            )
            return HttpResponseRedirect(reverse("accounts:staff_session"))
        request.session[PREPARED] = {
            "act": exception.act,
            "object": str(exception.object_id),
            "values": exception.values,
        }
        return HttpResponseRedirect(reverse("desk:propose"))
