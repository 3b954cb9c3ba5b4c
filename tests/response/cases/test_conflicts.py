"""A case that concerns a coordinator's house does not exist for that coordinator, on any way.

Every kind of concern, by every kind of tie, over every list, page, file, search and record; the
same case stays open to a coordinator who is tied to nobody.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import advisories as texts
from tests.factories.case_parties import give_key, make_report
from tests.factories.cases import (
    CaseFactory,
    CaseProductFactory,
    ExclusionFactory,
    ParticipantFactory,
)
from tests.factories.claims import ClaimFactory
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
)
from tests.factories.inventory import EquipmentFactory, ProductFactory
from tests.principals import declared, principal_of, sign_in

from tcert.community.directory.models import Organisation
from tcert.foundation.kernel import clock, installation
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.sealed.models import Message
from tcert.foundation.ui.waiting import waiting_for
from tcert.response.advisories.models import Advisory
from tcert.response.cases import queries, registrations
from tcert.response.cases.domain import recusals
from tcert.response.cases.enums import Presence
from tcert.response.cases.models import (
    Case,
    CaseNetwork,
    CaseThread,
    Exclusion,
    Invitation,
    Participant,
    Recusal,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


# What concerns a house -----------------------------------------------------------------------


def _vendor(case: Case, house: Organisation) -> None:
    CaseProductFactory(case=case, product=ProductFactory(vendor=house))


def _runs_it(case: Case, house: Organisation) -> None:
    product = ProductFactory()
    CaseProductFactory(case=case, product=product)
    EquipmentFactory(organisation=house, product=product)


def _takes_part(case: Case, house: Organisation) -> None:
    ParticipantFactory(case=case, team=TeamFactory(organisation=house))


def _was_asked(case: Case, house: Organisation) -> None:
    ParticipantFactory(case=case, team=TeamFactory(organisation=house), presence=Presence.DECLINED)


def _network(case: Case, house: Organisation) -> None:
    ClaimFactory(organisation=house, value="999-42")
    CaseNetwork.objects.create(case=case, plmn="999-42", by_reporter=True)


def _kept_out(case: Case, house: Organisation) -> None:
    Exclusion.objects.create(case=case, organisation=house)


def _team_kept_out(case: Case, house: Organisation) -> None:
    ExclusionFactory(case=case, team=TeamFactory(organisation=house))


def _kept_out_by_name(case: Case, house: Organisation) -> None:
    Exclusion.objects.create(case=case, name=house.name.upper())


CONCERNS: dict[str, Callable[[Case, Organisation], None]] = {
    "makes the product": _vendor,
    "runs the product": _runs_it,
    "takes part": _takes_part,
    "was asked": _was_asked,
    "its network": _network,
    "must not be told": _kept_out,
    "its team must not be told": _team_kept_out,
    "must not be told, by name": _kept_out_by_name,
}


# How a coordinator is tied to it -------------------------------------------------------------


def _is_in_its_team(person, house):
    TeamMembershipFactory(person=person, team=TeamFactory(organisation=house))


def _declared_it(person, house):
    InterestFactory(person=person, organisation=house)


def _declared_its_owner(person, house):
    house.group = OrganisationFactory()
    house.save()
    InterestFactory(person=person, organisation=house.group)


def _declared_its_sister(person, house):
    house.group = OrganisationFactory()
    house.save()
    InterestFactory(person=person, organisation=OrganisationFactory(group=house.group))


def _left_a_month_ago(person, house):
    InterestFactory(person=person, organisation=house, until=clock.today() - timedelta(days=30))


TIES = {
    "is in its team": _is_in_its_team,
    "declared it": _declared_it,
    "declared its owner": _declared_its_owner,
    "declared its sister": _declared_its_sister,
    "left a month ago": _left_a_month_ago,
}


def _left_two_years_ago(person, house):
    InterestFactory(person=person, organisation=house, until=clock.today() - timedelta(days=730))


def _declared_another(person, _house):
    InterestFactory(person=person)


NO_TIES = {"left two years ago": _left_two_years_ago, "declared another": _declared_another}


@pytest.fixture
def reported():
    """A report that the desk has received, with its threads and an advisory that came of it."""
    case, _stranger = make_report(give_key(DeskFactory()))
    Case.objects.filter(pk=case.pk).update(number="TCERT-2026-0042")
    advisory = texts.a_draft()
    Advisory.objects.filter(pk=advisory.pk).update(case_id=case.id)
    record(principal_of(coordinator_of_desk()), "cases:numbered", "case", case.id)
    return Case.objects.get(pk=case.pk)


def traces(case: Case, person) -> dict[str, bool]:
    """Look for a case in everything that the domain lists, finds, counts or records."""
    by = principal_of(person, coordinator=True)
    ids = AuditRecord.objects.visible_to(by).values_list("object_id", flat=True)
    threads = CaseThread.objects.filter(case=case)
    messages = Message.objects.filter(thread__in=threads.values("thread"))
    return {
        "board": queries.board(by, {"state": "all"}).filter(pk=case.pk).exists(),
        "board search": queries.board(by, {"q": case.code_name}).exists(),
        "counts": bool(queries.counts(by)),
        "to judge": bool(registrations.to_judge(by)),
        "my day": any(str(case.id) in line.url for line in waiting_for(by)),
        "participants": Participant.objects.visible_to(by).filter(case=case).exists(),
        "invitations": Invitation.objects.visible_to(by).filter(participant__case=case).exists(),
        "threads": CaseThread.objects.visible_to(by).filter(case=case).exists(),
        "advisories": Advisory.objects.visible_to(by).filter(case_id=case.id).exists(),
        "may go on": person in queries.available_coordinators(case),
        "record of the case": case.id in set(ids),
        "record of a message": bool(set(ids) & set(messages.values_list("id", flat=True))),
    }


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("concern", CONCERNS)
def test_no_list_count_search_or_record_shows_it(reported, concern, tie):
    torn, free, house = coordinator_of_desk(), coordinator_of_desk(), OrganisationFactory()
    for person in (torn, free):
        declared(person)
    assert traces(reported, torn)["board"], "what is hidden was to be seen before"
    CONCERNS[concern](reported, house)
    TIES[tie](torn, house)
    assert {k for k, shown in traces(reported, torn).items() if shown} == set()
    assert not reported.is_visible_to(principal_of(torn, coordinator=True))
    seen = traces(reported, free)
    assert {k for k, shown in seen.items() if not shown} <= {"invitations", "record of a message"}


@pytest.mark.parametrize("tie", NO_TIES)
@pytest.mark.parametrize("concern", CONCERNS)
def test_a_tie_that_is_over_or_elsewhere_keeps_nothing_away(reported, concern, tie):
    person, house = coordinator_of_desk(), OrganisationFactory()
    CONCERNS[concern](reported, house)
    NO_TIES[tie](person, house)
    assert reported.is_visible_to(principal_of(person, coordinator=True))


CASE_PAGES = (
    "case",
    "triage",
    "involve",
    "conflict",
    "embargo",
    "facts",
    "new_thread",
    "own",
)
THREAD_PAGES = ("context", "gpg", "keyring", "draft", "title_page")
POSTED = ("triage", "conflict", "title", "embargo", "facts")


def _addresses(case: Case) -> dict[str, str]:
    """Name every page and file of a case: what stands here is tried by hand."""
    found = {name: reverse(f"cases:{name}", args=[case.id]) for name in CASE_PAGES}
    for link in case.threads.all():
        for name in THREAD_PAGES:
            found[f"{name} of {link.purpose}"] = reverse(
                f"cases:{name}", args=[case.id, link.thread_id]
            )
        for message in Message.objects.filter(thread=link.thread):
            found[f"message of {link.purpose}"] = reverse(
                "cases:message", args=[case.id, message.id]
            )
    row = case.participants.filter(team__isnull=False).first()
    found["participant"] = reverse("cases:participant", args=[case.id, row.id])
    advisory = Advisory.objects.get(case_id=case.id)
    found["advisory from it"] = reverse("advisories:start-from-case", args=[case.id])
    found["advisory"] = reverse("advisories:text", args=[advisory.id])
    found["advisory preview"] = reverse("advisories:preview-json", args=[advisory.id])
    found["advisory products"] = reverse("advisories:step", args=[advisory.id, "products"])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("tie", ["is in its team", "declared its owner"])
@pytest.mark.parametrize("concern", CONCERNS)
def test_no_page_or_file_serves_it_and_each_attempt_is_recorded(reported, concern, tie):
    torn, house = coordinator_of_desk(), OrganisationFactory()
    free = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    client = sign_in(Client(), torn, coordinator=True)
    CONCERNS[concern](reported, house)
    TIES[tie](torn, house)
    attempts = AuditRecord.objects.filter(act="cases:conflict-refused", object_id=reported.id)
    for name, address in _addresses(reported).items():
        before = attempts.count()
        assert client.get(address).status_code == 404, name
        assert attempts.count() == before + 1, name
    for name in POSTED:
        before = attempts.count()
        assert client.post(reverse(f"cases:{name}", args=[reported.id])).status_code == 404, name
        assert attempts.count() == before + 1, name
    assert set(attempts.values_list("actor_id", flat=True)) == {torn.id}
    for page in ("/cases/", "/cases/triage/", "/my-day/", "/advisories/texts/", "/health/"):
        shown = client.get(page).content.decode()
        assert reported.code_name not in shown, page
        assert str(reported.id) not in shown, page
    for page in ("/search/", "/records/"):
        shown = client.get(page, {"q": reported.code_name, "object": str(reported.id)})
        assert f"/cases/{reported.id}" not in shown.content.decode()
        assert "conflict-refused" not in shown.content.decode()
    assert free.get(reverse("cases:case", args=[reported.id])).status_code == 200
    told = free.get("/records/", {"object": str(reported.id)}).content.decode()
    assert "cases:conflict-refused" in told


# “I have a conflict” -------------------------------------------------------------------------


@pytest.fixture
def two():
    people = coordinator_of_desk(name="Ada"), coordinator_of_desk(name="Ben")
    for person in people:
        declared(person)
    return people


def test_stepping_back_takes_out_at_once_for_good_and_hands_it_on(reported, two):
    ada, ben = two
    client = sign_in(Client(), ada, coordinator=True)
    address = reverse("cases:conflict", args=[reported.id])
    page = client.get(address).content.decode()
    assert "<li>Ben</li>" in page
    typed = {"successor": ben.id, "remark": "Answer promised by Friday."}
    assert client.post(address, typed).headers["Location"] == reverse("cases:board")
    assert {k for k, shown in traces(reported, ada).items() if shown} == set()
    assert client.get(reverse("cases:case", args=[reported.id])).status_code == 404
    acts = AuditRecord.objects.filter(object_id=reported.id, actor_id=ada.id).order_by("at")
    assert [r.act for r in acts] == ["cases:stepped-back", "cases:conflict-refused"]
    assert acts[0].data == {"to": str(ben.id)}
    [line] = [w for w in waiting_for(principal_of(ben, coordinator=True)) if "Go on" in w.title]
    other = sign_in(Client(), ben, coordinator=True)
    assert "Answer promised by Friday." in other.get(line.url).content.decode()
    other.post(line.url)
    recusal = Recusal.objects.get()
    assert (recusal.taken_by, recusal.taken_at is not None) == (ben, True)
    assert not queries.to_take_over(principal_of(ben, coordinator=True)).exists()
    with pytest.raises(Conflict):
        recusals.step_in(principal=principal_of(ben, coordinator=True), recusal=recusal)


def test_who_is_asked_by_name_has_a_day_before_the_others_are(reported, two):
    ada, ben = two
    eva = coordinator_of_desk(name="Eva")
    recusals.step_back(principal=principal_of(ada, coordinator=True), case=reported, successor=ben)

    def asked(person):
        return queries.to_take_over(principal_of(person, coordinator=True)).count()

    assert [asked(p) for p in (ada, ben, eva)] == [0, 1, 0]
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert [asked(p) for p in (ada, ben, eva)] == [0, 1, 1]


def test_who_has_a_conflict_or_has_not_declared_cannot_be_asked(reported, two):
    ada, ben = two
    eva = coordinator_of_desk(name="Eva")
    house = OrganisationFactory()
    InterestFactory(person=ben, organisation=house)
    _network(reported, house)
    assert queries.available_coordinators(reported) == [ada]
    for other in (ben, eva, ada):
        with pytest.raises(DomainError):
            recusals.step_back(
                principal=principal_of(ada, coordinator=True), case=reported, successor=other
            )
    assert not Recusal.objects.exists()
    client = sign_in(Client(), ada, coordinator=True)
    page = client.get(reverse("cases:conflict", args=[reported.id])).content.decode()
    assert "Nobody else of the desk can." in page
    assert client.post(page := reverse("cases:conflict", args=[reported.id])).status_code == 302
    assert Recusal.objects.get().successor is None
    assert client.get(page).status_code == 404


def test_the_administrator_learns_that_nobody_is_left_and_coordinators_do_not(reported, two):
    ada, _ben = two

    def found():
        return [f.level.value for f in installation.inspect(["conflicts"])]

    assert found() == ["fine"]
    for person in two:
        recusals.step_back(principal=principal_of(person, coordinator=True), case=reported)
    assert found() == ["problem"]
    [finding] = installation.inspect(["conflicts"])
    assert reported.code_name not in str(finding.message) + str(finding.cure)
    health = sign_in(Client(), ada, coordinator=True).get("/health/").content.decode()
    assert "nobody of the desk may coordinate" not in health
    assert "Background jobs" in health


def test_only_a_coordinator_of_the_case_steps_back(reported, two):
    stranger = principal_of(coordinator_of_desk())  # without the rights
    with pytest.raises(Exception, match="cases:case:coordinate"):
        recusals.step_back(principal=stranger, case=reported)
    team = TeamFactory()
    own = CaseFactory(coordinating_team=team)
    person = TeamMembershipFactory(team=team).person
    with pytest.raises(DomainError, match="Only a coordinator of the desk"):
        recusals.step_back(principal=principal_of(person), case=own)
    client = sign_in(Client(), person)
    assert client.get(reverse("cases:conflict", args=[own.id])).status_code == 404
    assert (
        "I have a conflict" not in client.get(reverse("cases:case", args=[own.id])).content.decode()
    )
