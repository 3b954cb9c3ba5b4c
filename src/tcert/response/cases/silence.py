"""Whether a reporter waits past the promised day, and who may be addressed instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Message
from tcert.response.cases.enums import Presence, ThreadPurpose
from tcert.response.cases.models import Case, CaseThread, PromisedAnswer
from tcert.response.cases.promise import answer_by

STAYS_OUT = frozenset({Presence.REMOVED, Presence.DECLINED})


@dataclass(frozen=True, slots=True)
class Silence:
    """That a reporter waits for a first answer past the promised day."""

    team: Team
    due: date
    called_on: date | None
    coordinates: bool
    """Whether the team that is addressed now would coordinate in the place of the silent one."""


def silence(case: Case) -> Silence | None:
    """Return who is late with an answer to the reporter, or None."""
    owed = PromisedAnswer.objects.filter(case=case, team=case.coordinating_team).first()
    if owed is None or answer_by(owed.received_on) >= clock.today() or _answered(case):
        return None
    return Silence(
        case.coordinating_team, answer_by(owed.received_on), owed.called_on, _is_untouched(case)
    )


def _answered(case: Case) -> bool:
    talks = CaseThread.objects.filter(case=case, purpose=ThreadPurpose.REPORTER)
    return Message.objects.filter(
        thread__in=talks.values("thread"), author_kind=HolderKind.TEAM
    ).exists()


def _is_untouched(case: Case) -> bool:
    """Tell whether nobody was brought in beside the addressees, who read the report itself."""
    there = case.participants.filter(
        team__isnull=False, presence__in=[Presence.INVITED, Presence.TAKING_PART]
    )
    return not there.exclude(readings__thread__purpose=ThreadPurpose.REPORT).exists()


def may_be_addressed(case: Case, teams: Sequence[Team]) -> list[Team]:
    """Return those of some teams that a reporter may address instead of the silent one.

    Not who the reporter said must not be told, and not who was taken out or stayed out.
    """
    kept_out = list(
        case.exclusions.filter(asked_by_reporter=True).select_related("organisation", "team")
    )
    gone = set(case.participants.filter(presence__in=STAYS_OUT).values_list("team_id", flat=True))
    has_facts = set(
        case.participants.filter(presence=Presence.TAKING_PART).values_list("team_id", flat=True)
    )
    if not _is_untouched(case):
        gone |= has_facts
    return [
        team
        for team in teams
        if team.id not in {*gone, case.coordinating_team_id}
        and not any(one.covers(team) for one in kept_out)
    ]
