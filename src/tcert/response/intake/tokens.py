"""The form's token: signed, expiring, good for one report; it carries the ids that get sealed in.

The inner header of a sealed message names its report and thread, so these must be known before the
reporter seals. The hub draws them and signs them: a reporter cannot choose another's.
"""

from dataclasses import asdict, dataclass, fields
from uuid import UUID, uuid4

from django.core import signing
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import DomainError

MAX_AGE_SECONDS = 12 * 3600
_SALT = "intake.form"


class TokenRefused(DomainError):
    """The token is not ours, has expired, or was used before."""

    def __init__(self) -> None:
        super().__init__(
            _("This page was open for too long. Nothing was sent; please send it again."),
            code="token",
        )


@dataclass(frozen=True)
class Draft:
    """Ids of a report that is not sent yet, and of its two threads; `form` names its kept files."""

    form: UUID
    report: UUID
    facts: UUID
    talk: UUID


def issue() -> str:
    """Return a fresh token."""
    ids = Draft(uuid4(), uuid4(), uuid4(), uuid4())
    return signing.dumps({name: value.hex for name, value in asdict(ids).items()}, salt=_SALT)


def read(token: str) -> Draft:
    """Return what a token carries; raises `TokenRefused`."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=MAX_AGE_SECONDS)
        return Draft(**{field.name: UUID(hex=told[field.name]) for field in fields(Draft)})
    except (signing.BadSignature, KeyError, TypeError, ValueError) as error:
        raise TokenRefused from error
