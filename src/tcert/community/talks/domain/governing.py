"""Talks that an upper room governs: it says who reads, and the talk follows.

Nobody is asked, no refusal of a team and no budget is looked at: the room above has its own rules,
has checked them, and holds its own rows before it calls. Locks: its rows, talk, thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.directory.queries import recipient_certificates
from tcert.community.talks import readers
from tcert.community.talks.domain import ending
from tcert.community.talks.domain.holding import held, keep_in_step
from tcert.community.talks.domain.opening import PURPOSE, About
from tcert.community.talks.models import GOVERNED, SUBJECT, Place, Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed.domain import threads as sealed_threads
from tcert.foundation.sealed.domain.removing import remove_threads


@dataclass(frozen=True, slots=True)
class TalkIds:
    """Of which ids a talk and its conversation shall be; of nobody's choosing, and no guess."""

    talk: UUID
    thread: UUID


@transaction.atomic
def begin(
    *,
    principal: Principal,
    by: Team,
    teams: Sequence[Team],
    about: About,
    ids: TalkIds | None = None,
) -> Talk:
    """Begin a governed talk: these teams read at once; one without a key as soon as it has one.

    One that is off the list has its place, and nothing is sealed to it until it is back. `ids` are
    given where a message was sealed for the talk before it began.

    Raises:
        DomainError: none of them has a key.
        ValueError: no room governs talks about such a thing.

    """
    if about.kind not in GOVERNED:
        raise ValueError(about.kind)
    keyed = recipient_certificates([team.id for team in teams], clock.now())
    able = list(Team.objects.on_list().filter(id__in=keyed).order_by("pk"))
    if not able:
        raise DomainError(_("None of the teams has an active key: nothing can be sealed to them."))
    talk_id = ids.talk if ids is not None else uuid4()
    opened = sealed_threads.open_thread(
        principal=principal,
        subject_kind=SUBJECT,
        subject_id=talk_id,
        purpose=PURPOSE,
        recipients=readers.team_recipients(able),
        thread_id=ids.thread if ids is not None else None,
    )
    talk = Talk.objects.create(
        id=talk_id,
        thread=opened.current.thread,
        opened_by=by,
        about_kind=about.kind,
        about_id=about.id,
    )
    today = clock.today()
    Place.objects.bulk_create([Place(talk=talk, team=team, joined_on=today) for team in teams])
    record(principal, "talks:talk:open", "talk", talk.id, team=str(by.id))
    return talk


@transaction.atomic
def follow(*, principal: Principal, talk: Talk, teams: Sequence[Team]) -> None:
    """Let exactly these teams read from now on, and nobody else.

    Who comes reads nothing of before. For who goes the recipients change: a message that was
    sealed to the old ones and comes now is refused, and sealed anew without them.
    """
    talk = held(talk)
    if talk.closed_on is not None:
        return
    wanted, today = {team.id for team in teams}, clock.today()
    places = {place.team_id: place for place in Place.objects.filter(talk=talk)}
    for team in teams:
        place = places.get(team.id)
        if place is None:
            Place.objects.create(talk=talk, team=team, joined_on=today)
        elif not place.reads:
            place.joined_on, place.left_on = today, None
            place.save(update_fields=["joined_on", "left_on"])
    for place in places.values():
        if place.reads and place.team_id not in wanted:
            place.left_on = today
            place.save(update_fields=["left_on"])
    if Place.objects.filter(talk=talk).sealed_to().exists():
        keep_in_step(principal, talk)


@transaction.atomic
def end(*, principal: Principal, talk: Talk, by: Team) -> None:
    """Close a governed talk for all."""
    ending.close_for_all(principal, held(talk), by)


@transaction.atomic
def remove(*, principal: Principal, talk: Talk) -> None:
    """Delete a governed talk for real, with files: the room above has told its teams before.

    Raises:
        ProtectedError: a message of it was handed over into another talk, which stays.

    """
    present = held(talk)
    thread_id = present.thread_id
    record(principal, "talks:talk:delete", "talk", present.id)
    present.delete()
    remove_threads(principal=principal, thread_ids=[thread_id])
