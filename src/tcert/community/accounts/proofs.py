"""What a browser session has proved about the person: a second factor, and how lately.

A session that signed in before the person had a second factor, in another browser perhaps, has
proved none, and counts as without one until it does.
"""

import time
from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from tcert.community.accounts.models import Person

FRESH_FOR = timedelta(minutes=5)
_SECOND_FACTOR = "second_factor_of"


def note_second_factor(session: SessionBase, person: Person) -> None:
    """Remember that the session proved a second factor of this person."""
    session[_SECOND_FACTOR] = str(person.pk)


def proved_second_factor(session: SessionBase, person: Person) -> bool:
    """Tell whether the session proved a second factor of this very person."""
    return bool(session.get(_SECOND_FACTOR) == str(person.pk))


def note_passphrase(request: HttpRequest, person: Person) -> None:
    """Remember that the person gave (or chose) the passphrase just now."""
    record_authentication(request, person, method="password", reauthenticated=True)


def is_fresh(request: HttpRequest) -> bool:
    """Did the person prove who they are within the last minutes, in this session?

    The second factor counts at sign-in and later; the passphrase counts only where it was asked
    for again, and only while no second factor has been proved, so that a passphrase alone never
    changes the factors that stand beside it.
    """
    person = request.user
    if not isinstance(person, Person):
        return False
    strong = proved_second_factor(request.session, person)
    since = time.time() - FRESH_FOR.total_seconds()
    return any(
        record["at"] > since and _counts(record, strong=strong)
        for record in get_authentication_records(request, person)
    )


def _counts(record: dict[str, Any], *, strong: bool) -> bool:
    return record["method"] == "mfa" or (not strong and bool(record.get("reauthenticated")))
