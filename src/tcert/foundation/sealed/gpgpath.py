"""Taking part with one's own `gpg` instead of a vault: download, reply text, keyring, command.

The commands are exact and tested against GnuPG 2.2: no compression, no hidden readers, no
file name inside, and the old container that every reader opens (``--rfc4880`` keeps newer
versions from writing their own).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from tcert.foundation.kernel import clock
from tcert.foundation.openpgp.certificates import CertificateInfo, inspect
from tcert.foundation.openpgp.packets import armour
from tcert.foundation.sealed import recipients as reading
from tcert.foundation.sealed.domain.posting import Author
from tcert.foundation.sealed.inner import Inner, Kind, compose, nameable
from tcert.foundation.sealed.models import Holder, Message, Thread
from tcert.foundation.sealed.queries import served_to
from tcert.foundation.sealed.refusals import RecipientUnusable

TEXT_NAME, KEYRING_NAME, SEALED_NAME = "reply.txt", "readers.asc", "reply.pgp"

_FORMAT = (
    "--rfc4880 --cipher-algo AES256 --digest-algo SHA512 --compress-algo none --set-filename ''"
)


@dataclass(frozen=True, slots=True)
class GpgReply:
    """What a person with `gpg` needs for one message; `set_version` goes back with the upload."""

    text: str
    keyring: str
    command: str
    set_version: int
    unreadable_by_gpg: tuple[str, ...]


def sealed_message(message: Message, holders: Iterable[Holder]) -> str:
    """A message as armoured text, with the holders' own keys only.

    Raises:
        NotARecipient: when it was not sealed to any of them.

    """
    return armour(served_to(message, holders), "MESSAGE")


def prepare_reply(thread: Thread, author: Author, *, tlp: str, person: str = "") -> GpgReply:
    """Write the text to fill in, the keys to seal to, and the command that does it.

    Args:
        thread: Where the message goes.
        author: The team and the fingerprint of its key, which must be in the person's `gpg`.
        tlp: The marking, as in `kernel.tlp`.
        person: Who writes for the team; the name goes inside, and whoever writes may take it out.

    Raises:
        RecipientUnusable: a reader's key has expired; it is left out only by confirmation.

    """
    now = clock.now()
    current = thread.current_set
    _keys, blocked = reading.usable_keys(current.recipients.all(), now)
    if blocked:
        raise RecipientUnusable(blocked)
    readers = [inspect(one.certificate, now) for one in current.recipients.filter(left_out="")]
    own = thread.messages.filter(author_kind=author.holder.kind, author_id=author.holder.id)
    last = thread.messages.visible_to([author.holder]).last()
    text = compose(
        Inner(
            subject=thread.subject,
            thread=str(thread.id),
            kind=Kind.MESSAGE,
            author=author.fingerprint,
            counter=own.count() + 1,
            previous=last.body_sha256 if last else None,
            recipients=tuple(info.fingerprint for info in readers),
            tlp=tlp,
            person=nameable(person),
        )
    )
    return GpgReply(
        text=text,
        keyring=armour(b"".join(info.certificate for info in readers), "PUBLIC KEY BLOCK"),
        command=reply_command(author.fingerprint, [info.fingerprint for info in readers]),
        set_version=current.version,
        unreadable_by_gpg=tuple(i.fingerprint for i in readers if not _is_known_to_gpg(i)),
    )


def reply_command(author: str, readers: Iterable[str]) -> str:
    """Import the readers' keys, then sign and seal the text to them and nobody else."""
    to = " ".join(f"--recipient {fingerprint}" for fingerprint in sorted(readers))
    return (
        f"gpg --import {KEYRING_NAME}\n"
        f"gpg {_FORMAT} --trust-model always --no-encrypt-to --no-throw-keyids \\\n"
        f"    --local-user {author} {to} \\\n"
        f"    --output {SEALED_NAME} --sign --encrypt {TEXT_NAME}"
    )


def sealing_command(author: str, readers: Iterable[str], source: str, target: str) -> str:
    """Sign a file and seal it in armour to these keys and nobody else; the keys are known."""
    to = " ".join(f"--recipient {fingerprint}" for fingerprint in sorted(readers))
    return (
        f"gpg {_FORMAT} --trust-model always --no-encrypt-to --no-throw-keyids \\\n"
        f"    --local-user {author} {to} \\\n"
        f"    --armor --output {target} --sign --encrypt {source}"
    )


def file_command(name: str) -> str:
    """Seal one attachment under a passphrase of its own, and print its line for the text.

    The line goes above the line that begins with ``Pad:``; the file to upload has the same
    name with ``.pgp`` behind it.
    """
    return (
        f"f={shlex.quote(name)}\n"
        "p=$(gpg --gen-random --armor 1 32)\n"
        f'printf %s "$p" | gpg --batch --pinentry-mode loopback --passphrase-fd 0 {_FORMAT} \\\n'
        '    --output "$f.pgp" --symmetric "$f"\n'
        "size() { wc -c < \"$1\" | tr -d ' '; }; hash() { sha256sum < \"$1\" | cut -d' ' -f1; }\n"
        'printf \'File: {"name":"%s","size":%s,"sha256":"%s","sealed_sha256":"%s",'
        '"passphrase":"%s"}\\n\' \\\n'
        '    "$(basename "$f")" "$(size "$f")" "$(hash "$f")" "$(hash "$f.pgp")" "$p"'
    )


def _is_known_to_gpg(info: CertificateInfo) -> bool:
    """GnuPG 2.2 reads version 4 keys; the remark marks those that it and the browser cannot."""
    return not info.remark
