"""What an act changed, kept guarded for the organisation's own people, and put back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tcert.community.responsibility.enums import Part
from tcert.community.responsibility.models import Change, Entry, Matrix, Step
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.principal import Principal

PERSON = ("person_id", "role_title", "name", "mail", "phone")
TEAMS = ("responsible", "consulted", "informed", "tlp")
ANSWER = ("asked_at", "confirmed_at", "confirmed_by", "refused_at", "refusal", "remark", "left_at")
CHAIN = ("rows", "nobody")
STEP = ("person_id", "role_title", "name", "phone", "hours")


def of_entry(entry: Entry) -> dict[str, Any]:
    """Return what stands in a domain, as it can be kept and put back."""
    held = {name: _kept(getattr(entry, name)) for name in (*PERSON, *TEAMS, *ANSWER)}
    return {**held, "who": entry.who}


def of_chain(matrix: Matrix) -> dict[str, Any]:
    """Return the phone chain, with what people read of it in `steps`."""
    rows = list(Step.objects.filter(matrix=matrix).select_related("person"))
    return {
        "rows": [{name: _kept(getattr(one, name)) for name in STEP} for one in rows],
        "steps": [", ".join(filter(None, (s.who, s.role_title, s.phone, s.hours))) for s in rows],
        "nobody": matrix.nobody,
    }


def put_back(entry: Entry, change: Change) -> None:
    """Set an entry to what stood before a change; the caller saves.

    An answer that the same person gave in the meantime stays.
    """
    kept = change.before
    same = all(_kept(getattr(entry, name)) == kept[name] for name in PERSON)
    answered = any(_kept(getattr(entry, name)) != change.after[name] for name in ANSWER)
    for name in (*PERSON, *TEAMS):
        setattr(entry, name, _read(name, kept[name]))
    if not (same and answered):
        for name in ANSWER:
            setattr(entry, name, _read(name, kept[name]))


def keep(
    principal: Principal,
    matrix: Matrix,
    part: str,
    batch: UUID,
    was: dict[str, Any],
    became: dict[str, Any],
    *,
    is_undo: bool = False,
) -> None:
    """Keep one change, in the transaction of the act."""
    Change.objects.create(
        matrix=matrix,
        batch=batch,
        part=part,
        at=clock.now(),
        by=principal.person_id,
        is_undo=is_undo,
        before=was,
        after=became,
    )


def last(matrix: Matrix) -> list[Change]:
    """Return the changes of the latest act, or nothing where that took something back."""
    newest = Change.objects.filter(matrix=matrix).order_by("-at", "id").first()
    if newest is None or newest.is_undo:
        return []
    return list(Change.objects.filter(matrix=matrix, batch=newest.batch))


def require_untouched(change: Change, present: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse to take back what is not the latest: a clock set back puts changes out of order.

    Raises:
        AlreadyDone: something else stands there now than after the change.

    """
    if any(present[name] != change.after[name] for name in names):
        raise AlreadyDone


def is_chain(change: Change) -> bool:
    """Was it the phone chain?"""
    return change.part == Part.CHAIN


def _kept(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _read(name: str, value: Any) -> Any:
    if value and name.endswith("_at"):
        return datetime.fromisoformat(value)
    return UUID(value) if value and name in {"person_id", "confirmed_by"} else value
