"""A group's membership as files, for its members."""

import csv
import io
import json
from collections.abc import Iterable

from tcert.community.groups.models import Group, Seat
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.ui.answers import harmless


def as_csv(seats: Iterable[Seat]) -> str:
    """Return the members as CSV, one line each; moments are UTC, ISO 8601."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(
        ["team_uuid", "team", "organisation_uuid", "organisation", "country", "steward", "since"]
    )
    for seat in seats:
        body = seat.team.organisation
        sheet.writerow(
            [
                seat.team_id,
                harmless(seat.team.name),
                body.id,
                harmless(body.name),
                harmless(body.country),
                "yes" if seat.is_steward else "no",
                seat.joined_at.isoformat() if seat.joined_at else "",
            ]
        )
    return out.getvalue()


def as_misp(group: Group, seats: Iterable[Seat]) -> str:
    """Return the group as MISP's sharing-group object, as `GET /sharing_groups/view` shows it.

    MISP knows organisations and no teams: an organisation stands once, and extends the group where
    one of its teams is a steward. Nothing of the hub's own row numbers is in it.
    """
    bodies: dict[str, dict[str, object]] = {}
    for seat in seats:
        body = seat.team.organisation
        row = bodies.setdefault(
            str(body.id),
            {
                "extend": False,
                "Organisation": {"uuid": str(body.id), "name": body.name},
            },
        )
        row["extend"] = bool(row["extend"]) or seat.is_steward
    shape = {
        "SharingGroup": {
            "uuid": str(group.id),
            "name": group.name,
            "description": group.purpose,
            "releasability": Tlp(group.tlp).label,
            "active": not group.is_closed,
            "roaming": False,
        },
        "SharingGroupOrg": [bodies[key] for key in sorted(bodies)],
        "SharingGroupServer": [],
    }
    return json.dumps(shape, ensure_ascii=False, indent=1) + "\n"
