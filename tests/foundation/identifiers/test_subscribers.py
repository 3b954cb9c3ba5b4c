"""Subscriber data is read to the network in front of it, and its mask shows no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.identifiers import subscribers
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import networks, parse

DIGITS = st.text("0123456789", min_size=1)


def refused(kind, text):
    with pytest.raises(IdentifierRefused):
        parse(kind, text)


@pytest.mark.parametrize(
    "text", ["310410123456789", "imsi-310410123456789", "IMSI-310410123456789"]
)
def test_an_imsi_is_a_supi_without_its_mark(text):
    found = parse(Kind.IMSI, text)
    assert found.canonical == "310410123456789"
    assert found.masked == "31041xxxxxxxxxx"
    assert found.parts == {"mcc": "310", "use": "national"}
    assert found.subscriber
    assert found.geographic


@pytest.mark.parametrize(
    "text",
    [
        "31041",
        "3104101234567890",
        "310-410-123456789",
        "310410 123456789",
        "٣١٠٤١٠١٢٣٤٥٦٧٨٩",
        "imsi-",
    ],
)
def test_what_is_no_imsi_is_refused(text):
    refused(Kind.IMSI, text)


@pytest.mark.parametrize("text", ["901310000000001", "999700000000001", "001010000000001"])
def test_a_shared_private_or_test_imsi_belongs_to_no_country(text):
    assert not parse(Kind.IMSI, text).geographic


@given(st.from_regex(r"[0-9]{6,15}", fullmatch=True))
def test_no_digit_of_an_msin_is_shown(digits):
    """Five digits are MCC and MNC whatever the MNC's length; the sixth may be MSIN."""
    masked = parse(Kind.IMSI, digits).masked
    assert masked == digits[:5] + "x" * (len(digits) - 5)


def test_the_networks_of_an_imsi_are_both_readings():
    found = parse(Kind.IMSI, "405034001111111")
    assert [c.plmn for c in networks(found, {"405-03"})] == ["405-03", "405-034"]


def test_the_null_scheme_shows_the_msin_and_the_mask_does_not():
    found = parse(Kind.SUCI, "suci-0-208-01-0012-0-0-0123456789")
    assert found.parts["imsi"] == "208010123456789"
    assert found.masked == "suci-0-208-01-0012-0-0-xxxxxxxxxx"
    assert [c.plmn for c in networks(found)] == ["208-01"]


def test_a_concealed_suci_has_no_imsi():
    output = "0A" * 45
    found = parse(Kind.SUCI, f"SUCI-0-310-410-1-1-27-{output}")
    assert found.canonical == f"suci-0-310-410-1-1-27-{output.lower()}"
    assert found.parts == {
        "plmn": "310-410",
        "routing_indicator": "1",
        "scheme": "1",
        "key": "27",
    }
    assert found.masked.endswith("-27-" + "x" * 90)


@pytest.mark.parametrize(
    "text",
    [
        "suci-0-208-01-0-0-1-0123456789",  # the null scheme has key 0
        "suci-0-208-01-0-0-0-abcdef",  # and decimal output
        "suci-0-208-01-0-0-0-01234567890",  # that makes an IMSI of 15 digits at most
        "suci-0-208-01-0-1-0-abcdef",  # a scheme that conceals has a key
        "suci-0-208-01-0-1-256-abcdef",  # of one octet
        "suci-0-208-01-0-1-027-abcdef",
        "suci-0-208-01-12345-1-27-abcdef",
        "suci-0-208-01--1-27-abcdef",
        "suci-0-208-1-0-1-27-abcdef",
        "suci-0-208-01-0-g-27-abcdef",
        "suci-0-208-01-0-1-27-",
        "suci-0-208-01-0-1-27-xyz",
        "suci-1-example.net-0-0-0-user",
    ],
)
def test_what_is_no_suci_is_refused(text):
    refused(Kind.SUCI, text)


@pytest.mark.parametrize("key", ["1", "255"])
def test_the_key_of_a_suci_is_an_octet(key):
    assert parse(Kind.SUCI, f"suci-0-208-01-0-2-{key}-ab").parts["key"] == key


def test_a_guti_names_the_serving_network_and_hides_the_tmsi():
    found = parse(Kind.GUTI, "GUTI-208-01-8001-02-C0FFEE01")
    assert found.canonical == "guti-208-01-8001-02-c0ffee01"
    assert found.masked == "guti-208-01-8001-02-xxxxxxxx"
    assert found.parts == {"plmn": "208-01", "mme_group": "8001", "mme_code": "02"}


@pytest.mark.parametrize(
    "text",
    [
        "208-01-8001-02-c0ffee01",
        "guti-208-1-8001-02-c0ffee01",
        "guti-208-01-801-02-c0ffee01",
        "guti-208-01-8001-2-c0ffee01",
        "guti-208-01-8001-02-c0ffee0",
        "guti-208-01-8001-02-c0ffee0g",
    ],
)
def test_what_is_no_guti_is_refused(text):
    refused(Kind.GUTI, text)


