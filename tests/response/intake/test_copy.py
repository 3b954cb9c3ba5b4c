"""A reporter's copy of its part: opened with the receipt and a real gpg, without the hub."""

import io
import subprocess
import zipfile

import pytest
from tests.factories.intake import MARK, ready_desk, send_without_scripts
from tests.gnupg import gnupg_home

from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed.domain import deliver_buffered
from tcert.response.intake import receipts
from tcert.response.intake.salt import deployment_salt

pytestmark = pytest.mark.django_db


def commands(readme: str) -> str:
    """Return the program that prints the passphrase, as the README gives it."""
    begun = readme.index("python3 -c '")
    return readme[begun : readme.index("hex())'", begun) + len("hex())'")]


def test_what_was_sent_opens_with_the_receipt_and_gpg_alone(client, tmp_path):
    ready_desk()
    receipt = send_without_scripts(client).receipt
    records = AuditRecord.objects.count()
    answer = client.post("/receipt/", {"step": "copy", "receipt": receipt})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="part.zip"'
    assert "no-store" in answer.headers["Cache-Control"]
    content = answer.getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    assert AuditRecord.objects.count() == records, "looking at one's own leaves no trace"
    assert MARK.encode() not in content
    assert receipt.encode() not in content
    printed = subprocess.run(
        ["sh", "-c", commands((tmp_path / "README.txt").read_text())],
        input=receipt.upper() + "\n",
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,  # no terminal to ask on: the receipt comes from the pipe
    ).stdout.strip()
    with gnupg_home() as gnupg:
        unlock = ("--pinentry-mode", "loopback", f"--passphrase={printed}")
        secret = gnupg.run(*unlock, "--decrypt", str(tmp_path / "locked-key.asc"))
        gnupg.run("--import", data=secret)
        gnupg.run("--import", str(tmp_path / "authors.asc"))
        messages = sorted((tmp_path / "messages").iterdir())
        opened = [gnupg.run("--decrypt", str(path)).decode() for path in messages]
    assert len(opened) == 2
    assert all(MARK in text for text in opened)


def messages_in(client, receipt):
    """How many messages stand in the copy that a receipt brings."""
    content = client.post("/receipt/", {"step": "copy", "receipt": receipt}).getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(name.startswith("messages/") for name in archive.namelist())


def test_what_still_waits_is_not_in_it_and_the_page_says_so(client):
    """Who takes a copy and then deletes the report has nothing else left of it."""
    ready_desk()
    receipt = send_without_scripts(client).receipt
    reply = {"step": "reply", "receipt": receipt, "text": "One thing more."}
    page = client.post("/receipt/", reply).content.decode()
    told = "still waits to be delivered is not in it"
    assert told in page
    assert told in client.get("/receipt/").content.decode(), "for who opens it with scripts"
    assert messages_in(client, receipt) == 2
    deliver_buffered()
    assert messages_in(client, receipt) == 3


def test_with_scripts_the_number_made_from_the_receipt_is_enough_and_nothing_else_is(client):
    ready_desk()
    sent = send_without_scripts(client)
    number = receipts.derive(sent.receipt, deployment_salt()).id
    served = client.post("/receipt/part", {"receipt_id": number})
    with zipfile.ZipFile(io.BytesIO(served.getvalue())) as archive:
        assert "locked-key.asc" in archive.namelist()
    wrong = client.post("/receipt/part", {"receipt_id": number[::-1]})
    assert wrong.status_code == 404
    assert client.get("/receipt/part").status_code == 405
