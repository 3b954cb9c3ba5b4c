"""The pages: who sees what of a team's reachability, what buttons do, how many queries it takes."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.notices import HookFactory
from tests.factories.reachability import (
    CallFactory,
    DeliveryFactory,
    DrillFactory,
    PauseFactory,
    closed,
    reachable,
)
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationState, TeamKind, TeamRole
from tcert.community.reachability import waiting
from tcert.community.reachability.enums import DrillKind, Result
from tcert.community.reachability.models import Delivery, Drill, Pause
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.openpgp.signing import SignatureRefused

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ADDRESS = "soc@operator.example"


@pytest.fixture
def team():
    found = TeamFactory(name="Own CERT")
    reachable(found, ADDRESS)
    return found


@pytest.fixture
def boss(team):
    return sign_in(Client(), member_of(team, TeamRole.REPRESENTATIVE))


@pytest.fixture
def other():
    return sign_in(Client(), member_of(TeamFactory(name="Other CERT"), TeamRole.REPRESENTATIVE))


@pytest.fixture
def desk():
    return sign_in(Client(), coordinator_of_desk(), coordinator=True)


def at(name, *args):
    return reverse(f"reachability:{name}", args=args)


def html(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.fixture
def lived(team):
    """A team with everything that may be shown: each fact in words that stand nowhere else."""
    DeliveryFactory(address=ADDRESS, reason="full")
    closed(
        DrillFactory(team=team, started_at=clock.now() - 90 * DAY, reason="A member complained."),
        Result.LATE,
    )
    practice = DrillFactory(team=team, kind=DrillKind.PRACTICE, started_at=clock.now() - 30 * DAY)
    closed(practice, Result.UNANSWERED)
    DrillFactory(team=team, started_at=clock.now() - MINUTE)
    PauseFactory(team=team)
    return team


FACTS = {
    "address that refuses": "The mailbox is full.",
    "result of a drill": "answered late",
    "by what it was answered": "By the link in a notice",
    "why it was set off": "A member complained.",
    "drill under way": "waits for an answer",
    "button to answer": "Our team was reached",
    "practice": "practice drill",
    "pause": "Days without drills",
    "acts": "Practise now",
    "set one off": "Set a drill off",
}
EVERYTHING = set(FACTS)
SEEN = {
    "stranger": set(),
    "newcomer": set(),
    "provisional": set(),
    "member": {"address that refuses", "result of a drill"},
    "own": EVERYTHING - {"acts", "set one off"},
    "leader": EVERYTHING - {"set one off"},
    "desk": {"address that refuses", "result of a drill"},
    "coordinator": EVERYTHING - {"button to answer", "practice", "acts"},
}
"""What each kind of viewer reads on the page of a team's reachability: field by viewer."""


