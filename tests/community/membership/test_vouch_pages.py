"""The pages on vouches: what is shown to whom, what bad input meets, how many queries it takes."""

import csv
from datetime import timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.membership import ReviewFactory, VouchFactory, stood_for, withdrawn
from tests.principals import sign_in

from tcert.community.directory.enums import OrganisationState, TeamKind, TeamRole
from tcert.community.membership.models import Review, Vouch
from tcert.foundation.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory(name="Own CERT")


@pytest.fixture
def boss(team):
    return sign_in(Client(), member_of(team, TeamRole.REPRESENTATIVE))


@pytest.fixture
def desk():
    return sign_in(Client(), coordinator_of_desk(), coordinator=True)


def at(name, *args):
    return reverse(f"membership:{name}", args=args)


def page_of(team):
    return reverse("directory:team", args=[team.id])


def html(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def chain(*teams):
    """Let each of some teams vouch for the next."""
    return [VouchFactory(from_team=giver, to_team=receiver) for giver, receiver in pairwise(teams)]


GOOD = {"basis": "met-in-person", "statement": "Met at their site.", "lasts": "365"}


def test_a_teams_page_tells_members_who_stands_and_strangers_nothing(boss, team):
    vouch = VouchFactory(to_team=TeamFactory(name="Fjord CERT"), from_team__name="Gale CERT")
    VouchFactory(from_team=vouch.to_team, to_team__name="Hail CERT")
    address = page_of(vouch.to_team)
    seen = html(boss, address)
    for words in ("Gale CERT", "Hail CERT", vouch.statement, "Vouch for this team", "One house"):
        assert words in seen
    hidden = html(Client(), address)
    for words in ("Gale CERT", "Hail CERT", vouch.statement, "vouch", "Vouch"):
        assert words not in hidden


def test_a_plain_member_reads_and_is_offered_no_vouch(team):
    member = sign_in(Client(), member_of(team))
    other = TeamFactory()
    assert "Vouch for this team" not in html(member, page_of(other))
    assert member.get(at("give", other.id)).status_code == 403


def test_giving_renewing_and_withdrawing(boss, team):
    other = TeamFactory(name="Fjord CERT")
    give = at("give", other.id)
    assert "Fjord CERT" in html(boss, give)
    sent = boss.post(give, {**GOOD, "from_team": team.id})
    assert sent.url == page_of(other)
    vouch = Vouch.objects.get()
    assert (vouch.from_team, vouch.statement) == (team, "Met at their site.")
    renew = at("renew", vouch.id)
    assert boss.post(renew, {"lasts": "182"}).status_code == 400
    assert boss.post(renew, {"lasts": "730"}).url == at("vouch", vouch.id)
    withdraw = at("withdraw", vouch.id)
    wrong = boss.post(withdraw, {"reason": "mistake", "remark": "Oh.", "confirm_name": "No"})
    assert wrong.status_code == 400
    assert "Oh." in wrong.content.decode()
    boss.post(withdraw, {"reason": "mistake", "remark": "Oh.", "confirm_name": "fjord cert"})
    assert "It was given by mistake." in html(boss, at("vouch", vouch.id))


def test_a_refusal_is_said_before_anything_is_typed(boss, team):
    mutual = VouchFactory(to_team=team).from_team
    sister = TeamFactory(organisation=OrganisationFactory(group=team.organisation))
    assert "cannot vouch back" in html(boss, at("give", mutual.id))
    assert "one house" in html(boss, at("give", sister.id))
    refused = boss.post(at("give", mutual.id), {**GOOD, "from_team": team.id})
    assert refused.status_code == 409
    assert "Met at their site." in refused.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"statement": ""},
        {"statement": "x" * 1001},
        {"statement": "nul\x00"},
        {"basis": "hearsay"},
        {"lasts": "٣٦٥"},
        {"lasts": "9999"},
        {"from_team": "not-a-uuid"},
    ],
)
def test_bad_input_is_refused_and_makes_no_vouch(boss, team, wrong):
    other = TeamFactory()
    answer = boss.post(at("give", other.id), {**GOOD, "from_team": team.id, **wrong})
    assert answer.status_code == 400
    assert not Vouch.objects.exists()


def test_nobody_gives_in_the_name_of_another_team(boss, team):
    other, stranger = TeamFactory(), TeamFactory()
    answer = boss.post(at("give", other.id), {**GOOD, "from_team": stranger.id})
    assert answer.status_code == 400
    assert not Vouch.objects.exists()


