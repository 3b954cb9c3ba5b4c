"""The directory as coordinators and teams' representatives maintain it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tcert.community.accounts.domain import invite_person
from tcert.community.accounts.domain.people import is_of_the_desk
from tcert.community.accounts.models import Person
from tcert.community.directory import queries
from tcert.community.directory.domain import confirmations, organisations, teams
from tcert.community.directory.domain import people as places
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.forms import (
    ChannelForm,
    ConfirmNameForm,
    InviteForm,
    OrganisationForm,
    OwnTeamForm,
    RemovePersonForm,
    RoleForm,
    TeamForm,
)
from tcert.community.directory.hours_forms import HoursForm
from tcert.community.directory.models import ROTATE_WITHIN, Channel, Team, TeamMembership
from tcert.community.directory.views.base import attempt, organisation_for, status_of, team_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import press

_UNDO = "directory_undo"


@read_or_send
@page(Permission.DIRECTORY_MANAGE)
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Enter an organisation."""
    form = OrganisationForm(request.POST or None)
    made = attempt(
        form,
        lambda: organisations.create_organisation(
            principal=principal_of(request), **form.cleaned_data
        ),
    )
    if made:
        messages.success(request, _("Entered. Now add its teams."))
        return redirect("directory:organisation", made.id)
    context = {"form": form, "organisation": None}
    return render(request, "directory/organisation_form.html", context, status=status_of(form))


@read_or_send
@page(Permission.DIRECTORY_MANAGE)
def edit_organisation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change an organisation."""
    found = organisation_for(request, pk)
    form = OrganisationForm(request.POST or None, instance=organisation_for(request, pk))
    done = attempt(
        form,
        lambda: organisations.change_organisation(
            principal=principal_of(request), organisation=found, **form.cleaned_data
        ),
    )
    if done:
        messages.success(request, _("Saved."))
        return redirect("directory:organisation", pk)
    context = {"form": form, "organisation": found}
    return render(request, "directory/organisation_form.html", context, status=status_of(form))


@read_or_send
@page(Permission.DIRECTORY_MANAGE)
def retire_organisation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an organisation off the list, after its name was typed."""
    found = organisation_for(request, pk)
    form = ConfirmNameForm(request.POST or None)
    done = attempt(
        form,
        lambda: organisations.retire_organisation(
            principal=principal_of(request),
            organisation=found,
            confirmed_name=form.cleaned_data["confirm_name"],
        ),
        "confirm_name",
    )
    if done:
        messages.success(request, _("Taken off the list. It can be restored on this page."))
        return redirect("directory:organisation", pk)
    context = {
        "form": form,
        "name": found.name,
        "organisation": found,
        "teams": found.teams.filter(retired_at=None),
    }
    return render(request, "directory/retire_organisation.html", context, status=status_of(form))


@require_POST
@page(Permission.DIRECTORY_MANAGE)
def restore_organisation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put an organisation back on the list."""
    found = organisation_for(request, pk)
    press(
        request,
        lambda: organisations.restore_organisation(
            principal=principal_of(request), organisation=found
        ),
        _("Listed again."),
    )
    return redirect("directory:organisation", pk)


@read_or_send
@page(Permission.DIRECTORY_MANAGE)
def new_team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a team of an organisation."""
    organisation = organisation_for(request, pk)
    form = TeamForm(request.POST or None)
    made = attempt(
        form,
        lambda: teams.create_team(
            principal=principal_of(request), organisation=organisation, **form.cleaned_data
        ),
    )
    if made:
        messages.success(request, _("Entered. Now invite its people and add its channels."))
        return redirect("directory:team", made.id)
    context = {"form": form, "organisation": organisation, "team": None}
    return render(request, "directory/team_form.html", context, status=status_of(form))


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE)
def edit_team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a team: representatives what it says of itself, coordinators also name and kind."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    principal = principal_of(request)
    kind = TeamForm if principal.is_coordinator else OwnTeamForm
    form = kind(request.POST or None, instance=team_for(request, pk))
    done = attempt(
        form,
        lambda: teams.change_team(principal=principal, team=team, **form.cleaned_data),
    )
    if done:
        messages.success(request, _("Saved."))
        return redirect("directory:team", pk)
    context = {"form": form, "organisation": team.organisation, "team": team}
    return render(request, "directory/team_form.html", context, status=status_of(form))


