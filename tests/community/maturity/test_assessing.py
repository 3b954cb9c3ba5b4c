"""A team's own judgement: a draft that is saved as it grows, then a record that never changes."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.desk import InterestFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.maturity import AnswerFactory, AssessmentFactory, answered, published
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.maturity.catalogue import parameters, targets
from tcert.community.maturity.domain import assessing
from tcert.community.maturity.enums import Profile
from tcert.community.maturity.models import Answer, Assessment
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shown import mark

pytestmark = pytest.mark.django_db
SECRET = "Nobody answers after midnight"


@pytest.fixture
def team():
    return TeamFactory(name="Own CERT")


@pytest.fixture
def boss(team):
    return member_of(team, TeamRole.REPRESENTATIVE)


@pytest.fixture
def principal(boss):
    return principal_of(boss)


def say(principal, draft, parameter="O-1", level="3", **values):
    given = {"evidence": "Signed.", "links": "", **values}
    given.setdefault("shown", mark(assessing.held(draft, parameter), assessing.ANSWER_FIELDS))
    return assessing.answer(
        principal=principal, assessment=draft, parameter=parameter, level=level, **given
    )


def publish(principal, draft, name="Own CERT"):
    return assessing.publish(principal=principal, assessment=draft, confirmed_name=name)


# Acts ----------------------------------------------------------------------


def test_a_draft_grows_and_becomes_a_record(team, principal):
    draft = assessing.begin(principal=principal, team=team, target=Profile.INTERMEDIATE)
    answered(draft, 2)
    say(principal, draft, level="0", evidence=SECRET)
    done = publish(principal, draft)
    assert (done.published_at.date(), done.reached) == (clock.today(), "")
    assert done.levels() == {**dict.fromkeys(parameters(), 2), "O-1": 0}
    assert AuditRecord.objects.filter(act=assessing.PUBLISH, object_id=draft.id).count() == 1


def test_what_was_reached_is_kept_with_the_record(team, principal):
    draft = AssessmentFactory(team=team)
    answered(draft, 3)
    assert publish(principal, draft).reached == Profile.INTERMEDIATE


def test_nothing_changes_what_is_published(team, principal):
    kept = published(AssessmentFactory(team=team))
    before = kept.levels()
    for act in (
        lambda: say(principal, kept, level="4"),
        lambda: publish(principal, kept),
        lambda: assessing.aim(principal=principal, assessment=kept, target=Profile.ADVANCED),
        lambda: assessing.discard(principal=principal, assessment=kept, confirmed_name="Own CERT"),
    ):
        with pytest.raises(AlreadyDone):
            act()
    present = Assessment.objects.get(pk=kept.pk)
    assert (present.levels(), present.target) == (before, Profile.BASIC)


def test_a_draft_with_a_hole_is_not_published(team, principal):
    draft = answered(AssessmentFactory(team=team))
    say(principal, draft, level="")
    with pytest.raises(DomainError, match="One parameter"):
        publish(principal, draft)
    with pytest.raises(DomainError):
        publish(principal, draft, name="Other CERT")
    assert Assessment.objects.get(pk=draft.pk).is_draft


def test_a_team_has_one_draft(team, principal):
    assessing.begin(principal=principal, team=team, target=Profile.BASIC)
    with pytest.raises(Conflict):
        assessing.begin(principal=principal, team=team, target=Profile.BASIC)
    with pytest.raises(IntegrityError), transaction.atomic():
        AssessmentFactory(team=team)
    assert Assessment.objects.filter(team=team).count() == 1


def test_a_second_assessment_begins_with_what_was_said(team, principal):
    last = published(AssessmentFactory(team=team), level=1, T_5=4)
    AnswerFactory._meta.model.objects.filter(assessment=last, parameter="O-1").delete()
    AnswerFactory(assessment=last, parameter="O-1", level="2", evidence=SECRET)
    draft = assessing.begin(principal=principal, team=team, target=Profile.BASIC)
    assert draft.levels() == last.levels()
    assert draft.given()["O-1"].evidence == SECRET
    say(principal, draft, level="4")
    assert last.levels()["O-1"] == 2, "the record stays as it was"


def test_an_older_page_overwrites_nothing(team, principal):
    draft = AssessmentFactory(team=team)
    shown = mark(assessing.held(draft, "O-1"), assessing.ANSWER_FIELDS)
    say(principal, draft, level="3", shown=shown)
    with pytest.raises(Conflict):
        say(principal, draft, level="0", shown=shown)
    assert draft.levels() == {"O-1": 3}
    say(principal, draft, "O-2", level="1")
    assert draft.levels() == {"O-1": 3, "O-2": 1}, "another parameter is in nobody's way"


def test_no_parameter_is_invented(team, principal):
    with pytest.raises(DomainError):
        say(principal, AssessmentFactory(team=team), "O-12")


def test_a_draft_is_thrown_away_by_name(team, principal):
    draft = answered(AssessmentFactory(team=team))
    with pytest.raises(DomainError):
        assessing.discard(principal=principal, assessment=draft, confirmed_name="own")
    assessing.discard(principal=principal, assessment=draft, confirmed_name="Own CERT")
    assert not Answer.objects.exists()
    with pytest.raises(AlreadyDone):
        publish(principal, draft)


def test_levels_and_evidence_are_guarded_and_no_record_tells_them(team, principal):
    draft = AssessmentFactory(team=team)
    say(principal, draft, level="0", evidence=SECRET, links="https://own.example/secret")
    with connection.cursor() as cursor:
        cursor.execute("SELECT level, evidence, links FROM maturity_answer")
        stored = str(cursor.fetchall())
    assert SECRET not in stored
    assert "own.example" not in stored
    told = str(list(AuditRecord.objects.values_list("act", "data")))
    assert SECRET not in told


@pytest.mark.parametrize(
    "who", ["colleague", "stranger", "other leader", "coordinator", "anonymous"]
)
def test_only_who_leads_the_team_judges_it(team, who):
    draft = AssessmentFactory(team=team)
    principal = {
        "colleague": lambda: principal_of(member_of(team)),
        "stranger": lambda: principal_of(member_of(TeamFactory())),
        "other leader": lambda: principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE)),
        "coordinator": lambda: principal_of(coordinator_of_desk(), coordinator=True),
        "anonymous": lambda: ANONYMOUS,
    }[who]()
    for act in (
        lambda: assessing.begin(principal=principal, team=team, target=Profile.BASIC),
        lambda: say(principal, draft),
        lambda: publish(principal, draft),
        lambda: assessing.discard(principal=principal, assessment=draft, confirmed_name=team.name),
        lambda: assessing.aim(principal=principal, assessment=draft, target=Profile.ADVANCED),
        lambda: assessing.show(principal=principal, assessment=draft, is_shown=True),
    ):
        with pytest.raises(PermissionDenied):
            act()


# Who sees ------------------------------------------------------------------

SEES = {
    "own": {"draft", "kept"},
    "colleague": {"draft", "kept"},
    "member": set(),
    "coordinator": {"kept"},
    "coordinator without session": set(),
    "tied coordinator": set(),
    "provisional": set(),
    "anonymous": set(),
}


@pytest.mark.parametrize("who", SEES)
def test_who_sees_an_assessment(team, boss, who):
    kept = published(AssessmentFactory(team=team))
    things = {"kept": kept, "draft": AssessmentFactory(team=team)}
    if who == "tied coordinator":
        person = coordinator_of_desk()
        InterestFactory(person=person, organisation=team.organisation)
        principal = principal_of(person, coordinator=True)
    else:
        principal = {
            "own": lambda: principal_of(boss),
            "colleague": lambda: principal_of(member_of(team)),
            "member": lambda: principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE)),
            "coordinator": lambda: principal_of(coordinator_of_desk(), coordinator=True),
            "coordinator without session": lambda: principal_of(coordinator_of_desk()),
            "provisional": lambda: principal_of(
                member_of(TeamFactory(organisation__state=OrganisationState.PROVISIONAL))
            ),
            "anonymous": lambda: ANONYMOUS,
        }[who]()
    seen = set(Assessment.objects.visible_to(principal))
    assert {name for name, one in things.items() if one in seen} == SEES[who]
    assert {name for name, one in things.items() if one.is_visible_to(principal)} == SEES[who]


def test_members_are_told_the_profile_only_if_the_team_says_so(team, principal):
    kept = published(AssessmentFactory(team=team), level=3)
    member = sign_in(Client(), member_of(TeamFactory()))
    address = reverse("directory:team", args=[team.id])
    assert "Maturity" not in member.get(address).content.decode()
    assessing.show(principal=principal, assessment=kept, is_shown=True)
    told = member.get(address).content.decode()
    assert "intermediate" in told
    assert reverse("maturity:assessment", args=[kept.id]) not in told
    assert "intermediate" not in Client().get(address).content.decode()
    assessing.show(principal=principal, assessment=kept, is_shown=False)
    assert "intermediate" not in member.get(address).content.decode()


def test_an_older_profile_is_not_told_once_a_newer_stands(team, principal):
    old = published(AssessmentFactory(team=team), level=4, days=400)
    assessing.show(principal=principal, assessment=old, is_shown=True)
    published(AssessmentFactory(team=team), level=1, days=3)
    member = sign_in(Client(), member_of(TeamFactory()))
    page = member.get(reverse("directory:team", args=[team.id])).content.decode()
    assert "advanced" not in page


def test_where_no_profile_was_reached_there_is_nothing_to_tell(team, principal):
    for one in (
        published(AssessmentFactory(team=team), level=0),
        AssessmentFactory(team=team),
    ):
        with pytest.raises(DomainError):
            assessing.show(principal=principal, assessment=one, is_shown=True)


# Pages ---------------------------------------------------------------------


def at(name, *args):
    return reverse(f"maturity:{name}", args=args)


def test_the_page_of_a_parameter_saves_and_goes_on(team, boss):
    draft, client = AssessmentFactory(team=team), sign_in(Client(), boss)
    address = at("parameter", draft.id, "O-1")
    shown = client.get(address).context["form"].initial["shown"]
    typed = {"level": "2", "evidence": SECRET, "links": " https://own.example/a \n", "shown": shown}
    answer = client.post(address, {**typed, "go_on": "1"})
    assert answer.url == at("parameter", draft.id, "O-2")
    saved = draft.given()["O-1"]
    assert (saved.level, saved.evidence, saved.links) == ("2", SECRET, "https://own.example/a")
    late = client.post(address, {**typed, "level": "4"})
    assert late.status_code == 409
    assert SECRET in late.content.decode(), "nothing typed is lost"
    assert draft.levels() == {"O-1": 2}


@pytest.mark.parametrize(
    "links",
    [
        "javascript:alert(1)",
        "ftp://own.example/",
        "own.example",
        "https://",
        "https://[::1",
        "https://own.example/" + "x" * 300,
        "\n".join(["https://own.example/"] * 9),
        "https://own.example/\x00",
    ],
)
def test_what_is_no_address_is_refused_beside_the_field(team, boss, links):
    draft, client = AssessmentFactory(team=team), sign_in(Client(), boss)
    address = at("parameter", draft.id, "O-1")
    shown = client.get(address).context["form"].initial["shown"]
    answer = client.post(address, {"level": "2", "evidence": "x", "links": links, "shown": shown})
    assert answer.status_code == 400
    assert "links" in answer.context["form"].errors
    assert not Answer.objects.exists()


@pytest.mark.parametrize("level", ["5", "-1", "2.0", "٣", "x" * 500])
def test_there_are_five_levels(team, boss, level):
    draft, client = AssessmentFactory(team=team), sign_in(Client(), boss)
    address = at("parameter", draft.id, "O-1")
    shown = client.get(address).context["form"].initial["shown"]
    answer = client.post(address, {"level": level, "shown": shown})
    assert answer.status_code == 400
    assert not Answer.objects.exists()


def test_a_published_assessment_has_no_page_that_changes_it(team, boss):
    kept, client = published(AssessmentFactory(team=team)), sign_in(Client(), boss)
    for name, *more in (("parameter", "O-1"), ("publish",), ("discard",)):
        assert client.get(at(name, kept.id, *more)).status_code == 404
    assert client.get(at("parameter", AssessmentFactory(team=team).id, "X-1")).status_code == 404


def test_the_page_shows_wheel_gaps_and_what_changed(team, boss):
    published(AssessmentFactory(team=team), level=1, days=400)
    kept = published(AssessmentFactory(team=team), level=3, days=5, P_9=0)
    client = sign_in(Client(), boss)
    page = client.get(at("assessment", kept.id))
    goal = targets()[Profile.BASIC]
    assert [gap.parameter for _one, gap in page.context["gaps"]] == ["P-9"]
    assert page.context["gaps"][0][1].wanted == goal["P-9"]
    changed = {one.id: change for one, change in page.context["changes"]}
    assert changed["P-9"].now == 0
    assert len(changed) == len(parameters())
    html = page.content.decode()
    assert html.count('class="target"') == len(parameters())
    assert "SIM3 wheel of Own CERT against basic" in html
    higher = client.get(at("assessment", kept.id), {"target": "advanced"})
    assert len(higher.context["gaps"]) > 1
    assert client.get(at("assessment", kept.id), {"target": "x"}).context["target"] == "basic"


def test_the_file_has_every_parameter_and_no_formula(team, boss):
    draft = answered(AssessmentFactory(team=team))
    Answer.objects.filter(assessment=draft, parameter="O-2").delete()
    AnswerFactory(assessment=draft, parameter="O-2", level="", evidence="=HYPERLINK(1)")
    answer = sign_in(Client(), boss).get(at("csv", draft.id))
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert [row["parameter"] for row in rows] == list(parameters())
    assert (rows[0]["level"], rows[0]["target"]) == ("2", "3")
    assert (rows[1]["level"], rows[1]["evidence"]) == ("", "'=HYPERLINK(1)")
    assert team.name not in answer["Content-Disposition"]


def test_pages_ask_the_same_whatever_the_record_holds(team, boss):
    client = sign_in(Client(), boss)
    counts = []
    for number in (1, 2):
        for _ in range(number):
            kept = published(AssessmentFactory(team=team), days=50 - 10 * number - len(counts))
        client.get(at("assessments", team.id))
        with CaptureQueriesContext(connection) as asked:
            client.get(at("assessments", team.id))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as asked:
        client.get(at("assessment", kept.id))
    assert len(asked) <= 25


def test_begin_is_refused_to_who_does_not_lead(team):
    client = sign_in(Client(), member_of(team))
    page = client.get(at("assessments", team.id))
    assert "Begin a draft" not in page.content.decode()
    assert client.post(at("assessments", team.id), {"target": "basic"}).status_code == 403
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        assert not Assessment.objects.exists()
