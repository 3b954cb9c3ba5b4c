"""What the report page tells, and what `tcert check` says of it."""

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from tests.factories.intake import Sealer, ready_desk, ready_team
from tests.response.intake.test_without_scripts import answer

from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import inspect
from tcert.response.intake import proof, queries
from tcert.response.intake.domain.receiving import receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def light_work(settings):
    settings.PROOF_OF_WORK_BITS = 2


def test_the_promise_is_measured():
    desk, party = ready_desk()
    now = clock.now()
    reports = []
    for days in (30, 20, 0):
        with clock.frozen(now - timedelta(days=days)):
            sealer = Sealer()
            nonce = proof.find(sealer.token, 2)
            reports.append(
                receive(letter=sealer.letter(desk, party), token=sealer.token, nonce=nonce)
            )
    assert queries.answered_in_time() == queries.Answered(0, 2)
    with clock.frozen(now - timedelta(days=29)):
        answer(reports[0], party, "thank you")
    answer(reports[1], party, "late")
    assert queries.answered_in_time() == queries.Answered(1, 2)


def test_only_listed_teams_with_a_usable_key_are_offered_in_few_queries(client):
    """Regression: a recipient whose key has expired must not weaken what the others get."""
    ready_desk()
    team, _party = ready_team("One")
    expired, _other = ready_team("Expired")
    TeamKey.objects.filter(team=expired).update(expires_at=clock.now())
    assert [found.team for found in queries.other_recipients()] == [team]
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
