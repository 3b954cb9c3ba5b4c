"""Feed keys, and the header with which a program shows one."""

import base64

from tests.principals import principal_of

from tcert.community.accounts.models import Person
from tcert.response.feedkeys.domain import keys
from tcert.response.feedkeys.enums import Opens
from tcert.response.feedkeys.models import FeedKey


def key_of(
    person: Person, name: str = "scanner in the lab", opens: Opens = Opens.ADVISORIES
) -> tuple[FeedKey, str]:
    """Make a key for a member; returns it with its secret."""
    return keys.make(principal=principal_of(person), name=name, opens=opens)


def basic(name: object, secret: str) -> dict[str, str]:
    """Return the header of HTTP Basic."""
    packed = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {packed}"}
