"""Reports in XARF version 4, read as far as an incident needs them. No database here.

A report of this format is made by programs and by anybody: its words, its evidence and who made it
are not taken over. What is left is when it began, when it was noticed, and the source, as an
identifier by which others recognise it. What kind of incident that is a person says.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import parse
from tcert.foundation.kernel.errors import DomainError

MOST_BYTES = 1024 * 1024
"""A report with its evidence, which is not read."""
CATEGORIES = frozenset(
    {
        "messaging",
        "connection",
        "content",
        "infrastructure",
        "copyright",
        "vulnerability",
        "reputation",
    }
)
_LONGEST = 300
_SOURCES = (Kind.IP, Kind.CIDR, Kind.ASN, Kind.MSISDN, Kind.DOMAIN)
"""What the source of a report may be, in the order in which it is tried."""


class NotXarf(DomainError):
    """It is no report of this format and version; the message says why."""

    status = 422


@dataclass(frozen=True, slots=True)
class Report:
    """What is taken over. `masked` is the source as it may be shown, `kind` its kind."""

    report_id: UUID
    category: str
    type: str
    began_at: datetime
    noticed_at: datetime
    kind: Kind
    source: str


def read(body: bytes) -> Report:
    """Read a report.

    Raises:
        NotXarf: it is too long, no JSON, of another version, or a field that is needed is missing
            or wrong.

    """
    if len(body) > MOST_BYTES:
        raise NotXarf(
            _("This XARF report is too large: 1 MiB at most, without evidence if need be.")
        )
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotXarf(_("This file cannot be read as JSON, so it is no XARF report.")) from None
    return of_fields(said)


def of_fields(said: object) -> Report:
    """Read a report that was parsed already; raises as `read`."""
    if not isinstance(said, Mapping):
        raise NotXarf(_("This is no XARF report: one JSON object is needed."))
    version = _text(said, "xarf_version")
    if not version.startswith("4."):
        raise NotXarf(_("This is no XARF report of version 4: “xarf_version” says something else."))
    noticed = _moment(said, "timestamp")
    began = _moment(said, "first_seen") if said.get("first_seen") else noticed
    if _text(said, "category") not in CATEGORIES:
        raise _wrong("category")
    for name in ("reporter", "sender"):
        if not isinstance(said.get(name), Mapping):
            raise _wrong(name)
    kind, source = _source(_text(said, "source_identifier"))
    try:
        report_id = UUID(_text(said, "report_id"))
    except ValueError:
        raise _wrong("report_id") from None
    return Report(
        report_id=report_id,
        category=_text(said, "category"),
        type=_text(said, "type"),
        began_at=min(began, noticed),
        noticed_at=max(began, noticed),
        kind=kind,
        source=source,
    )


def _wrong(name: str) -> NotXarf:
    return NotXarf(_("XARF: the field “%(name)s” is missing or wrong.") % {"name": name})


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found.strip() or len(found) > _LONGEST:
        raise _wrong(name)
    return found.strip()


def _moment(said: Mapping[str, Any], name: str) -> datetime:
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(_text(said, name))
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    raise _wrong(name)


def _source(text: str) -> tuple[Kind, str]:
    """Return what the source is; what names a subscriber is masked from here on."""
    name = text.lower().rstrip(".")
    # the name of a subscriber (RFC 6116); and ten digits alone are rather a number than a system
    if f".{name}".endswith(".e164.arpa"):
        raise _wrong("source_identifier")
    for kind in _SOURCES:
        if kind is Kind.ASN and not name.startswith("as"):
            continue
        with suppress(IdentifierRefused):
            found = parse(kind, text)
            return kind, found.masked if found.subscriber else found.canonical
    raise _wrong("source_identifier")
