import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile

from tcert.foundation.kernel import clock, storage
from tcert.foundation.kernel.storage import CONSTANT_TIME_NS, CiphertextStorage


@pytest.fixture
def shelf(tmp_path):
    return CiphertextStorage(tmp_path / "files")


def test_a_file_comes_back_under_a_random_name(shelf):
    first = shelf.save("report-of-monday.pdf", ContentFile(b"x" * 100_000))
    second = shelf.save("report-of-monday.pdf", ContentFile(b"y"))

    assert "report" not in first
    assert first != second
    with shelf.open(first) as file:
        assert file.read() == b"x" * 100_000
    assert set(shelf.names()) == {first, second}


def test_disk_shows_no_moment_and_lets_nobody_in(shelf):
    name = shelf.save("sealed", ContentFile(b"x"))
    path = Path(shelf.path(name))

    for found in (path.stat(), path.parent.stat()):
        assert found.st_mtime_ns == CONSTANT_TIME_NS
        assert stat.S_IMODE(found.st_mode) & 0o077 == 0
    shelf.delete(name)
    assert path.parent.stat().st_mtime_ns == CONSTANT_TIME_NS
    assert not path.exists()


def test_what_breaks_off_leaves_nothing(shelf):
    class Broken(ContentFile):
        def chunks(self, **_how):
            yield b"half"
            raise ConnectionError

    with pytest.raises(ConnectionError):
        shelf.save("sealed", Broken(b""))

    assert [p for p in Path(shelf.location).rglob("*") if p.is_file()] == []


def test_an_existing_file_is_never_replaced(shelf):
    name = shelf.save("sealed", ContentFile(b"first"))

    with pytest.raises(FileExistsError):
        shelf._save(name, ContentFile(b"second"))
    with shelf.open(name) as file:
        assert file.read() == b"first"
    assert list(shelf.names()) == [name]


@pytest.mark.parametrize("name", ["../../etc/passwd", "ab/cd", "", "/etc/passwd", "ab/" + "g" * 32])
def test_other_names_are_refused(shelf, name):
    with pytest.raises(SuspiciousFileOperation):
        shelf.delete(name)


def test_a_file_over_its_limit_is_refused(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "ciphertext": {
            "BACKEND": "tcert.foundation.kernel.storage.CiphertextStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }
    name = storage.keep(b"12345", limit=5)
    with storage.ciphertext().open(name) as file:
        assert file.read() == b"12345"
    with pytest.raises(storage.TooLarge):
        storage.keep(b"123456", limit=5)


def test_drafts_of_a_process_that_died_are_deleted_after_a_day(shelf):
    name = shelf.save("sealed", ContentFile(b"x"))
    draft = Path(shelf.path(name)).with_name(".draft-0123")
    draft.write_bytes(b"half")

    shelf.prune()
    assert draft.exists()
    with clock.frozen(clock.now() + timedelta(days=2)):
        shelf.prune()
    assert not draft.exists()
    assert list(shelf.names()) == [name]
