"""What comes next for the viewer of a case, most pressing first."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.conversations import asked_to_join
from tcert.response.cases.enums import (
    Answer,
    ClaimState,
    EmbargoState,
    InvitationState,
    Management,
    ProposalState,
    Role,
)
from tcert.response.cases.models import Case, EmbargoAnswer, Invitation, Participant


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that the viewer can do next in a case."""

    title: str | Promise
    why: str | Promise
    url_name: str
    arguments: tuple[UUID, ...]
    fragment: str = ""


def hints(case: Case, principal: Principal, own: Participant | None) -> list[Hint]:
    """Return what waits for the viewer in this case, most pressing first."""
    found: list[Hint] = []
    if case.is_coordinated_by(principal):
        found += _for_coordinators(case)
    if own is not None:
        answers = EmbargoAnswer.objects.filter(
            participant=own, answer=Answer.WAITING, proposal__state=ProposalState.OPEN
        )
        if answers.exists():
            found.append(
                Hint(
                    _("Another end of the embargo is proposed"),
                    _("until all signatories agree, the present end stays"),
                    "cases:embargo",
                    (case.id,),
                )
            )
        if not own.is_coordinator:
            found += _for_party(case, own)
    return found + [
        Hint(
            _("You are asked to join a conversation: %(name)s")
            % {"name": reader.thread.product or reader.thread},
            _("joining shows your team to its readers"),
            "cases:join",
            (case.id, reader.id),
        )
        for reader in asked_to_join(case, principal)
    ]


def _for_coordinators(case: Case) -> list[Hint]:
    return [*_on_the_report(case), *_on_the_embargo(case), *_on_silence(case)]


def _on_the_report(case: Case) -> Iterator[Hint]:
    """From the judgement to the parties: one step opens the next."""
    state = case.participants.get(team_id=case.coordinating_team_id).management
    if state == Management.RECEIVED:
        yield Hint(
            _("Judge the report"),
            _("valid gives it a number; until then the reporter hears nothing"),
            "cases:triage",
            (case.id,),
        )
    if case.exclusions_settled_at is None and state != Management.INVALID:
        yield Hint(
            _("Say who must not be told"),
            _("the reporter's wishes name them; nobody is proposed or invited before"),
            "cases:triage",
            (case.id,),
            "exclusions",
        )
    if state == Management.VALID:
        yield Hint(
            _("Accept or defer"),
            _("only an accepted case brings others in"),
            "cases:triage",
            (case.id,),
        )
    if state == Management.ACCEPTED and case.exclusions_settled_at is not None:
        others = case.participants.exclude(team_id=case.coordinating_team_id).filter(
            team__isnull=False
        )
        if not others.exists():
            yield Hint(
                _("Involve those who can act"),
                _("vendor, operators and holders, each with a reason"),
                "cases:involve",
                (case.id,),
            )


def _on_the_embargo(case: Case) -> Iterator[Hint]:
    """What the coordinating team decides for all: claims that may end it, and its start."""
    for claimed in case.claims.filter(state=ClaimState.CLAIMED):
        yield Hint(
            _("Decide a claim: %(claim)s") % {"claim": claimed},
            _("confirmed, it may end the embargo for all"),
            "cases:facts",
            (case.id,),
        )
    if case.embargo.state == EmbargoState.PROPOSED:
        yield Hint(
            _("Decide the proposed embargo"),
            _("your team's yes makes it active"),
            "cases:embargo",
            (case.id,),
        )


def _on_silence(case: Case) -> Iterator[Hint]:
    """Who was asked and has not answered."""
    waiting = Invitation.objects.filter(
        participant__case=case, state=InvitationState.WAITING
    ).select_related("participant__team")
    for invitation in waiting[:5]:
        yield Hint(
            _("%(team)s has not answered") % {"team": invitation.participant.name},
            _("seen; its invitation lapses by itself")
            if invitation.seen_at
            else _("not seen yet; call its duty phone"),
            "cases:participant",
            (case.id, invitation.participant_id),
        )


def _for_party(case: Case, own: Participant) -> list[Hint]:
    found = []
    if own.management == Management.RECEIVED:
        found.append(
            Hint(
                _("Say whether the report is valid for you"),
                _("silence looks the same as not having read it"),
                "cases:own",
                (case.id,),
            )
        )
    speaks = {Role.VENDOR, Role.DEPLOYER} & set(own.role_names)
    if speaks and case.products.exists() and not own.statements.exists():
        found.append(
            Hint(
                _("State whether your product is affected"),
                _("the advisory is built from the parties' statements"),
                "cases:state",
                (case.id,),
            )
        )
    return found
