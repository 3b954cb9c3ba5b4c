"""The vectors of the design, and what a candidate says of itself."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tcert.foundation.identifiers import countries, registry
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.numbers import GlobalTitle, identify
from tcert.foundation.identifiers.plmn import from_wire
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.response.snapshot.compiling import compiled
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, Side, State
from tcert.response.snapshot.resolution import resolve, worded

pytestmark = pytest.mark.once

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def entry(kind, value, party, state=State.VERIFIED, role=Role.HOLDER, **more):
    return Entry(kind, value, party, role, state, "test", date(2026, 11, 1), **more)


IMPORTED = [
    entry(Kind.PLMN, plmn, party, State.IMPORTED, Role.OPERATOR)
    for plmn, party in [
        ("310-410", "A"),
        ("405-03", "B"),
        ("405-05", "C"),
        ("405-005", "D"),
        ("350-00", "E"),
        ("350-000", "F"),
        ("244-07", "G"),
        ("234-03", "H"),
        ("234-03", "I"),
        ("901-31", "J"),
    ]
]


def resolved(kind, text, *entries, at=NOW):
    return resolve(compiled(entries or IMPORTED), registry.parse(kind, text), at)


def told(found):
    return [(one.party, one.confidence) for one in found.candidates]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Kind.IMSI, "310410123456789", [("A", 50)]),
        (Kind.IMSI, "405034001111111", [("B", 50)]),
        (Kind.DIAMETER_REALM, "epc.mnc005.mcc405.3gppnetwork.org", [("C", 50), ("D", 35)]),
        (Kind.DIAMETER_REALM, "epc.mnc000.mcc350.3gppnetwork.org", [("E", 50), ("F", 35)]),
        (Kind.PLMN, "234-03", [("H", 50), ("I", 50)]),
        (Kind.PLMN, "901-31", [("J", 50)]),
        (Kind.MSISDN, "+447911123456", [("country:GG", 20)]),
        (Kind.MSISDN, "+8821612345678", []),
        # nobody is known for it, but the country is: E.212 as E.164
        (Kind.PLMN, "262-99", [("country:DE", 20)]),
        (Kind.IMSI, "262991234567890", [("country:DE", 20)]),
        (Kind.DIAMETER_REALM, "epc.mnc099.mcc262.3gppnetwork.org", [("country:DE", 20)]),
        (Kind.GLOBAL_TITLE, "+491711234567", [("country:DE", 20)]),
        (Kind.POINT_CODE_INTERNATIONAL, "2-168-3", [("country:BG", 20)]),
        (Kind.POINT_CODE_NATIONAL, "DE/2/1234", [("country:DE", 20)]),
        # a code of several countries, of none, and those that are nobody's
        (Kind.PLMN, "340-99", []),
        (Kind.POINT_CODE_INTERNATIONAL, "6-094-0", []),
        (Kind.POINT_CODE_INTERNATIONAL, "2-255-7", [("country:FI", 20)]),
        (Kind.POINT_CODE_INTERNATIONAL, "1-000-0", []),
        (Kind.PLMN, "901-99", []),
        (Kind.PLMN, "999-99", []),
        (Kind.PLMN, "001-01", []),
        (Kind.PLMN, from_wire(bytes.fromhex("130014")), [("A", 50)]),
        (Kind.PLMN, from_wire(bytes.fromhex("42f470")), [("G", 50)]),
    ],
)
def test_the_vectors_of_the_design(kind, text, expected):
    found = resolved(kind, text)
    assert told(found) == expected
    assert not found.is_decided


@pytest.mark.parametrize("digits", ["491710000000", "49171000000"])
def test_a_title_from_the_wire_is_found_with_odd_and_even_digits(digits):
    title = identify(GlobalTitle.from_wire(GlobalTitle(digits).to_wire()))
    table = compiled([entry(Kind.GT_RANGE, "+4917100", "X")])
    assert told(resolve(table, title, NOW)) == [("X", 95)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.POINT_CODE_NATIONAL, "1234"),
        (Kind.POINT_CODE_NATIONAL, "DE/1234"),
        (Kind.PLMN, "٣١٠-٤١٠"),
        (Kind.IMSI, "٣١٠410123456789"),
    ],
)
def test_what_cannot_be_read_is_refused(kind, text):
    with pytest.raises(IdentifierRefused):
        resolved(kind, text)


def test_a_proven_range_decides_and_says_why():
    found = resolved(Kind.GLOBAL_TITLE, "+4917100123456", entry(Kind.GT_RANGE, "+4917100", "X"))
    assert found.is_decided
    (one,) = found.candidates
    assert (one.confidence, one.reason, one.source, one.on) == (
        95,
        "holder of +4917100 (verified)",
        "test",
        date(2026, 11, 1),
    )


def test_a_proven_claim_stands_before_a_narrower_one_that_is_only_claimed():
    found = resolved(
        Kind.IP,
        "192.0.2.5",
        entry(Kind.CIDR, "192.0.2.0/24", "proven"),
        entry(Kind.CIDR, "192.0.2.4/30", "hasty", State.CLAIMED),
        entry(Kind.CIDR, "192.0.2.5/32", "listed", State.IMPORTED),
    )
    assert told(found) == [("proven", 95), ("hasty", 50), ("listed", 50)]
    assert found.is_decided


def test_a_dispute_takes_no_place_away_and_waits_for_a_person():
    disputed = entry(Kind.PLMN, "208-01", "X", State.DISPUTED, was_verified=True)
    found = resolved(Kind.PLMN, "208-01", disputed, entry(Kind.PLMN, "208-01", "Y", State.CLAIMED))
    assert told(found) == [("X", 95), ("Y", 50)]
    assert found.is_disputed
    assert not found.is_decided


def test_two_proven_holders_are_both_told_and_a_person_decides():
    found = resolved(
        Kind.PLMN, "208-01", entry(Kind.PLMN, "208-01", "X"), entry(Kind.PLMN, "208-01", "Y")
    )
    assert [one.party for one in found.first] == ["X", "Y"]
    assert not found.is_decided


@pytest.mark.parametrize("roles", [(Role.LESSOR, Role.LESSEE), (Role.SHARED, Role.SHARED)])
def test_lessor_and_lessee_and_those_who_share_are_all_parties(roles):
    found = resolved(
        Kind.GLOBAL_TITLE,
        "+4917100123456",
        *(entry(Kind.GT_RANGE, "+4917100", f"{n}", role=role) for n, role in enumerate(roles)),
    )
    assert [one.party for one in found.first] == ["0", "1"]
    assert found.is_decided


def test_a_claimed_range_comes_before_the_public_announcement():
    origin = entry(Kind.CIDR, "198.51.100.0/24", "AS64496", State.IMPORTED, Role.ORIGIN)
    holder = entry(Kind.ASN, "64496", "carrier")
    assert told(resolved(Kind.IP, "198.51.100.9", origin)) == [("AS64496", 20)]
    assert told(resolved(Kind.IP, "198.51.100.9", origin, holder)) == [("carrier", 70)]
    ipx = entry(Kind.CIDR, "198.51.0.0/16", "ipx")
    assert told(resolved(Kind.IP, "198.51.100.9", origin, holder, ipx)) == [
        ("ipx", 95),
        ("carrier", 70),
    ]


def test_who_held_it_when_it_happened_is_named_and_not_who_holds_it_now():
    end = datetime(2026, 6, 1, tzinfo=UTC)
    table = (
        entry(Kind.PLMN, "208-01", "before", valid_until=end),
        entry(Kind.PLMN, "208-01", "after", valid_from=end),
    )
    for at, party in [(datetime(2026, 5, 31, 23, 59, tzinfo=UTC), "before"), (end, "after")]:
        found = resolved(Kind.PLMN, "208-01", *table, at=at)
        assert told(found) == [(party, 95)]
        assert end in {found.since, found.until}


def test_numbers_are_ported_so_the_range_holder_is_a_weak_lead():
    found = resolved(Kind.MSISDN, "+33612345678", entry(Kind.MSISDN_RANGE, "+336", "X"))
    assert told(found) == [("X", 40)]


def test_what_can_be_forged_is_worded_so():
    title = registry.parse(Kind.GLOBAL_TITLE, "+491710000000")
    assert worded(title, Side.SOURCE) == "traffic that claims to come from"
    assert worded(registry.parse(Kind.ASN, "64496"), Side.SOURCE) == ""


def test_nothing_that_is_no_claim_is_compiled():
    with pytest.raises(ValueError, match="nothing is routed by imsi"):
        compiled([entry(Kind.IMSI, "310410123456789", "X")])


def test_a_group_stands_behind_its_member_and_never_decides():
    range_ = entry(Kind.GT_RANGE, "+4917100", "X")
    later = entry(Kind.MSISDN_RANGE, "+4917100", "Y", State.CLAIMED)
    table = replace(compiled([range_, later]), parents={"X": "G", "Y": "H"})
    found = resolve(table, registry.parse(Kind.GLOBAL_TITLE, "+4917100123456"), NOW)
    assert told(found) == [("X", 95), ("G", 85), ("Y", 40), ("H", 40)]
    assert [one.place for one in found.candidates] == [0, 1, 2, 3]
    assert found.is_decided
    assert found.candidates[1].reason == "group or parent of X, holder of +4917100 (verified)"
    both = replace(compiled([range_, later]), parents={"X": "Y"})
    twice = resolve(both, registry.parse(Kind.GLOBAL_TITLE, "+4917100123456"), NOW)
    assert told(twice) == [("X", 95), ("Y", 85), ("Y", 40)]
    only = replace(compiled([later]), parents={"Y": "H"})
    undecided = resolve(only, registry.parse(Kind.MSISDN, "+4917100123456"), NOW)
    assert not undecided.is_decided


def test_a_country_says_that_it_goes_to_the_desk():
    (one,) = resolved(Kind.PLMN, "262-99").candidates
    assert one.reason == ("the network code belongs to a range of Germany (DE); no team is known")
    (one,) = resolved(Kind.POINT_CODE_INTERNATIONAL, "3-124-0").candidates
    assert one.reason == ("the point code belongs to a range of Curaçao (CW); no team is known")


def test_every_mobile_country_code_leads_to_one_country_with_a_name():
    """By the list that comes with the hub: none of its codes contradicts the table."""
    assert (countries.of_mcc("310"), countries.of_mcc("208")) == ("US", "FR")
    assert countries.of_mcc("338") == countries.of_mcc("") == countries.of_mcc("٣١٠") == ""
    assert countries.name("FI") == "Finland"
    assert countries.name("ZZ") == "ZZ"


def test_every_signalling_area_leads_to_one_country_with_a_name():
    """Areas of ITU's list: 1,069 of them, in zones 2 to 7, none of them twice."""
    found = {
        f"{zone}-{area:03}": countries.of_area(f"{zone}-{area:03}")
        for zone in range(8)
        for area in range(256)
    }
    known = {sanc: country for sanc, country in found.items() if country}
    assert len(known) == 1069
    assert {sanc[0] for sanc in known} == set("234567")
    assert (known["2-000"], known["4-135"], known["7-255"]) == ("LI", "KP", "LI")
    assert [one for one in set(known.values()) if countries.name(one) == one] == []
    assert countries.of_area("") == countries.of_area("2-0") == ""
