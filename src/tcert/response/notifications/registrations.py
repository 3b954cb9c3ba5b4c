"""What this room puts into lower ones: my day, *whose is this*, whose records are shown."""

from collections.abc import Collection, Iterator
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tcert.foundation.identifiers.kinds import Identifier
from tcert.foundation.kernel import records
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.waiting import register
from tcert.response.notifications import delivery, planning, queries, waiting
from tcert.response.notifications.enums import Feed, Pace, Severity, Topic
from tcert.response.notifications.models import SUBJECT, Notification
from tcert.response.routing import corrections, onward, stated
from tcert.response.routing.corrections import Corrected
from tcert.response.routing.stated import Stated


def corrected(organisations: Collection[UUID]) -> Iterator[Corrected]:
    """Yield what organisations say is not their own."""
    for one in queries.denials_of(organisations):
        yield Corrected(one.organisation_id, one.matched, one.at.date())


_TOPICS = {
    "intrusions": Topic.COMPROMISED,
    "malicious-code": Topic.COMPROMISED,
    "vulnerable": Topic.VULNERABLE,
    "abusive-content": Topic.ABUSED,
    "fraud": Topic.ABUSED,
    "intrusion-attempts": Topic.ABUSED,
    "information-gathering": Topic.SUSPICIOUS,
}
"""By the names of ENISA's reference taxonomy of incidents."""


def wanted(organisation: UUID, asked: Identifier, taxonomy: str) -> Stated | None:
    """Return what a rule of an organisation says of something that a program saw."""
    decision = delivery.decide(
        planning.rules_of([organisation]).get(organisation, ()),
        topic=_TOPICS.get(taxonomy, Topic.OTHER),
        feed=Feed.OTHER,
        severity=Severity.MEDIUM,
        kind=str(asked.kind),
        written=asked.canonical,
    )
    if not decision.by_rule:
        return None
    return Stated(decision.pace == Pace.NEVER, decision.repeat)


register(waiting.notifications)
corrections.register(corrected)
stated.register(wanted)
onward.register(_("Notify these teams"), "notifications:new", Permission.NOTIFICATIONS_SEND)
records.confine(SUBJECT, Notification.objects.queued_for)  # they name each team of the chain
