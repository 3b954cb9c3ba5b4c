"""The parties read the final text 48 hours before it appears, each its own marked copy.

Who joins the case after that gets its copy at once (`serve_late`). What a late copy means for the
release is a rule of `publication`.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock, outbox
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.response.advisories import parties
from tcert.response.advisories.domain.writing import locked
from tcert.response.advisories.enums import AdvisoryState
from tcert.response.advisories.errors import WrongState
from tcert.response.advisories.models import Advisory, FinalCopy

_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
_MARK = 10


@transaction.atomic
def send(*, principal: Principal, advisory_id: UUID, text_version: int) -> Advisory:
    """Make the approved text available to each party and have them told; the 48 hours begin.

    Each copy carries a mark of its own, so that a text that leaks names the party it leaked from.
    """
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_PUBLISH, advisory)
    if advisory.state != AdvisoryState.APPROVED:
        raise WrongState
    teams = parties.facts(advisory.case_id).teams
    if not teams:
        raise DomainError(_("Nobody but your team takes part: there is nobody to show it to."))
    hand_out(advisory, teams, clock.now())
    advisory.updated_at = clock.now()
    advisory.save()
    record(
        principal,
        "advisories:final-text",
        "advisory",
        advisory.id,
        text_version=advisory.text_version,
        teams=[str(team.id) for team in teams],
    )
    return advisory


def hand_out(advisory: Advisory, teams: Iterable[Team], now: datetime) -> list[Team]:
    """Give each team its copy of the text as it stands, once; the caller saves the advisory.

    Returns the teams that had none before.
    """
    served = []
    for team in teams:
        copy, made = FinalCopy.objects.get_or_create(
            advisory=advisory,
            team=team,
            text_version=advisory.text_version,
            defaults={
                "mark": new_mark(),
                "document": advisory.content,
                "sent_at": now,
                "is_late": advisory.final_text_is_current,
            },
        )
        if made:
            served.append(team)
            outbox.emit("advisories:final-text", copy.id, team=str(team.id))
    if not advisory.final_text_is_current:
        advisory.final_text_version = advisory.text_version
        advisory.final_text_at = now
    return served


@transaction.atomic
def serve_late(*, case_id: UUID) -> None:
    """Give their copies to parties of a case that came in after its final texts went out.

    Every advisory of the case is held before it is looked at: one whose text is being sent at this
    moment, to the parties of a moment ago, is looked at after that.
    """
    for advisory in Advisory.objects.select_for_update().filter(case_id=case_id):
        catch_up(advisory)


def catch_up(advisory: Advisory) -> None:
    """Give a text that is out with the parties to those that lack it; the caller holds it."""
    if advisory.state != AdvisoryState.APPROVED or not advisory.final_text_is_current:
        return
    served = hand_out(advisory, parties.facts(advisory.case_id).teams, clock.now())
    if not served:
        return
    record(
        SYSTEM,
        "advisories:final-text",
        "advisory",
        advisory.id,
        text_version=advisory.text_version,
        teams=[str(team.id) for team in served],
        late=True,
    )
    outbox.emit("advisories:joined-late", advisory.id)


@transaction.atomic
def note_seen(*, principal: Principal, copy_id: UUID) -> None:
    """Remember when a party first opened its copy."""
    copy = FinalCopy.objects.select_for_update().get(pk=copy_id)
    require(principal, Permission.ADVISORIES_FINAL_READ, copy)
    if copy.seen_at is None:
        FinalCopy.objects.filter(pk=copy.pk).update(seen_at=clock.now())
        record(principal, "advisories:final-text-seen", "advisory", copy.advisory_id)


def new_mark() -> str:
    """Return a mark without vowels and look-alikes, so that it can be read aloud."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_MARK))
