"""The acts of this room that need two coordinators: to withdraw a claim, and to end one."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from tcert.community.claims.domain import claiming, disputes
from tcert.community.claims.enums import Outcome
from tcert.community.claims.models import Claim, Dispute
from tcert.community.desk.acts import DangerousAct
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation

Values = Mapping[str, Any]


def _withdraw_claim(by: Principal, claim: Claim, _values: Values, ok: Confirmation) -> None:
    claiming.withdraw(principal=by, claim=claim, confirmation=ok)


def _end_claim(by: Principal, dispute: Dispute, values: Values, ok: Confirmation) -> None:
    disputes.decide(
        principal=by,
        dispute=dispute,
        outcome=Outcome(values["outcome"]),
        decision=values["decision"],
        confirmation=ok,
    )


ACTS = (
    DangerousAct(
        name=claiming.WITHDRAW,
        title=_("Withdraw what an organisation claims"),
        model=Claim,
        permission=Permission.CLAIMS_MANAGE,
        carry_out=_withdraw_claim,
        state=lambda claim: (claim.kind, claim.value, claim.state, claim.verified_until),
        about=lambda claim: ("claim", claim.id),
        asked_of=lambda claim: claim,
        shown=lambda claim, _values: [
            (_("Organisation"), claim.organisation.name),
            (_("Claim"), f"{claim.get_kind_display()}: {claim.value}"),
        ],
    ),
    DangerousAct(
        name=disputes.END,
        title=_("End a claim that is contested"),
        model=Dispute,
        permission=Permission.CLAIMS_DISPUTE_DECIDE,
        carry_out=_end_claim,
        state=lambda dispute: (dispute.claim.state, dispute.decided_at, dispute.answers.count()),
        about=lambda dispute: ("claim", dispute.claim_id),
        asked_of=lambda dispute: dispute,
        shown=lambda dispute, values: [
            (_("Organisation"), dispute.claim.organisation.name),
            (_("Claim"), f"{dispute.claim.get_kind_display()}: {dispute.claim.value}"),
            (_("Contested by"), dispute.organisation or _("the desk")),
            (_("Why"), values["decision"]),
        ],
    ),
)
