"""Two colleagues declare at once: the second is told, and overwrites nothing."""

import pytest
from django.db.models.signals import pre_save
from tests.factories.directory import TeamFactory, member_of
from tests.factories.inventory import ProductFactory
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.inventory.domain import declarations
from tcert.community.inventory.models import Equipment
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_what_two_declare_for_the_first_time_at_once_is_not_overwritten() -> None:
    """There is no row yet that could be held: the second would renew what it never saw."""
    team, product = TeamFactory(), ProductFactory()
    people = [principal_of(member_of(team, TeamRole.REPRESENTATIVE)) for _ in range(2)]

    def declare(principal: object, versions: str) -> Equipment:
        return declarations.declare_equipment(
            principal=principal,  # type: ignore[arg-type]
            organisation=team.organisation,
            product=product,
            versions=versions,
            shown="",
        )

    _declared, refusal = meet(
        lambda: declare(people[0], "2.7.1"),
        lambda: declare(people[1], "2.7.5"),
        at=Moment(
            pre_save, AuditRecord, lambda written: written.act == "inventory:equipment-declared"
        ),
    )
    assert isinstance(refusal, Conflict)
    assert Equipment.objects.get().versions == "2.7.1"
