"""What every identifier says of itself."""

import pytest

from tcert.foundation.identifiers.kinds import FACTS, Kind, hidden
from tcert.foundation.identifiers.registry import PARSERS, parse

SUBSCRIBER = {Kind.IMSI, Kind.SUCI, Kind.GUTI, Kind.GUTI_5G, Kind.NAI, Kind.IMEI, Kind.MSISDN}
NOT_FORGEABLE = {
    Kind.MSISDN_RANGE,
    Kind.GT_RANGE,
    Kind.CIDR,
    Kind.ASN,
    Kind.PRODUCT,
    Kind.CPE,
    Kind.PURL,
    Kind.FUNCTION,
}
NO_COUNTRY = {
    Kind.IMEI,
    Kind.TAC,
    Kind.POINT_CODE_ANSI,
    Kind.IP,
    Kind.CIDR,
    Kind.ASN,
    Kind.DOMAIN,
    Kind.EMAIL,
    Kind.PRODUCT,
    Kind.CPE,
    Kind.PURL,
    Kind.FUNCTION,
}


def test_every_kind_has_facts_and_a_reader():
    assert set(FACTS) == set(PARSERS) == set(Kind)


def test_the_codes_of_kinds_stay():
    """They are stored, and other systems ask by them."""
    assert " ".join(Kind) == (
        "plmn imsi suci guti 5g-guti nai imei tac msisdn msisdn-range gt gt-range "
        "pc-international pc-national pc-ansi ecgi ncgi tai realm host 5g-fqdn apn "
        "ip cidr asn domain email product cpe purl function"
    )


def test_subscriber_data_is_what_names_a_person_or_device():
    assert {k for k, f in FACTS.items() if f.subscriber} == SUBSCRIBER


def test_what_a_sender_writes_is_forgeable():
    assert {k for k, f in FACTS.items() if not f.forgeable} == NOT_FORGEABLE
    assert parse(Kind.GLOBAL_TITLE, "+491710000000").forgeable
    assert not parse(Kind.ASN, "64496").forgeable


def test_kinds_without_a_country_are_known():
    assert {k for k, f in FACTS.items() if not f.geographic} == NO_COUNTRY


def test_an_identifier_shows_itself_masked():
    """Representations end up in logs, failed tests and error mails."""
    found = parse(Kind.IMSI, "310410123456789")
    assert repr(found) == str(found) == f"{found}" == "<imsi 31041xxxxxxxxxx>"
    assert "123456789" not in repr([found])


def test_two_are_equal_by_kind_and_canonical_form():
    one, other = parse(Kind.ASN, "AS1.0"), parse(Kind.ASN, "65536")
    assert one == other
    assert len({one, other}) == 1
    assert parse(Kind.DOMAIN, "example.net") != parse(Kind.DIAMETER_REALM, "example.net")


def test_parts_cannot_be_changed():
    with pytest.raises(TypeError):
        parse(Kind.ASN, "1").parts["scope"] = "public"


def test_a_mask_is_as_long_as_what_it_hides():
    assert hidden("0123") == "xxxx"