@require_POST
@page(Permission.DIRECTORY_TEAM_CONFIRM)
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm what the directory says of a team, without a change."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_CONFIRM)
    press(
        request,
        lambda: confirmations.confirm(
            principal=principal_of(request), team=team, shown=request.POST.get("shown", "")
        ),
        _("Confirmed. Thank you."),
    )
    return redirect("directory:team", pk)


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE)
def hours(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change when a team is reached."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    form = HoursForm(request.POST or None, team=team)
    done = attempt(
        form,
        lambda: teams.change_hours(principal=principal_of(request), team=team, **form.cleaned_data),
    )
    if done:
        messages.success(request, _("Saved."))
        return redirect("directory:team", pk)
    context = {"form": form, "team": team}
    return render(request, "directory/hours.html", context, status=status_of(form))


@read_or_send
@page(Permission.DIRECTORY_MANAGE)
def retire_team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a team off the list, after its name was typed."""
    team = team_for(request, pk)
    form = ConfirmNameForm(request.POST or None)
    done = attempt(
        form,
        lambda: teams.retire_team(
            principal=principal_of(request),
            team=team,
            confirmed_name=form.cleaned_data["confirm_name"],
        ),
        "confirm_name",
    )
    if done:
        messages.success(request, _("Taken off the list. It can be restored on this page."))
        return redirect("directory:team", pk)
    context = {"form": form, "name": team.name, "team": team, "people": team.memberships.count()}
    return render(request, "directory/retire_team.html", context, status=status_of(form))


@require_POST
@page(Permission.DIRECTORY_MANAGE)
def restore_team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a team back on the list."""
    team = team_for(request, pk)
    press(
        request,
        lambda: teams.restore_team(principal=principal_of(request), team=team),
        _("Listed again."),
    )
    return redirect("directory:team", pk)


@read_or_send
@page(Permission.DIRECTORY_TEAM_READ)
def people(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the people of a team and, to those who may, the form that invites one."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_READ)
    principal = principal_of(request)
    may_change = allowed(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    form = InviteForm(request.POST or None, initial={"role": TeamRole.MEMBER})
    link = attempt(form, lambda: _invite(request, team, form.cleaned_data)) or ""
    if link == _ADDED:
        messages.success(request, _("This person has an account and is in the team now."))
        return redirect("directory:people", pk)
    if link:
        form = InviteForm(initial={"role": TeamRole.MEMBER})
    members = TeamMembership.objects.visible_to(principal).filter(team=team).by_role()
    context = {
        "team": team,
        "members": members,
        "form": form,
        "may_change": may_change,
        "link": link,
        "undo": _undo_of(request, team),
        "due": queries.keys_to_rotate(team.id).first(),
    }
    return render(request, "directory/people.html", context, status=status_of(form))


_ADDED = "added"


def _invite(request: HttpRequest, team: Team, values: dict[str, Any]) -> str:
    """Return the one-time link, or `_ADDED` for somebody whom a coordinator may place at once.

    Only a coordinator learns that an address has an account; to a representative both look alike.
    Somebody else of the desk is asked as well: a place keeps cases from them for a year after it.
    """
    principal = principal_of(request)
    role = TeamRole(values["role"])
    known = Person.objects.filter(email=values["email"].lower(), is_active=True).first()
    if known is not None and TeamMembership.objects.filter(team=team, person=known).exists():
        raise DomainError(_("This person is in the team already."))
    place = places.place_for(
        principal=principal, team=team, role=role, email=values["email"], name=values["name"]
    )
    if known is not None and principal.is_coordinator and not _is_asked(principal, known):
        places.add_person(principal=principal, team=team, person=known, role=role)
        return _ADDED
    return invite_person(
        principal=principal, email=values["email"], name=values["name"], places=[place]
    )


def _is_asked(principal: Principal, person: Person) -> bool:
    return person.id != principal.person_id and is_of_the_desk(person)


def _membership(team: Team, pk: UUID) -> TeamMembership:
    found: TeamMembership = get_object_or_404(
        TeamMembership.objects.select_related("person", "team"), pk=pk, team=team
    )
    return found


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE)
def change_role(request: HttpRequest, pk: UUID, membership: UUID) -> HttpResponse:
    """Give a person another role."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    place = _membership(team, membership)
    form = RoleForm(request.POST or None, place=place)
    done = attempt(
        form,
        lambda: places.change_role(
            principal=principal_of(request),
            membership=place,
            role=TeamRole(form.cleaned_data["role"]),
            shown=form.cleaned_data["shown"],
        ),
        "role",
    )
    if done:
        messages.success(request, _("Saved."))
        return redirect("directory:people", pk)
    context = {"form": form, "team": team, "place": place}
    return render(request, "directory/role.html", context, status=status_of(form))


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE)
def remove_person(request: HttpRequest, pk: UUID, membership: UUID) -> HttpResponse:
    """Take a person out of a team, after their name was typed."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    place = _membership(team, membership)
    active = queries.active_key(team.id, clock.now())
    holders = queries.opening_shares([active]) if active else []
    form = RemovePersonForm(request.POST or None, initial={"had_secret": True})
    if active is None:
        del form.fields["had_secret"]
    kept = attempt(
        form,
        lambda: places.remove_person(
            principal=principal_of(request),
            membership=place,
            confirmed_name=form.cleaned_data["confirm_name"],
            had_secret=form.cleaned_data.get("had_secret", False),
        ),
        "confirm_name",
    )
    if kept:
        _keep_undo(request, team, "person", kept, place.person.name)
        return redirect("directory:people", pk)
    holds = [share for share in holders if share.person_id == place.person_id]
    context = {
        "form": form,
        "team": team,
        "place": place,
        "name": place.person.name,
        "holds": bool(holds),
        "rotate_by": clock.now() + ROTATE_WITHIN,
        "is_only_holder": active is not None
        and bool(holds)
        and len(holders) == 1
        and active.offline_backup_tested_at is None,
    }
    return render(request, "directory/remove_person.html", context, status=status_of(form))


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE)
def new_channel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a way to reach a team."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    form = ChannelForm(request.POST or None)
    made = attempt(
        form,
        lambda: teams.add_channel(principal=principal_of(request), team=team, **form.cleaned_data),
        "value",
    )
    if made:
        messages.success(request, _("Added."))
        return redirect("directory:team", pk)
    context = {"form": form, "team": team, "channel": None}
    return render(request, "directory/channel_form.html", context, status=status_of(form))


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE)
def edit_channel(request: HttpRequest, pk: UUID, channel: UUID) -> HttpResponse:
    """Change a way to reach a team."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    found = get_object_or_404(Channel.objects.select_related("team"), pk=channel, team=team)
    form = ChannelForm(request.POST or None, instance=get_object_or_404(Channel, pk=channel))
    done = attempt(
        form,
        lambda: teams.change_channel(
            principal=principal_of(request), channel=found, **form.cleaned_data
        ),
        "value",
    )
    if done:
        messages.success(request, _("Saved."))
        return redirect("directory:team", pk)
    context = {"form": form, "team": team, "channel": found}
    return render(request, "directory/channel_form.html", context, status=status_of(form))


@require_POST
@page(Permission.DIRECTORY_TEAM_MANAGE)
def remove_channel(request: HttpRequest, pk: UUID, channel: UUID) -> HttpResponse:
    """Remove a way to reach a team; the page that follows offers to put it back."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    found = get_object_or_404(Channel.objects.select_related("team"), pk=channel, team=team)
    label = found.value
    try:
        kept = teams.remove_channel(principal=principal_of(request), channel=found)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        _keep_undo(request, team, "channel", kept, label)
    return redirect("directory:team", pk)