def test_a_statement_cannot_harm_who_reads_it(boss, team):
    vouch = VouchFactory(to_team=team, statement="<script>alert(1)</script>")
    for address in (page_of(team), at("vouch", vouch.id)):
        assert "<script>alert" not in html(boss, address)


@pytest.mark.parametrize("name", ["give", "path"])
def test_a_team_that_takes_no_part_or_is_not_seen_does_not_exist(boss, desk, name):
    gone = TeamFactory(retired_at=clock.now())
    came = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    for team in (gone, came):
        assert boss.get(at(name, team.id)).status_code == 404
    if name == "path":
        assert desk.get(at(name, came.id)).status_code == 404


def test_another_teams_withdrawn_vouch_does_not_exist(boss):
    vouch = withdrawn(VouchFactory())
    for name in ("vouch", "renew", "withdraw"):
        assert boss.get(at(name, vouch.id)).status_code == 404


def test_another_teams_vouch_is_read_and_not_touched(boss):
    vouch = VouchFactory()
    assert "Withdraw" not in html(boss, at("vouch", vouch.id))
    for name in ("renew", "withdraw"):
        assert boss.get(at(name, vouch.id)).status_code == 403


def test_pressure_is_told_to_no_page_of_the_other_team(boss, team):
    vouch = withdrawn(VouchFactory(to_team=team), "pressure", "They threatened us.")
    told = html(boss, at("vouch", vouch.id))
    assert "Another reason." in told
    assert "threatened" not in told
    assert "pressure" not in told


def test_the_own_list_tells_how_to_begin_and_what_is_used(boss, team):
    empty = html(boss, at("vouches"))
    assert "Nobody vouches for this team yet" in empty
    assert "0 of 5 vouches" in empty
    withdrawn(VouchFactory(from_team=team))
    VouchFactory(from_team=team, to_team__name="Gone CERT", to_team__retired_at=clock.now())
    ReviewFactory(team=team)
    told = html(boss, at("vouches"))
    assert "2 of 5 vouches" in told
    assert "Gone CERT" not in told
    assert "What is over" in told
    assert "Fewer than two houses" in told


# The path ----------------------------------------------------------------------------------------


def test_a_path_stands_in_the_picture_and_in_words(boss, team):
    middle, goal = TeamFactory(name="Middle CERT"), TeamFactory(name="Goal & Co")
    chain(team, middle, goal)
    seen = html(boss, at("path", goal.id))
    picture, words = seen[seen.index("<svg class") :].split("</svg>", 1)
    assert "Own CERT" in picture
    for part in (picture, words):
        assert "Middle CERT" in part
        assert "Goal &amp; Co" in part
    assert "<title" in picture
    assert picture.count("<rect") == 3
    assert "no score" in words


def test_circles_do_no_harm_and_only_the_shortest_ways_show(boss, team):
    a, b, goal = (TeamFactory(name=name) for name in ("Aa", "Bb", "Goal"))
    chain(team, a, b, goal)
    chain(b, team)
    chain(team, goal)
    seen = html(boss, at("path", goal.id))
    assert ">Aa<" not in seen[seen.index("<svg class") :]


def test_more_ways_than_the_picture_holds_stand_in_the_list(boss, team):
    goal = TeamFactory()
    for n in range(5):
        chain(team, TeamFactory(name=f"Middle {n}"), goal)
    seen = html(boss, at("path", goal.id))
    assert "The picture shows 3 of 5 ways" in seen
    assert seen.count("<rect") == 5
    assert all(f">Middle {n}</a>" in seen for n in range(5))


@pytest.mark.parametrize(
    "hidden",
    [
        {"retired_at": "2026-01-01T00:00Z"},
        {"organisation__state": OrganisationState.PROVISIONAL},
        {"organisation__state": OrganisationState.RETIRED},
    ],
)
def test_no_path_leads_through_a_team_that_is_not_seen(boss, desk, team, hidden):
    middle, goal = TeamFactory(name="Hidden CERT", **hidden), TeamFactory()
    chain(team, middle, goal)
    seen = html(boss, at("path", goal.id))
    assert "No path leads there" in seen
    assert "Hidden CERT" not in seen
    assert "Hidden CERT" not in html(boss, page_of(goal))


def test_a_lawful_interception_team_stands_in_a_members_path(boss, team):
    goal = TeamFactory()
    chain(team, TeamFactory(name="Li team", kind=TeamKind.LAWFUL_INTERCEPTION), goal)
    assert "Li team" in html(boss, at("path", goal.id))


