"""Mail in PGP/MIME (RFC 3156) whose headers are inside, too (RFC 9788).

The relay sees who writes to whom and "[...]" for a subject; everything else is sealed.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tcert.foundation.openpgp.packets import armour
from tcert.foundation.openpgp.sealing import seal
from tcert.foundation.openpgp.signing import SigningKey

# What RFC 9788, section 3.2.1, puts in the place of a subject.
HIDDEN_SUBJECT = "[...]"


def sealed_entity(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    certificate: str | bytes,
    at: datetime,
    signer: SigningKey | None = None,
) -> bytes:
    """Build the MIME entity of a mail sealed to one key.

    Args:
        sender: The address that the outer header names.
        to: The one address that it goes to.
        subject: The real subject, told inside only.
        text: The body, plain text.
        certificate: The recipient's key.
        at: What the outer Date header says.
        signer: Who signs inside.

    Returns:
        Content headers, an empty line and the body; line ends are CRLF.

    Raises:
        CertificateRefused: when the key cannot be sealed to.

    """
    payload = protected_payload(sender=sender, to=to, subject=subject, text=text, at=at)
    return entity_of(seal(payload, [certificate], signer))


def entity_of(sealed: bytes) -> bytes:
    """Build the MIME entity that carries a sealed message (RFC 3156, 4); line ends are CRLF.

    Of one message it is always the same: what is sent again after a crash is no second mail.
    """
    message = armour(sealed, "MESSAGE").replace("\n", "\r\n")
    boundary = hashlib.sha256(sealed).hexdigest()[:32]
    return (
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n'
        f' boundary="{boundary}"\r\n'
        "\r\n"
        f"--{boundary}\r\n"
        "Content-Type: application/pgp-encrypted\r\n"
        "Content-Description: PGP/MIME version identification\r\n"
        "\r\n"
        "Version: 1\r\n"
        f"--{boundary}\r\n"
        'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
        "Content-Description: OpenPGP encrypted message\r\n"
        'Content-Disposition: inline; filename="encrypted.asc"\r\n'
        "\r\n"
        f"{message}"
        f"--{boundary}--\r\n"
    ).encode("ascii")


def protected_payload(*, sender: str, to: str, subject: str, text: str, at: datetime) -> bytes:
    """What is sealed: the real headers, what the outer ones said, and the text.

    A program that does not know RFC 9788 shows the subject as the text's first line.
    """
    message = EmailMessage(policy=SMTP)
    date = format_datetime(at)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = date
    for name, outer in (
        ("From", sender),
        ("To", to),
        ("Subject", HIDDEN_SUBJECT),
        ("Date", date),
    ):
        message["HP-Outer"] = f"{name}: {outer}"
    shown = f"Subject: {subject}\n\n{text.strip()}\n"
    message.set_content(shown, cte="quoted-printable")
    message.set_param("hp-legacy-display", "1")
    message.set_param("hp", "cipher")
    return message.as_bytes()
