"""Making accounts, and what a person changes about their own."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts import joining
from tcert.community.accounts.domain.links import use_up
from tcert.community.accounts.enums import Verified
from tcert.community.accounts.models import BrowserSession, OneTimeLink, Person, StaffSession
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal, PrincipalKind
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second

LET_IN = "accounts:second-factor:clear"
CHANGE_EMAIL = "accounts:person:change-email"
CLOSE = "accounts:person:close"
REOPEN = "accounts:person:reopen"

ACCOUNT_CLOSED = "accounts:person:closed"
LET_IN_AGAIN = "accounts:person:let-in"


def as_principal(person: Person) -> Principal:
    """Return the person as the actor of an act on their own account."""
    return Principal(PrincipalKind.PERSON, person_id=person.id, label=person.name)


def create_person(*, email: str, name: str, password_hash: str) -> Person:
    """Create an account inside the caller's transaction; the slow hash is computed before it.

    Raises:
        Conflict: the address has an account.

    """
    person = Person(email=email.strip().lower(), name=name.strip(), password=password_hash)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise Conflict(_("There is an account with this e-mail address already.")) from None
    record(as_principal(person), "accounts:person:create", "person", person.id)
    return person


def accept_invitation(*, link: OneTimeLink, name: str, passphrase: str) -> Person:
    """Make the invited person's account and give them the places that wait.

    Raises:
        Conflict: the link was used a moment ago, or the address has an account.

    """
    password_hash = make_password(passphrase)
    with transaction.atomic():
        use_up(link)
        person = create_person(email=link.email, name=name, password_hash=password_hash)
        joining.take_places(as_principal(person), person, link.places)
        record(as_principal(person), "accounts:invitation:accept", "one-time link", link.id)
    return person


def join_with_account(*, link: OneTimeLink, person: Person) -> None:
    """Give a person who has an account the places of an invitation to their own address.

    Raises:
        Conflict: the link was used a moment ago, or it invites another address.

    """
    if link.email != person.email:
        raise Conflict(_("This invitation is for another e-mail address."))
    with transaction.atomic():
        use_up(link)
        joining.take_places(as_principal(person), person, link.places)
        record(as_principal(person), "accounts:invitation:accept", "one-time link", link.id)


def renew_passphrase(*, link: OneTimeLink, passphrase: str) -> Person:
    """Set a new passphrase by a mailed link; every session ends, the second factors stay.

    Raises:
        Conflict: the link was used a moment ago.

    """
    password_hash = make_password(passphrase)
    with transaction.atomic():
        use_up(link)
        person = Person.objects.select_for_update().get(one_time_links=link, is_active=True)
        person.password = password_hash
        person.save(update_fields=["password"])
        OneTimeLink.objects.filter(kind=link.kind, person=person, used_at=None).update(
            expires_at=clock.now()
        )
        record(as_principal(person), "accounts:passphrase:renew", "person", person.id)
        sign_out_everywhere(principal=as_principal(person), person=person)
        tell(person, _("your passphrase was renewed by a link sent to this address"))
    return person


def sign_out_everywhere(*, principal: Principal, person: Person) -> None:
    """End all sessions of a person, and a staff session with them."""
    with transaction.atomic():
        ended, _tables = BrowserSession.objects.filter(person=person).delete()
        StaffSession.objects.filter(person=person, closed_at=None, ends_at__gt=clock.now()).update(
            closed_at=clock.now()
        )
        record(principal, "accounts:sessions:end", "person", person.id, ended=ended)


def end_session(*, principal: Principal, row: BrowserSession) -> None:
    """End one session of the person."""
    with transaction.atomic():
        row.delete()
        record(principal, "accounts:sessions:end", "person", row.person_id, ended=1)


def change_account(*, principal: Principal, person: Person) -> None:
    """Save what a person changed about their own account (the form has filled it in)."""
    with transaction.atomic():
        person.save(update_fields=["name", "timezone", "dates"])
        record(principal, "accounts:person:change", "person", person.id)


def is_of_the_desk(person: Person) -> bool:
    """Tell whether a person can switch coordinator rights on: what is done to them needs two."""
    return person.memberships.filter(team__is_desk=True).exists()


def let_in_again(
    *,
    principal: Principal,
    person: Person,
    verified: Verified,
    confirmation: Confirmation | None = None,
) -> None:
    """Remove a person's second factors after phone, keys and codes were lost.

    They sign in with their passphrase and set up a new factor; every session ends, and a mail
    tells them, so that somebody who talked a coordinator into it is noticed. Another
    coordinator's are removed by two.
    """
    require(principal, Permission.ACCOUNTS_PEOPLE_MANAGE, person)
    if is_of_the_desk(person):
        require_second(confirmation, LET_IN, person.id, verified=str(verified))
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        record(
            principal,
            LET_IN,
            "person",
            person.id,
            verified=str(verified),
        )
        sign_out_everywhere(principal=principal, person=person)
        emit(LET_IN_AGAIN, person.id)
        tell(person, _("a coordinator removed your second factors, so that you set up new ones"))


def change_email(
    *,
    principal: Principal,
    person: Person,
    email: str,
    confirmation: Confirmation | None = None,
) -> None:
    """Give a person another address to sign in with; both addresses are told.

    A link for a new passphrase goes to that address: another coordinator's is changed by two.

    Raises:
        Conflict: another account has the address.

    """
    require(principal, Permission.ACCOUNTS_PEOPLE_MANAGE, person)
    if is_of_the_desk(person):
        require_second(confirmation, CHANGE_EMAIL, person.id, email=email.strip().lower())
    what = _("a coordinator changed the address that you sign in with")
    try:
        with transaction.atomic():
            tell(person, what)
            person.email = email.strip().lower()
            person.save(update_fields=["email"])
            tell(person, what)
            OneTimeLink.objects.filter(person=person, used_at=None).update(expires_at=clock.now())
            record(principal, CHANGE_EMAIL, "person", person.id)
    except IntegrityError:
        raise Conflict(_("There is an account with this e-mail address already.")) from None


def close_account(
    *, principal: Principal, person: Person, confirmation: Confirmation | None = None
) -> None:
    """Close an account: its sessions end and it no longer signs in.

    Another coordinator's is closed by two, so that nobody makes themselves the only one.
    """
    require(principal, Permission.ACCOUNTS_PEOPLE_MANAGE, person)
    if person.is_active and is_of_the_desk(person):
        require_second(confirmation, CLOSE, person.id)
    _set_active(principal, person, active=False)


def reopen_account(
    *, principal: Principal, person: Person, confirmation: Confirmation | None = None
) -> None:
    """Let a closed account sign in again.

    One of the desk is opened by two: it gives coordinator rights back, and undoes what two, or the
    administrator, did to a coordinator whom they no longer trusted.
    """
    require(principal, Permission.ACCOUNTS_PEOPLE_MANAGE, person)
    if not person.is_active and is_of_the_desk(person):
        require_second(confirmation, REOPEN, person.id)
    _set_active(principal, person, active=True)


def _set_active(principal: Principal, person: Person, *, active: bool) -> None:
    require(principal, Permission.ACCOUNTS_PEOPLE_MANAGE, person)
    switch(principal=principal, person=person, active=active)


def switch(*, principal: Principal, person: Person, active: bool) -> None:
    """Close or open an account; who may is settled by the caller.

    Raises:
        Conflict: somebody did so a moment ago.

    """
    with transaction.atomic():
        changed = Person.objects.filter(pk=person.pk, is_active=not active).update(is_active=active)
        if not changed:
            raise Conflict(_("Somebody did that a moment ago."))
        act = "reopen" if active else "close"
        record(principal, f"accounts:person:{act}", "person", person.id)
        if not active:
            sign_out_everywhere(principal=principal, person=person)
            emit(ACCOUNT_CLOSED, person.id)


def tell(person: Person, what: str) -> None:
    """Tell a person by mail that the way they sign in has changed; no address, no browser."""
    queue_mail(
        person.email,
        _("A change to your account"),
        _(
            "On %(day)s %(what)s.\n\n"
            "If that was you, there is nothing to do. If it was not, sign in, end all sessions "
            "under “Sessions”, choose a new passphrase, and tell the TCERT desk."
        )
        % {"day": f"{clock.now():%d %B %Y, %H:%M} UTC", "what": what},
    )


def spend_code(authenticator: Authenticator, counter: int) -> bool:
    """Mark a time-based code as used; False if it, or a later one, was used before.

    The library remembers used codes in the memory of one process; this holds for all of them.
    """
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        if counter <= row.data.get("last_counter", -1):
            return False
        row.data["last_counter"] = counter
        row.save(update_fields=["data"])
    return True
