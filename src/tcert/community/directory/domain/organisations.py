"""Organisations: entered, changed, retired, restored."""

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tcert.community.directory.domain.documents import ask_to_sign
from tcert.community.directory.enums import KeyState, OrganisationState
from tcert.community.directory.models import Organisation, TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.foundation.kernel.shown import hold

RETIRE = "directory:organisation:retire"
CHANGE_TIES = "directory:organisation:ties"
LISTED = "directory:listed"
"""An organisation that came by an invitation is on the list from now on."""
FIELDS = (
    "name",
    "short_name",
    "kind",
    "country",
    "website",
    "safe_harbour",
    "safe_harbour_policy",
    "group",
)


HARBOUR = ("safe_harbour", "safe_harbour_policy")


def confirm_name(typed: str, name: str) -> None:
    """Raise DomainError unless the person typed the name of what a dangerous act is about."""
    if " ".join(typed.split()).casefold() != " ".join(name.split()).casefold():
        raise DomainError(_("Type the name exactly as it stands above, to confirm."), code="name")


def create_organisation(*, principal: Principal, **values: Any) -> Organisation:
    """Enter an organisation.

    Raises:
        Conflict: the name is taken.

    """
    require(principal, Permission.DIRECTORY_MANAGE)
    try:
        with transaction.atomic():
            found = Organisation.objects.create(
                **{name: values[name] for name in FIELDS if name in values}
            )
            record(principal, "directory:organisation:create", "organisation", found.id)
    except IntegrityError as error:
        raise Conflict(_("There is an organisation with this name already.")) from error
    return found


def change_organisation(
    *,
    principal: Principal,
    organisation: Organisation,
    shown: str | None = None,
    confirmation: Confirmation | None = None,
    **values: Any,
) -> Organisation:
    """Change what the directory says of an organisation.

    Names, and an owner that stands there, are changed by two: they decide from whom a case is kept
    and who must not be told. To enter an owner where none stood keeps more away, so one may.

    Raises:
        Conflict: the name is taken, or somebody changed it since the page `shown`.

    """
    require(principal, Permission.DIRECTORY_MANAGE)
    try:
        with transaction.atomic():
            organisation = hold(organisation, shown, FIELDS)
            changed = [n for n in FIELDS if n in values and getattr(organisation, n) != values[n]]
            if _cuts(organisation, changed):
                typed = {name: values[name] for name in changed}
                if "group" in typed:
                    typed["group"] = str(typed["group"].id) if typed["group"] else ""
                require_second(confirmation, CHANGE_TIES, organisation.id, **typed)
            for name in changed:
                setattr(organisation, name, values[name])
            organisation.updated_at = clock.now()
            organisation.save(update_fields=[*changed, "updated_at"])
            record(
                principal,
                "directory:organisation:change",
                "organisation",
                organisation.id,
                fields=changed,
            )
            if "name" in changed:  # it stands in the documents of its teams
                for team_id in organisation.teams.values_list("id", flat=True):
                    ask_to_sign(team_id)
    except IntegrityError as error:
        raise Conflict(_("There is an organisation with this name already.")) from error
    return organisation


@transaction.atomic
def state_safe_harbour(
    *,
    principal: Principal,
    organisation: Organisation,
    safe_harbour: str,
    safe_harbour_policy: str,
    shown: str,
) -> Organisation:
    """Say for one's own organisation what it does to who reports in good faith; strangers read it.

    Raises:
        Conflict: a colleague or the desk changed it since the page `shown`.

    """
    require(principal, Permission.DIRECTORY_HARBOUR_STATE, organisation)
    organisation = hold(organisation, shown, HARBOUR)
    organisation.safe_harbour = safe_harbour
    organisation.safe_harbour_policy = safe_harbour_policy
    organisation.updated_at = clock.now()
    organisation.save(update_fields=[*HARBOUR, "updated_at"])
    act = "directory:organisation:harbour"
    record(principal, act, "organisation", organisation.id, states=safe_harbour)
    return organisation


