"""Text that was signed in clear (RFC 9580, 7), taken apart without opening any packet.

Only this form is taken from strangers: the text stands in it as it is, so that nothing has to be
unpacked before the signature is known to hold.
"""

import re

from tcert.foundation.openpgp.signing import SignatureRefused

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
