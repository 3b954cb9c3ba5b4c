"""A reporter whom nobody answers sends the report to another team: whole, once, and to no more."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.signals import pre_save
from tests.factories.cases import ExclusionFactory, ParticipantFactory
from tests.factories.directory import coordinator_of_desk, member_of
from tests.factories.intake import MARK, hidden, ready_desk, ready_team, send_without_scripts
from tests.meeting import Moment, meet
from tests.principals import principal_of
from tests.response.intake.test_without_scripts import answer, opened

from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.openpgp.opening import open_limited
from tcert.foundation.sealed.domain import deliver_buffered
from tcert.foundation.sealed.inner import parse
from tcert.foundation.sealed.models import Message, Thread
from tcert.foundation.sealed.queries import files_of
from tcert.foundation.sealed.refusals import StaleRecipients
from tcert.response.cases import conversations
from tcert.response.cases import queries as cases
from tcert.response.cases.domain.readdressing import NotSilent
from tcert.response.cases.enums import Presence
from tcert.response.cases.models import Case, CaseThread, PromisedAnswer
from tcert.response.intake import receipts, tokens, unscripted
from tcert.response.intake.domain import mailbox as boxes
from tcert.response.intake.domain import readdressing
from tcert.response.intake.models import Report
from tcert.response.intake.salt import deployment_salt

pytestmark = pytest.mark.django_db

RECEIVED = datetime(2026, 11, 9, 9, tzinfo=UTC)  # a Monday: promised until Thursday
IN_TIME, LATE = RECEIVED + timedelta(days=3), RECEIVED + timedelta(days=4)
OFFER = "You have no answer"


@pytest.fixture
def desk():
    team, party = ready_desk(created=RECEIVED - timedelta(days=1))
    return team, party


@pytest.fixture
def second():
    team, party = ready_team("CERT of a neighbour")
    return team, party


@pytest.fixture
def receipt(client, desk, second):
    with clock.frozen(RECEIVED):
        return send_without_scripts(
            client, files=SimpleUploadedFile("log.txt", f"log {MARK}".encode())
        ).receipt


def mailbox_page(client, receipt, at=LATE, **posted) -> str:
    with clock.frozen(at):
        return client.post("/receipt/", {"receipt": receipt, **posted}).content.decode()


def form_of(html: str) -> dict:
    return hidden(html[html.index('id="second"') :])


def sent_anew(client, receipt, team, at=LATE) -> str:
    fields = form_of(mailbox_page(client, receipt, at))
    return mailbox_page(
        client, receipt, at, token=fields["token"][0], step="readdress", team=team.id
    )


@pytest.mark.slow
def test_the_offer_comes_after_the_promised_day_and_goes_with_the_answer(client, desk, receipt):
    assert OFFER not in mailbox_page(client, receipt, IN_TIME)
    html = mailbox_page(client, receipt)
    assert "TCERT desk has not answered you by 12 November 2026" in html
    assert "deputy was called" not in html
    PromisedAnswer.objects.update(called_on=LATE.date())
    called = "The desk&#x27;s deputy was called on 13 November 2026."
    assert called in mailbox_page(client, receipt)
    with clock.frozen(LATE):
        answer(Report.objects.get(), desk[1], "Sorry, here we are.")
    assert OFFER not in mailbox_page(client, receipt)


@pytest.mark.slow
def test_the_new_team_gets_facts_wishes_and_files_and_coordinates(client, desk, second, receipt):
    team, party = second
    html = sent_anew(client, receipt, team)
    assert "Your report is sealed and sent to that team." in html
    assert OFFER not in html
    case, report = Case.objects.get(), Report.objects.get()
    assert case.coordinating_team == team
    assert case.exclusions_settled_at is None
    read = {m.kind: m for m in Message.objects.visible_to([party.holder])}
    assert MARK in parse(opened(read["facts"], party)).body
    assert f"Wish {MARK}" in parse(opened(read["wishes"], party)).body
    assert read["wishes"].thread_id == report.talk_thread
    attachment = parse(opened(read["facts"], party)).files[0]
    stored = next(f for f in files_of(read["facts"]) if f.sha256 == attachment.sealed_sha256)
    plain = open_limited(stored.read(), password=attachment.passphrase).plaintext
    assert plain == f"log {MARK}".encode()
    member = principal_of(member_of(team))
    assert list(Case.objects.coordinated_by(member)) == [case]
    assert {t.label for t in conversations.talks(case, member)} == {"The report", "The reporter"}
    # What the reporter and the new team now write reaches each other, and not the desk.
    mailbox_page(client, receipt, step="reply", text="Are you there?")
    deliver_buffered()
    message = Message.objects.get(kind="message")
    assert parse(opened(message, party)).body == "Are you there?"
    assert not Message.objects.visible_to([desk[1].holder]).filter(pk=message.pk).exists()


@pytest.mark.slow
def test_the_silent_desk_keeps_the_facts_and_gets_nothing_new(client, desk, second, receipt):
    sent_anew(client, receipt, second[0])
    case = Case.objects.get()
    coordinator = principal_of(coordinator_of_desk(), coordinator=True)
    assert list(Case.objects.coordinated_by(coordinator)) == []
    assert {t.label for t in conversations.talks(case, coordinator)} == {"The report"}
    old = CaseThread.objects.get(case=case, purpose="reporter", participant=None).thread
    assert desk[1].holder not in {r.holder for r in old.current_set.recipients.all()}
    with clock.frozen(LATE):
        waits = cases.with_promise(Case.objects.all()).get()
        assert waits.waits_since == LATE.date(), "the new team has its own three days"


@pytest.mark.slow
def test_a_second_press_and_a_lost_answer_change_nothing(client, second, receipt):
    team, _party = second
    fields = form_of(mailbox_page(client, receipt))
    for _ in range(2):
        html = mailbox_page(
            client, receipt, token=fields["token"][0], step="readdress", team=team.id
        )
        assert "Your report is sealed and sent to that team." in html
    assert Message.objects.filter(kind="facts").count() == 2
    assert Message.objects.filter(kind="wishes").count() == 2
    assert Case.objects.get().participants.count() == 3


@pytest.mark.slow
def test_each_team_has_its_days_before_another_is_addressed(client, second, receipt):
    third, _party = ready_team("CERT of another one")
    sent_anew(client, receipt, second[0])
    html = mailbox_page(client, receipt, token=tokens.issue(), step="readdress", team=third.id)
    assert "An answer has come, or still has time to come." in html
    later = LATE + timedelta(days=7)
    assert OFFER in mailbox_page(client, receipt, later)
    assert "sealed and sent" in sent_anew(client, receipt, third, later)
    assert Case.objects.get().coordinating_team == third


@pytest.mark.slow
def test_the_record_of_the_desk_keeps_the_miss(client, desk, second, receipt):
    sent_anew(client, receipt, second[0])
    rows = PromisedAnswer.objects.order_by("received_on")
    assert [(r.team, r.case, r.answered_on) for r in rows] == [
        (desk[0], None, None),
        (second[0], Case.objects.get(), None),
    ]


@pytest.mark.slow
def test_where_others_take_part_the_new_team_reads_the_facts_alone(client, desk, second, receipt):
    """The parties' conversations are with the silent team: it goes on coordinating."""
    team, party = second
    ParticipantFactory(case=Case.objects.get())
    assert "Others take part in your case already." in mailbox_page(client, receipt)
    sent_anew(client, receipt, team)
    assert Case.objects.get().coordinating_team == desk[0]
    kinds = set(Message.objects.visible_to([party.holder]).values_list("kind", flat=True))
    assert kinds == {"facts"}
    html = mailbox_page(client, receipt, token=tokens.issue(), step="readdress", team=team.id)
    assert "This team cannot be addressed now." in html


