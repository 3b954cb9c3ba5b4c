"""What the thread pages share: the thread that the viewer reads, its messages and their authors."""

from typing import Any
from uuid import UUID

from django.http import (
    HttpRequest,
)
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.foundation.kernel.access import principal_of
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Message
from tcert.response.cases import queries
from tcert.response.cases.enums import ThreadPurpose
from tcert.response.cases.models import Case, CaseThread
from tcert.response.cases.queries import Talk
from tcert.response.cases.views.common import find_case


def find_thread(request: HttpRequest, case_id: UUID, thread_id: UUID) -> CaseThread:
    """Return a thread of a visible case that the viewer reads; for everybody else there is none."""
    case = find_case(request, case_id)
    return get_object_or_404(
        CaseThread.objects.visible_to(principal_of(request)).select_related(
            "thread", "case__embargo", "case__coordinating_team", "participant__team", "product"
        ),
        id=thread_id,
        case=case,
    )


def choose_talk(request: HttpRequest, talks: list[Talk]) -> Talk | None:
    """Return the thread that the address names, or the first one."""
    wanted = request.GET.get("thread", "")
    return next((t for t in talks if str(t.link.id) == wanted), talks[0] if talks else None)


def team_names(case: Case, request: HttpRequest) -> dict[UUID, str]:
    """Return the names that the parties of a case have for the viewer, by their team."""
    teams = {p.team_id: p.name for p in queries.participants_of(case, principal_of(request))}
    return {k: v for k, v in teams.items() if k is not None}


def composer(request: HttpRequest, case: Case, chosen: Talk | None) -> dict[str, Any]:
    """Return what the page shows of one thread: messages without their text, and readers."""
    if chosen is None:
        return {"messages_shown": ()}
    principal = principal_of(request)
    shown = queries.messages_of(chosen.link, principal)
    names = team_names(case, request)
    readers = [
        r.participant.name
        for r in chosen.link.readers.select_related("participant__team")
        if r.reads
    ]
    return {
        "messages_shown": [(m, author_name(m, names), _mine(m, principal)) for m in shown],
        "hidden": queries.hidden_count(chosen.link, shown),
        "readers": readers,
        "title_link": CaseThread.objects.visible_to(principal)
        .filter(
            case=case,
            purpose=ThreadPurpose.TITLE
            if case.is_coordinated_by(principal)
            else ThreadPurpose.DESK,
        )
        .first(),
    }


def _mine(message: Message, principal: Any) -> bool:
    return message.author_kind == HolderKind.TEAM and message.author_id in principal.team_ids


def author_name(message: Message, names: dict[UUID, str]) -> str:
    """Return who wrote a message, in words; a party may have left since."""
    if message.author_kind == HolderKind.REPORTER:
        return _("Reporter")
    name = names.get(message.author_id)
    if name is None:
        team = Team.objects.filter(id=message.author_id).first()
        name = team.name if team else _("A party that has left")
    return name
