"""What each kind of viewer sees of an open and of a confidential group, on every way there is."""

import csv
import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.groups import GroupFactory, SeatFactory, WordFactory, group_of, seat_of
from tests.factories.talks import say, side
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.directory.models import Channel
from tcert.community.groups import queries
from tcert.community.groups.domain import entering, founding, leaving
from tcert.community.groups.enums import Admission, Kind, State
from tcert.community.groups.models import Group, Seat, Word
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord, kinds_shown_to
from tcert.foundation.ui.finding import find

pytestmark = pytest.mark.django_db
NAME = "Canary circle"
PURPOSE = "Canary purpose"
TEAM = "Canarybird CERT"


@pytest.fixture
def cast():
    """A group's people of every kind, and the others."""
    steward, member = side(TEAM), side("Alder CERT")
    suspended = side("Suspended CERT")
    provisional = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    in_both = coordinator_of_desk(name="Ben")
    TeamMembershipFactory(team=member.team, person=in_both, role=TeamRole.DEPUTY)
    return {
        "steward": steward,
        "member": member,
        "suspended": suspended,
        "invited": side("Invited CERT"),
        "people": {
            "stranger": None,
            "member outside": member_of(TeamFactory(), TeamRole.REPRESENTATIVE),
            "member inside": member_of(member.team),
            "steward": steward.person,
            "coordinator": coordinator_of_desk(name="Ada"),
            "coordinator inside": in_both,
            "provisional party": member_of(provisional, TeamRole.REPRESENTATIVE),
            "suspended team": suspended.person,
        },
    }


def made(cast, kind):
    """A group of that kind with a talk, somebody invited, and a member that was suspended since."""
    steward, member, suspended = cast["steward"], cast["member"], cast["suspended"]
    group = group_of(
        steward, member, suspended, kind=kind, name=NAME, purpose=PURPOSE, rules="Canary rules"
    )
    seat = entering.invite(principal=steward.principal, group=group, team=cast["invited"].team)
    talk = founding.begin_talk(principal=steward.principal, group=group)
    say(steward, talk, member, suspended)
    suspended.team.organisation.state = OrganisationState.SUSPENDED
    suspended.team.organisation.save()
    return group, seat


def client_of(person, kind):
    coordinates = kind.startswith("coordinator")
    return sign_in(Client(), person, coordinator=coordinates) if person else Client()


def principal(person, kind):
    if person is None:
        return ANONYMOUS
    return principal_of(person, coordinator=kind.startswith("coordinator"))


INSIDE = {"member inside", "steward", "coordinator inside"}
GUESTS = {"stranger": 302, "provisional party": 403, "suspended team": 403}
"""They have no door to groups at all: the answer is the same for what is there and what is not."""
MEMBERS_PAGES = ("group", "history", "sheet", "csv", "misp")
STEWARDS_PAGES = ("change", "close", "invite")


@pytest.mark.slow
@pytest.mark.parametrize("kind", Kind)
def test_who_sees_which_page(cast, kind):
    group, _seat = made(cast, kind)
    for who, person in cast["people"].items():
        client = client_of(person, who)
        answers = {
            name: client.get(reverse(f"groups:{name}", args=[group.id])).status_code
            for name in (*MEMBERS_PAGES, *STEWARDS_PAGES, "ask")
        }
        for name, status in answers.items():
            if who in GUESTS:
                wanted = GUESTS[who]
            elif name == "ask":
                leads = who in {"member outside", "steward", "coordinator inside"}
                wanted = (200 if leads else 403) if kind == Kind.OPEN else 404
            elif who in INSIDE:
                wanted = 403 if name in STEWARDS_PAGES and who != "steward" else 200
            else:
                wanted = 200 if kind == Kind.OPEN and name == "group" else 404
            assert status == wanted, (kind, who, name)


def addresses(group, seats):
    for name in (*MEMBERS_PAGES, *STEWARDS_PAGES, "ask", "talk"):
        yield reverse(f"groups:{name}", args=[group])
    for seat in seats:
        for name in ("seat", "answer", "leave", "refuse", "remove"):
            yield reverse(f"groups:{name}", args=[seat])


