"""The directory's search: one company never finds another, and what is hidden finds nothing."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tests.factories.directory import OrganisationFactory, TeamFactory, member_of
from tests.principals import principal_of, sign_in

from tcert.community.directory import searching
from tcert.community.directory.enums import OrganisationState, TeamKind
from tcert.community.directory.models import Organisation, Team
from tcert.community.inventory.models import Product
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS

pytestmark = pytest.mark.django_db

NAMES = ("Orange Polska", "Borange Telecom", "Orangefield", "Télécom Øst", "T-Mobile Example")


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("orange", ["Orange Polska", "Orangefield"]),
        ("range", []),
        ("ORANGE pol", ["Orange Polska"]),
        ("telecom", ["Borange Telecom", "Télécom Øst"]),
        ("mobile", ["T-Mobile Example"]),
        ("t", ["T-Mobile Example"]),
        ("t mobile", ["T-Mobile Example"]),
        ("or", []),  # two letters begin too much: whole words only
        ("%", []),
        ("_", []),
        ("orange' OR 1=1 --", []),
    ],
)
def test_names_are_found_by_words(typed, found):
    for name in NAMES:
        TeamFactory(organisation=OrganisationFactory(name=name, short_name="x9"), name="CERT")
    rows = searching.organisations(ANONYMOUS, searching.Wanted(text=typed))
    assert sorted(one.name for one in rows) == sorted(found)
    assert {t.organisation.name for t in searching.teams_named(ANONYMOUS, typed)} == set(found)


@pytest.mark.both_databases
def test_a_name_that_changes_is_found_by_the_new_one_alone():
    house = OrganisationFactory(name="Oldname", short_name="Old")
    house.name = house.short_name = "Newname"
    house.save(update_fields=["name", "short_name"])
    made = Organisation.objects.bulk_create([Organisation(name="Bulk one", short_name="b")])

    def names(text):
        rows = searching.organisations(ANONYMOUS, searching.Wanted(text=text))
        return [one.name for one in rows]

    assert names("oldname") == []
    assert names("newname") == ["Newname"]
    assert names("bulk") == [made[0].name]


@pytest.mark.parametrize("who", ["stranger", "member"])
def test_languages_are_found_by_strangers_only_where_they_are_shown(client, who):
    told = TeamFactory(languages=["fi", "en"], public_fields=["languages"]).organisation
    kept = TeamFactory(languages=["fi"]).organisation
    hidden = TeamFactory(
        languages=["fi"], public_fields=["languages"], kind=TeamKind.LAWFUL_INTERCEPTION
    ).organisation
    if who == "member":
        sign_in(client, member_of(TeamFactory()))
    page = client.get("/directory/?language=fi").context["page"]
    expected = {told, kept, hidden} if who == "member" else {told}
    assert set(page.object_list) == expected


def test_who_is_reachable_now_is_asked_by_members_alone(client, monkeypatch):
    always = TeamFactory(hours=["always"])
    TeamFactory(hours=["mon 08:00-09:00"], timezone="UTC")
    TeamFactory()
    sunday = clock.now().replace(year=2026, month=11, day=29, hour=12)
    monkeypatch.setattr(clock, "now", lambda: sunday)
    everybody = client.get("/directory/?now=on")
    assert len(everybody.context["page"].object_list) == 3
    assert "now" not in everybody.context["form"].fields
    wanted = searching.Wanted(now=True)
    found = searching.organisations(principal_of(member_of(TeamFactory())), wanted)
    assert list(found) == [always.organisation]
    assert searching.organisations(ANONYMOUS, wanted).count() == Organisation.objects.count()


def test_a_team_for_lawful_interception_and_who_is_not_listed_find_nothing(client):
    TeamFactory(name="Secretive", kind=TeamKind.LAWFUL_INTERCEPTION)
    hidden = OrganisationFactory(name="Hidden Lab", state=OrganisationState.PROVISIONAL)
    TeamFactory(organisation=hidden)
    for text in ("secretive", "hidden", "lab"):
        assert not searching.organisations(ANONYMOUS, searching.Wanted(text=text))
        assert not searching.teams_named(ANONYMOUS, text)
    page = client.get("/directory/?role=lawful-interception")
    assert page.status_code == 200
    assert b"lawful interception" not in page.content


def test_filters_work_together(client):
    house = OrganisationFactory(name="Altus Networks", country="FI")
    TeamFactory(organisation=house, name="Altus SOC", kind=TeamKind.SOC)
    TeamFactory(organisation=OrganisationFactory(country="FI"), kind=TeamKind.CERT)
    page = client.get("/directory/?q=alt&country=fi&role=soc&kind=mno").context["page"]
    assert list(page.object_list) == [house]
    assert Team.objects.count() == 2
    assert not client.get("/directory/?q=alt&country=fi&role=cert").context["page"].object_list


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_names_from_before_the_search_are_found_after_the_upgrade():
    """More rows than the migrations write at a time, on each database."""
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    before = [("directory", "0007_confirmation"), ("inventory", "0002_without_networks")]
    executor.migrate(before)
    old = MigrationExecutor(connection).loader.project_state(before).apps
    house, team = old.get_model("directory", "Organisation"), old.get_model("directory", "Team")
    names = [f"Télécom {n:04}" for n in range(1001)]
    houses = house.objects.bulk_create([house(name=name, short_name="x9") for name in names])
    team.objects.bulk_create([team(organisation=one, name="CERT") for one in houses])
    product = old.get_model("inventory", "Product")
    product.objects.bulk_create(
        [product(vendor=one, name="Core", aliases=["Kärna"]) for one in houses]
    )
    MigrationExecutor(connection).migrate(latest)
    assert not Organisation.objects.exclude(words__startswith=" telecom ").exists()
    assert not Team.objects.exclude(words=" cert ").exists()
    assert set(Product.objects.values_list("words", flat=True)) == {" core karna "}
    assert set(Team.objects.values_list("public_fields__0", flat=True)) == {None}
    found = searching.teams_named(ANONYMOUS, "telecom 1000")
    assert [one.organisation.name for one in found] == ["Télécom 1000"]
