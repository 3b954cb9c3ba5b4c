"""A party's copy of its part: whole, openable with its own gpg, and nothing of anybody else."""

import hashlib
import io
import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from django.test import Client
from tests.factories.cases import CaseFactory, ParticipantFactory, StatementFactory
from tests.factories.directory import TeamFactory, member_of
from tests.factories.retention import ATTACHED, DUE, deleted, full_case
from tests.principals import principal_of, sign_in

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp.packets import armour
from tcert.foundation.sealed.part import PartGone
from tcert.response.cases import queries
from tcert.response.cases.models import Case
from tcert.response.retention.part import part_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made():
    return full_case()


def taken(made, client, person=None):
    """Take the copy through the page, as a browser does."""
    sign_in(client, person or made.member)
    answer = client.post(f"/cases/{made.case.id}/keeping/part.zip")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="part.zip"'
    assert "no-store" in answer.headers["Cache-Control"]
    return zipfile.ZipFile(io.BytesIO(answer.getvalue()))


def test_a_party_opens_its_part_with_its_own_gpg(made, client, gnupg, tmp_path):
    with taken(made, client) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    for line in manifest["files"]:
        content = (tmp_path / line["file"]).read_bytes()
        assert (line["size"], line["sha256"]) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
    gnupg.run("--import", data=armour(made.vendor.secret, "PRIVATE KEY BLOCK").encode())
    gnupg.run("--import", str(tmp_path / "authors.asc"))
    (message,) = [line for line in manifest["files"] if line["file"].startswith("messages/")]
    assert message["signed_by"] == made.vendor.fingerprint
    opened = gnupg.run("--decrypt", str(tmp_path / message["file"])).decode()
    assert "We reproduced it." in opened
    told = json.loads(opened.split("File: ", 1)[1].splitlines()[0])
    assert message["files"] == [f"files/{told['sealed_sha256']}.pgp"]
    readme = (tmp_path / "README.txt").read_text()
    command = readme[readme.index("gpg --batch") : readme.index("SEALED_SHA256.pgp\n") + 17]
    for word, value in (
        ("SEALED_SHA256", told["sealed_sha256"]),
        ("PASSPHRASE", told["passphrase"]),
        ("NAME", "opened.txt"),
    ):
        command = command.replace(word, value)
    home = {**os.environ, "GNUPGHOME": str(gnupg.home)}
    subprocess.run(["sh", "-c", command], cwd=tmp_path, env=home, check=True, timeout=60)
    assert (tmp_path / "opened.txt").read_bytes() == ATTACHED


def test_nothing_of_other_parties_is_in_it(made, client):
    """What could leak is there first: another party with a row, a statement and a file."""
    other = ParticipantFactory(
        case=made.case, team=TeamFactory(name="Rival PSIRT"), tracking_id="RIVAL-77"
    )
    StatementFactory(participant=other, text="Rival words.", version="rival-9")
    with clock.frozen(DUE):
        assert "Rival PSIRT" in str(list(queries.participants_of(made.case, leader(made))))
    with taken(made, client) as archive:
        readable = b"".join(archive.read(name) for name in archive.namelist())
    facts = json.loads(archive_text(made, client, "case.json"))
    assert facts["own_row"]["team"] == made.row.team.name
    assert [statement["text"] for statement in facts["statements"]] == ["Affected, in words."]
    assert facts["embargo"]["state"] == "none"
    assert facts["timeline"][0]["what"] == "Report received"
    for word in (b"Rival", b"RIVAL-77", b"rival-9", made.sealer.receipt.encode()):
        assert word not in readable


def leader(made):
    return principal_of(made.ada, coordinator=True)


def archive_text(made, client, name):
    with taken(made, client) as archive:
        return archive.read(name)


def test_taking_it_is_recorded_and_only_a_party_takes_it(made, client):
    taken(made, client)
    record = AuditRecord.objects.get(act="cases:exported")
    assert (record.actor_id, record.data["participant"]) == (made.member.id, str(made.row.id))
    stranger = Client()
    assert stranger.post(f"/cases/{made.case.id}/keeping/part.zip").status_code == 302
    sign_in(stranger, member_of(TeamFactory()))
    assert stranger.post(f"/cases/{made.case.id}/keeping/part.zip").status_code == 404
    assert client.get(f"/cases/{made.case.id}/keeping/part.zip").status_code == 405
    assert AuditRecord.objects.filter(act="cases:exported").count() == 1


def test_a_copy_during_which_the_case_is_deleted_breaks_off_and_opens_nowhere(made):
    principal = principal_of(made.member)
    case = Case.objects.get(pk=made.case.pk)
    sent = part_of(case, principal, made.row).stream()
    first = next(sent)
    assert deleted(made)
    got = [first]
    with pytest.raises(PartGone):
        got.extend(sent)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(got)))


def test_a_case_without_conversation_has_a_part_too(client):
    case = CaseFactory()
    row = ParticipantFactory(case=case)
    sign_in(client, member_of(row.team))
    answer = client.post(f"/cases/{case.id}/keeping/part.zip")
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert archive.namelist() == ["authors.asc", "case.json", "README.txt", "manifest.json"]
    assert Path(answer.headers["Content-Disposition"].split('"')[1]).suffix == ".zip"
