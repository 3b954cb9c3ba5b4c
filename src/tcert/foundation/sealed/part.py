"""A holder's part as an archive: the messages and files that it reads, sealed as they are.

Nothing is opened for it, and nothing waits in memory but one message or one piece of a file.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tcert.foundation.kernel import clock, storage
from tcert.foundation.sealed.archive import Archive
from tcert.foundation.sealed.gpgpath import sealed_message
from tcert.foundation.sealed.models import File, Holder, Message, Recipient
from tcert.foundation.sealed.queries import files_of

NAME = "part.zip"
_CHUNK = 64 * 1024


class PartGone(Exception):
    """Something of it was deleted while it was sent: the archive ends without its list, unusable.

    A whole-looking archive that lacks messages would be worse.
    """


@dataclass(frozen=True)
class Part:
    """What goes in; made before the first byte is sent."""

    holders: Sequence[Holder]
    message_ids: Sequence[UUID]
    conversations: Mapping[UUID, str]
    """How each thread is called."""
    authors: Mapping[Holder, str]
    texts: Mapping[str, str]
    """Further files: how to open it, and what the hub can read."""

    def stream(self) -> Iterator[bytes]:
        """Yield the archive; raises PartGone when something was deleted meanwhile."""
        archive, manifest = Archive(), _Manifest()
        certificates: dict[str, str] = {}
        files: dict[str, File] = {}
        for place, message_id in enumerate(self.message_ids, start=1):
            message = Message.objects.select_related("recipient_set").filter(pk=message_id).first()
            if message is None:
                raise PartGone
            name = f"messages/{place:05d}.asc"
            attached = files_of(message)
            files.update({file.sha256: file for file in attached})
            certificates.update(_certificate(message))
            sealed = sealed_message(message, self.holders).encode()
            yield from archive.add(name, manifest.watched([sealed]))
            manifest.add(name, self._describe(message, attached))
        for sha256, file in files.items():
            name = f"files/{sha256}.pgp"
            yield from archive.add(name, manifest.watched(_content(file)))
            manifest.add(name, {})
        texts = {"authors.asc": "\n".join(certificates.values()), **self.texts}
        for name, text in texts.items():
            yield from archive.add(name, manifest.watched([text.encode()]))
            manifest.add(name, {})
        yield from archive.add("manifest.json", [as_json(manifest.told()).encode()])
        yield from archive.close()

    def _describe(self, message: Message, attached: Sequence[File]) -> dict[str, Any]:
        readers = message.recipient_set.recipients.filter(left_out="")
        moment = message.created_at or message.created_on
        return {
            "thread": str(message.thread_id),
            "conversation": self.conversations[message.thread_id],
            "kind": message.kind,
            "author": self.authors.get(message.author, ""),
            "signed_by": message.author_fingerprint,
            "sealed_to": sorted(readers.values_list("fingerprint", flat=True)),
            "at": moment.isoformat(),
            "body_sha256": message.body_sha256,
            "files": [f"files/{file.sha256}.pgp" for file in attached],
        }


class _Manifest:
    """Says of each file in the archive what it is, and its hash."""

    def __init__(self) -> None:
        self._lines: list[dict[str, Any]] = []
        self._hash, self._size = hashlib.sha256(), 0

    def watched(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        self._hash, self._size = hashlib.sha256(), 0
        for part in parts:
            self._hash.update(part)
            self._size += len(part)
            yield part

    def add(self, name: str, about: dict[str, Any]) -> None:
        said = {"file": name, "size": self._size, "sha256": self._hash.hexdigest()}
        self._lines.append({**said, **about})

    def told(self) -> dict[str, Any]:
        return {"made_on": clock.today().isoformat(), "files": self._lines}


def _content(file: File) -> Iterator[bytes]:
    try:
        with storage.ciphertext().open(file.stored_as) as content:
            while chunk := content.read(_CHUNK):
                yield chunk
    except FileNotFoundError:
        raise PartGone from None


def _certificate(message: Message) -> dict[str, str]:
    """Return the public half of the key that a message is said to be signed with."""
    known: Recipient | None = message.recipient_set.recipients.filter(
        fingerprint=message.author_fingerprint
    ).first()
    return {known.fingerprint: known.certificate} if known is not None else {}


def as_json(value: object) -> str:
    """Return a value as text that people read too."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
