"""The chain of custody of a request: what its records say, as page, text and JSON."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.accounts.models import Person
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.requests.enums import Kind, Reason, State
from tcert.response.requests.models import SUBJECT, Request
from tcert.response.requests.words import REASONS

_OF_STATES: dict[State, str | Promise] = {
    State.SENT: gettext_lazy("%(by)s sent the request"),
    State.ACKNOWLEDGED: gettext_lazy("%(by)s acknowledged it"),
    State.ACCEPTED: gettext_lazy("%(by)s accepted it%(until)s"),
    State.PARTLY: gettext_lazy("%(by)s accepted it in part: %(reason)s%(until)s"),
    State.REFUSED: gettext_lazy("%(by)s refused it: %(reason)s"),
    State.HANDED_OVER: gettext_lazy("%(by)s handed over no. %(number)s: %(files)s sealed files"),
    State.CLOSED: gettext_lazy("%(by)s closed it"),
    State.WITHDRAWN: gettext_lazy("%(by)s withdrew it"),
    State.LAPSED: gettext_lazy("It ended by itself: nobody answered"),
}
WORDS: dict[str, str | Promise] = {
    **{f"requests:{kind}:{state}": text for kind in Kind for state, text in _OF_STATES.items()},
    "requests:hold:renew": gettext_lazy("%(by)s keeps the data%(until)s"),
    "requests:hold:end": gettext_lazy("%(by)s keeps the data no longer"),
    "requests:receipt:matches": gettext_lazy("%(by)s received no. %(number)s: digests match"),
    "requests:receipt:differs": gettext_lazy("%(by)s received no. %(number)s: digests differ"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One act: when, what in words, who of the viewer's own team, and the digest it names."""

    number: int
    record: UUID
    at: datetime
    words: str
    person: str
    manifest: str


def steps_of(found: Request, principal: Principal) -> list[Step]:
    """Return what happened, in the order of the acts, by three questions however long it is.

    People are named to their own team alone: the other reads the team's name.
    """
    written = AuditRecord.objects.filter(object_kind=SUBJECT, object_id=found.id, act__in=WORDS)
    records = sorted(written, key=lambda one: one.data["step"])
    teams = {str(one.id): one.name for one in (found.authority, found.addressee)}
    own = {str(found.team(side).id) for side in found.sides_of(principal)}
    actors = {r.actor_id for r in records if r.data.get("by") in own and r.actor_id}
    people = dict(Person.objects.filter(id__in=actors).values_list("id", "name"))
    return [
        Step(
            number=r.data["step"],
            record=r.id,
            at=r.at,
            words=_said(r, teams),
            person=people.get(r.actor_id, "") if r.actor_id in actors else "",
            manifest=str(r.data.get("manifest", "")),
        )
        for r in records
    ]


def _said(record: AuditRecord, teams: dict[str, str]) -> str:
    data: dict[str, Any] = record.data
    reason, until = data.get("reason"), data.get("until")
    return str(WORDS[record.act]) % {
        "by": teams.get(data.get("by", ""), _("the hub")),
        "reason": REASONS[Reason(reason)] if reason in set(Reason) else "",
        "until": _(", until %(day)s") % {"day": until} if until else "",
        "number": data.get("number", ""),
        "files": data.get("files", ""),
    }


def as_json(found: Request, steps: Iterable[Step]) -> str:
    """Return the chain as JSON; moments are UTC, ISO 8601; digests are SHA-256, hexadecimal."""
    told = {
        "format": "tcert-custody/1",
        "hub": settings.BASE_URL,
        "written_at": _iso(clock.now()),
        "request": {
            "id": str(found.id),
            "reference": found.reference,
            "kind": found.kind,
            "basis": found.basis,
            "country": found.country,
            "data": found.data,
            "period_from": found.period_from and found.period_from.isoformat(),
            "period_to": found.period_to and found.period_to.isoformat(),
            "deadline": _iso(found.deadline),
            "tlp": Tlp(found.tlp).label,
            "authority": found.authority.name,
            "addressee": found.addressee.name,
            "state": found.state,
            "held_until": found.held_until and found.held_until.isoformat(),
        },
        "steps": [
            {
                "number": one.number,
                "record": str(one.record),
                "at": _iso(one.at),
                "what": one.words,
                "person": one.person,
                "manifest_sha256": one.manifest,
            }
            for one in steps
        ],
        "hand_overs": [
            {
                "number": one.number,
                "given_at": _iso(one.given_at),
                "message": str(one.message),
                "message_body_sha256": one.body_sha256,
                "files": one.files,
                "manifest_sha256": one.manifest_sha256,
                "receipt": one.receipt,
                "received_at": one.received_at and _iso(one.received_at),
            }
            for one in found.exhibits.all()
        ],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def as_text(found: Request, steps: Iterable[Step]) -> str:
    """Return the chain as plain text, to be printed or put into a file."""
    lines = [
        _("Chain of custody of %(reference)s") % {"reference": found.reference},
        f"{found.authority.name} -> {found.addressee.name}",
        f"{settings.BASE_URL} {_iso(clock.now())} {Tlp(found.tlp).label}",
        "",
    ]
    for one in steps:
        person = f" ({one.person})" if one.person else ""
        lines.append(f"{one.number}. {_iso(one.at)}  {one.words}{person}")
        if one.manifest:
            lines.append(f"    manifest sha256 {one.manifest}")
    for exhibit in found.exhibits.all():
        lines += ["", _("No. %(number)d") % {"number": exhibit.number}]
        lines += [f"    {line}" for line in exhibit.manifest.splitlines()]
    return "\n".join(lines) + "\n"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
