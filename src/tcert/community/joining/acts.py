"""The act of two of this room: admitting an applicant while the hub is founded."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tcert.community.desk.acts import DangerousAct, Values, Words
from tcert.community.joining.domain import deciding
from tcert.community.joining.models import Application
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation


def _admit(by: Principal, found: Application, _values: Values, confirmed: Confirmation) -> None:
    deciding.admit(principal=by, application=found, confirmation=confirmed)


def _about(found: Application) -> tuple[str, UUID]:
    return "application", found.id


def _state(found: Application) -> Iterable[object]:
    return (found.state, found.name, found.kind, found.mail, found.examined_at)


def _shown(found: Application, _values: Values) -> list[tuple[Words, Any]]:
    return [(_("Applicant"), found.name), (_("Mail domain"), found.mail_domain)]


ADMIT = DangerousAct(
    name=deciding.ADMIT,
    title=_("Admit an applicant in the founding phase"),
    model=Application,
    permission=Permission.JOINING_DECIDE,
    carry_out=_admit,
    state=_state,
    about=_about,
    asked_of=lambda found: found,
    shown=_shown,
)
