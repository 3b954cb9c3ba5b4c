"""How somebody comes to apply: a link to an address, an account that can do nothing else, a draft.

Whoever asks for a link is answered the same and costs the same work, whether the address has an
account or not: the page behind the link is where that shows, to who reads mail there.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.domain.links import issue_link, use_up
from tcert.community.accounts.domain.people import as_principal, create_person, is_of_the_desk
from tcert.community.accounts.enums import LinkKind
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.directory.enums import OrganisationKind, OrganisationState, TeamKind
from tcert.community.directory.models import Team
from tcert.community.directory.rules import leads_team
from tcert.community.joining.domain.machine import note
from tcert.community.joining.models import Application
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Outcome, Scope
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

LINK_FOR = timedelta(hours=24)
ASKED = Budget("joining:asked", Scope.HUB, limit=200, per=timedelta(hours=1))
INVITED = Budget("joining:invited", Scope.ACCOUNT, limit=10, per=timedelta(days=1))


def ask(*, email: str) -> None:
    """Mail a link with which an application begins.

    Anybody can invent addresses: beyond the hub's budget nothing is sent, after the same work.
    """
    with transaction.atomic():
        within = ASKED.spend() is Outcome.WITHIN
        with transaction.atomic():
            expires = clock.now() + LINK_FOR
            link, address = issue_link(
                kind=LinkKind.APPLICATION, email=email, invited_by=None, expires_at=expires
            )
            queue_mail(
                link.email,
                _("Your request"),
                _(
                    "Somebody, probably you, asked to begin at the TCERT hub at %(hub)s.\n\n"
                    "Open this address within 24 hours:\n\n%(address)s\n\n"
                    "It works once. If you did not ask, do nothing."
                )
                % {"hub": settings.BASE_URL, "address": address},
                key=f"joining:link:{link.id}",
            )
            transaction.set_rollback(not within)


def invite(*, principal: Principal, email: str) -> None:
    """Invite somebody by mail to apply; the mail names neither the inviter nor their team.

    Raises:
        TooMany: the person has invited ten today.

    """
    require(principal, Permission.JOINING_INVITE)
    if principal.person_id is None:
        raise DomainError(_("Only a person invites."))
    INVITED.require(principal.person_id)
    with transaction.atomic():
        expires = clock.now() + timedelta(days=settings.INVITATION_DAYS)
        link, address = issue_link(
            kind=LinkKind.APPLICATION,
            email=email,
            invited_by=principal.person_id,
            expires_at=expires,
        )
        queue_mail(
            link.email,
            _("An invitation"),
            _(
                "A member of the TCERT hub at %(hub)s invites you to apply to join. It is free.\n\n"
                "Open this address within %(days)d days:\n\n%(address)s\n\n"
                "It works once. If you did not expect it, do nothing."
            )
            % {"hub": settings.BASE_URL, "days": settings.INVITATION_DAYS, "address": address},
            key=f"joining:invitation:{link.id}",
        )
        record(principal, "joining:invite", "one-time link", link.id)


def open_account(*, link: OneTimeLink, name: str, passphrase: str) -> Person:
    """Make an applicant's account by a link, with a draft; it has no place in any team.

    Raises:
        Conflict: the link was used a moment ago, or the address has an account.

    """
    password_hash = make_password(passphrase)
    with transaction.atomic():
        use_up(link)
        person = create_person(email=link.email, name=name, password_hash=password_hash)
        _draft(person, invited_by=link)
    return person


def come_with_account(*, link: OneTimeLink, person: Person) -> Application:
    """Begin an application by a link with the account that its address has.

    Raises:
        Conflict: the link was used a moment ago, is for another address, or an application of
            this person runs already.
        DomainError: the person is of the desk.

    """
    if link.email != person.email:
        raise Conflict(_("This link is for another e-mail address."))
    if is_of_the_desk(person):
        raise DomainError(_("The desk decides on applications, so its people make none."))
    with transaction.atomic():
        use_up(link)
        return _draft(person, invited_by=link)


def begin(*, principal: Principal, person: Person, team: Team | None = None) -> Application:
    """Begin an application: of somebody new, or of a provisional team that the person leads.

    Raises:
        Conflict: one of this person, or of this team, runs already.
        DomainError: the team is not provisional, or the person does not lead it.

    """
    require(principal, Permission.JOINING_APPLY)
    if team is not None:
        provisional = team.organisation.state == OrganisationState.PROVISIONAL
        if not provisional or team.retired_at or not leads_team(principal, team):
            raise DomainError(_("Only who leads a provisional team applies for it."))
    with transaction.atomic():
        return _draft(person, team=team)


def _draft(
    person: Person, *, team: Team | None = None, invited_by: OneTimeLink | None = None
) -> Application:
    application = Application(
        applicant=person,
        invited_by=invited_by.invited_by if invited_by else None,
        kind=OrganisationKind.MNO,
        team_kind=TeamKind.CERT,
        mail=person.email,
    )
    if team is not None:
        _fill_in(application, team)
    try:
        with transaction.atomic():
            application.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("An application of yours runs already. Go on with that one.")) from error
    note(as_principal(person), "begin", application)
    return application


def _fill_in(application: Application, team: Team) -> None:
    """Take over what the hub knows of a provisional team; its names stay as they are."""
    house = team.organisation
    application.team, application.group = team, house.group
    application.name, application.short_name = house.name, house.short_name
    application.kind, application.country, application.website = (
        house.kind,
        house.country,
        house.website,
    )
    application.team_name, application.team_kind = team.name, team.kind
