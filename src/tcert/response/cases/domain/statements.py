"""What a party says of each product and version."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.domain.participants import heard
from tcert.response.cases.enums import FixState, Position
from tcert.response.cases.models import CaseProduct, Participant, Statement

LONGEST_TEXT = 8_000


@transaction.atomic
def state(
    *,
    principal: Principal,
    participant: Participant,
    product: CaseProduct,
    version: str,
    position: Position,
    fix_state: FixState = FixState.NONE,
    fix_expected_on: date | None = None,
    fixed_version: str = "",
    text: str = "",
    statement: Statement | None = None,
    revision: int | None = None,
) -> Statement:
    """State one's position on a product and version, anew or in place of one's earlier one.

    Only a party speaks for itself; nobody else can put words into its row.
    """
    require(principal, Permission.CASES_ROW_MANAGE, participant)
    if product.case_id != participant.case_id:
        raise DomainError(_("This product belongs to another case."))
    if len(text) > LONGEST_TEXT:
        raise DomainError(_("Keep the text below 8,000 characters; send more in a message."))
    if position is Position.FIXED and not fixed_version.strip():
        raise DomainError(_("Name the first version with the fix."))
    if position is Position.KNOWN_NOT_AFFECTED and not text.strip():
        raise DomainError(_("Say in a sentence why the product is not affected."))
    if statement is None:
        statement = Statement(participant=participant)
    else:
        if statement.participant_id != participant.pk:
            raise DomainError(_("This is another party's statement."))
        statement.claim(revision)
    before = statement.position
    statement.product, statement.version = product, " ".join(version.split())
    statement.position, statement.fix_state = position, fix_state
    statement.fix_expected_on, statement.fixed_version = fix_expected_on, fixed_version.strip()
    statement.text = text.strip()
    statement.stated_at, statement.stated_by = clock.now(), principal.person_id
    try:
        with transaction.atomic():
            statement.save()
    except IntegrityError:
        raise Conflict(
            _("Your team has a statement on this product and version already: change that one."),
            code="conflict",
        ) from None
    heard(participant)
    note(
        principal,
        "statement",
        participant.case,
        participant,
        product=str(product.pk),
        before=before,
        after=position,
        fix=fix_state,
    )
    emit("cases:statement_changed", participant.case_id, statement=statement.id, position=position)
    if participant.team_id != participant.case.coordinating_team_id:
        tell_team(participant.case, participant.case.coordinating_team_id, "statement")
    return statement


@transaction.atomic
def withdraw(*, principal: Principal, statement: Statement, revision: int | None) -> None:
    """Take a statement back that was made by mistake."""
    require(principal, Permission.CASES_ROW_MANAGE, statement.participant)
    statement.claim(revision)
    case_id = statement.participant.case_id
    note(
        principal,
        "statement-withdrawn",
        statement.participant.case,
        statement.participant,
        product=str(statement.product_id),
    )
    emit("cases:statement_changed", case_id, statement=statement.id, position="")
    statement.delete()
