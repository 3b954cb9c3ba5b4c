"""Hours and channels on the pages: what is asked for, and who sees whether a team is reached."""

from datetime import UTC, datetime

import pytest
from tests.carried import carried
from tests.factories.directory import TeamFactory, member_of
from tests.principals import principal_of, sign_in

from tcert.community.directory.domain import teams
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Channel
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture
def team():
    return TeamFactory(name="Altus CERT", hours=["mon 08:00-17:00"], timezone="Europe/Helsinki")


def test_members_see_whether_a_team_is_reached_and_when_again(client, team):
    member = member_of(TeamFactory())
    with clock.frozen(MONDAY):
        sign_in(client, member)
        for address in (f"/directory/teams/{team.id}/", "/directory/"):
            text = client.get(address).content.decode()
            assert "reachable now" in text
            assert "15:00 UTC" in text
    with clock.frozen(MONDAY.replace(hour=16)):
        sign_in(client, member)
        text = client.get(f"/directory/teams/{team.id}/").content.decode()
        assert "not reachable now" in text
        assert "9 Mar 2026, 06:00 UTC" in text


def test_strangers_are_not_told_when_nobody_watches(client, team):
    for address in (f"/directory/teams/{team.id}/", "/directory/", "/directory/directory.csv"):
        text = client.get(address).content.decode()
        assert "reachable" not in text.lower().replace("unreachable", "")
        assert "08:00" not in text


def hours(client, team, **days):
    address = f"/directory/teams/{team.id}/hours/"
    sent = {"timezone": "Europe/Oslo", **dict.fromkeys(DAYS, ""), **days}
    return client.post(address, {**sent, **carried(client, address)})


def test_leads_change_the_hours_and_what_is_wrong_stands_beside_the_day(client, team):
    sign_in(client, member_of(team, TeamRole.DEPUTY))
    sent = {"tue": "8-12, 13-17", "wed": "22:00-06:00", "hours_note": "not on holidays"}
    assert hours(client, team, **sent).status_code == 302
    team.refresh_from_db()
    assert team.hours == ["tue 08:00-12:00", "tue 13:00-17:00", "wed 22:00-06:00"]
    assert (team.timezone, team.hours_note) == ("Europe/Oslo", "not on holidays")
    wrong = hours(client, team, thu="noon")
    assert wrong.status_code == 400
    assert list(wrong.context["form"].errors) == ["thu"]
    assert "noon" in wrong.content.decode()
    assert hours(client, team, always="on", thu="8-9").status_code == 400
    assert hours(client, team, always="on").status_code == 302
    team.refresh_from_db()
    assert team.hours == ["always"]


def test_two_who_change_the_hours_do_not_overwrite_each_other(client, team):
    sign_in(client, member_of(team, TeamRole.DEPUTY))
    address = f"/directory/teams/{team.id}/hours/"
    both = carried(client, address)
    sent = {"timezone": "UTC", **dict.fromkeys(DAYS, "")}
    assert client.post(address, {**sent, "mon": "1-2", **both}).status_code == 302
    told = client.post(address, {**sent, "mon": "3-4", **both})
    assert told.status_code == 409
    assert "Somebody changed this before you" in told.content.decode()


@pytest.mark.parametrize(
    ("purpose", "kind", "value", "good"),
    [
        ("24/7", "phone", "+358 9 123 4567", True),
        ("24/7", "email", "duty@altus.example", False),
        ("24/7", "web", "https://altus.example", False),
        ("disclosure", "email", "psirt@altus.example", True),
        ("disclosure", "web", "https://altus.example/report", True),
        ("disclosure", "phone", "+358 9 123 4567", False),
        ("disclosure", "fax", "+358 9 123 4567", False),
        ("main", "fax", "+358 9 123 4567", True),
    ],
)
def test_what_a_channel_is_for_decides_what_it_may_be(client, team, purpose, kind, value, good):
    sign_in(client, lead := member_of(team, TeamRole.DEPUTY))
    data = {"kind": kind, "purpose": purpose, "value": value}
    answer = client.post(f"/directory/teams/{team.id}/channels/new/", data)
    assert answer.status_code == (302 if good else 400)
    assert Channel.objects.count() == int(good)
    if not good:
        assert list(answer.context["form"].errors) == ["kind"]
        with pytest.raises(DomainError):
            teams.add_channel(principal=principal_of(lead), team=team, **data)


def test_the_last_main_email_stays_until_there_is_another(client, team):
    sign_in(client, member_of(team, TeamRole.DEPUTY))
    main = Channel.objects.create(
        team=team, kind="email", purpose="main", value="cert@altus.example"
    )
    base = f"/directory/teams/{team.id}/channels/{main.id}/"
    told = client.post(f"{base}remove/", follow=True).content.decode()
    assert "This is the only main e-mail of the team" in told
    changed = {"kind": "email", "purpose": "disclosure", "value": "cert@altus.example"}
    assert client.post(base, {**changed, **carried(client, base)}).status_code == 400
    moved = {**changed, "purpose": "main", "value": "new@altus.example"}
    assert client.post(base, {**moved, **carried(client, base)}).status_code == 302
    Channel.objects.create(team=team, kind="email", purpose="main", value="b@altus.example")
    client.post(f"{base}remove/")
    assert [c.value for c in Channel.objects.all()] == ["b@altus.example"]


def test_leads_are_told_what_a_full_team_lacks(client, team):
    sign_in(client, member_of(team, TeamRole.DEPUTY))
    text = client.get(f"/directory/teams/{team.id}/").content.decode()
    assert "a main e-mail; a telephone that is answered round the clock" in text
    sign_in(client, member_of(TeamFactory()))
    assert "not complete" not in client.get(f"/directory/teams/{team.id}/").content.decode()
