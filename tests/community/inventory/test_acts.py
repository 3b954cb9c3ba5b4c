"""Who may declare what; what two people do at once; what strangers never see."""

import contextlib

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    member_of,
)
from tests.factories.inventory import (
    EquipmentFactory,
    ProductFactory,
    ProductVersionFactory,
)
from tests.principals import principal_of

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.inventory.domain import declarations, products
from tcert.community.inventory.models import Equipment, Product
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def everyone():
    """One principal of each kind, and the organisation that the first two belong to."""
    own = TeamFactory()
    return own.organisation, {
        "representative": principal_of(member_of(own, TeamRole.REPRESENTATIVE)),
        "member": principal_of(member_of(own)),
        "foreign": principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE)),
        "desk": principal_of(member_of(DeskFactory())),
        "coordinator": principal_of(member_of(DeskFactory()), coordinator=True),
        "stranger": ANONYMOUS,
    }


def test_only_those_who_lead_and_coordinators_declare(everyone):
    organisation, principals = everyone
    product = ProductFactory()
    may = set()
    for name, principal in principals.items():
        with contextlib.suppress(PermissionDenied):
            declarations.declare_equipment(
                principal=principal, organisation=organisation, product=product
            )
            may.add(name)
    assert may == {"representative", "coordinator"}


def test_who_runs_what_is_seen_by_its_own_people_and_coordinators(everyone):
    organisation, principals = everyone
    item = EquipmentFactory(organisation=organisation)
    seen = {name for name, p in principals.items() if Equipment.objects.visible_to(p).exists()}
    assert seen == {"representative", "member", "coordinator"}
    assert seen == {name for name, p in principals.items() if item.is_visible_to(p)}


def test_products_are_seen_by_members(everyone):
    _organisation, principals = everyone
    product = ProductFactory()
    seen = {n for n, p in principals.items() if Product.objects.visible_to(p).exists()}
    assert seen == set(principals) - {"stranger"}
    assert seen == {n for n, p in principals.items() if product.is_visible_to(p)}


def test_a_name_is_entered_once_and_the_second_person_is_told(everyone):
    organisation, principals = everyone
    boss = principals["representative"]
    products.save_product(principal=boss, vendor=organisation, name="UDM", aliases=[])
    with pytest.raises(Conflict):
        products.save_product(principal=boss, vendor=organisation, name="UDM", aliases=[])
    assert Product.objects.filter(name="UDM").count() == 1
    assert AuditRecord.objects.filter(act="inventory:product-entered").count() == 1


def test_the_second_of_two_who_do_the_same_is_told_and_it_is_recorded_once(everyone):
    organisation, principals = everyone
    boss = principals["representative"]
    version = ProductVersionFactory(product__vendor=organisation)
    item = EquipmentFactory(organisation=organisation)
    acts = [
        lambda: declarations.set_withdrawn(principal=boss, declaration=item, withdrawn=True),
        lambda: products.set_retired(principal=boss, product=version.product, retired=True),
        lambda: products.remove_version(principal=boss, version=version),
    ]
    for act in acts:
        version_id = version.pk
        act()
        version.pk = version_id  # a deletion takes it from the one, not from the other
        records = AuditRecord.objects.count()
        with pytest.raises(Conflict):
            act()
        assert AuditRecord.objects.count() == records


def test_an_organisation_of_another_is_out_of_reach():
    boss = principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    with pytest.raises(PermissionDenied):
        products.save_product(
            principal=boss, vendor=OrganisationFactory(), name="Foreign", aliases=[]
        )


def test_products_of_an_invited_vendor_are_seen_by_coordinators_and_its_own(everyone):
    """But not by who is tied to its house: a case of that house is kept from them."""
    _organisation, principals = everyone
    product = ProductFactory(vendor__state=OrganisationState.PROVISIONAL)
    group = OrganisationFactory()
    product.vendor.group = group
    product.vendor.save()
    person = member_of(DeskFactory())
    InterestFactory(person=person, organisation=group)
    principals["tied"] = principal_of(person, coordinator=True)
    both = member_of(TeamFactory(organisation=product.vendor))
    TeamMembershipFactory(team=TeamFactory(), person=both)
    principals["own"] = principal_of(both)
    seen = {n for n, p in principals.items() if Product.objects.visible_to(p).exists()}
    assert seen == {"coordinator", "own"}
    assert seen == {n for n, p in principals.items() if product.is_visible_to(p)}
