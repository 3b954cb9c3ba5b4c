"""Incidents for programs: one is reported or added to with a feed key, and its state is told.

Each answer is JSON; a refusal says in `error` what is to be done, and nothing of it was taken.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError, TooMany
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.incidents import given, queries
from tcert.response.incidents.domain import receiving
from tcert.response.incidents.enums import Standing
from tcert.response.incidents.models import Incident, Indicator, Party
from tcert.response.routing.api import KEY_MARK

_CREATED, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _UNSUPPORTED = 201, 401, 403, 404, 415
_BAD, _UNFIT, _TOO_MANY = 400, 422, 429


def ask_for_key(_request: HttpRequest | None = None) -> JsonResponse:
    """Ask for a key (RFC 9110, 11.6.1); the same for none and for one that does not count."""
    answer = _refused(
        _(
            "This needs a feed key for incidents that counts: by HTTP Basic, its number as the "
            "user name and its secret as the password, or both with a dot between as a bearer "
            "token. A member makes one under Account, Feed keys."
        ),
        _UNAUTHORIZED,
    )
    answer.headers["WWW-Authenticate"] = 'Basic realm="incidents", charset="UTF-8"'
    return answer


@require_POST
@never_cache
@page(Permission.INCIDENTS_PROGRAM, stranger=ask_for_key)
def report(request: HttpRequest) -> JsonResponse:
    """Take one JSON object (`given`): 201 for a new incident, 200 for one that stands already."""
    if getattr(request, KEY_MARK, False):
        return ask_for_key()
    if request.content_type != "application/json":
        return _refused(_("Send JSON, as Content-Type: application/json."), _UNSUPPORTED)
    principal = principal_of(request)
    try:
        said = given.read(request.body, request.headers.get("Idempotency-Key", "").strip())
        incident, is_new = receiving.receive(principal=principal, given=said)
    except (DomainError, PermissionDenied, RequestDataTooBig) as refusal:
        return _refusal(refusal)
    answer = JsonResponse(
        {"created": is_new, **_told(incident, principal)}, status=_CREATED if is_new else 200
    )
    answer.headers["Location"] = reverse("incidents:state", args=[incident.number])
    return answer


def _refusal(why: DomainError | PermissionDenied | RequestDataTooBig) -> JsonResponse:
    """Say why nothing was taken: 400 for what is no JSON, 422 for what the room refuses in it."""
    if isinstance(why, RequestDataTooBig):
        why = given.TooLong(_("256 KiB at most. Nothing was taken: send counts, not events."))
    if isinstance(why, PermissionDenied):
        return _refused(
            _(
                "The key's owner does not report for this team: a representative, deputy or duty "
                "officer of a listed team does. Nothing was taken."
            ),
            _FORBIDDEN,
        )
    if isinstance(why, TooMany):
        return too_many(str(why.message), receiving.ADDED.again_in)
    status = why.status
    if status == _BAD and not isinstance(why, given.Unread):
        status = _UNFIT
    return _refused(str(why.message), status)


def too_many(why: str, again_in: timedelta) -> JsonResponse:
    """Say that a budget is used up, and when to come back."""
    answer = _refused(why, _TOO_MANY)
    answer.headers["Retry-After"] = str(int(again_in.total_seconds()) + 1)
    return answer


@require_safe
@never_cache
@page(Permission.INCIDENTS_PROGRAM, stranger=ask_for_key)
def state(request: HttpRequest, number: str) -> JsonResponse:
    """Tell how far an incident has come, as far as the key's owner sees it."""
    if getattr(request, KEY_MARK, False):
        return ask_for_key()
    principal = principal_of(request)
    seen = Incident.objects.visible_to(principal).select_related("joined_to")
    found = seen.filter(number=number).first() if given.NUMBER.fullmatch(number) else None
    if found is None:
        return _refused(
            _("There is no such incident, or none of your teams was told of it."), _NOT_FOUND
        )
    return JsonResponse(_told(found, principal))


def _told(incident: Incident, principal: Principal) -> dict[str, object]:
    counted = queries.counted(incident)
    parties = Party.objects.visible_to(principal).filter(incident=incident)
    standings = list(parties.values_list("standing", flat=True))
    indicators = Indicator.objects.visible_to(principal).filter(
        incident=incident, expires_on__gte=clock.today()
    )
    joined = incident.joined_to
    return {
        "number": incident.number,
        "page": settings.BASE_URL + reverse("incidents:incident", args=[incident.id]),
        "kind": incident.kind,
        "severity": incident.severity,
        "tlp": incident.tlp,
        "state": incident.state,
        "began_at": incident.began_at.isoformat(),
        "noticed_at": incident.noticed_at.isoformat(),
        "reported_at": incident.reported_at.isoformat(),
        "changed_at": incident.changed_at.isoformat(),
        "events": counted.events,
        "first_at": counted.first_at.isoformat() if counted.first_at else None,
        "last_at": counted.last_at.isoformat() if counted.last_at else None,
        "parties": {str(one): standings.count(one) for one in Standing},
        "indicators": indicators.count(),
        "joined_to": joined.number if joined and joined.is_visible_to(principal) else None,
    }


def _refused(why: str, status: int) -> JsonResponse:
    answer = JsonResponse({"error": why}, status=status)
    # Django would log the address of a refusal; what a program does belongs in no log.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return answer
