"""What the desk can say about the installation."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from tcert.community.desk import queries, sessions
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import Finding, fine, inspection, warning

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
