"""Which rule decides, what is told again, where silence leads: against a naive form of each.

Protects: nobody drowns in notices, and nothing climbs out of an organisation by itself.
"""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.notifications import delivery
from tcert.response.notifications.delivery import Rule
from tcert.response.notifications.enums import (
    NEXT,
    Act,
    Feed,
    Hop,
    Pace,
    Severity,
    State,
    Topic,
    Why,
)

pytestmark = pytest.mark.once
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WRITTEN = ("208-01", "208-015", "192.0.2.7", "2001:db8::1", "mail.operator.example", "+447911")
PREFIXES = ("", "208", "208-01", "192.0.2.0/24", "192.0.2.7/32", ".operator.example", "+44", "0/0")

rules = st.builds(
    Rule,
    topic=st.sampled_from(["", *Topic]),
    feed=st.sampled_from(["", *Feed]),
    kind=st.sampled_from(["", "plmn", "ip"]),
    prefix=st.sampled_from(PREFIXES),
    pace=st.sampled_from(list(Pace)),
    repeat=st.none() | st.integers(0, 365).map(lambda days: timedelta(days=days)),
)


def naive(stated, topic, feed, severity, kind, written):
    """Go through all rules from the heaviest kind of rule to the lightest, part by part."""
    best = None
    for rule in stated:
        parts = [(rule.topic, topic), (rule.feed, feed), (rule.kind, kind)]
        if any(asked not in ("", there) for asked, there in parts):
            continue
        if not delivery.begins(rule.prefix, written):
            continue
        if best is None:
            best = rule
            continue
        for mine, other in (
            (len(rule.prefix), len(best.prefix)),
            (rule.kind != "", best.kind != ""),
            (rule.feed != "", best.feed != ""),
            (rule.topic != "", best.topic != ""),
        ):
            if mine != other:
                best = rule if mine > other else best
                break
    days = {Topic.COMPROMISED: 7, Topic.VULNERABLE: 30}.get(topic, 1)
    if best is None:
        now = topic == "compromised" or severity in ("high", "critical")
        return None, Pace.AT_ONCE if now else Pace.DAILY, timedelta(days=days)
    return best.team, best.pace, timedelta(days=days) if best.repeat is None else best.repeat


@given(
    st.lists(rules, max_size=6),
    st.sampled_from(list(Topic)),
    st.sampled_from(list(Feed)),
    st.sampled_from(list(Severity)),
    st.sampled_from(["plmn", "ip", "domain"]),
    st.sampled_from(WRITTEN),
)
def test_the_heaviest_fitting_rule_decides(stated, topic, feed, severity, kind, written):
    distinct = list({(r.topic, r.feed, r.kind, r.prefix): r for r in stated}.values())
    found = delivery.decide(
        distinct, topic=topic, feed=feed, severity=severity, kind=kind, written=written
    )
    expected = naive(distinct, topic, feed, severity, kind, written)
    assert (found.team, found.pace, found.repeat) == expected
    # in whatever order they were entered
    assert found == delivery.decide(
        distinct[::-1], topic=topic, feed=feed, severity=severity, kind=kind, written=written
    )


@pytest.mark.parametrize(
    ("prefix", "written", "fits"),
    [
        ("", "anything", True),
        ("208", "208-01", True),
        ("208-01", "208-1", False),
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.2.128/25", True),
        ("192.0.2.0/24", "192.0.0.0/16", False),
        ("192.0.2.0/24", "2001:db8::1", False),
        ("192.0.2.0/24", "operator.example", False),
        ("nonsense/24", "192.0.2.1", False),
        (".operator.example", "a.operator.example.", True),
        (".operator.example", "operator.example", True),
        (".operator.example", "notoperator.example", False),
        ("+44", "+4479", True),
    ],
)
def test_a_prefix_is_the_beginning_a_network_or_the_end_of_a_name(prefix, written, fits):
    assert delivery.begins(prefix, written) is fits


def test_the_same_is_told_again_once_its_days_are_over():
    week = timedelta(days=7)
    for ago, held in ((timedelta(0), True), (week - timedelta(seconds=1), True), (week, False)):
        assert delivery.is_repeat(NOW - ago, week, NOW) is held
    assert not delivery.is_repeat(None, week, NOW)
    assert not delivery.is_repeat(NOW, timedelta(0), NOW)


def test_the_timer_goes_by_severity():
    hours = {one: delivery.due(one, NOW) - NOW for one in Severity}
    assert [hours[one] / timedelta(hours=1) for one in Severity] == [72, 24, 4, 4]


def test_silence_climbs_inside_the_organisation_and_never_out_of_it():
    inside = {Hop.ORGANISATION, Hop.GROUP}
    for present, there in product(Hop, _subsets()):
        found = delivery.after(present, Why.SILENT, there)
        assert found is None or (found in there and found in inside and found != present)
        if present in {Hop.CANDIDATE, Hop.CHOSEN, Hop.DESK, Hop.GROUP}:
            assert found is None
    assert delivery.after(Hop.TEAM, Why.SILENT, set(Hop)) == Hop.ORGANISATION
    assert delivery.after(Hop.TEAM, Why.SILENT, {Hop.GROUP, Hop.DESK}) == Hop.GROUP


def test_what_is_not_theirs_goes_to_the_candidate_or_to_the_desk_alone():
    for present, there in product(Hop, _subsets()):
        assert delivery.after(present, Why.NOT_OURS, there) in {None, Hop.CANDIDATE}
    for own in (Hop.TEAM, Hop.ORGANISATION, Hop.GROUP):
        assert delivery.after(own, Why.NOT_OURS, set(Hop)) == Hop.CANDIDATE
    assert delivery.after(Hop.CANDIDATE, Why.NOT_OURS, set(Hop)) is None


def test_nothing_goes_round_for_ever():
    for start in Hop:
        for whys in product((Why.SILENT, Why.NOT_OURS), repeat=6):
            left, present = set(Hop) - {start}, start
            for why in whys:
                found = delivery.after(present, why, left)
                if found is None:
                    break
                left.discard(found)
                present = found
            else:
                pytest.fail(f"{start} {whys} never ends")


def test_markings_keep_lines_inside():
    reached = {tlp: {hop for hop in Hop if delivery.may_reach(hop, tlp)} for tlp in Tlp}
    assert reached[Tlp.RED] == {Hop.TEAM, Hop.CHOSEN}
    assert reached[Tlp.AMBER_STRICT] == {Hop.TEAM, Hop.CHOSEN, Hop.ORGANISATION}
    for tlp in (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER):
        assert reached[tlp] == set(Hop)


def test_every_act_is_refused_where_the_table_does_not_name_it():
    allowed = {
        Act.ACKNOWLEDGE: {"waiting", "queued", "taken"},
        Act.CONFIRM: {"waiting", "acknowledged", "queued", "taken"},
        Act.HANDLED: {"waiting", "acknowledged", "queued", "taken"},
        Act.FALSE: {"waiting", "acknowledged", "queued", "taken"},
        Act.NOT_OURS: {"waiting", "acknowledged"},
        Act.SILENT: {"waiting"},
        Act.TAKE: {"queued"},
        Act.LAY_BACK: {"taken"},
        Act.SEND_ON: {"taken"},
        Act.CLOSE: {"taken"},
        Act.REOPEN: {"answered"},
    }
    assert {act: {str(state) for state in NEXT[act]} for act in Act} == allowed
    assert not any(State.CLOSED in NEXT[act] for act in Act)


def _subsets():
    hops = list(Hop)
    for mask in range(1 << len(hops)):
        yield {hop for n, hop in enumerate(hops) if mask >> n & 1}
