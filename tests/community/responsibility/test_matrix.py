"""The arithmetic of the matrix, on whatever it may be given."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tcert.community.responsibility import matrix
from tcert.community.responsibility.domains import domains
from tcert.community.responsibility.enums import EntryState, Gap
from tcert.community.responsibility.matrix import CONFIRM_WITHIN, Finding, Held

AT = datetime(2027, 3, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)
CODES = ["core", "ran", "ims", "cloud", "roaming", "transport"]
moments = st.none() | st.integers(-200, 0).map(lambda days: AT + days * DAY)
rows = st.builds(
    Held,
    organisation=st.sampled_from("AB"),
    domain=st.sampled_from(CODES),
    person=st.sampled_from(["", "kai", "nora"]),
    asked_at=moments,
    confirmed_at=moments,
    refused=st.booleans(),
    left=st.booleans(),
    has_teams=st.booleans(),
)


def held(**values):
    return Held("A", "core", **{"person": "kai", **values})


def test_the_state_follows_the_days_since_the_confirmation():
    told = [
        matrix.state(held(confirmed_at=AT - days * DAY), AT) for days in (0, 75, 76, 89, 90, 400)
    ]
    assert told == ["confirmed", "confirmed", "due", "due", "overdue", "overdue"]


def test_leaving_counts_before_a_refusal_and_that_before_a_confirmation():
    assert matrix.state(held(confirmed_at=AT, refused=True), AT) == EntryState.REFUSED
    assert matrix.state(held(confirmed_at=AT, refused=True, left=True), AT) == EntryState.LEFT
    assert matrix.state(held(), AT) == EntryState.NEVER
    assert matrix.state(held(person="", confirmed_at=AT), AT) == EntryState.EMPTY


@given(rows)
def test_a_domain_is_a_gap_exactly_when_nobody_stands_by_it(row):
    stands = row.person and not row.left and not row.refused and row.confirmed_at
    fine = bool(stands) and row.confirmed_at + CONFIRM_WITHIN > AT
    assert (matrix.gap(row, AT) is None) == fine


@given(st.lists(rows, max_size=8), st.lists(st.booleans(), max_size=4))
def test_gaps_name_each_domain_once_and_in_order(given_rows, chain):
    found = matrix.gaps(given_rows, CODES, chain, AT)
    named = [one.domain for one in found if one.domain]
    assert named == [code for code in CODES if code in named]
    missing = {code for code in CODES if code not in {row.domain for row in given_rows}}
    assert missing <= set(named)


def test_the_chain_wants_a_deputy_and_nobody_who_left():
    def told(*chain):
        return [one.gap for one in matrix.gaps([], [], chain, AT)]

    assert told() == [Gap.NO_CHAIN]
    assert told(True) == [Gap.NO_DEPUTY]
    assert told(True, True) == []
    assert told(True, False) == [Gap.NO_DEPUTY, Gap.CHAIN_LEFT]
    assert told(False) == [Gap.NO_CHAIN, Gap.CHAIN_LEFT]


def test_teams_without_anybody_accountable_are_a_gap_of_their_own():
    row = held(person="", has_teams=True)
    assert matrix.gaps([row], ["core"], [True, True], AT) == [Finding(Gap.TEAMS_ALONE, "core")]


@given(st.lists(rows, max_size=12))
def test_a_double_owner_is_two_people_in_two_organisations(given_rows):
    unique = list({(r.organisation, r.domain): r for r in given_rows}.values())
    for double in matrix.doubles(unique):
        people = {r.person for r in unique if r.domain == double.domain and matrix.stands(r)}
        assert people == {"kai", "nora"}
        assert double.organisations == ("A", "B")
    doubled = {one.domain for one in matrix.doubles(unique)}
    for code in CODES:
        pair = [r for r in unique if r.domain == code and matrix.stands(r)]
        assert (code in doubled) == (len({r.person for r in pair}) == 2)


def test_one_person_for_the_whole_group_is_no_double_owner():
    both = [Held(one, "core", "kai") for one in "AB"]
    assert matrix.doubles(both) == []


@given(st.lists(rows, max_size=12))
def test_load_is_remarked_on_beyond_four_domains(given_rows):
    for person, carried in matrix.load(given_rows).items():
        assert len(set(carried)) == len(carried) > matrix.MOST_DOMAINS
        assert all(
            any(r.domain == code and r.person == person and matrix.stands(r) for r in given_rows)
            for code in carried
        )


@given(rows, moments)
def test_nobody_is_asked_twice_in_a_week_nor_when_there_is_nothing_to_ask(row, mailed):
    asks = matrix.is_to_be_asked(row, mailed, AT)
    assert asks <= (matrix.state(row, AT) in EntryState.to_ask())
    if mailed is not None and AT - mailed < timedelta(days=7):
        assert not asks


def test_the_vocabulary_has_fourteen_domains_each_explained_and_its_terms_known():
    from tcert.foundation.language.vocabularies import vocabulary

    found = domains()
    assert len(found) == 14
    for one in found.values():
        assert one.explanation
        assert one.example
        for slug, code in one.terms:
            assert code in {term.code for term in vocabulary(slug).terms}, (slug, code)
