"""What the thread pages share: the thread that the viewer reads, its messages and their authors."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.http import (
    HttpRequest,
)
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.talks import reading
from tcert.community.talks.reading import Addresses
from tcert.foundation.kernel.access import principal_of
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import nameable
from tcert.foundation.sealed.models import Message
from tcert.response.cases import conversations
from tcert.response.cases.conversations import Talk
from tcert.response.cases.enums import ThreadPurpose
from tcert.response.cases.models import Case, CaseThread, Participant
from tcert.response.cases.unopened import told_of
from tcert.response.cases.views.common import find_case


def find_thread(request: HttpRequest, case_id: UUID, thread_id: UUID) -> CaseThread:
    """Return a thread of a visible case that the viewer reads; for everybody else there is none."""
    case = find_case(request, case_id)
    return get_object_or_404(
        CaseThread.objects.of_case(case, principal_of(request)).select_related(
            "thread", "case__embargo", "case__coordinating_team", "participant__team", "product"
        ),
        id=thread_id,
    )


def choose_talk(request: HttpRequest, talks: list[Talk]) -> Talk | None:
    """Return the thread that the address names, or the first one."""
    wanted = request.GET.get("thread", "")
    return next((t for t in talks if str(t.link.id) == wanted), talks[0] if talks else None)


def team_names(case: Case, request: HttpRequest) -> dict[UUID, str]:
    """Return the names that the parties of a case have for the viewer, by their team."""
    rows = Participant.objects.of_case(case, principal_of(request)).filter(team__isnull=False)
    return dict(rows.order_by().values_list("team_id", "team__name"))


def author_names(case: Case, request: HttpRequest, shown: Collection[Message]) -> dict[UUID, str]:
    """Return the same, with the names of those who wrote one of these messages and left."""
    authors = {m.author_id for m in shown if m.author_kind == HolderKind.TEAM}
    written = dict(Team.objects.filter(id__in=authors).values_list("id", "name"))
    return {**written, **team_names(case, request)}


def composer(request: HttpRequest, case: Case, chosen: Talk | None) -> dict[str, Any]:
    """Return what the page shows of one thread: messages without their text, and readers."""
    if chosen is None:
        return {"messages_shown": ()}
    principal = principal_of(request)
    shown = conversations.page_of(chosen.link, principal, request.GET)
    names = author_names(case, request, list(shown))
    told = told_of(chosen.link, principal, [message.id for message in shown])
    present = chosen.link.readers.filter(joined_at__isnull=False, left_at=None)
    readers = [
        team or _("reporter") for team in present.values_list("participant__team__name", flat=True)
    ]
    return {
        "messages_shown": reading.shown(
            shown,
            principal,
            names=lambda message: author_name(message, names),
            told=told,
            addresses=addresses_of(case.id),
        ),
        "messages_page": shown,
        "thread_query": f"thread={chosen.link.id}",
        "hidden": conversations.hidden_count(chosen.link, shown.paginator.count),
        "readers": readers,
        "own_name": nameable(principal.label),
        "title_link": CaseThread.objects.of_case(case, principal)
        .filter(
            purpose=ThreadPurpose.TITLE
            if case.is_coordinated_by(principal)
            else ThreadPurpose.DESK,
        )
        .first(),
    }


def addresses_of(case_id: UUID) -> Addresses:
    """Return where a case serves its messages."""
    return Addresses(
        message=lambda key: reverse("cases:message", args=[case_id, key]),
        file=lambda key: reverse("cases:file", args=[case_id, key]),
        unopened=lambda key: reverse("cases:unopened", args=[case_id, key]),
    )


def author_name(message: Message, names: dict[UUID, str]) -> str:
    """Return who wrote a message, in words; a party may have left since."""
    if message.author_kind == HolderKind.REPORTER:
        return _("Reporter")
    return names.get(message.author_id) or _("A party that has left")
