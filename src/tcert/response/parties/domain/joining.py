"""A stranger opens the link, makes an account or signs in, and a provisional team comes of it."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.domain.links import end_links, use_up
from tcert.community.accounts.domain.people import as_principal, create_person, is_of_the_desk
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.directory.domain import provisional
from tcert.community.directory.enums import OrganisationKind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import SYSTEM
from tcert.response.cases import protocol
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.domain.triage import check_may_be_told
from tcert.response.parties.domain import checks
from tcert.response.parties.domain.inviting import move
from tcert.response.parties.enums import PartyAct, PartyState
from tcert.response.parties.models import PartyInvitation


class NotForYou(DomainError):
    """The link cannot be taken; the same words whatever the reason, for a stranger reads them."""

    def __init__(self) -> None:
        super().__init__(
            _("This link cannot be used now. Ask the desk that invited you for a new one."),
            code="not-for-you",
        )


def invitation_of(link: OneTimeLink) -> PartyInvitation:
    """Return the invitation that a link belongs to; raises `NotForYou`."""
    found = PartyInvitation.objects.filter(addresses__link=link).first()
    if found is None:
        raise NotForYou
    return found


@transaction.atomic
def note_opened(*, link: OneTimeLink) -> None:
    """Note that a person opened the link: pressed on, not only fetched, as mail scanners do."""
    invitation = invitation_of(link)
    if invitation.state == PartyState.SENT:
        invitation.claim(None)
        if invitation.state == PartyState.SENT:
            move(invitation, PartyAct.OPEN)
            invitation.opened_at = clock.now()
            invitation.save(update_fields=["state", "opened_at"])


def join(*, link: OneTimeLink, name: str, passphrase: str) -> Person:
    """Make an account by the link, and with it the provisional organisation and team.

    Raises:
        Conflict: the link, or another of the same invitation, was used a moment ago; or the
            address has an account.
        NotForYou: the party must not be told any more, or is in the directory by now.

    """
    password_hash = make_password(passphrase)
    with transaction.atomic():
        invitation = _claimed(link)
        person = create_person(email=link.email, name=name, password_hash=password_hash)
        _come_in(invitation, link, person)
    return person


def join_with_account(*, link: OneTimeLink, person: Person) -> PartyInvitation:
    """Let a person who has an account come in with it: published addresses are often shared.

    Who belongs to a team that must not be told is kept out. They learn nothing but that the link
    cannot be used; the desk sees the attempt.

    Raises:
        Conflict: see `join`.
        NotForYou: see `join`; or the person is of the desk, or of a team that must not be told.

    """
    invitation = invitation_of(link)
    try:
        checks.check_person(invitation.case, person)
    except DomainError as refusal:
        note(
            SYSTEM,
            "party-refused",
            invitation.case,
            party=str(invitation.id),
            person=str(person.id),
        )
        raise NotForYou from refusal
    if is_of_the_desk(person):
        raise NotForYou
    with transaction.atomic():
        invitation = _claimed(link)
        _come_in(invitation, link, person)
    return invitation


def _claimed(link: OneTimeLink) -> PartyInvitation:
    """Hold the invitation, use the link up, and move on; the second of two is told."""
    invitation = invitation_of(link)
    invitation.claim(None)
    use_up(link)
    move(invitation, PartyAct.JOIN)
    return invitation


def _come_in(invitation: PartyInvitation, link: OneTimeLink, person: Person) -> None:
    case = invitation.case
    sketch = provisional.sketch(
        name=invitation.name, kind=OrganisationKind(invitation.kind), group=invitation.group
    )
    try:
        check_may_be_told(case, sketch)
        checks.check_person(case, person)
        checks.check_unknown(invitation.name)
    except DomainError as refusal:
        raise NotForYou from refusal
    by = as_principal(person)
    invitation.team = provisional.enter(principal=by, person=person, team=sketch, email=link.email)
    now = clock.now()
    invitation.joined_at, invitation.joined_by = now, person.id
    invitation.opened_at = invitation.opened_at or now
    invitation.expires_at = protocol.invitation_expiry(
        now, case.embargo.ends_at if case.has_embargo else None
    )
    invitation.save()
    end_links(OneTimeLink.objects.filter(party_address__invitation=invitation))
    note(by, "party-joined", case, party=str(invitation.id))
    tell_team(case, case.coordinating_team_id, "party")
