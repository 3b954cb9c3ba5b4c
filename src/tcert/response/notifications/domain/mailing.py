"""The sealed lines as a mail: what lies in the hop, wrapped, and nothing else of it anywhere.

The hub cannot open what it sealed. So if the team's key has changed since, nothing is sealed anew:
no mail leaves, and the hop says why. The queue holds to whom and which hop; the octets are taken
from there at each attempt, so that what is deleted, or said not to be theirs, leaves no more.
"""

from uuid import UUID

from django.db.models import Q

from tcert.community.directory.enums import ChannelKind
from tcert.community.directory.models import Channel
from tcert.community.directory.queries import active_key
from tcert.community.notices.domain.telling import addresses
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.mail import Content, queue_mail
from tcert.foundation.openpgp import standing
from tcert.foundation.openpgp.certificates import CertificateRefused, inspect
from tcert.foundation.openpgp.packets import Tag, recipient_key_id, split
from tcert.foundation.openpgp.pgpmime import HIDDEN_SUBJECT, entity_of
from tcert.response.notifications.enums import Mailed, Said, Severity, Way
from tcert.response.notifications.models import DeliveryRule, Step

LINES = "notifications:lines"


def queue(step: Step, *, key: str) -> None:
    """Queue the lines of a hop, one mail to each address of its team, in the caller's transaction.

    Called for each hop that is told; does nothing where no mail is wanted.
    """
    if step.mailed != Mailed.WAITS:
        return
    urgent = step.notification.sending.severity in Severity.urgent()
    channels = addresses(step.team_id, urgent=urgent)
    trouble = _trouble(step) if channels else Mailed.NO_ADDRESS
    if trouble:
        _note(step.pk, trouble)
        return
    for channel in channels:
        queue_mail(
            channel.value, HIDDEN_SUBJECT, content=(LINES, step.pk), key=f"{key}:{channel.id}"
        )


def _entity(step_id: UUID, address: str) -> bytes | None:
    """Return the lines of a hop as they are mailed now; None, noted with why, if they are not."""
    rows = Step.objects.select_related("team__organisation", "notification__sending")
    step = rows.filter(pk=step_id).first()
    if step is None:
        return None
    trouble = _trouble(step)
    if trouble is None and not _is_address(step.team_id, address):
        trouble = Mailed.TAKEN_BACK
    if trouble is None:
        return entity_of(bytes(step.body or b""))
    _note(step_id, trouble)
    return None


def _trouble(step: Step) -> Mailed | None:
    """Say why the lines of a hop may not be mailed now; None: they may."""
    if step.body is None or step.said == Said.NOT_OURS or not step.team.is_listed:
        return Mailed.GONE
    if not _is_wanted(step):
        return Mailed.TAKEN_BACK
    now = clock.now()
    key = active_key(step.team_id, now)
    if key is None or standing.ended([key.fingerprint]):
        return Mailed.NO_KEY
    try:
        present = inspect(key.certificate, now).key_ids
    except CertificateRefused:
        return Mailed.NO_KEY
    sealed_to = {
        recipient_key_id(one.body) for one in split(bytes(step.body)) if one.tag == Tag.PKESK
    }
    return None if sealed_to <= present else Mailed.KEY_CHANGED


def _is_wanted(step: Step) -> bool:
    """Tell whether a rule that wants mail still stands and may have led to this hop.

    Which rule led there is not kept, and the lines cannot be opened to ask again: of the class, the
    source and the team one that may have is enough.
    """
    sending = step.notification.sending
    return DeliveryRule.objects.filter(
        Q(team=None) | Q(team=step.team_id),
        organisation=step.team.organisation_id,
        way=Way.MAIL,
        topic__in=["", sending.topic],
        feed__in=["", sending.feed],
    ).exists()


def _is_address(team_id: UUID, address: str) -> bool:
    mailed = Channel.objects.filter(team=team_id, kind=ChannelKind.EMAIL)
    return any(one.value == address for one in mailed)


def _note(step_id: UUID, why: Mailed) -> None:
    """Note why no mail leaves, unless one to another address of the team has."""
    Step.objects.filter(pk=step_id, mailed=Mailed.WAITS).update(mailed=why)


def _left(step_id: UUID) -> None:
    Step.objects.filter(pk=step_id).update(mailed=Mailed.LEFT, mailed_at=clock.now())


def _refused(step_id: UUID) -> None:
    _note(step_id, Mailed.REFUSED)


CONTENT = Content(entity=_entity, left=_left, refused=_refused)
