r"""CPE 2.3 formatted strings: 13 parts, quoting after NISTIR 7695."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.identifiers.cpe import ATTRIBUTES, plain
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import parse

QUOTED = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"


def named(**values):
    parts = dict.fromkeys(ATTRIBUTES, "*") | {"part": "a"} | values
    return "cpe:2.3:" + ":".join(parts.values())


def test_a_name_has_its_eleven_attributes():
    found = parse(Kind.CPE, "cpe:2.3:o:Nokia:FlexiNG:10\\.1:-:*:en-us:*:linux:x64:*")
    assert found.canonical == "cpe:2.3:o:nokia:flexing:10.1:-:*:en-us:*:linux:x64:*"
    assert found.parts == {
        "part": "o",
        "vendor": "nokia",
        "product": "flexing",
        "version": "10.1",
        "update": "-",
        "edition": "*",
        "language": "en-us",
        "sw_edition": "*",
        "target_sw": "linux",
        "target_hw": "x64",
        "other": "*",
    }


@pytest.mark.parametrize("character", QUOTED)
def test_a_special_character_is_quoted_or_refused(character):
    text = named(product=f"a\\{character}b")
    found = parse(Kind.CPE, text)
    assert found.canonical == text
    assert plain(found.parts["product"]) == f"a{character}b"
    with pytest.raises(IdentifierRefused):
        parse(Kind.CPE, named(product=f"a{character}b"))


@pytest.mark.parametrize("character", "-._")
def test_a_needless_backslash_goes(character):
    found = parse(Kind.CPE, named(product=f"a\\{character}b"))
    assert found.canonical == named(product=f"a{character}b")


def test_a_quoted_colon_separates_nothing():
    found = parse(Kind.CPE, named(product="a\\:b", version="1"))
    assert (found.parts["product"], found.parts["version"]) == ("a\\:b", "1")


def test_a_quoted_backslash_quotes_nothing():
    found = parse(Kind.CPE, named(product="a\\\\", version="1"))
    assert (found.parts["product"], found.parts["version"]) == ("a\\\\", "1")


@pytest.mark.parametrize(
    "value", ["*a", "a*", "*a*", "?a", "a??", "??a?", "*", "-", "\\*", "a-", "--"]
)
def test_wildcards_stand_at_the_ends(value):
    assert parse(Kind.CPE, named(version=value)).parts["version"] == value


@pytest.mark.parametrize(
    "value",
    ["a*b", "a?b", "**", "**a", "?*a", "a*?", "?", "", "\\-", "a b", "ä", "a\\", "\\a", "\\"],
)
def test_other_values_are_refused(value):
    with pytest.raises(IdentifierRefused, match="13 parts"):
        parse(Kind.CPE, named(version=value))


@pytest.mark.parametrize("value", ["en", "eng", "en-us", "es-419", "*", "-"])
def test_a_language_is_a_tag(value):
    assert parse(Kind.CPE, named(language=value)).parts["language"] == value


@pytest.mark.parametrize("value", ["e", "english", "en-usa", "en_us", "e*"])
def test_another_language_is_refused(value):
    with pytest.raises(IdentifierRefused):
        parse(Kind.CPE, named(language=value))


@pytest.mark.parametrize(
    "text",
    [
        named(part="x"),
        named(part=""),
        named() + ":*",
        named().removesuffix(":*"),
        named().removesuffix("*"),
        named().removeprefix("cpe:2.3:"),
        "cpe:/a:open5gs:open5gs:2.7.5",
        named().replace("2.3", "2.4"),
        named() + "\\",
        "cpe:2.3:",
    ],
)
def test_other_forms_are_refused(text):
    with pytest.raises(IdentifierRefused):
        parse(Kind.CPE, text)


def test_a_backslash_after_a_quoted_backslash_is_not_needless():
    text = named(product="a\\\\-b")
    assert parse(Kind.CPE, text).canonical == text


def test_any_part_may_be_left_open():
    assert parse(Kind.CPE, named(part="h")).parts["part"] == "h"
    assert parse(Kind.CPE, named(part="*")).parts["part"] == "*"
    assert parse(Kind.CPE, named(part="-")).parts["part"] == "-"


@given(st.lists(st.text("ab\\:*?-._!", max_size=4), min_size=10, max_size=10))
def test_what_is_read_has_a_fixed_form(values):
    try:
        found = parse(Kind.CPE, ":".join(["cpe:2.3:a", *values]))
    except IdentifierRefused:
        return
    assert parse(Kind.CPE, found.canonical).parts == found.parts
