"""Observations as STIX 2.1: taken by another reader, ids by the standard, masks kept apart."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import stix2
from tests.response.formats.other_reader import TelecomIdentifier, taken

from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.formats import stix
from tcert.response.formats.masks import is_masked
from tcert.response.formats.stix import EXTENSION, Bundle, Item, Observation

pytestmark = pytest.mark.once

AT = datetime(2026, 12, 1, 3, 4, 5, 678_901, tzinfo=UTC)
SCOPE = UUID("00000000-0000-4000-8000-000000000001")
SHOWN = [
    (Kind.IP, "192.0.2.7"),
    (Kind.IP, "2001:db8::1"),
    (Kind.CIDR, "192.0.2.0/24"),
    (Kind.ASN, "64496"),
    (Kind.DOMAIN, "evil.example"),
    (Kind.EMAIL, "noc@evil.example"),
    (Kind.PLMN, "310-410"),
    (Kind.GLOBAL_TITLE, "+447911123456"),
    (Kind.POINT_CODE_INTERNATIONAL, "2-000-0"),
    (Kind.DIAMETER_REALM, "it's.example"),
    (Kind.DIAMETER_HOST, "mme1.epc.mnc410.mcc310.3gppnetwork.org"),
    (Kind.TAC, "49015420"),
]
MASKED = [
    (Kind.IMSI, "310410xxxxxxxxx"),
    (Kind.MSISDN, "+358401xxxxxx"),
    (Kind.GLOBAL_TITLE, "+447911xxxxxx"),
    (Kind.DOMAIN, "xxxxxxxxxxxx.example"),
]


def item(kind: Kind, shown: str, key: str = "1") -> Item:
    return Item(kind, shown, is_masked(kind, shown), key)


def whole(tlp: str = "AMBER") -> dict:
    """A bundle with one of everything."""
    bundle = Bundle(SCOPE, AT, tlp)
    party = bundle.identity("party", "Alder Mobile")
    bundle.note("info", "What is left out is said here.", party)
    every = tuple(item(*one, key=f"{n}") for n, one in enumerate([*SHOWN, *MASKED]))
    bundle.observation(Observation("1", every, 12, AT - timedelta(days=1), AT), "RED")
    made = bundle.incident("1", name="TCERT-IN-2026-0001", description="x", labels=["high"])
    for one in every:
        if not one.is_masked:
            until = AT + timedelta(days=30)
            found = bundle.indicator(one, since=AT, until=until, name="seen")
            bundle.related(found, made)
    return bundle.written()


@pytest.mark.parametrize("tlp", list(Tlp))
def test_another_reader_takes_every_object(tlp):
    """`stix2` checks required properties, types, ids, times, patterns and what refers to what."""
    bundle = whole(tlp)
    taken(bundle["objects"])
    ids = {one["id"] for one in bundle["objects"]}
    assert len(ids) == len(bundle["objects"])
    named = {
        ref
        for one in bundle["objects"]
        for key, value in one.items()
        if key.endswith(("_ref", "_refs"))
        for ref in ([value] if isinstance(value, str) else value)
    }
    assert named <= ids, "a bundle that points outside itself cannot be understood alone"
    assert EXTENSION in ids
    assert stix.TLP_IDS[tlp] in ids


def test_what_others_know_has_the_id_that_others_give_it():
    """Computed by `stix2` from the same value: two producers' objects are one (clause 2.9)."""
    made = {one.get("value", one.get("number")): one for one in whole()["objects"]}
    for theirs in (
        stix2.IPv4Address(value="192.0.2.7"),
        stix2.IPv6Address(value="2001:db8::1"),
        stix2.IPv4Address(value="192.0.2.0/24"),
        stix2.AutonomousSystem(number=64496),
        stix2.DomainName(value="evil.example"),
        stix2.EmailAddress(value="noc@evil.example"),
        TelecomIdentifier(identifier_kind="plmn", value="310-410", is_masked=False),
    ):
        assert made[theirs.get("value", theirs.get("number"))]["id"] == theirs["id"]


def observed(shown: str, kind: Kind, key: str, scope: UUID = SCOPE) -> str:
    return Bundle(scope, AT, "AMBER").observed(item(kind, shown, key))


def test_equal_masks_are_not_one_subscriber_and_no_id_can_be_tried_out():
    imsi = "310410xxxxxxxxx"
    here, there = observed(imsi, Kind.IMSI, "1"), observed(imsi, Kind.IMSI, "2")
    other = observed(imsi, Kind.IMSI, "1", UUID("00000000-0000-4000-8000-000000000002"))
    assert len({here, there, other}) == 3
    # What a reader knows does not make the id: it is made of the place in the bundle alone.
    assert here == observed("310410yyyyyyyyy", Kind.IMSI, "1")
    # A network is the same for all who name it.
    assert observed("310-410", Kind.PLMN, "1") == observed("310-410", Kind.PLMN, "2")


def test_a_mask_is_known_for_every_kind_that_is_masked():
    whole_values = {
        Kind.IMSI: "310410123456789",
        Kind.MSISDN: "+358401234567",
        Kind.IMEI: "490154203237518",
        Kind.GLOBAL_TITLE: "+447911123456",
    }
    for kind, text in whole_values.items():
        assert is_masked(kind, registry.parse(kind, text).masked)
    assert not any(is_masked(*one) for one in SHOWN)
    with pytest.raises(ValueError, match="no pattern"):
        Bundle(SCOPE, AT, "RED").indicator(
            item(*MASKED[0]), since=AT, until=AT, name="no indicator of a mask"
        )
