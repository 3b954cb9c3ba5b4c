"""Reads of what could not be opened: what each viewer is told beside a message."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tcert.community.talks.reading import Told
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.models import CaseThread, Participant, Unopened
from tcert.response.cases.models.case import acting_team_ids


def told_of(
    link: CaseThread, principal: Principal, message_ids: Collection[UUID]
) -> dict[UUID, Told]:
    """Return what the viewer is told of these messages of a conversation that it reads.

    A party is named to whom its row is shown; to everybody else it is “a reader”, in a conversation
    with several readers too.
    """
    found = list(_said(Unopened.objects.of_thread(link, principal).filter(message__in=message_ids)))
    if not found:
        return {}
    rows = Participant.objects.of_case(link.case, principal).filter(
        pk__in={one.participant_id for one in found}
    )
    names = dict(rows.order_by().values_list("pk", "team__name"))
    return _gathered(found, names, acting_team_ids(principal))


def told_to_reporter(message_ids: Collection[UUID]) -> dict[UUID, Told]:
    """Return which of a reporter's own messages a team cannot open.

    The reporter chose whom to seal them to, so each is named.
    """
    found = list(_said(Unopened.objects.filter(message__in=message_ids), to_its_reporter=True))
    names = {one.participant_id: one.participant.name for one in found}
    return _gathered(found, names, frozenset())


def threads_to_seal_anew(principal: Principal) -> QuerySet[CaseThread]:
    """Return the conversations in which somebody waits for a message of the person's teams."""
    waiting = Unopened.objects.to_be_sealed_anew(principal).order_by()
    return (
        CaseThread.objects.filter(pk__in=waiting.values("thread"))
        .select_related("case")
        .order_by("case__received_on", "pk")
    )


def _said(unopened: Any, *, to_its_reporter: bool = False) -> Iterable[Any]:
    found = unopened.standing().with_answer(to_its_reporter=to_its_reporter)
    return found.select_related("participant__team")


def _gathered(
    found: Iterable[Any], names: dict[UUID, str], own_teams: Collection[UUID]
) -> dict[UUID, Told]:
    by_message: dict[UUID, list[Any]] = defaultdict(list)
    for one in found:
        by_message[one.message_id].append(one)
    told = {}
    for message, several in by_message.items():
        others = [one for one in several if one.participant.team_id not in own_teams]
        named = {names.get(one.participant_id) or _("a reader") for one in others}
        told[message] = Told(
            own=len(others) < len(several),
            names=tuple(sorted(named)),
            answered=bool(others) and all(one.answered for one in others),
        )
    return told
