"""What a passphrase is made of, and what it costs to try one.

A list of common passwords holds few of twelve characters or more, so a list alone refuses almost
nothing here. Long ones that are tried first are short ones put together: "password1234",
"qwertyqwerty", "tcert-hub-2026". A passphrase is therefore taken apart, and must have at least
four pieces that an attacker has to guess one by one.
"""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LEAST_PIECES = 4
SHORTEST_WORD = 3
LONGEST_WORD = 24

WORDS_OF_THIS_PLACE = frozenset({
    "advisory", "cert", "certs", "coordinator", "csirt", "cvss", "desk", "disclosure",
    "embargo", "fight", "gsma", "hub", "incident", "motif", "nesas", "operator", "passphrase",
    "password", "psirt", "report", "reporter", "researcher", "response", "security", "ss7",
    "tcert", "telco", "telecom", "vault", "vendor", "vulnerability", "welcome",
})  # fmt: skip
"""Words that somebody who attacks this hub tries first (docs/security/sessions-and-sign-in.md)."""


class CostlyScryptPasswordHasher(ScryptPasswordHasher):
    """Django's scrypt with 32 MiB a try in place of 16; older hashes are renewed at sign-in."""

    work_factor = 2**15
    parallelism = 3
    maxmem = 64 * 1024 * 1024


class PiecesValidator(CommonPasswordValidator):
    """Refuses what falls into fewer than four pieces: common passwords, words of here, numbers."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise `ValidationError` for too few pieces; the names of person and hub are known."""
        own = " ".join(str(getattr(user, name, "")) for name in ("name", "email"))
        own += f" {settings.BASE_URL}"
        known = {word for word in _words(own) if len(word) >= SHORTEST_WORD}
        if pieces(password, self.passwords | WORDS_OF_THIS_PLACE | known) < LEAST_PIECES:
            raise ValidationError(
                _(
                    "This is made of very few words or numbers that are tried first. "
                    "Take four or five words that do not belong together."
                ),
                code="too_few_pieces",
            )

    def get_help_text(self) -> str:
        """Say what is asked, in one sentence."""
        return _("Your passphrase must not be made of two or three words that are tried first.")


def pieces(passphrase: str, known: frozenset[str] | set[str]) -> int:
    """Return the least number of pieces: a known word, a number, or one character, is one each.

    What stands between letters and digits (spaces, dashes) counts nothing.
    """
    fewest = 0
    for part in _words(passphrase):
        least = [0]
        for end in range(1, len(part) + 1):
            starts = range(max(0, end - LONGEST_WORD), end)
            least.append(
                1
                + min(
                    least[start]
                    for start in starts
                    if end - start == 1
                    or part[start:end].isdigit()
                    or (end - start >= SHORTEST_WORD and part[start:end] in known)
                )
            )
        fewest += least[-1]
    return fewest


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.casefold()).split()
