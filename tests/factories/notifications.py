"""Holders whose secret keys the test holds, and notifications sent to them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from tests.factories.claims import ClaimFactory
from tests.factories.talks import Side, side

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.notifications import offering, planning
from tcert.response.notifications.domain import moving, sending
from tcert.response.notifications.enums import Feed, Severity, Topic
from tcert.response.notifications.models import Notification, Sending, Step
from tcert.response.notifications.planning import Facts, Plan
from tcert.response.routing import resolving


def holder_of(name: str, value: str = "999-70", **claim: object) -> Side:
    """Make a team with a key whose organisation holds something by a verified claim."""
    made = side(f"{name} CERT", organisation__name=name)
    options = {"kind": "plmn", "verified": True, "tlp": "GREEN", **claim}
    ClaimFactory(organisation=made.team.organisation, value=value, **options)
    return made


def facts(**changes: object) -> Facts:
    """Return facts of something compromised that is seen now."""
    first: dict[str, object] = {
        "topic": Topic.COMPROMISED,
        "severity": Severity.MEDIUM,
        "tlp": Tlp.AMBER,
        "feed": Feed.HONEYPOT,
        "observed_at": clock.now(),
    }
    return Facts(**{**first, **changes})  # type: ignore[arg-type]


def plan_of(
    principal: Principal,
    texts: Sequence[str],
    about: Facts,
    *,
    at: datetime | None = None,
    unplaced: bool = True,
    sender: UUID | None = None,
) -> Plan:
    """Return what telling everybody to whom the lines lead would do."""
    found = resolving.answers(texts, at=at or clock.now(), principal=principal)
    offers = offering.offers(found, texts, principal.organisation_ids)
    return planning.plan(
        sender=sender or principal.acting_team_id or uuid4(),
        found=found,
        offered=offers.parties,
        unplaced=offers.unplaced if unplaced else (),
        facts=about,
    )


def sent_by(sender: Side, *texts: str, **about: object) -> Sending:
    """Let a team have notified everybody to whom the lines lead."""
    said = facts(**about)
    return sending.send(
        principal=sender.principal,
        key=uuid4(),
        team=sender.team,
        facts=said,
        plan=plan_of(sender.principal, texts, said, sender=sender.team.id),
        texts=texts,
    )


def be_told() -> None:
    """Let the worker have told whoever was reached: from then on their time runs."""
    for step_id in Step.objects.filter(
        reached_at__isnull=False, told_at=None, waits=False
    ).values_list("pk", flat=True):
        with transaction.atomic():
            moving.note_told(step_id)


def step_of(one: Notification, team: Side) -> Step:
    """Return the hop of a team."""
    return Step.objects.select_related("team__organisation", "notification__sending").get(
        notification=one, team=team.team
    )


def read_by(one: Notification, reader: Side) -> str:
    """Return what a team opens with its own key."""
    body = step_of(one, reader).body
    assert body is not None
    return reader.party.open(bytes(body)).plaintext.decode()
