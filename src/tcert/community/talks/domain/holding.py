"""What the acts on talks share: the talk, held; its readers in step; the notice to a team."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.directory.queries import recipient_certificates
from tcert.community.talks import readers
from tcert.community.talks.enums import What
from tcert.community.talks.models import Place, Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.models import RecipientSet, Thread

NOTICE = "talks:notice"


def held(talk: Talk) -> Talk:
    """Lock a talk and then its thread, always in this order, and return it as it is now.

    A post, a departure, an end and a deletion of the same talk come one after the other.
    Must stand in a transaction; raises `AlreadyDone` once it was deleted.
    """
    present = Talk.objects.select_for_update(of=("self",)).filter(pk=talk.pk).first()
    if present is None:
        raise AlreadyDone
    present.thread = Thread.objects.select_for_update().get(pk=present.thread_id)
    return present


def require_free(talk: Talk) -> None:
    """Raise DomainError where an upper room says who reads a talk, and when it ends."""
    if talk.is_governed:
        raise DomainError(_("Who reads this talk is decided where it was begun from, not here."))


def keep_in_step(principal: Principal, talk: Talk) -> RecipientSet:
    """Seal what comes to the teams that read now, with their present keys; the talk is held.

    A team that came back onto the list without a key is passed over until it has one.
    """
    places = Place.objects.filter(talk=talk).sealed_to()
    teams = list(Team.objects.filter(pk__in=places.values("team")).order_by("pk"))
    held_now = talk.thread.current_set.recipients.values_list("holder_id", flat=True)
    able = {*held_now, *recipient_certificates([team.id for team in teams], clock.now())}
    teams = [team for team in teams if team.id in able]
    return readers.keep_in_step(principal=principal, thread_id=talk.thread_id, teams=teams)


def tell(talk: Talk, team_id: UUID, what: What) -> None:
    """Let a team be told, in one neutral word; the worker writes the mail."""
    emit(NOTICE, talk.id, team=team_id, what=what)
