"""What an operator declares about itself: the equipment that it runs."""

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.models import Organisation
from tcert.community.inventory.models import Equipment, Product
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.foundation.kernel.shown import STALE, mark

EQUIPMENT_FIELDS = ("versions",)
WITHDRAW = "inventory:equipment:withdraw"


@transaction.atomic
def declare_equipment(
    *,
    principal: Principal,
    organisation: Organisation,
    product: Product,
    versions: str = "",
    shown: str | None = None,
) -> Equipment:
    """Declare that the organisation runs a product; declared again, the versions are renewed.

    Raises:
        Conflict: a colleague declared it with other versions than the page `shown` knew.

    """
    require(principal, Permission.INVENTORY_MANAGE, organisation)
    # What two declare for the first time has no row yet: their organisation's is held instead.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    present = (
        Equipment.objects.current()
        .filter(organisation=organisation, product=product)
        .exclude(versions=versions)
        .first()
    )
    if present and shown is not None and mark(present, EQUIPMENT_FIELDS) != shown:
        raise Conflict(
            _(
                "It is on your list already, with the versions “%(versions)s”. Nothing was "
                "changed; to replace them with what you typed, declare it again."
            )
            % {"versions": present.versions},
            code=STALE,
        )
    equipment, _created = Equipment.objects.update_or_create(
        organisation=organisation,
        product=product,
        defaults={"versions": versions, "withdrawn_at": None},
    )
    record(principal, "inventory:equipment-declared", "equipment", equipment.id)
    return equipment


@transaction.atomic
def set_withdrawn(
    *,
    principal: Principal,
    declaration: Equipment,
    withdrawn: bool,
    confirmation: Confirmation | None = None,
) -> None:
    """Withdraw a declaration, or restore it.

    What an operator has declared keeps cases from those of the desk who are tied to it, as its
    people or otherwise. So nobody of the desk withdraws it alone, whether the hub knows of a tie
    or not; the operator's other people do.

    Raises:
        Conflict: somebody did the same a moment ago.

    """
    require(principal, Permission.INVENTORY_MANAGE, declaration.organisation)
    if withdrawn and principal.is_desk:
        require_second(confirmation, WITHDRAW, declaration.id)
    declaration.withdrawn_at = clock.now() if withdrawn else None
    rows = Equipment.objects.filter(pk=declaration.pk, withdrawn_at__isnull=withdrawn)
    if not rows.update(withdrawn_at=declaration.withdrawn_at):
        raise AlreadyDone
    act = "inventory:declaration-withdrawn" if withdrawn else "inventory:declaration-restored"
    record(principal, act, "equipment", declaration.id)
