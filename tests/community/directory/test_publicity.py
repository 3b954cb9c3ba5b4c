"""A team chooses what strangers see: previewed, saved once, kept in history, never overwritten."""

import csv
import io
import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.carried import carried, read
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.keys import active_key_of
from tests.principals import principal_of, sign_in

from tcert.community.directory import counting, public_list, publicity
from tcert.community.directory.domain import teams
from tcert.community.directory.domain.publicity import choose_public, mark
from tcert.community.directory.enums import OrganisationState, TeamKind, TeamRole
from tcert.community.directory.models import Channel, Team, TeamChange, TeamSection
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    made = TeamFactory(name="Altus CERT", description="our craft", languages=["fi"])
    Channel.objects.create(team=made, kind="email", purpose="main", value="cert@altus.example")
    TeamSection.objects.create(team=made, section="3.1", language="en", text="our mission")
    return made


@pytest.fixture
def boss(team):
    return member_of(team, TeamRole.REPRESENTATIVE)


def address(team):
    return f"/directory/teams/{team.id}/public/"


def send(client, team, *, save=True, fields=(), channels=(), shown=None):
    data = {
        "fields_shown": list(fields),
        "channels_shown": [str(one.id) for one in channels],
        "save" if save else "preview": "1",
        **(shown or carried(client, address(team))),
    }
    return client.post(address(team), data)


def test_a_preview_shows_a_stranger_and_a_member_and_saves_nothing(client, team, boss):
    sign_in(client, boss)
    before = AuditRecord.objects.count()
    channel = team.channels.get()
    page = send(client, team, save=False, fields=["about", "section:3.1"], channels=[channel])
    text = page.content.decode()
    stranger = text[text.index("A stranger sees") : text.index("A member sees")]
    member = text[text.index("A member sees") :]
    assert page.status_code == 200
    for shown in ("our craft", "our mission", "cert@altus.example", "There is a security.txt"):
        assert shown in stranger
    assert "Finnish" not in stranger
    assert "Finnish" in member
    assert "not saved yet" in text
    assert 'value="about" checked' in text
    team.refresh_from_db()
    channel.refresh_from_db()
    assert (team.public_fields, channel.is_public) == ([], False)
    assert AuditRecord.objects.count() == before
    assert not TeamChange.objects.exists()


def test_a_choice_is_saved_kept_in_history_and_signed_anew(client, team, boss):
    sign_in(client, boss)
    channel = team.channels.get()
    answer = send(client, team, fields=["section:3.1", "about"], channels=[channel])
    assert answer.headers["Location"] == f"/directory/teams/{team.id}/"
    team.refresh_from_db()
    channel.refresh_from_db()
    assert team.public_fields == ["about", "section:3.1"]  # in the page's order
    assert channel.is_public
    told = {change.label: change.became for change in TeamChange.objects.all()}
    assert told["seen by everybody"] == "About the team, 3.1 Mission Statement"
    assert "cert@altus.example (everybody)" in told["channel"]
    record = AuditRecord.objects.get(act="directory:team:publish")
    assert record.object_id == team.id
    assert Event.objects.filter(kind="directory:team-changed").exists()
    assert (
        "our mission"
        in client.__class__().get(f"/directory/teams/{team.id}/rfc2350.txt").content.decode()
    )


def test_what_is_closed_is_gone_at_once_from_every_file(client, team, boss):
    Team.objects.filter(pk=team.pk).update(public_fields=["about", "languages"])
    Channel.objects.update(is_public=True)
    stranger = client.__class__()
    files = ["/directory/list.json", "/directory/list.csv", f"/directory/teams/{team.id}/team.json"]
    etags = [stranger.get(one).headers.get("ETag") for one in files[:2]]
    sign_in(client, boss)
    send(client, team)
    for one, etag in zip(files, [*etags, None], strict=True):
        headers = {"if-none-match": etag} if etag else {}
        answer = stranger.get(one, headers=headers)
        assert answer.status_code == 200
        assert "our craft" not in answer.content.decode()
        assert "cert@altus.example" not in answer.content.decode()
    assert stranger.get(f"/directory/teams/{team.id}/security.txt").status_code == 404


