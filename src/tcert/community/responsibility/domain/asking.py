"""Asking the people named: by their account, or by a link that works once; weekly until they do."""

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.tokens import digest, new_token
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Team
from tcert.community.notices.domain.telling import mail_person, notify_team
from tcert.community.responsibility import matrix as rules
from tcert.community.responsibility.domain.participation import hold
from tcert.community.responsibility.enums import EntryState
from tcert.community.responsibility.models import ConfirmLink, Entry, Matrix
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

AGAIN = "responsibility:entry:ask"
LINK_WORKS_FOR = timedelta(days=14)
AT_MOST_EVERY = timedelta(days=1)
MOST_LINKS_A_DAY = 40
"""For one organisation: whoever types addresses must not have the hub write to the whole world."""
_LINKS = Budget("responsibility:links", Scope.TARGET, MOST_LINKS_A_DAY, timedelta(days=1))
"""Counted apart from the matrix: who removes it and begins anew gets no further number."""


def ask(matrix: Matrix) -> None:
    """Ask whom it is time to ask, each person once for all their domains.

    Called in an act's transaction, with the matrix held.
    """
    now = clock.now()
    # By account as well: an account answers where it signs in, a typed name by a link alone.
    by_reader: dict[tuple[str, UUID | None], list[Entry]] = defaultdict(list)
    for entry in Entry.objects.filter(matrix=matrix).select_related("matrix", "person"):
        if entry.address and entry.state in EntryState.to_ask():
            by_reader[entry.address, entry.person_id].append(entry)
    for (address, _person), entries in by_reader.items():
        if any(rules.is_to_be_asked(one.held, one.mailed_at, now) for one in entries):
            _send(matrix, address, entries)


def _send(matrix: Matrix, address: str, entries: list[Entry]) -> None:
    """Mail one person, neutrally: the mail names neither the organisation nor the domain."""
    if not settings.MAIL_CLEAR_TEXT:
        return  # nothing is sealed to a single person: the page says that somebody has to call
    now = clock.now()
    person = next((one.person for one in entries if one.person is not None), None)
    if person is not None:
        mail_person(person, key=f"responsibility:{matrix.id}:{now:%Y-%m-%d}")
    elif not _send_link(matrix, address):
        return
    Entry.objects.filter(pk__in=[one.pk for one in entries]).update(mailed_at=now)


def _send_link(matrix: Matrix, address: str) -> bool:
    """Mail a link; False where the day's number is used up, and the daily job goes on with it."""
    now, token = clock.now(), new_token()
    if _LINKS.used(matrix.organisation_id) >= MOST_LINKS_A_DAY:
        return False
    _LINKS.spend(matrix.organisation_id)
    for earlier in ConfirmLink.objects.filter(matrix=matrix, used_at=None, expires_at__gt=now):
        if earlier.mail == address:
            ConfirmLink.objects.filter(pk=earlier.pk).update(expires_at=now)
    ConfirmLink.objects.create(
        matrix=matrix,
        mail=address,
        digest=digest(token),
        created_at=now,
        expires_at=now + LINK_WORKS_FOR,
    )
    link = settings.BASE_URL + reverse("responsibility:answer", args=[token])
    queue_mail(
        address,
        settings.MAIL_DOMAIN,
        _(
            "There is something for you to confirm at %(address)s\n\nIt takes a minute, needs no "
            "account, and works once, within %(days)d days. If you do not know what it is, open "
            "it and say so."
        )
        % {"address": link, "days": LINK_WORKS_FOR.days},
    )
    return True


@transaction.atomic
def ask_again(*, principal: Principal, entry: Entry) -> None:
    """Ask the person named once more; at most once a day.

    Raises:
        DomainError: there is nobody to ask, no address, they were asked within a day, or the
            day's number of links is used up.

    """
    require(principal, Permission.RESPONSIBILITY_MANAGE, entry.matrix.organisation)
    matrix = hold(entry.matrix)
    present = Entry.objects.select_related("matrix", "person").get(pk=entry.pk)
    if not present.address or present.state not in EntryState.to_ask():
        raise DomainError(_("There is nobody to ask here, or no address."))
    if not settings.MAIL_CLEAR_TEXT:
        raise DomainError(_("This hub sends no unsealed mail. Call the person."))
    if present.mailed_at and clock.now() - present.mailed_at < AT_MOST_EVERY:
        raise DomainError(_("They were asked within the last day already."))
    Entry.objects.filter(pk=present.pk).update(mailed_at=None)
    record(principal, AGAIN, "responsibility entry", present.id)
    ask(matrix)
    if not Entry.objects.filter(pk=present.pk, mailed_at__isnull=False).exists():
        raise DomainError(_("Your organisation has had as many links mailed today as it may."))


def remind(matrix_id: UUID) -> None:
    """Ask all of one organisation whom it is time to ask; safe to run again."""
    with transaction.atomic():
        found = Matrix.objects.filter(pk=matrix_id).first()
        if found is not None:
            ask(hold(found))


def to_remind() -> list[UUID]:
    """Return the matrices of organisations that are on the list."""
    listed = Matrix.objects.filter(organisation__state=OrganisationState.LISTED)
    return list(listed.order_by("id").values_list("id", flat=True))


def tell_teams(matrix: Matrix, key: str) -> None:
    """Tell the organisation's teams that there is a gap; the notice does not say whose or where."""
    address = settings.BASE_URL + reverse("responsibility:matrix", args=[matrix.organisation_id])
    for team in Team.objects.filter(organisation=matrix.organisation_id, retired_at=None):
        notify_team(
            team.id,
            subject=_("There is a new gap in who answers for what"),
            text=_("Look at it, and name somebody.") + f"\n\n{address}\n",
            key=f"responsibility:{key}",
        )
