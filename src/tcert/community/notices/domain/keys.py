"""Notices about keys whose day comes or has passed: nobody need look at a page to hear of it."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory import queries
from tcert.community.directory.enums import KeyState
from tcert.community.directory.intake import intake_key
from tcert.community.directory.models import ROTATE_WITHIN, TeamKey
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock


def tell_due(key_id: UUID) -> None:
    """Tell a team that its key is due; the notice names no person and no reason."""
    key = TeamKey.objects.select_related("team").get(pk=key_id)
    if key.rotation_due_since is None or key.state != KeyState.ACTIVE:
        return
    _tell(
        key,
        _("Your team's key is due to be replaced"),
        _(
            "Make a new key for %(team)s by %(day)s: somebody who could open the present one "
            "is no longer in the team."
        )
        % {"team": key.team.name, "day": f"{key.rotate_by:%d %B %Y}"},
        f"rotation:{key.id}:{key.rotation_due_since:%Y-%m-%d}",
    )


@transaction.atomic
def remind() -> None:
    """Tell the desk of its intake key, and teams of a rotation that is overdue; once a month.

    A notice is sealed to the team or says only that there is something, like every other.
    """
    _remind_of_intake()
    overdue = TeamKey.objects.filter(
        state=KeyState.ACTIVE, rotation_due_since__lte=clock.now() - ROTATE_WITHIN
    )
    for key in overdue.select_related("team"):
        _tell(
            key,
            _("Your team's key is overdue for replacement"),
            _("Somebody who has left can open what is sealed to %(team)s. Make a new key now.")
            % {"team": key.team.name},
            f"rotation-overdue:{key.id}:{key.rotation_due_since:%Y-%m-%d}",
        )


def _remind_of_intake() -> None:
    """A fortnight before, on the day, and two days before the end: not every day."""
    now = clock.now()
    desk = queries.desk_team()
    key = queries.active_key(desk.id, now) if desk else None
    found = intake_key(key.certificate, now) if key else None
    if key is None or found is None or not found.is_due_soon(now):
        return
    stage = "soon"
    if found.is_due(now):
        stage = "due"
    if found.ends is not None and found.ends - timedelta(days=2) <= now:
        stage = "last"
    text = _("Rotate the desk's intake key by %(day)s.") % {"day": f"{found.rotate_by:%d %B %Y}"}
    if found.ends is not None:
        text += " " + _("On %(day)s it runs out, and no report is taken from then on.") % {
            "day": f"{found.ends:%d %B %Y}"
        }
    _tell(key, _("Rotate the intake key"), text, f"intake:{found.fingerprint}:{stage}")


def _tell(key: TeamKey, subject: str, text: str, once: str) -> None:
    address = settings.BASE_URL + reverse("directory:keys", args=[key.team_id])
    notify_team(key.team_id, subject=subject, text=f"{text}\n\n{address}\n", key=once)
