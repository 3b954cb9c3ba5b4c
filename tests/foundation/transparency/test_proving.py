"""What was kept elsewhere proves what the database alone cannot."""

import json
from datetime import timedelta

import pytest
from tests.factories.records import NOON, make_record, seal_at, sealed_records

from tcert.cli import build_parser
from tcert.foundation.kernel import clock
from tcert.foundation.openpgp import hubkey
from tcert.foundation.transparency import headtext
from tcert.foundation.transparency.domain.sealing import SETTLING
from tcert.foundation.transparency.enums import Signed
from tcert.foundation.transparency.examining import examine
from tcert.foundation.transparency.headtext import NoHead
from tcert.foundation.transparency.models import Head, Leaf
from tcert.foundation.transparency.proving import Answer, compare

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def signing(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    with clock.frozen(NOON - timedelta(days=1)):
        return hubkey.create()


def run(capsys, *words):
    options = build_parser().parse_args(["records", *words])
    code = options.run(options)
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture(params=[5, 8])
def kept(request, capsys, tmp_path):
    """A head over five records, or over a full tree of eight, as an operator keeps it."""
    sealed_records(request.param)
    _code, text, _err = run(capsys, "head")
    path = tmp_path / "head.txt"
    path.write_text(text)
    return path


def rewrite() -> None:
    """Start the whole history anew without one record, and sign it: all that the hub can do."""
    Head.objects.all().delete()
    Leaf.objects.all().delete()
    from tcert.foundation.kernel.records import AuditRecord

    AuditRecord.objects.first().delete()
    make_record(at=NOON)
    seal_at(NOON + SETTLING)


def test_a_head_says_itself_again_when_it_is_read(kept):
    said, signature = headtext.read(kept.read_text())
    head = Head.objects.get()
    assert said == head.said
    assert signature == head.signature


def test_a_head_is_checked_with_gpg_as_the_page_says(kept, signing, gnupg):
    gnupg.run("--import", data=signing.armoured.encode())
    text, mark, rest = kept.read_text().partition("-----BEGIN")
    (gnupg.home / "text").write_text(text)
    (gnupg.home / "text.asc").write_text(mark + rest)
    gnupg.run("--verify", str(gnupg.home / "text.asc"), str(gnupg.home / "text"))


@pytest.mark.parametrize("more", [0, 1, 7])
def test_the_tree_of_today_extends_a_kept_head(kept, capsys, more):
    for step in range(more):
        make_record(at=NOON + timedelta(hours=1), step=step)
    seal_at(NOON + timedelta(hours=2))
    code, out, _err = run(capsys, "verify", "--head", str(kept))
    assert code == 0
    assert "kept:  head 1, " in out
    assert "good, by the hub's present key" in out
    assert "The tree of today extends the kept head." in out


def test_a_history_that_was_rewritten_whole_is_found_by_a_kept_head_alone(kept, capsys):
    rewrite()
    assert examine().is_clean
    code, out, _err = run(capsys, "verify", "--head", str(kept))
    assert code == 1
    assert "it was rewritten" in out


def test_a_history_that_was_cut_is_found(kept, capsys):
    Head.objects.all().delete()
    Leaf.objects.filter(position__gte=3).delete()
    assert run(capsys, "verify", "--head", str(kept))[0] == 1
    seal_at(NOON + SETTLING - timedelta(minutes=1))
    assert compare(kept.read_text()).answer is Answer.SHRUNK


def test_leaves_that_are_gone_under_an_old_head_are_found(kept):
    Leaf.objects.filter(position=2).delete()
    assert compare(kept.read_text()).answer is Answer.SHRUNK


@pytest.mark.parametrize("more", [0, 1, 3])
@pytest.mark.parametrize("position", range(5))
def test_a_leaf_that_was_changed_is_found(kept, position, more):
    for step in range(more):
        make_record(at=NOON + timedelta(hours=1), step=step)
    seal_at(NOON + timedelta(hours=2))
    Leaf.objects.filter(position=position).update(hash=b"\0" * 32)
    assert compare(kept.read_text()).answer is Answer.REWRITTEN


def test_a_head_of_another_hub_is_told_apart(kept, settings):
    settings.BASE_URL = "https://other.example"
    make_record(at=NOON + timedelta(hours=1))
    seal_at(NOON + timedelta(hours=2))
    assert compare(kept.read_text()).answer is Answer.OTHER_HUB


def test_a_kept_head_that_was_forged_is_not_believed(kept, capsys):
    kept.write_text(kept.read_text().replace("Made: 2026", "Made: 2025"))
    code, out, _err = run(capsys, "verify", "--head", str(kept))
    assert code == 1
    assert "NOT THE HUB'S" in out
    kept.write_text(kept.read_text().partition("-----BEGIN")[0])
    assert compare(kept.read_text()).signed is Signed.BEFORE_KEY


def test_a_head_still_holds_when_the_key_was_rotated(kept, capsys):
    hubkey.rotate()
    code, out, _err = run(capsys, "verify", "--head", str(kept))
    assert code == 0
    assert "by an earlier key of the hub" in out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sha256-rfc6962", "sha512"),
        ("Number: 1", "Number: 0"),
        ("Size: ", "Size: 0"),
        ("Size: ", "Size: -"),
        ("Through: 2026-11-23", "Through: 2026-13-23"),
        ("Previous: none\n", "Previous: none\nPrevious: none\n"),
        ("Head of", "head of"),
    ],
)
def test_what_is_no_head_is_refused(kept, capsys, old, new):
    text = kept.read_text()
    assert old in text
    kept.write_text(text.replace(old, new))
    with pytest.raises(NoHead):
        headtext.read(kept.read_text())
    code, out, err = run(capsys, "verify", "--head", str(kept))
    assert (code, out) == (2, "")
    assert str(kept) in err


@pytest.mark.parametrize("option", ["--head", "--proof"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{}", b"[]", b'{"committed": 1}', None])
def test_any_other_file_is_wrong_use(capsys, tmp_path, option, content):
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    assert run(capsys, "verify", option, str(path))[0] == 2


def test_there_is_no_head_before_anything_is_sealed(capsys):
    code, out, err = run(capsys, "head")
    assert (code, out) == (1, "")
    assert "no record is sealed yet" in err


def test_a_windows_editor_does_not_break_a_kept_head(kept):
    text = kept.read_text()
    assert headtext.read(text.replace("\n", "\r\n"))[0] == headtext.read(text)[0]


def test_a_proof_with_another_record_is_refused(capsys, tmp_path):
    """The page that gives proofs is tested with it; here only what a forger could try."""
    made = sealed_records(1)
    head = Head.objects.get()
    from tcert.foundation.transparency import leaves

    committed = leaves.committed(made[0]).decode()
    proof = {"committed": committed, "position": 0, "path": [], "head": head.exported}
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof))
    code, out, _err = run(capsys, "verify", "--proof", str(path))
    assert code == 0
    assert committed in out
    for change in (
        {"committed": committed.replace("test:act", "test:other")},
        {"position": 1},
        {"path": ["00" * 32]},
        {"head": head.exported.replace("Size: 1", "Size: 2")},
    ):
        path.write_text(json.dumps(proof | change))
        code, out, _err = run(capsys, "verify", "--proof", str(path))
        assert code == 1
        assert "THIS RECORD DID NOT STAND THERE." in out
        assert '"act"' not in out
    path.write_text(json.dumps(proof | {"committed": "\ud800"}))
    assert run(capsys, "verify", "--proof", str(path))[0] == 2
