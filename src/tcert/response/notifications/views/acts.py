"""What a told team does: fetches its sealed lines, and answers."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment, press
from tcert.response.notifications.domain import answering
from tcert.response.notifications.enums import Act
from tcert.response.notifications.views.finding import find_step

DONE = {
    Act.ACKNOWLEDGE: gettext_lazy("Acknowledged: it goes no further by itself."),
    Act.CONFIRM: gettext_lazy("You said that it is true."),
    Act.HANDLED: gettext_lazy("You said that it is handled. You can open it again."),
    Act.FALSE: gettext_lazy("You said that it is false. You can open it again."),
    Act.NOT_OURS: gettext_lazy(
        "You said that it is not yours. It went on, and whose is this names you last for it now."
    ),
    Act.REOPEN: gettext_lazy("It is open again."),
}


@require_safe
@never_cache
@page(Permission.NOTIFICATIONS_READ)
def lines(request: HttpRequest, step_id: UUID) -> HttpResponse:
    """Return the lines of a hop as they are sealed to its team."""
    step = find_step(request, step_id)
    if step.body is None:
        raise Http404
    name = f"notification-{str(step.notification_id)[:8]}.pgp"
    return attachment(bytes(step.body), name, "application/pgp-encrypted")


@require_POST
@page(Permission.NOTIFICATIONS_ANSWER)
def answer(request: HttpRequest, step_id: UUID) -> HttpResponse:
    """Say something for one's team."""
    principal, step = principal_of(request), find_step(request, step_id)
    said = request.POST.get("said", "")

    def act() -> object:
        if said == Act.REOPEN:
            return answering.reopen(principal=principal, step=step)
        if said not in Act.answers():
            raise DomainError(_("Choose what you say."))
        return answering.answer(principal=principal, step=step, act=Act(said))

    press(request, act, str(DONE[Act(said)]) if said in DONE else "")
    return redirect("notifications:notification", step.notification_id)
