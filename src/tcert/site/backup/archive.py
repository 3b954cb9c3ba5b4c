"""The inside of a backup: a tar stream that begins with what it is and ends with what it held.

    head.json            what this is, and under which keys it can be used
    database/000000 …    the database, in pieces, because a dump does not tell its length ahead
    files/ab/abcd…       ciphertext files under the names that the database knows
    manifest.json        the SHA-256 of each part, and a seal over head and manifest

Whoever has the public key of the backups can seal anything to it. So the manifest carries an HMAC
under the field keys, which lie elsewhere: an archive that this hub did not make is refused. Pure of
Django; nothing is ever unpacked by the name that an archive gives it.
"""

import hashlib
import hmac
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO, Self, cast

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tcert.foundation.kernel.keyring import Key

FORMAT = 1
PIECE = 8 * 1024 * 1024
_HEAD, _MANIFEST = "head.json", "manifest.json"
_KEY = r"field-keys|receipt-salt|secret-key|hub-key(\.pub|\.old|\.changes/[0-9A-Za-z-]+\.txt)?"
_PART = re.compile(rf"database/[0-9]{{6}}|files/[0-9a-f]{{2}}/[0-9a-f]{{32}}|keys/({_KEY})")
_LARGEST_HEAD = 1 << 20
_LARGEST_MANIFEST = 1 << 30


class Damaged(Exception):
    """The archive is cut short, changed, or none."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands first in an archive: enough to refuse it before anything is written."""

    kind: str
    version: str
    made_at: str
    hub: str = ""
    database: str = ""
    schema: Mapping[str, str] = field(default_factory=dict)
    field_keys: tuple[str, ...] = ()
    sealed_under: str = ""
    salt_mark: str = ""

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read what `written` wrote; raises `Damaged`."""
        try:
            data = json.loads(content)
            if data.pop("format") != FORMAT:
                raise Damaged("of another format")
            return cls(**{**data, "field_keys": tuple(data["field_keys"])})
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Damaged("no backup of this hub's kind") from None

    def written(self) -> bytes:
        """Return it as JSON."""
        names = type(self).__slots__
        return _json({"format": FORMAT, **{name: getattr(self, name) for name in names}})


def salt_mark(salt: str) -> str:
    """Return a mark by which a deployment's salt is recognised; it does not tell the salt."""
    return hmac.digest(salt.strip().encode(), b"tcert backup: which salt", "sha256").hex()[:32]


def _seal(key: Key, head: bytes, manifest: Mapping[str, Any]) -> str:
    derived = HKDF(SHA256(), 32, salt=None, info=b"tcert backup manifest").derive(key.secret)
    return hmac.digest(derived, hashlib.sha256(head).digest() + _json(manifest), "sha256").hex()


def _json(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()


class _Gate:
    """A stream that nothing passes any more once it is shut."""

    def __init__(self, out: BinaryIO) -> None:
        self._out: BinaryIO | None = out

    def write(self, data: bytes, /) -> int:
        return self._out.write(data) if self._out else len(data)

    def shut(self) -> None:
        self._out = None


class Writer:
    """Writes an archive into a stream, part by part, and remembers what it wrote.

    Leaving the block by an error leaves an archive without its end, which no reader takes: the
    library would write a false one when it is cleared away.
    """

    def __init__(self, out: BinaryIO, head: Head) -> None:
        self._gate = _Gate(out)
        into = cast(BinaryIO, self._gate)
        self._tar = tarfile.open(fileobj=into, mode="w|", format=tarfile.USTAR_FORMAT)  # noqa: SIM115
        self._head = head.written()
        self._parts: dict[str, str] = {}
        self._put(_HEAD, BytesIO(self._head), len(self._head))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_about: object) -> None:
        if kind is not None:
            self._gate.shut()

    def add(self, name: str, content: BinaryIO, size: int) -> None:
        """Add one part of a known size."""
        self._parts[name] = self._put(name, content, size)

    def add_stream(self, folder: str, content: BinaryIO) -> int:
        """Add a stream as numbered pieces; returns its size."""
        total = 0
        for number in range(10**6):
            piece = content.read(PIECE)
            if not piece and number:
                break
            self.add(f"{folder}/{number:06}", BytesIO(piece), len(piece))
            total += len(piece)
        return total

    def close(self, key: Key | None, **told: Any) -> None:
        """Write the manifest with counts and remarks, sealed under a field key if there is one."""
        manifest = {**told, "parts": self._parts}
        proof = _seal(key, self._head, manifest) if key else ""
        content = _json({**manifest, "proof": proof})
        self._put(_MANIFEST, BytesIO(content), len(content))
        self._tar.close()

    def _put(self, name: str, content: BinaryIO, size: int) -> str:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        counted = _Hashing(content)
        self._tar.addfile(entry, counted)
        _forget(self._tar)
        return counted.sum.hexdigest()


