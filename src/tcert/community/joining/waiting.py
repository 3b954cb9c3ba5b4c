"""What waits for applicants, for teams that are asked to vouch, and for the desk."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.rules import speaks_for
from tcert.community.joining import queries
from tcert.community.joining.enums import Actor, State
from tcert.community.joining.models import Sponsorship
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def own(principal: Principal) -> Iterator[Waiting]:
    """Tell an applicant that it is their turn, and by when."""
    going = [*sorted(state.value for state in State.running()), State.LISTED]
    found = list(queries.applications().of_applicant(principal).filter(state__in=going))
    for row in queries.rows(found, queries.told_to_applicants(found)):
        if row.actor is not Actor.APPLICANT:
            continue
        listed = row.application.state == State.LISTED
        yield Waiting(
            title=_("Become a member: a confirmed key, and a second person")
            if listed
            else _("Go on with your application"),
            why=_("It is your turn."),
            otherwise=_("It stays listed, and no case can be sealed to it.")
            if listed
            else _("It is deleted or lapses on that day."),
            url=reverse("joining:application", args=[row.application.id]),
            due=row.due,
        )


def asked(principal: Principal) -> Iterator[Waiting]:
    """Tell who speaks for a team that it is asked to vouch for an applicant."""
    if not principal.is_member or not speaks_for(principal, None):
        return
    waiting = Sponsorship.objects.waiting_for(principal)
    for one in waiting.select_related("application", "team")[:20]:
        if not speaks_for(principal, one.team):
            continue
        yield Waiting(
            title=_("Vouch for %(name)s, or decline") % {"name": one.application.name},
            why=_("They say that %(team)s knows them.") % {"team": one.team.name},
            otherwise=_("They wait, and may ask another team. They are not told if you decline."),
            url=reverse("joining:sponsorship", args=[one.id]),
            urgency=Urgency.WHENEVER,
        )


def desk(principal: Principal) -> Iterator[Waiting]:
    """Tell coordinators how many applications wait for the desk; one line whatever their number."""
    if not principal.is_coordinator:
        return
    count = queries.count_for_desk(principal)
    if count:
        yield Waiting(
            title=_("Applications that wait for the desk: %(count)d") % {"count": count},
            why=_("Nobody should wait for months without a word."),
            otherwise=_("The applicant sees that it is the desk's turn, and since when."),
            url=reverse("joining:queue") + "?who=desk",
            urgency=Urgency.SOON,
        )
