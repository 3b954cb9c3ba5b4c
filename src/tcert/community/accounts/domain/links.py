"""One-time links: to set the hub up, to join it, to choose a new passphrase."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.enums import LinkKind
from tcert.community.accounts.joining import Place
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.accounts.tokens import digest, new_token
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record

SET_UP_FOR = timedelta(hours=24)
NEW_PASSPHRASE_FOR = timedelta(hours=1)
KEEP_FOR = timedelta(days=30)


def link_address(token: str) -> str:
    """Return the address that carries a secret in its fragment, which no browser sends on."""
    return f"{settings.BASE_URL}{reverse('accounts:start')}#{token}"


def create_setup_link() -> str:
    """Return a new link that makes the first coordinator; older ones stop working.

    Raises:
        Conflict: somebody has an account already.

    """
    if Person.objects.exists():
        raise Conflict(_("This hub is set up: a coordinator invites further people."))
    token = new_token()
    now = clock.now()
    with transaction.atomic():
        OneTimeLink.objects.filter(kind=LinkKind.SET_UP, used_at=None).delete()
        link = OneTimeLink.objects.create(
            kind=LinkKind.SET_UP,
            digest=digest(token),
            created_at=now,
            expires_at=now + SET_UP_FOR,
        )
        record(SYSTEM, "accounts:set-up-link:create", "one-time link", link.id)
    return link_address(token)


def invite_person(
    *, principal: Principal, email: str, name: str, places: Sequence[Place] = ()
) -> str:
    """Invite a person to the hub and return the link, which is mailed to them as well.

    The caller has checked that the principal may give the places away. An earlier invitation of
    the same address by the same person for the same places stops working.
    """
    email = email.strip().lower()
    token = new_token()
    now = clock.now()
    with transaction.atomic():
        OneTimeLink.objects.filter(
            kind=LinkKind.INVITATION, email=email, invited_by=principal.person_id, used_at=None
        ).filter(places=list(places)).update(expires_at=now)
        link = OneTimeLink.objects.create(
            kind=LinkKind.INVITATION,
            digest=digest(token),
            email=email,
            name=name.strip(),
            places=[dict(place) for place in places],
            invited_by=principal.person_id,
            created_at=now,
            expires_at=now + timedelta(days=settings.INVITATION_DAYS),
        )
        address = link_address(token)
        queue_mail(
            email,
            _("An invitation"),
            _(
                "%(inviter)s invites you to the TCERT hub at %(hub)s.\n\n"
                "Open this address within %(days)d days to make your account:\n\n%(address)s\n\n"
                "It works once. If you did not expect it, do nothing: no account is made."
            )
            % {
                "inviter": principal.label,
                "hub": settings.BASE_URL,
                "days": settings.INVITATION_DAYS,
                "address": address,
            },
            key=f"accounts:invitation:{link.id}",
        )
        record(principal, "accounts:invitation:create", "one-time link", link.id)
    return address


def issue_link(
    *, kind: LinkKind, email: str, invited_by: UUID | None, expires_at: datetime
) -> tuple[OneTimeLink, str]:
    """Make a link of an upper room, in its transaction; returns it and the address to mail."""
    token = new_token()
    link = OneTimeLink.objects.create(
        kind=kind,
        digest=digest(token),
        email=email.strip().lower(),
        invited_by=invited_by,
        created_at=clock.now(),
        expires_at=expires_at,
    )
    return link, link_address(token)


def end_links(links: models.QuerySet[OneTimeLink], *, at: datetime | None = None) -> None:
    """Let links that still work end now, or at a moment that is earlier than theirs."""
    end = at or clock.now()
    links.filter(used_at=None, expires_at__gt=end).update(expires_at=end)


def open_link(token: str) -> OneTimeLink:
    """Return the link that a secret opens, without using it up.

    Raises:
        DomainError: it is unknown, used or ended; one answer for all three.

    """
    link = OneTimeLink.objects.filter(digest=digest(token.strip())).first()
    if link is None or not link.is_open(clock.now()):
        raise DomainError(
            _(
                "This link does not work: it was used, has ended, or is not complete. "
                "Ask for a new one."
            )
        )
    return link


def use_up(link: OneTimeLink) -> None:
    """Use a link up, inside the transaction of the act that it allows.

    Raises:
        Conflict: somebody used it a moment ago, or it has ended.

    """
    used = OneTimeLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=clock.now()).update(
        used_at=clock.now()
    )
    if not used:
        raise Conflict(_("This link was used already. Nothing was changed."))


def forget_old_links() -> None:
    """Remove links that ended a month ago: the records tell what they did."""
    OneTimeLink.objects.filter(expires_at__lt=clock.now() - KEEP_FOR).delete()


def open_invitations() -> models.QuerySet[OneTimeLink]:
    """Return the invitations that still work, the latest first."""
    return OneTimeLink.objects.filter(
        kind=LinkKind.INVITATION, used_at=None, expires_at__gt=clock.now()
    ).order_by("-created_at")


def withdraw_invitation(*, principal: Principal, link: OneTimeLink) -> None:
    """Make an invitation stop working.

    Raises:
        Conflict: it was used, or has ended.

    """
    require(principal, Permission.ACCOUNTS_PEOPLE_MANAGE)
    with transaction.atomic():
        if not open_invitations().filter(pk=link.pk).update(expires_at=clock.now()):
            raise Conflict(_("The invitation was used or has ended."))
        record(principal, "accounts:invitation:withdraw", "one-time link", link.id)
