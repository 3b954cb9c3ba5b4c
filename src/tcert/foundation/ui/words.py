"""Time, durations and fingerprints in words that a tired reader takes in at once."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_DAYS_ALONE = 30


def span(length: timedelta) -> str:
    """Return a duration in its two largest parts: ``16 days 4 h``, ``3 h 20 min``, ``12 min``."""
    seconds = int(abs(length.total_seconds()))
    days, rest = divmod(seconds, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes = rest // _MINUTE
    if days >= _DAYS_ALONE:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if days:
        text = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        return f"{text} {_('%(n)s h') % {'n': hours}}" if hours else text
    if hours:
        text = _("%(n)s h") % {"n": hours}
        return f"{text} {_('%(n)s min') % {'n': minutes}}" if minutes else text
    return _("%(n)s min") % {"n": minutes} if minutes else _("less than a minute")


def moment(at: datetime, *, seconds: bool = False) -> str:
    """Return day and hour without the zone, in the zone that the value carries."""
    return f"{day(at)}, {at:%H:%M:%S}" if seconds else f"{day(at)}, {at:%H:%M}"


def day(value: date) -> str:
    """Return a day as ``23 Nov 2026``, or ``Nov 23, 2026`` for who chose to read it so."""
    return date_format(value, "M j, Y" if get_language() == "en-us" else "j M Y")


def weekday(value: date) -> str:
    """Return a near day with its name in the week, without the year: ``Fri 27 Nov``."""
    return date_format(value, "D M j" if get_language() == "en-us" else "D j M")


def zone_name(at: datetime) -> str:
    """Return the viewer's zone as a place: ``Paris`` for ``Europe/Paris``, else its short name."""
    key = getattr(at.tzinfo, "key", "")
    return key.rsplit("/", 1)[-1].replace("_", " ") if "/" in key else (at.tzname() or "UTC")


def viewer_moment(at: datetime) -> str | None:
    """Return ``19:00 in Paris`` in the viewer's zone, with the day if it differs; None in UTC."""
    local = timezone.localtime(at)
    if not local.utcoffset():
        return None
    place = zone_name(local)
    if local.date() == at.date():
        return _("%(time)s in %(place)s") % {"time": f"{local:%H:%M}", "place": place}
    return _("%(day)s, %(time)s in %(place)s") % {
        "day": date_format(local, "j M"),
        "time": f"{local:%H:%M}",
        "place": place,
    }


def groups_of_four(text: str) -> list[str]:
    """Split a fingerprint or a code into groups of four characters."""
    compact = "".join(text.split()).upper()
    return [compact[i : i + 4] for i in range(0, len(compact), 4)]