def test_who_is_in_several_teams_chooses_where_the_path_begins(team):
    person = member_of(team)
    second = TeamMembershipFactory(person=person, team=TeamFactory(name="Second CERT")).team
    goal = TeamFactory()
    chain(second, goal)
    client = sign_in(Client(), person)
    address = at("path", goal.id)
    assert "No path" in html(client, f"{address}?from={team.id}")
    assert "No path" not in html(client, f"{address}?from={second.id}")
    assert client.get(f"{address}?from={TeamFactory().id}").status_code == 200


def test_the_own_team_and_a_desk_without_team_get_an_answer_in_words(boss, desk, team):
    assert "your own team" in html(boss, at("path", team.id))
    assert "takes part in vouching" in html(desk, at("path", team.id))
    assert "takes part in vouching" in html(desk, at("vouches"))


# The coordinators' list --------------------------------------------------------------------------


def rows(client, query=""):
    answer = client.get(at("review_csv") + query)
    return list(csv.reader(StringIO(answer.content.decode())))


def test_the_list_shows_who_fell_and_on_demand_who_never_stood(desk):
    fallen, never = TeamFactory(name="Fallen CERT"), TeamFactory(name="Never CERT")
    ReviewFactory(team=fallen)
    stood_for(TeamFactory(name="Fine CERT"))
    seen = html(desk, at("review"))
    assert "Fallen CERT" in seen
    assert "Never CERT" not in seen
    every = html(desk, at("review") + "?show=all")
    assert never.name in every
    assert "Fine CERT" not in every
    assert [row[0] for row in rows(desk)] == ["team", "Fallen CERT"]


def test_the_csv_disarms_formulas(desk):
    house = OrganisationFactory(name="@SUM(A1)")
    ReviewFactory(team=TeamFactory(name='=HYPERLINK("http://evil.example")', organisation=house))
    row = rows(desk)[1]
    assert row[:2] == ['\'=HYPERLINK("http://evil.example")', "'@SUM(A1)"]


def test_a_coordinator_marks_and_who_is_tied_is_told_to_leave_it(desk):
    review = ReviewFactory()
    desk.post(at("mark", review.id), {"outcome": "asked", "shown": review.shown})
    assert Review.objects.get().outcome == "asked"
    # a colleague's page is older than that
    desk.post(at("mark", review.id), {"outcome": "known-otherwise", "shown": review.shown})
    assert Review.objects.get().outcome == "asked"
    assert f'value="{Review.objects.get().shown}"' in html(desk, at("review"))
    assert "has yet to answer" in html(desk, at("review"))
    desk.post(at("mark", review.id), {"outcome": "nonsense", "shown": Review.objects.get().shown})
    assert Review.objects.get().outcome == "asked"
    person = coordinator_of_desk()
    InterestFactory(person=person, organisation=review.team.organisation)
    tied = sign_in(Client(), person, coordinator=True)
    assert "a colleague looks" in html(tied, at("review"))
    assert tied.post(at("mark", review.id), {"outcome": "asked"}).status_code == 403


def test_the_list_is_for_coordinators(boss):
    for name in ("review", "review_csv"):
        assert boss.get(at(name)).status_code == 403


# Scale -------------------------------------------------------------------------------------------


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.slow
def test_every_page_asks_as_often_with_few_as_with_many(boss, desk, team):
    goal = TeamFactory()
    chain(team, TeamFactory(), goal)
    withdrawn(VouchFactory(from_team=team))
    ReviewFactory()
    pages = [
        (boss, page_of(goal)),
        (boss, at("vouches")),
        (boss, at("path", goal.id)),
        (boss, at("give", goal.id)),
        (desk, at("review")),
        (desk, at("review") + "?show=all"),
        (desk, at("review_csv")),
        (desk, page_of(goal)),
        (boss, "/my-day/"),
    ]
    before = [queries(*page) for page in pages]
    for _ in range(3):
        chain(team, TeamFactory(), TeamFactory(), goal)
        chain(team, TeamFactory(), goal)
        withdrawn(VouchFactory(to_team=team))
        ReviewFactory()
        VouchFactory(from_team=team, given_at=clock.now() - timedelta(days=350))
    after = [queries(*page) for page in pages]
    assert [more for more, fewer in zip(after, before, strict=True) if more > fewer] == []
