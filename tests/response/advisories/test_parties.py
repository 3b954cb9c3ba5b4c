"""An advisory of a case: prefilled, shown to its parties 48 hours before, bound by the embargo."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.utils.html import escape
from tests.carried import carried, read
from tests.factories import advisories as made
from tests.factories.cases import (
    CaseFactory,
    CaseProductFactory,
    ParticipantFactory,
    StatementFactory,
)
from tests.factories.directory import TeamMembershipFactory, coordinator_of_desk, member_of
from tests.factories.inventory import ProductFactory
from tests.principals import principal_of, sign_in

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Channel
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.advisories import parties, prefill
from tcert.response.advisories.domain import final_text, release, review, writing
from tcert.response.advisories.errors import NotYet
from tcert.response.advisories.models import Advisory, FinalCopy, Release
from tcert.response.advisories.navigation import what_waits
from tcert.response.cases import acts
from tcert.response.cases.enums import (
    CaseEvent,
    ClaimState,
    Consent,
    EmbargoState,
    Position,
    Presence,
    Role,
)
from tcert.response.cases.models import Case, CaseClaim, Embargo, Participant

pytestmark = pytest.mark.django_db


def publish(text: Advisory, by: Principal | None = None, why: str = "") -> None:
    """Publish by hand and let the worker work."""
    release.publish_now(
        principal=by or made.writer(),
        advisory_id=text.id,
        text_version=text.text_version,
        typed_number=text.number or "",
        short_notice_reason=why,
    )
    jobs.run_due()


def test_facts_of_a_case() -> None:
    case = CaseFactory(parts__embargo=EmbargoState.ACTIVE)
    signed = ParticipantFactory(case=case, consent=Consent.SIGNATORY)
    ParticipantFactory(case=case, consent=Consent.INVITED)
    ParticipantFactory(case=case, consent=Consent.SIGNATORY, presence=Presence.REMOVED)
    facts = parties.facts(case.id)
    assert facts.teams == (signed.team,)
    assert facts.embargo_ends == case.embargo.ends_at
    assert not facts.is_known
    CaseClaim.objects.create(
        case=case, event=CaseEvent.ATTACKS_OBSERVED, state=ClaimState.CONFIRMED
    )
    CaseClaim.objects.create(case=case, event=CaseEvent.PUBLIC_AWARE, state=ClaimState.CLAIMED)
    assert not parties.facts(case.id).is_known
    CaseClaim.objects.update(state=ClaimState.CONFIRMED)
    assert parties.facts(case.id).is_known
    assert parties.facts(None) == parties.CaseFacts()


def test_the_embargo_binds_the_release(hub_key: None) -> None:
    case = CaseFactory(parts__embargo=EmbargoState.ACTIVE)
    text = made.approved_of(case)
    with pytest.raises(NotYet, match="embargo holds"):
        publish(text)
    end = Embargo.objects.get(case=case).ends_at
    assert end is not None
    release.schedule(
        principal=made.writer(), advisory_id=text.id, text_version=1, at=end, zone="UTC"
    )
    Embargo.objects.update(state=EmbargoState.EXITED)
    jobs.run_due()
    assert not Release.objects.exists(), "an early end never moves a planned release forward"


def test_the_parties_have_48_hours(hub_key: None, mailoutbox: list[object]) -> None:
    case = CaseFactory()
    party = ParticipantFactory(case=case)
    Channel.objects.create(team=party.team, kind="email", purpose="main", value="a@v.example")
    text = made.approved_of(case)
    with pytest.raises(NotYet, match="have not got this text"):
        publish(text)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    copy = FinalCopy.objects.get()
    assert copy.team == party.team
    jobs.run_due()
    assert len(mailoutbox) == 1, "told once"
    with pytest.raises(NotYet, match="publication from"):
        publish(text)
    with clock.frozen(clock.now() + timedelta(hours=48, minutes=1)):
        publish(text)
    assert Release.objects.count() == 1


def test_a_change_after_the_final_text_starts_the_48_hours_again(hub_key: None) -> None:
    case = CaseFactory()
    ParticipantFactory(case=case)
    text = made.approved_of(case)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    author = made.writer()
    writing.save_text(principal=author, advisory_id=text.id, text_version=1, content=text.text)
    review.submit(principal=author, advisory_id=text.id, text_version=2)
    later = clock.now() + timedelta(days=3)
    with clock.frozen(later):
        text = review.approve(principal=made.writer(), advisory_id=text.id, text_version=2)
        with pytest.raises(NotYet, match="have not got this text"):
            publish(text)


WHY = "The exploit has been on a list since <Monday>."


def a_known_case(event: CaseEvent = CaseEvent.EXPLOIT_PUBLIC) -> tuple[Case, Participant]:
    """Return a case whose exploit is confirmed public, and a party that signed."""
    case = CaseFactory(parts__embargo=EmbargoState.ACTIVE)
    row = ParticipantFactory(case=case, consent=Consent.SIGNATORY)
    CaseClaim.objects.create(case=case, event=event, state=ClaimState.CONFIRMED)
    return case, row


@pytest.mark.slow
@pytest.mark.parametrize("event", [CaseEvent.EXPLOIT_PUBLIC, CaseEvent.PUBLIC_AWARE])
def test_what_is_public_already_appears_at_once_with_the_reason(
    event: CaseEvent, hub_key: None, mailoutbox: list[EmailMessage]
) -> None:
    case, row = a_known_case(event)
    Channel.objects.create(team=row.team, kind="email", purpose="main", value="a@v.example")
    text = made.approved_of(case)
    for blank in ("", " \n"):
        with pytest.raises(NotYet, match="type the reason"):
            publish(text, why=blank)
    assert not FinalCopy.objects.exists(), "a refusal leaves nothing behind"
    assert not Release.objects.exists()
    publish(text, why=WHY)
    assert Release.objects.count() == 1
    text.refresh_from_db()
    assert text.short_notice_reason == WHY
    planned = AuditRecord.objects.get(act="advisories:schedule")
    assert planned.data["short_notice"] == "reason given"
    assert "list since" not in str(planned.data), "that a reason was given, not the reason"
    reader = sign_in(Client(), member_of(row.team))
    page = reader.get(f"/advisories/final/{FinalCopy.objects.get(team=row.team).id}/")
    assert escape(WHY) in page.content.decode(), "each party got its copy, and reads why"
    desk = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    assert escape(WHY) in desk.get(f"/advisories/texts/{text.id}/").content.decode()
    assert len(mailoutbox) == 3, "the copy, the plan, the publication"


def test_a_reason_alone_shortens_nothing(hub_key: None) -> None:
    case = CaseFactory()
    ParticipantFactory(case=case)
    text = made.approved_of(case)
    with pytest.raises(NotYet, match="have not got this text"):
        publish(text, why=WHY)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    with pytest.raises(NotYet, match="publication from"):
        publish(text, why=WHY)
    CaseClaim.objects.create(case=case, event=CaseEvent.PUBLIC_AWARE, state=ClaimState.CLAIMED)
    with pytest.raises(NotYet, match="publication from"):
        publish(text, why=WHY)


def test_a_full_notice_keeps_no_reason(hub_key: None) -> None:
    case, _row = a_known_case()
    text = made.approved_of(case)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    with clock.frozen(clock.now() + timedelta(hours=48, minutes=1)):
        publish(text, why=WHY)
    text.refresh_from_db()
    assert text.short_notice_reason == ""
    assert "short_notice" not in AuditRecord.objects.get(act="advisories:schedule").data


@pytest.mark.slow
def test_a_plan_cut_short_wants_the_reason_on_the_page() -> None:
    case, row = a_known_case()
    text = made.approved_of(case)
    client = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    page = f"/advisories/texts/{text.id}/"
    assert "It may appear at once" in client.get(page).content.decode()
    at = clock.now() + timedelta(hours=5)
    plan = {"text_version": 1, "at": f"{at:%Y-%m-%dT%H:%M}", "zone": "UTC"}
    refused = client.post(f"{page}schedule/", plan)
    assert refused.status_code == 400
    assert "type the reason" in refused.content.decode()
    assert 'name="short_notice_reason"' in refused.content.decode()
    done = client.post(f"{page}schedule/", {**plan, "short_notice_reason": WHY})
    assert done.status_code == 302
    copy = FinalCopy.objects.get(team=row.team)
    reader = sign_in(Client(), member_of(row.team))
    assert escape(WHY) in reader.get(f"/advisories/final/{copy.id}/").content.decode()
    assert client.post(f"{page}unschedule/", {"text_version": 1}).status_code == 302
    assert escape(WHY) not in reader.get(f"/advisories/final/{copy.id}/").content.decode()
    number = {"text_version": 1, "typed_number": text.number}
    assert client.post(f"{page}publish/", number).status_code == 400
    assert client.post(f"{page}publish/", {**number, "short_notice_reason": WHY}).status_code == 302


def test_a_party_that_joins_after_the_plan_holds_a_release_without_reason(hub_key: None) -> None:
    case, row = a_known_case()
    Participant.objects.filter(pk=row.pk).update(presence=Presence.INVITED)
    text = made.approved_of(case)
    release.publish_now(
        principal=made.writer(), advisory_id=text.id, text_version=1, typed_number=text.number or ""
    )
    Participant.objects.filter(pk=row.pk).update(presence=Presence.TAKING_PART)
    jobs.run_due()
    text.refresh_from_db()
    assert (text.held, Release.objects.count()) == ("reason", 0)


def test_a_revision_keeps_the_first_reason_and_asks_for_none(hub_key: None) -> None:
    case, _row = a_known_case()
    text = made.approved_of(case)
    publish(text, why=WHY)
    author = made.writer()
    release.start_revision(principal=author, advisory_id=text.id, text_version=1)
    writing.save_text(principal=author, advisory_id=text.id, text_version=2, content=made.TEXT)
    review.submit(principal=author, advisory_id=text.id, text_version=3)
    text = review.approve(principal=made.writer(), advisory_id=text.id, text_version=3)
    publish(text)
    assert Release.objects.count() == 2
    text.refresh_from_db()
    assert text.short_notice_of(1) == WHY
    assert text.short_notice_of(3) == ""


def test_each_party_reads_its_own_marked_copy_only() -> None:
    case = CaseFactory()
    first, second = ParticipantFactory(case=case), ParticipantFactory(case=case)
    text = made.approved_of(case)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    copies = {copy.team_id: copy for copy in FinalCopy.objects.all()}
    person = member_of(first.team)
    reader = sign_in(Client(), person)
    own, other = copies[first.team_id], copies[second.team_id]
    html = reader.get(f"/advisories/final/{own.id}/").content.decode()
    assert own.mark in html
    assert other.mark not in html
    assert made.TEXT.title in html
    assert reader.get(f"/advisories/final/{other.id}/").status_code == 404
    assert Client().get(f"/advisories/final/{own.id}/").status_code == 302
    own.refresh_from_db()
    assert own.seen_at is not None
    for principal in (principal_of(person), principal_of(member_of(second.team)), made.writer()):
        shown = set(FinalCopy.objects.visible_to(principal))
        assert shown == {c for c in FinalCopy.objects.all() if c.is_visible_to(principal)}


def test_a_removed_party_no_longer_reads_its_copy() -> None:
    case = CaseFactory()
    row = ParticipantFactory(case=case)
    text = made.approved_of(case)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    copy = FinalCopy.objects.get()
    person = member_of(row.team)
    row.presence = Presence.REMOVED
    row.save()
    assert not copy.is_visible_to(principal_of(person))
    assert sign_in(Client(), person).get(f"/advisories/final/{copy.id}/").status_code == 404


def coordinator_of(case: Case, other_team: object) -> Person:
    """Return a desk member who also works for a party."""
    person = coordinator_of_desk()
    TeamMembershipFactory(team=other_team, person=person)
    return person


def test_a_coordinator_with_a_conflict_is_not_served_the_text() -> None:
    case = CaseFactory()
    party = ParticipantFactory(case=case)
    text = made.approved_of(case)
    torn = coordinator_of(case, party.team)
    principal = principal_of(torn, coordinator=True)
    assert not Advisory.objects.visible_to(principal).filter(pk=text.pk).exists()
    assert not text.is_visible_to(principal)
    client = sign_in(Client(), torn, coordinator=True)
    assert client.get(f"/advisories/texts/{text.id}/").status_code == 404


def test_an_advisory_outlives_its_case() -> None:
    case = CaseFactory()
    text = made.approved_of(case)
    Case.objects.filter(pk=case.pk).delete()
    principal = made.writer()
    assert Advisory.objects.visible_to(principal).get() == text
    assert text.is_visible_to(principal)


def test_a_case_fills_the_first_text() -> None:
    case = CaseFactory()
    vendor = ParticipantFactory(case=case)
    operator = ParticipantFactory(case=case, roles=(Role.DEPLOYER,))
    listed = ProductFactory()
    product = CaseProductFactory(case=case, product=listed, name="UDM")
    CaseProductFactory(case=case, name="Unlisted core", versions="<3")
    StatementFactory(
        participant=vendor,
        product=product,
        version="<4.2",
        position=Position.KNOWN_AFFECTED,
        fixed_version="4.2",
    )
    StatementFactory(
        participant=vendor, product=product, version="5", position=Position.KNOWN_NOT_AFFECTED
    )
    StatementFactory(
        participant=operator, product=product, version="9", position=Position.KNOWN_AFFECTED
    )
    text = prefill.from_case(case, title="UDM: leak")
    assert [(p.vendor, p.name, p.version, p.is_range) for p in text.products] == [
        (listed.vendor.name, listed.name, "5", False),
        (listed.vendor.name, listed.name, "<4.2", True),
        (listed.vendor.name, listed.name, "4.2", False),
        ("Unlisted core", "Unlisted core", "<3", True),
    ]
    assert text.vulnerabilities[0].statuses == {
        "CSAFPID-0001": "known_not_affected",
        "CSAFPID-0002": "known_affected",
        "CSAFPID-0003": "fixed",
    }
    client = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    address = f"/advisories/texts/case/{case.id}/"
    assert client.get(address).status_code == 200
    desk = case.coordinating_team.organisation_id
    typed = {"title": "UDM: leak", "publisher": desk, "tlp": "CLEAR"}
    both = carried(client, address, "known")
    done = client.post(address, {**typed, **both})
    assert done.status_code == 302
    assert Advisory.objects.get().text == text
    told = client.post(address, {**typed, **both})
    assert told.status_code == 409
    assert "Somebody else has begun an advisory of this case" in told.content.decode()
    assert 'value="UDM: leak"' in told.content.decode()
    assert Advisory.objects.count() == 1
    again = client.post(address, {**typed, **read(told.content.decode(), "known")})
    assert again.status_code == 302
    stranger = sign_in(Client(), member_of(vendor.team))
    assert stranger.get(address).status_code == 404


def test_the_graver_of_two_statements_is_taken() -> None:
    case = CaseFactory()
    product = CaseProductFactory(case=case)
    for position in (Position.FIXED, Position.KNOWN_AFFECTED, Position.KNOWN_NOT_AFFECTED):
        StatementFactory(
            participant=ParticipantFactory(case=case),
            product=product,
            version="1",
            position=position,
        )
    vendors = {p.vendor for p in prefill.from_case(case, title="x").products}
    assert len(vendors) == 3, "an unlisted product belongs to whoever speaks of it"


def test_my_day_says_what_waits() -> None:
    case = CaseFactory()
    party = ParticipantFactory(case=case)
    text = made.approved_of(case)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    reader = principal_of(member_of(party.team))
    (line,) = what_waits(reader)
    assert line.title == f"Final text of {text.number}"
    final_text.note_seen(principal=reader, copy_id=FinalCopy.objects.get().id)
    assert not list(what_waits(reader))
    author = made.writer()
    waiting = made.in_review(author)
    assert not list(what_waits(author))
    (line,) = what_waits(made.writer())
    assert str(waiting.id) in line.url
    Advisory.objects.filter(pk=text.pk).update(held="late")
    assert len(list(what_waits(author))) == 1


def test_the_page_of_a_case_begins_its_advisory_and_shows_it() -> None:
    case = CaseFactory()
    row = ParticipantFactory(case=case)
    address, begin = f"/cases/{case.id}/", f"/advisories/texts/case/{case.id}/"
    client = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    assert begin in client.get(address).content.decode()
    assert client.get(begin).status_code == 200
    text = made.approved_of(case)
    other = made.approved_of(CaseFactory())
    shown = client.get(address).content.decode()
    assert f"/advisories/texts/{text.id}/" in shown
    assert f"Advisory {text.number}" in shown
    assert made.TEXT.title not in shown
    assert str(other.id) not in shown
    member = sign_in(Client(), member_of(row.team)).get(address)
    assert member.status_code == 200
    assert "/advisories/texts/" not in member.content.decode()


def test_no_advisory_is_begun_before_validation_or_after_the_end() -> None:
    case = CaseFactory()
    number = case.number
    desk = made.writer()
    assert [a.url_name for a in acts.acts_on(case, desk)] == ["advisories:start-from-case"]
    case.number = None
    assert not acts.acts_on(case, desk)
    case.number, case.closed_at = number, clock.now()
    assert not acts.acts_on(case, desk)


def test_cases_without_an_advisory_are_offered() -> None:
    case, other = CaseFactory(), CaseFactory()
    made.approved_of(other)
    client = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    html = client.get("/advisories/texts/").content.decode()
    assert f"/advisories/texts/case/{case.id}/" in html
    assert f"/advisories/texts/case/{other.id}/" not in html
