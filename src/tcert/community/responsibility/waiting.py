"""What responsibility asks of who is named, and of who leads the organisation's teams."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.rules import spoken_organisation_ids
from tcert.community.responsibility import matrix as rules
from tcert.community.responsibility.domains import domains
from tcert.community.responsibility.enums import EntryState
from tcert.community.responsibility.inside import own_organisations
from tcert.community.responsibility.models import Entry, Step
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def _own_entries(principal: Principal) -> list[Entry]:
    """Return the entries of a person's own organisations, asked for once for both kinds of line."""
    own = own_organisations(principal)
    if not own:
        return []
    rows = Entry.objects.filter(matrix__organisation__in=own).order_by("domain")
    found = rows.select_related("person", "matrix__organisation")
    return principal.once("responsibility:own", lambda: list(found))


def to_confirm(principal: Principal) -> Iterator[Waiting]:
    """Ask a person to stand by what they are named for."""
    for entry in _own_entries(principal):
        if entry.person_id is None or entry.person_id != principal.person_id:
            continue
        if entry.state not in EntryState.to_ask():
            continue
        yield Waiting(
            title=_("Confirm that you answer for: %(domain)s") % {"domain": entry.label},
            why=_("%(organisation)s has named you as accountable.")
            % {"organisation": entry.matrix.organisation.name},
            otherwise=_("You are asked each week, and your organisation has a gap there."),
            url=reverse("responsibility:entry", args=[entry.matrix.organisation_id, entry.domain]),
            urgency=Urgency.SOON,
        )


def gaps(principal: Principal) -> Iterator[Waiting]:
    """Tell who leads a team how much is missing, in one line for each organisation."""
    leading = spoken_organisation_ids(principal)
    if not leading or not principal.is_member:
        return
    entries = [one for one in _own_entries(principal) if one.matrix.organisation_id in leading]
    if not entries:
        return
    steps = list(Step.objects.filter(matrix__organisation__in=leading))
    for matrix in sorted({one.matrix for one in entries}, key=str):
        mine = [one.held for one in entries if one.matrix_id == matrix.id]
        chain = [one.left_at is None for one in steps if one.matrix_id == matrix.id]
        found = rules.gaps(mine, list(domains()), chain, clock.now())
        if found:
            yield Waiting(
                title=_("Gaps in who answers for what at %(organisation)s: %(count)d")
                % {"organisation": matrix.organisation.name, "count": len(found)},
                why=_("You speak for one of its teams."),
                otherwise=_("When it burns there, nobody knows whom to call."),
                url=reverse("responsibility:matrix", args=[matrix.organisation_id]),
                urgency=Urgency.WHENEVER,
            )
