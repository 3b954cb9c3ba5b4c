"""Teams and how they are reached."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tcert.community.directory import departures
from tcert.community.directory.domain.documents import ask_to_sign
from tcert.community.directory.domain.history import keep, keep_listing
from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.enums import ChannelKind, ChannelPurpose, TeamRole
from tcert.community.directory.models import Channel, Organisation, Team, TeamMembership
from tcert.community.directory.models.history import CHANNEL
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.foundation.kernel.shown import hold

RETIRE = "directory:team:retire"
RENAME = "directory:team:rename"
OWN_FIELDS = ("description", "languages", "languages_note", "timezone")
HOURS_FIELDS = ("hours", "hours_note", "timezone")
FIELDS = ("name", "kind", *OWN_FIELDS)
FITTING = {
    ChannelPurpose.MAIN: frozenset(ChannelKind),
    ChannelPurpose.EMERGENCY: frozenset({ChannelKind.PHONE}),
    ChannelPurpose.DISCLOSURE: frozenset({ChannelKind.EMAIL, ChannelKind.WEB}),
}
"""Kinds of channel by what they are for."""
CHANNEL_FIELDS = ("kind", "purpose", "value", "is_public")


def create_team(*, principal: Principal, organisation: Organisation, **values: Any) -> Team:
    """Enter a team of an organisation.

    Raises:
        Conflict: the organisation has a team of this name.

    """
    require(principal, Permission.DIRECTORY_MANAGE)
    given = {name: values[name] for name in FIELDS if name in values}
    try:
        with transaction.atomic():
            team = Team.objects.create(organisation=organisation, **given)
            record(principal, "directory:team:create", "team", team.id)
            keep_listing(principal, team.id, "entered")
            ask_to_sign(team.id)
    except IntegrityError as error:
        raise Conflict(_("The organisation has a team of this name already.")) from error
    return team


def change_team(
    *,
    principal: Principal,
    team: Team,
    shown: str | None = None,
    confirmation: Confirmation | None = None,
    **values: Any,
) -> Team:
    """Change a team: its leaders what it says of itself, coordinators also name and kind.

    Two give it another name: who must not be told may have been entered by the present one.

    Raises:
        Conflict: the organisation has another team of this name, or somebody changed this one
            since the page `shown`.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    allowed = FIELDS if principal.is_coordinator else OWN_FIELDS
    try:
        return _change(principal, team, shown, allowed, values, confirmation)
    except IntegrityError as error:
        raise Conflict(_("The organisation has a team of this name already.")) from error


def change_hours(
    *, principal: Principal, team: Team, shown: str | None = None, **values: Any
) -> Team:
    """Change when a team is reached; `hours` are in the form that `hours.Week.write` returns.

    Raises:
        Conflict: somebody changed them since the page `shown`.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    return _change(principal, team, shown, HOURS_FIELDS, values, None)


@transaction.atomic
def _change(
    principal: Principal,
    team: Team,
    shown: str | None,
    allowed: tuple[str, ...],
    values: dict[str, Any],
    confirmation: Confirmation | None,
) -> Team:
    team = hold(team, shown, allowed)
    changed = [n for n in allowed if n in values and getattr(team, n) != values[n]]
    if "name" in changed:
        typed = {name: values[name] for name in changed}
        require_second(confirmation, RENAME, team.id, **typed)
    keep(principal, team.id, {name: (getattr(team, name), values[name]) for name in changed})
    for name in changed:
        setattr(team, name, values[name])
    team.updated_at = clock.now()
    team.save(update_fields=[*changed, "updated_at"])
    record(principal, "directory:team:change", "team", team.id, fields=changed)
    ask_to_sign(team.id)
    return team


def can_take_part(teams: QuerySet[Team]) -> bool:
    """Tell whether one of the teams has people or a key, and so may stand in an open case.

    Asked instead of the cases: an answer that followed from these would tell who takes part.
    """
    return teams.filter(Q(memberships__isnull=False) | Q(keys__isnull=False)).exists()


def retire_team(
    *,
    principal: Principal,
    team: Team,
    confirmed_name: str,
    confirmation: Confirmation | None = None,
) -> Team:
    """Take a team off the list; its people lose the rights that they have through it.

    One that may stand in an open case is taken off by two.

    Raises:
        DomainError: the name typed is another one, or it is the desk.
        Conflict: somebody retired it a moment ago.

    """
    require(principal, Permission.DIRECTORY_MANAGE)
    confirm_name(confirmed_name, team.name)
    if team.is_desk:
        raise DomainError(_("A hub without a desk answers nobody: the desk stays."))
    if team.retired_at is None and can_take_part(Team.objects.filter(pk=team.pk)):
        require_second(confirmation, RETIRE, team.id, confirmed_name=confirmed_name)
    with transaction.atomic():
        now = clock.now()
        if not Team.objects.filter(pk=team.pk, retired_at=None).update(
            retired_at=now, updated_at=now
        ):
            raise AlreadyDone
        departures.tell(team, team.memberships.values_list("person_id", flat=True))
        record(principal, RETIRE, "team", team.id)
        keep_listing(principal, team.id, "retired")
    team.retired_at = now
    return team


def restore_team(*, principal: Principal, team: Team) -> None:
    """Put a retired team back on the list, with its people and keys as they were."""
    require(principal, Permission.DIRECTORY_MANAGE)
    with transaction.atomic():
        if not Team.objects.filter(pk=team.pk, retired_at__isnull=False).update(
            retired_at=None, updated_at=clock.now()
        ):
            raise AlreadyDone
        record(principal, "directory:team:restore", "team", team.id)
        keep_listing(principal, team.id, "restored")
        ask_to_sign(team.id)  # the day of its last change is another
    team.retired_at = None


def add_channel(
    *, principal: Principal, team: Team, put_back: bool = False, **values: Any
) -> Channel:
    """Add a way to reach a team, or put one back as it was.

    Raises:
        DomainError: what the channel is for asks for another kind, or the desk would open it to
            strangers for a team that somebody leads.
        Conflict: the team has it already.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    require_fitting(values["kind"], values["purpose"])
    if values.get("is_public") and not put_back:
        _require_choice(principal, team)
    try:
        with transaction.atomic():
            channel = Channel.objects.create(team=team, **values)
            _note(principal, "directory:channel:add", channel, None, _said(channel))
    except IntegrityError as error:
        raise Conflict(_("The team has this channel already.")) from error
    return channel


