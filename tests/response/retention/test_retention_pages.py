"""The pages about keeping, compulsion and counts: what stands there, and for whom."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import coordinator_of_desk, member_of
from tests.factories.retention import full_case, warned
from tests.principals import principal_of, sign_in

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.installation import Level, inspect
from tcert.foundation.kernel.principal import REPORTER, SYSTEM
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed.domain import removing
from tcert.foundation.sealed.models import DoomedFile
from tcert.response.cases.models import Case
from tcert.response.retention.domain import counting, deleting, requests
from tcert.response.retention.enums import Counted, RequestAnswer, RequestKind
from tcert.response.retention.models import Hold, YearCount
from tcert.response.retention.queries import gone_from_backups

pytestmark = pytest.mark.django_db
NEXT_YEAR = datetime(2027, 1, 20, tzinfo=UTC)


@pytest.fixture
def ada():
    return coordinator_of_desk(name="Ada")


def happened(act, times, year=2026, principal=SYSTEM):
    with clock.frozen(datetime(year, 5, 5, tzinfo=UTC)):
        for _time in range(times):
            record(principal, act, "case", None)


def test_a_count_is_a_number_from_five_on_and_words_below(client):
    happened("cases:received", 5, principal=REPORTER)
    happened("intake:withdraw", 4, principal=REPORTER)
    with clock.frozen(NEXT_YEAR):
        counting.settle_years()
        html = client.get("/about/counts/").content.decode()
        lines = client.get("/about/counts.csv").content.decode().splitlines()
    assert 'Reports received</th><td data-label="How often">5</td>' in html
    assert "fewer than five" in html
    assert lines[0] == "year,counted,number"
    assert "2026,received,5" in lines
    assert "2026,withdrawn,fewer than five" in lines
    assert "2026,requests,fewer than five" in lines
    assert len(lines) == 1 + len(Counted)


def test_the_year_that_runs_shows_nothing(client):
    """Who looked every day would see a number become the next: a report arrived."""
    happened("cases:received", 12)
    with clock.frozen(datetime(2027, 1, 3, tzinfo=UTC)):
        counting.settle_years()
        assert not YearCount.objects.settled().exists()
        html = client.get("/about/counts/").content.decode()
    assert "No year is over yet" in html
    assert "12" not in html.split("<main", 1)[1].split("</main>")[0]


def test_every_year_since_the_first_is_settled_once():
    happened("cases:closed", 6, year=2024)
    with clock.frozen(NEXT_YEAR):
        assert counting.settle_years() == 3
        assert counting.settle_years() == 0
    happened("cases:closed", 6, year=2024)
    with clock.frozen(NEXT_YEAR):
        counting.settle_years()
    assert YearCount.objects.get(year=2024, kind="closed").total == 6


def test_a_request_is_entered_counted_and_fixed_with_its_year(ada):
    entry = {"kind": RequestKind.COURT, "answer": RequestAnswer.NOTHING}
    with clock.frozen(datetime(2026, 6, 1, tzinfo=UTC)):
        by = principal_of(ada, coordinator=True)
        with pytest.raises(DomainError):
            requests.enter(principal=by, received_on=date(2026, 6, 2), **entry)
        with pytest.raises(PermissionDenied):
            requests.enter(principal=principal_of(ada), received_on=date(2026, 5, 2), **entry)
        made = [
            requests.enter(principal=by, received_on=date(2026, 5, 2), **entry) for _n in range(6)
        ]
        requests.take_back(principal=by, request_id=made[0].id)
    with clock.frozen(NEXT_YEAR):
        counting.settle_years()
        by = principal_of(ada, coordinator=True)
        with pytest.raises(DomainError):
            requests.enter(principal=by, received_on=date(2026, 5, 2), **entry)
        with pytest.raises(DomainError):
            requests.take_back(principal=by, request_id=made[1].id)
    assert YearCount.objects.get(year=2026, kind="requests").total == 5


def test_the_requests_page_takes_one_and_is_the_coordinators(ada, client):
    sign_in(client, ada, coordinator=True)
    sent = {"received_on": "2026-02-03", "kind": "court", "answer": "held"}
    with clock.frozen(clock.now()):
        assert client.post("/cases/requests/", sent).status_code == 302
        assert client.post("/cases/requests/", {**sent, "kind": "king"}).status_code == 422
    assert "a court" in client.get("/cases/requests/").content.decode()
    plain = sign_in(Client(), ada)
    assert plain.get("/cases/requests/").status_code == 403


def test_the_page_about_compulsion_says_whose_law_or_that_nobody_said(client, settings):
    settings.JURISDICTION = settings.LEGAL_CONTACT = settings.CONTROLLER = ""
    silent = client.get("/about/compelled/").content.decode()
    assert "have not said under whose law" in silent
    assert "have not named a contact" in silent
    problems = [f for f in inspect(["retention"]) if f.level is not Level.FINE]
    assert any("whose law" in str(f.message) for f in problems)
    settings.JURISDICTION = "Finland"
    settings.LEGAL_CONTACT = "legal@example.org"
    settings.CONTROLLER = "Foundation, data@example.org"
    said = client.get("/about/compelled/").content.decode()
    assert "Finland" in said
    assert "legal@example.org" in said
    assert not [f for f in inspect(["retention"]) if "whose law" in str(f.message)]


@pytest.mark.parametrize(("days", "until"), [(0, None), (30, date(2026, 6, 1))])
def test_when_the_last_backup_expires_counts_the_day_of_the_deletion(settings, days, until):
    settings.BACKUP_RETENTION_DAYS = days
    assert gone_from_backups(date(2026, 5, 1)) == until


def test_the_coordinating_team_decides_on_the_page_and_a_party_reads_it(ada, client):
    case = CaseFactory()
    row = ParticipantFactory(case=case)
    Case.objects.update(closed_at=clock.now() - timedelta(days=10))
    page = f"/cases/{case.id}/keeping/"
    sign_in(client, ada, coordinator=True)
    day = (clock.today() + timedelta(days=60)).isoformat()
    held = client.post(page, {"act": "hold", "reason": "Court of X, 7/26", "review_on": day})
    assert held.status_code == 302
    hold = Hold.objects.get()
    again = client.post(page, {"act": "hold", "reason": "Court of Y", "review_on": day})
    assert again.status_code == 409
    assert "Court of X, 7/26" in client.get(page).content.decode()
    party = sign_in(Client(), member_of(row.team))
    read = party.get(page).content.decode()
    assert "A legal hold is on this case since" in read
    assert "Court of X" not in read
    refused = party.post(page, {"act": "lift", "reason": "x"})
    assert refused.status_code == 403
    proposed = client.post(page, {"act": "lift", "reason": "The order ended."})
    assert proposed.headers["Location"].startswith("/desk/")
    hold.refresh_from_db()
    assert hold.lifted_at is None


def test_a_form_with_errors_loses_nothing_that_was_typed(ada, client):
    case = CaseFactory()
    sign_in(client, ada, coordinator=True)
    sent = {"act": "days", "days": "5000", "reason": "So that…", "revision": str(case.revision)}
    answer = client.post(f"/cases/{case.id}/keeping/", sent)
    assert answer.status_code == 422
    assert "So that…" in answer.content.decode()
    case.refresh_from_db()
    assert case.keep_days == 90


def test_lists_of_closed_cases_say_when_each_is_deleted(ada, client):
    case = CaseFactory(parts__management="closed")
    row = ParticipantFactory(case=case)
    Case.objects.update(closed_at=datetime(2026, 11, 1, tzinfo=UTC))
    sign_in(client, ada, coordinator=True)
    assert "content deleted on" in client.get("/cases/triage/?state=closed").content.decode()
    party = sign_in(Client(), member_of(row.team))
    assert "content deleted on" in party.get("/cases/").content.decode()
    Case.objects.update(held_since=clock.now())
    assert "legal hold since" in party.get("/cases/").content.decode()


def said(name="retention"):
    return " ".join(str(found.message) for found in inspect([name]))


def test_the_check_tells_what_is_overdue_left_behind_and_to_be_looked_at():
    made = full_case()
    with clock.frozen(warned(made) + timedelta(hours=7)):
        assert "1 cases are past their time" in said()
        deleting.delete_case(made.case.id)
        assert "past their time" not in said()
        assert "1 cases were deleted" in said()
    removing.delete_doomed()
    assert "still there" not in said()
    DoomedFile.objects.create(stored_as="00/" + "0" * 32)
    assert "1 sealed files are to be deleted and still there" in said()
    Hold.objects.create(case=CaseFactory(), reason="Court", review_on=clock.today())
    assert "1 legal holds wait for a look" in said()
