import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tcert.foundation.kernel import clock
from tcert.foundation.openpgp import hubchanges, hubkey
from tcert.foundation.openpgp.certificates import CertificateRefused, Refusal, inspect
from tcert.foundation.openpgp.commands import register
from tcert.foundation.openpgp.signing import sign_detached, verify_detached

START = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def key_file(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "keys" / "hub-key"
    return settings.HUB_KEY_FILE


def test_the_secret_is_for_its_owner_and_the_public_half_for_all(key_file):
    assert hubkey.public() is None
    info = hubkey.create()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert hubkey.public() == info
    assert "PRIVATE" not in key_file.with_name("hub-key.pub").read_text()
    assert hubkey.load().fingerprint == info.fingerprint
    with pytest.raises(hubkey.HubKeyProblem):
        hubkey.create()
    assert hubkey.load().fingerprint == info.fingerprint


def test_it_signs_and_nothing_can_be_sealed_to_it(gnupg):
    info = hubkey.create()
    signature = hubkey.sign(b"a list")
    assert verify_detached(b"a list", signature, info.armoured).certificate == info.fingerprint
    with pytest.raises(CertificateRefused) as caught:
        inspect(info.certificate, clock.now())
    assert caught.value.code == Refusal.NO_ENCRYPTION_SUBKEY
    gnupg.run("--import", data=info.armoured.encode())
    (gnupg.home / "list").write_bytes(b"a list")
    (gnupg.home / "list.asc").write_text(signature)
    gnupg.run("--verify", str(gnupg.home / "list.asc"), str(gnupg.home / "list"))


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_that_others_can_read_is_refused(key_file, mode):
    hubkey.create()
    key_file.chmod(mode)
    with pytest.raises(hubkey.HubKeyProblem, match="chmod 600"):
        hubkey.load()


def test_a_missing_or_damaged_file_is_named(key_file):
    with pytest.raises(hubkey.HubKeyProblem, match="hub-key create"):
        hubkey.load()
    hubkey.create()
    key_file.write_text("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n!!\n")
    with pytest.raises(hubkey.HubKeyProblem, match="damaged"):
        hubkey.load()


@pytest.mark.slow
def test_the_web_process_refuses_itself_the_key(key_file):
    hubkey.create()
    program = (
        "import tcert.site.wsgi\n"
        "from tcert.foundation.openpgp import hubkey\n"
        "print(hubkey.public().fingerprint)\n"
        "try:\n    hubkey.load()\n"
        "except hubkey.HubKeyProblem as problem:\n    print(problem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "PYTHONPATH": ":".join(sys.path),
            "DJANGO_SETTINGS_MODULE": "tcert.site.settings",
            "TCERT_HUB_KEY": str(key_file),
            "TCERT_DATA": str(key_file.parent / "data"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        hubkey.public().fingerprint,
        "The web process does not load the hub's key.",
    ], done.stderr


def test_its_life_can_be_prolonged(gnupg):
    with clock.frozen(START):
        first = hubkey.create()
    later = START + timedelta(days=700)
    with clock.frozen(later):
        second = hubkey.extend()
    # By now the first expiry is past; the library signs at the machine's own time.
    assert first.expires < datetime.now(UTC) < second.expires
    signature = hubkey.sign(b"x")
    assert second.fingerprint == first.fingerprint
    assert first.expires == START + hubkey.LIFETIME
    assert second.expires == later + hubkey.LIFETIME
    assert verify_detached(b"x", signature, second.certificate)
    gnupg.run("--import", data=second.certificate)
    listed = gnupg.run("--list-keys", "--with-colons", second.fingerprint)
    assert int(listed.decode().split("pub:")[1].split(":")[5]) == int(second.expires.timestamp())


def test_a_rotation_is_a_note_signed_by_both(key_file):
    old = hubkey.create()
    rotation = hubkey.rotate()
    new = hubkey.public()
    assert new.fingerprint != old.fingerprint
    assert hubkey.load().fingerprint == new.fingerprint
    assert old.fingerprint in rotation.note
    assert new.fingerprint in rotation.note
    assert verify_detached(rotation.note.encode(), rotation.signature_by_old, old.certificate)
    assert verify_detached(rotation.note.encode(), rotation.signature_by_new, new.certificate)
    assert key_file.with_name("hub-key.old").stat().st_mode & 0o777 == 0o600


def test_the_command_tells_what_it_did(capsys):
    import argparse

    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())

    def run(act):
        options = parser.parse_args(["hub-key", act])
        return options.run(options), capsys.readouterr().out

    assert run("show")[0] == 1
    assert run("create")[0] == 0
    status, said = run("create")
    assert status == 1
    assert "has a key already" in said
    status, said = run("show")
    assert status == 0
    assert "BEGIN PGP PUBLIC KEY BLOCK" in said
    assert run("extend")[0] == 0
    status, said = run("rotate")
    assert status == 0
    assert "PRIVATE" not in said


def test_a_trial_hub_has_a_key_from_its_first_start_and_production_waits(settings, key_file):
    settings.PRODUCTION = True
    hubkey.first_start()
    assert not key_file.exists()
    settings.PRODUCTION = False
    hubkey.first_start()
    first = hubkey.public().fingerprint
    hubkey.first_start()
    assert hubkey.load().fingerprint == hubkey.public().fingerprint == first
    assert sorted(path.name for path in key_file.parent.iterdir()) == ["hub-key", "hub-key.pub"]


def test_two_processes_that_start_together_agree_on_one_key(key_file):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _number: hubkey.first_start(), range(6)))
    assert hubkey.load().fingerprint == hubkey.public().fingerprint


