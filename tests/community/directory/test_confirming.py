"""Confirmation of a team's entry, and the history of its changes."""

from datetime import timedelta

import pytest
from tests.carried import carried
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.principals import principal_of, sign_in

from tcert.community.directory.domain import confirmations, sections, teams
from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.directory.models import CONFIRM_WITHIN, Channel, Team, TeamChange
from tcert.foundation.kernel import clock, outbox
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shown import mark
from tcert.foundation.ui.waiting import waiting_for

pytestmark = pytest.mark.django_db

ASKED = "Confirm what the directory says of Altus CERT"


@pytest.fixture
def team():
    return TeamFactory(name="Altus CERT", timezone="UTC", languages=["fi"])


@pytest.fixture
def lead(team):
    return member_of(team, TeamRole.REPRESENTATIVE, name="Mika Salo")


def confirm(client, team):
    address = f"/directory/teams/{team.id}/"
    return client.post(f"{address}confirm/", carried(client, address), follow=True)


def asked(person):
    return ASKED in [str(line.title) for line in waiting_for(principal_of(person))]


def test_leads_confirm_and_are_asked_again_after_90_days(client, team, lead):
    later = clock.now() + CONFIRM_WITHIN
    with clock.frozen(later - timedelta(hours=1)):
        assert not asked(lead)
    with clock.frozen(later):
        assert asked(lead)
        assert not asked(member_of(team))
        sign_in(client, lead)
        text = confirm(client, team).content.decode()
        assert "Confirmed. Thank you." in text
        assert "Mika Salo" in text
        assert not asked(lead)
        team.refresh_from_db()
        assert (team.confirmed_at, team.confirmed_by) == (later, lead.id)
        (event,) = Event.objects.filter(kind="directory:confirmed")
        assert (event.object_id, event.data) == (team.id, {})
        assert "within the last day" in confirm(client, team).content.decode()
    assert Event.objects.filter(kind="directory:confirmed").count() == 1
    assert AuditRecord.objects.filter(act="directory:team:confirm").count() == 1


def test_what_changed_since_the_page_is_not_confirmed(client, team, lead):
    sign_in(client, lead)
    both = carried(client, f"/directory/teams/{team.id}/")
    teams.change_team(principal=principal_of(lead), team=team, description="new")
    for shown in (both, {}, {"shown": "\x00" * 300}):
        client.post(f"/directory/teams/{team.id}/confirm/", shown)
    team.refresh_from_db()
    assert team.confirmed_at is None


def test_a_change_is_no_confirmation(team, lead):
    with clock.frozen(clock.now() + CONFIRM_WITHIN):
        teams.change_team(principal=principal_of(lead), team=team, description="new")
        assert asked(lead)


@pytest.mark.parametrize("who", ["member", "other", "coordinator"])
def test_nobody_confirms_for_the_leads(client, team, who):
    person = {
        "member": lambda: member_of(team),
        "other": lambda: member_of(TeamFactory(), TeamRole.REPRESENTATIVE),
        "coordinator": coordinator_of_desk,
    }[who]()
    sign_in(client, person, coordinator=who == "coordinator")
    shown = {"shown": mark(team, confirmations.SHOWN_FIELDS)}
    answer = client.post(f"/directory/teams/{team.id}/confirm/", shown)
    assert answer.status_code == 403
    assert not Team.objects.exclude(confirmed_at=None).exists()


def test_only_listed_teams_are_due(team):
    Team.objects.update(created_at=clock.now() - CONFIRM_WITHIN)
    hidden = TeamFactory(organisation=OrganisationFactory(state=OrganisationState.PROVISIONAL))
    retired = TeamFactory(retired_at=clock.now())
    Team.objects.update(created_at=clock.now() - CONFIRM_WITHIN)
    assert set(confirmations.due(clock.now())) == {team}
    assert {hidden, retired} & set(confirmations.due(clock.now())) == set()


def test_every_change_is_kept_with_who_when_and_what(client, team, lead):
    by = principal_of(lead)
    teams.change_team(principal=by, team=team, languages=["en", "fi"], description="")
    teams.change_hours(principal=by, team=team, hours=["mon 08:00-17:00"], timezone="UTC")
    channel = teams.add_channel(
        principal=by, team=team, kind="email", purpose="main", value="a@b.example", is_public=False
    )
    teams.change_channel(principal=by, channel=channel, is_public=True)
    for text in ("We repair.", ""):
        held = sections.held(team, "3.1", "en")
        shown = mark(held, sections.SECTION_FIELDS)
        sections.write_section(
            principal=by, team=team, section="3.1", language="en", text=text, shown=shown
        )
    kept = [(c.field, c.before, c.after, c.by) for c in TeamChange.objects.order_by("at")]
    mail = {"kind": "email", "purpose": "main", "value": "a@b.example", "is_public": False}
    assert kept == [
        ("languages", ["fi"], ["en", "fi"], lead.id),
        ("hours", [], ["mon 08:00-17:00"], lead.id),
        ("channel", None, mail, lead.id),
        ("channel", mail, {**mail, "is_public": True}, lead.id),
        ("section:3.1:en", None, "We repair.", lead.id),
        ("section:3.1:en", "We repair.", None, lead.id),
    ]
    sign_in(client, member_of(TeamFactory()))
    text = client.get(f"/directory/teams/{team.id}/history/").content.decode()
    for shown in ("Mika Salo", "English, Finnish", "3.1 Mission Statement (English)", "members"):
        assert shown in text


def test_entering_taking_off_and_putting_back_are_kept(team):
    by = principal_of(coordinator_of_desk(), coordinator=True)
    made = teams.create_team(
        principal=by, organisation=team.organisation, name="New", kind="soc", timezone="UTC"
    )
    teams.retire_team(principal=by, team=made, confirmed_name="New")
    teams.restore_team(principal=by, team=Team.objects.get(pk=made.pk))
    changes = TeamChange.objects.filter(team=made).order_by("at")
    assert [(c.field, c.after, c.by_desk) for c in changes] == [
        ("listing", "entered", True),
        ("listing", "retired", True),
        ("listing", "restored", True),
    ]


def test_the_history_is_for_members(client, team, lead):
    """It names channels that were never public, and people."""
    Channel.objects.create(team=team, kind="email", purpose="main", value="x@b.example")
    teams.add_channel(
        principal=principal_of(lead), team=team, kind="phone", purpose="24/7", value="+358 9 1234"
    )
    address = f"/directory/teams/{team.id}/history/"
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/sign-in/")
    guest = TeamFactory(organisation=OrganisationFactory(state=OrganisationState.PROVISIONAL))
    sign_in(client, member_of(guest, TeamRole.REPRESENTATIVE))
    assert client.get(address).status_code == 404
    own = client.get(f"/directory/teams/{guest.id}/history/")
    assert "Nothing has changed yet" in own.content.decode()


def test_an_act_that_fails_keeps_nothing(team, lead):
    by = principal_of(lead)
    values = {"kind": "email", "purpose": "main", "value": "a@b.example", "is_public": True}
    teams.add_channel(principal=by, team=team, **values)
    before = TeamChange.objects.count(), outbox.Event.objects.count()
    for _attempt in range(2):
        with pytest.raises(teams.Conflict):
            teams.add_channel(principal=by, team=team, **values)
    assert (TeamChange.objects.count(), outbox.Event.objects.count()) == before
