"""An incident in the formats of other systems: what its reader sees on the page, nothing more.

Ids are made of the incident and of for whom the file is, never of a value: neither can a hidden
value be found by trying, nor do files of two readers, who see different things, pass for versions
of one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID, uuid5

import orjson

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.formats import events, stix
from tcert.response.formats.masks import is_masked
from tcert.response.incidents import queries
from tcert.response.incidents.models import Incident, Indicator
from tcert.response.incidents.queries import Counted
from tcert.response.incidents.words import INDICATOR_KINDS, STATES


@dataclass(frozen=True, slots=True)
class View:
    """What one reader sees of an incident, and an id of the two."""

    incident: Incident
    scope: UUID
    counted: Counted
    indicators: tuple[tuple[Indicator, str], ...]

    @property
    def first(self) -> datetime:
        """Return when it was first seen, as far as anybody counted; else when it began."""
        return self.counted.first_at or self.incident.began_at

    @property
    def last(self) -> datetime:
        """Return when it was last seen, as far as anybody counted; else when it was noticed."""
        return max(self.first, self.counted.last_at or self.incident.noticed_at)

    @property
    def title(self) -> str:
        """Return its number and kind."""
        return f"{self.incident.number}: {self.incident.kind_label}"

    @property
    def facts(self) -> str:
        """Return what is known besides, in one line."""
        one = self.incident
        forged = " Who seems to be the source may not be it." if one.is_forgeable else ""
        return (
            f"Reported by {one.reporter.name}; severity {one.severity_label}; "
            f"state {STATES[one.state]}; {self.counted.events} events counted.{forged}"  # type: ignore[index]
        )


def view_of(incident: Incident, principal: Principal) -> View:
    """Return what a person who may know of an incident sees of it."""
    steers = incident.is_steered_by(principal)
    teams = incident.own_team_ids(principal)
    seen = Indicator.objects.visible_to(principal).filter(
        incident=incident, expires_on__gte=clock.today()
    )
    reader = "who steers" if steers else " ".join(sorted(map(str, teams)))
    return View(
        incident=incident,
        scope=uuid5(incident.id, reader),
        counted=queries.counted(incident),
        indicators=tuple((one, one.shown_to(teams, steers=steers)) for one in seen),
    )


def as_misp(view: View) -> bytes:
    """Return a MISP event."""
    one = view.incident
    attributes: dict[tuple[str, str], events.Found] = {}
    for indicator, shown in view.indicators:
        kind = Kind(indicator.kind)
        made = events.attribute(
            kind,
            shown,
            own=uuid5(view.scope, f"attribute {indicator.id}"),
            comment=str(INDICATOR_KINDS[kind]),
        )
        made["Tag"] = [{"name": f"tlp:{indicator.tlp.lower()}"}]
        attributes.setdefault((made["type"], shown), made)  # MISP takes each once in an event
    found = events.event(
        view.scope,
        info=f"{view.title}. {view.facts}",
        at=one.began_at,
        tlp=one.tlp,
        attributes=attributes.values(),
    )
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def as_stix(view: View) -> bytes:
    """Return a STIX 2.1 bundle: incident, reporter, what was observed, what to look for."""
    one = view.incident
    bundle = stix.Bundle(view.scope, clock.now(), one.tlp, since=one.reported_at)
    reporter = bundle.identity("reporter", one.reporter.name)
    made = bundle.incident(
        "incident",
        name=view.title,
        description=view.facts,
        labels=[one.kind, f"severity-{one.severity}", f"state-{one.state}"],
    )
    bundle.related(made, reporter)
    for tlp, items in _by_marking(view).items():
        seen = stix.Observation(
            f"observed {tlp}", items, view.counted.events, view.first, view.last
        )
        bundle.related(bundle.observation(seen, tlp), made)
    for indicator, shown in view.indicators:
        item = _item(indicator, shown)
        if item.is_masked:
            continue
        found = bundle.indicator(
            item,
            since=indicator.added_at,
            until=datetime.combine(indicator.expires_on, time.max, UTC),
            name=str(INDICATOR_KINDS[item.kind]),
            tlp=indicator.tlp,
        )
        bundle.related(found, made)
    return orjson.dumps(bundle.written(), option=orjson.OPT_INDENT_2)


def _by_marking(view: View) -> dict[Tlp, tuple[stix.Item, ...]]:
    """Return what was observed by the stricter of the incident's marking and its own."""
    found: dict[Tlp, tuple[stix.Item, ...]] = {}
    for one, shown in view.indicators:
        tlp = max(Tlp(one.tlp), Tlp(view.incident.tlp), key=lambda each: each.rank)
        found[tlp] = (*found.get(tlp, ()), _item(one, shown))
    return found


def _item(indicator: Indicator, shown: str) -> stix.Item:
    kind = Kind(indicator.kind)
    return stix.Item(kind, shown, is_masked(kind, shown), str(indicator.id))
