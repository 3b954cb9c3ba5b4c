"""Following what becomes of mails to the addresses of teams and people of this hub.

Of a mail to anybody else nothing is kept. Hours are kept, no moments, and no words of anybody.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.accounts.tokens import digest, new_token
from tcert.community.directory.enums import ChannelKind
from tcert.community.directory.models import Channel
from tcert.community.directory.queries import active_key
from tcert.community.notices.domain.telling import mail_channel
from tcert.community.notices.enums import Told
from tcert.community.reachability import bounces, delivery
from tcert.community.reachability.delivery import Happening
from tcert.community.reachability.enums import DeliveryState, Outcome, Reason
from tcert.community.reachability.models import Call, Delivery, DeliveryEvent
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.mail import Attempt, Verdict
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

KEEP = timedelta(days=400)
MOST_A_DAY = 20
"""So many events of one address are kept in a day: returned mail can be sent by who has a token."""
_TESTS = Budget("reachability:test-mail", Scope.ACCOUNT, 10, timedelta(hours=1))
_OUTCOMES = {
    Verdict.ACCEPTED: Outcome.ACCEPTED,
    Verdict.PUT_OFF: Outcome.PUT_OFF,
    Verdict.REFUSED: Outcome.REFUSED,
}


def note_attempt(attempt: Attempt) -> None:
    """Keep what the relay said of a mail to one of the hub's own."""
    row = of_address(attempt.recipient)
    if row is not None:
        note(row.id, _OUTCOMES[attempt.verdict], delivery.reason_of(attempt.code, attempt.status))


def return_path(recipient: str) -> str:
    """Return where a mail is returned to: with a token for the hub's own, empty if switched off."""
    address: str = settings.BOUNCE_ADDRESS
    if not address:
        return ""
    row = of_address(recipient)
    if row is None:
        return address
    return bounces.with_token(address, bounces.token(row.id, clock.today(), token_key()))


def token_key() -> bytes:
    """Return with what the tokens in return addresses are made."""
    return salted_hmac("tcert.reachability.bounce", "", algorithm="sha256").digest()


def note_returned(raw: bytes) -> None:
    """Keep what a returned mail says; all else that lies in the mailbox changes nothing."""
    found = bounces.read(raw, settings.BOUNCE_ADDRESS, clock.today(), token_key())
    if found is not None:
        note(found.delivery, found.outcome, found.reason)


@transaction.atomic
def note(delivery_id: UUID, outcome: Outcome, reason: Reason = Reason.OTHER) -> None:
    """Keep that something happened, and say anew how mail to the address fares."""
    row = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if row is None:
        return
    now = clock.now()
    last = row.events.order_by("-number").first()
    one = Happening(_hour(now), outcome, reason)
    taken = outcome in {Outcome.ACCEPTED, Outcome.CONFIRMED}
    if taken:
        row.fine_on = now.date()
    is_quiet = outcome == Outcome.ACCEPTED and row.state == DeliveryState.FINE
    pending = last is not None and last.is_trouble
    says_more = delivery.adds(last.happening if last is not None else None, one)
    if (not is_quiet or pending) and says_more and not _is_flooded(row, one):
        number = last.number + 1 if last is not None else 0
        DeliveryEvent.objects.create(
            delivery=row, number=number, hour=one.at, outcome=outcome, reason=reason
        )
    _judge(row, now)


def _is_flooded(row: Delivery, one: Happening) -> bool:
    """Tell whether so much is kept of this day that more must be somebody's game."""
    midnight = one.at.replace(hour=0)
    kept = row.events.filter(hour__gte=midnight).count()
    return one.outcome != Outcome.CONFIRMED and kept >= MOST_A_DAY


@transaction.atomic
def judge(delivery_id: UUID) -> None:
    """Say anew how mail to an address fares, since time has passed."""
    row = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if row is not None:
        _judge(row, clock.now())


def _judge(row: Delivery, now: datetime) -> None:
    found = delivery.standing((e.happening for e in row.events.order_by("number")), now)
    row.state, row.since = found.state, found.since
    row.reason = found.reason or ""
    row.save(update_fields=["state", "since", "reason", "fine_on"])


