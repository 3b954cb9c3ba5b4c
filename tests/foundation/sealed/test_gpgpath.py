import hashlib
import os
import subprocess
from datetime import UTC, datetime
from uuid import uuid4

import pysequoia
import pytest
from tests.factories.sealed import Party, make_message, make_party, make_thread
from tests.gnupg import gnupg_home

from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.openpgp.ingest import check_file
from tcert.foundation.openpgp.opening import open_limited
from tcert.foundation.sealed import gpgpath, queries
from tcert.foundation.sealed.domain import Author, SealedFile, post
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import is_padded, parse
from tcert.foundation.sealed.models import File, Holder, Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "ciphertext": {
            **settings.STORAGES["ciphertext"],
            "OPTIONS": {"location": tmp_path / "ciphertext"},
        },
    }


def shell(command, gnupg, folder):
    """Run the shown command as it stands, as its reader would."""
    done = subprocess.run(
        ["sh", "-ec", command],
        env={**os.environ, "GNUPGHOME": str(gnupg.home)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def party_of(gnupg, name):
    """A team whose key lives in a GnuPG of its own."""
    fingerprint = gnupg.generate(f"{name} <{name}@example.org>")
    return Party(
        Holder(HolderKind.TEAM, uuid4()),
        gnupg.run("--export-secret-keys", fingerprint),
        gnupg.export(fingerprint),
    )


@pytest.mark.slow
def test_a_team_takes_part_with_nothing_but_gpg(gnupg, tmp_path):
    vendor, desk = party_of(gnupg, "vendor"), make_party(name="desk")
    # A personal habit that would add a foreign reader.
    own = gnupg.generate("Me <me@example.org>")
    (gnupg.home / "gpg.conf").write_text(f"encrypt-to {own}\nthrow-keyids\ncompress-level 9\n")
    thread = make_thread(desk, vendor)
    first = make_message(thread, desk, [desk, vendor], body="What is affected?")
    message = Message.objects.get(id=first.message_id)

    sealed = gpgpath.sealed_message(message, [vendor.holder])
    assert gnupg.decrypt(sealed.encode()).decode().endswith("\n\nWhat is affected?")

    (tmp_path / "trace.pcap").write_bytes(b"packets" * 999)
    line = shell(gpgpath.file_command("trace.pcap"), gnupg, tmp_path)
    reply = gpgpath.prepare_reply(thread, vendor.author, tlp="AMBER", person="A.\u202e Person")
    assert not reply.unreadable_by_gpg
    assert is_padded(reply.text)
    assert vendor.fingerprint in reply.command
    (tmp_path / "reply.txt").write_text(
        reply.text.replace("Pad: ", line + "Pad: ") + "Release 7 only.\n"
    )
    (tmp_path / "readers.asc").write_text(reply.keyring)
    shell(reply.command, gnupg, tmp_path)

    attached = (tmp_path / "trace.pcap.pgp").read_bytes()
    check_file(attached)
    posted = post(
        principal=SYSTEM,
        thread_id=thread.id,
        set_version=reply.set_version,
        sealed=(tmp_path / "reply.pgp").read_bytes(),
        author=vendor.author,
        files=[SealedFile(attached)],
    )
    served = queries.served_to(Message.objects.get(id=posted.message_id), desk.holder)
    opened = open_limited(served, secret_key=desk.secret, signers=[vendor.certificate])
    assert opened.signers == (vendor.fingerprint,)
    inner = parse(opened.plaintext.decode())
    assert inner.body == "Release 7 only.\n"
    assert inner.person == "A. Person"
    assert (inner.author, inner.counter) == (vendor.fingerprint, 1)
    assert inner.previous == message.body_sha256
    assert inner.recipients == tuple(sorted([desk.fingerprint, vendor.fingerprint]))
    (file,) = inner.files
    kept = File.objects.get()
    assert file.sealed_sha256 == kept.sha256
    content = open_limited(kept.read(), password=file.passphrase).plaintext
    assert content == b"packets" * 999
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())

    again = gpgpath.prepare_reply(thread, vendor.author, tlp="RED")
    assert parse(again.text).counter == 2
    assert parse(again.text).previous == posted.body_sha256


def test_two_gpg_teams_read_each_other(gnupg, tmp_path):
    with gnupg_home() as other:
        vendor, operator = party_of(gnupg, "vendor2"), party_of(other, "operator")
        thread = make_thread(vendor, operator)
        reply = gpgpath.prepare_reply(thread, vendor.author, tlp="GREEN")
        (tmp_path / "reply.txt").write_text(reply.text + "hello")
        (tmp_path / "readers.asc").write_text(reply.keyring)
        shell(reply.command, gnupg, tmp_path)
        posted = post(
            principal=SYSTEM,
            thread_id=thread.id,
            set_version=1,
            sealed=(tmp_path / "reply.pgp").read_bytes(),
            author=vendor.author,
        )
        message = Message.objects.get(id=posted.message_id)
        served = gpgpath.sealed_message(message, [operator.holder])
        other.run("--import", data=reply.keyring.encode())
        assert other.run("--decrypt", data=served.encode()).endswith(b"\n\nhello")


def test_keys_that_gpg_cannot_read_are_named():
    modern = bytes(
        pysequoia.Tsk.generate("x", profile=pysequoia.Profile.RFC9580).extract_certificate()
    )
    desk = make_party(created=datetime(2026, 1, 1, tzinfo=UTC))
    holder = Holder(HolderKind.TEAM, uuid4())
    new = Party(holder, b"", modern)
    thread = make_thread(desk, new)
    reply = gpgpath.prepare_reply(thread, Author(desk.holder, desk.fingerprint), tlp="RED")
    assert reply.unreadable_by_gpg == (new.fingerprint,)
