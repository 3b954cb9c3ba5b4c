"""Invite a party that the hub does not know, send the link anew, withdraw, let it run out."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.domain.links import end_links, issue_link
from tcert.community.accounts.enums import LinkKind
from tcert.community.accounts.models import OneTimeLink
from tcert.community.directory.domain import provisional
from tcert.community.directory.enums import KeyState, OrganisationKind
from tcert.community.directory.models import Organisation, Team, TeamKey
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.response.cases import protocol
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.domain.triage import check_may_be_told, coordinator_row
from tcert.response.cases.enums import INVITED_ROLES, Management, Role
from tcert.response.cases.models import Case, Participant
from tcert.response.cases.refusals import in_words
from tcert.response.parties.domain import checks
from tcert.response.parties.enums import LINK_OUT, PartyAct, PartyState, Source
from tcert.response.parties.life import after
from tcert.response.parties.models import PartyAddress, PartyInvitation

MOST_ADDRESSES = 5
REMIND_BEFORE = timedelta(hours=24)


def move(invitation: PartyInvitation, act: PartyAct) -> None:
    """Move the invitation's machine, which the caller has claimed; the caller saves and notes.

    Raises:
        Conflict: from where it stands now the act leads nowhere.

    """
    try:
        invitation.state = after(PartyState(invitation.state), act)
    except protocol.IllegalMove as refusal:
        raise Conflict(_(refusal.rule)) from refusal


def check(
    *,
    principal: Principal,
    case: Case,
    name: str,
    kind: OrganisationKind,
    group: Organisation | None,
    roles: Collection[Role],
    addresses: Sequence[str],
) -> None:
    """Say before anything is sent why it would not be; the page shows what would go to whom.

    Raises:
        DomainError: who must not be told, an open question, a name that is known, no address.

    """
    require(principal, Permission.PARTIES_INVITATION_MANAGE, case)
    _check_may_bring_in(case)
    if not roles or not set(roles) <= set(INVITED_ROLES):
        raise DomainError(_("Choose at least one role that a team can have."))
    if kind == OrganisationKind.HUB:
        raise DomainError(_("Choose what kind of party it is."))
    check_may_be_told(case, provisional.sketch(name=name, kind=kind, group=group))
    checks.check_unknown(name)
    checks.check_no_tie(principal, group)
    _check_count(addresses)
    checks.check_addresses(case, addresses)


def _check_may_bring_in(case: Case) -> None:
    """Only an accepted case brings others in, as for listed teams."""
    with in_words():
        protocol.check_may_bring_in(Management(coordinator_row(case).management))


def _check_count(addresses: Sequence[str]) -> None:
    if not 0 < len(addresses) <= MOST_ADDRESSES:
        raise DomainError(
            _("Give one to %(most)d addresses.") % {"most": MOST_ADDRESSES}, code="addresses"
        )


@transaction.atomic
def invite(
    *,
    principal: Principal,
    case: Case,
    name: str,
    kind: OrganisationKind,
    roles: Collection[Role],
    addresses: Sequence[str],
    source: Source,
    published_at: str,
    believed: str = "",
    group: Organisation | None = None,
) -> PartyInvitation:
    """Mail a link to the published addresses of a party; the mail tells nothing of the case.

    Raises:
        DomainError: see `check`.
        Conflict: a colleague invited the same party a moment ago.

    """
    # Held, so that a colleague who enters now who must not be told comes before or after.
    Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    name = " ".join(name.split())
    addresses = list(dict.fromkeys(address.strip().lower() for address in addresses))
    check(
        principal=principal,
        case=case,
        name=name,
        kind=kind,
        group=group,
        roles=roles,
        addresses=addresses,
    )
    now = clock.now()
    try:
        with transaction.atomic():
            invitation = PartyInvitation.objects.create(
                case=case,
                name=name,
                kind=kind,
                group=group,
                roles=sorted(roles),
                source=source,
                published_at=published_at,
                believed=believed,
                invited_at=now,
                invited_by=principal.person_id,
                expires_at=_expiry(case),
            )
    except IntegrityError as error:
        raise Conflict(
            _("%(name)s is invited into this case already: nothing was sent.") % {"name": name}
        ) from error
    _send(principal, invitation, addresses)
    note(principal, "party-invited", case, party=str(invitation.id), addresses=len(addresses))
    return invitation


def _expiry(case: Case) -> datetime:
    return protocol.invitation_expiry(
        clock.now(), case.embargo.ends_at if case.has_embargo else None
    )


def _send(principal: Principal, invitation: PartyInvitation, addresses: Sequence[str]) -> None:
    """Make a link for each address and mail it; the links of before end."""
    end_links(OneTimeLink.objects.filter(party_address__invitation=invitation))
    invitation.addresses.all().delete()
    for email in addresses:
        link, address = issue_link(
            kind=LinkKind.PARTY,
            email=email,
            invited_by=principal.person_id,
            expires_at=invitation.expires_at,
        )
        PartyAddress.objects.create(
            invitation=invitation, email=email, link=link, sent_at=clock.now()
        )
        subject, text = mail(invitation.expires_at, address)
        queue_mail(email, subject, text, key=f"parties:invitation:{link.id}")


def mail(expires_at: datetime, address: str) -> tuple[str, str]:
    """Return subject and text of the mail with a link: neutral, for it goes in clear text."""
    text = _(
        "The desk of the TCERT hub at %(hub)s would like to reach your team in confidence.\n\n"
        "Open this address by %(until)s:\n\n%(address)s\n\n"
        "It works once. Opening it binds you to nothing, and you are told more step by step.\n\n"
        "We took your mail address from a public place. If you doubt that this is genuine, do not "
        "answer: look the desk up under %(directory)s and reach it by a way that you find "
        "yourself. If you do not want it, do nothing: no account is made."
    ) % {
        "hub": settings.BASE_URL,
        "until": _moment(expires_at),
        "address": address,
        "directory": settings.BASE_URL + reverse("directory:list"),
    }
    return _("An invitation"), text


def _moment(at: datetime) -> str:
    return f"{at:%d %B %Y, %H:%M} UTC"


@transaction.atomic
def renew(
    *,
    principal: Principal,
    invitation: PartyInvitation,
    revision: int | None,
    addresses: Sequence[str] = (),
) -> PartyInvitation:
    """Start the clock again: with new links to these addresses, or more time to bring a key.

    Every link of before stops working, that to a mistyped address included.
    """
    case = invitation.case
    require(principal, Permission.PARTIES_INVITATION_MANAGE, case)
    invitation.claim(revision)
    move(invitation, PartyAct.RENEW)
    _check_may_bring_in(case)
    check_may_be_told(case, sketch_of(invitation))
    invitation.expires_at, invitation.ended_at = _expiry(case), None
    if invitation.state == PartyState.SENT:
        addresses = list(dict.fromkeys(address.strip().lower() for address in addresses))
        _check_count(addresses)
        checks.check_addresses(case, addresses)
        invitation.opened_at = None
        _send(principal, invitation, addresses)
    invitation.save()
    note(principal, "party-renewed", case, party=str(invitation.id), addresses=len(addresses))
    return invitation


def sketch_of(invitation: PartyInvitation) -> Team:
    """Return the party's team, or how it would come in, for checks."""
    return invitation.team or provisional.sketch(
        name=invitation.name, kind=OrganisationKind(invitation.kind), group=invitation.group
    )


