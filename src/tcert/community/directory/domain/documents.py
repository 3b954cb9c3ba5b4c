"""The hub's signatures over teams' RFC 2350 documents: asked for in the act, made by the worker."""

from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from tcert.community.directory import team_facts
from tcert.community.directory.documents import rfc2350
from tcert.community.directory.enums import Audience, KeyState
from tcert.community.directory.models import Team, TeamKey, TeamSignature
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.signing import SigningKey, sign_detached

CHANGED = "directory:team-changed"
_ATTEMPTS = 3


def ask_to_sign(team_id: UUID) -> None:
    """Say in the act's transaction that what is written about a team has changed."""
    emit(CHANGED, team_id)


def sign(team_id: UUID) -> None:
    """Sign both forms of a team's document, unless the present text is signed already.

    Only the worker calls it: no other process loads the hub's key. A hub without a key signs
    nothing, and its pages say so.
    """
    if not hubkey.exists():
        return
    key = hubkey.load()
    for audience in Audience:
        # Somebody may change the team meanwhile, and another worker sign that: look once more.
        for _attempt in range(_ATTEMPTS):
            team = Team.objects.select_related("organisation").filter(pk=team_id).first()
            if team is None or _is_signed(team, audience, key):
                break


def _is_signed(team: Team, audience: Audience, key: SigningKey) -> bool:
    """Tell whether the text of this moment is signed already; sign it if it is not."""
    facts = team_facts.of(team, audience)
    text = rfc2350.write(facts)
    about = {
        "sha256": team_facts.digest(text),
        "signer": key.fingerprint,
        "home": facts.home,
    }
    if TeamSignature.objects.filter(team=team, audience=audience, **about).exists():
        return True
    signature = sign_detached(text.encode(), key)
    TeamSignature.objects.update_or_create(
        team=team,
        audience=audience,
        defaults={**about, "signature": signature, "signed_at": clock.now()},
    )
    return False


def unsigned(limit: int) -> list[UUID]:
    """Return listed teams, at most so many, whose present text is surely not signed.

    Nothing is signed by the hub's present key and under its present address, or the team's key has
    expired since. What an act changes is told by the act.
    """
    present = hubkey.public()
    if present is None:
        return []
    signed = TeamSignature.objects.filter(
        signer=present.fingerprint,
        home__startswith=f"{settings.BASE_URL}/",
        audience=Audience.MEMBERS,
    )
    expired = TeamKey.objects.filter(
        state=KeyState.ACTIVE,
        expires_at__lte=clock.now(),
        team__signatures__signed_at__lt=F("expires_at"),
    )
    wanted = Team.objects.on_list().filter(
        ~Q(id__in=signed.values("team_id")) | Q(id__in=expired.values("team_id"))
    )
    return list(wanted.values_list("id", flat=True)[:limit])
