"""Taking an organisation off the list for what it did, as an act of two."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from tcert.community.conduct.domain import measures
from tcert.community.conduct.enums import Ground, Kind
from tcert.community.conduct.models import GROUNDS, KINDS
from tcert.community.desk.acts import DangerousAct, Values, Words, register
from tcert.community.directory.models import Organisation
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation


def _impose(
    by: Principal, organisation: Organisation, values: Values, confirmed: Confirmation
) -> None:
    measures.impose(
        principal=by,
        organisation=organisation,
        kind=Kind(values["kind"]),
        ground=Ground(values["ground"]),
        reason=values["reason"],
        days=values["days"],
        confirmed_name=values["confirmed_name"],
        confirmation=confirmed,
    )


def _shown(organisation: Organisation, values: Values) -> Iterable[tuple[Words, object]]:
    yield _("Organisation"), organisation.name
    yield _("Measure"), KINDS[Kind(values["kind"])]
    if values["kind"] == Kind.SUSPENSION:
        yield _("For how many days"), values["days"]
    yield _("Ground"), GROUNDS[Ground(values["ground"])]
    yield _("What the organisation reads"), values["reason"]


register(
    DangerousAct(
        name=measures.IMPOSE,
        title=_("Suspend or exclude an organisation"),
        model=Organisation,
        permission=Permission.CONDUCT_MEASURES_MANAGE,
        carry_out=_impose,
        state=lambda body: (body.name, body.state),
        about=lambda body: ("organisation", body.id),
        asked_of=lambda body: body,
        shown=_shown,
    )
)
