"""Answers for programs: many in one body, or one in the form in which IntelMQ's tuency expert asks.

An installation of IntelMQ turns that expert to this hub and gets the team of each event's source.
What a program may learn is what its owner may in a browser; without a key it is a stranger.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.request import RawPostDataException
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.enums import ChannelKind, ChannelPurpose
from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError, TooMany
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.reference import queries as reference
from tcert.response.routing import asking, finding, resolving, stated
from tcert.response.routing.forms import has_happened
from tcert.response.routing.views import LINES, wait_for
from tcert.response.snapshot.enums import Side

_BAD, _UNAUTHORIZED, _TOO_MUCH, _TOO_MANY = 400, 401, 413, 429
KEY_MARK = "key_was_refused"
"""Set on a request that shows a key: whether that counts not."""
ASKED = MappingProxyType(
    {
        "ip": Kind.IP,
        "domain": Kind.DOMAIN,
        "asn": Kind.ASN,
        "plmn": Kind.PLMN,
        "gt": Kind.GLOBAL_TITLE,
        "realm": Kind.DIAMETER_REALM,
    }
)
"""What may be asked, by its name in the address. No subscriber's number is among them."""
_FOR_EVENTS = (ChannelPurpose.MAIN, ChannelPurpose.EMERGENCY, ChannelPurpose.DISCLOSURE)
"""Which box a program's events go to: it shall wake nobody while there is another."""
_COMPROMISED = {"intrusions", "malicious-code"}
_VULNERABLE = {"vulnerable"}
_DAYS = {True: 7, False: 1}
_DAYS_WHEN_VULNERABLE = 30


def ask_for_key(_request: HttpRequest | None = None) -> JsonResponse:
    """Ask for a key (RFC 9110, 11.6.1); the same for none and for one that does not count."""
    answer = _refused(
        _(
            "This needs a feed key for look-ups that counts: by HTTP Basic, its number as the user "
            "name and its secret as the password, or both with a dot between as a bearer token. A "
            "member makes one under Account, Feed keys."
        ),
        _UNAUTHORIZED,
    )
    answer.headers["WWW-Authenticate"] = 'Basic realm="look-ups", charset="UTF-8"'
    return answer


@require_POST
@never_cache
@page(Permission.ROUTING_LOOKUPS_ASK, stranger=ask_for_key)
def ask(request: HttpRequest) -> HttpResponseBase:
    """Answer a body of JSON lines (`asking`), as the page *resolve* answers what is pasted.

    `?side=source|victim` says whose the identifiers are in what was seen, `?at=` when that was
    (ISO 8601 with a zone); both hold for the whole body.
    """
    if getattr(request, KEY_MARK, False):
        return ask_for_key()
    principal = principal_of(request)
    try:
        side, at = _side(request.GET.get("side", "")), _moment(request.GET.get("at", ""))
        questions = asking.read(request.body)
        if principal.person_id is not None:
            LINES.require(principal.person_id, cost=len(questions))
    except RequestDataTooBig:
        return _refused(_("2.5 MB at most. Nothing was looked up: send it in parts."), _TOO_MUCH)
    except RawPostDataException:  # a form in parts: looking for its mark used the body up
        return _refused(_("Send JSON lines as the body, and no form."), _BAD)
    except TooMany as refusal:
        answer = _refused(str(refusal.message), refusal.status)
        answer.headers["Retry-After"] = str(int(LINES.again_in.total_seconds()) + 1)
        return answer
    except DomainError as refusal:
        return _refused(str(refusal.message), refusal.status)
    found = resolving.answers(
        [one.value for one in questions if not one.error], at=at, principal=principal, side=side
    )
    lines = b"".join(asking.answered(questions, found))
    return HttpResponse(lines, content_type="application/x-ndjson")


def _side(given: str) -> Side | None:
    if given in {"", *Side}:
        return Side(given) if given else None
    raise DomainError(_("side: source or victim, or leave it out."))


def _moment(given: str) -> datetime:
    """Read when it was seen; a plus of the zone may have come as a space.

    Only what has happened is answered, as on the page: what is to come tells when a proof ends.
    """
    if not given:
        return clock.now()
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(given.replace(" ", "+"))
        if at.tzinfo is not None and has_happened(at := at.astimezone(UTC)):
            return at
    raise DomainError(
        _(
            "at: a moment from 1980 until now in ISO 8601 with its zone, such as "
            "2026-11-24T03:10:00Z."
        )
    )


