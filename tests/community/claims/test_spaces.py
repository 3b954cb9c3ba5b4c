"""What a claim covers, and what covers an identifier: the pitfalls of the design page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.claims.spaces import (
    CLAIMABLE,
    Space,
    Stretch,
    above,
    covering,
    read,
    stretches,
)
from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused


def covers(kind, claimed, asked_kind, asked):
    """The place at which a claim covers an identifier: group, or None."""
    mine = set(stretches(read(kind, claimed)))
    groups = covering(registry.parse(asked_kind, asked))
    return next((n for n, group in enumerate(groups) if mine & set(group)), None)


@pytest.mark.parametrize(
    ("kind", "claimed", "asked_kind", "asked", "group"),
    [
        (Kind.PLMN, "208-01", Kind.PLMN, "20801", 0),
        (Kind.PLMN, "208-01", Kind.PLMN, "208-010", None),
        (Kind.PLMN, "310-410", Kind.IMSI, "310410123456789", 1),
        (Kind.GT_RANGE, "+4917100", Kind.GLOBAL_TITLE, "+491710012345", 0),
        (Kind.MSISDN_RANGE, "+4917100", Kind.GLOBAL_TITLE, "+491710012345", 1),
        (Kind.GT_RANGE, "+4917100", Kind.MSISDN, "+491710012345", None),
        (Kind.GT_RANGE, "+4917100000-4917100499", Kind.GLOBAL_TITLE, "+4917100499", 0),
        (Kind.GT_RANGE, "+4917100000-4917100499", Kind.GLOBAL_TITLE, "+4917100500", None),
        (Kind.GT_RANGE, "+4917100", Kind.GLOBAL_TITLE, "491710012345;np=7;nai=4", None),
        (Kind.DIAMETER_REALM, "hub.example.net", Kind.DIAMETER_HOST, "dra1.hub.example.net", 0),
        (
            Kind.DIAMETER_REALM,
            "hub.example.net",
            Kind.DIAMETER_HOST,
            "dra1.nohub.example.net",
            None,
        ),
        (Kind.DOMAIN, "example.net", Kind.DIAMETER_REALM, "hub.example.net", 1),
        (Kind.DOMAIN, "example.net", Kind.EMAIL, "soc@mail.example.net", 0),
        (Kind.DOMAIN, "example.net", Kind.DOMAIN, "notexample.net", None),
        (Kind.PLMN, "405-05", Kind.DIAMETER_REALM, "epc.mnc005.mcc405.3gppnetwork.org", 2),
        (Kind.CIDR, "192.0.2.0/24", Kind.IP, "192.0.2.200", 0),
        (Kind.CIDR, "192.0.2.0/24", Kind.IP, "192.0.3.1", None),
        (Kind.CIDR, "2001:db8::/32", Kind.IP, "2001:db8:1::1", 0),
        (Kind.ASN, "AS64496", Kind.ASN, "64496", 0),
        (Kind.ASN, "AS6449", Kind.ASN, "64496", None),
        (Kind.TAC, "35693803", Kind.IMEI, "356938035643809", 0),
        (Kind.POINT_CODE_INTERNATIONAL, "2-000-1", Kind.POINT_CODE_INTERNATIONAL, "2-0-1", 0),
    ],
)
def test_what_is_claimed_covers_what_it_should(kind, claimed, asked_kind, asked, group):
    assert covers(kind, claimed, asked_kind, asked) == group


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (Kind.IMSI, "310410123456789", "subscriber"),
        (Kind.MSISDN, "+491710012345", "range of"),
        (Kind.GLOBAL_TITLE, "491710012345;np=7;nai=4", "subscriber"),
        (Kind.PRODUCT, "Open5GS | Open5GS | 2.7", "inventory"),
        (Kind.EMAIL, "soc@example.net", "domain"),
        (Kind.CIDR, "0.0.0.0/0", "whole Internet"),
        (Kind.GT_RANGE, "+4917100000001-4917109999998", "in parts"),
        (Kind.PLMN, "٣١٠-٤١٠", "310-410"),
    ],
)
def test_what_nobody_claims_is_refused_with_what_to_do(kind, text, says):
    with pytest.raises(IdentifierRefused, match=says):
        read(kind, text)


def test_each_kind_is_claimed_or_refused_with_a_reason():
    for kind in set(Kind) - set(CLAIMABLE):
        with pytest.raises(IdentifierRefused):
            read(kind, "x")


@given(st.text("0123456789", min_size=1, max_size=15), st.text("0123456789", max_size=6))
def test_what_holds_a_stretch_begins_it_and_bounds_hold_what_is_below(prefix, more):
    whole, part = Stretch(Space.TITLE, prefix), Stretch(Space.TITLE, prefix + more)
    assert whole in above(part)
    first, last = whole.bounds
    assert first <= part.prefix < last
    assert [s.prefix for s in above(part)] == sorted(
        (s.prefix for s in above(part)), key=len, reverse=True
    )
