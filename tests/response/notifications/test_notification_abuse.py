"""What somebody might try with notifications, or come upon, and what then does not happen.

Protects: alarms from being silenced by others, closed claims, groups from being asked twice, and
whoever was told from learning what became of it elsewhere.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from django import forms
from django.test import Client
from tests.factories.case_parties import give_key
from tests.factories.claims import ClaimFactory
from tests.factories.directory import DeskFactory, OrganisationFactory, coordinator_of_desk
from tests.factories.notifications import facts, holder_of, plan_of, read_by, sent_by, step_of
from tests.factories.talks import Side, side
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import TeamKind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.notifications import queries
from tcert.response.notifications.delivery import Rule
from tcert.response.notifications.domain import answering, delivering, desk, keeping
from tcert.response.notifications.enums import Act, Hop, Said, Severity
from tcert.response.notifications.forms import check_text
from tcert.response.notifications.models import Denial, Notification, Step
from tcert.response.routing import resolving

pytestmark = pytest.mark.django_db
TITLE = "+491710012345"


@pytest.fixture
def sender():
    return side("Alder CERT")


@pytest.fixture
def coordinator():
    made = DeskFactory()
    return Side(made, give_key(made), coordinator_of_desk())


def group_of(*members):
    """Return the team of a group that owns organisations."""
    group = side("Group CERT", organisation__name="Group")
    for one in members:
        one.group = group.team.organisation
        one.save()
    return group


def claimed_by(name, value="999-70", **claim):
    made = side(f"{name} CERT", organisation__name=name)
    options = {"kind": "plmn", "tlp": "GREEN", **claim}
    ClaimFactory(organisation=made.team.organisation, value=value, **options)
    return made


def to(one):
    return Notification.objects.get(organisation=one.team.organisation)


def say(one, team, act):
    return answering.answer(principal=team.principal, step=step_of(one, team), act=act)


def hops(one):
    return [(step.hop, step.team.name) for step in one.steps.all()]


def candidates(principal, text):
    """Return who answers for a text: name, and whether it says that it is not theirs."""
    found = resolving.answers([text], at=clock.now(), principal=principal)
    return [(one.name, one.is_denied) for one in found.lines[0].readings[0].candidates]


# Groups ----------------------------------------------------------------------------------------


def test_a_group_stands_once_in_the_chain_and_the_members_denial_holds_for_it(sender, coordinator):
    beta, gamma = holder_of("Beta"), claimed_by("Gamma")
    group = group_of(beta.team.organisation)
    sent_by(sender, "999-70")
    one = to(beta)
    assert hops(one)[:3] == [
        ("team", "Beta CERT"),
        ("group", "Group CERT"),
        ("candidate", "Gamma CERT"),
    ]
    say(one, beta, Act.NOT_OURS)
    one.refresh_from_db()
    assert one.steps.get(position=one.step).team == gamma.team
    assert step_of(one, group).reached_at is None
    told = [("Gamma", False), ("Beta", True), ("Group", True)]
    assert candidates(sender.principal, "999-70") == told
    kept = AuditRecord.objects.get(act="notifications:denial:enter")
    assert kept.object_id == beta.team.organisation_id
    # who said so is not asked as the next one either
    Notification.objects.all().delete()
    sent_by(sender, "999-70")
    assert [hop for hop, _name in hops(to(gamma))] == ["team", "desk"]


def test_a_later_proof_counts_for_what_is_derived_and_for_the_group(sender):
    beta = holder_of("Beta")
    group_of(beta.team.organisation)
    before = clock.now() - timedelta(days=60)
    house = beta.team.organisation
    denial = Denial.objects.create(organisation=house, team=beta.team, matched="999-70")
    for text in ("999-70", "epc.mnc070.mcc999.3gppnetwork.org"):
        for at, is_denied in ((clock.now(), True), (before, False)):
            Denial.objects.filter(pk=denial.pk).update(at=at)
            told = [("Beta", is_denied), ("Group", is_denied)]
            assert candidates(sender.principal, text) == told, (text, at)


def test_what_two_teams_denied_at_once_is_taken_back_at_once(sender):
    beta = holder_of("Beta")
    house = beta.team.organisation
    first, other, _same = (
        Denial.objects.create(organisation=house, team=beta.team, matched=matched)
        for matched in ("999-70", "999-71", "999-70")
    )
    answering.take_back(principal=beta.principal, denial=first, organisation=house)
    assert list(Denial.objects.standing()) == [other]
    assert candidates(sender.principal, "999-70") == [("Beta", False)]


def test_a_group_learns_no_range_of_a_closed_claim_of_its_members(sender):
    beta = holder_of("Beta", "+4917100", kind="gt-range", tlp="AMBER")
    group = group_of(beta.team.organisation)
    sent_by(sender, TITLE)
    one = to(beta)
    assert step_of(one, beta).ranges == ["+4917100"]
    with clock.frozen(clock.now() + timedelta(days=2)):
        answering.climb(one.pk)
    assert step_of(one, group).reached_at is not None
    page = sign_in(Client(), group.person).get(f"/notifications/{one.id}/").text
    assert "+4917100" not in page
    say(one, group, Act.NOT_OURS)
    assert not Denial.objects.exists()


def test_the_group_is_told_for_a_member_without_a_team_and_reads_masked_lines(sender, coordinator):
    member = OrganisationFactory(name="Member")
    group = group_of(member)
    options = {"kind": "gt-range", "verified": True, "tlp": "GREEN"}
    ClaimFactory(organisation=member, value="+4917100", **options)
    sent_by(sender, TITLE)
    (one,) = Notification.objects.all()
    assert hops(one)[0] == ("team", "Group CERT")
    assert TITLE not in read_by(one, group)
    assert "+49" in read_by(one, group)


# Silencing -------------------------------------------------------------------------------------


def test_nobody_silences_the_alarms_of_others_or_learns_of_them(sender):
    """A repeat is what the same team told before, as no less severe than now."""
    holder_of("Beta")
    hostile = side("Hostile")
    sent_by(hostile, "999-70", severity=Severity.LOW, text="Only a test.")
    look = plan_of(sender.principal, ["999-70"], facts(), sender=sender.team.id)
    assert (len(look.bundles), look.repeated, look.held) == (1, 0, [])
    sent_by(sender, "999-70", severity=Severity.LOW)
    for severity, again in ((Severity.LOW, False), (Severity.CRITICAL, True)):
        about = facts(severity=severity)
        look = plan_of(sender.principal, ["999-70"], about, sender=sender.team.id)
        assert bool(look.bundles) is again, severity


def test_what_is_the_senders_own_goes_to_nobody_not_even_to_the_desk(sender, coordinator):
    options = {"kind": "plmn", "verified": True, "tlp": "GREEN"}
    ClaimFactory(organisation=sender.team.organisation, value="999-73", **options)
    look = plan_of(sender.principal, ["999-73", "999731234567890", "998-11"], facts())
    assert [[item.written for item in bundle.items] for bundle in look.bundles] == [["998-11"]]


def test_a_rule_does_not_bring_anything_to_a_team_that_is_never_named(sender):
    beta = holder_of("Beta")
    hidden = side(organisation=beta.team.organisation, kind=TeamKind.LAWFUL_INTERCEPTION)
    delivering.add(
        principal=beta.principal,
        organisation=beta.team.organisation,
        rule=Rule(team=hidden.team.id),
    )
    sent_by(sender, "999-70")
    (step,) = to(beta).steps.all()
    assert (step.team, step.why) == (beta.team, "resolved")


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("0171-12-34567", False),
        ("3104-10-12 34 56 789", False),
        ("01\u00a071\u00a012\u00a034\u00a056", False),
        ("0171\u20111234\u2011567", False),
        ("\u0663\u0661\u0660\u0664\u0661\u0660\u0661\u0662", False),
        ("\u2460\u2461\u2462\u2463\u2464\u2465\u2466", False),
        ("+49_171_1234", False),
        ("Since 2026-11-24 03:10, again on 2026-11-25T04:00:00Z: 120 requests.", True),
        ("From 2026-11-24 to 2026-11-25, TS 29.272, port 2905.", True),
    ],
)
def test_no_spelling_brings_a_number_into_the_words_that_all_read(text, is_kept):
    if is_kept:
        assert check_text(text) == text
    else:
        with pytest.raises(forms.ValidationError):
            check_text(text)


# Who learns what became of it ------------------------------------------------------------------


def test_who_said_not_ours_does_not_learn_what_another_answered(sender):
    beta, gamma = holder_of("Beta"), claimed_by("Gamma")
    sent_by(sender, "999-70")
    one = to(beta)
    say(one, beta, Act.NOT_OURS)
    say(one, gamma, Act.CONFIRM)
    told = queries.figures_received(beta.principal)
    assert (told.acknowledged, told.median_hours, told.climbed) == (0, None, 0)
    assert (told.said[Said.NOT_OURS], told.said[Said.CONFIRMED]) == (1, 0)
    assert queries.figures_received(gamma.principal).said[Said.CONFIRMED] == 1
    page = sign_in(Client(), beta.person).get(f"/notifications/{one.id}/")
    assert page.context["said"] == "not ours"
    assert "Gamma" not in page.text
    assert ">true<" not in sign_in(Client(), beta.person).get("/notifications/").text


def test_the_desk_keeps_a_marking_and_sends_nothing_to_whom_it_concerns(sender, coordinator):
    beta, gamma = holder_of("Beta"), side("Gamma CERT")
    sister = side("Beta SOC", organisation=beta.team.organisation)
    sent_by(sender, "999-70", tlp=Tlp.RED)
    one = to(beta)
    with clock.frozen(clock.now() + timedelta(days=2)):
        answering.climb(one.pk)
    acting = principal_of(coordinator.person, coordinator=True)
    concerned = replace(acting, interests=frozenset({gamma.team.organisation_id}))
    of_beta = replace(acting, interests=frozenset({beta.team.organisation_id}))
    for reader, reads in ((acting, True), (of_beta, False)):
        rows = AuditRecord.objects.visible_to(reader).filter(object_id=one.id)
        assert rows.exists() is reads
    act = {"notification": one, "lines": ["999-70"], "text": ""}
    desk.take(principal=acting, notification=one)
    with pytest.raises(DomainError, match="marking"):
        desk.send_on(principal=acting, team=gamma.team, **act)
    Notification.objects.filter(pk=one.pk).update(organisation=None)
    with pytest.raises(DomainError, match="concerns you"):
        desk.send_on(principal=concerned, team=gamma.team, **act)
    Notification.objects.filter(pk=one.pk).update(organisation=beta.team.organisation)
    desk.send_on(principal=acting, team=sister.team, **act)
    assert step_of(one, sister).hop == Hop.CHOSEN


def test_what_nobody_ends_is_forgotten_after_a_year(sender, coordinator):
    beta = holder_of("Beta")
    sent_by(sender, "999-70")
    say(to(beta), beta, Act.ACKNOWLEDGE)
    now = clock.now()
    for days, left in ((364, True), (366, False)):
        with clock.frozen(now + timedelta(days=days)):
            keeping.forget()
        assert Step.objects.filter(body__isnull=False).exists() is left, days
        assert bool(to(beta).marks) is left, days
