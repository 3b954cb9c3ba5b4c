"""Acts on products and their versions."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation
from tcert.community.inventory.models import Product, ProductVersion
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import hold

FIELDS = ("name", "aliases", "cpe", "function")


@transaction.atomic
def save_product(
    *,
    principal: Principal,
    vendor: Organisation,
    name: str,
    aliases: list[str],
    cpe: str = "",
    function: str = "",
    product: Product | None = None,
    shown: str | None = None,
) -> Product:
    """Enter a product of a vendor, or change the given one.

    Raises:
        Conflict: the vendor has such a product, or somebody changed this one since the page
            `shown`.

    """
    require(principal, Permission.INVENTORY_MANAGE, vendor)
    entered = product is None
    product = Product(vendor=vendor) if product is None else hold(product, shown, FIELDS)
    product.name, product.aliases, product.cpe, product.function = name, aliases, cpe, function
    try:
        with transaction.atomic():
            product.save()
    except IntegrityError as error:
        raise Conflict(_("This vendor already has a product of that name.")) from error
    act = "inventory:product-entered" if entered else "inventory:product-changed"
    record(principal, act, "product", product.id)
    return product


@transaction.atomic
def set_retired(*, principal: Principal, product: Product, retired: bool) -> None:
    """Take a product off the list, or put it back; what points to it stays.

    Raises:
        Conflict: somebody did the same a moment ago.

    """
    require(principal, Permission.INVENTORY_MANAGE, product.vendor)
    product.retired_at = clock.now() if retired else None
    rows = Product.objects.filter(pk=product.pk, retired_at__isnull=retired)
    if not rows.update(retired_at=product.retired_at):
        raise AlreadyDone
    act = "inventory:product-retired" if retired else "inventory:product-restored"
    record(principal, act, "product", product.id)


@transaction.atomic
def add_version(
    *, principal: Principal, product: Product, name: str, released_on: date | None = None
) -> ProductVersion:
    """Enter a released version."""
    require(principal, Permission.INVENTORY_MANAGE, product.vendor)
    version, created = ProductVersion.objects.get_or_create(
        product=product, name=name, defaults={"released_on": released_on}
    )
    if not created:
        raise Conflict(_("This version is already on the list."))
    record(principal, "inventory:version-entered", "product", product.id, version=name)
    return version


@transaction.atomic
def remove_version(*, principal: Principal, version: ProductVersion) -> None:
    """Remove a version that was entered by mistake.

    Raises:
        Conflict: somebody removed it a moment ago.

    """
    require(principal, Permission.INVENTORY_MANAGE, version.product.vendor)
    removed, _rows = ProductVersion.objects.filter(pk=version.pk).delete()
    if not removed:
        raise AlreadyDone
    record(
        principal,
        "inventory:version-removed",
        "product",
        version.product_id,
        version=version.name,
    )
