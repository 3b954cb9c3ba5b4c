"""The one writer of an incident's state, severity and marking."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.shown import STALE, stale
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.incidents.domain.holding import held_alone, note, steering_party, tell
from tcert.response.incidents.enums import NEXT, Reason, Severity, Standing, State
from tcert.response.incidents.models import Incident, Party


@transaction.atomic
def change(
    *,
    principal: Principal,
    incident: Incident,
    revision: int,
    state: State,
    severity: Severity,
    tlp: Tlp,
    reason: Reason,
) -> Incident:
    """Change what was changed on a page that showed this revision; who was told is told.

    Raises:
        AlreadyDone: nothing differs from what stands.
        Conflict: somebody changed it since the page was shown.
        DomainError: the state does not follow, or somebody else's marking would be lowered.
        Joined: it was joined into another incident.

    """
    incident = held_alone(incident.pk)
    by = steering_party(principal, incident)
    if incident.revision != revision:
        raise Conflict(stale(), code=STALE)
    before = {"state": incident.state, "severity": incident.severity, "tlp": incident.tlp}
    after: dict[str, str] = {"state": state, "severity": severity, "tlp": tlp}
    changed = [name for name, value in after.items() if before[name] != value]
    if not changed:
        raise AlreadyDone
    if "state" in changed and state not in NEXT[State(incident.state)]:
        raise DomainError(_("This state does not follow the present one."))
    if tlp.rank < Tlp(incident.tlp).rank:
        _check_lowering(incident, by, tlp)
    for name in changed:
        setattr(incident, name, after[name])
    incident.revision += 1
    incident.changed_at = clock.now()
    incident.save(update_fields=[*changed, "revision", "changed_at"])
    data = {
        f"{name}_{end}": str(values[name])
        for name in changed
        for end, values in (("from", before), ("to", after))
    }
    note(principal, "incident:change", incident, by, reason=str(reason), **data)
    tell(incident.parties.filter(standing__in=Standing.told()), by)
    return incident


def _check_lowering(incident: Incident, by: Party, tlp: Tlp) -> None:
    if by.team_id != incident.reporter_id:
        raise DomainError(
            _("Only the team that reported it lowers its marking. Ask it in the talk.")
        )
    if any(Tlp(one).rank > tlp.rank for one in incident.joined.values_list("tlp", flat=True)):
        raise DomainError(
            _("A report that was joined into this one has a narrower marking. Separate it first.")
        )