@pytest.mark.slow
def test_for_who_is_outside_a_confidential_group_is_as_if_it_were_not_there(cast):
    """Every address, by every method: the same answer as for a number that nobody has."""
    from uuid import uuid4

    group, _seat = made(cast, Kind.CONFIDENTIAL)
    seats = list(Seat.objects.values_list("id", flat=True))
    nothing = [uuid4() for _ in seats]
    for who, person in cast["people"].items():
        if who in INSIDE:
            continue
        client = client_of(person, who)
        for real, unreal in zip(
            addresses(group.id, seats), addresses(uuid4(), nothing), strict=True
        ):
            for ask in (client.get, client.post):
                here, there = ask(real), ask(unreal)
                assert here.status_code == there.status_code, (who, real)
                if here.status_code == 404:
                    assert len(here.content) == len(there.content)
                assert NAME not in here.content.decode()


OUTSIDE_PAGES = ("/groups/", "/my-day/", "/search/?q=Canary", "/talks/", "/records/", "/directory/")


@pytest.mark.slow
def test_nothing_of_a_confidential_group_shows_on_other_pages(cast):
    """Lists, my day, search, talks, records, and the page of a team that is in it."""
    group, _seat = made(cast, Kind.CONFIDENTIAL)
    team = reverse("directory:team", args=[cast["steward"].team.id])
    marks = (NAME, PURPOSE, str(group.id))
    for who, person in cast["people"].items():
        if who in INSIDE:
            continue
        client = client_of(person, who)
        for page in (*OUTSIDE_PAGES, team, f"{team}history/"):
            text = client.get(page).content.decode()
            assert [mark for mark in marks if mark in text] == [], (who, page)
        viewer = principal(person, who)
        assert not Group.objects.visible_to(viewer).exists()
        assert not Seat.objects.visible_to(viewer).exists()
        assert NAME not in str(find(viewer, "Canary"))
        records = AuditRecord.objects.visible_to(viewer)
        assert not records.filter(act__startswith="groups:").exists()
        assert "sharing-group" not in kinds_shown_to(viewer)


def test_a_coordinator_reads_how_many_confidential_groups_there_are_and_no_more(cast):
    made(cast, Kind.CONFIDENTIAL)
    ada = cast["people"]["coordinator"]
    page = client_of(ada, "coordinator").get("/groups/").content.decode()
    assert "There is 1 confidential group" in page
    assert "confidential group on this hub" not in (
        client_of(cast["people"]["member outside"], "").get("/groups/").content.decode()
    )
    inside = principal(cast["people"]["coordinator inside"], "coordinator inside")
    assert AuditRecord.objects.visible_to(inside).filter(act="groups:seat:accept").exists()


def test_records_of_an_open_group_are_no_secret_of_its_teams(cast):
    made(cast, Kind.OPEN)
    ada = principal(cast["people"]["coordinator"], "coordinator")
    assert AuditRecord.objects.visible_to(ada).filter(act="groups:seat:accept").exists()


def test_an_invited_team_reads_what_it_is_for_and_not_who_is_in_it(cast):
    group, seat = made(cast, Kind.CONFIDENTIAL)
    client = sign_in(Client(), cast["invited"].person)
    page = client.get(reverse("groups:group", args=[group.id]), follow=True)
    text = page.content.decode()
    for word in (NAME, PURPOSE, "Canary rules", TEAM):
        assert word in text
    assert "Alder CERT" not in text
    for name in ("history", "sheet", "csv", "misp"):
        assert client.get(reverse(f"groups:{name}", args=[group.id])).status_code == 404
    others = Seat.objects.visible_to(cast["invited"].principal)
    assert list(others) == [seat]
    assert not AuditRecord.objects.filter(
        pk__in=Group.objects.known_to(cast["invited"].principal)
    ).exists()
    leader = replace(cast["invited"].principal)
    assert not Group.objects.known_to(leader).exists()


