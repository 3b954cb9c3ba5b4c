"""A flood of reports: taken and put aside, while everybody else goes on as before.

The budgets are the hub's own, made small: what a flood costs in full is measured in bench/.
"""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.directory import coordinator_of_desk, member_of
from tests.factories.intake import (
    Sealer,
    SentReport,
    answers,
    hidden,
    ready_desk,
    ready_team,
    send_without_scripts,
)
from tests.principals import PASSPHRASE, principal_of

from tcert.foundation.kernel import clock, storage
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.models import DoomedFile, File
from tcert.response.cases import registrations
from tcert.response.cases.domain import triage
from tcert.response.cases.domain.notices import NOTICE
from tcert.response.cases.enums import ManagementAct
from tcert.response.cases.models import Case
from tcert.response.intake import proof
from tcert.response.intake.domain import keeping, receiving
from tcert.response.intake.domain.keeping import released
from tcert.response.intake.models import KeptFile, Report, SpentToken

pytestmark = pytest.mark.django_db

TO_ONE_TEAM, WITHOUT_PROOF, TO_ALL = 3, 2, 8
FILES_WAITING, FILES_A_DAY = 4, 8
MIDNIGHT = datetime(2026, 7, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_budgets(settings, monkeypatch):
    settings.PROOF_OF_WORK_BITS = 4
    for name, limit in (
        ("TEAM_REPORTS", TO_ONE_TEAM),
        ("WITHOUT_PROOF", WITHOUT_PROOF),
        ("ALL_REPORTS", TO_ALL),
    ):
        monkeypatch.setattr(receiving, name, replace(getattr(receiving, name), limit=limit))


def posted(client: Client, sealer: Sealer, team, party, **changed: object):
    """Send one report through the door for scripts."""
    letter = sealer.letter(team, party)
    to = {"addressee": "desk"} if team.is_desk else {"addressee": "team", "team": str(team.id)}
    body = {
        **to,
        "token": sealer.token,
        "nonce": proof.find(sealer.token, 4),
        "receipt_id": letter.receipt_id,
        "kind": "incident",
        **{
            name: base64.b64encode(getattr(letter, name)).decode()
            for name in ("certificate", "locked_secret", "facts", "wishes")
        },
    }
    return client.post("/report/send", {**body, **changed})


def opened(sent: SentReport) -> Report:
    """The report that a receipt opens."""
    report = receiving.known(Sealer(receipt=sent.receipt).derived.id)
    assert report is not None
    return report


def told(team) -> int:
    """How often a team was told that a report came."""
    return sum(event.data["team"] == str(team.id) for event in Event.objects.filter(kind=NOTICE))


def test_beyond_its_budget_a_team_is_not_told_and_loses_nothing(client):
    desk, desk_party = ready_desk()
    team, party = ready_team()
    flood = TO_ONE_TEAM + 2
    for _ in range(flood):
        assert posted(client, Sealer(), team, party).status_code == 200
    assert told(team) == TO_ONE_TEAM
    assert Report.objects.count() == Case.objects.count() == flood, "put aside, not lost"
    honest = Sealer()
    assert posted(client, honest, desk, desk_party).status_code == 200
    assert told(desk) == 1, "a flood to one team is no flood to another"
    opened = client.post("/receipt/open", {"receipt_id": honest.derived.id})
    assert [message["own"] for message in opened.json()["messages"]] == [True, True]


def test_a_flood_without_scripts_puts_nobody_aside_who_has_them(client):
    desk, party = ready_desk()
    for _ in range(WITHOUT_PROOF + 1):
        send_without_scripts(client)
    assert told(desk) == WITHOUT_PROOF
    assert posted(client, Sealer(), desk, party).status_code == 200
    assert told(desk) == WITHOUT_PROOF + 1
    assert Report.objects.count() == WITHOUT_PROOF + 2


def test_beyond_the_hubs_budget_an_honest_reporter_and_every_member_get_through(client):
    desk, party = ready_desk()
    for _ in range(TO_ALL + 1):
        assert posted(client, Sealer(), desk, party).status_code == 200
    late = send_without_scripts(client)
    page = client.post("/receipt/", {"receipt": late.receipt})
    assert page.status_code == 200, "put aside, and open to its reporter"
    leader = principal_of(coordinator_of_desk(), coordinator=True)
    assert registrations.to_judge(leader) == TO_ALL + 2, "the desk sees all of them"
    person = member_of(ready_team()[0])
    person.set_password(PASSPHRASE)
    person.save()
    entered = Client().post("/account/sign-in/", {"login": person.email, "password": PASSPHRASE})
    assert entered.status_code == 302


def test_one_proof_of_work_buys_one_report(client):
    desk, party = ready_desk()
    first = Sealer()
    assert posted(client, first, desk, party).status_code == 200
    for _ in range(3):
        again = posted(client, Sealer(token=first.token), desk, party)
        assert (again.status_code, again.json()["code"]) == (409, "token")
    stale = posted(client, Sealer(), desk, party, nonce="x")
    assert (stale.status_code, stale.json()["code"]) == (400, "proof")
    assert Report.objects.count() == SpentToken.objects.count() == 1


@pytest.fixture
def small_disk(monkeypatch):
    """Room for a few files of one megabyte (so much a small one counts)."""
    monkeypatch.setattr(keeping, "WAITING", FILES_WAITING)
    monkeypatch.setattr(keeping, "SENT", replace(keeping.SENT, limit=FILES_A_DAY))


def attached(client: Client, sealer: Sealer, content: bytes = b"a file"):
    """Keep a file for a report as the scripts do; return the answer."""
    fields = {"token": sealer.token, "nonce": proof.find(sealer.token, 4)}
    file = SimpleUploadedFile("x", seal_with_password(content, "p" * 40))
    return client.post("/report/file", {**fields, "file": file})


def flood(client: Client, desk, party, number: int) -> list[int]:
    """Send reports with a file each; return the status of each first refusal or of the sending."""
    statuses = []
    for _turn in range(number):
        sealer = Sealer()
        kept = attached(client, sealer)
        if kept.status_code == 200:
            kept = posted(client, sealer, desk, party, file=kept.json()["sha256"])
        statuses.append(kept.status_code)
    return statuses


@pytest.mark.usefixtures("small_disk")
def test_files_that_are_never_sent_stop_nobody_and_have_a_bounded_place(
    client, django_capture_on_commit_callbacks
):
    """Of what waits one gives way to the next: a flood pushes out itself, above all."""
    desk, party = ready_desk()
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(3 * FILES_WAITING):
            assert attached(client, Sealer(), bytes([number])).status_code == 200
    assert KeptFile.objects.count() == FILES_WAITING
    names = set(KeptFile.objects.values_list("content", flat=True))
    assert len(names) == FILES_WAITING
    assert sum(storage.ciphertext().exists(name) for name in names) == FILES_WAITING
    assert not set(DoomedFile.objects.values_list("stored_as", flat=True)), "all that gave way left"
    honest = Sealer()
    digest = attached(client, honest, b"honest").json()["sha256"]
    assert posted(client, honest, desk, party, file=digest).status_code == 200
    assert File.objects.count() == 1
    page = client.post("/report/", answers(files=[SimpleUploadedFile("a.txt", b"a")]))
    assert page.status_code == 200, "without scripts as well"


@pytest.mark.usefixtures("small_disk")
def test_a_file_that_had_to_give_way_is_asked_for_again_and_the_text_stays(client):
    ready_desk()
    preview = client.post("/report/", answers(files=[SimpleUploadedFile("a.txt", b"a")]))
    own = KeptFile.objects.get().form
    while KeptFile.objects.filter(form=own).exists():
        attached(client, Sealer())
    fields = hidden(preview.content.decode())
    confirmed = {"step": "send", "confirm": fields["receipt"][0].split()[-1]}
    page = client.post("/report/", {**fields, **confirmed})
    assert page.status_code == 400
    assert "no longer kept" in page.content.decode()
    assert "It stops when" in page.content.decode()
    assert not Report.objects.exists()


@pytest.mark.usefixtures("small_disk")
def test_a_flood_of_files_takes_what_is_released_and_later_hours_bring_more(client):
    desk, party = ready_desk()
    with clock.frozen(MIDNIGHT):
        assert flood(client, desk, party, 4) == [200, 200, 429, 429], "a quarter of eight"
        page = client.post("/report/", answers(files=[SimpleUploadedFile("a.txt", b"a")]))
        assert page.status_code == 422
        assert "takes no more files in this hour" in page.content.decode()
        assert "It stops when" in page.content.decode(), "what was typed is still there"
        send_without_scripts(client)
        assert Report.objects.count() == 3
        assert File.objects.count() == 2, "the text went on without"
    with clock.frozen(MIDNIGHT + timedelta(hours=4)):
        honest = Sealer()
        digest = attached(client, honest).json()["sha256"]
        assert posted(client, honest, desk, party, file=digest).status_code == 200
        assert File.objects.count() == 3


@pytest.mark.usefixtures("small_disk")
def test_what_was_attached_in_time_and_sent_at_once_takes_no_more_than_the_share(client):
    """Else a flood would attach first, and send all of it in one moment."""
    desk, party = ready_desk()
    with clock.frozen(MIDNIGHT):
        sealers = [Sealer() for _turn in range(FILES_WAITING)]
        digests = [attached(client, sealer).json()["sha256"] for sealer in sealers]
        told = [
            posted(client, sealer, desk, party, file=digest).status_code
            for sealer, digest in zip(sealers, digests, strict=True)
        ]
    assert told == [200, 200, *[429] * (FILES_WAITING - 2)]
    assert Report.objects.count() == File.objects.count() == 2
    assert keeping.SENT.used() == 0, "of another day"
    with clock.frozen(MIDNIGHT):
        assert keeping.SENT.used() == 2, "what was refused is not counted"


@pytest.mark.slow
@pytest.mark.usefixtures("small_disk")
def test_who_was_answered_attaches_files_through_the_receipt_in_any_flood(client):
    desk, party = ready_desk()
    with clock.frozen(MIDNIGHT):
        honest = send_without_scripts(client)
        assert flood(client, desk, party, 3) == [200, 200, 429]
        reply = {"receipt": honest.receipt, "step": "reply", "text": "The trace."}

        def replies(number: int):
            file = SimpleUploadedFile("a.txt", bytes([number]))
            return client.post("/receipt/", {**reply, "files": file})

        before = replies(1)
        assert before.status_code == 422
        assert "takes no more files in this hour" in before.content.decode()
        leader = principal_of(coordinator_of_desk(), coordinator=True)
        case = opened(honest).case
        triage.judge(
            principal=leader, case=case, revision=case.revision, act=ManagementAct.VALIDATE
        )
        assert replies(1).status_code == replies(2).status_code == 200
        assert flood(client, desk, party, 1) == [429], "the flood goes on"
        assert (keeping.SENT.used(), keeping.OWN.used(opened(honest).id)) == (2, 2)
        limit = keeping.OWN.limit
        keeping.OWN.spend(opened(honest).id, cost=limit)
        beyond = replies(3)
        assert beyond.status_code == 422
        assert "too often" in beyond.content.decode()


@given(limit=st.integers(100, 10_000))
def test_each_hour_releases_a_share_and_the_day_no_more_than_its_limit(limit):
    by_hour = [released(limit, hour) for hour in range(24)]
    assert by_hour[0] == limit // 4
    assert by_hour[-1] == limit
    fresh = [later - earlier for earlier, later in pairwise(by_hour)]
    assert min(fresh) >= limit // 32, (
        "whoever comes in an hour finds some that no flood took before"
    )
    assert max(fresh) <= limit // 30 + 1
