"""Uploads stay in memory: plaintext spooled to disk before it is sealed was a finding elsewhere.

Django writes uploads of more than 2.5 MB to a temporary file. This is the hub's only upload
handler, so no route can: what exceeds the limit is skipped and named, and every text field of the
form arrives, wherever it stands, so that nothing typed is lost.
"""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest


class MemoryUploadHandler(FileUploadHandler):
    """Keep files in memory up to `settings.UPLOAD_MEMORY_LIMIT` octets a request; skip the rest."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._taken = 0
        self._buffer = BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file in an empty buffer."""
        super().new_file(*args, **kwargs)
        self._buffer = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece, or give the whole file up when the request has become too large."""
        self._taken += len(raw_data)
        if self._taken > settings.UPLOAD_MEMORY_LIMIT:
            self._taken -= start + len(raw_data)
            self._buffer = BytesIO()
            skipped(self.request).append(self.file_name or "")
            raise SkipFile
        self._buffer.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Hand the file over, still in memory."""
        self._buffer.seek(0)
        return InMemoryUploadedFile(
            file=self._buffer,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


def skipped(request: HttpRequest | None) -> list[str]:
    """Return the names of the files of this request that were too large to take."""
    if not hasattr(request, "skipped_uploads"):
        request.skipped_uploads = []  # type: ignore[union-attr]
    return request.skipped_uploads  # type: ignore[union-attr]
