"""Uploads never touch the disk, and a file that is too large costs no text."""

import tempfile
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from tcert.foundation.kernel.uploads import skipped


def posted(**data):
    return RequestFactory().post("/", data)


def test_a_large_file_stays_in_memory(monkeypatch):
    """Regression: plaintext spooled to disk before encryption."""

    def refuse(*args, **kwargs):
        raise AssertionError("an upload touched the disk")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    request = posted(file=SimpleUploadedFile("a.bin", b"x" * 6_000_000))
    taken = request.FILES["file"]
    assert isinstance(taken.file, BytesIO)
    assert taken.size == 6_000_000
    assert skipped(request) == []


def test_too_large_files_are_named_and_everything_else_arrives(settings):
    settings.UPLOAD_MEMORY_LIMIT = 100_000
    request = posted(
        before="typed before",
        file=[
            SimpleUploadedFile("small.txt", b"x" * 40_000),
            SimpleUploadedFile("huge.txt", b"x" * 400_000),
            SimpleUploadedFile("other.txt", b"x" * 50_000),
        ],
        text="typed after",
    )
    assert request.POST.dict() == {"before": "typed before", "text": "typed after"}
    assert [f.name for f in request.FILES.getlist("file")] == ["small.txt", "other.txt"]
    assert skipped(request) == ["huge.txt"]