def test_the_talk_names_nobody_as_a_reader_who_reads_nothing_while_off_the_list(cast):
    group, _seat = made(cast, Kind.CONFIDENTIAL)
    talk = queries.talk_of(group)
    page = sign_in(Client(), cast["steward"].person).get(reverse("talks:talk", args=[talk.id]))
    assert set(page.context["readers"]) == {TEAM, "Alder CERT"}


def test_who_leads_nothing_in_an_invited_team_is_not_told_that_the_group_is_empty(cast):
    group, seat = made(cast, Kind.CONFIDENTIAL)
    client = sign_in(Client(), member_of(cast["invited"].team))
    page = client.get(reverse("groups:group", args=[group.id]))
    assert page.headers["Location"] == reverse("groups:seat", args=[seat.id])
    page = client.get(page.headers["Location"]).content.decode()
    assert "to the 2 teams of the group" in page
    assert "Accept its rules and join" not in page


def test_mails_events_and_jobs_name_neither_a_group_nor_a_team(cast):
    Channel.objects.create(team=cast["invited"].team, kind="email", value="cert@invited.example")
    group, _seat = made(cast, Kind.CONFIDENTIAL)
    named = (NAME, str(group.id), str(cast["steward"].team.id), TEAM)
    for event in Event.objects.filter(kind="groups:notice"):
        assert event.data == {}
        assert event.object_id != group.id
    jobs.run_due()
    notice = Notice.objects.get(team=cast["invited"].team, key__startswith="groups:")
    assert notice.about is None
    told = f"{notice.subject} {notice.text} {notice.key}" + "".join(
        f"{m.subject} {m.body} {m.message()}" for m in mail.outbox
    )
    assert [word for word in named if word in told] == []


def test_what_visible_to_says_is_what_is_visible_to_says(cast):
    for kind in Kind:
        made_now = GroupFactory(kind=kind, founded_by=cast["steward"].team)
        for state in State:
            team = cast["member"].team if state == State.MEMBER else None
            SeatFactory(group=made_now, state=state, **({"team": team} if team else {}))
        SeatFactory(group=made_now, state=State.INVITED, team=cast["invited"].team)
        SeatFactory(group=made_now, team=cast["suspended"].team)
        WordFactory(seat=SeatFactory(group=made_now, state=State.REQUESTED))
    cast["suspended"].team.organisation.state = OrganisationState.SUSPENDED
    cast["suspended"].team.organisation.save()
    people = {**cast["people"], "invited": cast["invited"].person}
    for who, person in people.items():
        viewer = principal(person, who)
        for model in (Group, Seat, Word):
            listed = set(model.objects.visible_to(viewer))
            asked = {one for one in model.objects.all() if one.is_visible_to(viewer)}
            assert listed == asked, (who, model)
        known = set(Group.objects.known_to(viewer))
        assert known == {one for one in Group.objects.all() if one.is_known_to(viewer)}


# Files -----------------------------------------------------------------------------------------


def test_the_files_hold_the_members_and_no_formula(cast):
    group = group_of(cast["steward"], cast["member"])
    twin = TeamFactory(organisation=cast["steward"].team.organisation, name="=HYPERLINK(1)")
    SeatFactory(group=group, team=twin)
    SeatFactory(group=group, state=State.INVITED)
    client = sign_in(Client(), cast["member"].person)
    sheet = client.get(reverse("groups:csv", args=[group.id])).content.decode()
    rows = list(csv.DictReader(StringIO(sheet)))
    assert {row["team"] for row in rows} == {TEAM, "Alder CERT", "'=HYPERLINK(1)"}
    shape = json.loads(client.get(reverse("groups:misp", args=[group.id])).content)
    assert shape["SharingGroup"]["uuid"] == str(group.id)
    assert shape["SharingGroup"]["releasability"] == "TLP:AMBER"
    found = {one["Organisation"]["uuid"]: one["extend"] for one in shape["SharingGroupOrg"]}
    assert found == {
        str(cast["steward"].team.organisation_id): True,
        str(cast["member"].team.organisation_id): False,
    }
    assert '"id"' not in json.dumps(shape)


