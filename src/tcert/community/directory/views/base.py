"""What the directory's views share: finding things within rights, and saying why an act failed."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel.access import principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.shown import STALE

T = TypeVar("T")
BAD = 400


def team_for(request: HttpRequest, pk: UUID, permission: Permission | None = None) -> Team:
    """Return a team that the person sees (404) and may act on (403)."""
    principal = principal_of(request)
    teams = Team.objects.visible_to(principal).select_related("organisation")
    team: Team = get_object_or_404(teams, pk=pk)
    if permission is not None:
        require(principal, permission, team)
    return team


def organisation_for(request: HttpRequest, pk: UUID) -> Organisation:
    """Return an organisation that the person sees."""
    found: Organisation = get_object_or_404(
        Organisation.objects.visible_to(principal_of(request)), pk=pk
    )
    return found


def attempt(form: forms.Form | forms.ModelForm, act: Callable[[], T], field: str = "") -> T | None:
    """Run an act once its form is sent and valid; None when the page is to be shown (again).

    A refusal is shown in the form, at `field` or above it, and nothing typed is lost.
    """
    if not form.is_valid():
        return None
    try:
        return act()
    except DomainError as error:
        if error.code == STALE:
            field = ""  # it is about the whole, not about one field
            form.carry_anew()  # type: ignore[union-attr]
        form.add_error(field or None, str(error.message))
        form.refused_with = error.status  # type: ignore[union-attr]
        return None


def status_of(form: Any) -> int:
    """Return the answer's status: 200 for a fresh form, else why it was refused."""
    if not form.is_bound or not form.errors:
        return 200
    return getattr(form, "refused_with", BAD)
