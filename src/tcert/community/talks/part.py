"""A team's part of a talk: what was sealed to it, and what the hub can read."""

from django.template.loader import render_to_string

from tcert.community.directory.models import Team
from tcert.community.talks.models import Talk
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Holder, Message
from tcert.foundation.sealed.part import NAME, Part, as_json
from tcert.foundation.sealed.queries import holders_of

__all__ = ["NAME", "part_of"]


def part_of(talk: Talk, principal: Principal, label: str) -> Part:
    """Return what was sealed to the person's teams; the talk is called `label` inside."""
    holders = holders_of(principal)
    messages = Message.objects.visible_to(holders, [talk.thread_id]).order_by("position")
    authors = set(messages.order_by().values_list("author_id", flat=True))
    names = Team.objects.filter(id__in=authors).values_list("id", "name")
    return Part(
        holders=holders,
        message_ids=list(messages.values_list("id", flat=True)),
        conversations={talk.thread_id: label},
        authors={Holder(HolderKind.TEAM, key): name for key, name in names},
        texts={
            "talk.json": as_json(_facts(talk)),
            "README.txt": render_to_string("talks/part.txt"),
        },
    )


def _facts(talk: Talk) -> dict[str, object]:
    def day(found: object) -> str | None:
        return str(found) if found else None

    return {
        "opened_by": talk.opened_by.name,
        "opened_on": day(talk.opened_on),
        "last_message_on": day(talk.last_on),
        "closed_on": day(talk.closed_on),
        "deleted_on": None if talk.is_ended_above else day(talk.deletes_on),
        "teams": [
            {
                "team": place.team.name,
                "asked_on": day(place.asked_on),
                "joined_on": day(place.joined_on),
                "left_on": day(place.left_on),
            }
            for place in talk.places.select_related("team")
        ],
    }