@pytest.mark.slow
@pytest.mark.parametrize("why", ["must-not-be-told", "removed", "no-key", "unknown"])
def test_who_cannot_be_addressed(client, second, receipt, why):
    team, case = second[0], Case.objects.get()
    if why == "must-not-be-told":
        ExclusionFactory(case=case, team=None, organisation=team.organisation)
    if why == "removed":
        ParticipantFactory(case=case, team=team, presence=Presence.REMOVED)
    if why == "no-key":
        TeamKey.objects.filter(team=team).delete()
    asked = "x" if why == "unknown" else team.id
    html = mailbox_page(client, receipt, token=tokens.issue(), step="readdress", team=asked)
    assert "This team cannot be addressed now." in html
    assert Message.objects.count() == 2


@pytest.mark.slow
def test_deleting_takes_what_was_sent_anew_as_well(client, second, receipt):
    sent_anew(client, receipt, second[0])
    name = Case.objects.get().code_name
    html = mailbox_page(client, receipt, step="withdraw", confirm=name)
    assert "Your report was deleted" in html
    assert not Message.objects.exists()
    assert not Report.objects.exists()


# With scripts ---------------------------------------------------------------------------------


def sealed_to(desk: unscripted.Desk, party, begun) -> dict[str, str]:
    """What the browser posts: the reporter's own copy, sealed to the team that it was told."""
    found = type("Found", (), {"team": None, "key": party})()
    return {
        kind: base64.b64encode(desk._seal_anew(first, begun[thread], found)).decode()
        for kind, thread in (("facts", "facts"), ("wishes", "talk"))
        for first in desk.report_as_sent()
        if first.message.kind == kind
    }


