"""“Seen by the team”, without a vault: by a member, or by whoever holds the duty phone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.notices import HookFactory, NoticeFactory
from tests.principals import principal_of, sign_in

from tcert.community.notices.domain import acknowledging, paging
from tcert.community.notices.enums import Urgency
from tcert.community.notices.models import Notice, Page
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.cases.queries import timeline

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 23, 12, 34, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.frozen(MOMENT):
        yield


def page_for(notice):
    made = paging.make(hook=HookFactory(team=notice.team), notice=notice, urgency=Urgency.URGENT)
    return made, f"/seen/{made.token}/"


def test_looking_at_a_link_acknowledges_nothing_and_tells_nothing():
    """A program that opens links before people do must not speak for the team."""
    notice = NoticeFactory()
    _page, address = page_for(notice)
    stranger = Client()
    good, bad = stranger.get(address), stranger.get("/seen/nonsense/")
    stranger.head(address)

    def plain(answer):
        return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", answer.content)

    assert plain(good) == plain(bad)
    assert (good.status_code, bad.status_code) == (200, 200)
    assert good["Cache-Control"] == "no-store, private"
    notice.refresh_from_db()
    assert notice.acknowledged_at is None
    assert Page.objects.get().used_at is None


def test_the_link_acknowledges_once_and_shows_the_moment_only():
    notice = NoticeFactory()
    _page, address = page_for(notice)
    stranger = Client()
    done = stranger.post(address)
    shown = done.content.decode()
    assert done.status_code == 200
    assert "12:34 UTC" in shown
    assert not [word for word in ("Quiet Harbour", "invited", notice.team.name) if word in shown]
    notice.refresh_from_db()
    assert (notice.acknowledged_at, notice.acknowledged_by) == (MOMENT, None)

    again = stranger.post(address)
    assert again.status_code == 400
    assert "12:34" not in again.content.decode()
    record = AuditRecord.objects.get(act="notices:acknowledge")
    assert (record.actor_kind, record.data["link"]) == ("system", True)


def test_a_link_that_ended_or_never_was_answers_alike():
    notice = NoticeFactory()
    _page, address = page_for(notice)
    with clock.frozen(MOMENT + timedelta(hours=25)):
        late, never = Client().post(address), Client().post("/seen/nonsense/")
    assert late.status_code == never.status_code == 400
    assert b"does not work" in late.content
    assert b"does not work" in never.content
    notice.refresh_from_db()
    assert notice.acknowledged_at is None


def test_a_link_without_proof_of_origin_is_refused():
    _page, address = page_for(NoticeFactory())
    assert Client(enforce_csrf_checks=True).post(address).status_code == 403
    assert Page.objects.get().used_at is None


def test_a_tests_page_acknowledges_nothing():
    made = paging.make(hook=HookFactory(), notice=None, urgency=Urgency.TEST)
    assert Client().post(f"/seen/{made.token}/").status_code == 400


def test_the_first_word_stands():
    notice = NoticeFactory()
    _first, one = page_for(notice)
    _second, other = page_for(notice)
    Client().post(one)
    with clock.frozen(MOMENT + timedelta(hours=1)):
        shown = Client().post(other).content.decode()
    assert "12:34 UTC" in shown
    notice.refresh_from_db()
    assert notice.acknowledged_at == MOMENT
    assert AuditRecord.objects.filter(act="notices:acknowledge").count() == 1


def test_a_member_reads_and_acknowledges_a_notice_without_a_vault(client):
    notice = NoticeFactory()
    person = member_of(notice.team)
    sign_in(client, person)
    address = f"/notices/{notice.id}/"
    shown = client.get(address)
    assert "Quiet Harbour" in shown.content.decode()
    assert "worker-src" not in shown["Content-Security-Policy"]
    assert client.post(address, follow=True).status_code == 200
    notice.refresh_from_db()
    assert (notice.acknowledged_at, notice.acknowledged_by) == (MOMENT, person.id)


def test_a_notice_is_for_the_team_that_was_told(client):
    notice = NoticeFactory()
    address = f"/notices/{notice.id}/"
    for person, coordinator in ((member_of(TeamFactory()), False), (coordinator_of_desk(), True)):
        sign_in(client, person, coordinator=coordinator)
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    notice.refresh_from_db()
    assert notice.acknowledged_at is None


def test_the_desks_notices_are_read_in_a_staff_session_only(client):
    notice = NoticeFactory(team=DeskFactory())
    person = coordinator_of_desk()
    for coordinator, status in ((False, 404), (True, 200)):
        sign_in(client, person, coordinator=coordinator)
        assert client.get(f"/notices/{notice.id}/").status_code == status


def test_who_may_read_is_the_same_one_by_one_and_in_lists():
    notices = [NoticeFactory(), NoticeFactory(team=DeskFactory())]
    people = [
        principal_of(member_of(notices[0].team)),
        principal_of(member_of(TeamFactory())),
        principal_of(coordinator_of_desk(), coordinator=True),
        principal_of(coordinator_of_desk()),
    ]
    for principal in people:
        listed = set(Notice.objects.visible_to(principal))
        assert listed == {one for one in notices if one.is_visible_to(principal)}


@pytest.fixture
def case():
    return CaseFactory()


def acknowledged(case, team):
    notice = NoticeFactory(team=team, about=case.id)
    acknowledging.acknowledge(principal=principal_of(member_of(team)), notice=notice)
    jobs.run_due()


def test_a_case_shows_when_a_party_acknowledged_to_those_who_see_its_row(case, client):
    row = ParticipantFactory(case=case)
    hidden = ParticipantFactory(case=case)
    shown = ParticipantFactory(case=case, shows_itself=True)
    with clock.frozen(MOMENT - timedelta(days=2)):
        acknowledged(case, hidden.team)
    acknowledged(case, shown.team)

    def page(person, **how):
        sign_in(client, person, **how)
        return client.get(f"/cases/{case.id}/").content.decode()

    assert page(coordinator_of_desk(), coordinator=True).count("acknowledged <") == 2
    assert page(member_of(row.team)).count("acknowledged <") == 1


def test_the_timeline_says_so_to_the_coordinating_team_and_the_party_itself(case):
    row, other = ParticipantFactory(case=case), ParticipantFactory(case=case)
    acknowledged(case, row.team)

    def words(principal):
        return [h.words for h in timeline(case, principal)]

    leader = principal_of(coordinator_of_desk(), coordinator=True)
    assert f"{row.team.name} has seen a notice" in words(leader)
    assert f"{row.team.name} has seen a notice" in words(principal_of(member_of(row.team)))
    assert not [w for w in words(principal_of(member_of(other.team))) if "seen a notice" in w]
