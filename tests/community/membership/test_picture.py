"""The picture of a path: rows, boxes that do not overlap, words that fit."""

from itertools import pairwise

import pytest
from tests.factories.directory import TeamFactory

from tcert.community.membership.models import Vouch
from tcert.community.membership.picture import BOX_WIDTH, draw
from tcert.community.membership.queries import Step

FITS_A_PHONE = 288
"""What is left of 360 pixels between the edges of a card."""


def path(*teams):
    return tuple(Step(Vouch(), a, b) for a, b in pairwise(teams))


def team(name, house="House"):
    made = TeamFactory.build(name=name)
    made.organisation.short_name = house
    return made


def test_nothing_is_drawn_without_a_path():
    assert draw([]) is None


def test_teams_equally_far_stand_in_one_row_and_no_boxes_overlap():
    own, goal = team("Own"), team("Goal")
    middles = [team(f"Middle {n}") for n in range(5)]
    picture = draw([path(own, middle, goal) for middle in middles])
    rows = {}
    for box in picture.boxes:
        rows.setdefault(box.y, []).append(box.x)
        assert 0 <= box.x <= picture.width - BOX_WIDTH
        assert box.y + box.height <= picture.height
    assert [len(row) for _y, row in sorted(rows.items())] == [1, 3, 1]
    for row in rows.values():
        assert all(b - a > BOX_WIDTH for a, b in pairwise(sorted(row)))
    assert len(picture.arrows) == 6


def test_two_ways_fit_into_a_phone():
    own, goal = team("Own"), team("Goal")
    assert draw([path(own, team(n), goal) for n in "ab"]).width <= FITS_A_PHONE


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("CERT-EX", ("CERT-EX",)),
        ("North Mobile CERT", ("North Mobile", "CERT")),
        ("Isle Telecom Security Desk", ("Isle Telecom", "Security Desk")),
        ("The Response Team of a Long Organisation", ("The Response", "Team of a Long…")),
        ("Donaudampfschifffahrtsgesellschaft", ("Donaudampfschif…",)),
        ("東京移動通信株式会社対策班", ("東京移動通信株…",)),
    ],
)
def test_a_name_is_broken_into_two_lines_and_cut(name, lines):
    box = draw([path(team("Own"), team(name))]).boxes[1]
    assert box.name == lines
