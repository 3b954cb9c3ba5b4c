"""Requests for a mentor: who asks, who says yes, who sees it, and how it ends."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.maturity import MentorRequestFactory
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.directory.models import Channel
from tcert.community.maturity import jobs
from tcert.community.maturity.domain import mentoring
from tcert.community.maturity.enums import RequestState
from tcert.community.maturity.models import MentorRequest
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.ui.waiting import waiting_for

pytestmark = pytest.mark.django_db
WISH = "We have no duty roster"


def leader_of(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


@pytest.fixture
def team():
    return TeamFactory(name="Young CERT")


@pytest.fixture
def mentor():
    return TeamFactory(name="Old CERT")


@pytest.fixture
def asker(team):
    return leader_of(team)


@pytest.fixture
def helper(mentor):
    return leader_of(mentor)


def ask(principal, team, days=30, **values):
    given = {"wish": WISH, "languages": ["en"], **values}
    by = clock.today() + timedelta(days=days)
    return mentoring.ask(principal=principal, team=team, by=by, **given)


def accept(principal, request, mentor):
    return mentoring.accept(principal=principal, request=request, mentor=mentor)


def test_a_request_goes_its_way_and_both_confirm_the_end(team, mentor, asker, helper):
    request = ask(asker, team)
    agreed = accept(helper, request, mentor)
    assert (agreed.state, agreed.mentor) == (RequestState.AGREED, mentor)
    mentoring.confirm_end(principal=asker, request=request)
    assert not Event.objects.filter(kind=mentoring.MENTORED).exists(), "one side is not both"
    done = mentoring.confirm_end(principal=helper, request=request)
    assert done.state == RequestState.DONE
    event = Event.objects.get(kind=mentoring.MENTORED)
    assert event.object_id == request.id
    assert event.data == {"team": str(mentor.id), "mentored": str(team.id)}


def test_nobody_confirms_for_the_other_side_or_twice(team, mentor, asker, helper):
    request = MentorRequestFactory(team=team, mentor=mentor)
    mentoring.confirm_end(principal=helper, request=request)
    with pytest.raises(AlreadyDone):
        mentoring.confirm_end(principal=helper, request=request)
    for other in (
        leader_of(TeamFactory()),
        principal_of(member_of(team)),
        principal_of(coordinator_of_desk(), coordinator=True),
    ):
        with pytest.raises(PermissionDenied):
            mentoring.confirm_end(principal=other, request=request)
    assert MentorRequest.objects.get().state == RequestState.AGREED


def test_a_team_has_one_open_request(team, asker):
    request = ask(asker, team)
    with pytest.raises(Conflict):
        ask(asker, team)
    with pytest.raises(IntegrityError), transaction.atomic():
        MentorRequestFactory(team=team)
    mentoring.withdraw(principal=asker, request=request, confirmed_name="Young CERT")
    assert ask(asker, team).is_asked


@pytest.mark.parametrize("days", [-1, 366, 4000])
def test_the_day_is_within_a_year(team, asker, days):
    with pytest.raises(DomainError):
        ask(asker, team, days=days)


def test_who_may_ask(team):
    provisional = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    for principal, for_team in (
        (principal_of(member_of(team)), team),
        (leader_of(TeamFactory()), team),
        (leader_of(provisional), provisional),
        (leader_of(DeskFactory()), DeskFactory()),
        (ANONYMOUS, team),
    ):
        with pytest.raises(PermissionDenied):
            ask(principal, for_team)


def test_a_mentor_comes_from_another_house_and_the_list(team, asker):
    request = ask(asker, team)
    sister = TeamFactory(organisation__group=team.organisation)
    for one in (team, TeamFactory(organisation=team.organisation), sister):
        with pytest.raises(DomainError):
            accept(leader_of(one), request, one)
    with pytest.raises(PermissionDenied):
        accept(asker, request, TeamFactory())
    assert MentorRequest.objects.get().is_asked


def test_the_second_who_says_yes_is_told_so(team, mentor, asker, helper):
    request = ask(asker, team)
    accept(helper, request, mentor)
    other = TeamFactory()
    with pytest.raises(AlreadyDone):
        accept(leader_of(other), request, other)
    assert MentorRequest.objects.get().mentor == mentor


def test_a_mentor_who_steps_back_lets_another_one_in(team, mentor, helper, asker):
    request = MentorRequestFactory(team=team, mentor=mentor)
    with pytest.raises(PermissionDenied):
        mentoring.step_back(principal=leader_of(TeamFactory()), request=request)
    with pytest.raises(AlreadyDone):
        mentoring.step_back(principal=asker, request=request)
    assert mentoring.step_back(principal=helper, request=request).is_asked
    other = TeamFactory()
    assert accept(leader_of(other), request, other).mentor == other


def test_who_has_confirmed_the_end_does_not_step_back(team, mentor, helper):
    request = MentorRequestFactory(team=team, mentor=mentor)
    mentoring.confirm_end(principal=helper, request=request)
    with pytest.raises(DomainError):
        mentoring.step_back(principal=helper, request=request)


def test_a_withdrawn_request_counts_for_nobody(team, mentor, asker, helper):
    request = MentorRequestFactory(team=team, mentor=mentor)
    with pytest.raises(DomainError):
        mentoring.withdraw(principal=asker, request=request, confirmed_name="")
    mentoring.withdraw(principal=asker, request=request, confirmed_name="Young CERT")
    with pytest.raises(AlreadyDone):
        mentoring.confirm_end(principal=helper, request=request)
    assert not Event.objects.filter(kind=mentoring.MENTORED).exists()
    with pytest.raises(PermissionDenied):
        mentoring.withdraw(principal=helper, request=request, confirmed_name="Young CERT")


def test_a_request_lapses_after_its_day_and_not_before(team):
    request = MentorRequestFactory(team=team, by=clock.today() + timedelta(days=2))
    agreed = MentorRequestFactory(mentor=TeamFactory(), by=clock.today())
    with clock.frozen(clock.now() + timedelta(days=2)):
        jobs.lapse_requests()
        assert MentorRequest.objects.get(pk=request.pk).is_asked
    with clock.frozen(clock.now() + timedelta(days=3)):
        late, other = MentorRequest.objects.get(pk=request.pk), TeamFactory()
        assert not late.is_asked, "the page says so before the job has run"
        with pytest.raises(AlreadyDone):
            accept(leader_of(other), late, other)
        jobs.lapse_requests()
        jobs.lapse_requests()
    assert MentorRequest.objects.get(pk=request.pk).state == RequestState.LAPSED
    assert MentorRequest.objects.get(pk=agreed.pk).state == RequestState.AGREED
    assert AuditRecord.objects.filter(act=mentoring.LAPSE).count() == 1


def test_mails_and_records_say_nothing_of_what_it_is_about(team, mentor, asker, helper):
    request = ask(asker, team)
    accept(helper, request, mentor)
    mentoring.step_back(principal=helper, request=request)
    accept(helper, request, mentor)
    mentoring.confirm_end(principal=asker, request=request)
    told = [(one.subject, one.text) for one in Notice.objects.all()]
    assert {one.team_id for one in Notice.objects.all()} == {team.id, mentor.id}
    kept = list(AuditRecord.objects.values_list("data", flat=True))
    for word in (WISH, "Young CERT", "Old CERT"):
        assert word not in str(told)
        assert word not in str(kept)


def test_my_day_asks_the_other_side_to_confirm(team, mentor, asker, helper):
    request = MentorRequestFactory(team=team, mentor=mentor)

    def asked(principal):
        return [x for x in waiting_for(principal) if str(request.id) in x.url]

    assert not asked(asker) + asked(helper)
    mentoring.confirm_end(principal=asker, request=request)
    assert not asked(asker)
    assert len(asked(helper)) == 1


SEES = {
    "asker": {"waiting", "agreed", "over"},
    "mentor": {"waiting", "agreed", "over"},
    "member": {"waiting"},
    "coordinator": {"waiting", "agreed", "over"},
    "provisional": set(),
    "anonymous": set(),
}


@pytest.mark.parametrize("who", SEES)
def test_who_sees_a_request(team, mentor, who):
    things = {
        "waiting": MentorRequestFactory(),
        "agreed": MentorRequestFactory(team=team, mentor=mentor),
        "over": MentorRequestFactory(team=team, mentor=mentor, state=RequestState.DONE),
    }
    principal = {
        "asker": lambda: principal_of(member_of(team)),
        "mentor": lambda: principal_of(member_of(mentor)),
        "member": lambda: leader_of(TeamFactory()),
        "coordinator": lambda: principal_of(coordinator_of_desk(), coordinator=True),
        "provisional": lambda: leader_of(
            TeamFactory(organisation=OrganisationFactory(state=OrganisationState.PROVISIONAL))
        ),
        "anonymous": lambda: ANONYMOUS,
    }[who]()
    seen = set(MentorRequest.objects.visible_to(principal))
    assert {name for name, one in things.items() if one in seen} == SEES[who]
    assert {name for name, one in things.items() if one.is_visible_to(principal)} == SEES[who]


# Pages ---------------------------------------------------------------------


def at(name, *args):
    return reverse(f"maturity:{name}", args=args)


def signed_in(team, role=TeamRole.REPRESENTATIVE):
    return sign_in(Client(), member_of(team, role))


def test_from_the_list_to_the_channels(team, mentor):
    young, old = signed_in(team), signed_in(mentor)
    Channel.objects.create(team=team, kind="email", purpose="main", value="young@own.example")
    day = (clock.today() + timedelta(days=9)).isoformat()
    typed = {"wish": WISH, "languages": "English, klingon", "by": day}
    refused = young.post(at("ask_mentor", team.id), typed)
    assert refused.status_code == 400
    assert WISH in refused.content.decode()
    made = young.post(at("ask_mentor", team.id), {**typed, "languages": "English"})
    assert WISH in old.get(at("mentors")).content.decode()
    page = old.get(made.url)
    assert "young@own.example" not in page.content.decode()
    old.post(made.url, {"mentor": str(mentor.id)})
    assert "young@own.example" in old.get(made.url).content.decode()
    assert signed_in(TeamFactory()).get(made.url).status_code == 404
    for client, path in ((young, "mentoring_done"), (old, "mentoring_done")):
        client.post(at(path, MentorRequest.objects.get().id))
    assert MentorRequest.objects.get().state == RequestState.DONE


def test_a_plain_member_reads_and_does_not_say_yes(team):
    request = MentorRequestFactory(team=team)
    client = signed_in(TeamFactory(), TeamRole.MEMBER)
    page = client.get(at("mentor_request", request.id))
    assert "Say yes" not in page.content.decode()
    own = client.get(at("mentors")).context
    assert own["free"] == []
    answer = client.post(at("mentor_request", request.id), {"mentor": "x"})
    assert answer.status_code == 403


def test_nobody_says_yes_for_a_foreign_team(team):
    request, foreign = MentorRequestFactory(team=team), TeamFactory()
    answer = signed_in(TeamFactory()).post(
        at("mentor_request", request.id), {"mentor": str(foreign.id)}
    )
    assert answer.status_code == 400
    assert MentorRequest.objects.get().is_asked


def test_the_list_asks_the_same_for_one_request_and_for_three(team):
    client = signed_in(team)
    counts = []
    for number in (1, 2):
        for _ in range(number):
            MentorRequestFactory()
        client.get(at("mentors"))
        with CaptureQueriesContext(connection) as asked:
            client.get(at("mentors"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_yes_of_the_next_mentor_is_told_as_well(team, mentor, asker, helper):
    request = ask(asker, team)
    other = TeamFactory(name="Third CERT")
    accept(helper, request, mentor)
    mentoring.step_back(principal=helper, request=request)
    before = Notice.objects.filter(team=team).count()
    accept(leader_of(other), request, other)
    assert Notice.objects.filter(team=team).count() == before + 1


def test_a_plain_member_of_the_mentor_who_leads_the_asking_team_does_not_step_back(
    team, mentor, asker
):
    request = MentorRequestFactory(team=team, mentor=mentor)
    person = member_of(team, TeamRole.REPRESENTATIVE)
    TeamMembershipFactory(team=mentor, person=person)
    with pytest.raises(AlreadyDone):
        mentoring.step_back(principal=principal_of(person), request=request)
