"""What a coordinator does about an application; one who is tied to it does nothing."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Organisation
from tcert.community.joining import protocol, queries
from tcert.community.joining.domain import listing
from tcert.community.joining.domain.machine import (
    hold,
    move,
    note,
    require_shown,
    settle,
    tell_applicant,
)
from tcert.community.joining.domain.sponsoring import tell_sponsor
from tcert.community.joining.enums import Act, ObjectionState, State, Word
from tcert.community.joining.models import Application, ApplicationMessage
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation, require_second

ADMIT = "joining:admit"


@transaction.atomic
def examine(
    *,
    principal: Principal,
    application: Application,
    word: str = "",
    group: Organisation | None = None,
    shown: str | None = None,
) -> Application:
    """Say that the application is what it seems to be; the teams it names are asked to vouch now.

    Args:
        principal: The coordinator.
        application: Which one.
        word: Why an address at a provider that serves everybody is taken; demanded for such a one.
        group: The listed organisation that owns it: its house's word does not count.
        shown: The mark of what the page showed of who applies.

    Raises:
        DomainError: the address is at a provider that serves everybody, and no word was given.
        Conflict: it is examined already, not submitted, or of another than the page showed.

    """
    row = _held(principal, application)
    require_shown(row, shown)
    if row.examined_at is not None:
        raise Conflict(_("A colleague has looked at it already."))
    if row.has_free_mail and not word.strip():
        raise DomainError(
            _("Its address is at a provider that serves everybody: say how you know them."),
            code="word",
        )
    if group is not None:
        row.group = group
        row.save(update_fields=["group"])
    move(principal, row, Act.EXAMINE, examined_at=clock.now(), desk_word=word.strip())
    row.since = clock.now()  # the week of the sponsors and the applicant begins here
    row.save(update_fields=["since"])
    for one in row.sponsorships.filter(state=Word.ASKED):
        tell_sponsor(one)
    tell_applicant(row, "examined")
    settle(row)
    return row


@transaction.atomic
def ask(*, principal: Principal, application: Application, text: str) -> ApplicationMessage:
    """Ask the applicant for more; they can change what they entered until they answer.

    Raises:
        Conflict: it is not where anything more is asked for.

    """
    row = _held(principal, application)
    move(principal, row, Act.ASK)
    return _write(principal, row, text)


@transaction.atomic
def write(*, principal: Principal, application: Application, text: str) -> ApplicationMessage:
    """Write to the applicant without changing where the application is.

    Raises:
        Conflict: it is over.

    """
    row = _held(principal, application)
    if row.state in State.final():
        raise Conflict(_("The application is over."))
    return _write(principal, row, text)


def _write(principal: Principal, row: Application, text: str) -> ApplicationMessage:
    made = ApplicationMessage.objects.create(
        application=row, by_desk=True, author=principal.person_id, text=text
    )
    note(principal, "write", row, by_desk=True)
    tell_applicant(row, f"written:{made.id}")
    return made


@transaction.atomic
def open_period(*, principal: Principal, application: Application) -> Application:
    """Show a sponsored application to all members, who may object for 21 days.

    Raises:
        DomainError: its name is taken in the directory, or its address is not settled.
        Conflict: it is not sponsored.

    """
    row = _held(principal, application)
    _require_ready(row)
    until = clock.now() + protocol.OBJECTION_PERIOD
    move(principal, row, Act.OPEN, objections_until=until)
    tell_applicant(row, "period")
    return row


@transaction.atomic
def admit(
    *,
    principal: Principal,
    application: Application,
    confirmation: Confirmation | None = None,
) -> Application:
    """List an applicant in the founding phase: the word of two coordinators, and nothing else.

    Raises:
        DomainError: the founding phase is over, or something stands in the way of listing.
        Conflict: it is not submitted, or nobody has had a first look.

    """
    row = _held(principal, application)
    if not queries.is_founding():
        raise DomainError(
            _("The founding phase is over: two members vouch now, and all members may object.")
        )
    if row.examined_at is None or protocol.after(State(row.state), Act.ADMIT) is None:
        raise Conflict(_("Have a first look at it before you admit it."))
    _require_ready(row)
    if row.objections.filter(state=ObjectionState.OPEN).exists():
        raise DomainError(_("Decide on the objections to it first."))
    require_second(confirmation, ADMIT, row.id)
    row.admitted_by_two = True
    row.save(update_fields=["admitted_by_two"])
    listing.enter(principal, row, Act.ADMIT)
    return row


def _require_ready(row: Application) -> None:
    if not row.is_mail_settled:
        raise DomainError(_("Its mail address is not proved."))
    if not row.applicant.is_active:
        raise DomainError(_("The applicant's account is closed, so nobody could act for it."))
    if queries.is_name_taken(row):
        raise DomainError(
            _(
                "An organisation of this name is in the directory. Find out whether it is the "
                "same one, and ask the applicant for another name if it is not."
            )
        )


@transaction.atomic
def defer(
    *, principal: Principal, application: Application, until: datetime, reason: str
) -> Application:
    """Put an application off until a day, with the reason that the applicant reads.

    Raises:
        DomainError: the day is not within the next half year.
        Conflict: it is over, or put off already.

    """
    row = _held(principal, application)
    now = clock.now()
    if not now < until <= now + protocol.LONGEST_DEFERRAL + timedelta(days=1):
        raise DomainError(_("Choose a day within the next half year."), code="until")
    move(
        principal,
        row,
        Act.DEFER,
        deferred_until=until,
        reason=reason,
        objections_until=None,
    )
    tell_applicant(row, "deferred")
    return row


@transaction.atomic
def resume(*, principal: Principal, application: Application) -> Application:
    """Take a deferred application up again before its day.

    Raises:
        Conflict: it is not deferred.

    """
    row = _held(principal, application)
    take_up(principal, row)
    return row


def take_up(principal: Principal, row: Application) -> None:
    """Take a held application up again, by a coordinator or because its day has come."""
    move(principal, row, Act.RESUME, deferred_until=None, reason="")
    tell_applicant(row, "resumed")
    settle(row)


@transaction.atomic
def decline(
    *, principal: Principal, application: Application, reason: str, confirmed_name: str
) -> Application:
    """Decline an application, with the reason that the applicant reads.

    Raises:
        DomainError: another name was typed.
        Conflict: it is over.

    """
    row = _held(principal, application)
    confirm_name(confirmed_name, row.name)
    move(principal, row, Act.DECLINE, reason=reason, objections_until=None)
    tell_applicant(row, "declined")
    return row


def _held(principal: Principal, application: Application) -> Application:
    require(principal, Permission.JOINING_DECIDE, application)
    return hold(application.id)
