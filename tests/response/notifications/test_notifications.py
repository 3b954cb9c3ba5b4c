"""From what was pasted to an answer or to the desk: who gets what, who may, what is heeded.

Protects: a team reads its own lines alone; silence is noticed; what is not theirs is corrected.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.case_parties import give_key
from tests.factories.claims import ClaimFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.notifications import (
    be_told,
    facts,
    holder_of,
    plan_of,
    read_by,
    sent_by,
    step_of,
)
from tests.factories.talks import Side, side
from tests.principals import principal_of

from tcert.community.claims.models import Claim
from tcert.community.directory.enums import TeamRole
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.notifications import queries, waiting
from tcert.response.notifications.delivery import Rule
from tcert.response.notifications.domain import answering, delivering, desk, keeping, sending
from tcert.response.notifications.enums import Act, Ending, Hop, Pace, Said, Severity, State, Topic
from tcert.response.notifications.jobs import climb, day
from tcert.response.notifications.models import Denial, Notification, Step
from tcert.response.routing import resolving

pytestmark = pytest.mark.django_db
TITLE = "+491710012345"
"""Whole only for who holds its range by proof."""


@pytest.fixture
def sender():
    return side("Alder CERT")


@pytest.fixture
def coordinator():
    """The desk with a key, and a coordinator of it without any concern."""
    made = DeskFactory()
    person = coordinator_of_desk()
    return Side(made, give_key(made), person)


def staffed(coordinator):
    return principal_of(coordinator.person, coordinator=True)


def only(**which):
    return Notification.objects.get(**which)


def to(one):
    return only(organisation=one.team.organisation)


def say(one, team, act):
    return answering.answer(principal=team.principal, step=step_of(one, team), act=act)


def records(one):
    found = AuditRecord.objects.filter(object_id=one.id).order_by("at", "id")
    return [record.act.removeprefix("notifications:") for record in found]


# Who gets what ---------------------------------------------------------------------------------


def test_each_team_reads_its_own_lines_and_no_others(sender, coordinator):
    beta, gamma = holder_of("Beta"), holder_of("Gamma", "999-71")
    imsi = "999712345678901"
    sent_by(sender, "999-70", "999-71", "999-71", imsi, "998-11", text="Look at your HLR.")
    first, second = to(beta), to(gamma)
    for text in (read_by(first, beta), read_by(second, gamma)):
        assert "Look at your HLR." in text
        assert "From: Alder CERT" in text
        assert len(text) % 1024 == 0
    assert "999-70\t" in read_by(first, beta)
    assert "999-71" not in read_by(first, beta)
    assert "999-70" not in read_by(second, gamma)
    assert "(x2)" in read_by(second, gamma)
    assert imsi not in read_by(second, gamma)  # an IMSI is never decided: masked
    assert (first.lines, second.lines, second.kinds) == (1, 3, {"imsi": 1, "plmn": 2})
    (unplaced,) = Notification.objects.filter(organisation=None)
    assert (unplaced.state, unplaced.lines) == (State.QUEUED, 1)
    assert "998-11" in read_by(unplaced, coordinator)
    assert [step.why for step in unplaced.steps.all()] == ["nobody"]


def test_a_title_is_whole_for_who_holds_it_and_masked_on_the_way_to_anybody_else(
    sender, coordinator
):
    beta = holder_of("Beta", "+4917100", kind="gt-range")
    gamma = side("Gamma CERT")
    ClaimFactory(organisation=gamma.team.organisation, kind="gt-range", value="+49171", tlp="GREEN")
    sent_by(sender, TITLE)
    one = to(beta)
    assert TITLE in read_by(one, beta)
    for other in (gamma, coordinator):
        assert TITLE not in read_by(one, other)
        assert TITLE[-4:] not in read_by(one, other).partition("Lines:")[2]
    assert [step.hop for step in one.steps.all()] == ["team", "candidate", "desk"]
    assert step_of(one, gamma).reached_at is None
    assert not Notification.objects.visible_to(gamma.principal).exists()


def test_the_same_form_sent_twice_is_one_and_another_teams_key_is_refused(sender):
    beta = holder_of("Beta")
    about, key = facts(), uuid4()
    plan = plan_of(sender.principal, ["999-70"], about)
    act = {"key": key, "facts": about, "plan": plan, "texts": ["999-70"]}
    first = sending.send(principal=sender.principal, team=sender.team, **act)
    assert sending.send(principal=sender.principal, team=sender.team, **act) == first
    assert Notification.objects.count() == 1
    with pytest.raises(DomainError):
        sending.send(principal=beta.principal, team=beta.team, **act)
    with pytest.raises(PermissionDenied):
        sending.send(principal=beta.principal, team=sender.team, **act)


def test_a_plain_member_neither_sends_nor_answers(sender):
    beta = holder_of("Beta")
    sent_by(sender, "999-70")
    colleague = principal_of(member_of(beta.team, TeamRole.MEMBER))
    one = to(beta)
    assert one.is_visible_to(colleague)
    with pytest.raises(PermissionDenied):
        answering.answer(principal=colleague, step=step_of(one, beta), act=Act.ACKNOWLEDGE)
    act = {"key": uuid4(), "facts": facts(), "texts": ["999-70"]}
    with pytest.raises(PermissionDenied):
        sending.send(
            principal=colleague, team=beta.team, plan=plan_of(colleague, [], facts()), **act
        )


def test_markings_and_missing_keys_shorten_the_chain(sender, coordinator):
    beta = holder_of("Beta")
    second = side("Beta SOC", organisation=beta.team.organisation)
    group = side("Group CERT")
    beta.team.organisation.group = group.team.organisation
    beta.team.organisation.save()
    chains = {}
    for tlp in (Tlp.RED, Tlp.AMBER_STRICT, Tlp.AMBER):
        Notification.objects.all().delete()
        sent_by(sender, "999-70", tlp=tlp)
        steps = to(beta).steps.all()
        chains[tlp] = [(s.team.name, s.body is not None) for s in steps]
    desk_alone = (coordinator.team.name, False)
    assert chains[Tlp.RED] == [("Beta CERT", True), desk_alone]
    assert chains[Tlp.AMBER_STRICT] == [("Beta CERT", True), ("Beta SOC", True), desk_alone]
    assert [name for name, _ in chains[Tlp.AMBER]][1:3] == ["Beta SOC", "Group CERT"]
    beta.team.keys.all().delete()
    Notification.objects.all().delete()
    sent_by(sender, "999-70")
    one = to(beta)
    assert (one.state, one.steps.get(position=one.step).team) == (State.WAITING, second.team)
    assert step_of(one, second).why == "no-key"


# Answers ---------------------------------------------------------------------------------------


def test_an_answer_is_kept_told_and_can_be_opened_again(sender):
    beta = holder_of("Beta")
    sent_by(sender, "999-70")
    one = to(beta)
    say(one, beta, Act.ACKNOWLEDGE)
    with pytest.raises(AlreadyDone):
        say(one, beta, Act.ACKNOWLEDGE)
    say(one, beta, Act.CONFIRM)
    say(one, beta, Act.HANDLED)
    one.refresh_from_db()
    assert (one.state, one.said, one.due_at) == (State.ANSWERED, Said.HANDLED, None)
    with pytest.raises(AlreadyDone):
        say(one, beta, Act.FALSE)
    answering.reopen(principal=beta.principal, step=step_of(one, beta))
    say(one, beta, Act.FALSE)
    one.refresh_from_db()
    assert (one.state, one.said) == (State.ANSWERED, Said.FALSE)
    jobs.run_due()
    told = [n.subject for n in Notice.objects.filter(team_id=sender.team.id)]
    assert set(told) == {"Notifications"}
    assert records(one) == [
        *("told", "acknowledge", "confirm", "handled", "reopen", "false"),
    ]


def test_not_ours_corrects_the_data_and_goes_to_the_next_candidate(sender, coordinator):
    beta = holder_of("Beta")
    gamma = side("Gamma CERT")
    ClaimFactory(organisation=gamma.team.organisation, value="999-70", tlp="GREEN")
    texts = ["999-70"]

    def first():
        found = resolving.answers(texts, at=clock.now(), principal=sender.principal)
        (line,) = found.lines
        return line.verdict, [(c.name, c.place) for c in line.readings[0].candidates]

    names = (beta.team.organisation.name, gamma.team.organisation.name)
    assert first() == (resolving.Verdict.DECIDED, [(names[0], 0), (names[1], 1)])
    sent_by(sender, *texts)
    one = to(beta)
    say(one, beta, Act.NOT_OURS)
    one.refresh_from_db()
    assert (one.state, step_of(one, gamma).why) == (State.WAITING, "not-ours")
    assert step_of(one, beta).body is None
    assert "999-70" in read_by(one, gamma)
    with pytest.raises(PermissionDenied):
        say(one, beta, Act.ACKNOWLEDGE)
    assert first() == (resolving.Verdict.WAITING, [(names[1], 0), (names[0], 1)])
    found = resolving.answers(texts, at=clock.now(), principal=sender.principal)
    assert "its team said" in found.lines[0].readings[0].candidates[1].reason
    say(one, gamma, Act.NOT_OURS)
    one.refresh_from_db()
    assert (one.state, one.steps.get(position=one.step).hop) == (State.QUEUED, Hop.DESK)
    assert [d.matched for d in queries.denied(beta.team.organisation)] == ["999-70"]


def test_a_correction_is_taken_back_by_who_leads_or_by_a_later_proof(sender):
    beta = holder_of("Beta")
    sent_by(sender, "999-70")
    say(to(beta), beta, Act.NOT_OURS)

    def verdict():
        found = resolving.answers(["999-70"], at=clock.now(), principal=sender.principal)
        return found.lines[0].verdict

    assert verdict() == resolving.Verdict.WAITING
    denial = Denial.objects.get()
    act = {"denial": denial, "organisation": beta.team.organisation}
    with pytest.raises(PermissionDenied):
        answering.take_back(principal=sender.principal, **act)
    answering.take_back(principal=beta.principal, **act)
    assert verdict() == resolving.Verdict.DECIDED
    with pytest.raises(AlreadyDone):
        answering.take_back(principal=beta.principal, **act)
    Denial.objects.update(withdrawn_at=None, at=clock.now() - timedelta(days=60))
    assert Claim.objects.get().verified_from > denial.at - timedelta(days=60)
    assert verdict() == resolving.Verdict.DECIDED


# Silence ---------------------------------------------------------------------------------------


def test_silence_climbs_by_its_timer_through_the_house_to_the_desk(sender, coordinator):
    beta = holder_of("Beta")
    second = side("Beta SOC", organisation=beta.team.organisation)
    start = clock.now()
    sent_by(sender, "999-70", severity=Severity.HIGH)
    one = to(beta)
    assert one.due_at - start >= timedelta(hours=4)
    be_told()
    climb()
    one.refresh_from_db()
    assert one.step == 0
    with clock.frozen(start + timedelta(hours=4, minutes=1)):
        climb()
        be_told()
    one.refresh_from_db()
    assert (one.state, step_of(one, second).why) == (State.WAITING, "silent")
    with clock.frozen(start + timedelta(hours=9)):
        climb()
        climb()
        one.refresh_from_db()
        assert (one.state, one.due_at) == (State.QUEUED, None)
        assert [s.why for s in one.steps.all()] == ["resolved", "silent", "silent"]
        assert records(one).count("silent") == 2
        (wait,) = [w for w in waiting.notifications(staffed(coordinator)) if "desk" in w.title]
        assert wait.title.endswith(": 1")
        # who was silent may still answer
        say(one, beta, Act.ACKNOWLEDGE)
        one.refresh_from_db()
        assert (one.state, one.step) == (State.ACKNOWLEDGED, 0)


def test_what_waits_for_the_day_is_told_once_and_its_time_runs_from_then(sender):
    beta = holder_of("Beta")
    sent_by(sender, "999-70", topic=Topic.SUSPICIOUS)
    one = to(beta)
    assert (one.due_at, step_of(one, beta).waits) == (None, True)
    jobs.run_due()
    assert not Notice.objects.filter(team_id=beta.team.id).exists()
    later = clock.now() + timedelta(hours=5)
    with clock.frozen(later):
        day()
        day()
        jobs.run_due()
    one.refresh_from_db()
    assert one.due_at == later + timedelta(days=1)
    (notice,) = Notice.objects.filter(team_id=beta.team.id)
    for secret in ("999-70", "Alder", str(one.id)):
        assert secret not in f"{notice.subject}{notice.text}"


# The desk --------------------------------------------------------------------------------------


def test_the_desk_takes_sends_on_and_closes(sender, coordinator):
    gamma = side("Gamma CERT")
    sent_by(sender, "998-11")
    (one,) = Notification.objects.all()
    acting = staffed(coordinator)
    act = {"principal": acting, "notification": one}
    send = {**act, "team": gamma.team, "lines": ["998-11\tplmn", "310410123456789"], "text": ""}
    with pytest.raises(AlreadyDone):
        desk.send_on(**send)
    desk.take(**act)
    with pytest.raises(AlreadyDone):
        desk.take(**act)
    for wrong in ({"lines": ["no such"]}, {"team": sender.team}, {"team": TeamFactory()}):
        with pytest.raises(DomainError):
            desk.send_on(**{**send, **wrong})
    desk.send_on(**send)
    one.refresh_from_db()
    assert (one.state, step_of(one, gamma).why) == (State.WAITING, "sent-on")
    text = read_by(one, gamma)
    assert "998-11\t" in text
    assert "0123456789" not in text
    say(one, gamma, Act.NOT_OURS)
    desk.take(**act)
    with pytest.raises(DomainError):
        desk.send_on(**send)
    desk.close(**act, ending=Ending.NOBODY_FOUND)
    one.refresh_from_db()
    assert (one.state, one.ending) == (State.CLOSED, Ending.NOBODY_FOUND)


def test_the_queue_is_for_a_session_and_not_for_whom_it_concerns(sender, coordinator):
    beta = holder_of("Beta")
    sent_by(sender, "999-70")
    one = to(beta)
    be_told()
    with clock.frozen(clock.now() + timedelta(days=2)):
        climb()
    one.refresh_from_db()
    assert one.state == State.QUEUED
    acting = staffed(coordinator)
    assert one.is_visible_to(acting)
    everybody = [acting, principal_of(coordinator.person), sender.principal, beta.principal]
    houses = (beta.team.organisation_id, sender.team.organisation_id)
    everybody += [replace(acting, interests=frozenset({house})) for house in houses]
    everybody.append(side().principal)
    queued = Notification.objects.queued_for
    assert [queued(one_).exists() for one_ in everybody] == [True, *[False] * 6]
    for principal in everybody:
        seen = Notification.objects.visible_to(principal).filter(pk=one.pk).exists()
        assert seen == one.is_visible_to(principal), principal.label
    with pytest.raises(PermissionDenied):
        desk.take(principal=everybody[4], notification=one)


# Rules -----------------------------------------------------------------------------------------


def test_rules_route_hold_back_and_let_nobody_else_set_them(sender):
    beta = holder_of("Beta")
    soc = side("Beta SOC", organisation=beta.team.organisation)
    house = beta.team.organisation
    act = {"principal": beta.principal, "organisation": house}
    delivering.add(**act, rule=Rule(kind="plmn", team=soc.team.id, pace=Pace.DAILY))
    with pytest.raises(Conflict):
        delivering.add(**act, rule=Rule(kind="plmn"))
    with pytest.raises(DomainError):
        delivering.add(**act, rule=Rule(team=sender.team.id))
    with pytest.raises(PermissionDenied):
        delivering.add(principal=sender.principal, organisation=house, rule=Rule())
    sent_by(sender, "999-70")
    one = to(beta)
    (step,) = one.steps.filter(reached_at__isnull=False)
    assert (step.team, step.why, step.waits) == (soc.team, "rule", True)
    never = delivering.add(**act, rule=Rule(prefix="999", pace=Pace.NEVER))
    plan = plan_of(sender.principal, ["999-70"], facts())
    assert (plan.bundles, plan.suppressed) == ([], 1)
    with pytest.raises(DomainError):
        sent_by(sender, "999-70")
    delivering.remove(**act, rule_id=never.id)
    with pytest.raises(AlreadyDone):
        delivering.remove(**act, rule_id=never.id)


def test_the_same_is_not_told_twice_within_its_days(sender):
    beta = holder_of("Beta")
    sent_by(sender, "999-70")
    now = clock.now()
    for after, topic, again in (
        (timedelta(days=6), Topic.COMPROMISED, False),
        (timedelta(days=6), Topic.VULNERABLE, True),
        (timedelta(days=7, hours=1), Topic.COMPROMISED, True),
    ):
        with clock.frozen(now + after):
            plan = plan_of(sender.principal, ["999-70"], facts(topic=topic), sender=sender.team.id)
        assert (bool(plan.bundles), plan.repeated) == (again, 0 if again else 1), (after, topic)
    assert beta.team.name not in str(plan.held)


# Keeping, counting -----------------------------------------------------------------------------


def test_sealed_lines_go_when_their_time_is_over(sender, coordinator):
    beta = holder_of("Beta")
    sent_by(sender, "999-70")
    say(to(beta), beta, Act.HANDLED)
    now = clock.now()
    for days, left in ((6, 2), (8, 1), (89, 1), (91, 0)):
        with clock.frozen(now + timedelta(days=days)):
            keeping.forget()
        assert Step.objects.filter(body__isnull=False).count() == left, days


def test_figures_are_counts(sender):
    beta, gamma = holder_of("Beta"), holder_of("Gamma", "999-71")
    now = clock.now()
    sent_by(sender, "999-70", "999-71", "999-71")
    with clock.frozen(now + timedelta(hours=2)):
        say(to(beta), beta, Act.HANDLED)
    found = queries.figures_sent(sender.principal)
    assert (found.count, found.lines, found.acknowledged, found.share) == (2, 3, 1, 50)
    assert found.median_hours == pytest.approx(2.0, abs=0.1)
    assert (found.said[Said.HANDLED], found.said[Said.NOTHING]) == (1, 1)
    assert queries.figures_received(gamma.principal).count == 1
    assert queries.figures_received(sender.principal).count == 0


def test_who_is_taken_off_the_list_sees_and_is_told_nothing(sender):
    beta = holder_of("Beta")
    sent_by(sender, "999-70")
    one = to(beta)
    OrganisationFactory._meta.model.objects.filter(pk=beta.team.organisation_id).update(
        state="suspended"
    )
    principal = beta.principal
    assert not Notification.objects.visible_to(principal).exists()
    assert not Notification.objects.get(pk=one.pk).is_visible_to(principal)