@pytest.mark.both_databases
def test_the_second_of_two_is_told_and_overwrites_nothing(client, team, boss):
    sign_in(client, boss)
    shown = carried(client, address(team))
    send(client, team, fields=["about"])
    late = send(client, team, fields=["languages"], shown=shown)
    assert late.status_code == 409
    assert 'value="languages" checked' in late.content.decode()  # nothing typed is lost
    team.refresh_from_db()
    assert team.public_fields == ["about"]
    again = send(client, team, fields=["languages"], shown=read(late.content.decode()))
    assert again.status_code == 302


@pytest.mark.both_databases
def test_a_channel_that_changed_meanwhile_is_not_opened_unseen(team, boss):
    principal = principal_of(boss)
    channel = team.channels.get()
    shown = mark(team, [channel])
    teams.change_channel(principal=principal, channel=channel, value="private@altus.example")
    with pytest.raises(Conflict):
        choose_public(principal=principal, team=team, fields=[], channels=[channel.id], shown=shown)
    assert not Channel.objects.get().is_public


def test_the_desk_opens_no_channel_of_a_team_that_somebody_leads(client, team, boss):
    """By adding one nor by changing one; what it takes away by mistake comes back as it was."""
    (channel,) = team.channels.all()
    coordinator = coordinator_of_desk()
    sign_in(client, coordinator, coordinator=True)
    edit = f"/directory/teams/{team.id}/channels/{channel.id}/"
    opened = {"kind": "email", "purpose": "main", "value": channel.value, "is_public": "on"}
    refused = client.post(edit, {**opened, **carried(client, edit)})
    assert "Who leads the team chooses" in refused.content.decode()
    new = f"/directory/teams/{team.id}/channels/new/"
    night = {"kind": "phone", "purpose": "24/7", "value": "+358 9 1234567"}
    refused = client.post(new, {**night, "is_public": "on"})
    assert "Who leads the team chooses" in refused.content.decode()
    assert list(team.channels.values_list("is_public", flat=True)) == [False]
    assert client.post(new, night).status_code == 302
    Channel.objects.filter(kind="phone").update(is_public=True)
    phone = Channel.objects.get(kind="phone")
    desk = principal_of(coordinator, coordinator=True)
    teams.change_channel(principal=desk, channel=phone, value="+358 9 7654321")  # opened before
    kept = teams.remove_channel(principal=desk, channel=phone)
    assert teams.add_channel(principal=desk, team=team, put_back=True, **kept).is_public


def test_the_desk_enters_what_is_public_of_a_team_that_nobody_leads_yet(team):
    principal = principal_of(coordinator_of_desk(), coordinator=True)
    channel = team.channels.get()
    assert teams.change_channel(principal=principal, channel=channel, is_public=True).is_public


def test_the_same_choice_again_leaves_no_trace(client, team, boss):
    sign_in(client, boss)
    send(client, team, fields=["about"])
    records = AuditRecord.objects.count()
    send(client, team, fields=["about"])
    assert AuditRecord.objects.count() == records


def test_what_may_not_be_chosen_and_channels_of_others_are_not_opened(client, team, boss):
    other = Channel.objects.create(
        team=TeamFactory(), kind="email", purpose="main", value="other@x.example"
    )
    sign_in(client, boss)
    assert send(client, team, fields=["drills"]).status_code == 400
    assert send(client, team, fields=["about"], channels=[other]).status_code == 302
    assert not Channel.objects.filter(is_public=True).exists()
    bad = client.post(address(team), {"channels_shown": "x' OR 1", "save": "1", "shown": "x"})
    assert bad.status_code == 400


def test_it_is_the_teams_choice_alone(client, team):
    """Neither a member of it who does not lead, nor another team, nor the desk for it."""
    for person, coordinator in (
        (member_of(team), False),
        (member_of(TeamFactory(), TeamRole.REPRESENTATIVE), False),
        (coordinator_of_desk(), True),
    ):
        sign_in(client, person, coordinator=coordinator)
        assert client.get(address(team)).status_code == 403
        client.logout()


