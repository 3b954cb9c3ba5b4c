"""Two web processes are one hub: what one learns, the other knows.

Each visitor's requests go to the processes by turns. Where something lay in the memory of one
process, a limit would be doubled, a code would count twice, or a form would be lost.
"""

import base64
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories.directory import TeamFactory, member_of
from tests.factories.intake import MARK, Sealer, answers, hidden, ready_desk
from tests.principals import PASSPHRASE, TOTP_SECRET, give_second_factor
from tests.running_hub import HOST, Visitor, by_turns, needs_nginx

from tcert.community.accounts.sessions import SessionStore
from tcert.foundation.kernel.shared import SharedValue
from tcert.response.intake import proof, tokens
from tcert.response.intake.models import KeptFile, Report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True),
    needs_nginx,
]
SIGN_IN = "/account/sign-in/"
FACTOR = "/account/sign-in/second-factor/"


@pytest.fixture
def visitor(served):
    """Make people whose requests go to the two processes by turns."""

    def make(address="203.0.113.9"):
        headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": address,
            "Origin": f"https://{HOST}:{served.https}",
        }
        return Visitor(by_turns(served.ports), headers=headers)

    return make


@pytest.fixture
def member(transactional_db):
    person = member_of(TeamFactory())
    give_second_factor(person)
    return person


def sign_in(visitor, person, passphrase=PASSPHRASE):
    return visitor.post(SIGN_IN, {"login": person.email, "password": passphrase})


def code(offset=0):
    counter = int(time.time()) // 30 + offset
    return totp.format_hotp_value(totp.hotp_value(TOTP_SECRET, counter))


def test_attempts_are_counted_together_and_nobody_else_is_held_up(visitor, member):
    for _ in range(5):
        assert "is not right" in sign_in(visitor(), member, "guess guess guess").text
    attacker = visitor()
    for _process in range(2):
        assert "Too many attempts" in sign_in(attacker, member).text
    assert sign_in(visitor("198.51.100.7"), member).headers["Location"] == FACTOR
    kept = str(list(SharedValue.objects.values_list("key", "value")))
    assert SharedValue.objects.exists()
    assert not any(told in kept for told in (member.email, "203.0.113.9", "198.51.100.7"))


def test_many_at_once_wait_for_nobody(visitor, member):
    """Each attempt is counted under a lock of its own account and address."""
    people = [member, *(member_of(TeamFactory()) for _ in range(7))]
    for person in people:
        give_second_factor(person)
    visitors = [visitor(f"198.51.100.{number}") for number in range(len(people))]
    for one in visitors:
        one.get(SIGN_IN)
    began = time.monotonic()
    with ThreadPoolExecutor(len(people)) as pool:
        told = list(pool.map(sign_in, visitors, people))
    assert [answer.headers["Location"] for answer in told] == [FACTOR] * len(people)
    assert time.monotonic() - began < 15


def test_a_code_opens_at_one_process_only(visitor, member):
    now = code()
    first, second = visitor(), visitor("198.51.100.7")
    for one in (first, second):
        assert sign_in(one, member).headers["Location"] == FACTOR
    assert first.post(FACTOR, {"code": now}).headers["Location"] == "/my-day/"
    assert "was used already" in second.post(FACTOR, {"code": now}).text
    for _process in range(2):
        assert first.get("/my-day/").status == 200
        assert second.get("/my-day/").status == 302


def test_the_question_to_a_passkey_lies_in_the_session(visitor, member):
    one = visitor()
    sign_in(one, member)
    one.post(FACTOR, {"code": code()})
    one.get("/account/second-factor/passkeys/add/")
    held = SessionStore(one.cookies["hub"]).load()
    assert any("webauthn" in name for name in held), held.keys()


def test_a_form_with_files_goes_on_at_the_other_process(visitor):
    ready_desk()
    one = visitor()
    file = SimpleUploadedFile("trace.pcap", b"\xd4\xc3\xb2\xa1" * 1000)
    with_error = one.post("/report/", {**answers(description=""), "files": file})
    assert with_error.status == 422
    assert "trace.pcap" in with_error.text
    carried = hidden(with_error.text)
    preview = one.post("/report/", {**answers(), **carried, "step": "check"})
    fields = hidden(preview.text)
    assert MARK not in str(KeptFile.objects.values())
    assert KeptFile.objects.count() == 1
    last = fields["receipt"][0].split()[-1]
    sent = one.post("/report/", {**fields, "step": "send", "confirm": last})
    assert "Your report is on its way" in sent.text
    again = one.post("/report/", {**fields, "step": "send", "confirm": last})
    assert again.status == 200, "the same receipt at the other process: it arrived once"
    assert Report.objects.count() == 1
    assert not KeptFile.objects.exists()


def in_base64(data):
    return base64.b64encode(data).decode()


def test_work_that_was_done_once_pays_at_one_process_only(visitor):
    desk, party = ready_desk()
    token, one, told = tokens.issue(), visitor(), []
    nonce = proof.find(token, 4)
    one.get(SIGN_IN)
    for _process in range(2):
        letter = Sealer(token=token).letter(desk, party)
        sealed = ("certificate", "locked_secret", "facts", "wishes")
        fields = {name: in_base64(getattr(letter, name)) for name in sealed}
        fields |= {"receipt_id": letter.receipt_id, "kind": str(letter.kind)}
        told.append(one.post("/report/send", {**fields, "token": token, "nonce": nonce}))
    assert [answer.status for answer in told] == [200, 409], told[0].text
    assert Report.objects.count() == 1