def _forget(tar: Any) -> None:
    """Let go of the members that went by: a million of them would fill the memory."""
    tar.members.clear()


class _Hashing:
    """A reader that hashes what passes."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._content.read(size)
        self.sum.update(data)
        return data


class Reader:
    """Reads an archive from a stream, once, in order."""

    def __init__(self, source: BinaryIO) -> None:
        try:
            self._tar = tarfile.open(fileobj=source, mode="r|")  # noqa: SIM115
        except (tarfile.TarError, EOFError):
            raise Damaged("it needs another key, is no backup, or is cut short") from None
        name, content = self._next()
        if name != _HEAD:
            raise Damaged("no backup of this hub's kind")
        self._raw_head = self._whole(content, _LARGEST_HEAD)
        self.head = Head.read(self._raw_head)
        self.told: dict[str, Any] = {}
        self._parts: dict[str, str] = {}

    def parts(self) -> Iterator[tuple[str, BinaryIO]]:
        """Yield each part with its content, which must be read to its end; then the manifest holds.

        Raises:
            Damaged: a part is missing, changed, unknown or twice there, or the end is missing.

        """
        while True:
            name, content = self._next()
            if name == _MANIFEST:
                break
            if not _PART.fullmatch(name) or name in self._parts:
                raise Damaged("it holds what no backup holds")
            counted = _Hashing(content)
            yield name, counted  # type: ignore[misc]
            self._parts[name] = counted.sum.hexdigest()
        try:
            self.told = json.loads(self._whole(content, _LARGEST_MANIFEST))
        except ValueError:
            raise Damaged("its list of parts is damaged") from None
        if not isinstance(self.told, dict) or self.told.get("parts") != self._parts:
            raise Damaged("a part was changed or is missing")

    def prove(self, key: Key) -> None:
        """Hold the archive against a field key, after its parts; raises `Damaged`."""
        manifest = dict(self.told)
        proof = str(manifest.pop("proof", ""))
        if not hmac.compare_digest(proof, _seal(key, self._raw_head, manifest)):
            raise Damaged("it was not made by this hub")

    def _next(self) -> tuple[str, BinaryIO]:
        try:
            entry = self._tar.next()
            content = self._tar.extractfile(entry) if entry and entry.isfile() else None
        except (tarfile.TarError, EOFError):
            raise Damaged("it is cut short or damaged") from None
        _forget(self._tar)
        if entry is None or content is None:
            raise Damaged("it is cut short")
        return entry.name, _Refusing(content)  # type: ignore[return-value]

    def _whole(self, content: BinaryIO, limit: int) -> bytes:
        data = content.read(limit + 1)
        if len(data) > limit:
            raise Damaged("it holds what no backup holds")
        return data


class _Refusing:
    """A part of a stream that ends too early is damaged, and no error of a library."""

    def __init__(self, content: Any) -> None:
        self._content = content

    def read(self, size: int = -1) -> bytes:
        try:
            return bytes(self._content.read(size))
        except (tarfile.TarError, EOFError, ValueError):
            raise Damaged("it is cut short or damaged") from None
