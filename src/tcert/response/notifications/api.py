"""Notifications for programs: holders are told with a feed key, and what came of it is counted.

Each answer is JSON; a refusal says in `error` what is to be done, and nothing of it was sent. No
answer says an identifier back, or who holds it: that is what look-ups are for.
"""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError, TooMany
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.notifications import given
from tcert.response.notifications.domain import receiving, sending
from tcert.response.notifications.domain.receiving import Received
from tcert.response.notifications.enums import Hop, Said, State
from tcert.response.notifications.models import Notification, Sending
from tcert.response.routing.api import KEY_MARK

_CREATED, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _UNSUPPORTED = 201, 401, 403, 404, 415
_BAD, _UNFIT, _TOO_MANY = 400, 422, 429
TYPES = {"application/x-ndjson", "application/jsonl", "application/json"}


def ask_for_key(_request: HttpRequest | None = None) -> JsonResponse:
    """Ask for a key (RFC 9110, 11.6.1); the same for none and for one that does not count."""
    answer = _refused(
        _(
            "This needs a feed key for notifications that counts: by HTTP Basic, its number as the "
            "user name and its secret as the password, or both with a dot between as a bearer "
            "token. A member makes one under Account, Feed keys."
        ),
        _UNAUTHORIZED,
    )
    answer.headers["WWW-Authenticate"] = 'Basic realm="notifications", charset="UTF-8"'
    return answer


@require_POST
@never_cache
@page(Permission.NOTIFICATIONS_PROGRAM, stranger=ask_for_key)
def receive(request: HttpRequest) -> JsonResponse:
    """Take JSON lines (`given`): 201 where something was sent, 200 for a trial or the same again.

    Lines that a person has to decide are counted and numbered, and sent to nobody.
    """
    if getattr(request, KEY_MARK, False):
        return ask_for_key()
    if request.content_type not in TYPES:
        return _refused(_("Send JSON lines, as Content-Type: application/x-ndjson."), _UNSUPPORTED)
    principal = principal_of(request)
    try:
        said = given.read(request.body, request.headers.get("Idempotency-Key", "").strip())
        done = receiving.receive(principal=principal, given=said)
    except (DomainError, PermissionDenied, RequestDataTooBig, RawPostDataException) as refusal:
        return _refusal(refusal)
    answer = JsonResponse(
        {"dry_run": said.is_dry_run, **_told(done, principal)},
        status=_CREATED if done.is_new else 200,
    )
    if done.sending is not None:
        answer.headers["Location"] = reverse("notifications:state", args=[done.key])
    return answer


def _refusal(why: Exception) -> JsonResponse:
    """Say why nothing was sent: 400 for what is no JSON, 422 for what the room refuses in it."""
    if isinstance(why, RequestDataTooBig):
        why = given.too_long()
    if isinstance(why, PermissionDenied):
        return _refused(
            _(
                "The key's owner does not send for this team: a representative, deputy or duty "
                "officer of a listed team does. Nothing was sent."
            ),
            _FORBIDDEN,
        )
    if isinstance(why, TooMany):
        return too_many(str(why.message), sending.BY_PROGRAM.again_in)
    if not isinstance(why, DomainError):
        return _refused(_("Send JSON lines as the body, and no form."), _BAD)
    status = why.status
    if status == _BAD and not isinstance(why, given.Unread):
        status = _UNFIT
    return _refused(str(why.message), status)


def too_many(why: str, again_in: timedelta) -> JsonResponse:
    """Say that a budget is used up, and when to come back."""
    answer = _refused(why, _TOO_MANY)
    answer.headers["Retry-After"] = str(int(again_in.total_seconds()) + 1)
    return answer


def _told(done: Received, principal: Principal) -> dict[str, object]:
    told: dict[str, object] = {"created": done.is_new}
    if done.plan is not None:
        bundles = done.plan.bundles
        told |= {
            "notifications": len(bundles),
            "without_key": sum(one.begins == Hop.DESK for one in bundles),
            "lines": sum(one.lines for one in bundles),
            "repeated": done.plan.repeated,
            "suppressed": done.plan.suppressed,
            "own": done.own,
            "unread": list(done.unread),
            "person_decides": list(done.person),
        }
        if done.person:
            told["page"] = settings.BASE_URL + reverse("routing:resolve")
    if done.sending is not None:
        told["state"] = _state(done.sending, principal)
    return told


@require_safe
@never_cache
@page(Permission.NOTIFICATIONS_PROGRAM, stranger=ask_for_key)
def state(request: HttpRequest, sending_id: UUID) -> JsonResponse:
    """Tell in counts what came of what the key owner's teams sent."""
    if getattr(request, KEY_MARK, False):
        return ask_for_key()
    principal = principal_of(request)
    seen = Notification.objects.sent_by(principal).filter(sending=sending_id)
    found = Sending.objects.filter(pk=sending_id, pk__in=seen.values("sending")).first()
    if found is None:
        return _refused(_("None of your teams sent this."), _NOT_FOUND)
    return JsonResponse(_state(found, principal))


def _state(found: Sending, principal: Principal) -> dict[str, object]:
    seen = Notification.objects.sent_by(principal).filter(sending=found).order_by()
    rows = list(seen.values_list("state", "said", "lines"))
    states = Counter(state for state, _said, _lines in rows)
    answers = Counter(said for _state, said, _lines in rows)
    return {
        "id": str(found.id),
        "page": settings.BASE_URL + reverse("notifications:list") + "?box=sent",
        "class": found.topic,
        "severity": found.severity,
        "tlp": found.tlp,
        "feed": found.feed,
        "observed_at": found.observed_at.isoformat(),
        "sent_at": found.sent_at.isoformat(),
        "notifications": len(rows),
        "lines": sum(lines for _state, _said, lines in rows),
        "repeated": found.repeated,
        "suppressed": found.suppressed,
        "states": {str(one): states[one] for one in State},
        "answers": {str(one): answers[one] for one in Said if one},
    }


def _refused(why: str, status: int) -> JsonResponse:
    answer = JsonResponse({"error": why}, status=status)
    # Django would log the address of a refusal; what a program does belongs in no log.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return answer
