"""What standing and absences ask of those who speak for organisations, and of the desk."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.enums import TeamRole
from tcert.community.participation import queries
from tcert.community.participation.enums import AbsenceState, State
from tcert.community.participation.models import Absence
from tcert.community.participation.ties import kept_from
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def standing(principal: Principal) -> Iterator[Waiting]:
    """Tell who speaks for an organisation that its standing ends soon, or has lapsed.

    The last night's look says of whom to ask at all, so that my day costs one question else.
    """
    if not principal.is_member:
        return
    led = queries.told_organisations(principal, TeamRole.leading())
    found = queries.standings(led, clock.today()) if led else {}
    for one in led:
        stands = found[one.id]
        url = reverse("participation:organisation", args=[one.id])
        if stands.state is State.WARNED and stands.until:
            yield Waiting(
                title=_("The standing of %(name)s ends soon") % {"name": one.short_name},
                why=_("You speak for it, and not enough counts after that day."),
                otherwise=_(
                    "It has no vote, cannot stand for applicants and reads no restricted "
                    "documents until enough counts again."
                ),
                url=url,
                due=datetime.combine(stands.until, time.max, UTC),
            )
        elif stands.state is State.LAPSED:
            yield Waiting(
                title=_("The standing of %(name)s has lapsed") % {"name": one.short_name},
                why=_("You speak for it. The page says what is missing."),
                otherwise=_("It stays so; standing comes back by itself once enough counts."),
                url=url,
                urgency=Urgency.WHENEVER,
            )


def absences(principal: Principal) -> Iterator[Waiting]:
    """Ask coordinators to answer who asked to be excused; one line, whatever their number."""
    if not principal.is_coordinator:
        return
    asked = Absence.objects.filter(state=AbsenceState.ASKED)
    count = asked.exclude(organisation__in=kept_from(principal)).count()
    if count:
        yield Waiting(
            title=_("Absences to decide: %(count)d") % {"count": count},
            why=_("Organisations asked to be excused for some time."),
            otherwise=_("Their days go on counting, and they do not know where they stand."),
            url=reverse("participation:absences"),
        )