def viewer(kind, team):
    client = Client()
    if kind == "newcomer":
        client.force_login(member_of(TeamFactory()))
    elif kind == "provisional":
        house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
        sign_in(client, member_of(TeamFactory(organisation=house), TeamRole.REPRESENTATIVE))
    elif kind == "member":
        sign_in(client, member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    elif kind in {"own", "leader"}:
        role = TeamRole.REPRESENTATIVE if kind == "leader" else TeamRole.DUTY_OFFICER
        sign_in(client, member_of(team, role))
    elif kind in {"desk", "coordinator"}:
        sign_in(client, coordinator_of_desk(), coordinator=kind == "coordinator")
    return client


@pytest.mark.parametrize("kind", SEEN)
def test_who_reads_which_fact(lived, kind):
    answer = viewer(kind, lived).get(at("team", lived.id))
    seen = answer.content.decode()
    assert {fact for fact, words in FACTS.items() if words in seen} == SEEN[kind]
    assert (answer.status_code == 200) == bool(SEEN[kind])


@pytest.mark.parametrize("kind", SEEN)
def test_a_teams_own_page_tells_members_and_nobody_else(lived, kind):
    page = reverse("directory:team", args=[lived.id])
    answer = viewer(kind, lived).get(page, follow=True)
    seen = answer.content.decode()
    is_told = bool(SEEN[kind])
    assert ("answered late" in seen) == is_told
    assert (f"Mail to {ADDRESS} does not arrive" in seen) == is_told
    assert "waits for an answer" not in seen


def test_the_documents_and_the_list_say_nothing_to_strangers(lived):
    pages = ["list", "team"]
    for name in pages:
        args = [lived.id] if name == "team" else []
        seen = html(Client(), reverse(f"directory:{name}", args=args)).lower()
        for word in ("reachab", "drill", "refused", "arrive"):
            assert word not in seen, (name, word)


def test_queries_and_predicates_agree_for_every_kind_of_viewer(lived):
    hidden = TeamFactory(kind=TeamKind.LAWFUL_INTERCEPTION)
    reachable(hidden, "li@operator.example")
    DeliveryFactory(address="li@operator.example")
    closed(DrillFactory(team=hidden))
    away = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    closed(DrillFactory(team=away))
    person = member_of(TeamFactory(), email="own@operator.example")
    DeliveryFactory(address="own@operator.example")
    principals = [
        ANONYMOUS,
        principal_of(person),
        principal_of(member_of(lived)),
        principal_of(member_of(away)),
        principal_of(coordinator_of_desk()),
        principal_of(coordinator_of_desk(), coordinator=True),
    ]
    counts = []
    for one in principals:
        for model in (Drill, Delivery):
            by_query = set(model.objects.visible_to(one).values_list("id", flat=True))
            by_row = {row.id for row in model.objects.all() if row.is_visible_to(one)}
            assert by_query == by_row, (one, model)
            counts.append(len(by_query))
    assert counts[:2] == [0, 0]
    assert max(counts) > 2


def test_a_team_of_lawful_interception_is_hidden_with_its_reachability(other):
    hidden = TeamFactory(kind=TeamKind.LAWFUL_INTERCEPTION)
    provisional = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    away = TeamFactory(organisation=provisional)
    assert other.get(at("team", hidden.id)).status_code == 200
    assert Client().get(at("team", hidden.id)).status_code == 302
    for missing in (away.id, Drill().id):
        assert other.get(at("team", missing)).status_code == 404


def test_practising_and_answering(boss, team):
    assert "Practise now" in html(boss, at("team", team.id))
    boss.post(at("practise", team.id))
    drill = Drill.objects.get()
    assert "Practice drill: no incident" in html(boss, at("team", team.id))
    answer = boss.post(at("own", team.id, drill.id), follow=True)
    assert "the exercise is over" in answer.content.decode()
    again = boss.post(at("own", team.id, drill.id), follow=True)
    assert "answered already" in again.content.decode()


def test_others_can_neither_answer_nor_manage(other, boss, team):
    drill, pause = DrillFactory(team=team), PauseFactory(team=team)
    channel = team.channels.get(kind="email")
    assert other.post(at("own", team.id, drill.id)).status_code == 404
    foreign = DrillFactory()
    assert boss.post(at("own", team.id, foreign.id)).status_code == 404
    for name, args in (("practise", []), ("pause", []), ("end_pause", [pause.id])):
        assert other.post(at(name, team.id, *args)).status_code == 403
    assert other.post(at("test_mail", team.id, channel.id)).status_code == 403
    assert boss.get(at("start", team.id)).status_code == 403
    assert boss.get(at("overview")).status_code == 403
    elsewhere = TeamFactory()
    assert boss.post(at("test_mail", elsewhere.id, channel.id)).status_code == 403
    drill.refresh_from_db()
    assert drill.answered_at is None


def test_asking_for_a_pause_keeps_what_was_typed(boss, team):
    today = clock.today()
    page = at("pause", team.id)
    wrong = boss.post(page, {"first": today.isoformat(), "last": (today + DAY).isoformat()})
    assert wrong.status_code == 400
    assert today.isoformat() in wrong.content.decode()
    turned = {"first": (today + 3 * DAY).isoformat(), "last": (today + DAY).isoformat()}
    assert boss.post(page, turned).status_code == 400
    fine = {"first": (today + DAY).isoformat(), "last": (today + 2 * DAY).isoformat()}
    assert boss.post(page, fine).url == at("team", team.id)
    pause = Pause.objects.get()
    assert "Take it back" in html(boss, at("team", team.id))
    boss.post(at("end_pause", team.id, pause.id))
    assert not Pause.objects.exists()
    gone = boss.post(at("end_pause", team.id, pause.id))
    assert gone.status_code == 404


def test_a_link_asks_first_and_is_the_same_for_good_and_bad(team):
    CallFactory(drill__team=team, secret="good")
    stranger = Client()
    assert html(stranger, at("answer", "good")).count("<form") == html(
        stranger, at("answer", "bad")
    ).count("<form")
    drill = Drill.objects.get()
    assert drill.answered_at is None
    assert stranger.head(at("answer", "good")).status_code == 200
    done = stranger.post(at("answer", "good"))
    assert "Thank you: the exercise is over" in done.content.decode()
    assert team.name not in done.content.decode()
    again = stranger.post(at("answer", "good"))
    assert (again.status_code, "answered already" in again.content.decode()) == (410, True)
    assert stranger.post(at("answer", "bad")).status_code == 400


def test_a_test_mails_link_works_once_and_is_patient(team):
    CallFactory(drill=None, delivery=DeliveryFactory(address=ADDRESS), secret="abc")
    stranger = Client()
    assert "Did you read" in html(stranger, at("works", "abc"))
    assert "counts as working" in stranger.post(at("works", "abc")).content.decode()
    assert "said so before" in stranger.post(at("works", "abc")).content.decode()
    assert stranger.post(at("works", "xyz")).status_code == 400


@pytest.mark.parametrize(
    "message", ["", "x", "\x00", "-----BEGIN PGP SIGNED MESSAGE-----\n", "y" * 20_000]
)
def test_a_bad_signed_reply_is_refused_and_kept_in_the_form(team, message):
    drill = DrillFactory(team=team)
    sent = Client().post(at("reply", drill.id), {"message": message})
    assert sent.status_code in {400, 413}
    unknown = Client().get(at("reply", team.id))
    assert unknown.status_code == 200


def test_a_long_file_is_refused(team):
    from django.core.files.uploadedfile import SimpleUploadedFile

    drill = DrillFactory(team=team)
    file = SimpleUploadedFile("reply.asc", b"z" * 20_000)
    sent = Client().post(at("reply", drill.id), {"file": file})
    assert sent.status_code == 400
    assert "too long" in sent.content.decode()
    small = SimpleUploadedFile("reply.asc", b"\xff\xfe")
    again = Client().post(at("reply", drill.id), {"file": small})
    assert str(SignatureRefused().message) in again.content.decode().replace("&#x27;", "'")


def test_a_coordinator_filters_exports_and_sets_off(desk, team):
    DeliveryFactory(address=ADDRESS)
    quiet = TeamFactory(name="=Quiet CERT")
    closed(DrillFactory(team=quiet), Result.UNANSWERED)
    assert "Own CERT" in html(desk, at("overview"))
    for show, there, missing in (
        ("mail", "Own CERT", "=Quiet CERT"),
        ("drills", "=Quiet CERT", "Own CERT"),
        ("undrilled", "Own CERT", "=Quiet CERT"),
    ):
        seen = html(desk, at("overview") + f"?show={show}")
        assert there in seen
        assert missing not in seen
    assert "Own CERT" in html(desk, at("overview") + "?show=nonsense")
    sheet = list(csv.DictReader(StringIO(html(desk, at("overview_csv")))))
    by_name = {row["team"]: row for row in sheet}
    assert by_name["'=Quiet CERT"]["result"] == "unanswered"
    assert by_name["Own CERT"]["mail_arrives"] == "no"
    page = at("start", team.id)
    wrong = desk.post(page, {"reason": "Nobody answers.", "confirm_name": "no"})
    assert wrong.status_code == 400
    assert "Nobody answers." in wrong.content.decode()
    sent = desk.post(page, {"reason": "Nobody answers.", "confirm_name": "Own CERT"})
    assert sent.url == at("team", team.id)
    assert Drill.objects.filter(team=team, kind=DrillKind.BY_HAND).count() == 1
    again = desk.post(page, {"reason": "Once more.", "confirm_name": "Own CERT"})
    assert again.status_code in {400, 409}


def lines(person, provider, **options):
    return [line.title for line in provider(principal_of(person, **options))]


def test_my_day_asks_who_can_do_something(team):
    boss, plain = member_of(team, TeamRole.REPRESENTATIVE), member_of(team)
    stranger = member_of(TeamFactory())
    DeliveryFactory(address=ADDRESS)
    closed(DrillFactory(team=team, started_at=clock.now() - 9 * DAY), Result.UNANSWERED)
    DrillFactory(team=team)
    assert lines(boss, waiting.addresses) == [f"Mail to {ADDRESS} does not arrive"]
    assert lines(plain, waiting.addresses) == lines(stranger, waiting.addresses) == []
    answer, failed = "Exercise: answer the drill of Own CERT", "not answered"
    assert lines(plain, waiting.drills) == [answer]
    assert lines(boss, waiting.drills)[0] == answer
    assert failed in lines(boss, waiting.drills)[1]
    assert lines(stranger, waiting.drills) == []
    ada = coordinator_of_desk()
    assert lines(ada, waiting.overview) == []
    assert lines(ada, waiting.overview, coordinator=True) == ["Teams that are not reached: 1"]
    DeliveryFactory(address=plain.email.lower())
    assert lines(plain, waiting.own_address) == ["Mail to your own address does not arrive"]
    assert lines(boss, waiting.own_address) == []


def counted(client, address):
    with CaptureQueriesContext(connection) as found:
        html(client, address)
    return len(found)


def test_the_number_of_queries_does_not_grow(desk, boss, team):
    def fill(n):
        for _ in range(n):
            other = TeamFactory()
            HookFactory(team=other)
            address = f"a{other.pk}@x.example"
            reachable(other, address)
            DeliveryFactory(address=address)
            closed(DrillFactory(team=other))
            closed(DrillFactory(team=team))
            team.channels.create(kind="email", purpose="main", value=f"b{other.pk}@x.example")

    fill(1)
    html(desk, at("overview")), html(boss, at("team", team.id))
    before = counted(desk, at("overview")), counted(boss, at("team", team.id))
    fill(3)
    assert (counted(desk, at("overview")), counted(boss, at("team", team.id))) == before
