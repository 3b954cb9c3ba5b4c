"""What cases tell teams of: at once, near an end, or in the digest when a stranger set it off."""

from datetime import timedelta

import pytest
from tests.factories.case_parties import give_key, make_report
from tests.factories.cases import END, CaseFactory, ParticipantFactory
from tests.factories.directory import DeskFactory

from tcert.community.directory.models import Channel
from tcert.community.notices.models import Notice, Preference
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.mail import Mail
from tcert.response.cases.domain import telling
from tcert.response.cases.enums import EmbargoState, Presence
from tcert.response.cases.promise import answer_by

pytestmark = pytest.mark.django_db


def reminded(occasion):
    return set(Notice.objects.filter(occasion=occasion).values_list("team_id", flat=True))


def test_who_takes_part_is_told_once_that_an_embargo_ends_soon():
    case = CaseFactory(parts__embargo=EmbargoState.ACTIVE)
    row = ParticipantFactory(case=case)
    ParticipantFactory(case=case, presence=Presence.INVITED)
    ParticipantFactory(case=case, presence=Presence.REMOVED)
    with clock.frozen(END - timedelta(hours=49)):
        telling.remind_of_embargoes()
    assert not Notice.objects.exists()
    for hours in (48, 47, 1):
        with clock.frozen(END - timedelta(hours=hours)):
            telling.remind_of_embargoes()
    assert reminded("embargo-near") == {row.team_id, case.coordinating_team_id}
    assert Notice.objects.count() == 2
    with clock.frozen(END + timedelta(minutes=1)):
        telling.remind_of_embargoes()
    assert Notice.objects.count() == 2


def test_another_end_is_told_again():
    case = CaseFactory(parts__embargo=EmbargoState.ACTIVE)
    with clock.frozen(END - timedelta(hours=40)):
        telling.remind_of_embargoes()
        case.embargo.ends_at = END - timedelta(hours=10)
        case.embargo.save()
        telling.remind_of_embargoes()
    assert Notice.objects.count() == 2


def test_an_embargo_that_ended_is_not_near_its_end():
    CaseFactory(parts__embargo=EmbargoState.EXITED)
    with clock.frozen(END - timedelta(hours=1)):
        telling.remind_of_embargoes()
    assert not Notice.objects.exists()


def test_the_coordinating_team_is_told_once_that_a_reporter_is_to_be_answered():
    case, _stranger = make_report(give_key(DeskFactory()))
    last = answer_by(case.received_on)
    noon = clock.now().replace(hour=12, minute=0)
    days = (last - noon.date()).days
    for early in (days, 2):
        with clock.frozen(noon + timedelta(days=days - early)):
            telling.remind_of_promises()
    assert reminded("promise-near") == set()
    for early in (1, 0, -1):
        with clock.frozen(noon + timedelta(days=days - early)):
            telling.remind_of_promises()
    assert reminded("promise-near") == {case.coordinating_team_id}
    assert Notice.objects.count() == 1


def test_a_report_sends_no_mail_and_no_page_but_turns_the_next_digest():
    desk = DeskFactory()
    Channel.objects.create(team=desk, kind="email", purpose="main", value="desk@hub.example")
    make_report(give_key(desk))
    while jobs.run_due():
        pass
    assert not Mail.objects.exists()
    assert not Notice.objects.exists()
    assert Preference.objects.get().anonymous_waits
