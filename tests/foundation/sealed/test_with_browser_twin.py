"""What a browser seals the hub takes, and what the hub serves a browser opens."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.factories.sealed import make_party, make_thread, seal_for

from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.openpgp.opening import open_limited
from tcert.foundation.openpgp.packets import armour, split
from tcert.foundation.sealed import queries
from tcert.foundation.sealed.domain import SealedFile, hand_over, post
from tcert.foundation.sealed.inner import read_handover, write_handover
from tcert.foundation.sealed.models import File, Message

HERE = Path(__file__).parent
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not os.environ.get("CI") and NODE is None, reason="install node to run the browser's side"
    ),
]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "ciphertext": {
            **settings.STORAGES["ciphertext"],
            "OPTIONS": {"location": tmp_path / "ciphertext"},
        },
    }


def browser(act, **request):
    done = subprocess.run(
        [NODE or "node", "browser_twin.mjs"],
        cwd=HERE,
        input=json.dumps({"act": act, **request}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def b64(data):
    return base64.b64encode(data).decode()


def armoured(party):
    return armour(party.certificate, "PUBLIC KEY BLOCK")


@pytest.mark.slow
def test_a_message_and_its_file_go_from_browser_to_browser():
    desk, vendor = make_party(name="desk"), make_party(name="vendor")
    thread = make_thread(desk, vendor)
    content = bytes(range(256)) * 4000
    file = browser("sealFile", content=b64(content))
    fields = {
        "subject": thread.subject,
        "thread": str(thread.id),
        "kind": "message",
        "author": desk.fingerprint,
        "counter": 1,
        "previous": None,
        "recipients": [desk.fingerprint, vendor.fingerprint],
        "tlp": "AMBER",
        "files": [
            {
                "name": "trace.pcap",
                "size": file["size"],
                "sha256": file["sha256"],
                "sealed_sha256": file["sealedSha256"],
                "passphrase": file["passphrase"],
            }
        ],
        "body": "Grüße\n" * 3000,
    }
    sealed = base64.b64decode(
        browser(
            "seal",
            fields=fields,
            certificates=[armoured(desk), armoured(vendor)],
            signer=b64(desk.secret),
        )["sealed"]
    )
    posted = post(
        principal=SYSTEM,
        thread_id=thread.id,
        set_version=1,
        sealed=sealed,
        author=desk.author,
        files=[SealedFile(base64.b64decode(file["sealed"]), file["sealedSha256"])],
    )
    message = Message.objects.get(id=posted.message_id)
    for reader in (desk, vendor):
        opened = browser(
            "open",
            served=b64(queries.served_to(message, reader.holder)),
            key=b64(reader.secret),
            authors=[armoured(desk)],
        )
        assert opened["valid"] == [True]
        assert opened["fingerprint"] == desk.fingerprint
        assert opened["inner"]["body"] == fields["body"]
        assert opened["inner"]["files"] == fields["files"]
        assert opened["sha256"] == posted.body_sha256
    kept = File.objects.get()
    assert open_limited(kept.read(), password=file["passphrase"]).plaintext == content


def test_what_the_server_seals_a_browser_opens_and_hands_over():
    desk, vendor, other = make_party(name="a"), make_party(name="b"), make_party(name="c")
    first, second = make_thread(desk, vendor), make_thread(vendor, other)
    posted = post(
        principal=SYSTEM,
        thread_id=first.id,
        set_version=1,
        sealed=seal_for(first, desk, [desk, vendor], "original"),
        author=desk.author,
    )
    message = Message.objects.get(id=posted.message_id)
    opened = browser(
        "open",
        served=b64(queries.served_to(message, vendor.holder)),
        key=b64(vendor.secret),
        authors=[armoured(desk)],
    )
    body = write_handover("For you.", base64.b64decode(opened["signed"]))
    handed = hand_over(
        principal=SYSTEM,
        original_id=message.id,
        thread_id=second.id,
        set_version=1,
        sealed=seal_for(second, vendor, [vendor, other], body, kind="handover"),
        author=vendor.author,
    )
    served = queries.served_to(Message.objects.get(id=handed.message_id), other.holder)
    carried = browser("open", served=b64(served), key=b64(other.secret), authors=[armoured(vendor)])
    note, signed = read_handover(carried["inner"]["body"])
    assert note == "For you."
    tags = [packet.tag for packet in split(signed)]
    assert tags == [4, 11, 2]


def test_what_the_hub_writes_for_a_hand_over_gpg_verifies(gnupg):
    desk = make_party(name="desk")
    thread = make_thread(desk)
    posted = post(
        principal=SYSTEM,
        thread_id=thread.id,
        set_version=1,
        sealed=seal_for(thread, desk, [desk], "original"),
        author=desk.author,
    )
    message = Message.objects.get(id=posted.message_id)
    opened = browser(
        "open",
        served=b64(queries.served_to(message, desk.holder)),
        key=b64(desk.secret),
        authors=[armoured(desk)],
    )
    body = write_handover("note", base64.b64decode(opened["signed"]))
    block = body[body.index("-----BEGIN") :]
    gnupg.run("--import", data=desk.certificate)
    assert gnupg.run("--decrypt", data=block.encode()).endswith(b"\n\noriginal")
