"""Numbers, Global Titles from text and from the wire, and ranges of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, region_code_for_number

from tcert.foundation.identifiers import numbers
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.numbers import GlobalTitle, NatureOfAddress, NumberingPlan
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import networks, parse

TITLES = st.builds(
    GlobalTitle,
    digits=st.from_regex(r"[0-9]{1,15}", fullmatch=True),
    plan=st.sampled_from(NumberingPlan),
    nature=st.sampled_from(NatureOfAddress),
    translation_type=st.integers(0, 255),
)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+33 1 23 45 67 89", "33123456789"),
        ("+1 (242) 555-0123", "12425550123"),
        ("+(49)171.000/0000", "491710000000"),
        ("+29812", "29812"),
        ("+491234567890123", "491234567890123"),
    ],
)
def test_a_written_number_is_its_digits(text, digits):
    assert numbers.e164(text) == digits


@pytest.mark.parametrize(
    "text",
    [
        "33123456789",
        "0033123456789",
        "+44 (0)7911 123456",  # trunk prefix
        "+44 7911 123456 ext 5",
        "+2981",
        "+4912345678901234",
        "+210123456",  # no such country code
        "+0123456789",
        "+33-1-23-45-67-",
        "+33   123456789",
        "++33123456789",
        "+",
        "+٣٣١٢٣٤٥٦٧٨٩",
    ],
)
def test_what_is_no_international_number_is_refused(text):
    with pytest.raises(IdentifierRefused, match="country code"):
        numbers.e164(text)


@pytest.mark.parametrize(
    ("digits", "code"), [("12425550123", "1"), ("447911123456", "44"), ("881612345678", "881")]
)
def test_country_codes_have_one_to_three_digits(digits, code):
    assert numbers.country_code(digits) == code


@pytest.mark.parametrize(
    ("digits", "geographic", "region"),
    [
        ("447911123456", True, "GG"),
        ("447400123456", True, "GB"),
        ("12425550123", True, "BS"),
        ("4400000", True, ""),  # +44 has several countries and this is in no range
        ("29800000", True, "FO"),
        ("881612345678", False, ""),
        ("8821612345678", False, ""),
        ("8835100012345", False, ""),
        ("870773111632", False, ""),
        ("80012345678", False, ""),
    ],
)
def test_the_country_is_told_by_range_and_never_made_up(digits, geographic, region):
    assert (numbers.is_geographic(digits), numbers.region(digits)) == (geographic, region)


def test_leading_zeros_of_a_national_number_count():
    """Italian numbers keep their zero; British ones have none."""
    assert numbers.is_assigned("390612345678")
    assert not numbers.is_assigned("39612345678")
    assert not numbers.is_assigned("3900612345678")
    assert not numbers.is_assigned("4407911123456")


@given(st.from_regex(r"(1|44|298|49)[0-9]{4,11}", fullmatch=True))
def test_a_mask_keeps_the_country_code_and_hides_the_last_six(digits):
    masked = numbers.masked(digits)
    code = numbers.country_code(digits)
    assert len(masked) == len(digits)
    assert masked.startswith(code)
    assert set(masked[-min(6, len(digits) - len(code)) :]) == {"x"}
    assert digits.startswith(masked.rstrip("x"))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("+491710000000", "+491710000000"),
        ("491710000000", "+491710000000"),
        ("49 171 0000000;np=1;nai=4", "+491710000000"),
        ("491710000000;np=07", "491710000000;np=7;nai=4"),
        ("1710000000;nai=3", "1710000000;np=1;nai=3"),
        ("310410123456789;np=6", "310410123456789;np=6;nai=4"),
    ],
)
def test_a_title_has_one_canonical_form_with_plan_and_nature(text, canonical):
    assert parse(Kind.GLOBAL_TITLE, text).canonical == canonical


@pytest.mark.parametrize(
    "text",
    [
        "4917",  # too short for a number with its country code
        "+210123456",
        "0491710000000",
        "4917100000001234",
        "491710000000;np=8",
        "491710000000;np=15",
        "491710000000;nai=2",
        "491710000000;nai=5",
        "491710000000;nai=4;np=1",
        "49171000000a",
        "٤٩١٧١٠٠٠٠٠٠٠",
    ],
)
def test_what_is_no_title_is_refused(text):
    with pytest.raises(IdentifierRefused):
        parse(Kind.GLOBAL_TITLE, text)


@pytest.mark.parametrize(
    ("text", "masked", "subscriber"),
    [
        ("+491710000000", "+491710xxxxxx", False),
        ("491710000000;np=7", "49xxxxxxxxxx;np=7;nai=4", True),
        ("310410123456789;np=6", "31041xxxxxxxxxx;np=6;nai=4", True),
        ("1710000000;nai=3", "xxxxxxxxxx;np=1;nai=3", False),
        ("1710000000;np=14", "xxxxxxxxxx;np=14;nai=4", False),
    ],
)
def test_titles_that_end_in_an_msin_are_subscriber_data(text, masked, subscriber):
    found = parse(Kind.GLOBAL_TITLE, text)
    assert (found.masked, found.subscriber) == (masked, subscriber)


@pytest.mark.parametrize(
    ("text", "geographic"),
    [
        ("+491710000000", True),
        ("+881612345678", False),
        ("882161234567;np=7", False),
        ("310410123456789;np=6", True),
        ("901310000000001;np=6", False),
        ("1710000000;nai=3", False),
        ("1710000000;np=0", False),
    ],
)
def test_a_title_leads_to_a_country_only_with_its_code(text, geographic):
    assert parse(Kind.GLOBAL_TITLE, text).geographic is geographic


def test_a_title_says_its_plan_nature_code_and_region():
    assert parse(Kind.GLOBAL_TITLE, "+447911123456").parts == {
        "digits": "447911123456",
        "np": "1",
        "nai": "4",
        "country_code": "44",
        "region": "GG",
    }
    assert parse(Kind.GLOBAL_TITLE, "447911123456;np=7").parts["region"] == ""
    assert parse(Kind.GLOBAL_TITLE, "7911123456;nai=3").parts == {
        "digits": "7911123456",
        "np": "1",
        "nai": "3",
    }


def test_plans_and_natures_have_the_values_of_the_recommendation():
    """ITU-T Q.713 clauses 3.4.2.3.1 and 3.4.2.3.3."""
    assert [plan.value for plan in NumberingPlan] == [0, 1, 2, 3, 4, 5, 6, 7, 14]
    assert [nature.value for nature in NatureOfAddress] == [0, 1, 3, 4]


def test_an_e212_title_names_networks_as_an_imsi_does():
    found = parse(Kind.GLOBAL_TITLE, "310410123456789;np=6")
    assert networks(found, {"310-410"})[0].plmn == "310-410"
    assert networks(parse(Kind.GLOBAL_TITLE, "+491710000000")) == ()


@pytest.mark.parametrize(
    ("octets", "digits"),
    [
        ("001204 947101000000", "491710000000"),
        ("001104 94710100000005", "4917100000005"),
        ("001104 947101000000f5", "4917100000005"),  # filled with F
        ("001104 9471010000000005", "491710000000005"),  # the longest
        ("001104 09", "9"),
    ],
)
def test_a_title_of_the_wire_has_its_digits_odd_and_even(octets, digits):
    assert GlobalTitle.from_wire(bytes.fromhex(octets.replace(" ", ""))).digits == digits


def test_the_octets_of_a_title_are_the_recommendations():
    """Q.713: translation type; plan and scheme; nature; digits, low half first, filler 0."""
    odd = GlobalTitle("12345", NumberingPlan.E214, NatureOfAddress.INTERNATIONAL, 9)
    assert odd.to_wire().hex() == "097104214305"
    even = GlobalTitle("1234", NumberingPlan.E164, NatureOfAddress.NATIONAL)
    assert even.to_wire().hex() == "0012032143"
    assert numbers.identify(even) == parse(Kind.GLOBAL_TITLE, "1234;nai=3")


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "001204",  # no digits
        "001204" + "11" * 9,
        "001204" + "11" * 8,  # 16 digits
        "001304" + "2143",  # an encoding of national use
        "00a204" + "2143",  # no such plan
        "001202" + "2143",  # national use
        "001205" + "2143",
        "001204" + "21a3",  # no digit
        "001204" + "21f3",  # even, and yet filled
        "001104" + "2113",  # odd, and a digit hides in the filler
    ],
)
def test_other_octets_are_refused(octets):
    with pytest.raises(IdentifierRefused, match="0100"):
        GlobalTitle.from_wire(bytes.fromhex(octets))


@given(TITLES)
def test_a_title_is_read_back_from_the_wire(title):
    assert GlobalTitle.from_wire(title.to_wire()) == title


@given(st.binary(max_size=16))
def test_octets_are_read_whole_or_refused(octets):
    try:
        title = GlobalTitle.from_wire(octets)
    except IdentifierRefused:
        return
    again = title.to_wire()
    assert again[:-1] == octets[:-1]
    assert again[-1] & 0xF == octets[-1] & 0xF


@given(TITLES)
def test_a_title_of_the_wire_is_the_written_one(title):
    try:
        found = numbers.identify(title)
    except IdentifierRefused:
        assert title.nature == NatureOfAddress.INTERNATIONAL
        return
    assert parse(Kind.GLOBAL_TITLE, found.canonical) == found


@pytest.mark.parametrize(
    ("text", "canonical", "covered"),
    [
        ("+49171", "+49171", "49171"),
        ("49171*", "+49171", "49171"),
        ("4917100-4917199", "+49171", "49171"),
        ("+4917100 - +4917149", "+4917100-4917149", "491710 491711 491712 491713 491714"),
        ("4917198-4917201", "+4917198-4917201", "4917198 4917199 4917200 4917201"),
        ("+4917100-+4917100", "+4917100", "4917100"),
        ("+881", "+881", "881"),
    ],
)
def test_a_range_is_the_fewest_prefixes_that_cover_it(text, canonical, covered):
    found = parse(Kind.GT_RANGE, text)
    assert found.canonical == canonical
    assert found.parts["prefixes"] == covered
    assert parse(Kind.MSISDN_RANGE, text).canonical == canonical


@pytest.mark.parametrize(
    "text",
    [
        "+4",  # no country code yet
        "+210",
        "4917100-491710",
        "4917149-4917100",
        "4999-5000",  # two countries
        "49171-",
        "49171**",
        "4917100000001234",
        "+49171x",
    ],
)
def test_what_is_no_range_is_refused(text):
    with pytest.raises(IdentifierRefused):
        parse(Kind.GT_RANGE, text)


def test_a_range_of_satellite_numbers_belongs_to_no_country():
    assert not parse(Kind.GT_RANGE, "+8821").geographic
    assert parse(Kind.GT_RANGE, "+49171").geographic


@given(st.integers(0, 999), st.integers(0, 999))
def test_prefixes_cover_a_range_exactly_once(one, other):
    first, last = sorted((one, other))
    covered = numbers.prefixes(f"{first:03}", f"{last:03}")
    inside = [n for n in range(1_000) if any(f"{n:03}".startswith(p) for p in covered)]
    assert inside == list(range(first, last + 1))
    assert sum(10 ** (3 - len(p)) for p in covered) == len(inside)
    # the fewest: no ten of them are the ten children of one prefix
    parents = [p[:-1] for p in covered if p]
    assert all(parents.count(p) < 10 for p in parents)


@given(st.from_regex(r"[1-9][0-9]{4,14}", fullmatch=True))
def test_the_country_of_a_number_is_what_its_metadata_say(digits):
    try:
        code = numbers.country_code(digits)
    except IdentifierRefused:
        return
    number = PhoneNumber(country_code=int(code), national_number=int(digits[len(code) :] or 0))
    whole = region_code_for_number(number) if numbers.is_geographic(digits) else ""
    if not digits[len(code) :].startswith("0"):
        assert numbers.region(digits) == (whole or "")


@given(st.text("0123456789", min_size=5, max_size=15), st.sampled_from([1, 6, 7]))
def test_a_title_without_its_country_is_the_same_else(digits, plan):
    title = GlobalTitle(digits, NumberingPlan(plan))
    try:
        whole = numbers.identify(title)
    except IdentifierRefused:
        with pytest.raises(IdentifierRefused):
            numbers.identify(title, located=False)
        return
    found = numbers.identify(title, located=False)
    assert (found, found.masked, found.subscriber) == (whole, whole.masked, whole.subscriber)
    assert found.geographic == whole.geographic
    assert {k: v for k, v in whole.parts.items() if k != "region"} == found.parts
