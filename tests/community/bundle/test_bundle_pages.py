"""The page of bundles, and `tcert verify` on what is fetched from it."""

import json
from datetime import timedelta

import pytest
from tests.factories.bundle import issued
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.gnupg import gnupg_home
from tests.principals import sign_in

from tcert.cli import main
from tcert.community.bundle.domain import issuing
from tcert.community.bundle.models import Bundle
from tcert.community.bundle.packing import MANIFEST, SIGNATURE, unpack
from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.openpgp import hubkey
from tcert.foundation.transparency.domain import sealing

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE = "/directory/bundles/"


@pytest.fixture
def team():
    return TeamFactory(name="CERT of Alpha")


@pytest.fixture
def place(tmp_path, team):
    """Return what a member has at home: the hub's key, and two bundles that follow each other."""
    first, second = issued(), issued()
    (tmp_path / "1.zip").write_bytes(issuing.file_of(first))
    (tmp_path / "2.zip").write_bytes(issuing.file_of(second))
    (tmp_path / "key.asc").write_text(hubkey.public().armoured)
    return tmp_path


def verify(place, name, *more):
    return main(["verify", str(place / name), "--key", str(place / "key.asc"), *more])


def test_a_member_fetches_what_the_page_names(client, team):
    sign_in(client, member_of(team))
    page = client.get(PAGE)
    assert "No bundle yet" in page.text
    made = issued()
    page = client.get(PAGE)
    assert made.manifest in page.text
    groups = hubkey.public().display_fingerprint.split()
    assert all(f"<span>{group}</span>" in page.text for group in groups)
    answer = client.get(f"{PAGE}1/bundle.zip")
    assert answer.content == issuing.file_of(made)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert 'filename="tcert-bundle-000001.zip"' in answer.headers["Content-Disposition"]
    assert client.post(f"{PAGE}make/").status_code == 403


def test_the_page_asks_the_same_however_many_there_are(client, team):
    sign_in(client, member_of(team))
    issued()
    client.get(PAGE)
    with _counted() as one:
        client.get(PAGE)
    for _ in range(4):
        issued()
    with _counted() as five:
        client.get(PAGE)
    assert len(five) == len(one)


def _counted():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return CaptureQueriesContext(connection)


def test_files_that_are_gone_are_said_to_be_gone(client, team):
    sign_in(client, member_of(team))
    for _ in range(issuing.KEPT_FILES + 1):
        issued()
    assert client.get(f"{PAGE}1/bundle.zip").status_code == 404
    assert client.get(f"{PAGE}2/bundle.zip").status_code == 200
    assert client.get(f"{PAGE}1/proof.json").status_code == 404


def test_a_coordinator_has_one_made(client, team):
    issued()
    sign_in(client, coordinator_of_desk(), coordinator=True)
    assert client.post(f"{PAGE}make/").status_code == 302
    jobs.run_due()
    assert Bundle.objects.count() == 2


def test_the_true_one_is_accepted_and_noted(place, capsys):
    note = place / "note.json"
    assert verify(place, "1.zip", "--known", str(note)) == 0
    assert json.loads(note.read_text())["serial"] == 1
    assert verify(place, "2.zip", "--known", str(note)) == 0
    said = capsys.readouterr().out
    assert "compared with no earlier bundle" in said
    assert "It follows serial 1; 0 came between." in said
    assert json.loads(note.read_text())["serial"] == 2
    assert note.stat().st_mode & 0o077 == 0


def test_each_way_to_be_wrong_has_its_code_and_its_sentence(place, capsys):
    note = place / "note.json"
    whole = (place / "2.zip").read_bytes()
    (place / "changed.zip").write_bytes(whole.replace(b"CERT of Alpha", b"CERT of Omega"))
    (place / "other.asc").write_text(_another_key())
    assert verify(place, "2.zip", "--known", str(note)) == 0
    noted = note.read_text()

    def said(code, word, name, *more):
        assert verify(place, name, *more) == code
        assert word in capsys.readouterr().err
        assert note.read_text() == noted

    said(1, "REFUSED, ALTERED", "changed.zip")
    said(4, "REFUSED, ROLLED BACK", "1.zip", "--known", str(note))
    said(4, "REFUSED, ROLLED BACK", "1.zip", "--known-serial", "2")
    said(2, "No such file", "missing.zip")
    with clock.frozen(clock.now() + 31 * DAY):
        said(3, "REFUSED, EXPIRED", "2.zip")
    with clock.frozen(clock.now() - DAY):
        said(6, "REFUSED, EARLY", "2.zip")
    other = json.dumps({**json.loads(noted), "manifest": "0" * 64})
    (place / "fork.json").write_text(other)
    said(5, "REFUSED, OTHER LINE", "2.zip", "--known", str(place / "fork.json"))
    for text in ("", "{}", "[]", '{"serial":"9","manifest":1,"hub":2}', "\xff"):
        (place / "odd.json").write_text(text)
        said(2, "no note of an accepted bundle", "2.zip", "--known", str(place / "odd.json"))
    assert main(["verify", str(place / "2.zip"), "--key", str(place / "other.asc")]) == 1
    assert main(["verify", str(place / "2.zip"), "--key", str(place / "fork.json")]) == 2