@pytest.mark.slow
def test_with_scripts_it_is_one_act_too(client, second, receipt):
    team, party = second
    desk = unscripted.Desk(receipt)
    ids = {"receipt_id": receipts.derive(receipt, deployment_salt()).id, "team": str(team.id)}
    with clock.frozen(IN_TIME):
        assert client.post("/receipt/anew/begin", ids).status_code == 400
    with clock.frozen(LATE):
        told = client.post("/receipt/open", ids).json()["silence"]
        assert [one["id"] for one in told["teams"]] == [str(team.id)]
        begun = client.post("/receipt/anew/begin", ids).json()
        assert begun["recipient"]["fingerprint"] == party.fingerprint
        posted = {**ids, "token": begun["token"], **sealed_to(desk, party, begun)}
        wrong = {**posted, "wishes": posted["facts"]}
        assert client.post("/receipt/anew/send", wrong).status_code == 409
        assert Message.objects.count() == 2, "nothing half is stored"
        for _ in range(2):
            assert client.post("/receipt/anew/send", posted).json() == {}
    assert Case.objects.get().coordinating_team == team
    assert Message.objects.count() == 4


# At the same moment ---------------------------------------------------------------------------


def anew_to(second, receipt):
    """Return the act of sending the report anew, sealed before."""
    token = tokens.issue()
    ids = {name: str(getattr(tokens.read(token), name)) for name in ("facts", "talk")}
    posted = sealed_to(unscripted.Desk(receipt), second[1], ids)
    parts = {kind: base64.b64decode(sealed) for kind, sealed in posted.items()}

    def act():
        with clock.frozen(LATE):
            box = boxes.Mailbox(Report.objects.get())
            readdressing.readdress(mailbox=box, token=token, team=second[0], **parts)

    return act


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_an_answer_that_comes_meanwhile_is_refused(client, desk, second, receipt):
    report = Report.objects.get()
    sent, refusal = meet(
        anew_to(second, receipt),
        lambda: answer(report, desk[1], "Too late."),
        at=Moment(pre_save, Thread, lambda _thread: True),
    )
    assert sent is None
    assert isinstance(refusal, StaleRecipients)
    assert not Message.objects.filter(kind="message").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_an_answer_that_is_being_written_is_seen(client, desk, second, receipt):
    report = Report.objects.get()
    _answered, refusal = meet(
        lambda: answer(report, desk[1], "Just in time."),
        anew_to(second, receipt),
        at=Moment(pre_save, Message, lambda saved: saved.kind == "message"),
    )
    assert isinstance(refusal, NotSilent), refusal
    assert isinstance(refusal, DomainError)
    assert Message.objects.count() == 3
