"""The session store: guarded data under a digest of the cookie, with the person beside it.

Django's own store keeps the cookie's value and the steps of sign-in (a secret being set up among
them) readable in the database. Here a stolen copy of the database opens no session and shows no
secret, and a person can list and end their sessions.

A session ends after hours without use, and at the latest a working day after signing in, however
it is used: docs/security/sessions-and-sign-in.md says why so.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, models, transaction

from tcert.community.accounts.models import BrowserSession
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.guarded import KeyringError

IDLE = timedelta(hours=3)
_SIGNED_IN = "signed_in_at"


def key_digest(session_key: str | None) -> str:
    """Return what the hub keeps of a session's cookie."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()


def this_hour() -> datetime:
    """Return the present hour: sessions are seen to the hour, no finer."""
    return clock.now().replace(minute=0, second=0, microsecond=0)


def alive() -> models.QuerySet[BrowserSession]:
    """Return the sessions that have not ended, by their age or by lying idle."""
    return BrowserSession.objects.filter(
        expires_at__gt=clock.now(), seen_at__gte=this_hour() - IDLE
    )


class SessionStore(SessionBase):
    """One browser's session."""

    def load(self) -> dict[str, Any]:
        """Read the session; an unknown, ended or unreadable one is a new one."""
        row = alive().filter(digest=key_digest(self.session_key)).first()
        if row is not None:
            try:
                data: dict[str, Any] = json.loads(row.data)
            except KeyringError:
                row = None
        if row is None:
            self._session_key = None
            return {}
        hour = this_hour()
        if row.seen_at < hour:
            BrowserSession.objects.filter(pk=row.pk).update(seen_at=hour)
        return data

    def exists(self, session_key: str) -> bool:
        """Tell whether a session with this cookie exists."""
        return BrowserSession.objects.filter(digest=key_digest(session_key)).exists()

    def create(self) -> None:
        """Begin a new session under a new cookie."""
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Write the session.

        Raises:
            CreateError: the cookie is taken.
            UpdateError: the session was ended meanwhile, by signing out everywhere for instance.

        """
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        digest = key_digest(self.session_key)
        if must_create:
            row = BrowserSession(digest=digest)
        else:
            found = BrowserSession.objects.filter(digest=digest).first()
            if found is None:
                raise UpdateError
            row = found
        row.person_id = data.get(SESSION_KEY)
        began = clock.now().timestamp()
        if row.person_id:
            began = data.setdefault(_SIGNED_IN, began)
        row.data = json.dumps(data)
        row.seen_at = this_hour()
        row.expires_at = datetime.fromtimestamp(began + settings.SESSION_COOKIE_AGE, UTC)
        try:
            with transaction.atomic():
                row.save(force_insert=must_create, force_update=not must_create)
        except IntegrityError:
            if must_create:
                raise CreateError from None
            raise
        except DatabaseError:
            if not must_create:
                raise UpdateError from None
            raise

    def delete(self, session_key: str | None = None) -> None:
        """End a session; without a cookie named, this one."""
        key = session_key or self.session_key
        if key is not None:
            BrowserSession.objects.filter(digest=key_digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Remove the sessions that have ended."""
        BrowserSession.objects.exclude(pk__in=alive().values("pk")).delete()
