"""What a team's key and entry ask of who leads the team, and the desk's key of who holds it."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory import queries
from tcert.community.directory.enums import KeyOrigin, KeyState, OrganisationState
from tcert.community.directory.intake import intake_key
from tcert.community.directory.models import TeamKey
from tcert.community.directory.rules import led_team_ids
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def confirmations(principal: Principal) -> Iterator[Waiting]:
    """Ask who leads a team to confirm what the directory says of it."""
    for team in queries.led_teams(principal):
        if not team.is_stale or team.organisation.state != OrganisationState.LISTED:
            continue
        yield Waiting(
            title=_("Confirm what the directory says of %(team)s") % {"team": team.name},
            why=_("You speak for the team, and nobody has confirmed it for 90 days."),
            otherwise=_("The team is asked each week, and members read that it may be old."),
            url=reverse("directory:team", args=[team.id]),
            urgency=Urgency.WHENEVER,
        )


def keys(principal: Principal) -> Iterator[Waiting]:
    """Tell who leads a team that its key runs out, is due for a change, or hangs on one person.

    Who holds a key, leading or not, hears of colleagues who lost their vault, and at the desk of
    its intake key.
    """
    own = principal.team_ids
    leading = led_team_ids(principal)
    if not own:
        return
    active = list(
        TeamKey.objects.filter(team_id__in=own, state=KeyState.ACTIVE).select_related("team")
    )
    shares = queries.opening_shares(active)
    for key in active:
        holders = [share.person_id for share in shares if share.team_key_id == key.id]
        if key.team_id in leading:
            yield from _about(key, len(holders))
        if principal.person_id in holders:
            yield from _lost(key)
        if key.team.is_desk and (key.team_id in leading or principal.person_id in holders):
            yield from _intake(key)


def _about(key: TeamKey, holders: int) -> Iterator[Waiting]:
    now = clock.now()
    url = reverse("directory:keys", args=[key.team_id])
    name = {"team": key.team.name}
    if key.is_expired(now):
        yield Waiting(
            title=_("The key of %(team)s has expired") % name,
            why=_("You speak for the team, and nothing can be sealed to it."),
            otherwise=_("The team is left out of what is sealed."),
            url=url,
            urgency=Urgency.NOW,
        )
    elif key.expires_soon(now):
        yield Waiting(
            title=_("The key of %(team)s is about to expire") % name,
            why=_("You speak for the team."),
            otherwise=_("From that moment nothing can be sealed to the team."),
            url=url,
            due=key.expires_at,
        )
    if key.rotation_due_since:
        yield Waiting(
            title=_("Make a new key for %(team)s") % name,
            why=_("Somebody who could open the present one is no longer in the team."),
            otherwise=_("After that day no report is taken until there is a new key.")
            if key.team.is_desk
            else _("They can still open what they get hold of."),
            url=url,
            urgency=Urgency.NOW if key.rotation_is_overdue(now) else Urgency.SOON,
            due=key.rotate_by,
        )
    lonely = holders < queries.ENOUGH_HOLDERS and key.origin == KeyOrigin.BROWSER
    if lonely and key.offline_backup_tested_at is None:
        yield Waiting(
            title=_("Share the key of %(team)s, or prove its backup") % name,
            why=_("It hangs on one person's vault."),
            otherwise=_("One accident, and everything sealed to the team is lost."),
            url=url,
        )


def _lost(key: TeamKey) -> Iterator[Waiting]:
    """Ask holders to share the key with a colleague whose vault was thrown away and made anew."""
    for share in queries.lost_shares(key):
        yield Waiting(
            title=_("Share the key of %(team)s with %(name)s again")
            % {"team": key.team.name, "name": share.person.name},
            why=_("They made a new vault: the old one's share opens nothing. You hold the key."),
            otherwise=_("They read nothing that is sealed to the team."),
            url=f"{reverse('directory:share_key', args=[key.team_id, key.id])}"
            f"?person={share.person_id}",
        )


def _intake(key: TeamKey) -> Iterator[Waiting]:
    """Ask for the desk's next intake key, from a fortnight before its 90 days are over."""
    now = clock.now()
    intake = intake_key(key.certificate, now)
    if intake is None or not intake.is_due_soon(now):
        return
    values = {"day": f"{intake.rotate_by:%d %B %Y}"}
    if not intake.is_usable:
        otherwise = _("It has run out: no report is taken until there is a new one.")
    elif intake.ends is None:
        otherwise = _("Whoever once gets the desk's key opens every report of these months.")
    else:
        otherwise = _("On %(end)s it runs out, and no report is taken.") % {
            "end": f"{intake.ends:%d %B %Y}"
        }
    yield Waiting(
        title=_("Rotate the intake key by %(day)s") % values,
        why=_("You hold or lead the desk's key; reports are sealed to one part of it for 90 days."),
        otherwise=otherwise,
        url=reverse("directory:keys", args=[key.team_id]),
        urgency=Urgency.NOW if intake.is_due(now) else Urgency.SOON,
        due=intake.rotate_by,
    )
