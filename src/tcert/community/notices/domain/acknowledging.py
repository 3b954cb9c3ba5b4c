"""“Seen by the team”: said by a member who signed in, or by whoever holds the duty phone.

Neither needs a vault. The link of a page says only this, works once, and tells nothing.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.tokens import digest
from tcert.community.notices.models import Notice, Page
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record

ACKNOWLEDGED = "notices:acknowledged"


@transaction.atomic
def acknowledge(*, principal: Principal, notice: Notice) -> datetime:
    """Say for the team that it has seen a notice; the first word stands."""
    require(principal, Permission.NOTICES_NOTICE_READ, notice)
    return _acknowledge(principal, notice, by_link=False)


@transaction.atomic
def acknowledge_by_link(token: str) -> datetime:
    """Use up the link of a page.

    Raises:
        DomainError: it is unknown, used or ended; one answer for all three.

    """
    now = clock.now()
    page = Page.objects.select_related("notice").filter(digest=digest(token)).first()
    used = (
        page is not None
        and page.is_open(now)
        and Page.objects.filter(pk=page.pk, used_at=None).update(used_at=now)
    )
    if page is None or page.notice is None or not used:
        raise DomainError(_("This link does not work: it was used, has ended, or is incomplete."))
    return _acknowledge(SYSTEM, page.notice, by_link=True)


def _acknowledge(principal: Principal, notice: Notice, *, by_link: bool) -> datetime:
    now = clock.now()
    first = Notice.objects.filter(pk=notice.pk, acknowledged_at=None).update(
        acknowledged_at=now, acknowledged_by=principal.person_id
    )
    if not first:
        return Notice.objects.values_list("acknowledged_at", flat=True).get(pk=notice.pk) or now
    record(
        principal,
        "notices:acknowledge",
        "notice",
        notice.id,
        team=str(notice.team_id),
        link=by_link,
    )
    if notice.about is not None:
        emit(ACKNOWLEDGED, notice.about, team=notice.team_id)
    return now
