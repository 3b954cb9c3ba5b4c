"""A party that joins after the final text went out: its copy, its 48 hours, and the plan."""

from datetime import datetime, timedelta
from email import message_from_bytes

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.utils.html import escape
from tests.factories import advisories as made
from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.sealed import Party
from tests.principals import principal_of, sign_in

from tcert.community.directory.models import Channel, Team
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.advisories.domain import final_text, release, review
from tcert.response.advisories.errors import NotYet, WrongState
from tcert.response.advisories.models import Advisory, FinalCopy, Release
from tcert.response.advisories.navigation import what_waits
from tcert.response.cases.domain import embargo, participants
from tcert.response.cases.enums import (
    CaseEvent,
    ClaimState,
    Consent,
    EmbargoState,
    Presence,
    Role,
)
from tcert.response.cases.models import Case, CaseClaim, Embargo, Invitation, Participant

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WHY = "The planned day was agreed with <all> before."


def work() -> None:
    """Let the worker work until nothing is left to do now."""
    while jobs.run_due():
        pass


def a_sent_text(case: Case | None = None) -> tuple[Case, Advisory, Team]:
    """Return a case, its approved advisory, and the party that has the final text."""
    case = case or CaseFactory()
    give_key(case.coordinating_team)
    party = ParticipantFactory(case=case, consent=Consent.SIGNATORY)
    text = made.approved_of(case)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    work()
    text.refresh_from_db()
    return case, text, party.team


def invite(case: Case, team: Team | None = None) -> Invitation:
    """Ask a team into the case."""
    team = team or TeamFactory()
    if not team.keys.exists():
        give_key(team)
    return participants.invite(
        principal=made.writer(),
        case=Case.objects.get(pk=case.pk),
        team=team,
        roles=[Role.VENDOR],
    )


def accept(invitation: Invitation) -> Team:
    """Have the invited team accept, and let the worker work."""
    invitation = Invitation.objects.get(pk=invitation.pk)
    team = invitation.participant.team
    assert team is not None
    participants.accept(
        principal=principal_of(member_of(team)),
        invitation=invitation,
        revision=None,
        agreed_end=invitation.embargo_ends_at,
    )
    work()
    return team


def publish(text: Advisory, why: str = "") -> None:
    """Publish by hand and let the worker work."""
    release.publish_now(
        principal=made.writer(),
        advisory_id=text.id,
        text_version=text.text_version,
        typed_number=text.number or "",
        short_notice_reason=why,
    )
    work()


