"""The mails that the marketplace asks for, in the worker: never about which entry or of whom."""

from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.community.market.enums import What
from tcert.community.notices.domain.telling import notify_team


def tell(team_id: UUID, what: What, key: str) -> None:
    """Tell one team that something waits for it on the marketplace."""
    words = {
        What.ANSWERED: _("A team answered you. The sealed talk stands among your talks."),
        What.ASKED: _("A team would like to talk with yours about one of your entries."),
        What.ENDING: _("An entry of your team ends within two weeks. Say if it is true still."),
        What.MATCHES: _("Something new fits what your team offers or needs."),
        What.TAKEN_OFF: _("The desk withdrew an entry of your team. Its page says why."),
    }
    notify_team(
        team_id,
        subject=_("Marketplace"),
        text=f"{words[what]}\n\n{settings.BASE_URL}/market/mine/\n",
        key=f"market:{key}",
    )
