"""Feed keys made, revoked, and ended with their owner's membership."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tcert.community.accounts.domain.people import tell
from tcert.community.accounts.models import Person
from tcert.community.directory.models import Team
from tcert.community.directory.queries import memberships_of
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.response.feedkeys import credentials
from tcert.response.feedkeys.enums import Opens
from tcert.response.feedkeys.models import WARN, FeedKey

MOST_KEYS = 5
_KIND = "feed key"
_NOBODY = UUID(int=0)
_TOLD = {
    Opens.ADVISORIES: gettext_noop(
        "a key was made that lets a program read advisories for members; it is revoked "
        "under “Feed keys”, not by a new passphrase"
    ),
    Opens.LOOKUPS: gettext_noop(
        "a key was made that lets a program ask whose identifiers are; it is revoked "
        "under “Feed keys”, not by a new passphrase"
    ),
    Opens.INCIDENTS: gettext_noop(
        "a key was made that lets a program report incidents for your team; it is revoked "
        "under “Feed keys”, not by a new passphrase"
    ),
    Opens.NOTIFICATIONS: gettext_noop(
        "a key was made that lets a program send notifications for your team; it is revoked "
        "under “Feed keys”, not by a new passphrase"
    ),
}


def make(
    *, principal: Principal, name: str, opens: Opens = Opens.ADVISORIES
) -> tuple[FeedKey, str]:
    """Make a key; returns it with its secret, which is shown once and kept nowhere.

    Its owner is mailed: whoever sat down at an open session must not leave a key behind unseen.
    The mail says where to revoke it, which a new passphrase does not.

    Raises:
        DomainError: the person has as many as one may have.

    """
    require(principal, Permission.FEEDKEYS_OWN_MANAGE)
    secret = credentials.new_secret()
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=principal.person_id or _NOBODY)
        if FeedKey.objects.filter(person=person).count() >= MOST_KEYS:
            raise DomainError(
                _("You have five feed keys. Revoke one that no program uses any more.")
            )
        key = FeedKey.objects.create(
            person=person, name=name, opens=opens, digest=credentials.digest(secret)
        )
        record(principal, "feedkeys:key:make", _KIND, key.id, opens=opens)
        tell(person, _(_TOLD[opens]))
    return key, secret


@transaction.atomic
def revoke(*, principal: Principal, key: FeedKey) -> None:
    """Take a key away; from the next request on it opens nothing.

    Raises:
        AlreadyDone: it was revoked a moment ago.

    """
    require(principal, Permission.FEEDKEYS_OWN_MANAGE)
    removed, _tables = FeedKey.objects.visible_to(principal).filter(pk=key.pk).delete()
    if not removed:
        raise AlreadyDone
    record(principal, "feedkeys:key:revoke", _KIND, key.pk)


def is_still_member(person: Person) -> bool:
    """Tell whether a person has an open account and a place in a team that is on the list."""
    return person.is_active and any(not m.is_unlisted for m in memberships_of(person))


def end_of_who_left(_team: Team, person_ids: Collection[UUID]) -> None:
    """Remove the keys of who had their last listed team here: a place given later revives none.

    Of who has another team those that send for one: a program that names none would send there
    what it sees in the network of the one that its owner has left.
    """
    for person in Person.objects.filter(id__in=person_ids, feed_keys__isnull=False).distinct():
        if not is_still_member(person):
            end_all(person.id, "left")
            continue
        for key in FeedKey.objects.filter(person=person, opens__in=Opens.of_a_team()):
            _end(key, "left")


@transaction.atomic
def end_all(person_id: UUID, why: str) -> None:
    """Remove all keys of a person."""
    for key in FeedKey.objects.filter(person_id=person_id):
        _end(key, why)


def sweep() -> None:
    """Remove what counts no more: keys that ended a month ago, and those of who left.

    Those are gone already where a person lost the place or a team was taken off. What else ends a
    membership is found here; until this night each request finds it.
    """
    for key in FeedKey.objects.filter(last_day__lt=clock.today() - WARN):
        with transaction.atomic():
            _end(key, "ended")
    for person in Person.objects.filter(feed_keys__isnull=False).distinct():
        if not is_still_member(person):
            end_all(person.id, "left")


def _end(key: FeedKey, why: str) -> None:
    key_id = key.pk
    removed, _tables = FeedKey.objects.filter(pk=key_id).delete()
    if removed:
        record(SYSTEM, "feedkeys:key:end", _KIND, key_id, why=why)
