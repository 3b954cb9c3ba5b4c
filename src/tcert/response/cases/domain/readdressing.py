"""A reporter whom nobody answered turns to another team (decided.md 5).

The new team becomes an addressee: the facts are sealed to it anew. If nobody but addressees takes
part yet, it also coordinates from then on: the wishes are sealed to it, and the reporter talks
with it. Where others take part their conversations are with the silent team, so that team goes on
coordinating, and the new one reads the facts.
"""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.talks.readers import team_recipient
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.principal import REPORTER
from tcert.foundation.sealed.domain import threads as sealed_threads
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import Thread
from tcert.response.cases.domain.machines import move_management, note
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.domain.reports import Reporter, SealedPart, open_report_thread
from tcert.response.cases.enums import (
    Management,
    ManagementAct,
    Role,
    ThreadPurpose,
)
from tcert.response.cases.models import (
    Case,
    CaseThread,
    Participant,
    ParticipantRole,
    PromisedAnswer,
)
from tcert.response.cases.silence import may_be_addressed, silence


class NotSilent(DomainError):
    """The team has answered, or still has time to."""


def is_done(case: Case, facts_thread: UUID) -> bool:
    """Tell whether the report went out anew under this thread already: an answer was lost."""
    return CaseThread.objects.filter(case=case, thread_id=facts_thread).exists()


@transaction.atomic
def readdress(
    *,
    case: Case,
    report_id: UUID,
    reporter: Reporter,
    team: Team,
    facts: SealedPart,
    wishes: SealedPart | None,
    announced: bool,
) -> bool:
    """Address another team in the place of a silent one; True if it now coordinates.

    Args:
        case: The case that the report began.
        report_id: What the messages name as their subject inside.
        reporter: The stranger, with the key that the report was sent under.
        team: The team that is addressed now.
        facts: The facts, sealed to the team and the reporter.
        wishes: The wishes, likewise; needed only where the team coordinates from now on.
        announced: Whether the team's next digest says that something came.

    Raises:
        NotSilent: somebody has answered meanwhile, or the promised day has not passed.
        Conflict: somebody was brought in meanwhile, so that another team coordinates.
        DomainError: the team may not be addressed.

    """
    case.claim(None)
    talks = CaseThread.objects.filter(case=case, purpose=ThreadPurpose.REPORTER)
    # Held, so that an answer that is being written comes before, and is seen, or is refused after.
    list(Thread.objects.select_for_update().filter(id__in=talks.values("thread")).order_by("id"))
    silent = silence(case)
    if silent is None:
        raise NotSilent(
            _("An answer has come, or still has time to come. Look again before you decide."),
            code="not-silent",
        )
    if team not in may_be_addressed(case, [team]):
        raise DomainError(_("This team cannot be addressed now. Choose another."), code="team")
    if silent.coordinates != (wishes is not None):
        raise Conflict(
            _("Somebody else was brought in meanwhile. Look again before you decide."),
            code="changed",
        )
    row, reader = _addressee(case, team), team_recipient(team)
    finder = case.participants.get(team__isnull=True)
    open_report_thread(
        case=case,
        report_id=report_id,
        purpose=ThreadPurpose.REPORT,
        part=facts,
        kind=Kind.FACTS,
        teams=[(row, reader)],
        finder=finder,
        reporter=reporter,
        anew_for=row,
    )
    note(REPORTER, "readdressed", case, row)
    before = case.coordinating_team_id
    if wishes is not None:
        _take_over(case, team)
        open_report_thread(
            case=case,
            report_id=report_id,
            purpose=ThreadPurpose.REPORTER,
            part=wishes,
            kind=Kind.WISHES,
            teams=[(row, reader)],
            finder=finder,
            reporter=reporter,
            anew_for=row,
        )
    if announced:
        tell_team(case, team.id, "report")
    tell_team(case, before, "readdressed")
    return wishes is not None


def _addressee(case: Case, team: Team) -> Participant:
    row, _created = Participant.objects.get_or_create(case=case, team=team)
    ParticipantRole.objects.get_or_create(participant=row, role=Role.COORDINATOR)
    if row.management == Management.START:
        move_management(principal=REPORTER, participant=row, act=ManagementAct.RECEIVE)
    return row


def _take_over(case: Case, team: Team) -> None:
    """Let the team coordinate; it judges anew, and says anew who must not be told.

    The silent team leaves the talk with the reporter, which it never used. It keeps the facts.
    """
    for link in CaseThread.objects.filter(case=case, purpose=ThreadPurpose.REPORTER):
        gone = link.readers.filter(participant__team__isnull=False, left_at__isnull=True)
        teams = {reader.participant.team_id for reader in gone.select_related("participant")}
        gone.update(left_at=clock.now().replace(hour=0, minute=0, second=0, microsecond=0))
        current = link.thread.current_set.recipients.all()
        sealed_threads.change_recipients(
            principal=REPORTER,
            thread_id=link.thread_id,
            recipients=[],
            kept={one.holder for one in current if one.holder_id not in teams},
        )
    PromisedAnswer.objects.filter(case=case).update(case=None)
    PromisedAnswer.objects.create(case=case, team=team, received_on=clock.today())
    case.coordinating_team = team
    case.exclusions_settled_at = case.closed_at = case.duplicate_of = None
    case.save()
