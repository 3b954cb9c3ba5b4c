"""Products and equipment."""

import factory
from tests.factories.directory import OrganisationFactory

from tcert.community.directory.enums import OrganisationKind
from tcert.community.inventory.models import Equipment, Product, ProductVersion


class ProductFactory(factory.django.DjangoModelFactory):
    """A product of a vendor."""

    class Meta:
        model = Product

    vendor = factory.SubFactory(
        OrganisationFactory,
        kind=OrganisationKind.VENDOR,
        name=factory.Sequence(lambda n: f"Vendor {n}"),
    )
    name = factory.Sequence(lambda n: f"Product {n}")
    function = "AMF"


class ProductVersionFactory(factory.django.DjangoModelFactory):
    """A version of a product."""

    class Meta:
        model = ProductVersion

    product = factory.SubFactory(ProductFactory)
    name = factory.Sequence(lambda n: f"4.{n}")


class EquipmentFactory(factory.django.DjangoModelFactory):
    """A product that an operator runs."""

    class Meta:
        model = Equipment

    organisation = factory.SubFactory(OrganisationFactory)
    product = factory.SubFactory(ProductFactory)
    versions = "4.2"
