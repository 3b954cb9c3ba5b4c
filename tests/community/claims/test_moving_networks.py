"""The networks of the inventory become claims, and the way back keeps them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tcert.foundation.kernel import clock

BEFORE = [("claims", "0001_initial"), ("inventory", "0001_initial")]
AFTER = [("claims", "0002_networks"), ("inventory", "0002_without_networks")]


def migrate(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


def told(rows):
    return {o.id: (o.plmn, bool(o.verified_at), bool(o.withdrawn_at)) for o in rows}


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_networks_go_there_and_back_with_their_ids_and_states():
    now = clock.now()
    old = migrate(BEFORE)
    try:
        house = old.get_model("directory", "Organisation").objects.create(
            name="Operator", short_name="OP", kind="mno"
        )
        networks = old.get_model("inventory", "PlmnClaim")
        day = timedelta(days=1)
        for plmn, verified, withdrawn in (
            ("999-70", None, None),
            ("999-71", now - 9 * day, None),
            ("999-72", now - 9 * day, now - day),
        ):
            networks.objects.create(
                organisation=house, plmn=plmn, verified_at=verified, withdrawn_at=withdrawn
            )
        held = told(networks.objects.all())
        new = migrate(AFTER)
        claims = new.get_model("claims", "Claim").objects.order_by("value")
        assert [(c.value, c.state) for c in claims] == [
            ("999-70", "claimed"),
            ("999-71", "verified"),
            ("999-72", "withdrawn"),
        ]
        assert {c.id for c in claims} == set(held)
        assert claims[1].verified_until == claims[1].verified_from + timedelta(days=365)
        covered = new.get_model("claims", "Covered").objects.values_list("space", "prefix")
        assert set(covered) == {("plmn", f"{c.value}.") for c in claims}
        over = claims[2].id
        back = migrate(BEFORE).get_model("inventory", "PlmnClaim").objects.all()
        again = told(back)
        held[over] = ("999-72", False, True)  # what is over is proven no longer
        assert again == held
    finally:
        new = migrate(AFTER)
        # Later migrations of these rooms are there again for whoever comes next on this database.
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        new.get_model("claims", "Claim").objects.all().delete()
        new.get_model("directory", "Organisation").objects.all().delete()
