"""The inventory's pages: what is shown to whom, what bad input meets, how many queries it takes."""

import pytest
from django.urls import reverse
from tests.carried import carried, read
from tests.factories.directory import TeamFactory, member_of
from tests.factories.inventory import EquipmentFactory, ProductFactory
from tests.principals import sign_in

from tcert.community.directory.enums import OrganisationKind, OrganisationState, TeamRole
from tcert.community.inventory.models import Equipment, Product, ProductVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def boss(client, team):
    return sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))


def at(name, *args):
    return reverse(f"inventory:{name}", args=args)


def test_a_member_is_led_to_the_own_organisation(boss, team):
    response = boss.get(at("organisations"))
    assert response.url == at("overview", team.organisation_id)
    assert boss.get(response.url).status_code == 200


def test_another_organisation_does_not_exist_for_a_member(boss):
    other = EquipmentFactory()
    for name in ("overview", "csv"):
        assert boss.get(at(name, other.organisation_id)).status_code == 404
    address = at("withdraw", other.organisation_id, "equipment", other.id)
    assert boss.post(address).status_code == 404
    other.refresh_from_db()
    assert other.withdrawn_at is None


def test_a_member_without_a_leading_role_reads_and_changes_nothing(client, team):
    sign_in(client, member_of(team))
    page = client.get(at("overview", team.organisation_id))
    assert page.status_code == 200
    assert b"Declare equipment" not in page.content
    posted = client.post(
        at("overview", team.organisation_id), {"form": "equipment", "e-product": "x"}
    )
    assert posted.status_code == 403
    assert not Equipment.objects.exists()


def test_declaring_withdrawing_and_restoring(boss, team):
    product = ProductFactory()
    address = at("overview", team.organisation_id)
    boss.post(address, {"form": "equipment", "e-product": product.id, "e-versions": "4.2.1"})
    item = Equipment.objects.get()
    assert (item.product, item.versions) == (product, "4.2.1")
    withdraw = at("withdraw", team.organisation_id, "equipment", item.id)
    boss.post(withdraw, {"act": "withdraw"})
    item.refresh_from_db()
    assert item.withdrawn_at
    boss.post(withdraw, {"act": "restore"})
    item.refresh_from_db()
    assert item.withdrawn_at is None


def test_a_foreign_or_unknown_product_cannot_be_declared(boss, team):
    retired = ProductFactory(retired_at="2026-01-01T00:00Z")
    for product in (retired.id, "not-a-uuid", ""):
        response = boss.post(
            at("overview", team.organisation_id), {"form": "equipment", "e-product": product}
        )
        assert response.status_code == 400
    assert not Equipment.objects.exists()


def test_a_vendor_enters_a_product_versions_and_takes_it_off(boss, team):
    team.organisation.kind = OrganisationKind.VENDOR
    team.organisation.save()
    new = at("new_product", team.organisation_id)
    assert boss.get(new).status_code == 200
    boss.post(new, {"name": "UDM", "aliases": "Unified Data\nUnified Data\n", "function": "UDM"})
    product = Product.objects.get()
    assert product.aliases == ["Unified Data"]
    page = at("product", team.organisation_id, product.id)
    boss.post(page, {"act": "version", "v-name": "4.2.1", "v-released_on": "2026-01-31"})
    again = boss.post(page, {"act": "version", "v-name": "4.2.1"})
    assert again.status_code == 409
    version = ProductVersion.objects.get()
    assert boss.post(page, {"act": "remove-version", "version": "x"}).status_code == 404
    boss.post(page, {"act": "remove-version", "version": version.id})
    assert not ProductVersion.objects.exists()
    boss.post(page, {"act": "retire"})
    product.refresh_from_db()
    assert product.retired_at


def test_the_second_of_two_who_change_a_product_is_told_and_loses_nothing(boss, team):
    product = ProductFactory(vendor=team.organisation)
    page = at("product", team.organisation_id, product.id)
    both = carried(boss, page)
    assert boss.post(page, {"act": "save", "name": "First", **both}).status_code == 302
    told = boss.post(page, {"act": "save", "name": "Second", **both})
    html = told.content.decode()
    assert told.status_code == 409
    assert "Somebody changed this before you" in html
    assert 'value="Second"' in html
    assert Product.objects.get().name == "First"
    assert boss.post(page, {"act": "save", "name": "Second", **read(html)}).status_code == 302
    assert Product.objects.get().name == "Second"