def read(team: Team) -> str:
    """Return the page of a team's copy as its member reads it."""
    copy = FinalCopy.objects.get(team=team)
    answer = sign_in(Client(), member_of(team)).get(f"/advisories/final/{copy.id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def desk() -> Client:
    """Return a coordinator's browser."""
    return sign_in(Client(), coordinator_of_desk(), coordinator=True)


def test_who_joins_late_gets_its_own_marked_copy_at_once(mailoutbox: list[EmailMessage]) -> None:
    case, text, first = a_sent_text()
    late = TeamFactory()
    for team, address in (
        (first, "first@v.example"),
        (late, "late@v.example"),
        (case.coordinating_team, "desk@hub.example"),
    ):
        Channel.objects.create(team=team, kind="email", purpose="main", value=address)
    invitation = invite(case, late)
    work()
    assert not FinalCopy.objects.filter(team=late).exists(), "an invitee has accepted nothing yet"
    mailoutbox.clear()
    accept(invitation)
    copy, early = FinalCopy.objects.get(team=late), FinalCopy.objects.get(team=first)
    assert (copy.is_late, early.is_late) == (True, False)
    assert copy.mark != early.mark
    assert copy.document == text.content
    assert made.TEXT.title in read(late)
    assert sorted(m.to[0] for m in mailoutbox) == [
        "desk@hub.example",  # an invitation was answered
        "desk@hub.example",  # a party joined late
        "late@v.example",
    ]
    written = AuditRecord.objects.get(act="advisories:final-text", data__late=True)
    assert written.data["teams"] == [str(late.id)]
    final_text.serve_late(case_id=case.id)
    assert FinalCopy.objects.count() == 2, "once each"


def test_nothing_is_handed_out_before_the_text_is_sent_or_after_it_is_out(hub_key: None) -> None:
    case = CaseFactory()
    give_key(case.coordinating_team)
    text = made.approved_of(case)
    accept(invite(case))
    assert not FinalCopy.objects.exists(), "it was not sent yet"
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    assert FinalCopy.objects.filter(is_late=False).count() == 1
    with clock.frozen(clock.now() + 49 * HOUR):
        publish(text)
        accept(invite(case))
    assert Release.objects.count() == 1
    assert FinalCopy.objects.count() == 1, "what is public is read where all read it"


def test_who_joins_while_a_text_is_looked_at_again_gets_it_with_the_approval() -> None:
    case, text, _first = a_sent_text()
    author = made.writer()
    review.send_back(principal=author, advisory_id=text.id, text_version=1, remark="Wait.")
    late = accept(invite(case))
    assert not FinalCopy.objects.filter(team=late).exists()
    review.submit(principal=made.writer(), advisory_id=text.id, text_version=1)
    review.approve(principal=made.writer(), advisory_id=text.id, text_version=1)
    assert FinalCopy.objects.get(team=late).is_late


def test_who_signs_later_or_is_freed_by_the_end_of_the_embargo_gets_it_then() -> None:
    case, _text, _first = a_sent_text(CaseFactory(parts__embargo=EmbargoState.ACTIVE))
    rows = [ParticipantFactory(case=case, consent=Consent.DECLINED) for _ in range(2)]
    work()
    assert FinalCopy.objects.count() == 1
    signs = rows[0].team
    give_key(signs)
    accept(invite(case, signs))
    assert FinalCopy.objects.filter(team=signs, is_late=True).count() == 1
    end = Embargo.objects.get(case=case)
    assert end.ends_at is not None
    with clock.frozen(end.ends_at):
        assert embargo.end_by_date(embargo=end)
        work()
    assert FinalCopy.objects.filter(team=rows[1].team, is_late=True).count() == 1


def test_who_was_removed_reads_its_copy_again_only_after_accepting_anew() -> None:
    case, _text, first = a_sent_text()
    copy = FinalCopy.objects.get(team=first)
    person = member_of(first)
    row = Participant.objects.get(case=case, team=first)
    participants.remove(
        principal=made.writer(), participant=row, typed_name=first.name, revision=None
    )

    def served() -> bool:
        principal = principal_of(person)
        shown = FinalCopy.objects.visible_to(principal).filter(pk=copy.pk).exists()
        assert shown == FinalCopy.objects.get(pk=copy.pk).is_visible_to(principal)
        page = sign_in(Client(), person).get(f"/advisories/final/{copy.id}/")
        assert page.status_code == (200 if shown else 404)
        return shown

    assert not served()
    invitation = invite(case, first)
    assert not served(), "to be asked again is not to have accepted"
    for presence in (Presence.DECLINED, Presence.EXPIRED, Presence.WITHDRAWN):
        Participant.objects.filter(pk=row.pk).update(presence=presence)
        assert not served(), presence
    Participant.objects.filter(pk=row.pk).update(presence=Presence.INVITED)
    accept(invitation)
    assert served()


def test_a_late_party_has_its_own_48_hours_and_the_others_do_not_begin_anew(hub_key: None) -> None:
    case, text, first = a_sent_text()
    start = clock.now()
    with clock.frozen(start + 47 * HOUR):
        late = accept(invite(case))
        with pytest.raises(NotYet, match="publication from"):
            publish(text, WHY)
    with clock.frozen(start + 49 * HOUR):
        for blank in ("", " \n"):
            with pytest.raises(NotYet, match="joined later"):
                publish(text, blank)
        assert not Release.objects.exists()
        publish(text, WHY)
    assert Release.objects.count() == 1
    assert escape(WHY) in read(late)
    assert "joined after the others" in read(late)
    assert escape(WHY) not in read(first), "nobody learns from it that somebody joined"
    planned = AuditRecord.objects.get(act="advisories:schedule")
    assert planned.data["short_notice"] == "reason given"
    assert "agreed" not in str(planned.data), "that a reason was given, not the reason"


def test_who_waits_needs_no_reason(hub_key: None) -> None:
    case, text, _first = a_sent_text()
    start = clock.now()
    with clock.frozen(start + 47 * HOUR):
        accept(invite(case))
    with clock.frozen(start + 96 * HOUR):
        publish(text)
    text.refresh_from_db()
    assert (Release.objects.count(), text.short_notice_reason) == (1, "")


def test_a_removed_late_party_holds_nothing_back(hub_key: None) -> None:
    case, text, _first = a_sent_text()
    start = clock.now()
    with clock.frozen(start + 47 * HOUR):
        late = accept(invite(case))
        participants.remove(
            principal=made.writer(),
            participant=Participant.objects.get(case=case, team=late),
            typed_name=late.name,
            revision=None,
        )
    with clock.frozen(start + 49 * HOUR):
        publish(text)
    assert Release.objects.count() == 1


def a_plan() -> tuple[Case, Advisory, datetime]:
    """Return a case whose advisory appears in 24 hours; its party got the text 48 hours ago."""
    now = clock.now()
    at = now + 24 * HOUR
    with clock.frozen(now - 48 * HOUR):
        case, text, _first = a_sent_text()
        release.schedule(
            principal=made.writer(), advisory_id=text.id, text_version=1, at=at, zone="UTC"
        )
        work()
    return case, text, at


def opened(mail: EmailMessage, party: Party) -> str:
    """Return what a sealed mail says to its team."""
    (sealed,) = (
        part.get_payload(decode=True)
        for part in message_from_bytes(mail.message().as_bytes()).walk()
        if part.get_content_type() == "application/octet-stream"
    )
    inside = message_from_bytes(party.open(sealed).plaintext)
    return inside.get_payload(decode=True).decode()


@pytest.mark.slow
def test_a_late_party_does_not_move_a_plan_and_holds_it_back_without_a_reason(
    hub_key: None, mailoutbox: list[EmailMessage]
) -> None:
    case, text, at = a_plan()
    late = TeamFactory()
    keys = {late: give_key(late), case.coordinating_team: give_key(case.coordinating_team)}
    for team in keys:
        Channel.objects.create(
            team=team, kind="email", purpose="main", value=f"{team.id}@v.example"
        )
    invitation = invite(case, late)
    work()
    mailoutbox.clear()
    accept(invitation)
    text.refresh_from_db()
    assert (text.scheduled_for, text.pending) == (at, "release"), "nothing moves by itself"
    told = {
        team: " ".join(opened(m, key) for m in mailoutbox if m.to == [f"{team.id}@v.example"])
        for team, key in keys.items()
    }
    assert f"to be published at {at:%Y-%m-%d %H:%M} UTC" in told[late]
    assert "held back unless you give a reason" in " ".join(told[case.coordinating_team].split())
    (line,) = what_waits(made.writer())
    assert "joined late" in str(line.title)
    page = desk().get(f"/advisories/texts/{text.id}/").content.decode()
    assert "joined late" in page
    assert f"/advisories/texts/{text.id}/keep-plan/" in page
    with clock.frozen(at):
        work()
    text.refresh_from_db()
    assert (text.held, Release.objects.count()) == ("late-party", 0)
    with clock.frozen(at + HOUR):
        publish(text, WHY)
    assert Release.objects.count() == 1, "one typed reason ends it"


@pytest.mark.slow
def test_a_plan_is_kept_with_a_reason_that_late_parties_read(hub_key: None) -> None:
    case, text, at = a_plan()
    late = accept(invite(case))
    client = desk()
    address = f"/advisories/texts/{text.id}/keep-plan/"
    assert client.post(address, {"text_version": 1, "reason": " "}).status_code == 422
    assert client.post(address, {"text_version": 1, "reason": WHY}).status_code == 302
    assert client.post(address, {"text_version": 1, "reason": WHY}).status_code == 409
    assert not list(what_waits(made.writer()))
    assert escape(WHY) in read(late)
    written = AuditRecord.objects.get(act="advisories:keep-plan")
    assert written.data["short_notice"] == "reason given"
    assert "agreed" not in str(written.data)
    with clock.frozen(at - HOUR):
        later = accept(invite(case))
    assert escape(WHY) in read(later), "a reason holds for who joins after it"
    with clock.frozen(at):
        work()
    assert Release.objects.count() == 1, "a late yes holds a release back once, not for ever"


def test_a_plan_that_leaves_everybody_48_hours_needs_no_reason(hub_key: None) -> None:
    case, text, at = a_plan()
    with clock.frozen(at - 48 * HOUR):
        accept(invite(case))
        with pytest.raises(WrongState):
            release.keep_plan(
                principal=made.writer(), advisory_id=text.id, text_version=1, reason=WHY
            )
    with clock.frozen(at):
        work()
    assert Release.objects.count() == 1


def test_only_words_are_a_reason() -> None:
    case, text, at = a_plan()
    with clock.frozen(at - HOUR):
        accept(invite(case))
        with pytest.raises(DomainError, match="Type the reason"):
            release.keep_plan(
                principal=made.writer(), advisory_id=text.id, text_version=1, reason=" \n"
            )


def test_what_is_public_already_wants_the_reason_for_a_late_party_too(hub_key: None) -> None:
    case, text, first = a_sent_text()
    CaseClaim.objects.create(case=case, event=CaseEvent.PUBLIC_AWARE, state=ClaimState.CONFIRMED)
    start = clock.now()
    with clock.frozen(start + 48 * HOUR):
        late = accept(invite(case))
        with pytest.raises(NotYet, match="joined later"):
            publish(text)
        publish(text, WHY)
    assert escape(WHY) in read(late)
    assert escape(WHY) not in read(first)


def test_the_page_says_who_has_seen_it_who_joined_late_and_who_may_yet() -> None:
    case, text, first = a_sent_text()
    read(first)
    late = accept(invite(case))
    invite(case)
    page = desk().get(f"/advisories/texts/{text.id}/").content.decode()
    rows = page.split('id="parties"')[1].split("</ul>")[0].split("<li>")[1:]
    by_team = {
        team: next(row for row in rows if str(team.organisation) in row) for team in (first, late)
    }
    assert ("not seen yet" in by_team[first], "joined late" in by_team[first]) == (False, False)
    assert ("not seen yet" in by_team[late], "joined late" in by_team[late]) == (True, True)
    assert "1 invitation into the case is open" in page
