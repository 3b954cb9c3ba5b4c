"""What this room offers to the pages above it: links, and what waits for a person."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.desk import queries as desk
from tcert.community.desk.acts import DangerousAct, Values
from tcert.community.desk.acts import register as register_act
from tcert.community.directory import team_notes
from tcert.community.directory.queries import desk_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation
from tcert.foundation.ui import navigation, waiting
from tcert.foundation.ui.waiting import Urgency, Waiting
from tcert.foundation.ui.words import weekday
from tcert.response.cases import measured, queries, unopened
from tcert.response.cases.domain import triage
from tcert.response.cases.enums import Answer, ClaimState, Management, ProposalState
from tcert.response.cases.models import (
    Case,
    CaseClaim,
    EmbargoAnswer,
    EmbargoProposal,
    Exclusion,
    Participant,
    PromisedAnswer,
)
from tcert.response.cases.models.case import acting_team_ids
from tcert.response.cases.promise import answer_by

PRESSING = timedelta(hours=24)
LONGEST_LIST = 20
JUDGED = (Management.INVALID, Management.VALID, Management.DEFERRED, Management.ACCEPTED)


def what_waits(principal: Principal) -> Iterator[Waiting]:
    """Yield invitations, ends, messages to seal anew, reports to judge, claims to decide."""
    teams = acting_team_ids(principal)
    if not teams:
        return
    for invitation in queries.open_invitations(principal)[:LONGEST_LIST]:
        yield Waiting(
            title=_("Invitation into %(case)s") % {"case": invitation.participant.case.name},
            why=_("%(team)s is asked to accept the terms") % {"team": invitation.participant.name},
            otherwise=_("the invitation lapses, and you stay out"),
            url=reverse("cases:invitation", args=[invitation.id]),
            urgency=Urgency.NOW if invitation.expires_at - clock.now() < PRESSING else Urgency.SOON,
            due=invitation.expires_at,
        )
    for answer in _ends_to_answer(principal)[:LONGEST_LIST]:
        case = answer.proposal.embargo.case
        yield Waiting(
            title=_("Another end of the embargo of %(case)s") % {"case": case.name},
            why=_("you have signed, so you are asked"),
            otherwise=_("silence is not consent: the present end stays"),
            url=reverse("cases:embargo", args=[case.id]),
        )
    for link in unopened.threads_to_seal_anew(principal)[:LONGEST_LIST]:
        yield Waiting(
            title=_("Message to seal anew: %(case)s") % {"case": link.case.name},
            why=_("a reader cannot open what your team sent"),
            otherwise=_("the reader does not learn what you wrote"),
            url=f"{reverse('cases:case', args=[link.case_id])}?thread={link.id}#talk",
        )
    yield from _for_coordinators(principal)


def _ends_to_answer(principal: Principal) -> QuerySet[EmbargoAnswer]:
    """Return the answers that proposed ends wait for, from the few proposals that are open."""
    own = Participant.objects.filter(
        pk=OuterRef("participant"), team__in=acting_team_ids(principal)
    )
    open_ones = EmbargoProposal.objects.filter(state=ProposalState.OPEN).order_by()
    return EmbargoAnswer.objects.filter(
        Exists(own),
        Case.objects.visible_to(principal).this("participant__case"),
        answer=Answer.WAITING,
        proposal__in=open_ones.values("id"),
    ).select_related("proposal__embargo__case")


def _promise(case: Any) -> dict[str, Any]:
    """Return until when the reporter is to be answered; the last day presses."""
    if case.waits_since is None:
        return {}
    last = answer_by(case.waits_since)
    return {
        "answer_by": last,
        "urgency": Urgency.NOW if last <= clock.today() else Urgency.SOON,
    }


def _for_coordinators(principal: Principal) -> Iterator[Waiting]:
    received = queries.with_promise(queries.standing_at(principal, Management.RECEIVED))
    for case in received.order_by("received_on")[:LONGEST_LIST]:
        yield Waiting(
            title=_("Report to judge: %(case)s") % {"case": case.name},
            why=_("it came to your team on %(day)s") % {"day": weekday(case.received_on)},
            otherwise=_("the reporter hears nothing, and the promise of an answer is broken")
            if case.waits_since
            else _("nobody who could act learns of it"),
            url=reverse("cases:case", args=[case.id]),
            **_promise(case),
        )
    judged = queries.waiting_for_answer(queries.standing_at(principal, *JUDGED))
    for case in judged.order_by("received_on")[:LONGEST_LIST]:
        yield Waiting(
            title=_("Reporter to answer: %(case)s") % {"case": case.name},
            why=_("the report is judged, but nobody has written to the reporter"),
            otherwise=_("the reporter hears nothing, and the promise of an answer is broken"),
            url=reverse("cases:case", args=[case.id]),
            **_promise(case),
        )
    for left in queries.to_take_over(principal)[:LONGEST_LIST]:
        yield Waiting(
            title=_("Go on with %(case)s") % {"case": left.case.name},
            why=_("%(person)s stepped back because of a conflict of interest")
            % {"person": left.person.name},
            otherwise=_("nobody has said that they go on"),
            url=reverse("cases:step_in", args=[left.case_id, left.id]),
            urgency=Urgency.NOW,
        )
    claims = CaseClaim.objects.filter(
        Case.objects.coordinated_by(principal).this("case"), state=ClaimState.CLAIMED
    ).select_related("case")
    for claimed in claims[:LONGEST_LIST]:
        yield Waiting(
            title=_("Claim to decide in %(case)s") % {"case": claimed.case.name},
            why=str(claimed),
            otherwise=_("the parties act on an embargo that may have no ground any more"),
            url=reverse("cases:facts", args=[claimed.case_id]),
            urgency=Urgency.NOW,
        )


def late_desk(principal: Principal) -> Iterator[Waiting]:
    """Tell the desk's deputy that the desk is late; not with what, and not how often."""
    if not desk.is_deputy(principal):
        return
    called = PromisedAnswer.objects.filter(case__in=queries.late_at_desk().values("id"))
    team = desk_team()
    if team is not None and called.filter(called_on__isnull=False).exists():
        yield Waiting(
            title=_("The desk is late with an answer"),
            why=_("you are its deputy: reach somebody of the desk, by phone if need be"),
            otherwise=_("who waits turns to another team, or to the public"),
            url=reverse("directory:team", args=[team.id]),
            urgency=Urgency.NOW,
        )


