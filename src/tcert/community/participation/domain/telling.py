"""What an organisation is told of its standing and its absences: each of its teams, once."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.models import Organisation, Team
from tcert.community.notices.domain.telling import notify_team
from tcert.community.participation.enums import State
from tcert.community.participation.models import Absence
from tcert.community.participation.standing import Standing


def tell(organisation: Organisation, *, subject: str, text: str, key: str) -> None:
    """Tell all teams of an organisation; mails without a key say that there is something only."""
    address = settings.BASE_URL + reverse("participation:organisation", args=[organisation.id])
    for team in Team.objects.filter(organisation=organisation, retired_at=None):
        notify_team(team.id, subject=subject, text=f"{text}\n\n{address}\n", key=key)


def answered(absence: Absence) -> None:
    """Tell who asked that a coordinator has decided; the answer itself stands on the page."""
    tell(
        absence.organisation,
        subject=_("The desk has answered about your absence"),
        text=_("Your organisation asked to be excused. Read the answer on your page."),
        key=f"absence-answered:{absence.id}:{absence.state}",
    )


def changed(organisation: Organisation, found: Standing, key: str) -> None:
    """Tell of a warning, a loss or a regain."""
    until = f"{found.until:%d %B %Y}" if found.until else ""
    subject, text = {
        State.WARNED: (
            _("Your organisation's standing ends soon"),
            _(
                "It ends after %(day)s unless your organisation takes part before. Your page says "
                "what counts, what is missing and how to begin."
            )
            % {"day": until},
        ),
        State.LAPSED: (
            _("Your organisation's standing has lapsed"),
            _(
                "It has no vote, cannot stand for applicants and does not read restricted "
                "documents for now. You go on being told whatever concerns you, and your cases "
                "go on. Standing comes back by itself as soon as enough counts again."
            ),
        ),
    }.get(
        found.state,
        (
            _("Your organisation is in standing again"),
            _("Enough counts again. Its vote and its other rights are back."),
        ),
    )
    tell(organisation, subject=subject, text=text, key=key)