# Forms -----------------------------------------------------------------------------------------

TYPED = {
    "name": "Night watch",
    "kind": "open",
    "tlp": "AMBER",
    "purpose": "Tell each other.",
    "rules": "Two\nlines.",
    "admission": "vouches",
}


def test_founding_shows_everything_before_it_is_done(cast):
    one = cast["steward"]
    client, address = sign_in(Client(), one.person), reverse("groups:found")
    typed = {**TYPED, "team": str(one.team.id)}
    looked = client.post(address, typed)
    assert "two of its teams" in looked.content.decode()
    assert not Group.objects.exists()
    back = client.post(address, {**typed, "act": "back"}).content.decode()
    assert "Night watch" in back
    assert not Group.objects.exists()
    answer = client.post(address, {**typed, "act": "confirm"})
    group = Group.objects.get()
    assert answer.headers["Location"] == reverse("groups:group", args=[group.id])
    assert (group.name, group.admission) == ("Night watch", Admission.VOUCHES)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "two\nlines"),
        ("kind", "secret"),
        ("tlp", "PURPLE"),
        ("purpose", ""),
        ("rules", "x" * 4001),
        ("admission", "nobody"),
        ("team", "not a team"),
    ],
)
def test_wrong_input_is_refused_and_kept(cast, field, value):
    one = cast["steward"]
    typed = {**TYPED, "team": str(one.team.id), field: value, "act": "confirm"}
    answer = sign_in(Client(), one.person).post(reverse("groups:found"), typed)
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert ("Night watch" if field != "name" else "Tell each other.") in answer.content.decode()
    assert not Group.objects.exists()


def test_words_cannot_decide_where_nobody_can_ask(cast):
    one = cast["steward"]
    typed = {**TYPED, "team": str(one.team.id), "kind": "confidential", "act": "confirm"}
    answer = sign_in(Client(), one.person).post(reverse("groups:found"), typed)
    assert "admission" in answer.context["form"].errors


def test_the_walk_by_forms_from_change_to_close(cast):
    steward, member = cast["steward"], cast["member"]
    group = group_of(steward, member, kind=Kind.OPEN, name=NAME)
    client, other = sign_in(Client(), steward.person), sign_in(Client(), member.person)
    newcomer = side("Newcomer CERT")
    guest = sign_in(Client(), newcomer.person)
    address = reverse("groups:change", args=[group.id])
    shown = client.get(address).context["form"]["shown"].value()
    typed = {**TYPED, "admission": "steward", "shown": shown, "act": "confirm"}
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 409
    assert Group.objects.get().name == "Night watch"

    ask = {"team": str(newcomer.team.id), "words": "Let us in."}
    guest.post(reverse("groups:ask", args=[group.id]), ask)
    seat = seat_of(group, newcomer)
    assert "Let us in." in other.get(reverse("groups:group", args=[group.id])).content.decode()
    refuse = reverse("groups:refuse", args=[seat.id])
    assert other.get(refuse).status_code == 403
    assert client.post(refuse, {"reason": ""}).status_code == 400
    client.post(refuse, {"reason": "Not yet."})
    assert "Not yet." in guest.get(reverse("groups:seat", args=[seat.id])).content.decode()
    assert "has refused Newcomer CERT" in guest.get("/groups/").content.decode()

    invite = reverse("groups:invite", args=[group.id])
    assert "Newcomer CERT" in client.get(f"{invite}?q=newc").content.decode()
    client.post(invite, {"team": str(newcomer.team.id)})
    invited = seat_of(group, newcomer)
    guest.post(reverse("groups:answer", args=[invited.id]), {"act": "accept"})
    assert seat_of(group, newcomer).state == State.MEMBER

    remove = reverse("groups:remove", args=[invited.id])
    wrong = client.post(remove, {"reason": "Told others.", "confirm_name": "Else"})
    assert wrong.status_code == 400
    client.post(remove, {"reason": "Told others.", "confirm_name": "Newcomer CERT"})
    gone = reverse("groups:seat", args=[invited.id])
    guest.post(gone, {"text": "It was not us."})
    assert "It was not us." in client.get(gone).content.decode()
    client.post(gone, {"answer": "We erred.", "act": "restore"})
    assert seat_of(group, newcomer).state == State.MEMBER

    leave = reverse("groups:leave", args=[seat_of(group, member).id])
    assert client.get(leave).status_code == 404
    other.post(leave, {"confirm_name": "Alder CERT"})
    client.post(reverse("groups:close", args=[group.id]), {"confirm_name": "Night watch"})
    assert Group.objects.get().is_closed
    history = client.get(reverse("groups:history", args=[group.id])).content.decode()
    for words in ("closed the group", "Alder CERT left", "name, purpose", steward.person.name):
        assert words in history