def _another_key() -> str:
    from tcert.foundation.openpgp.certificates import describe
    from tcert.foundation.openpgp.keywriting import write_key
    from tcert.foundation.openpgp.signing import SigningKey

    secret = write_key(
        user_id="x <x@y.example>", created=clock.now(), lifetime=DAY, for_encryption=False
    )
    return describe(SigningKey(secret).certificate, clock.now()).armoured


def test_the_answer_for_programs_says_the_same(place, capsys):
    assert verify(place, "1.zip", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["serial"], told["manifest"]) == (1, Bundle.objects.get(serial=1).manifest)
    assert verify(place, "1.zip", "--json", "--known-serial", "7") == 4
    assert json.loads(capsys.readouterr().out)["refused"] == "rolled-back"


def test_a_serial_that_is_typed_beside_a_note_takes_nothing_from_the_note(place, capsys):
    """Else a line that forks from the noted one would pass, and be noted."""
    note = place / "note.json"
    assert verify(place, "1.zip", "--known", str(note)) == 0
    note.write_text(json.dumps({**json.loads(note.read_text()), "manifest": "0" * 64}))
    fork = note.read_text()
    assert verify(place, "2.zip", "--known", str(note), "--known-serial", "2") == 5
    assert "back to a backup" in capsys.readouterr().err
    assert note.read_text() == fork
    assert verify(place, "2.zip", "--known", str(note), "--known-serial", "3") == 5


def test_a_hostile_proof_is_named_and_breaks_nothing(client, place, capsys):
    sign_in(client, member_of(Team.objects.get(name="CERT of Alpha")))
    with clock.frozen(clock.now() + timedelta(hours=1)):
        sealing.seal()
    true = client.get(f"{PAGE}1/proof.json").json()
    for change in ({"committed": "[" * 50_000}, {"position": float("inf")}, {"position": -1}):
        (place / "odd.json").write_text(json.dumps({**true, **change}))
        assert verify(place, "1.zip", "--proof", str(place / "odd.json")) in {1, 2}, change


def test_a_note_that_was_cut_by_a_crash_is_never_there(place, monkeypatch):
    """The note is written beside and moved: a death before the move leaves the old one."""
    note = place / "note.json"
    assert verify(place, "1.zip", "--known", str(note)) == 0
    before = note.read_text()

    def die(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", die)
    with pytest.raises(KeyboardInterrupt):
        verify(place, "2.zip", "--known", str(note))
    assert note.read_text() == before


def test_the_proof_from_the_page_shows_that_it_is_logged(client, place, capsys):
    sign_in(client, member_of(Team.objects.get(name="CERT of Alpha")))
    with clock.frozen(clock.now() + timedelta(hours=1)):
        sealing.seal()
    for serial in (1, 2):
        answer = client.get(f"{PAGE}{serial}/proof.json")
        (place / f"{serial}.json").write_bytes(answer.content)
    assert verify(place, "2.zip", "--proof", str(place / "2.json")) == 0
    assert "It stands in the hub's log." in capsys.readouterr().out
    assert verify(place, "2.zip", "--proof", str(place / "1.json")) == 1
    (place / "no.json").write_text("{}")
    assert verify(place, "2.zip", "--proof", str(place / "no.json")) == 2


def test_gpg_verifies_the_signature_without_us(place):
    files = unpack((place / "2.zip").read_bytes())
    (place / MANIFEST).write_bytes(files[MANIFEST])
    (place / SIGNATURE).write_bytes(files[SIGNATURE])
    with gnupg_home() as gpg:
        gpg.run("--import", str(place / "key.asc"))
        gpg.run("--verify", str(place / SIGNATURE), str(place / MANIFEST))
