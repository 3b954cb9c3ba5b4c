"""The timeline of an incident in words: what its records say, as far as the viewer may know."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.directory.models import Team
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.incidents.enums import Reason, Severity, State, Work
from tcert.response.incidents.models import SUBJECT, Incident, Party
from tcert.response.incidents.words import (
    INDICATOR_KINDS,
    REASONS,
    SEVERITIES,
    STATES,
    WORKS,
)

PER_PAGE = 30
FOR_ALL: dict[str, str | Promise] = {
    "incidents:incident:report": gettext_lazy("%(by)s reported the incident"),
    "incidents:incident:change": gettext_lazy("%(by)s changed it: %(changes)s"),
}
"""What everybody reads who was told."""
FOR_READERS: dict[str, str | Promise] = {
    "incidents:task:give": gettext_lazy("%(by)s gave a task to %(team)s: %(work)s"),
    "incidents:task:done": gettext_lazy("Done by %(team)s: %(work)s"),
    "incidents:task:undone": gettext_lazy("Not done after all by %(team)s: %(work)s"),
    "incidents:task:drop": gettext_lazy("%(by)s took a task of %(team)s back: %(work)s"),
    "incidents:incident:join": gettext_lazy("Another report of the same was joined into this"),
    "incidents:incident:separate": gettext_lazy("A report that was joined was separated again"),
    "incidents:incident:joined": gettext_lazy("%(by)s joined this into another incident"),
    "incidents:incident:separated": gettext_lazy("This was separated from another incident"),
    "incidents:hold:set": gettext_lazy("%(by)s keeps it from being deleted until %(until)s"),
    "incidents:hold:lift": gettext_lazy("%(by)s no longer keeps it from being deleted"),
}
"""What everybody reads who reads the incident."""
OF_PARTIES: dict[str, str | Promise] = {
    "incidents:party:named": gettext_lazy("%(by)s named %(team)s"),
    "incidents:party:asked": gettext_lazy("%(by)s let %(team)s be told"),
    "incidents:party:reads": gettext_lazy("%(by)s let %(team)s be told and read"),
    "incidents:party:acknowledged": gettext_lazy("%(team)s acknowledged"),
    "incidents:party:not-ours": gettext_lazy("%(team)s says that it is not concerned"),
    "incidents:party:take-part": gettext_lazy("%(team)s takes part and reads"),
    "incidents:party:leave": gettext_lazy("%(team)s left"),
    "incidents:party:take-out": gettext_lazy("%(by)s took %(team)s out"),
}
"""What who steers reads of all teams, and a team of itself."""
OF_OWN: dict[str, str | Promise] = {
    "incidents:tally:count": gettext_lazy("%(by)s counted events of %(day)s"),
    "incidents:indicator:add": gettext_lazy("%(by)s added an indicator: %(kind)s"),
    "incidents:indicator:add-many": gettext_lazy(
        "A program or a mail of %(by)s added indicators: %(number)s"
    ),
    "incidents:incident:receive": gettext_lazy("It came from a program or by a mail of %(by)s"),
    "incidents:indicator:withdraw": gettext_lazy("%(by)s withdrew an indicator: %(kind)s"),
    "incidents:case:link": gettext_lazy("%(by)s linked a case"),
    "incidents:case:unlink": gettext_lazy("%(by)s took the link to a case away"),
}
"""What who steers reads of all teams, and a team of what it did itself."""
WORDS = {**FOR_ALL, **FOR_READERS, **OF_PARTIES, **OF_OWN}


@dataclass(frozen=True, slots=True)
class Line:
    """One act: when, and what in words."""

    at: datetime
    words: str


def page_of(
    incident: Incident, principal: Principal, number: str | None
) -> tuple[Page, list[Line]]:
    """Return a page of what happened, newest first, in as many questions however long it is."""
    shown = Paginator(_visible(incident, principal), PER_PAGE).get_page(number)
    found = list(shown)
    named = {UUID(r.data[key]) for r in found for key in ("team", "by") if key in r.data}
    teams = {str(k): n for k, n in Team.objects.filter(id__in=named).values_list("id", "name")}
    return shown, [Line(r.at, _said(r, teams)) for r in found]


def _visible(incident: Incident, principal: Principal) -> QuerySet[AuditRecord]:
    """Return the records of an incident that a person may read."""
    records = AuditRecord.objects.filter(object_kind=SUBJECT, object_id=incident.id)
    records = records.order_by("-at", "-id")
    if incident.is_steered_by(principal):
        seen = Party.objects.visible_to(principal).values("pk")
        unseen = incident.parties.exclude(pk__in=seen).values_list("team", flat=True)
        told = records.filter(act__in=WORDS)
        return told.exclude(act__in=OF_PARTIES, data__team__in=[str(team) for team in unseen])
    teams = [str(team) for team in incident.own_team_ids(principal)]
    wanted = Q(act__in=FOR_ALL)
    wanted |= Q(act__in=OF_PARTIES, data__team__in=teams)
    wanted |= Q(act__in=OF_OWN, data__by__in=teams)
    if incident.is_read_by(principal):
        wanted |= Q(act__in=FOR_READERS)
    return records.filter(wanted)


def _said(record: AuditRecord, teams: dict[str, str]) -> str:
    gone, data = _("a team"), record.data
    work, kind = data.get("work"), data.get("kind")
    return str(WORDS[record.act]) % {
        "team": teams.get(data.get("team", ""), gone),
        "by": teams.get(data.get("by", ""), gone),
        "day": data.get("day", ""),
        "number": data.get("number", ""),
        "until": data.get("until", ""),
        "work": WORKS[Work(work)] if work in set(Work) else "",
        "kind": INDICATOR_KINDS.get(Kind(kind), kind) if kind in set(Kind) else "",
        "changes": _changes(data),
    }


def _changes(data: dict[str, str]) -> str:
    told = []
    if data.get("state_to") in set(State):
        told.append(
            _("state %(before)s, now %(after)s")
            % {
                "before": STATES[State(data["state_from"])],
                "after": STATES[State(data["state_to"])],
            }
        )
    if data.get("severity_to") in set(Severity):
        told.append(
            _("severity %(before)s, now %(after)s")
            % {
                "before": SEVERITIES[Severity(data["severity_from"])],
                "after": SEVERITIES[Severity(data["severity_to"])],
            }
        )
    if data.get("tlp_to") in set(Tlp):
        told.append(_("marking, now %(after)s") % {"after": Tlp(data["tlp_to"]).label})
    reason = data.get("reason")
    if reason in set(Reason):
        told.append(str(REASONS[Reason(reason)]))
    return "; ".join(told)
