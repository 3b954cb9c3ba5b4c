"""The one place that changes the state of an application, and who is told that something waits."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.queries import desk_team
from tcert.community.joining import protocol
from tcert.community.joining.enums import Act, State
from tcert.community.joining.models import Application
from tcert.community.joining.queries import applications, standing_of
from tcert.community.notices.domain.telling import mail_person, notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import STALE, mark

KIND = "application"
EVENTS = {
    Act.LIST: "joining:listed",
    Act.ADMIT: "joining:listed",
    Act.COMPLETE: "joining:member",
}


IDENTITY = frozenset({"name", "short_name", "kind", "country", "website", "team_name", "mail"})
"""What makes it another applicant: words that were given for the one before do not carry over."""


def require_shown(application: Application, shown: str | None) -> None:
    """Raise Conflict where a held application is of another than the page `shown` said.

    None as mark is for acts that start from no page.
    """
    if shown is not None and mark(application, IDENTITY) != shown:
        raise Conflict(
            _("Who applies has changed since you opened this page. Read it again, then decide."),
            code=STALE,
        )


def hold(application_id: UUID) -> Application:
    """Lock an application and return it as it stands."""
    return applications().select_for_update(of=("self",)).get(pk=application_id)


def note(principal: Principal, act: str, application: Application, **data: Any) -> None:
    """Write the record of an act on an application."""
    record(principal, f"joining:{act}", KIND, application.id, **data)


def move(principal: Principal, application: Application, act: Act, **values: Any) -> None:
    """Move a held application on, with the values that come with it.

    Raises:
        Conflict: it is not, or no longer, where this can be done.

    """
    was = State(application.state)
    became = protocol.after(was, act)
    if became is None:
        raise Conflict(_("The application is not where this can be done any more. Look again."))
    now = clock.now()
    if became is not was:
        values["since"] = now
    if became in State.final():
        values["ended_at"] = now
    for name, value in {**values, "state": became}.items():
        setattr(application, name, value)
    application.save(update_fields=[*values, "state"])
    note(principal, act.value, application, was=was.value, became=became.value)
    if act in EVENTS:
        emit(EVENTS[act], application.id, team=application.team_id or application.id)


def settle(application: Application) -> None:
    """Follow what the words for a held application come to: two houses stand for it, or no more."""
    standing = standing_of(application)
    enough = standing.houses >= protocol.ENOUGH_HOUSES
    if application.state == State.SUBMITTED and application.examined_at and enough:
        move(SYSTEM, application, Act.SPONSOR)
        tell_desk(application, "sponsored")
        tell_applicant(application, "sponsored")
    elif application.state in {State.SPONSORED, State.OBJECTIONS} and not enough:
        move(SYSTEM, application, Act.UNSPONSOR, objections_until=None)
        tell_desk(application, "unsponsored")
        tell_applicant(application, "unsponsored")


def tell_applicant(application: Application, why: str) -> None:
    """Mail the applicant that there is something; they sign in to see what."""
    key = f"joining:{application.id}:{why}:{application.since:%Y%m%dT%H%M%S}"
    mail_person(application.applicant, key=key)


def tell_desk(application: Application, why: str) -> None:
    """Tell the desk that an application waits for it, naming nobody."""
    desk = desk_team()
    if desk is None:
        return
    address = settings.BASE_URL + reverse("joining:desk", args=[application.id])
    notify_team(
        desk.id,
        subject=_("An application to join waits"),
        text=_("It is the desk's turn.") + f"\n\n{address}\n",
        key=f"joining:{application.id}:{why}:{application.since:%Y%m%dT%H%M%S}",
    )
