"""One value, one text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.kernel.canonical import NotCanonical, canonical

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_the_text_says_the_value_and_no_more(value):
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@given(values, values)
def test_two_values_never_share_a_text(one, other):
    def exact(value):
        return json.dumps(value, sort_keys=True)

    assert (canonical(one) == canonical(other)) == (exact(one) == exact(other))


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_the_order_of_writing_does_not_matter(value):
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_keys_are_ordered_as_rfc_8785_says():
    """Section 3.2.3: by UTF-16, where an emoji comes before a Hebrew letter of the same page."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(keys, 1)))) == ordered


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": [1, True, None], "a": {}}, '{"a":{},"b":[1,true,null]}'),
        ("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ("\b\t\n\f\r\x7f", '"\\b\\t\\n\\f\\r\x7f"'),
        (("a", 1), '["a",1]'),
        (-0, "0"),
    ],
)
def test_the_texts_of_rfc_8785(value, text):
    assert canonical(value) == text.encode()


@pytest.mark.parametrize(
    "value", [0.5, 1.0, float("nan"), 2**53, -(2**53), b"x", {1: "x"}, "\ud800", {"\ud800": 1}, {0}]
)
def test_what_has_no_one_text_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical({"deep": [value]})
