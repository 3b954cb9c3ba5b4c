"""Which offers fit which needs, what packed codes hold, what words must not: pure arithmetic."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.market import codes
from tcert.community.market.enums import Kind
from tcert.community.market.matching import Facts, Reason, Why, has_match, matches, reasons
from tcert.community.market.wording import holds_contact, named_in, speaks_of_certificate

TEAMS = [uuid4() for _ in range(3)]
FEW = st.frozensets(st.sampled_from("abc"), max_size=3)
FACTS = st.builds(
    Facts,
    id=st.uuids(),
    kind=st.sampled_from(Kind),
    team=st.sampled_from(TEAMS),
    subject=st.sampled_from(["audit", "training"]),
    domains=FEW,
    languages=FEW,
    regions=FEW,
)


def facts(kind=Kind.OFFER, team=None, subject="audit", **of):
    return Facts(
        uuid4(), kind, team or uuid4(), subject, **{k: frozenset(v) for k, v in of.items()}
    )


@given(FACTS, FACTS)
def test_whoever_fits_one_is_fitted_by_it_for_the_same_reasons(one, other):
    assert reasons(one, other) == reasons(other, one)


@given(FACTS, FACTS)
def test_nothing_fits_its_own_team_its_own_kind_or_another_subject(one, other):
    if reasons(one, other) is not None:
        assert one.team != other.team
        assert one.kind is not other.kind
        assert one.subject == other.subject
    assert reasons(one, one) is None


@given(FACTS, FACTS)
def test_each_reason_is_true_and_what_both_state_is_never_at_odds(one, other):
    why = reasons(one, other)
    if why is None:
        return
    sides = {Why.DOMAIN: "domains", Why.LANGUAGE: "languages", Why.REGION: "regions"}
    for reason in why[1:]:
        name = sides[reason.why]
        assert reason.code in getattr(one, name) & getattr(other, name)
    for name in sides.values():
        left, right = getattr(one, name), getattr(other, name)
        assert not (left and right) or left & right


@pytest.mark.slow
@given(FACTS, st.lists(FACTS, max_size=8, unique_by=lambda f: f.id), st.randoms())
def test_the_order_does_not_hang_on_the_order_of_entering(one, others, chance):
    shuffled = list(others)
    chance.shuffle(shuffled)
    assert matches(one, others) == matches(one, shuffled)
    assert bool(matches(one, others)) is has_match([one], others)


@given(FACTS, FACTS, st.sampled_from(TEAMS))
def test_whose_entry_it_is_changes_nothing_but_that_none_fits_itself(one, other, team):
    moved = Facts(**{**{n: getattr(other, n) for n in Facts.__slots__}, "team": team})
    if one.team not in {other.team, team}:
        assert reasons(one, other) == reasons(one, moved)


def test_reasons_are_told_one_by_one():
    offer = facts(domains=["core", "ran"], languages=["en", "fr"], regions=["FI"])
    need = facts(Kind.NEED, domains=["core"], languages=["en"])
    assert reasons(offer, need) == (
        Reason(Why.SUBJECT, "audit"),
        Reason(Why.DOMAIN, "core"),
        Reason(Why.LANGUAGE, "en"),
    )


def test_what_has_more_in_common_comes_first():
    need = facts(Kind.NEED, domains=["core"], languages=["en"])
    bare, close = facts(), facts(domains=["core"], languages=["en"])
    assert [key for key, _why in matches(need, [bare, close])] == [close.id, bare.id]


CODE = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=5)


@given(st.sets(CODE, max_size=6))
def test_packed_codes_come_back_and_one_is_found_exactly_if_it_is_there(found):
    text = codes.packed(found)
    assert set(codes.unpacked(text)) == found
    for code in (*found, "zzzzzz", "a"):
        assert (codes.within(code) in text) is (code in found)


def test_a_code_with_a_comma_is_refused():
    with pytest.raises(ValueError, match="a,b"):
        codes.packed(["a,b"])


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("write to cert@nordtel.example", True),
        ("call +358 9 123 4567", True),
        ("call +358(9)1234567", True),
        ("TS 33.117, 5 days, 2 x 100 GbE", False),
        ("user@host", False),
        ("+5 dB", False),
    ],
)
def test_addresses_and_numbers_are_found(text, held):
    assert holds_contact(text) is held


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We at NORDTEL need it", "Nordtel"),
        ("of  nordtel\n cert.", "Nordtel CERT"),
        ("nordtelecom is another", ""),
        ("We need it", ""),
        ("x", ""),
    ],
)
def test_a_hidden_name_is_found_as_whole_words(text, name):
    assert named_in(text, ["Nordtel CERT", "Nordtel", "x"]) == name


@pytest.mark.parametrize(
    "text", ["Telefo\u0301nica asks", "Tele\u200bfónica asks", "\uff34elefónica asks"]
)
def test_a_name_is_found_however_it_is_encoded(text):
    assert named_in(text, ["Telefónica"])


@given(st.text(max_size=200), st.text(max_size=20))
def test_looking_for_names_breaks_on_no_text(text, name):
    assert named_in(text, [name]) in {"", name}


def test_a_certificate_is_not_a_measure():
    assert speaks_of_certificate("Gate 3 (certified)")
    assert not speaks_of_certificate("Gate 3")
