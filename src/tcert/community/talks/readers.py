"""Who reads a conversation of teams: each team with the key that counts for it now."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.directory.queries import active_key, recipient_certificates
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.domain import threads as sealed_threads
from tcert.foundation.sealed.domain.posting import Author
from tcert.foundation.sealed.domain.threads import NewRecipient
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Holder, RecipientSet, Thread


class NoKey(DomainError):
    """A team has no key that can be sealed to."""

    def __init__(self, team: Team) -> None:
        super().__init__(
            _("%(team)s has no active key, and nothing can be sealed to it without one.")
            % {"team": team.name},
            code="no-key",
        )


def team_holder(team_id: UUID) -> Holder:
    """Return a team as the sealed room knows it."""
    return Holder(HolderKind.TEAM, team_id)


def team_recipient(team: Team) -> NewRecipient:
    """Return a team with its active key; raises `NoKey`."""
    (found,) = team_recipients([team])
    return found


def team_recipients(teams: Sequence[Team]) -> list[NewRecipient]:
    """Return teams with their active keys, in their order; raises `NoKey`."""
    found = recipient_certificates([team.id for team in teams], clock.now())
    for team in teams:
        if team.id not in found:
            raise NoKey(team)
    return [NewRecipient(team_holder(team.id), found[team.id]) for team in teams]


@transaction.atomic
def keep_in_step(
    *,
    principal: Principal,
    thread_id: UUID,
    teams: Iterable[Team],
    kept: Collection[Holder] = (),
) -> RecipientSet:
    """Bring a thread's recipient set in step with the teams that read it and their active keys.

    A reader whose key has expired without a successor keeps the old one: the next post asks for
    the confirmation to go on without it, which `leave_out` records. The others come and go all
    the same. The caller holds the thread, and read `teams` since.

    Args:
        principal: Who acts.
        thread_id: The thread, held.
        teams: All teams that read it.
        kept: Readers besides them, as they are.

    Raises:
        NoKey: a team that is new to it has no key.

    """
    current = Thread.objects.select_for_update().get(id=thread_id).current_set
    held = {r.holder for r in current.recipients.all()}
    wanted: list[NewRecipient] = []
    staying = set(kept)
    for team in teams:
        key = active_key(team.id, clock.now())
        if key is not None:
            wanted.append(NewRecipient(team_holder(team.id), key.certificate))
        elif team_holder(team.id) in held:
            staying.add(team_holder(team.id))
        else:
            raise NoKey(team)
    return sealed_threads.change_recipients(
        principal=principal, thread_id=thread_id, recipients=wanted, kept=staying
    )


def author_of(principal: Principal, thread: Thread, team_id: UUID | None = None) -> Author:
    """Return the team that the person writes for in a thread, with the key it signs with.

    A person in two teams that read the thread names one, else the acting team counts.
    """
    held = {
        r.holder_id: r
        for r in thread.current_set.recipients.filter(
            holder_kind=HolderKind.TEAM, holder_id__in=principal.acting_team_ids
        )
    }
    for candidate in (team_id, principal.acting_team_id, *held):
        if candidate in held:
            recipient = held[candidate]
            return Author(recipient.holder, recipient.fingerprint)
    raise DomainError(_("None of your teams reads this conversation with its present key."))