def test_the_second_of_two_who_retire_a_product_is_told(boss, team):
    product = ProductFactory(vendor=team.organisation)
    page = at("product", team.organisation_id, product.id)
    assert boss.post(page, {"act": "retire"}).status_code == 302
    told = boss.post(page, {"act": "retire"})
    assert told.status_code == 409
    assert b"Somebody else did this a moment ago" in told.content


def test_who_declares_what_a_colleague_has_declared_is_told_before_it_is_replaced(boss, team):
    item = EquipmentFactory(organisation=team.organisation, versions="4.2")
    address = at("overview", team.organisation_id)
    typed = {"form": "equipment", "e-product": item.product_id, "e-versions": "5.0"}
    told = boss.post(address, typed)
    html = told.content.decode()
    assert told.status_code == 409
    assert "with the versions “4.2”" in html
    assert 'value="5.0"' in html
    assert Equipment.objects.get().versions == "4.2"
    carries = read(html, "e-shown")
    assert boss.post(address, {**typed, **carries}).status_code == 302
    assert Equipment.objects.get().versions == "5.0"


def test_a_form_that_the_page_does_not_have_is_refused_in_words(boss, team):
    refused = boss.post(at("overview", team.organisation_id), {"form": "nothing"})
    assert refused.status_code == 400
    assert b"Open it again; nothing was changed" in refused.content


def test_a_wrong_cpe_is_refused_with_an_example(boss, team):
    response = boss.post(
        at("new_product", team.organisation_id), {"name": "UDM", "cpe": "cpe:/a:open5gs"}
    )
    assert response.status_code == 400
    assert b"cpe:2.3:a:open5gs" in response.content
    assert not Product.objects.exists()


def test_the_csv_disarms_formulas(boss, team):
    EquipmentFactory(organisation=team.organisation, versions='=HYPERLINK("http://evil.example")')
    text = boss.get(at("csv", team.organisation_id)).content.decode()
    assert "'=HYPERLINK" in text


def test_the_cpe_is_kept_in_its_one_form(boss, team):
    """Two spellings of one name would be two products to whoever compares them."""
    new = at("new_product", team.organisation_id)
    written = "CPE:2.3:a:Open5GS:open5gs:2\\.7:*:*:*:*:*:*:*"
    boss.post(new, {"name": "UDM", "cpe": written})
    assert Product.objects.get().cpe == "cpe:2.3:a:open5gs:open5gs:2.7:*:*:*:*:*:*:*"


@pytest.mark.parametrize("name", ["products", "overview"])
def test_pages_take_the_same_number_of_queries_for_one_and_for_three(
    boss, team, name, django_assert_num_queries
):
    address = at(name, *([team.organisation_id] if name == "overview" else []))
    EquipmentFactory(organisation=team.organisation)
    boss.get(address)
    with _counted() as once:
        boss.get(address)
    for _ in range(2):
        EquipmentFactory(organisation=team.organisation)
    with django_assert_num_queries(len(once)):
        boss.get(address)


def _counted():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return CaptureQueriesContext(connection)


def test_products_of_who_came_by_an_invitation_are_on_no_members_page(boss, team):
    """That a vendor is there unlisted tells that a case is about it."""
    hidden = ProductFactory(name="Hidden UDM", vendor__state=OrganisationState.PROVISIONAL)
    ProductFactory(name="Listed UDM")
    operator = at("overview", team.organisation_id)
    for address in (at("products"), operator):
        page = boss.get(address).content.decode()
        assert "Listed UDM" in page
        assert "Hidden UDM" not in page
    refused = boss.post(operator, {"form": "equipment", "e-product": hidden.id, "e-versions": ""})
    assert refused.status_code == 400
    assert not Equipment.objects.exists()
