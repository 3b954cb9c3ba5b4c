"""“I cannot open this”: who may say it, who learns of it, and how the sender gets it answered."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_save
from django.urls import reverse
from tests.factories.case_parties import give_key, make_report
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.sealed import make_message, seal_for
from tests.meeting import Moment, at_once, meet
from tests.principals import principal_of, sign_in

from tcert.community.notices.models import Notice
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed.domain import remove_threads
from tcert.foundation.sealed.domain.delivering import deliver_buffered
from tcert.foundation.sealed.inner import write_handover
from tcert.foundation.sealed.models import Message
from tcert.foundation.sealed.refusals import NotARecipient
from tcert.foundation.ui.waiting import waiting_for
from tcert.response.cases import queries
from tcert.response.cases.domain import participants, telling, threads
from tcert.response.cases.domain.unopened import say_unopened, take_back
from tcert.response.cases.enums import Management, ThreadPurpose
from tcert.response.cases.models import CaseThread, Participant, Unopened
from tcert.response.cases.unopened import Told, told_of, told_to_reporter

pytestmark = [pytest.mark.django_db]

BUTTON = ">I cannot open this</button>"


class Scene:
    """A desk and three parties in one wide conversation; the vendor has written to all."""

    def __init__(self) -> None:
        self.desk = give_key(DeskFactory())
        self.case = CaseFactory()
        self.person = coordinator_of_desk()
        self.coordinator = principal_of(self.person, coordinator=True)
        self.rows, self.keys, self.people, self.by = {}, {}, {}, {}
        for name in ("vendor", "operator", "other"):
            team = TeamFactory(name=f"{name} team")
            self.keys[name] = give_key(team)
            self.rows[name] = ParticipantFactory(
                case=self.case, team=team, management=Management.RECEIVED
            )
            self.people[name] = member_of(team)
            self.by[name] = principal_of(self.people[name])
        self.link = threads.open_wide(
            principal=self.coordinator,
            case=self.case,
            purpose=ThreadPurpose.ALL,
            asked=self.rows.values(),
        )
        for name, row in self.rows.items():
            threads.join(principal=self.by[name], reader=self.link.readers.get(participant=row))
        self.message = self.write("vendor")

    def write(self, name: str, body: str = "text") -> Message:
        key = self.desk if name == "desk" else self.keys[name]
        posted = threads.post(
            principal=self.coordinator if name == "desk" else self.by[name],
            link=self.link,
            set_version=self.link.thread.current_set.version,
            sealed=seal_for(self.link.thread, key, [self.desk, *self.keys.values()], body),
        )
        return Message.objects.get(id=posted.message_id)

    def say(self, name: str, act=say_unopened, message: Message | None = None) -> None:
        by = self.coordinator if name == "desk" else self.by[name]
        act(principal=by, link=self.link, message=message or self.message)

    def told(self, name: str) -> Told | None:
        by = self.coordinator if name == "desk" else self.by[name]
        return told_of(self.link, by, [self.message.id]).get(self.message.id)

    def waits(self, name: str) -> list[str]:
        by = self.coordinator if name == "desk" else self.by[name]
        return [str(w.title) for w in waiting_for(by) if "seal anew" in str(w.title)]


@pytest.fixture
def scene():
    return Scene()


def test_the_sender_and_the_coordinators_learn_it_and_no_other_party(scene):
    """The vendor is not told who of its readers it is: that party does not show itself to it."""
    scene.say("operator")
    assert scene.told("operator") == Told(own=True)
    assert scene.told("vendor") == Told(names=("a reader",))
    assert scene.told("desk") == Told(names=("operator team",))
    assert scene.told("other") is None
    assert scene.waits("vendor") == [f"Message to seal anew: {scene.case.name}"]
    assert [scene.waits(name) for name in ("operator", "other", "desk")] == [[], [], []]
    scene.rows["operator"].shows_itself = True
    scene.rows["operator"].save()
    assert scene.told("vendor") == Told(names=("operator team",))


def test_pairs_of_visibility_agree(scene):
    scene.say("operator")
    scene.say("vendor", message=scene.write("desk"))
    viewers = [scene.coordinator, *scene.by.values(), principal_of(scene.person)]
    viewers.append(principal_of(member_of(TeamFactory())))
    seen = []
    for viewer in viewers:
        visible = set(Unopened.objects.visible_to(viewer))
        assert visible == {one for one in Unopened.objects.all() if one.is_visible_to(viewer)}
        seen.append(len(visible))
    assert seen == [2, 2, 1, 0, 0, 0]


def test_only_a_reader_to_whom_it_was_sealed_says_so(scene):
    with pytest.raises(DomainError, match="Your own team wrote"):
        scene.say("vendor")
    with pytest.raises(PermissionDenied):
        say_unopened(
            principal=principal_of(member_of(TeamFactory())), link=scene.link, message=scene.message
        )
    with pytest.raises(PermissionDenied):  # a coordinator without the rights switched on
        say_unopened(principal=principal_of(scene.person), link=scene.link, message=scene.message)
    late = TeamFactory()
    give_key(late)
    row, by = ParticipantFactory(case=scene.case, team=late), principal_of(member_of(late))
    threads.ask(principal=scene.coordinator, link=scene.link, participant=row)
    threads.join(principal=by, reader=scene.link.readers.get(participant=row))
    with pytest.raises(NotARecipient):  # it reads here now, and was not served this one
        say_unopened(principal=by, link=scene.link, message=scene.message)
    apart = threads.open_with_desk(
        principal=scene.by["operator"], participant=scene.rows["operator"]
    )
    with pytest.raises(NotARecipient):  # a message of another conversation
        say_unopened(principal=scene.by["operator"], link=apart, message=scene.message)
    assert not Unopened.objects.exists()


def test_who_was_removed_says_nothing_and_is_waited_for_no_more(scene):
    scene.say("operator")
    participants.remove(
        principal=scene.coordinator,
        participant=Participant.objects.get(pk=scene.rows["operator"].pk),
        typed_name="operator team",
        revision=None,
    )
    with pytest.raises(PermissionDenied):
        scene.say("operator", take_back)
    assert scene.told("vendor") is None
    assert scene.waits("vendor") == []


def test_it_is_said_once_told_once_and_taken_back(scene):
    for act in (say_unopened, say_unopened, take_back, take_back, say_unopened):
        scene.say("operator", act)
    records = AuditRecord.objects.filter(object_id=scene.case.id, act__startswith="cases:unopened")
    assert [one.act for one in records.order_by("at")] == [
        "cases:unopened",
        "cases:unopened-no-more",
        "cases:unopened",
    ]
    told = Event.objects.filter(kind="cases:notice", data__what="unopened")
    assert [event.data["team"] for event in told] == [str(scene.rows["vendor"].team_id)]
    telling.tell(scene.case.id, scene.rows["vendor"].team_id, "unopened", "key")
    text = Notice.objects.get(team=scene.rows["vendor"].team_id).text
    assert text.startswith("A sealed message cannot be opened by a reader.")
    assert "operator team" not in text
    assert scene.told("vendor") == Told(names=("a reader",))
    scene.say("operator", take_back)
    assert scene.told("vendor") is None
    assert scene.waits("vendor") == []


def test_the_timeline_tells_the_reader_and_the_coordinators_alone(scene):
    scene.say("operator")
    told = {
        name: [h.words for h in queries.timeline(scene.case, by) if "open a message" in h.words]
        for name, by in {**scene.by, "desk": scene.coordinator}.items()
    }
    words = ["operator team cannot open a message"]
    assert told == {"vendor": [], "operator": words, "other": [], "desk": words}


@pytest.mark.slow
@pytest.mark.parametrize("how", ["writes again", "hands it over into the same conversation"])
def test_what_the_sender_seals_anew_answers_it(scene, how):
    scene.say("operator")
    if how == "writes again":
        scene.write("vendor", "the same once more")
    else:
        seal_anew(scene, "vendor")
    assert scene.waits("vendor") == []
    assert scene.told("vendor") == Told(names=("a reader",), answered=True)
    scene.say("operator", take_back)
    assert scene.told("vendor") is None


def seal_anew(scene, name):
    key = scene.desk if name == "desk" else scene.keys[name]
    body = write_handover("", b"\xc4\x01\x03")
    return threads.hand_over(
        principal=scene.coordinator if name == "desk" else scene.by[name],
        original=scene.message,
        link=scene.link,
        set_version=scene.link.thread.current_set.version,
        sealed=seal_for(
            scene.link.thread, key, [scene.desk, *scene.keys.values()], body, kind="handover"
        ),
    )


def test_nothing_is_handed_into_its_own_conversation_while_all_can_open_it(scene):
    with pytest.raises(DomainError, match="do not have it yet"):
        seal_anew(scene, "vendor")


def test_who_is_told_nothing_learns_nothing_by_handing_it_over(scene):
    """The refusal is the same whether a reader cannot open it or all can."""
    for said in (False, True):
        if said:
            scene.say("operator")
        with pytest.raises(DomainError, match="do not have it yet"):
            seal_anew(scene, "other")
    seal_anew(scene, "vendor")
    seal_anew(scene, "desk")


def test_it_goes_with_its_message(scene):
    scene.say("operator")
    remove_threads(principal=scene.coordinator, thread_ids=[scene.link.thread_id])
    assert not Unopened.objects.exists()
    assert not CaseThread.objects.filter(pk=scene.link.pk).exists()


@pytest.mark.slow
def test_one_press_on_either_page_and_one_to_take_it_back(scene, client):
    """With gpg too, and without scripts: it is a form."""
    sign_in(client, scene.people["operator"])
    url = reverse("cases:unopened", args=[scene.case.id, scene.message.id])
    pages = {
        "case": f"{reverse('cases:case', args=[scene.case.id])}?thread={scene.link.id}",
        "gpg": reverse("cases:gpg", args=[scene.case.id, scene.link.id]),
    }
    for name, page in pages.items():
        assert BUTTON in client.get(page).content.decode()
        said = client.post(url, {"act": "say", "from": name})
        assert said.status_code == 302
        assert said["Location"].startswith(page.split("?", maxsplit=1)[0])
        html = client.get(said["Location"]).content.decode()
        assert "Your team has said that it cannot open this." in html
        client.post(url, {"act": "take-back", "from": name})
        assert "Your team has said" not in client.get(page).content.decode()
    sign_in(client, scene.people["vendor"])
    page = client.get(pages["gpg"]).content.decode()
    assert BUTTON not in page
    assert client.post(url, {"act": "say"}).status_code == 302
    assert not Unopened.objects.filter(taken_back_at=None).exists()


def test_a_stranger_to_the_message_finds_nothing_there(scene, client):
    url = reverse("cases:unopened", args=[scene.case.id, scene.message.id])
    elsewhere = reverse("cases:unopened", args=[CaseFactory().id, scene.message.id])
    sign_in(client, member_of(TeamFactory()))
    assert client.post(url, {"act": "say"}).status_code == 404
    sign_in(client, scene.people["operator"])
    assert client.post(elsewhere, {"act": "say"}).status_code == 404
    assert client.get(url).status_code == 405
    client.handler.enforce_csrf_checks = True
    assert client.post(url, {"act": "say"}).status_code == 403
    assert not Unopened.objects.exists()


def test_a_reporter_is_told_which_team_cannot_open_the_report():
    """There is no team to mail, so the desk is not told of its own word either."""
    desk = give_key(DeskFactory())
    case, stranger = make_report(desk)
    by = principal_of(coordinator_of_desk(), coordinator=True)
    facts = Message.objects.get(kind="facts")
    link = case.threads.get(purpose=ThreadPurpose.REPORT)
    say_unopened(principal=by, link=link, message=facts)
    assert told_to_reporter([facts.id]) == {facts.id: Told(names=("TCERT desk",))}
    assert not Event.objects.filter(data__what="unopened").exists()
    record = AuditRecord.objects.get(act="cases:unopened")
    assert record.data["message"] == str(facts.id)
    assert str(stranger.holder.id) not in record.data.values()
    # The reporter goes on in the talk, since the report stands alone.
    talk = case.threads.get(purpose=ThreadPurpose.REPORTER).thread
    make_message(talk, stranger, [stranger, desk])
    assert told_to_reporter([facts.id])[facts.id].answered


def test_the_coordinating_team_is_told_of_a_report_that_another_addressee_cannot_open():
    desk, other = give_key(DeskFactory()), give_key(TeamFactory())
    case, _stranger = make_report(desk, other)
    team = case.participants.get(team=other.holder.id).team
    say_unopened(
        principal=principal_of(member_of(team)),
        link=case.threads.get(purpose=ThreadPurpose.REPORT),
        message=Message.objects.get(kind="facts"),
    )
    [event] = Event.objects.filter(data__what="unopened")
    assert event.data["team"] == str(desk.holder.id)


def test_no_team_sees_from_it_when_a_reporter_writes_before_that_is_delivered():
    """Else a desk that looks every minute would know the minute, which the hub keeps nowhere."""
    desk, other = give_key(DeskFactory()), give_key(TeamFactory())
    case, stranger = make_report(desk, other)
    by = principal_of(coordinator_of_desk(), coordinator=True)
    facts = Message.objects.get(kind="facts")
    link = case.threads.get(purpose=ThreadPurpose.REPORT)
    team = case.participants.get(team=other.holder.id).team
    for reader in (by, principal_of(member_of(team))):
        say_unopened(principal=reader, link=link, message=facts)
    before = told_of(link, by, [facts.id])
    assert before[facts.id] == Told(own=True, names=(team.name,))
    talk = case.threads.get(purpose=ThreadPurpose.REPORTER).thread
    make_message(talk, stranger, [stranger, desk])
    assert told_to_reporter([facts.id])[facts.id].answered
    assert told_of(link, by, [facts.id]) == before
    deliver_buffered()
    assert told_of(link, by, [facts.id])[facts.id].answered


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_of_a_team_at_once_say_it_once():
    scene = Scene()
    outcomes = at_once(lambda: scene.say("operator"), lambda: scene.say("operator"))
    assert outcomes == [None, None]
    assert Unopened.objects.count() == 1
    assert AuditRecord.objects.filter(act="cases:unopened").count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_who_is_removed_at_that_moment_has_said_nothing_or_is_waited_for_no_more():
    scene = Scene()
    _removed, refusal = meet(
        lambda: participants.remove(
            principal=scene.coordinator,
            participant=Participant.objects.get(pk=scene.rows["operator"].pk),
            typed_name="operator team",
            revision=None,
        ),
        lambda: scene.say("operator"),
        at=Moment(post_save, AuditRecord, lambda written: written.act == "cases:removed"),
    )
    assert isinstance(refusal, PermissionDenied | NotARecipient)
    assert not Unopened.objects.exists()