@given(
    st.lists(st.sampled_from([fact.name for fact in publicity.FACTS]) | st.text(max_size=20)),
    st.sampled_from(list(TeamKind)),
)
def test_nothing_comes_out_but_what_may_be_chosen(stored, kind):
    found = publicity.open_fields(stored, kind)
    assert found <= set(publicity.CHOICES)
    assert found <= set(stored)
    assert not found or kind != TeamKind.LAWFUL_INTERCEPTION


# The list for programs --------------------------------------------------------


def test_the_list_follows_its_schema_and_is_the_same_for_all(client, team, boss):
    everything = list(publicity.CHOICES)
    Team.objects.filter(pk=team.pk).update(public_fields=everything, hours=["always"])
    Channel.objects.update(is_public=True)
    active_key_of(team)
    TeamFactory(kind=TeamKind.LAWFUL_INTERCEPTION)
    TeamFactory(organisation=OrganisationFactory(state=OrganisationState.PROVISIONAL))
    answer = client.get("/directory/list.json")
    told = json.loads(answer.content)
    jsonschema.validate(told, json.loads(client.get("/directory/list.schema.json").content))
    (entry,) = told["teams"]
    assert entry["about"] == "our craft"
    assert entry["sections"] == {"3.1": {"en": "our mission"}}
    assert entry["security_txt"].endswith("/security.txt")
    # What a team closes is gone at once, from every store on the way as well.
    assert answer.headers["Cache-Control"] == "public, no-cache"
    again = client.get("/directory/list.json", headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    sign_in(client, boss)
    assert client.get("/directory/list.json").content == answer.content


def test_the_list_comes_in_pages_that_lead_on(client, monkeypatch):
    monkeypatch.setattr(public_list, "PER_PAGE", 2)
    for _ in range(5):
        TeamFactory()
    ids, address = [], "/directory/list.json"
    while address:
        told = json.loads(client.get(address).content)
        ids += [team["id"] for team in told["teams"]]
        address = told.get("next")
    assert len(set(ids)) == len(ids) == told["total"] == 5
    for wrong in ("0", "4", "-1", "x", "9" * 40, "١", ""):
        assert client.get("/directory/list.json", {"page": wrong}).status_code == 404


def test_an_empty_hub_has_an_empty_list(client):
    told = json.loads(client.get("/directory/list.json").content)
    assert (told["teams"], told["pages"], told["total"]) == ([], 1, 0)
    assert client.get("/directory/statistics/").status_code == 200


def test_no_cell_of_the_csv_calculates(client):
    house = OrganisationFactory(name="=1+1", short_name="+2", website="")
    team = TeamFactory(organisation=house, name="@SUM(A1)")
    Channel.objects.create(
        team=team, kind="phone", purpose="main", value="+358 9 1234567", is_public=True
    )
    answer = client.get("/directory/list.csv")
    head, row = csv.reader(io.StringIO(answer.content.decode()))
    assert tuple(head) == public_list.COLUMNS
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert answer.headers["ETag"]
    assert "attachment" in answer.headers["Content-Disposition"]


# Statistics -------------------------------------------------------------------

numbers = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 9))


@given(numbers)
def test_no_small_group_can_be_reckoned_from_the_others(counts):
    found = counting.counted(counts)
    told = dict(found.told)
    small = {name for name, n in counts.items() if 0 < n < counting.LEAST}
    assert sum(told.values()) + found.others == sum(counts.values())
    assert not small & set(told)
    assert all(told[name] == counts[name] for name in told)
    if small and told:
        assert found.groups > 1
        assert found.others >= counting.LEAST


def test_statistics_count_what_is_public_alone(client):
    for n in range(4):
        TeamFactory(
            organisation=OrganisationFactory(country="FI" if n else "BR"),
            languages=["fi"],
            public_fields=["languages"] if n else [],
        )
    TeamFactory(organisation=OrganisationFactory(country="FI"), kind=TeamKind.LAWFUL_INTERCEPTION)
    page = client.get("/directory/statistics/")
    assert (page.context["houses"], page.context["teams"]) == (5, 4)
    text = page.content.decode()
    assert "lawful interception" not in text
    assert '<th scope="row">BR' not in text
    spoken = page.context["tables"][3]
    assert spoken[1] == [("Finnish", 3)]
