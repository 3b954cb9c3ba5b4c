"""The pages of an organisation and of a team, as strangers and members read them."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.accounts.models import Person
from tcert.community.directory import (
    organisation_cards,
    queries,
    team_cards,
    team_facts,
    team_links,
    team_notes,
)
from tcert.community.directory.domain import confirmations
from tcert.community.directory.enums import (
    Audience,
    ChannelKind,
    ChannelPurpose,
    KeyState,
    OrganisationState,
)
from tcert.community.directory.models import (
    Channel,
    Team,
    TeamKey,
    TeamMembership,
    TeamSection,
)
from tcert.community.directory.team_shown import shown
from tcert.community.directory.views.base import organisation_for, team_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.shown import mark
from tcert.foundation.ui.answers import attachment

FULL_TEAM = 2
"""So many people a full team has at least."""


@require_safe
@page(Permission.DIRECTORY_READ)
def organisation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an organisation and its teams."""
    found = organisation_for(request, pk)
    principal = principal_of(request)
    teams = list(Team.objects.visible_to(principal).filter(organisation=found).order_by("name"))
    context = {
        "organisation": found,
        "teams": teams,
        "sealable": set(queries.recipient_keys([team.id for team in teams], clock.now())),
        "may_manage": allowed(principal, Permission.DIRECTORY_MANAGE),
        "retired": found.state == OrganisationState.RETIRED,
        "set_aside": found.state in OrganisationState.set_aside(),
        "provisional": found.is_provisional,
        "cards": organisation_cards.cards(principal, found),
    }
    return render(request, "directory/organisation.html", context)


@require_safe
@page(Permission.DIRECTORY_READ)
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a team: to strangers what is public of it (`publicity`), and no more."""
    found = team_for(request, pk)
    principal = principal_of(request)
    undo = request.session.get("directory_undo") if principal.is_person else None
    is_known = team_facts.audience_of(principal, found) == Audience.MEMBERS
    keys = TeamKey.objects.visible_to(principal).filter(team=found, state__in=KeyState.known())
    members = list(TeamMembership.objects.visible_to(principal).filter(team=found).by_role())
    key = queries.active_key(found.id, clock.now())
    rows: dict[str, Any] = {
        "channels": list(Channel.objects.filter(team=found).by_purpose()),
        "texts": list(TeamSection.objects.filter(team=found)),
        "key": key,
    }
    public = shown(found, Audience.PUBLIC, **rows)
    seen = shown(found, Audience.MEMBERS, **rows) if is_known else public
    context = {
        "team": found,
        "seen": seen,
        "has_security_txt": public.has_security_txt,
        "lacking": _lacking(list(seen.channels), members),
        "members": members,
        "key": key,
        "past_keys": keys.exclude(state=KeyState.ACTIVE).order_by("-ended_at"),
        "may_confirm": allowed(principal, Permission.DIRECTORY_TEAM_CONFIRM, found),
        "may_publish": allowed(principal, Permission.DIRECTORY_TEAM_PUBLISH, found),
        "shown": mark(found, confirmations.SHOWN_FIELDS),
        "confirmed_by": _person(found.confirmed_by) if is_known else None,
        "is_inside": allowed(principal, Permission.DIRECTORY_TEAM_READ, found),
        "may_change": allowed(principal, Permission.DIRECTORY_TEAM_MANAGE, found),
        "may_manage": allowed(principal, Permission.DIRECTORY_MANAGE),
        "undo": undo if undo and undo.get("team") == str(found.id) else None,
        "is_member": is_known,
        "notes": team_notes.notes(found),
        "cards": team_cards.cards(principal, found),
        "links": list(team_links.links(found.id)) if found.id in principal.team_ids else [],
    }
    return render(request, "directory/team.html", context)


def _person(pk: UUID | None) -> Person | None:
    return Person.objects.filter(pk=pk).first() if pk else None


def _lacking(channels: list[Channel], members: list[TeamMembership]) -> list[str]:
    """Say what a full team has and this one has not, for those who can add it."""
    there = {(one.kind, one.purpose) for one in channels}
    lacking = {
        _("a main e-mail"): (ChannelKind.EMAIL, ChannelPurpose.MAIN) not in there,
        _("a telephone that is answered round the clock, for emergencies"): (
            (ChannelKind.PHONE, ChannelPurpose.EMERGENCY) not in there
        ),
        _("two people at least"): len(members) < FULL_TEAM,
    }
    return [said for said, lacks in lacking.items() if lacks]


@require_safe
@page(Permission.DIRECTORY_READ)
def certificate(request: HttpRequest, pk: UUID, fingerprint: str) -> HttpResponse:
    """Give a key of a team as a file, by its fingerprint."""
    found = team_for(request, pk)
    if not fingerprint.isalnum():
        raise Http404
    seen = TeamKey.objects.visible_to(principal_of(request)).filter(team=found)
    key = get_object_or_404(seen, fingerprint=fingerprint.upper())
    if not key.certificate:
        raise Http404
    name = f"{slugify(found.name) or 'team'}-{key.fingerprint[-8:]}.asc"
    return attachment(key.certificate, name, "application/pgp-keys")
