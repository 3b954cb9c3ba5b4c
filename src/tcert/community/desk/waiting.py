"""What the desk's watch over itself asks of its people."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.desk import acts, queries, sessions
from tcert.community.desk.enums import ActState
from tcert.community.desk.models import ALONE_AFTER, REVIEW_WITHIN, ProposedAct
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting

ASK_BEFORE = timedelta(days=14)
LONGEST_LIST = 20
_NOBODY = UUID(int=0)


def declaration(principal: Principal) -> Iterator[Waiting]:
    """Ask a coordinator to declare, and to confirm two weeks before the declaration lapses."""
    if not principal.is_desk:
        return
    found = queries.declaration_of(principal.person_id)
    if found is not None and found.holds_until > clock.now() + ASK_BEFORE:
        return
    lapsed = found is None or not found.is_current
    yield Waiting(
        title=_("Declare your interests") if found is None else _("Confirm your interests"),
        why=_("You belong to the desk, and what concerns your own house is kept from you."),
        otherwise=_("Coordinator rights stay off."),
        url=reverse("desk:declaration"),
        urgency=Urgency.NOW if lapsed else Urgency.SOON,
        due=None if found is None or lapsed else found.holds_until,
    )


def acts_of_two(principal: Principal) -> Iterator[Waiting]:
    """Show what waits for a second coordinator, and what the person may now do alone."""
    titles = acts.titles()
    for proposal in queries.to_decide(principal):
        yield Waiting(
            title=_("Confirm or refuse: %(act)s") % {"act": titles[proposal.act]},
            why=_("%(person)s proposed it, and it needs two") % {"person": proposal.proposed_by},
            otherwise=_("it lapses, and has to be proposed again"),
            url=reverse("desk:act", args=[proposal.id]),
            urgency=Urgency.NOW,
            due=proposal.expires_at,
        )
    own = ProposedAct.objects.filter(
        proposed_by=principal.person_id or _NOBODY,
        state=ActState.WAITING,
        proposed_at__lte=clock.now() - ALONE_AFTER,
        expires_at__gt=clock.now(),
    )
    for proposal in own if principal.is_desk else ():
        if not queries.colleagues(proposal):
            yield Waiting(
                title=_("Decide alone: %(act)s") % {"act": titles[proposal.act]},
                why=_("72 hours are over, and nobody else is there at the desk"),
                otherwise=_("it lapses, and has to be proposed again"),
                url=reverse("desk:act", args=[proposal.id]),
                due=proposal.expires_at,
            )


def staff_sessions(principal: Principal) -> Iterator[Waiting]:
    """Ask to look at others' staff sessions, those first that are overdue, and to answer."""
    if not principal.is_desk:
        return
    now = clock.now()
    for asked in sessions.asked(principal)[:LONGEST_LIST]:
        yield Waiting(
            title=_("Answer a question on your staff session"),
            why=_("a colleague wants to know what something in it was for"),
            otherwise=_("its review stays open, and is overdue after seven days"),
            url=reverse("desk:session", args=[asked.id]),
        )
    waiting = sessions.to_review(principal, now)
    count = waiting.count()
    if not count:
        return
    due = waiting[0].ended_at + REVIEW_WITHIN
    yield Waiting(
        title=_("Staff sessions to look at: %(count)d") % {"count": count},
        why=_("what a coordinator did alone is looked at by another"),
        otherwise=_("what a stolen session did stays unnoticed"),
        url=reverse("desk:sessions") + "?review=unseen",
        urgency=Urgency.NOW if due <= now else Urgency.WHENEVER,
        due=due,
    )
