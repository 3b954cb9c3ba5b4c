"""Build the demonstration once, and keep its sign-ins beside its data."""

import json
import os
from typing import Any

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.db import transaction

from tcert.community.directory.queries import desk_team
from tcert.foundation.kernel.errors import DomainError
from tcert.site.demo import (
    asking,
    attacked,
    beyond,
    bulletin,
    comparing,
    elsewhere,
    growing,
    law,
    listing,
    newcomers,
    notified,
    owning,
    reaching,
    sharing,
    standing,
    stories,
    taking_part,
    talking,
    trading,
    watching,
)
from tcert.site.demo.community import Side, enter_all, passphrase


def sign_ins() -> dict[str, Any] | None:
    """Return addresses, sign-ins and their secrets, or None before it is built."""
    path = settings.DATA_DIR / "demo.json"
    return json.loads(path.read_text()) if path.exists() else None


def build() -> dict[str, Any]:
    """Build the demonstration unless it stands; raise DomainError where it must not stand."""
    if settings.PRODUCTION or not settings.DEMO:
        raise DomainError("A demonstration is never loaded into a hub of your own: use make demo.")
    known = sign_ins()
    if known is not None:
        return known
    if desk_team() is not None:
        raise DomainError("This hub has a community already: the demonstration needs an empty one.")
    sign_in, vault = passphrase(), passphrase()
    with transaction.atomic():
        sides = enter_all(sign_in, vault)
        standing.vouch_all(sides)
        law.enter_duties(sides)
        law.exclude_one(sides["tcert"])
        growing.judge_all(sides)
        growing.ask_for_mentors(sides)
        owning.name_owners(sides["north-mobile"])
        taking_part.take_part(sides)
        reaching.drill_all(sides)
        comparing.compare_keys(sides)
        talking.talk_all(sides)
        elsewhere.import_all(sides)
        listing.list_networks(sides)
        sharing.share_all(sides)
        trading.trade_all(sides)
        attacked.work_on_one(sides)
        asking.ask_all(sides)
        notified.notify_all(sides)
        receipts = stories.tell_all(sides)
        watching.leave_traces(sides["tcert"])
        beyond.invite_one(sides["tcert"], receipts[1].case)
        applicants = newcomers.apply_all(sides, sign_in)
        bulletin.issue_all(sides["tcert"], published=receipts[0].case, drafted=receipts[2].case)
    told = _told(sides, sign_in, vault)
    told["people"] += [_applicant(one, sign_in) for one in applicants]
    told["receipts"] = [{"about": r.title, "receipt": r.receipt} for r in receipts]
    _keep(told)
    return told


def _told(sides: dict[str, Side], sign_in: str, vault: str) -> dict[str, Any]:
    people = [
        {
            "name": player.actor.name,
            "email": player.person.email,
            "team": side.team.name,
            "organisation": side.organisation.name,
            "role": player.actor.role.value,
            "passphrase": sign_in,
            "authenticator_secret": player.totp_secret,
            "vault_passphrase": vault,
        }
        for side in sides.values()
        for player in side.players
    ]
    return {"address": settings.BASE_URL, "people": people}


def _applicant(one: newcomers.Newcomer, sign_in: str) -> dict[str, Any]:
    return {
        "name": one.person.name,
        "email": one.person.email,
        "team": "applies to join",
        "organisation": one.application.name,
        "role": "applicant",
        "passphrase": sign_in,
        "authenticator_secret": one.totp_secret,
        "vault_passphrase": "",
    }


def _keep(told: dict[str, Any]) -> None:
    descriptor = os.open(settings.DATA_DIR / "demo.json", os.O_CREAT | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(told, file, indent=1)


def code(email: str) -> str | None:
    """Return the authenticator's present code of a person of the demonstration."""
    for person in (sign_ins() or {"people": []})["people"]:
        if person["email"] == email:
            counter = next(iter(yield_hotp_counters_from_time()))
            return str(format_hotp_value(hotp_value(person["authenticator_secret"], counter)))
    return None


def introduce(told: dict[str, Any]) -> None:
    """Print whom a person can sign in as."""
    first = told["people"][0]
    print("\nSign in as one of these; all share the two passphrases:")
    for person in told["people"]:
        print(f"  {person['email']:32} {person['name']}, {person['team']}")
    print(f"\n  to sign in:          {first['passphrase']}")
    print(f"  to open the vault:   {first['vault_passphrase']}")
    print(f"  authenticator code:  .venv/bin/tcert demo --code {first['email']}\n")