def _keep_undo(
    request: HttpRequest, team: Team, what: str, values: dict[str, Any], label: str
) -> None:
    """Remember the last removal in the person's session, so that one press puts it back."""
    request.session[_UNDO] = {
        "team": str(team.id),
        "what": what,
        "values": values,
        "label": label,
    }


def _undo_of(request: HttpRequest, team: Team) -> dict[str, Any] | None:
    undo: dict[str, Any] | None = request.session.get(_UNDO)
    return undo if undo and undo["team"] == str(team.id) else None


@require_POST
@page(Permission.DIRECTORY_TEAM_MANAGE)
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put back what this person removed last from this team."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    last = _undo_of(request, team)
    if last is None:
        raise Http404
    del request.session[_UNDO]
    principal = principal_of(request)
    try:
        if last["what"] == "channel":
            teams.add_channel(principal=principal, team=team, put_back=True, **last["values"])
        else:
            person = get_object_or_404(Person, pk=last["values"]["person"])
            places.add_person(
                principal=principal,
                team=team,
                person=person,
                role=TeamRole(last["values"]["role"]),
            )
    except (DomainError, ValidationError) as error:
        messages.error(request, str(getattr(error, "message", error)))
    else:
        messages.success(request, _("Put back."))
    return redirect("directory:people" if last["what"] == "person" else "directory:team", pk)