def to_judge(principal: Principal) -> int | None:
    """Count the reports that wait for judgement, for the side list."""
    return queries.count_to_judge(principal) or None


def _lift(by: Principal, exclusion: Exclusion, _values: Values, confirmed: Confirmation) -> None:
    triage.lift_exclusion(
        principal=by, case=exclusion.case, exclusion=exclusion, confirmation=confirmed
    )


register_act(
    DangerousAct(
        name=triage.LIFT,
        title=gettext_lazy("Tell of a case who the reporter said must not be told"),
        model=Exclusion,
        permission=Permission.CASES_CASE_COORDINATE,
        carry_out=_lift,
        state=lambda exclusion: (exclusion.case_id, exclusion, exclusion.asked_by_reporter),
        about=lambda exclusion: ("case", exclusion.case_id),
        asked_of=lambda exclusion: exclusion.case,
        shown=lambda exclusion, _values: [
            (gettext_lazy("Case"), exclusion.case.name),
            (gettext_lazy("Who must not be told"), exclusion),
        ],
    )
)
navigation.register(
    navigation.Section.RESPONSE,
    gettext_lazy("Cases"),
    "cases:list",
    Permission.CASES_CASE_READ,
    order=10,
    key="c",
)
navigation.register(
    navigation.Section.DESK,
    gettext_lazy("Triage"),
    "cases:board",
    Permission.CASES_BOARD_READ,
    order=10,
    count=to_judge,
    key="t",
)
waiting.register(what_waits)
waiting.register(late_desk)
team_notes.register(measured.on_the_page_of)
