"""What the desk can say about the installation."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from tcert.community.desk import queries, sessions
from tcert.community.notices.domain.telling import mail_now
from tcert.community.notices.enums import Told
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import (
    Finding,
    demanded,
    fine,
    inspection,
    warning,
)

_PAIR = 2


@inspection("staff", _("Staff sessions"))
def inspect_staff() -> Iterator[Finding]:
    """Another coordinator has looked at every staff session within seven days."""
    late = sessions.overdue(clock.now()).count()
    if not late:
        yield fine(_("No staff session waits longer than seven days to be looked at."))
    elif queries.members().count() < _PAIR:
        yield warning(
            _("Staff sessions that nobody else can look at: %(count)d.") % {"count": late},
            _("Have the desk invite a second coordinator."),
        )
    else:
        yield warning(
            _("Staff sessions that nobody has looked at for seven days: %(count)d.")
            % {"count": late},
            _("Remind the coordinators: “Staff sessions”, filter “overdue”."),
        )


@inspection("deputy", _("The desk's deputy"))
def inspect_deputy() -> Iterator[Finding]:
    """Somebody is called when the desk misses its promise to a reporter."""
    found = queries.deputy()
    if found is None:
        yield demanded(
            _("The desk has no deputy: nobody is called when a reporter waits too long."),
            _("A coordinator names one: “Deputy”, under the desk's pages."),
        )
    elif found.team_id is not None and mail_now(found.team_id) in {Told.NO_ADDRESS, Told.NO_KEY}:
        yield warning(
            _("The desk's deputy cannot be told by mail."),
            _("Have that team enter an address and a key, or name another deputy."),
        )
    else:
        yield fine(_("The desk has a deputy."))