@require_safe
@never_cache
@page(Permission.ROUTING_LOOKUPS_READ)
def lookup(request: HttpRequest) -> JsonResponse:
    """Answer `ip`, `domain`, `asn`, `plmn`, `gt`, `realm`, one of each at most.

    The answer has the shape of tuency's API: for each parameter `destinations` with name and
    contacts, and an interval within which the same event is not worth a second message. Other
    parameters are not looked at, but for `classification_taxonomy` (after ENISA's reference
    taxonomy), which the interval depends on.
    """
    if getattr(request, KEY_MARK, False):
        return ask_for_key()
    principal = principal_of(request)
    try:
        asked = _read(request.GET)
    except DomainError as refused:
        return _refused(str(refused.message), refused.status)
    if not hasattr(request, KEY_MARK):  # with a key it is counted where the key is read
        wait = wait_for(principal)
        if wait is not None:
            seconds = max(1, int(wait.total_seconds()) + 1)
            answer = _refused(_("Too many look-ups just now. Please wait."), _TOO_MANY)
            answer.headers["Retry-After"] = str(seconds)
            return answer
    found = _destinations(principal, asked)
    told: dict[str, object] = {
        name: {"destinations": [_told(one) for one in answers]} for name, answers in found.items()
    }
    taxonomy = request.GET.get("classification_taxonomy", "").lower()
    return JsonResponse({**told, **_wanted(principal, asked, found, taxonomy)})


def _wanted(
    principal: Principal,
    asked: Mapping[str, Identifier],
    found: Mapping[str, list[finding.Answer]],
    taxonomy: str,
) -> dict[str, object]:
    """Return how the one organisation that answers wants to be told, else the defaults.

    Members alone learn it; where several answer, their rules may contradict each other.
    """
    houses = {one.organisation.id: name for name, answers in found.items() for one in answers}
    if principal.is_person and houses:
        house, name = min(houses.items())
        said = stated.of(house, asked[name], taxonomy)  # asked however many answer
        if said is not None and len(houses) == 1:
            length = {"unit": "days", "length": said.interval.days}
            return {"suppress": said.suppress, "interval": length}
    return {"suppress": False, "interval": interval(taxonomy)}


def interval(taxonomy: str) -> dict[str, object]:
    """Return how long the same event is not worth another message (design/routing.md, defaults)."""
    vulnerable = taxonomy in _VULNERABLE
    days = _DAYS_WHEN_VULNERABLE if vulnerable else _DAYS[taxonomy in _COMPROMISED]
    return {"unit": "days", "length": days}


def _read(query: MultiValueDict[str, str]) -> dict[str, Identifier]:
    asked = {}
    for name, kind in ASKED.items():
        given = query.getlist(name)
        if not given:
            continue
        if len(given) > 1:
            raise DomainError(_("%(name)s: ask one at a time.") % {"name": name})
        try:
            asked[name] = registry.parse(kind, given[0])
        except IdentifierRefused as refused:
            raise DomainError(f"{name}: {refused}") from refused
    if not asked:
        raise DomainError(_("Ask for one of these: %(names)s.") % {"names": ", ".join(ASKED)})
    return asked


def _destinations(
    principal: Principal, asked: Mapping[str, Identifier]
) -> dict[str, list[finding.Answer]]:
    """Return by parameter who answers; for an address nobody claims, who claims its network."""
    readings = finding.held(principal, list(asked.values()))
    found = {name: _not_denied(one) for name, one in zip(asked, readings, strict=True)}
    if "ip" in found and not found["ip"]:
        system = reference.told_of_address(asked["ip"].canonical)
        if system is not None:
            (behind,) = finding.held(principal, [registry.parse(Kind.ASN, system.what)])
            found["ip"] = _not_denied(behind)
    return found


def _not_denied(reading: finding.Reading) -> list[finding.Answer]:
    """Leave out who says that it is not theirs: nobody weighs the order of a program's mails."""
    return [one for one in reading.answers if not one.is_denied]


def _told(one: finding.Answer) -> dict[str, object]:
    boxes: list[str] = []
    if one.contact is not None:
        each = (one.contact.reached(ChannelKind.EMAIL, purpose) for purpose in _FOR_EVENTS)
        boxes = next(filter(None, each), [])
    return {
        "source": "portal",
        "name": one.team.name if one.team else one.organisation.name,
        "contacts": [{"email": box} for box in boxes],
    }


def _refused(why: str, status: int) -> JsonResponse:
    answer = JsonResponse({"error": why}, status=status)
    # Django would log the address of a refusal; what a program asks for belongs in no log.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return answer