def look_after() -> None:
    """Judge anew what time changes, and forget addresses that nobody has any more."""
    now = clock.now()
    lately = DeliveryEvent.objects.filter(
        delivery=OuterRef("pk"), hour__gte=now - delivery.RETURNS_WITHIN - timedelta(days=1)
    )
    found = Delivery.objects.filter(Q(Exists(lately)) | ~Q(state=DeliveryState.FINE))
    for row in found.values_list("id", flat=True):
        judge(row)
    _forget_strangers()
    fine = Delivery.objects.filter(state=DeliveryState.FINE).alias(last=Max("events__hour"))
    DeliveryEvent.objects.filter(
        delivery__in=fine.filter(last__lt=now - KEEP).values("id")
    ).exclude(outcome=Outcome.CONFIRMED).exclude(outcome=Outcome.ACCEPTED).delete()
    Call.objects.filter(drill=None, made_at__lt=now - KEEP).delete()


def _forget_strangers() -> None:
    """Delete the rows of addresses that no team and no person has any more.

    Compared here and not by the database, which would hold each against each: no index helps it.
    """
    channels = Channel.objects.filter(kind=ChannelKind.EMAIL).values_list("value", flat=True)
    people = Person.objects.values_list("email", flat=True)
    ours = {one.lower() for found in (channels, people) for one in found.iterator()}
    known = dict(Delivery.objects.values_list("address", "id"))
    for address in known.keys() - ours:
        Delivery.objects.filter(pk=known[address]).delete()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def of_address(recipient: str) -> Delivery | None:
    """Return the row of an address; made once, if it belongs to a team or a person of the hub."""
    address = recipient.lower()
    found = Delivery.objects.filter(address=address).first()
    if found is not None:
        return found
    is_ours = (
        Channel.objects.filter(kind=ChannelKind.EMAIL, value__iexact=recipient).exists()
        or Person.objects.filter(email__iexact=recipient).exists()
    )
    if not is_ours:
        return None
    try:
        with transaction.atomic():
            return Delivery.objects.create(address=address)
    except IntegrityError:  # another worker made it
        return Delivery.objects.filter(address=address).first()


@transaction.atomic
def test_mail(*, principal: Principal, channel: Channel) -> Told:
    """Send a mail with a link to an address of the team: who uses it proves that mail arrives.

    Raises:
        TooMany: the person has sent too many within an hour.
        DomainError: it is no address for mail, or nothing can be sent to the team.

    """
    require(principal, Permission.REACHABILITY_TEAM_MANAGE, channel.team)
    if channel.kind != ChannelKind.EMAIL:
        raise DomainError(_("Only an e-mail address can be tested by a mail."))
    if principal.person_id is not None:
        _TESTS.require(principal.person_id)
    secret = new_token()
    link = settings.BASE_URL + reverse("reachability:works", args=[secret])
    words = _("This is a test mail of %(hub)s. If you read it, say so: %(link)s\n") % {
        "hub": settings.BASE_URL,
        "link": link,
    }
    told = mail_channel(
        channel,
        active_key(channel.team_id, clock.now()),
        subject=_("Test: does mail reach your team?"),
        text=words,
        otherwise=words if settings.MAIL_CLEAR_TEXT else "",
    )
    if told is Told.NO_KEY:
        raise DomainError(
            _("Your team has no key, and this hub sends no clear text. Give the team a key first.")
        )
    Call.objects.create(
        channel=channel, delivery=of_address(channel.value), told=told, digest=digest(secret)
    )
    record(principal, "reachability:test-mail", "team", channel.team_id)
    return told


@transaction.atomic
def confirm_by_link(token: str) -> bool:
    """Take down that a test mail was read; True if it was said before.

    What it proves is that mail reaches the address to which it went, whatever stands there now.

    Raises:
        DomainError: there is no such link, or it is too old.

    """
    call = Call.objects.filter(digest=digest(token), drill=None).first()
    if call is None or clock.now() - call.made_at > bounces.TOKEN_LIVES:
        raise DomainError(_("This link does not work: it has ended, or is incomplete."))
    if not Call.objects.filter(pk=call.pk, used_at=None).update(used_at=clock.now()):
        return True
    confirm(call)
    return False


def confirm(call: Call) -> None:
    """Take down that the mail of a call was read."""
    if call.delivery_id is not None:
        note(call.delivery_id, Outcome.CONFIRMED)