@pytest.mark.parametrize(
    ("text", "plmn"),
    [
        ("5g-guti-20801cafe00c0ffee01", "208-01"),
        ("5g-guti-310410cafe00c0ffee01", "310-410"),
        ("5g-guti-20801123456789abcde", "208-01"),
    ],
)
def test_the_length_of_a_5g_guti_tells_the_length_of_its_mnc(text, plmn):
    found = parse(Kind.GUTI_5G, text)
    assert found.parts == {"plmn": plmn, "amf": text[-14:-8]}
    assert found.masked == text[:-8] + "xxxxxxxx"


@pytest.mark.parametrize(
    "text", ["5g-guti-2080cafe00c0ffee01", "5g-guti-20801cafe00c0ffee0", "20801cafe00c0ffee01"]
)
def test_what_is_no_5g_guti_is_refused(text):
    refused(Kind.GUTI_5G, text)


@pytest.mark.parametrize(
    "text",
    [
        "310410123456789@ims.mnc410.mcc310.3gppnetwork.org",
        "nai-310410123456789@IMS.mnc410.mcc310.3gppnetwork.org.",
    ],
)
def test_an_access_identifier_hides_the_imsi_before_its_sign(text):
    found = parse(Kind.NAI, text)
    assert found.canonical == "310410123456789@ims.mnc410.mcc310.3gppnetwork.org"
    assert found.masked == "xxxx@ims.mnc410.mcc310.3gppnetwork.org"
    assert found.subscriber
    assert found.parts["realm"] == "ims.mnc410.mcc310.3gppnetwork.org"
    assert [c.plmn for c in networks(found)] == ["310-410"]


def test_a_pseudonym_keeps_its_case():
    found = parse(Kind.NAI, "2aBcD+/=@wlan.mnc001.mcc208.3gppnetwork.org")
    assert found.canonical.startswith("2aBcD+/=@")


@pytest.mark.parametrize(
    "text",
    [
        "user@example.net",
        "@ims.mnc001.mcc208.3gppnetwork.org",
        "user",
        "a b@ims.mnc001.mcc208.3gppnetwork.org",
    ],
)
def test_what_is_no_access_identifier_is_refused(text):
    refused(Kind.NAI, text)


def test_the_check_digit_is_the_specifications():
    """3GPP TS 23.003 Annex B.3 computes 7 for these digits."""
    assert subscribers.check_digit("26053179311383") == "7"


@pytest.mark.parametrize(
    "text",
    [
        "490154203237518",
        "49-015420-323751-8",
        "imei-490154203237518",
        "49015420323751",  # without check digit
        "490154203237510",  # spare digit of the radio interface
        "imeisv-4901542032375177",  # two digits of software version
        "4901542032375100",
    ],
)
def test_an_imei_has_one_canonical_form(text):
    found = parse(Kind.IMEI, text)
    assert found.canonical == "490154203237518"
    assert found.masked == "49015420xxxxxxx"
    assert found.parts == {"tac": "49015420"}
    assert found.subscriber
    assert not found.geographic


@pytest.mark.parametrize("check", "12345679")
def test_a_check_digit_that_does_not_fit_is_refused(check):
    refused(Kind.IMEI, f"49015420323751{check}")


@given(st.from_regex(r"[0-9]{14}", fullmatch=True), st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_changes_the_check_digit(digits, place, by):
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert subscribers.check_digit(wrong) != subscribers.check_digit(digits)


def test_a_tac_names_a_model_and_no_device():
    found = parse(Kind.TAC, "49015420")
    assert not found.subscriber
    for text in ("4901542", "490154203", "4901542a"):
        refused(Kind.TAC, text)


@pytest.mark.parametrize("text", ["+447911123456", "+44 7911 123456", "msisdn-447911123456"])
def test_a_number_of_guernsey_is_not_british(text):
    found = parse(Kind.MSISDN, text)
    assert found.canonical == "+447911123456"
    assert found.parts == {"country_code": "44", "region": "GG"}
    assert found.masked == "+447911xxxxxx"
    assert found.geographic


def test_a_satellite_number_has_no_country():
    found = parse(Kind.MSISDN, "+8821612345678")
    assert found.parts["region"] == ""
    assert not found.geographic


@pytest.mark.parametrize(
    "text", ["447911123456", "07911123456", "00447911123456", "+44791112345678901", "+4479"]
)
def test_a_number_without_its_country_is_refused(text):
    refused(Kind.MSISDN, text)


@pytest.mark.parametrize("digits", ["491710000000", "447911123456", "8821612345678", "12125550100"])
def test_a_number_from_the_wire_is_the_same_but_for_its_country(digits):
    """Whoever reads captures asks for no country, and telling it takes longer than all else."""
    found, whole = subscribers.msisdn_of_digits(digits), parse(Kind.MSISDN, f"+{digits}")
    assert found == whole
    for name in ("masked", "subscriber", "geographic"):
        assert getattr(found, name) == getattr(whole, name)
    assert {**found.parts, "region": whole.parts["region"]} == whole.parts


@pytest.mark.parametrize("digits", ["", "1234", "0491710000000", "4917a", "٤٩١٧١٠٠٠", "4" * 16])
def test_what_is_no_number_on_the_wire_is_refused(digits):
    with pytest.raises(IdentifierRefused):
        subscribers.msisdn_of_digits(digits)