def change_channel(
    *, principal: Principal, channel: Channel, shown: str | None = None, **values: Any
) -> Channel:
    """Change a way to reach a team.

    Raises:
        DomainError: what the channel is for asks for another kind, the team would have no main
            e-mail left, or the desk would open it to strangers for a team that somebody leads.
        Conflict: the team has such a channel already, or somebody changed or removed this one
            since the page `shown`.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, channel.team)
    try:
        with transaction.atomic():
            channel = hold(channel, shown, CHANNEL_FIELDS)
            before = _said(channel)
            after = {**before, **values}
            require_fitting(after["kind"], after["purpose"])
            if after["is_public"] and not before["is_public"]:
                _require_choice(principal, channel.team)
            if not _is_main_mail(after["kind"], after["purpose"]):
                _require_another_main_mail(channel)
            for name, value in values.items():
                setattr(channel, name, value)
            channel.save(update_fields=list(values))
            _note(principal, "directory:channel:change", channel, before, _said(channel))
    except IntegrityError as error:
        raise Conflict(_("The team has this channel already.")) from error
    return channel


def remove_channel(*, principal: Principal, channel: Channel) -> dict[str, Any]:
    """Remove a way to reach a team; returns what puts it back (`add_channel`).

    Raises:
        DomainError: the team would have no main e-mail left.
        Conflict: somebody removed it a moment ago.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, channel.team)
    with transaction.atomic():
        channel = hold(channel, None, CHANNEL_FIELDS)
        _require_another_main_mail(channel)
        kept = _said(channel)
        _note(principal, "directory:channel:remove", channel, kept, None)
        channel.delete()
    return kept


def require_fitting(kind: str, purpose: str) -> None:
    """Raise DomainError unless a channel of this kind can be for this purpose."""
    if kind in FITTING[ChannelPurpose(purpose)]:
        return
    if purpose == ChannelPurpose.EMERGENCY:
        raise DomainError(
            _("An emergency channel is a telephone that is answered round the clock."), code="kind"
        )
    raise DomainError(
        _("Vulnerabilities are disclosed by e-mail or on a web page: choose one of these."),
        code="kind",
    )


def _require_choice(principal: Principal, team: Team) -> None:
    """Leave what strangers see to who leads the team; the desk enters it where nobody does yet."""
    if allowed(principal, Permission.DIRECTORY_TEAM_PUBLISH, team):
        return
    if TeamMembership.objects.filter(team=team, role__in=TeamRole.leading()).exists():
        raise DomainError(
            _("Who leads the team chooses what strangers see. Enter it for members only.")
        )


def _is_main_mail(kind: str, purpose: str) -> bool:
    return kind == ChannelKind.EMAIL and purpose == ChannelPurpose.MAIN


def _require_another_main_mail(channel: Channel) -> None:
    """Keep the last main e-mail of a team: what the hub has to say goes there."""
    if not _is_main_mail(channel.kind, channel.purpose):
        return
    Team.objects.select_for_update().get(pk=channel.team_id)  # so that two do not leave none
    others = Channel.objects.filter(
        team=channel.team_id, kind=ChannelKind.EMAIL, purpose=ChannelPurpose.MAIN
    ).exclude(pk=channel.pk)
    if not others.exists():
        raise DomainError(
            _("This is the only main e-mail of the team. Add another first, then take this away.")
        )


def _said(channel: Channel) -> dict[str, Any]:
    return {name: getattr(channel, name) for name in CHANNEL_FIELDS}


def _note(
    principal: Principal,
    act: str,
    channel: Channel,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    Team.objects.filter(pk=channel.team_id).update(updated_at=clock.now())
    data = {"kind": channel.kind, "purpose": channel.purpose, "public": channel.is_public}
    record(principal, act, "team", channel.team_id, **data)
    keep(principal, channel.team_id, {CHANNEL: (before, after)})
    ask_to_sign(channel.team_id)
