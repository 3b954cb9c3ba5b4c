"""Products and their versions, and the equipment that operators run."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation, Team, kept_from
from tcert.community.directory.publicity import PRODUCTS
from tcert.foundation.identifiers.cpe import cpe
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.words import Worded, WordsField

LONGEST_CPE = 400


def validate_cpe(text: str) -> None:
    """Raise ValidationError unless it is a name of the Common Platform Enumeration."""
    try:
        cpe(text)
    except IdentifierRefused as error:
        raise ValidationError(str(error)) from error


class ProductQuerySet(models.QuerySet["Product"]):
    """Products by who may see them."""

    def current(self) -> "ProductQuerySet":
        """Leave out what its vendor took off the list."""
        return self.filter(retired_at=None)

    def visible_to(self, principal: Principal) -> "ProductQuerySet":
        """Members see the products of every vendor, strangers none.

        But not of one that came by an invitation: that it is there tells that a case is about it.
        Its own people do, and coordinators who are not kept from it.
        """
        if not principal.is_member:
            return self.none()
        if principal.is_coordinator:
            return self.exclude(vendor__in=kept_from(principal))
        unlisted = models.Q(vendor__state=OrganisationState.PROVISIONAL)
        return self.filter(~unlisted | models.Q(vendor__in=principal.organisation_ids))

    def shown(self) -> "ProductQuerySet":
        """Return the current ones of which a team of the vendor tells strangers."""
        telling = Team.objects.showing(PRODUCTS).values("organisation_id")
        return self.current().filter(vendor__in=telling)


class Product(Worded, UuidModel):
    """A product of a vendor."""

    what_we_see = Seen(
        "A vendor's product",
        readable={
            "id": "a random number",
            "vendor": "whose product it is",
            "name": "its name",
            "aliases": "other names it goes by",
            "words": "both in the form in which they are searched",
            "cpe": "its name in the Common Platform Enumeration",
            "function": "the 3GPP function it fills",
            "created_at": "when it was entered",
            "retired_at": "when it was taken off the list",
        },
    )

    vendor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(_("name"), max_length=160)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    words = WordsField(of=("name", "aliases"))
    cpe = models.CharField(
        _("CPE 2.3 name"), max_length=LONGEST_CPE, blank=True, validators=[validate_cpe]
    )
    function = models.CharField(_("3GPP function"), max_length=40, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["vendor__name", "name"]
        constraints = [models.UniqueConstraint(fields=["vendor", "name"], name="product_name_once")]

    def __str__(self) -> str:
        vendor = self.vendor.short_name
        named = self.name.casefold().startswith(vendor.casefold())
        return self.name if named else f"{vendor} {self.name}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ProductQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        if principal.is_coordinator:
            return self.vendor_id not in kept_from(principal)
        is_unlisted = self.vendor.state == OrganisationState.PROVISIONAL
        return not is_unlisted or self.vendor_id in principal.organisation_ids


class ProductVersion(UuidModel):
    """A released version of a product."""

    what_we_see = Seen(
        "A version of a product",
        readable={
            "id": "a random number",
            "product": "the product",
            "name": "the version",
            "released_on": "when it was released",
        },
    )

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="versions")
    name = models.CharField(_("version"), max_length=80)
    released_on = models.DateField(_("released on"), null=True, blank=True)

    class Meta:
        ordering = ["product", "name"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="version_once"),
        ]

    def __str__(self) -> str:
        return self.name


class OwnedQuerySet(models.QuerySet):
    """What belongs to one organisation and is shown to it and to coordinators only."""

    def current(self) -> "OwnedQuerySet":
        """Leave out what was withdrawn."""
        return self.filter(withdrawn_at=None)

    def visible_to(self, principal: Principal) -> "OwnedQuerySet":
        """Own people and coordinators: who runs what is an attacker's map."""
        if principal.is_coordinator:
            return self
        if not principal.is_member:
            return self.none()
        return self.filter(organisation_id__in=principal.listed_organisation_ids)


class Owned(UuidModel):
    """A declaration of an organisation about itself."""

    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `OwnedQuerySet.visible_to`."""
        own = self.organisation_id in principal.listed_organisation_ids  # type: ignore[attr-defined]
        return principal.is_coordinator or (principal.is_member and own)


class Equipment(Owned):
    """A product that an operator runs."""

    what_we_see = Seen(
        "Equipment that an operator runs",
        readable={
            "id": "a random number",
            "organisation": "which operator",
            "product": "which product",
            "versions": "which versions, in the operator's words",
            "withdrawn_at": "when the declaration was withdrawn",
            "created_at": "when it was declared",
        },
    )

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="equipment"
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="deployments")
    versions = models.CharField(_("versions"), max_length=200, blank=True)

    class Meta:
        ordering = ["product__vendor__name", "product__name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "product"], name="equipment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.versions}".strip()