@transaction.atomic
def withdraw(
    *, principal: Principal, invitation: PartyInvitation, revision: int | None
) -> PartyInvitation:
    """Take an invitation back before the terms were put: links end, a provisional team goes off.

    The account of somebody who made one stays theirs; it belongs to no team then.
    """
    require(principal, Permission.PARTIES_INVITATION_MANAGE, invitation.case)
    invitation.claim(revision)
    move(invitation, PartyAct.WITHDRAW)
    end_links(OneTimeLink.objects.filter(party_address__invitation=invitation))
    team = invitation.team
    if team is not None and not Participant.objects.filter(team=team).exists():
        provisional.take_off(principal=principal, team=team)
    invitation.ended_at = clock.now()
    invitation.save()
    note(principal, "party-withdrawn", invitation.case, party=str(invitation.id))
    return invitation


@transaction.atomic
def expire(*, invitation: PartyInvitation) -> bool:
    """Let an invitation run out that nobody followed up; True if this call did.

    A key that waits for the desk does not run out: then the desk is the one to act.
    """
    invitation.claim(None)
    if invitation.is_running(clock.now()) or invitation.state not in {
        *LINK_OUT,
        PartyState.JOINED,
    }:
        return False
    if invitation.team_id is not None and has_key(invitation):
        return False
    move(invitation, PartyAct.EXPIRE)
    invitation.ended_at = clock.now()
    invitation.save()
    note(SYSTEM, "party-expired", invitation.case, party=str(invitation.id))
    tell_team(invitation.case, invitation.case.coordinating_team_id, "party")
    return True


def has_key(invitation: PartyInvitation) -> bool:
    """Tell whether the party's team has brought a key, confirmed or not."""
    return TeamKey.objects.filter(
        team=invitation.team_id, state__in=[KeyState.PENDING, KeyState.ACTIVE]
    ).exists()


@transaction.atomic
def follow_embargo(*, case: Case) -> None:
    """Let no invitation outlive the embargo of its case, should its end have come nearer."""
    if not case.has_embargo or case.embargo.ends_at is None:
        return
    _end_by(case, case.embargo.ends_at)


@transaction.atomic
def close_with(*, case: Case) -> None:
    """End the clocks of a case that was closed: nobody is led on to what is over."""
    _end_by(case, clock.now())


def _end_by(case: Case, end: datetime) -> None:
    running = PartyInvitation.objects.filter(
        case=case, state__in=[*LINK_OUT, PartyState.JOINED], expires_at__gt=end
    )
    end_links(OneTimeLink.objects.filter(party_address__invitation__in=running), at=end)
    running.update(expires_at=end, revision=F("revision") + 1)


def remind(*, invitation: PartyInvitation) -> None:
    """Tell once per clock that its end is near; a mail carries no link, for none is stored."""
    until = _moment(invitation.expires_at)
    if invitation.state in LINK_OUT:
        for address in invitation.addresses.all():
            queue_mail(
                address.email,
                _("A reminder"),
                _(
                    "An invitation of the TCERT hub at %(hub)s reached you some days ago. The link "
                    "in that mail works until %(until)s. If it is lost, ask the desk for another."
                )
                % {"hub": settings.BASE_URL, "until": until},
                key=f"parties:reminder:{address.link_id}",
            )
    elif invitation.team_id is not None and not has_key(invitation):
        notify_team(
            invitation.team_id,
            subject=_("Your team has no key yet"),
            text=_("Bring one by %(until)s, or the invitation lapses:\n\n%(address)s")
            % {"until": until, "address": settings.BASE_URL + reverse("parties:own")},
            key=f"parties:reminder:{invitation.id}:{invitation.expires_at:%Y%m%dT%H%M}",
            about=invitation.case_id,
        )
