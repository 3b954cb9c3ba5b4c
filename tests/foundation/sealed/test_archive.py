"""An archive is written as it is sent."""

import io
import zipfile

from tcert.foundation.sealed.archive import Archive


def test_however_large_a_file_is_no_more_than_one_piece_of_it_waits():
    archive, piece = Archive(), b"x" * 65536
    sent = list(archive.add("large", (piece for _n in range(200))))
    sent += archive.add("small", [b"y"])
    assert max(map(len, sent)) < 2 * len(piece)
    sent += archive.close()
    with zipfile.ZipFile(io.BytesIO(b"".join(sent))) as whole:
        assert whole.testzip() is None
        assert {one.filename: one.file_size for one in whole.infolist()} == {
            "large": 200 * len(piece),
            "small": 1,
        }
