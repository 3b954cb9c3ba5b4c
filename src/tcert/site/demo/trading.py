"""Offers and needs of the demonstration: named and unnamed, one with claims, one that is asked."""

from datetime import timedelta
from typing import Any

from tcert.community.market.domain import contacts, entries
from tcert.community.market.enums import Act, Kind, Terms
from tcert.community.market.models import Entry
from tcert.foundation.kernel import clock
from tcert.site.demo.community import Side

SIGNALLING = ["signalling", "roaming"]
OFFERS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "basalt",
        {
            "subject": "lab-time",
            "title": "Lab time with a 5G core, two weeks in spring",
            "text": "Shielded room, two gNBs, Open5GS and a commercial core. Bring your SIMs.",
            "terms": Terms.FREE,
            "domains": ["core", "ran"],
            "days": 60,
        },
    ),
    (
        "palisade",
        {
            "subject": "measure",
            "title": "Signalling firewall with rules for SS7, Diameter and GTP",
            "text": "On your own machines. Rules come signed, with a changelog.",
            "terms": Terms.PAID,
            "domains": SIGNALLING,
            "days": 170,
        },
    ),
    (
        "altus",
        {
            "subject": "training",
            "title": "Two days on hardening a cloud core",
            "text": "For up to twelve people, in English or Finnish.",
            "terms": Terms.AT_COST,
            "domains": ["cloud", "core"],
            "days": 8,
        },
    ),
    (
        "basalt",
        {
            "subject": "review",
            "title": "A second look at SEPP and firewall rules",
            "text": "We read your rules and say what they let through. Three days, remote.",
            "terms": Terms.AT_COST,
            "domains": SIGNALLING,
            "days": 120,
        },
    ),
)
NEEDS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "north-mobile",
        {
            "subject": "review",
            "title": "Somebody to look over rules at the edge of signalling",
            "text": "A few days this quarter. We bring the rules, in a talk.",
            "terms": Terms.AT_COST,
            "domains": ["signalling"],
            "days": 80,
        },
    ),
    (
        "sunda",
        {
            "subject": "training",
            "title": "Training on cloud cores for a small team",
            "text": "Six people, two days, any place with a train station.",
            "terms": Terms.FREE,
            "domains": [],
            "days": 45,
        },
    ),
)
CLAIMS = ("TS 33.117 4.2.6.2.3", "TS 33.117 4.2.3.4.2.1", "TS 33.117 4.3.2.1")


def trade_all(sides: dict[str, Side]) -> None:
    """Let parties offer and need, a provider claim, and a lab ask an unnamed operator."""
    with clock.frozen(clock.now() - timedelta(days=3)):
        for slug, said in OFFERS:
            offer = _published(sides[slug], Kind.OFFER, said)
            if slug == "palisade":
                _claim(sides[slug], offer)
        needs = [_published(sides[slug], Kind.NEED, said) for slug, said in NEEDS]
    with clock.frozen(clock.now() - timedelta(hours=2)):
        asking = sides["basalt"]
        contacts.turn_to(principal=asking.principal(), entry=needs[0], team=asking.team)


def _published(side: Side, kind: Kind, said: dict[str, Any]) -> Entry:
    values = {name: value for name, value in said.items() if name != "days"}
    made = entries.enter(
        principal=side.principal(),
        team=side.team,
        kind=kind,
        is_unnamed=kind is Kind.NEED,
        languages=["en"],
        regions=[],
        audience=[],
        valid_until=clock.today() + timedelta(days=said["days"]),
        **values,
    )
    return entries.move(principal=side.principal(), entry=made, act=Act.PUBLISH)


def _claim(side: Side, offer: Entry) -> None:
    for clause in CLAIMS:
        entries.claim(
            principal=side.principal(), entry=offer, measure="Palisade Gate 3.1", requirement=clause
        )
