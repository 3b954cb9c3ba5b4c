"""What an operator declares about itself: equipment and PLMNs."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.directory.models import Organisation
from tcert.community.inventory.models import Equipment, PlmnClaim, Product
from tcert.foundation.identifiers import plmn as plmns
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.foundation.kernel.shown import STALE, mark

EQUIPMENT_FIELDS = ("versions",)
WITHDRAW = {Equipment: "inventory:equipment:withdraw", PlmnClaim: "inventory:network:withdraw"}


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
    try:
        with transaction.atomic():
            claim.save()
    except IntegrityError as error:
        raise Conflict(_("This network is already on your list.")) from error
    record(principal, "inventory:plmn-claimed", "plmn-claim", claim.id, plmn=canonical)
    return claim


@transaction.atomic
def verify_plmn(*, principal: Principal, claim: PlmnClaim) -> None:
    """Confirm as a coordinator that the operator holds the PLMN.

    Raises:
        Conflict: a colleague verified it, or the operator withdrew it, a moment ago.

    """
    require(principal, Permission.INVENTORY_VERIFY)
    claim.verified_at, claim.verified_by = clock.now(), principal.person_id
    rows = PlmnClaim.objects.current().filter(pk=claim.pk, verified_at=None)
    if not rows.update(verified_at=claim.verified_at, verified_by=claim.verified_by):
        raise AlreadyDone
    record(principal, "inventory:plmn-verified", "plmn-claim", claim.id)


@transaction.atomic
def set_withdrawn(
    *,
    principal: Principal,
    declaration: Equipment | PlmnClaim,
    withdrawn: bool,
    confirmation: Confirmation | None = None,
) -> None:
    """Withdraw a declaration, or restore it; a restored PLMN waits for verification again.

    What an operator has declared keeps cases from those of the desk who are tied to it, as its
    people or otherwise. So nobody of the desk withdraws it alone, whether the hub knows of a tie
    or not; the operator's other people do.

    Raises:
        Conflict: somebody did the same a moment ago.

    """
    require(principal, Permission.INVENTORY_MANAGE, declaration.organisation)
    if withdrawn and principal.is_desk:
        require_second(confirmation, WITHDRAW[type(declaration)], declaration.id)
    declaration.withdrawn_at = clock.now() if withdrawn else None
    changed = {"withdrawn_at": declaration.withdrawn_at}
    if isinstance(declaration, PlmnClaim):
        declaration.verified_at = declaration.verified_by = None
        changed |= {"verified_at": None, "verified_by": None}
    rows = type(declaration)._base_manager.filter(pk=declaration.pk)  # noqa: SLF001 - Django's own
    if not rows.filter(withdrawn_at__isnull=withdrawn).update(**changed):
        raise AlreadyDone
    act = "inventory:declaration-withdrawn" if withdrawn else "inventory:declaration-restored"
    record(principal, act, declaration._meta.model_name or "", declaration.id)
