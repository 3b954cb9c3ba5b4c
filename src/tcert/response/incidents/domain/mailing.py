"""Incidents that members mail: opened in memory, taken whole or not at all, answered to members.

A mail counts by the signature of a team's present key. Its sender only says for whom, among the
people of that team, it is; and an answer goes to nobody but that person, at the address of their
account, few times in a day. The hub opens the facts, which it stores anyway. What happened is
sealed to teams, comes in sealed, and is stored as it came.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.directory.models import TeamKey
from tcert.community.directory.queries import recipient_keys
from tcert.community.talks.domain import writing
from tcert.community.talks.queries import speaking_teams
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Outcome, Scope
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.openpgp import mailkey
from tcert.foundation.openpgp.mailing import queue_sealed_mail
from tcert.foundation.openpgp.opening import OpeningRefused, open_limited
from tcert.foundation.sealed.domain import posting
from tcert.response.incidents import given, letter, queries
from tcert.response.incidents.domain import receiving
from tcert.response.incidents.letter import Inside, Unread
from tcert.response.incidents.models import Incident

logger = logging.getLogger(__name__)

OPENED = Budget("incidents:mail-opened", Scope.ACCOUNT, limit=30, per=timedelta(days=1))
"""Mails that name one account as their sender and are opened in a day: anybody can send these."""
OPENED_AT_ALL = Budget("incidents:mail-opened-at-all", Scope.HUB, limit=500, per=timedelta(days=1))
ANSWERED = Budget("incidents:mail-answered", Scope.ACCOUNT, limit=3, per=timedelta(days=1))
"""Answers to one account that a mail was not taken; its sender may be forged."""
LATE = timedelta(days=30)
"""What was noticed before is not taken by mail: less than an incident is kept, so that none comes
back by an old mail once it was deleted."""

Look = Callable[[Person], Principal | None]


def take(raw: bytes, principal_of: Look) -> Incident | None:
    """Take a mail, or nothing of it; returns the incident, which may stand already.

    Args:
        raw: The mail as it came; cut off beyond what is read.
        principal_of: Who a person is to the rules, without a staff session.

    """
    found = _addressed(raw)
    principal = principal_of(found[0]) if found is not None else None
    if found is None or principal is None:
        return None
    person, sealed = found
    if not _within(person):
        _say_refused(person)  # it may be their own, and somebody else has used up their day
        return None
    try:
        key, inside = _opened(principal, sealed)
        return _taken(person, replace(principal, acting_team_id=key.team_id), key, inside)
    except (Unread, OpeningRefused, DomainError, PermissionDenied):
        _say_refused(person)
        return None


def _addressed(raw: bytes) -> tuple[Person, bytes] | None:
    """Return whom a mail names as its sender, and what is sealed to the mailbox; None for others.

    Nobody is answered here: anybody can write such a mail in anybody's name.
    """
    try:
        mailed = letter.read(raw)
    except Unread:
        return None
    person = Person.objects.filter(email__iexact=mailed.sender, is_active=True).first()
    public = mailkey.public()
    if person is None or public is None or not letter.is_sealed_to(mailed.sealed, public.key_ids):
        return None
    return person, mailed.sealed


def _within(person: Person) -> bool:
    """Count a mail that is to be opened; a flood in one person's name stops nobody else's."""
    if OPENED.spend(person.id) is not Outcome.WITHIN:
        return False
    if OPENED_AT_ALL.spend() is Outcome.WITHIN:
        return True
    logger.warning("more mails about incidents came in a day than are opened")
    return False


def _opened(principal: Principal, sealed: bytes) -> tuple[TeamKey, Inside]:
    """Open a mail in memory; returns with it the one key of the person's teams that signed it."""
    teams = speaking_teams(principal)
    keys = recipient_keys([team.id for team in teams], clock.now())
    known = {key.fingerprint: key for key in keys.values()}
    if not known:
        raise Unread
    opened = open_limited(
        sealed,
        secret_key=mailkey.load(),
        signers=[key.certificate.encode() for key in known.values()],
        max_output=letter.MOST_INSIDE,
    )
    signers = [known[one] for one in opened.signers if one in known]
    if len(signers) != 1 or _is_of_another_team(signers[0]):
        raise Unread
    return signers[0], letter.inside(opened.plaintext)


def _is_of_another_team(key: TeamKey) -> bool:
    """Tell whether another team has, or had, the same key: for which it was signed nobody knows."""
    return TeamKey.objects.filter(fingerprint=key.fingerprint).exclude(team=key.team_id).exists()


@transaction.atomic
def _taken(person: Person, principal: Principal, key: TeamKey, inside: Inside) -> Incident:
    """Take what was signed, with the answer: a crash leaves both or neither."""
    if inside.hub != hub_name():
        raise Unread
    said = given.of_fields(
        {"team": str(key.team_id), "key": f"mail-{inside.digest}", **inside.fields}, ""
    )
    if said.noticed_at is not None and said.noticed_at < clock.now() - LATE:
        raise DomainError(_("It was noticed too long ago to be reported by mail."))
    incident, is_new = receiving.receive(principal=principal, given=said)
    if inside.words:
        _write(principal, incident, inside.words, is_new=is_new)
    if is_new:
        _say_taken(person, key, incident)
    return incident


def _write(principal: Principal, incident: Incident, words: bytes, *, is_new: bool) -> None:
    """Store sealed words in the talk of a new incident; of one that stands they must be there."""
    talk = queries.talk_of(incident)
    if talk is None:
        raise Conflict(_("The talk of this incident was closed."))
    author = writing.author_of(principal, talk)
    if is_new:
        version = talk.thread.current_set.version
        writing.post(principal=principal, talk=talk, set_version=version, sealed=words)
    elif not posting.taken_before(thread_id=talk.thread_id, author=author.holder, sealed=words):
        raise Conflict(_("This incident stands already. Write what is new in its talk."))


def hub_name() -> str:
    """Return the name of this hub, as the first line of a mail says it."""
    return urlsplit(settings.BASE_URL).hostname or ""


def _say_taken(person: Person, key: TeamKey, incident: Incident) -> None:
    """Answer with the number, sealed to the key that signed; else neutrally, where that is sent."""
    neutral = _("Your mail was taken. Sign in to see what became of it: %(url)s\n") % {
        "url": f"{settings.BASE_URL}{reverse('incidents:list')}"
    }
    address = reverse("incidents:incident", args=[incident.id])
    queue_sealed_mail(
        to=person.email,
        certificate=key.certificate,
        subject=_("Incidents"),
        text=_("%(number)s stands, and the desk was told.\n\n%(url)s\n")
        % {"number": incident.number, "url": f"{settings.BASE_URL}{address}"},
        otherwise=neutral if settings.MAIL_CLEAR_TEXT else "",
        key=f"incidents:mailed:{incident.id}",
    )


def _say_refused(person: Person) -> None:
    """Answer that a mail was not taken, in the same words whatever the cause; a few a day."""
    if not settings.MAIL_CLEAR_TEXT or ANSWERED.spend(person.id) is not Outcome.WITHIN:
        return
    words = _(
        "A mail that names you as its sender came to the address for incidents and was not taken. "
        "Nothing of it was stored. If you sent it, sign in and report here, where you are told "
        "what is wrong: %(url)s\nIf you did not, somebody used your address; there is nothing to "
        "do.\n"
    ) % {"url": f"{settings.BASE_URL}{reverse('incidents:new')}"}
    queue_mail(person.email, settings.MAIL_DOMAIN, words)
