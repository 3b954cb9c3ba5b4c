"""Withdrawing an advisory of the desk, as an act that needs two."""

from django.utils.translation import gettext_lazy as _

from tcert.community.desk.acts import DangerousAct, Values, register
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation
from tcert.response.advisories.domain import release
from tcert.response.advisories.models import Advisory


def _withdraw(by: Principal, advisory: Advisory, values: Values, confirmed: Confirmation) -> None:
    release.withdraw(
        principal=by,
        advisory_id=advisory.id,
        text_version=values["text_version"],
        reason=values["reason"],
        typed_number=values["typed_number"],
        confirmation=confirmed,
    )


register(
    DangerousAct(
        name=release.WITHDRAW,
        title=_("Withdraw a published advisory"),
        model=Advisory,
        permission=Permission.ADVISORIES_PUBLISH,
        carry_out=_withdraw,
        state=lambda advisory: (advisory.text_version, advisory.state, advisory.pending),
        about=lambda advisory: ("advisory", advisory.id),
        asked_of=lambda advisory: advisory,
        shown=lambda advisory, values: [
            (_("Advisory"), f"{advisory.number} {advisory.text.title}"),
            (_("Printed in the withdrawal"), values["reason"]),
        ],
    )
)
