"""Keys that the vault's worker made (tests/vectors/keys.json), and vaults that hold them."""

import base64
import json
from pathlib import Path

import factory
from tests.factories.accounts import PersonFactory

from tcert.community.accounts.models import Person, Vault
from tcert.community.directory.enums import KeyOrigin, KeyState
from tcert.community.directory.models import Team, TeamKey, TeamKeyShare

KEYS = json.loads((Path(__file__).parents[1] / "vectors" / "keys.json").read_text())


class VaultFactory(factory.django.DjangoModelFactory):
    """The vault of Ada (or Ben) for a person."""

    class Meta:
        model = Vault

    class Params:
        who = "ada"

    person = factory.SubFactory(PersonFactory)
    fingerprint = factory.LazyAttribute(lambda o: KEYS[o.who]["fingerprint"])
    certificate = factory.LazyAttribute(lambda o: KEYS[o.who]["certificate"])
    locked_secret = factory.LazyAttribute(lambda o: base64.b64decode(KEYS[o.who]["lockedSecret"]))


class TeamKeyFactory(factory.django.DjangoModelFactory):
    """An active key of a team, made in the browser; `which` names one of the vectors."""

    class Meta:
        model = TeamKey

    class Params:
        which = "first"

    fingerprint = factory.LazyAttribute(lambda o: KEYS[o.which]["fingerprint"])
    certificate = factory.LazyAttribute(lambda o: KEYS[o.which]["certificate"])
    state = KeyState.ACTIVE
    origin = KeyOrigin.BROWSER


def share_of(
    key: TeamKey, person: Person, *, which: str = "first", who: str = "ada"
) -> TeamKeyShare:
    """Give a person (who has the vault of `who`) a share of a key."""
    share = KEYS[which]["shares"][who]
    return TeamKeyShare.objects.create(
        team_key=key,
        person=person,
        personal_fingerprint=share["personalFingerprint"],
        sealed_secret=base64.b64decode(share["sealedSecret"]),
        certification=share["certification"],
    )


def active_key_of(team: Team, which: str = "first") -> TeamKey:
    """Give a team an active key."""
    return TeamKeyFactory(team=team, which=which)
