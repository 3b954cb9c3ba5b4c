"""Teams are asked once a week to confirm their entry, however often the job runs."""

from datetime import timedelta

import pytest
from tests.factories.directory import TeamFactory

from tcert.community.directory.models import CONFIRM_WITHIN, Channel, Team
from tcert.community.notices import jobs
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock

pytestmark = pytest.mark.django_db


def test_a_team_is_asked_once_a_week_until_somebody_confirms():
    team = TeamFactory(name="Altus CERT")
    Channel.objects.create(team=team, kind="email", purpose="main", value="cert@altus.example")
    due = team.created_at + CONFIRM_WITHIN
    counts = []
    for days in (-1, 0, 1, 6, 7, 8, 14):
        with clock.frozen(due + timedelta(days=days)):
            for _again in range(2):
                jobs.remind_to_confirm.handler()
        counts.append(Notice.objects.filter(team=team).count())
    assert counts == [0, 1, 1, 1, 2, 2, 3]
    assert "Altus CERT" in Notice.objects.first().text
    Team.objects.filter(pk=team.pk).update(confirmed_at=due + timedelta(days=14))
    with clock.frozen(due + timedelta(days=21)):
        jobs.remind_to_confirm.handler()
    assert Notice.objects.count() == counts[-1]
