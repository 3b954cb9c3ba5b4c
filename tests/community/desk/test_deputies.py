"""Naming the desk's deputy: who may, who can be, and what says that nobody is."""

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.principals import principal_of, sign_in

from tcert.community.desk import queries
from tcert.community.desk.domain import deputies
from tcert.community.desk.models import Deputy
from tcert.community.directory.models import Channel
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.installation import inspect
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return principal_of(coordinator_of_desk(), coordinator=True)


def test_another_name_replaces_the_first_and_both_are_recorded(coordinator):
    first, person = TeamFactory(), member_of(TeamFactory())
    deputies.name_deputy(principal=coordinator, team=first)
    deputies.name_deputy(principal=coordinator, person=person)
    assert (queries.deputy().team, queries.deputy().person) == (None, person)
    assert Deputy.objects.count() == 1
    records = AuditRecord.objects.filter(act="desk:deputy:name").order_by("at")
    assert [r.data for r in records] == [
        {"team": str(first.id), "person": None},
        {"team": None, "person": str(person.id)},
    ]


@pytest.mark.parametrize("who", ["nobody", "both", "desk", "retired", "desk-person", "stranger"])
def test_who_cannot_be_deputy(coordinator, who):
    retired = TeamFactory(retired_at=clock.now())
    named = {
        "nobody": {},
        "both": {"team": TeamFactory(), "person": member_of(TeamFactory())},
        "desk": {"team": DeskFactory()},
        "retired": {"team": retired},
        "desk-person": {"person": coordinator_of_desk()},
        "stranger": {"person": member_of(retired)},
    }[who]
    with pytest.raises(DomainError):
        deputies.name_deputy(principal=coordinator, **named)
    assert queries.deputy() is None


def test_a_person_cannot_be_called_on_a_hub_without_unsealed_mail(coordinator, settings):
    settings.MAIL_CLEAR_TEXT = False
    with pytest.raises(DomainError, match="name a team"):
        deputies.name_deputy(principal=coordinator, person=member_of(TeamFactory()))


def test_only_coordinators_name_one():
    with pytest.raises(PermissionDenied):
        deputies.name_deputy(principal=principal_of(coordinator_of_desk()), team=TeamFactory())


def found() -> list[tuple[str, str]]:
    return [(f.level, str(f.message)) for f in inspect(["deputy"])]


def test_the_check_and_the_page_say_that_nobody_is_named(client, coordinator, settings):
    nobody = "The desk has no deputy: nobody is called when a reporter waits too long."
    assert found() == [("warning", nobody)]
    settings.PRODUCTION = True
    assert found() == [("problem", nobody)]
    sign_in(client, coordinator_of_desk(), coordinator=True)
    assert "Nobody is named." in client.get("/desk/deputy/").content.decode()
    team = TeamFactory()
    page = client.post("/desk/deputy/", {"team": team.id, "person": ""}, follow=True)
    assert "No mail reaches this team" in page.content.decode()
    assert found() == [("warning", "The desk's deputy cannot be told by mail.")]
    Channel.objects.create(team=team, kind="email", value="cert@example.org")
    assert found() == [("fine", "The desk has a deputy.")]
    page = client.post("/desk/deputy/", {"team": "", "person": ""})
    assert page.status_code == 400
    assert "Name one team or one person." in page.content.decode()