def test_public_halves_that_were_replaced_are_kept(key_file):
    """What a key signed still holds when another key has followed it, twice as well as once."""
    assert hubkey.known() == []
    first = hubkey.create()
    hubkey.rotate()
    second = hubkey.public()
    hubkey.rotate()
    present = hubkey.public()

    known = [info.fingerprint for info in hubkey.known()]
    assert known[0] == present.fingerprint
    assert known[1:] == [second.fingerprint, first.fingerprint]
    assert all("PRIVATE" not in text for text in hubkey.changes())


def chain(present, texts):
    found = hubchanges.predecessors(present, texts)
    return [(p.certificate.fingerprint, p.followed_by) for p in found]


def test_earlier_keys_are_found_as_far_back_as_both_signatures_lead(gnupg):
    with clock.frozen(clock.now() - timedelta(days=2)):
        first = hubkey.create()
    with clock.frozen(clock.now() - timedelta(days=1)):
        hubkey.rotate()
    second = hubkey.public()
    hubkey.rotate()
    third = hubkey.public()
    newer, older = hubkey.changes()
    whole = [(second.fingerprint, third.fingerprint), (first.fingerprint, second.fingerprint)]
    for texts in ([newer, older], [older, newer], [newer + "\n" + older], [older + newer]):
        assert chain(third, texts) == whole
    assert hubkey.predecessors()[1].certificate.certificate == first.certificate
    assert chain(third, [older]) == [], "a link is missing"
    assert chain(second, [newer, older]) == [whole[1]], "what comes after is not believed"
    # GnuPG holds the note against both signatures.
    for key in (second, third):
        gnupg.run("--import", data=key.certificate)
    note = newer[: newer.index("\n-----BEGIN")]
    (gnupg.home / "note").write_text(note)
    for number, block in enumerate(newer.split("-----BEGIN PGP SIGNATURE-----")[1:3]):
        end = "-----END PGP SIGNATURE-----"
        signature = "-----BEGIN PGP SIGNATURE-----" + block[: block.index(end)] + end + "\n"
        (gnupg.home / f"note{number}.asc").write_text(signature)
        gnupg.run("--verify", str(gnupg.home / f"note{number}.asc"), str(gnupg.home / "note"))


def test_a_forged_or_damaged_change_leads_nowhere():
    """Whoever stole the old key can sign a note alone; whoever serves the file can change it."""
    old = hubkey.create()
    thief = hubkey.load()
    hubkey.rotate()
    present = hubkey.public()
    (text,) = hubkey.changes()
    assert chain(present, [text]) == [(old.fingerprint, present.fingerprint)]
    note = text[: text.index("\n-----BEGIN")]
    by_old = sign_detached(note.encode(), thief)
    forged = hubchanges.write(note, by_old, by_old, old)
    later = text.replace(f"Date: {clock.now():%Y}", "Date: 2099")
    other = hubchanges.write(note, by_old, by_old, present)
    for wrong in (forged, later, other, note, text[:-200], text.replace("Old key: ", "Old key: 0")):
        assert chain(present, [wrong]) == [], wrong[:80]
    loop = hubchanges.write(note, by_old, by_old, old).replace(present.fingerprint, old.fingerprint)
    assert chain(old, [loop]) == []


def test_the_page_and_its_files_tell_the_key_and_what_was_before(client, db):
    address = "/about/hub-key/"
    assert "has no key yet" in client.get(address).content.decode()
    old = hubkey.create()
    assert "first key" in client.get(address).content.decode()
    hubkey.rotate()
    page = client.get(address).content.decode()
    for fingerprint in (old.fingerprint, hubkey.public().fingerprint):
        assert fingerprint[-4:] in page
    assert "handed over" in page
    served = client.get("/about/hub-key-changes.txt")
    assert served.headers["Content-Type"].startswith("text/plain")
    assert chain(hubkey.public(), [served.content.decode()]) == [
        (old.fingerprint, hubkey.public().fingerprint)
    ]
    assert "PRIVATE" not in served.content.decode()