def _cuts(organisation: Organisation, changed: list[str]) -> bool:
    """Tell whether a change can take an organisation out of a group, or from under a typed name."""
    renamed = not {"name", "short_name"}.isdisjoint(changed)
    return renamed or ("group" in changed and organisation.group is not None)


def retire_organisation(
    *,
    principal: Principal,
    organisation: Organisation,
    confirmed_name: str,
    confirmation: Confirmation | None = None,
) -> Organisation:
    """Take an organisation and its teams off the list; they are kept, and can be restored.

    One with a team that may stand in an open case is taken off by two: its teams that have
    people or a key, whatever the cases say, so that nobody learns from it who takes part.

    Raises:
        DomainError: the name typed is another one, or it is the hub's own organisation.

    """
    require(principal, Permission.DIRECTORY_MANAGE)
    confirm_name(confirmed_name, organisation.name)
    if organisation.is_provisional:
        raise DomainError(_("It is not on the list. Take its team off instead."))
    _check_not_set_aside(organisation)
    if organisation.teams.filter(is_desk=True).exists():
        raise DomainError(_("The desk's own organisation stays on the list."))
    active = organisation.teams.filter(retired_at=None)
    if active.filter(Q(memberships__isnull=False) | Q(keys__isnull=False)).exists():
        require_second(confirmation, RETIRE, organisation.id, confirmed_name=confirmed_name)
    present = set(OrganisationState) - OrganisationState.set_aside()
    _move(principal, organisation, OrganisationState.RETIRED, RETIRE, present)
    return organisation


def restore_organisation(*, principal: Principal, organisation: Organisation) -> None:
    """Put an organisation on the list: one that was retired, or one that came provisionally.

    Raises:
        DomainError: it came by an invitation, and the desk has confirmed no key of it: nobody knows
            yet whether it is who it says.

    """
    require(principal, Permission.DIRECTORY_MANAGE)
    _check_not_set_aside(organisation)
    if organisation.is_provisional and not _has_confirmed_key(organisation):
        raise DomainError(
            _(
                "Confirm its key through a second channel first: until then nobody knows who "
                "these people are."
            )
        )
    present = set(OrganisationState) - OrganisationState.set_aside()
    act = "directory:organisation:restore"
    is_new = organisation.is_provisional
    with transaction.atomic():
        _move(principal, organisation, OrganisationState.LISTED, act, present)
        if is_new:
            emit(LISTED, organisation.id)


def _check_not_set_aside(organisation: Organisation) -> None:
    if organisation.state in OrganisationState.set_aside():
        raise DomainError(_("It was suspended or excluded. Look for the measure at the desk."))


def set_aside(
    *, principal: Principal, organisation: Organisation, state: OrganisationState, act: str
) -> None:
    """Take an organisation off the list by a measure; the room that decides asked who may.

    Raises:
        AlreadyDone: it is not on the list any more, or a colleague did the same.

    """
    if state not in OrganisationState.set_aside():
        raise ValueError(state)
    came_from = {OrganisationState.LISTED, OrganisationState.SUSPENDED} - {state}
    _move(principal, organisation, state, act, came_from)


def bring_back(*, principal: Principal, organisation: Organisation, act: str) -> None:
    """Put an organisation back on the list when a measure ends; raises AlreadyDone as above."""
    came_from = OrganisationState.set_aside()
    _move(principal, organisation, OrganisationState.LISTED, act, came_from)


def _has_confirmed_key(organisation: Organisation) -> bool:
    return TeamKey.objects.filter(
        team__organisation=organisation, team__retired_at=None, state=KeyState.ACTIVE
    ).exists()


def _move(
    principal: Principal,
    organisation: Organisation,
    state: OrganisationState,
    act: str,
    came_from: Collection[OrganisationState],
) -> None:
    with transaction.atomic():
        moved = (
            Organisation.objects.filter(pk=organisation.pk, state__in=came_from)
            .exclude(state=state)
            .update(state=state, updated_at=clock.now())
        )
        if not moved:
            raise AlreadyDone
        record(principal, act, "organisation", organisation.id, was=organisation.state)
    organisation.state = state
