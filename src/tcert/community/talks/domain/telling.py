"""The mails that talks ask for, in the worker: sealed or neutral, never who wrote or about what."""

from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.community.notices.domain.telling import notify_team
from tcert.community.notices.enums import Occasion
from tcert.community.talks.enums import What
from tcert.community.talks.models import Talk


def tell(talk_id: UUID, team_id: UUID, what: What, key: str) -> None:
    """Tell one team that something waits among its talks.

    A mail names neither the talk nor a team: the address is that of the list.
    """
    talk = Talk.objects.filter(pk=talk_id).first()
    if talk is None:
        return
    words = {
        What.ASKED: _("Your team is asked to join a talk."),
        What.CLOSED: _("A talk of your team was closed. It stays readable until it is deleted."),
        What.DELETION: _(
            "A talk of your team is deleted within 30 days, because it is silent or closed. If you "
            "need your part, take a copy of it before."
        ),
        What.JOINING: _("A further team is asked to join a talk of yours."),
        What.MESSAGE: _("A team wrote to you."),
        What.UNOPENED: _("A sealed message cannot be opened by a reader. Please look."),
    }
    notify_team(
        team_id,
        subject=_("Talks"),
        text=f"{words[what]}\n\n{settings.BASE_URL}/talks/\n",
        key=f"talks:{key}",
        occasion=Occasion.MESSAGE if what is What.MESSAGE else Occasion.OTHER,
        about=talk.id,
    )