def test_a_button_of_another_name_does_not_exist(cast):
    group = group_of(cast["steward"], cast["member"])
    address = reverse("groups:answer", args=[seat_of(group, cast["member"]).id])
    client = sign_in(Client(), cast["member"].person)
    for act in ("", "delete", "accept\0"):
        assert client.post(address, {"act": act}).status_code == 404
    assert client.get(address).status_code == 405


@pytest.mark.slow
def test_pages_ask_as_often_for_many_as_for_few(cast):
    steward = cast["steward"]
    public = group_of(steward, kind=Kind.OPEN, admission=Admission.VOUCHES)
    founding.begin_talk(principal=steward.principal, group=public)
    inside = sign_in(Client(), steward.person)
    outside = sign_in(Client(), cast["people"]["member outside"])
    pages = [(inside, f"/groups/{public.id}/{name}") for name in ("", "history/", "sheet/")]
    pages += [(one, "/groups/") for one in (inside, outside)]
    pages += [(outside, f"/groups/{public.id}/"), (inside, "/my-day/"), (inside, "/talks/")]
    counts = []
    for many in (1, 3):
        for _ in range(many):
            asks = SeatFactory(group=public, state=State.REQUESTED)
            WordFactory(seat=asks, by_team=SeatFactory(group=public).team)
            SeatFactory(group=public, state=State.INVITED)
            GroupFactory(kind=Kind.OPEN)
            SeatFactory(group=GroupFactory(), team=steward.team)
            entering.invite(principal=steward.principal, group=public, team=TeamFactory())
        asked = []
        for client, page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(page).status_code == 200
            asked.append(len(captured))
        counts.append(asked)
    assert counts[0] == counts[1]


def test_the_desk_is_never_offered(cast):
    group = group_of(cast["steward"], cast["member"])
    DeskFactory()
    house = OrganisationFactory(state=OrganisationState.EXCLUDED)
    TeamFactory(name="Gone CERT", organisation=house)
    page = sign_in(Client(), cast["steward"].person).get(reverse("groups:invite", args=[group.id]))
    for name in ("TCERT desk", "Gone CERT", "Alder CERT"):
        assert name not in page.content.decode().split("<tbody>")[1]


def test_who_only_belongs_to_a_team_sees_and_does_nothing_for_it(cast):
    group = group_of(cast["steward"], cast["member"])
    seat = seat_of(group, cast["member"])
    client = sign_in(Client(), cast["people"]["member inside"])
    page = client.get(reverse("groups:group", args=[group.id])).content.decode()
    assert "Leave" not in page.split("<main")[1]
    for name, typed in (
        ("leave", {"confirm_name": "Alder CERT"}),
        ("answer", {"act": "step-down"}),
    ):
        assert client.post(reverse(f"groups:{name}", args=[seat.id]), typed).status_code == 403
    assert client.post(reverse("groups:talk", args=[group.id])).status_code == 403
    leaving.ask_steward(principal=cast["steward"].principal, seat=seat)
    assert (
        client.post(reverse("groups:answer", args=[seat.id]), {"act": "steward"}).status_code == 403
    )
