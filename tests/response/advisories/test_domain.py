"""The acts on an advisory: each state and who may move it, records, refusals."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories import advisories as made
from tests.factories.desk import confirmed
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import principal_of

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.principal import ANONYMOUS, SYSTEM
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import content, validation
from tcert.response.advisories.domain import final_text, release, review, writing
from tcert.response.advisories.enums import AdvisoryState
from tcert.response.advisories.errors import (
    FourEyes,
    Invalid,
    NotYet,
    StaleText,
    WrongNumber,
    WrongState,
)
from tcert.response.advisories.models import Advisory, Approval, Release

pytestmark = pytest.mark.django_db


def test_a_text_is_kept_as_typed_and_not_in_clear() -> None:
    draft = made.a_draft()
    assert Advisory.objects.get(pk=draft.pk).text == made.TEXT
    assert AuditRecord.objects.filter(act="advisories:start", object_id=draft.id).exists()


def test_the_second_of_two_writers_is_told() -> None:
    draft = made.a_draft()
    second = made.writer()
    writing.save_text(principal=second, advisory_id=draft.id, text_version=1, content=draft.text)
    with pytest.raises(StaleText):
        writing.save_text(
            principal=second, advisory_id=draft.id, text_version=1, content=content.Content()
        )
    assert Advisory.objects.get(pk=draft.pk).text == made.TEXT


@pytest.mark.parametrize("who", ["anonymous", "system", "member", "resting coordinator"])
def test_strangers_to_the_team_cannot_write(who: str) -> None:
    draft = made.a_draft()
    principal = {
        "anonymous": lambda: ANONYMOUS,
        "system": lambda: SYSTEM,
        "member": lambda: principal_of(member_of(TeamFactory())),
        "resting coordinator": lambda: principal_of(coordinator_of_desk()),
    }[who]()
    with pytest.raises(PermissionDenied):
        writing.save_text(
            principal=principal, advisory_id=draft.id, text_version=1, content=draft.text
        )
    with pytest.raises(PermissionDenied):
        review.submit(principal=principal, advisory_id=draft.id, text_version=1)


def test_an_invalid_text_is_not_submitted() -> None:
    draft = made.a_draft(vulnerabilities=())
    with pytest.raises(Invalid):
        review.submit(principal=made.writer(), advisory_id=draft.id, text_version=1)


def test_whoever_wrote_cannot_approve() -> None:
    author = made.writer()
    text = made.in_review(author)
    with pytest.raises(FourEyes):
        review.approve(principal=author, advisory_id=text.id, text_version=1)
    second = made.writer()
    changed = writing.save_text(
        principal=second, advisory_id=text.id, text_version=1, content=text.text
    )
    assert changed.state == AdvisoryState.DRAFT
    review.submit(principal=author, advisory_id=text.id, text_version=2)
    for writer in (author, second):
        with pytest.raises(FourEyes):
            review.approve(principal=writer, advisory_id=text.id, text_version=2)
    assert not Approval.objects.exists()
    assert review.approve(
        principal=made.writer(), advisory_id=text.id, text_version=2
    ).number.startswith("TCERT-SA-")


def test_a_change_after_approval_voids_it() -> None:
    text = made.approved()
    number = text.number
    changed = writing.save_text(
        principal=made.writer(), advisory_id=text.id, text_version=1, content=text.text
    )
    assert (changed.state, changed.number) == (AdvisoryState.DRAFT, number)
    with pytest.raises(WrongState):
        release.publish_now(
            principal=made.writer(),
            advisory_id=text.id,
            text_version=2,
            typed_number=number or "",
        )


def test_numbers_count_up_and_never_repeat() -> None:
    first, second = made.approved(), made.approved()
    year = clock.today().year
    assert [first.number, second.number] == [f"TCERT-SA-{year}-0001", f"TCERT-SA-{year}-0002"]


def test_a_reviewer_sends_back_with_a_remark() -> None:
    text = made.in_review()
    back = review.send_back(
        principal=made.writer(), advisory_id=text.id, text_version=1, remark="Say how to filter."
    )
    assert (back.state, back.review_remark) == (AdvisoryState.DRAFT, "Say how to filter.")


@pytest.mark.parametrize("tlp", [Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED])
def test_closer_markings_are_never_published(tlp: Tlp, hub_key: None) -> None:
    if tlp is Tlp.AMBER_STRICT:
        with pytest.raises(Invalid):
            made.in_review(tlp=tlp)
        return
    text = made.approved(tlp=tlp)
    with pytest.raises(NotYet, match="not for publication"):
        release.publish_now(
            principal=made.writer(),
            advisory_id=text.id,
            text_version=1,
            typed_number=text.number or "",
        )


def test_publication_wants_the_number(hub_key: None) -> None:
    text = made.approved()
    with pytest.raises(WrongNumber):
        release.publish_now(
            principal=made.writer(), advisory_id=text.id, text_version=1, typed_number="yes"
        )


def test_a_release_is_frozen_hashed_and_told(hub_key: None) -> None:
    out = made.published()
    data = bytes(out.document)
    document = json.loads(data)
    assert validation.validate(document).is_valid
    assert out.sha256 == hashlib.sha256(data).hexdigest()
    assert out.sha512 == hashlib.sha512(data).hexdigest()
    assert document["document"]["tracking"]["id"] == out.advisory.number
    assert out.severity == "high"
    assert out.advisory.state == AdvisoryState.PUBLISHED
    assert Event.objects.filter(kind="advisories:published", object_id=out.advisory_id).exists()
    assert list(out.products.values_list("vendor", "name")) == [("Open5GS", "Open5GS")]


def test_the_job_may_run_many_times(hub_key: None) -> None:
    out = made.published()
    for _ in range(3):
        assert release.carry_out(out.advisory_id) is None
    assert Release.objects.count() == 1


def test_a_published_text_is_changed_by_a_revision_only(hub_key: None) -> None:
    author = made.writer()
    out = made.published(author)
    version = Advisory.objects.get().text_version
    with pytest.raises(WrongState):
        writing.save_text(
            principal=author,
            advisory_id=out.advisory_id,
            text_version=version,
            content=made.TEXT,
        )
    opened = release.start_revision(
        principal=author, advisory_id=out.advisory_id, text_version=version
    )
    changed = writing.save_text(
        principal=author,
        advisory_id=out.advisory_id,
        text_version=opened.text_version,
        content=replace(made.TEXT, title="Open5GS: denial of service"),
        change_summary="Shorter title",
    )
    review.submit(principal=author, advisory_id=out.advisory_id, text_version=changed.text_version)
    other = made.writer()
    review.approve(principal=other, advisory_id=out.advisory_id, text_version=changed.text_version)
    release.publish_now(
        principal=other,
        advisory_id=out.advisory_id,
        text_version=changed.text_version,
        typed_number=out.number,
    )
    jobs.run_due()
    new = Release.objects.get(is_current=True)
    tracking = json.loads(bytes(new.document))["document"]["tracking"]
    assert (new.version, new.advisory.state) == (2, AdvisoryState.REVISED)
    assert [r["summary"] for r in tracking["revision_history"]] == [
        "First release",
        "Shorter title",
    ]
    assert tracking["version"] == "2"
    assert (new.file_name, new.year) == (out.file_name, out.year)


def test_a_withdrawal_names_no_product_and_says_why(hub_key: None) -> None:
    out = made.published()
    version = out.advisory.text_version
    with pytest.raises(DomainError, match="Say why"):
        release.withdraw(
            principal=made.writer(),
            advisory_id=out.advisory_id,
            confirmation=confirmed(release.WITHDRAW, out.advisory_id),
            text_version=version,
            reason="  ",
            typed_number=out.number,
        )
    release.withdraw(
        principal=made.writer(),
        advisory_id=out.advisory_id,
        confirmation=confirmed(release.WITHDRAW, out.advisory_id),
        text_version=version,
        reason="The report was wrong.",
        typed_number=out.number.lower(),
    )
    jobs.run_due()
    last = Release.objects.get(is_current=True)
    document = json.loads(bytes(last.document))
    assert validation.validate(document).is_valid
    assert "product_tree" not in document
    assert document["document"]["notes"][0]["text"] == "The report was wrong."
    assert (last.is_withdrawal, last.products.count()) == (True, 0)
    with pytest.raises(WrongState):
        release.withdraw(
            principal=made.writer(),
            advisory_id=out.advisory_id,
            confirmation=confirmed(release.WITHDRAW, out.advisory_id),
            text_version=version,
            reason="Again",
            typed_number=out.number,
        )


def test_a_withdrawal_says_nothing_of_a_draft_that_nobody_approved(hub_key: None) -> None:
    out = made.published(tlp=Tlp.GREEN)
    by = made.writer()
    text = release.start_revision(
        principal=by, advisory_id=out.advisory_id, text_version=out.advisory.text_version
    )
    text = writing.save_text(
        principal=by,
        advisory_id=text.id,
        text_version=text.text_version,
        content=replace(made.TEXT, title="A secret second flaw"),
        tlp=Tlp.CLEAR,
    )
    release.withdraw(
        principal=by,
        advisory_id=text.id,
        confirmation=confirmed(release.WITHDRAW, text.id),
        text_version=text.text_version,
        reason="Wrong.",
        typed_number=out.number,
    )
    jobs.run_due()
    last = Release.objects.get(is_current=True)
    assert (last.is_withdrawal, last.tlp) == (True, Tlp.GREEN)
    assert "secret" not in f"{last.title} {last.content} {last.search_text}"
    said = json.loads(bytes(last.document))["document"]
    assert "secret" not in json.dumps(said)
    assert said["distribution"]["tlp"]["label"] == "GREEN"
    assert "/white/" not in json.dumps(said)


def test_a_planned_release_waits_for_its_hour(hub_key: None) -> None:
    text = made.approved()
    at = clock.now() + timedelta(days=3)
    release.schedule(
        principal=made.writer(),
        advisory_id=text.id,
        text_version=1,
        at=at,
        zone="Asia/Tokyo",
    )
    jobs.run_due()
    assert not Release.objects.exists()
    with clock.frozen(at + timedelta(seconds=1)):
        jobs.run_due()
    assert Release.objects.get().released_at == at.replace(microsecond=0) + timedelta(seconds=1)


def test_a_release_taken_off_the_plan_does_not_appear(hub_key: None) -> None:
    text = made.approved()
    at = clock.now() + timedelta(days=3)
    act = {"principal": made.writer(), "advisory_id": text.id, "text_version": 1}
    release.schedule(**act, at=at, zone="UTC")
    release.unschedule(**act)
    with clock.frozen(at + timedelta(hours=1)):
        jobs.run_due()
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    ("offset", "zone", "words"),
    [
        (timedelta(hours=-1), "UTC", "has passed"),
        (timedelta(hours=1), "Mars/Olympus", "no such"),
        (timedelta(hours=1), "../etc/passwd", "no such"),
    ],
)
def test_strange_plans_are_refused(offset: timedelta, zone: str, words: str) -> None:
    text = made.approved()
    with pytest.raises(DomainError, match=words):
        release.schedule(
            principal=made.writer(),
            advisory_id=text.id,
            text_version=1,
            at=clock.now() + offset,
            zone=zone,
        )


def test_a_release_is_held_when_the_worker_comes_late(hub_key: None) -> None:
    text = made.approved()
    at = clock.now() + timedelta(days=1)
    release.schedule(
        principal=made.writer(), advisory_id=text.id, text_version=1, at=at, zone="UTC"
    )
    with clock.frozen(at + timedelta(hours=7)):
        jobs.run_due()
    held = Advisory.objects.get()
    assert (held.held, held.pending, Release.objects.count()) == ("late", "", 0)
    assert Event.objects.filter(kind="advisories:held").exists()


def test_a_release_is_held_when_the_clock_went_back(hub_key: None) -> None:
    made.published()
    text = made.approved()
    early = datetime(2020, 1, 1, tzinfo=UTC)
    Advisory.objects.filter(pk=text.pk).update(pending="release", scheduled_for=early)
    with clock.frozen(early + timedelta(minutes=1)):
        assert release.carry_out(text.id) is None
    assert Advisory.objects.get(pk=text.pk).held == "clock"


def test_a_release_that_a_wrong_clock_called_too_early_still_appears(hub_key: None) -> None:
    """The clock went ahead and back: what was due by it is run now, and comes again in its time."""
    text = made.approved()
    at = clock.now() + timedelta(days=3)
    release.schedule(
        principal=made.writer(), advisory_id=text.id, text_version=1, at=at, zone="UTC"
    )
    jobs.pull_back(timedelta(days=4))
    jobs.run_due()
    assert (Advisory.objects.get().pending, Release.objects.count()) == ("release", 0)
    with clock.frozen(at + timedelta(minutes=1)):
        jobs.run_due()
    assert Release.objects.count() == 1


def test_without_a_signing_key_nothing_appears(settings: object, tmp_path: Path) -> None:
    settings.HUB_KEY_FILE = tmp_path / "none"  # type: ignore[attr-defined]
    text = made.approved()
    release.publish_now(
        principal=made.writer(),
        advisory_id=text.id,
        text_version=1,
        typed_number=text.number or "",
    )
    jobs.run_due()
    assert not Release.objects.exists()
    assert Advisory.objects.get().pending == "release"


def test_without_parties_there_is_nobody_to_show_a_final_text_to() -> None:
    text = made.approved()
    with pytest.raises(DomainError, match="nobody to show"):
        final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)


def test_marks_are_readable_aloud() -> None:
    assert len({final_text.new_mark() for _ in range(50)}) == 50


def test_nobody_speaks_in_another_organisations_name():
    by = made.writer()
    draft = made.a_draft(by)
    foreign = TeamFactory().organisation
    with pytest.raises(DomainError, match="in the name of"):
        writing.start(
            principal=by, team=draft.team, publisher=foreign, content=content.Content(title="x")
        )
    with pytest.raises(DomainError, match="in the name of"):
        writing.save_text(
            principal=by,
            advisory_id=draft.id,
            text_version=draft.text_version,
            content=draft.text,
            publisher=foreign,
        )
    draft.refresh_from_db()
    assert draft.publisher == draft.team.organisation
