"""What a browser session has proved about the person: a second factor, and how lately.

A session that signed in before the person had a second factor, in another browser perhaps, has
proved none, and counts as without one until it does.
"""

import time
from datetime import timedelta

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from tcert.community.accounts.models import Person

FRESH_FOR = timedelta(minutes=5)
_SECOND_FACTOR = "second_factor_of"


def has_second_factor(person: Person) -> bool:
    """Tell whether the person has an authenticator app or a passkey; codes alone do not count."""
    return (
        Authenticator.objects.filter(user=person)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .exists()
    )


def note_second_factor(session: SessionBase, person: Person) -> None:
    """Remember that the session proved a second factor of this person."""
    session[_SECOND_FACTOR] = str(person.pk)


def proved_second_factor(session: SessionBase, person: Person) -> bool:
    """Tell whether the session proved a second factor of this very person."""
    return bool(session.get(_SECOND_FACTOR) == str(person.pk))


def note_passphrase(request: HttpRequest, person: Person) -> None:
    """Remember that the person gave (or chose) the passphrase just now."""
    record_authentication(request, person, method="password")


def is_fresh(request: HttpRequest) -> bool:
    """Did the person prove who they are within the last minutes, in this session?

    Where the person has a second factor only that counts, at sign-in or later: whoever knows the
    passphrase alone must not change the factors that stand beside it. Before the first factor is
    set up, the passphrase counts.
    """
    person = request.user
    if not isinstance(person, Person):
        return False
    counting = {"mfa"} if has_second_factor(person) else {"mfa", "password"}
    since = time.time() - FRESH_FOR.total_seconds()
    return any(
        record["method"] in counting and record["at"] > since
        for record in get_authentication_records(request, person)
    )
