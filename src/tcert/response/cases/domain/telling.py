"""Write the mails that the notices ask for: in the worker, sealed or neutral."""

from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.community.directory.notices import notify_team
from tcert.response.cases.models import Case

_FROM_REPORTERS = frozenset({"report"})


def tell(case_id: UUID, team_id: UUID, what: str, key: str) -> None:
    """Mail one team what happened in a case: sealed to its key, or only that something waits.

    The mail names the case by its code name and holds no content. What a reporter set off carries
    no key of its own, so that nothing links the mail to the act.
    """
    case = Case.objects.filter(id=case_id).first()
    if case is None:
        return
    words = {
        "answer": _("A team has answered an invitation."),
        "claim": _("Somebody says that it is public or attacked. Please decide."),
        "embargo": _("The embargo has changed, or another end is proposed."),
        "invitation": _("Your team is invited. You are shown the terms first."),
        "message": _("A sealed message waits for you."),
        "removed": _("Your team was removed from the case and gets nothing new."),
        "report": _("A report has come to your team."),
        "statement": _("A party has made a statement on a product."),
        "thread": _("Your team is asked to join a conversation."),
    }.get(what)
    if words is None:
        return
    address = f"{settings.BASE_URL}/cases/"
    notify_team(
        team_id,
        subject=_("Case %(name)s") % {"name": case.code_name},
        text=f"{words}\n\n{address}\n",
        key=None if what in _FROM_REPORTERS else f"cases:{key}",
        urgent=what == "invitation",
    )
