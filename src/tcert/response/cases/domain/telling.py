"""Write the mails that the notices ask for: in the worker, sealed, neutral or in a digest."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.desk.domain import deputies
from tcert.community.notices.domain.telling import note_anonymous, notify_team
from tcert.community.notices.enums import Occasion
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import in_turn
from tcert.foundation.kernel.principal import SYSTEM
from tcert.response.cases import queries
from tcert.response.cases.domain.machines import note
from tcert.response.cases.enums import EMBARGO_HOLDS, Presence
from tcert.response.cases.models import Case, Embargo, PromisedAnswer
from tcert.response.cases.promise import FORGOTTEN_AFTER, answer_by

FROM_REPORTERS = frozenset({"readdressed", "report", "reporter-message"})
EMBARGO_NEAR = timedelta(hours=48)
PROMISE_NEAR = timedelta(days=1)

_OCCASIONS = {
    "embargo-near": Occasion.EMBARGO_NEAR,
    "invitation": Occasion.INVITATION,
    "message": Occasion.MESSAGE,
    "promise-near": Occasion.PROMISE_NEAR,
}
_URGENT = frozenset({"embargo-near", "invitation", "party-key", "promise-near"})


def tell(case_id: UUID, team_id: UUID, what: str, key: str) -> None:
    """Tell one team what happened in a case: sealed to its key, or only that something waits.

    The mail names the case by its code name and holds no content. What a reporter set off goes
    into the digest alone, so that neither a mail nor a page tells when it happened.
    """
    if what in FROM_REPORTERS:
        note_anonymous(team_id)
        return
    case = Case.objects.filter(id=case_id).first()
    if case is None:
        return
    words = {
        "answer": _("A team has answered an invitation."),
        "asleep": _("Nothing has happened in this case for 60 days. Close it, or go on with it."),
        "claim": _("Somebody says that it is public or attacked. Please decide."),
        "deletion-month": _(
            "The content of this case is deleted within 30 days. If you need your part, take a "
            "copy of it before."
        ),
        "deletion-week": _(
            "The content of this case is deleted in about a week. If you need your part, take a "
            "copy of it now."
        ),
        "embargo": _("The embargo has changed, or another end is proposed."),
        "embargo-near": _("The embargo ends within 48 hours."),
        "held": _("A legal hold was set: nothing of this case is deleted until it is lifted."),
        "hold-lifted": _("The legal hold was lifted: deletion goes on, and you are told before."),
        "hold-review": _("The day has come on which the legal hold is to be looked at again."),
        "invitation": _("Your team is invited. You are shown the terms first."),
        "message": _("A sealed message waits for you."),
        "promise-near": _("A reporter waits for an answer that was promised by tomorrow."),
        "stepped-back": _("A coordinator stepped back from this case. Somebody has to go on."),
        "party": _("Somebody whom you invited from outside has made an account, or let it lapse."),
        "party-key": _("A key of somebody invited from outside waits to be confirmed."),
        "removed": _("Your team was removed from the case and gets nothing new."),
        "retention": _("The coordinating team changed for how long this case is kept."),
        "statement": _("A party has made a statement on a product."),
        "thread": _("Your team is asked to join a conversation."),
        "unopened": _("A sealed message cannot be opened by a reader. Please look."),
    }.get(what)
    if words is None:
        return
    address = f"{settings.BASE_URL}/cases/"
    notify_team(
        team_id,
        subject=_("Case %(name)s") % {"name": case.code_name},
        text=f"{words}\n\n{address}\n",
        key=f"cases:{key}",
        urgent=what in _URGENT,
        occasion=_OCCASIONS.get(what, Occasion.OTHER),
        about=case.id,
    )


def remind_of_embargoes() -> None:
    """Tell the parties once that the end of an embargo is near; another end is told again."""
    now = clock.now()
    near = Embargo.objects.filter(
        state__in=EMBARGO_HOLDS, ends_at__gt=now, ends_at__lte=now + EMBARGO_NEAR
    )
    in_turn(partial(_remind_of, found) for found in near.select_related("case"))


def _remind_of(found: Embargo) -> None:
    key = f"embargo-near:{found.id}:{found.ends_at:%Y%m%dT%H%M}"
    parties = found.case.participants.filter(presence=Presence.TAKING_PART, team__isnull=False)
    in_turn(
        partial(tell, found.case_id, team_id, "embargo-near", key)
        for team_id in parties.values_list("team_id", flat=True)
    )


def remind_of_promises() -> None:
    """Tell a coordinating team once that the day by which a reporter is to be answered is near."""
    waiting = queries.with_promise(Case.objects.all()).filter(waits_since__isnull=False)
    in_turn(
        partial(
            tell,
            case.id,
            case.coordinating_team_id,
            "promise-near",
            f"promise-near:{case.id}:{last}",
        )
        for case in waiting
        if (last := answer_by(case.waits_since)) - PROMISE_NEAR <= clock.today()
    )


@transaction.atomic
def call_deputy() -> int:
    """Call the desk's deputy once for each report that the desk let wait past the promised day.

    However many are late, the deputy is told once a day, and only that the desk is late. While
    nobody is named nothing is marked, so that a deputy who is named later is called. Returns for
    how many reports it was called.
    """
    today = clock.today()
    late = [case.id for case in queries.late_at_desk() if answer_by(case.waits_since) < today]
    owed = PromisedAnswer.objects.select_for_update().filter(case__in=late, called_on=None)
    waiting = list(owed)
    if not waiting or not deputies.call(key=f"{today}"):
        return 0
    for one in waiting:
        one.called_on = today
        one.save(update_fields=["called_on"])
        if one.case is not None:
            note(SYSTEM, "deputy-called", one.case)
    return len(waiting)


def forget_promises() -> None:
    """Forget days that no record is measured from any more, once their case is gone."""
    old = clock.today() - FORGOTTEN_AFTER
    PromisedAnswer.objects.filter(case=None, received_on__lt=old).delete()


@transaction.atomic
def acknowledged(case_id: UUID, team_id: UUID) -> None:
    """Write into a case's timeline that a party said that it has seen a notice."""
    case = Case.objects.filter(id=case_id).first()
    row = case.participants.filter(team_id=team_id).first() if case else None
    if case is not None and row is not None:
        note(SYSTEM, "acknowledged", case, row)
