"""The hub's signatures over teams' RFC 2350 documents: asked for in the act, made by the worker."""

from uuid import UUID

from tcert.community.directory import team_facts
from tcert.community.directory.documents import rfc2350
from tcert.community.directory.enums import Audience, OrganisationState
from tcert.community.directory.models import Team, TeamSignature
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.signing import sign_detached

CHANGED = "directory:team-changed"


def ask_to_sign(team_id: UUID) -> None:
    """Say in the act's transaction that what is written about a team has changed."""
    emit(CHANGED, team_id)


def sign(team_id: UUID) -> None:
    """Sign both forms of a team's document, unless the present text is signed already.

    Only the worker calls it: no other process loads the hub's key. A hub without a key signs
    nothing, and its pages say so.
    """
    team = Team.objects.select_related("organisation").filter(pk=team_id).first()
    if team is None or not hubkey.exists():
        return
    key = hubkey.load()
    for audience in Audience:
        text = rfc2350.write(team_facts.of(team, audience))
        digest = team_facts.digest(text)
        held = TeamSignature.objects.filter(
            team=team, audience=audience, sha256=digest, signer=key.fingerprint
        )
        if held.exists():
            continue
        TeamSignature.objects.update_or_create(
            team=team,
            audience=audience,
            defaults={
                "sha256": digest,
                "signature": sign_detached(text.encode(), key),
                "signer": key.fingerprint,
                "signed_at": clock.now(),
            },
        )


def unsigned(limit: int) -> list[UUID]:
    """Return listed teams without a signature of the hub's present key, at most so many."""
    present = hubkey.public()
    if present is None:
        return []
    signed = TeamSignature.objects.filter(signer=present.fingerprint, audience=Audience.MEMBERS)
    teams = Team.objects.filter(retired_at=None, organisation__state=OrganisationState.LISTED)
    return list(teams.exclude(id__in=signed.values("team_id")).values_list("id", flat=True)[:limit])
