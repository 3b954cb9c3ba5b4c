"""What a page says, how it is signed, and when a team wants quiet. Pure.

A page is read by a gateway, its operator and whoever holds the phone: it names the hub, an
urgency and a random number, and nothing of a case.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from tcert.community.notices.enums import BodyForm, Urgency

FORGET_AFTER_SECONDS = 300
"""How old a signed page may be before its receiver should take it for a replay."""


def webhook_body(
    *, hub: str, urgency: Urgency, notice: UUID, at: datetime, acknowledge: str
) -> bytes:
    """Return the fixed JSON of a webhook; the time is rounded down to the hour."""
    said = {
        "hub": hub,
        "urgency": urgency.value,
        "notice": str(notice),
        "hour": at.strftime("%Y-%m-%dT%H:00Z"),
        "acknowledge": acknowledge,
    }
    return json.dumps(said, separators=(",", ":")).encode()


def signature_headers(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers that prove a body's sender and age.

    The signature is HMAC-SHA-256 over the timestamp, a full stop and the body, in hexadecimal.
    """
    stamp = str(int(at.timestamp()))
    made = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-TCERT-Timestamp": stamp, "X-TCERT-Signature": f"sha256={made}"}


def sms_body(form: BodyForm, fields: Mapping[str, str]) -> tuple[bytes, str]:
    """Return the body for an SMS gateway, and its content type."""
    if form is BodyForm.JSON:
        return json.dumps(dict(fields), separators=(",", ":")).encode(), "application/json"
    return urlencode(dict(fields)).encode(), "application/x-www-form-urlencoded"


def quiet_until(now: datetime, zone: str, start: int | None, end: int | None) -> datetime | None:
    """Return when the quiet hours end that hold at a moment; None outside of them.

    Args:
        now: An aware moment.
        zone: The team's time zone.
        start: The hour of the day from which it is quiet there; None: never.
        end: The hour of the day at which pages go out again; may be the next morning.

    """
    if start is None or end is None or start == end:
        return None
    local = now.astimezone(ZoneInfo(zone))
    is_quiet = start <= local.hour < end if start < end else local.hour >= start or local.hour < end
    if not is_quiet:
        return None
    day = local.date() if local.hour < end else local.date() + timedelta(days=1)
    return datetime.combine(day, time(end), ZoneInfo(zone)).astimezone(now.tzinfo)
