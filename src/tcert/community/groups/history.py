"""The history of a group in words: what its records say, for its members."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Team
from tcert.community.groups.models import SUBJECT, Group
from tcert.foundation.kernel.records import AuditRecord

PER_PAGE = 50
WORDS: dict[str, str | Promise] = {
    "groups:group:found": gettext_lazy("%(team)s founded the group"),
    "groups:group:change": gettext_lazy("The group was changed: %(fields)s"),
    "groups:group:close": gettext_lazy("%(by)s closed the group"),
    "groups:seat:invite": gettext_lazy("%(by)s invited %(team)s"),
    "groups:seat:accept": gettext_lazy("%(team)s accepted, and is a member"),
    "groups:seat:decline": gettext_lazy("%(team)s declined"),
    "groups:seat:withdraw": gettext_lazy("What waited for %(team)s was taken back"),
    "groups:seat:expire": gettext_lazy("What waited for %(team)s ran out"),
    "groups:seat:ask": gettext_lazy("%(team)s asked to join"),
    "groups:seat:word": gettext_lazy("%(by)s gave its word for %(team)s"),
    "groups:seat:unsay": gettext_lazy("%(by)s took back its word for %(team)s"),
    "groups:seat:admit": gettext_lazy("%(team)s was admitted"),
    "groups:seat:refuse": gettext_lazy("%(team)s was refused"),
    "groups:seat:leave": gettext_lazy("%(team)s left"),
    "groups:seat:remove": gettext_lazy("%(team)s was removed"),
    "groups:seat:object": gettext_lazy("%(team)s objected to its removal"),
    "groups:seat:restore": gettext_lazy("The objection was heard: %(team)s is back"),
    "groups:seat:reject": gettext_lazy("The removal of %(team)s stays"),
    "groups:seat:ask-steward": gettext_lazy("%(by)s asked %(team)s to be a steward"),
    "groups:seat:steward": gettext_lazy("%(team)s became a steward"),
    "groups:seat:step-down": gettext_lazy("%(team)s is not a steward"),
    "groups:seat:rest": gettext_lazy("%(team)s is off the list; its seat rests"),
    "groups:seat:wake": gettext_lazy("%(team)s is on the list again"),
    "groups:seat:lapse": gettext_lazy("%(team)s was off the list for too long; its seat lapsed"),
}
FIELD_NAMES = {
    "name": gettext_lazy("name"),
    "purpose": gettext_lazy("purpose"),
    "rules": gettext_lazy("rules"),
    "admission": gettext_lazy("who admits"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One act: when, what, and which person did it; the hub itself has no name."""

    at: datetime
    words: str
    who: str


def page_of(group: Group, number: str | None) -> tuple[Page, list[Line]]:
    """Return a page of what happened in a group, newest first: three questions, however long."""
    records = AuditRecord.objects.filter(
        object_kind=SUBJECT, object_id=group.id, act__in=WORDS
    ).order_by("-at", "-id")
    shown = Paginator(records, PER_PAGE).get_page(number)
    found = list(shown)
    named = {UUID(r.data[key]) for r in found for key in ("team", "by") if key in r.data}
    teams = {str(k): n for k, n in Team.objects.filter(id__in=named).values_list("id", "name")}
    actors = Person.objects.filter(id__in={r.actor_id for r in found if r.actor_id})
    people = dict(actors.values_list("id", "name"))
    return shown, [
        Line(r.at, _said(r, teams), people.get(r.actor_id, "") if r.actor_id else "") for r in found
    ]


def _said(record: AuditRecord, teams: dict[str, str]) -> str:
    gone = _("a team")
    fields = (str(FIELD_NAMES.get(name, name)) for name in record.data.get("fields", ()))
    return str(WORDS[record.act]) % {
        "team": teams.get(record.data.get("team", ""), gone),
        "by": teams.get(record.data.get("by", ""), gone),
        "fields": ", ".join(fields),
    }
