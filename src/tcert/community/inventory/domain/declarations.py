"""What an operator declares about itself: equipment and PLMNs."""

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.models import Organisation
from tcert.community.inventory.models import Equipment, PlmnClaim, Product
from tcert.foundation.identifiers import plmn as plmns
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record


@transaction.atomic
def declare_equipment(
    *, principal: Principal, organisation: Organisation, product: Product, versions: str = ""
) -> Equipment:
    """Declare that the organisation runs a product; declared again, the versions are renewed."""
    require(principal, Permission.INVENTORY_MANAGE, organisation)
    equipment, _created = Equipment.objects.update_or_create(
        organisation=organisation,
        product=product,
        defaults={"versions": versions, "withdrawn_at": None},
    )
    record(principal, "inventory:equipment-declared", "equipment", equipment.id)
    return equipment


@transaction.atomic
def claim_plmn(*, principal: Principal, organisation: Organisation, plmn: str) -> PlmnClaim:
    """Claim a PLMN; a claim counts for proposals at once and says whether it was verified."""
    require(principal, Permission.INVENTORY_MANAGE, organisation)
    try:
        canonical = plmns.parse(plmn)
    except plmns.PlmnRefused as error:
        raise DomainError(str(error), code="plmn") from error
    claim = PlmnClaim.objects.filter(organisation=organisation, plmn=canonical).first()
    if claim is not None and claim.withdrawn_at is None:
        raise Conflict(_("This network is already on your list."))
    if claim is None:
        claim = PlmnClaim(organisation=organisation, plmn=canonical)
    claim.withdrawn_at = claim.verified_at = claim.verified_by = None
    claim.save()
    record(principal, "inventory:plmn-claimed", "plmn-claim", claim.id, plmn=canonical)
    return claim


@transaction.atomic
def verify_plmn(*, principal: Principal, claim: PlmnClaim) -> None:
    """Confirm as a coordinator that the operator holds the PLMN."""
    require(principal, Permission.INVENTORY_VERIFY)
    claim.verified_at, claim.verified_by = clock.now(), principal.person_id
    claim.save(update_fields=["verified_at", "verified_by"])
    record(principal, "inventory:plmn-verified", "plmn-claim", claim.id)


@transaction.atomic
def set_withdrawn(
    *, principal: Principal, declaration: Equipment | PlmnClaim, withdrawn: bool
) -> None:
    """Withdraw a declaration, or restore it; a restored PLMN waits for verification again."""
    require(principal, Permission.INVENTORY_MANAGE, declaration.organisation)
    declaration.withdrawn_at = clock.now() if withdrawn else None
    if isinstance(declaration, PlmnClaim):
        declaration.verified_at = declaration.verified_by = None
    declaration.save()
    act = "inventory:declaration-withdrawn" if withdrawn else "inventory:declaration-restored"
    record(principal, act, declaration._meta.model_name or "", declaration.id)
