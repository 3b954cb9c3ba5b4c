"""Keys, salts and secrets are there whole or not at all, whoever starts at the same moment."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tcert.foundation.kernel import lasting


def test_a_file_is_never_written_over_and_its_owner_alone_reads_it(tmp_path):
    path = tmp_path / "keys" / "salt"
    lasting.write_new(path, "first")
    with pytest.raises(FileExistsError):
        lasting.write_new(path, "second")
    assert path.read_text() == "first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["salt"]


def test_who_comes_second_reads_the_whole_of_what_the_first_wrote(tmp_path):
    path, text = tmp_path / "secret", "x" * 200_000

    def start(_number: int) -> str:
        with suppress(FileExistsError):
            lasting.write_new(path, text)
        return path.read_text()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(start, range(16))) == {text}


def test_replacing_leaves_no_draft_behind_and_others_read_what_is_public(tmp_path):
    path = tmp_path / "public"
    before = os.umask(0o077)  # as the command sets it
    try:
        lasting.replace(path, "old", mode=0o644)
        lasting.replace(path, "new", mode=0o644)
    finally:
        os.umask(before)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [p.name for p in tmp_path.iterdir()] == ["public"]
