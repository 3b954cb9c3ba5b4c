"""`tcert csaf validate` and `tcert verify`: what they print and how they exit."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from tests.factories import advisories as made
from tests.response.advisories.test_csaf import a_document

from tcert import cli
from tcert.foundation.kernel import clock, lasting
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.certificates import describe as inspect_key
from tcert.foundation.openpgp.packets import armour
from tcert.response.advisories import csaf


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    """A valid document on disk."""
    path = tmp_path / "valid.json"
    path.write_bytes(csaf.canonical_json(csaf.build(a_document())))
    return path


def run(*words: object) -> int:
    """Run one command as the command line does."""
    options = cli.build_parser().parse_args([str(word) for word in words])
    return int(options.run(options))


def test_a_valid_document(valid: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("csaf", "validate", valid) == 0
    assert f"{valid}: valid" in capsys.readouterr().out


def test_an_invalid_one_names_test_path_and_words(
    valid: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(valid.read_bytes())
    document["vulnerabilities"][0]["cwe"]["name"] = "Made up"
    valid.write_text(json.dumps(document))
    assert run("csaf", "validate", valid) == 1
    printed = capsys.readouterr().out
    assert "error 6.1.11" in printed
    assert "at /vulnerabilities/0/cwe/name" in printed


def test_json_holds_all_files(
    valid: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert run("csaf", "validate", "--json", valid, broken, tmp_path / "missing.json") == 2
    told = json.loads(capsys.readouterr().out)
    assert [entry["valid"] for entry in told] == [True, False, False]
    assert "not JSON" in told[1]["problem"]
    assert "check the path" in told[2]["problem"]


@pytest.fixture
def published(tmp_path: Path, hub_key: None, db: None) -> Path:
    """A release with its companion files on disk."""
    out = made.published()
    path = tmp_path / out.file_name
    path.write_bytes(bytes(out.document))
    path.with_name(f"{path.name}.asc").write_text(out.signature)
    path.with_name(f"{path.name}.sha256").write_text(f"{out.sha256}  {path.name}\n")
    path.with_name(f"{path.name}.sha512").write_text(f"{out.sha512}  {path.name}\n")
    return path


def test_a_published_document_verifies(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("verify", published) == 0
    assert "good signature" in capsys.readouterr().out
    key = tmp_path / "hub.asc"
    own = hubkey.public()
    assert own is not None
    key.write_text(own.armoured)
    moved = tmp_path / "moved.asc"
    published.with_name(f"{published.name}.asc").rename(moved)
    assert run("verify", published, "--signature", moved, "--key", key, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [c["passed"] for c in told["checks"]] == [True, True, True]


def test_one_changed_byte_is_found(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    published.write_bytes(published.read_bytes().replace(b"AMF", b"SMF", 1))
    assert run("verify", published) == 1
    printed = capsys.readouterr().out
    assert printed.count("FAILED") == 3


@pytest.mark.parametrize("content", [b"", b"\xff", b"zz  x", b"abc"])
def test_a_damaged_hash_file_says_so(
    published: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    published.with_name(f"{published.name}.sha256").write_bytes(content)
    assert run("verify", published) == 1
    assert "download it again" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"junk", b"-----BEGIN PGP SIGNATURE-----\n\nAAAA"])
def test_a_damaged_signature_or_key_fails(published: Path, content: bytes, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    assert run("verify", published, "--key", other) == 1
    assert run("verify", published, "--signature", other) == 1


def test_missing_things_are_wrong_use(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("verify", tmp_path / "nothing.json") == 2
    assert run("verify", published, "--signature", tmp_path / "nothing.asc") == 2
    published.with_name(f"{published.name}.asc").unlink()
    assert run("verify", published) == 2
    assert "give one by --signature" in capsys.readouterr().out


def test_an_advisory_of_an_earlier_key_verifies_by_the_note_and_says_so(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], client: Client
) -> None:
    old = hubkey.public()
    assert old is not None
    thief = hubkey.load()
    hubkey.rotate()
    new = hubkey.public()
    assert new is not None
    assert run("verify", published) == 0
    told = capsys.readouterr().out
    assert f"good signature of {old.fingerprint}, an earlier key" in told
    assert f"handed over to {new.fingerprint}" in told

    # Anybody does the same with what the hub serves; without the notes the old key is a stranger.
    key, changes = tmp_path / "hub.asc", tmp_path / "changes.txt"
    key.write_bytes(client.get("/about/hub-key.asc").content)
    changes.write_bytes(client.get("/about/hub-key-changes.txt").content)
    assert run("verify", published, "--key", key) == 1
    assert run("verify", published, "--key", key, "--changes", changes) == 0
    assert run("verify", published, "--key", changes, "--changes", changes) == 1
    assert run("verify", published, "--key", key, "--changes", tmp_path / "none") == 2

    # The old key stays fetchable where the provider's metadata says.
    metadata = client.get("/.well-known/csaf/provider-metadata.json").json()
    listed = [entry["fingerprint"] for entry in metadata["public_openpgp_keys"]]
    assert listed == [new.fingerprint, old.fingerprint]
    for fingerprint in listed:
        served = client.get(f"/.well-known/csaf/openpgp/{fingerprint}.asc")
        assert inspect_key(served.content, clock.now()).fingerprint == fingerprint

    # Whoever took the old key signs on with it: after the change that is no signature of the hub.
    path = next(Path(hubkey._changes_path()).glob("*.txt"))
    capsys.readouterr()
    with clock.frozen(clock.now() - timedelta(days=3)):
        shutil.rmtree(path.parent)
        settings_key = Path(settings.HUB_KEY_FILE)
        settings_key.unlink()
        lasting.replace(settings_key, armour(thief.secret, "PRIVATE KEY BLOCK"))
        hubkey.rotate()
    assert run("verify", published) == 1
    assert "after it was replaced" in capsys.readouterr().out
