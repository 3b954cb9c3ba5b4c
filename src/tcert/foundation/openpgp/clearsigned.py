"""Text that was signed in clear (RFC 9580, 7), taken apart without opening any packet.

Only this form is taken from strangers: the text stands in it as it is, so that nothing has to be
unpacked before the signature is known to hold.
"""

import re

from tcert.foundation.openpgp.signing import SignatureRefused, verify_detached

_CLEAR = "-----BEGIN PGP SIGNED MESSAGE-----"
_WHOLE = re.compile(
    r"\s*-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z]+: [^\n]{0,200}\n){0,8}[ \t]*\n"
    r"(?P<text>.*?)\n"
    r"(?P<signature>-----BEGIN PGP SIGNATURE-----[ \t]*\n.*?-----END PGP SIGNATURE-----)\s*",
    re.DOTALL,
)


def read_clearsigned(message: str) -> tuple[str, str]:
    """Return the signed text and its signature in armour.

    Lines end as they were signed: without blanks at their ends, with CR LF between them.

    Raises:
        SignatureRefused: the message has another form.

    """
    found = _WHOLE.fullmatch(message.replace("\r\n", "\n").replace("\r", "\n"))
    if found is None:
        raise SignatureRefused
    lines = [line.removeprefix("- ").rstrip(" \t") for line in found["text"].split("\n")]
    return "\r\n".join(lines), found["signature"]


def verify_text(text: str, signature: str, certificate: bytes | str) -> None:
    """Check a signature over a text: detached, or with the text in clear beside it.

    Args:
        text: What must have been signed, LF line ends.
        signature: Armoured: a detached one, or a whole message in clear (RFC 9580, section 7).
        certificate: The key that must have signed.

    Raises:
        SignatureRefused: the signature does not hold, or the text in clear is another.

    """
    if not signature.isascii() or "\x00" in signature:
        raise SignatureRefused
    if _CLEAR not in signature:
        verify_detached(text.encode(), signature.strip() + "\n", certificate)
        return
    said, detached = read_clearsigned(signature)
    # A message in clear loses the spaces at the ends of lines, and GnuPG adds a line end.
    if _lines(said) != _lines(text):
        raise SignatureRefused
    verify_detached(said.encode(), detached, certificate)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]
