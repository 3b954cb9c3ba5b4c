"""What the report page tells, and what `tcert check` says of it."""

import re
from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from tests.factories.intake import (
    MARK,
    Sealer,
    answers,
    hidden,
    ready_desk,
    ready_team,
    send_without_scripts,
)

from tcert.community.directory.enums import ChannelKind, ChannelPurpose, KeyState, SafeHarbour
from tcert.community.directory.models import Channel, Organisation, Team, TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import inspect
from tcert.response.intake import proof, queries
from tcert.response.intake.domain.receiving import receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def light_work(settings):
    settings.PROOF_OF_WORK_BITS = 2


def test_only_listed_teams_with_a_usable_key_are_offered_in_few_queries(client):
    """Regression: a recipient whose key has expired must not weaken what the others get."""
    ready_desk()
    team, _party = ready_team("One")
    expired, _other = ready_team("Expired")
    TeamKey.objects.filter(team=expired).update(expires_at=clock.now())
    assert [found.team for found in queries.other_recipients()] == [team]
    client.get("/report/")  # the first one ever makes the salt
    counts = []
    for name in ("Two", "Three", "Four"):
        with CaptureQueriesContext(connection_of()) as captured:
            assert client.get("/report/").status_code == 200
        counts.append(len(captured))
        ready_team(name)
    assert len(set(counts)) == 1


def connection_of():
    from django.db import connection

    return connection


def test_a_report_without_scripts_asks_and_writes_in_few_statements(client):
    """What a flood may cost: with 130 statements and each field a template it was 100 ms."""
    ready_desk()
    send_without_scripts(client)  # the first one ever makes the salt
    counts = []
    with CaptureQueriesContext(connection_of()) as captured:
        assert client.get("/report/").status_code == 200
    counts.append(len(captured))
    with CaptureQueriesContext(connection_of()) as captured:
        preview = client.post("/report/", answers())
    counts.append(len(captured))
    fields = hidden(preview.content.decode())
    last = fields["receipt"][0].split()[-1]
    with CaptureQueriesContext(connection_of()) as captured:
        sent = client.post("/report/", {**fields, "step": "send", "confirm": last})
    counts.append(len(captured))
    assert "It is stored sealed" in sent.content.decode()
    assert [count <= bound for count, bound in zip(counts, (5, 5, 69), strict=True)] == [True] * 3


def test_the_page_follows_what_another_process_changed(client):
    """What is kept of a page in one web process must not stand when the other one changed it.

    A change that goes around this process: nothing here is told of it.
    """
    desk, _party = ready_desk()
    team, _other = ready_team("PSIRT of Vendor")
    first = client.get("/report/").content.decode()
    assert "PSIRT of Vendor</option>" in first
    assert "No organisation of the directory has stated anything." in first
    Team.objects.filter(id=team.id).update(name="Response team")
    Organisation.objects.filter(id=team.organisation_id).update(
        name="Vendor & Sons", safe_harbour=SafeHarbour.STATED
    )
    Channel.objects.create(
        team=desk,
        kind=ChannelKind.PHONE,
        purpose=ChannelPurpose.EMERGENCY,
        value="+32 2 555 01 01",
        is_public=True,
    )
    second = client.get("/report/").content.decode()
    assert "PSIRT of Vendor" not in second
    assert f'<option value="{team.id}">Vendor &amp; Sons · Response team</option>' in second
    assert second.count("Vendor &amp; Sons states that it will not act") == 2
    assert second.count("<b>+32 2 555 01 01</b>") == 2
    TeamKey.objects.filter(team=team).update(state=KeyState.REVOKED)
    assert "Listed team" not in client.get("/report/").content.decode()
    _team, other = ready_team("Other")
    TeamKey.objects.filter(team=desk).update(fingerprint=other.fingerprint)
    assert f'data-desk-fingerprint="{other.fingerprint}"' in client.get("/report/").content.decode()
    TeamKey.objects.filter(team=desk).update(state=KeyState.REVOKED)
    assert 'name="subject"' not in client.get("/report/").content.decode()


def test_nothing_that_somebody_typed_is_in_the_next_empty_page(client):
    ready_desk()
    empty = client.get("/report/").content.decode()
    typed = answers(subject="", description=f"typed {MARK}")
    assert MARK in client.post("/report/", typed).content.decode()
    assert MARK in client.post("/report/", answers(step="edit")).content.decode()
    again = client.get("/report/").content.decode()
    assert MARK not in again
    assert without_tokens(again) == without_tokens(empty)


def without_tokens(page):
    return re.sub(r'(csrfmiddlewaretoken" value|token" value|data-csrf)="[^"]*"', "", page)


def test_the_check_says_whether_reports_are_taken(settings, tmp_path):
    closed = [found.level for found in inspect(["report"])]
    assert closed == ["warning"]
    desk, party = ready_desk(created=clock.now())
    assert [found.level for found in inspect(["report"])] == ["fine"]
    # A key that never had an intake part of its own only asks for one after 90 days.
    with clock.frozen(clock.now() + timedelta(days=91)):
        (found,) = inspect(["report"])
        assert (found.level, "intake key" in str(found.message)) == ("warning", True)
        assert queries.open_desk() is not None
    sealer = Sealer()
    receive(
        letter=sealer.letter(desk, party), token=sealer.token, nonce=proof.find(sealer.token, 2)
    )
    settings.RECEIPT_SALT_FILE = tmp_path / "gone"
    assert [found.level for found in inspect(["report"])] == ["problem", "fine"]


def test_a_lost_salt_is_never_replaced_in_silence(settings, tmp_path):
    from django.core.exceptions import ImproperlyConfigured

    from tcert.response.intake.salt import deployment_salt

    settings.RECEIPT_SALT_FILE = tmp_path / "keys" / "salt"
    first = deployment_salt()
    assert deployment_salt() == first
    assert settings.RECEIPT_SALT_FILE.stat().st_mode & 0o077 == 0
    desk, party = ready_desk()
    sealer = Sealer()
    receive(
        letter=sealer.letter(desk, party), token=sealer.token, nonce=proof.find(sealer.token, 2)
    )
    settings.RECEIPT_SALT_FILE.unlink()
    with pytest.raises(ImproperlyConfigured, match="restore"):
        deployment_salt()
    settings.RECEIPT_SALT_FILE.write_text("ab")
    with pytest.raises(ImproperlyConfigured, match="damaged"):
        deployment_salt()
