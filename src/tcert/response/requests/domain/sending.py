"""Sending a request: its facts are stored and the addressee is told; its text is written sealed."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.talks import readers as talk_readers
from tcert.community.talks.models import Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.requests import queries
from tcert.response.requests.domain.holding import PERMITS, begun, held, note, tell
from tcert.response.requests.enums import (
    ASKED,
    ASKING,
    MARKINGS,
    OF_PERSONS,
    Basis,
    Data,
    Kind,
    Side,
)
from tcert.response.requests.models import DELETED, Request

SENT = Budget("requests:sent", Scope.ACCOUNT, limit=20, per=timedelta(days=1))
"""Requests that one team sends in a day."""
LONGEST_DEADLINE = timedelta(days=366)
LONGEST_PERIOD = timedelta(days=3 * 366)
"""What one request covers at most: who needs more says so in a second one."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a request is stored readable. Days are UTC."""

    kind: Kind
    basis: Basis
    country: str
    data: Collection[Data]
    period_from: date | None
    period_to: date | None
    deadline: datetime
    tlp: Tlp


@transaction.atomic
def send(
    *, principal: Principal, key: UUID, authority: Team, addressee: Team, facts: Facts
) -> Request:
    """Send a request; what was sent before under the same key is not sent again.

    Raises:
        Conflict: under this key another request was sent before, or one that is deleted by now.
        DomainError: a team is not of the right kind or not on the list, or a fact does not fit.
        NoKey: one of the two has no key: nothing could be sealed to it.
        TooMany: the team has used up its day.

    """
    require(principal, Permission.REQUESTS_SEND, authority)
    Team.objects.hold(authority.id, addressee.id)
    told = {**asdict(facts), "data": sorted(set(facts.data)), "addressee": addressee}
    request_id = _id_of(authority, key)
    before = Request.objects.filter(pk=request_id).select_related("addressee").first()
    if before is not None and all(getattr(before, name) == told[name] for name in told):
        return before
    if (
        before is not None
        or AuditRecord.objects.filter(object_kind=DELETED, object_id=request_id).exists()
    ):
        raise Conflict(
            _(
                "Another request was sent from this page before, and this one was not. Look at "
                "the list; open the page anew to ask for more."
            )
        )
    _check_teams(authority, addressee)
    _check(facts)
    talk_readers.team_recipients([authority, addressee])
    SENT.require(authority.id)
    found = Request.objects.create(id=request_id, authority=authority, **told)
    note(principal, f"{found.kind}:sent", found, Side.AUTHORITY, basis=found.basis)
    tell(found, Side.ADDRESSEE)
    begun(principal, found, Side.AUTHORITY)
    return found


def _id_of(authority: Team, key: UUID) -> UUID:
    """Return the id of what a team sends under a key: the same each time, and not of its choice.

    Who could choose it would make two requests that are called the same on the telephone, or take
    the id of another thing, whose notices and records would then be deleted with the request.
    """
    made = salted_hmac("requests.id", f"{authority.id}:{key}", algorithm="sha256").digest()
    return UUID(bytes=made[:16], version=4)


def _check_teams(authority: Team, addressee: Team) -> None:
    listed = Team.objects.on_list().filter(is_desk=False)
    if not listed.filter(pk=authority.pk, organisation__kind__in=ASKING).exists():
        raise DomainError(
            _("Only listed teams of law enforcement, governments and regulators send requests.")
        )
    if not listed.filter(pk=addressee.pk, organisation__kind__in=ASKED).exists():
        raise DomainError(_("Requests go to teams of operators, carriers and vendors on the list."))


def _check(facts: Facts) -> None:
    now = clock.now()
    if facts.deadline <= now:
        raise DomainError(_("The deadline is over. Choose a time to come; look at its zone."))
    if facts.deadline > now + LONGEST_DEADLINE:
        raise DomainError(_("The deadline is more than a year away. Choose a nearer one."))
    if facts.tlp not in MARKINGS:
        raise DomainError(_("Choose TLP:AMBER or a stricter marking: the answer bears it too."))
    if facts.kind == Kind.ASSISTANCE and OF_PERSONS.intersection(facts.data):
        raise DomainError(
            _("Technical help names no data of persons. Ask for information to get it.")
        )
    if not facts.data and facts.kind != Kind.ASSISTANCE:
        raise DomainError(_("Say which kinds of data the request is about."))
    _check_period(facts)


def _check_period(facts: Facts) -> None:
    if facts.period_from is None or facts.period_to is None:
        if facts.kind != Kind.ASSISTANCE or facts.period_from or facts.period_to:
            raise DomainError(_("Say from which day until which day the data is from."))
        return
    if facts.period_to < facts.period_from:
        raise DomainError(_("The period ends before it begins. Look at the two days."))
    if facts.period_to > clock.today():
        raise DomainError(
            _("Only what was made until today is asked for here: the hub serves no interception.")
        )
    if facts.period_to - facts.period_from > LONGEST_PERIOD:
        raise DomainError(
            _("A request covers three years at most. Ask for less, or say why in a second one.")
        )


@transaction.atomic
def begin_talk(*, principal: Principal, found: Request) -> Talk:
    """Begin the request's talk, or return the one that goes on.

    Raises:
        DomainError: none of the two teams has a key.

    """
    found = held(found.pk)
    require(principal, Permission.REQUESTS_READ, found)
    talk = queries.talk_of(found)
    if talk is not None:
        return talk
    side = found.sides_of(principal)[0]
    require(principal, PERMITS[side], found)
    return begun(principal, found, side)
