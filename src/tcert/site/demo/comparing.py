"""Whose keys were compared at a meeting in the demonstration, and which are handed out."""

from datetime import timedelta

from tcert.community.keyring import queries
from tcert.community.keyring.domain import attestations, publishing, purpose_keys
from tcert.community.keyring.enums import Basis, Purpose
from tcert.foundation.kernel import clock
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.signing import SigningKey, sign_detached
from tcert.site.demo.community import Side

GIVEN = (
    (60, "corevale", "sunda", Basis.IN_PERSON),
    (60, "meridian", "sunda", Basis.IN_PERSON),
    (45, "north-mobile", "corevale", Basis.PHONE),
    (30, "sunda", "meridian", Basis.SIGNED),
)
"""Days ago, giver, receiver, and how the giver had the fingerprint."""


def compare_keys(sides: dict[str, Side]) -> None:
    """Let teams attest each other's keys, and one publish a key for its feeds."""
    now = clock.now()
    for days, giver, receiver, basis in GIVEN:
        with clock.frozen(now - timedelta(days=days)):
            _attest(sides[giver], sides[receiver], basis)
    vendor = sides["corevale"]
    secret = write_key(
        user_id=f"{vendor.team.name} feeds",
        created=now - timedelta(days=300),
        lifetime=timedelta(days=320),
        for_encryption=False,
    )
    purpose_keys.publish(
        principal=vendor.principal(),
        team=vendor.team,
        purpose=Purpose.FEEDS,
        certificate=SigningKey(secret).certificate,
    )
    publishing.switch(principal=vendor.principal(), team=vendor.team, is_on=True)


def _attest(giver: Side, receiver: Side, basis: Basis) -> None:
    principal = giver.principal()
    key = queries.key_of(principal, receiver.team, receiver.team_key.fingerprint)
    if key is None:
        raise LookupError(receiver.team.name)
    compared = {
        "principal": principal,
        "from_team": giver.team,
        "key": key,
        "typed": key.fingerprint[-16:],
        "basis": basis,
        "checked_on": clock.today(),
    }
    statement = attestations.prepare(**compared)  # type: ignore[arg-type]
    attestations.give(
        **compared,  # type: ignore[arg-type]
        until=statement.until,
        signature=sign_detached(statement.text().encode(), giver.key),
    )
