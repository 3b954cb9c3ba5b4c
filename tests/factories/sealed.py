"""Threads with readers whose secret keys the test holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pysequoia

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.openpgp.certificates import describe
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.opening import Opened, open_limited
from tcert.foundation.openpgp.sealing import seal
from tcert.foundation.openpgp.signing import SigningKey
from tcert.foundation.sealed.domain import Author, NewRecipient, Posted, open_thread, post
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Inner, Kind, compose
from tcert.foundation.sealed.models import Holder, Thread


@dataclass(frozen=True)
class Party:
    """A holder with its secret key."""

    holder: Holder
    secret: bytes = field(repr=False)
    certificate: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Upper hex."""
        return describe(self.certificate, clock.now()).fingerprint

    @property
    def recipient(self) -> NewRecipient:
        """The party as a reader."""
        return NewRecipient(self.holder, self.certificate)

    @property
    def author(self) -> Author:
        """The party as a writer."""
        return Author(self.holder, self.fingerprint)

    def open(self, data: bytes) -> Opened:
        """Open what was sealed to the party."""
        return open_limited(data, secret_key=self.secret)


def make_party(
    kind: HolderKind = HolderKind.TEAM,
    holder_id: UUID | None = None,
    *,
    created: datetime | None = None,
    lifetime: timedelta | None = None,
    name: str = "party",
) -> Party:
    """Make a party with a fresh key."""
    secret = write_key(
        user_id=name,
        created=created or datetime(2026, 1, 1, tzinfo=UTC),
        lifetime=lifetime,
        for_encryption=True,
    )
    certificate = bytes(pysequoia.Tsk.from_bytes(bytes=secret).extract_certificate())
    return Party(Holder(kind, holder_id or uuid4()), secret, certificate)


def make_thread(*parties: Party, subject_kind: str = "case", purpose: str = "talk") -> Thread:
    """Open a thread that these parties read."""
    opened = open_thread(
        principal=SYSTEM,
        subject_kind=subject_kind,
        subject_id=uuid4(),
        purpose=purpose,
        recipients=[party.recipient for party in parties],
    )
    return opened.current.thread


def seal_for(
    thread: Thread, author: Party, readers: Sequence[Party], body: str = "text", **header: object
) -> bytes:
    """Write, sign and seal a message as a browser would."""
    inner = Inner(
        **{
            "subject": thread.subject,
            "thread": str(thread.id),
            "kind": Kind.MESSAGE,
            "author": author.fingerprint,
            "counter": 1,
            "previous": None,
            "recipients": tuple(sorted(reader.fingerprint for reader in readers)),
            "tlp": "AMBER",
            "body": body,
            **header,
        }
    )
    return seal(
        compose(inner).encode(),
        [reader.certificate for reader in readers],
        SigningKey(author.secret),
    )


def make_message(
    thread: Thread, author: Party, readers: Sequence[Party], **about: object
) -> Posted:
    """Post a message into a thread."""
    return post(
        principal=SYSTEM,
        thread_id=thread.id,
        set_version=thread.current_set.version,
        sealed=seal_for(thread, author, readers, **about),
        author=author.author,
    )
