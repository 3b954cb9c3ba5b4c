"""The pages of claims: what each viewer reads, what bad input meets, how many queries it takes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.community.claims.conftest import a_house
from tests.factories.accounts import PersonFactory
from tests.factories.claims import (
    AnswerFactory,
    ClaimFactory,
    DisputeFactory,
    VerificationFactory,
)
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import sign_in

from tcert.community.accounts.tokens import digest
from tcert.community.claims.enums import Phase, State, Way
from tcert.community.claims.models import Batch, Claim, Dispute, Verification
from tcert.community.directory.enums import TeamRole
from tcert.foundation.kernel import jobs

pytestmark = pytest.mark.django_db
TOKEN = "t" * 43


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def boss(client, team):
    return sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))


@pytest.fixture
def desk(client):
    return sign_in(client, coordinator_of_desk(), coordinator=True)


def at(name, *args):
    return reverse(f"claims:{name}", args=args)


def typed(**more):
    return {"kind": "plmn", "value": "999-70", "tlp": "AMBER"} | more


def test_a_claim_is_entered_changed_withdrawn_and_restored(boss, team):
    assert boss.get(at("index")).url == at("of_organisation", team.organisation_id)
    made = boss.post(at("new", team.organisation_id), typed(valid_until="2040-12-31"))
    claim = Claim.objects.get()
    assert made.url == at("claim", claim.id)
    page = boss.get(at("change", claim.id)).content.decode()
    assert 'value="2040-12-31"' in page
    mark = page.split('name="shown" value="')[1].split('"')[0]
    new = {"tlp": "GREEN", "evidence": "Letter", "shown": mark, "valid_until": "2040-12-31"}
    assert boss.post(at("change", claim.id), new).status_code == 302
    late = boss.post(at("change", claim.id), new | {"evidence": "Later"})
    assert late.status_code == 409
    assert b"Later" in late.content
    claim.refresh_from_db()
    assert (claim.tlp, claim.evidence) == ("GREEN", "Letter")
    boss.post(at("withdraw", claim.id), {"act": "withdraw"})
    assert Claim.objects.get().state == State.WITHDRAWN
    assert b"Let it count again" in boss.get(at("claim", claim.id)).content
    boss.post(at("withdraw", claim.id), {"act": "restore"})
    assert Claim.objects.get().state == State.CLAIMED


@pytest.mark.parametrize(
    "bad",
    [
        {"value": ""},
        {"value": "31"},
        {"value": "\x00208-01"},
        {"value": "٣١٠-٤١٠"},
        {"value": "9" * 500},
        {"value": "<script>alert(1)</script>"},
        {"kind": "imsi"},
        {"kind": "x"},
        {"tlp": "RED"},
        {"valid_until": "2001-01-01"},
        {"valid_until": "9999-12-31"},
        {"team": "nonsense"},
    ],
)
def test_bad_input_is_refused_and_what_was_typed_stays(boss, team, bad):
    sent = boss.post(at("new", team.organisation_id), typed(evidence="Kept words", **bad))
    assert sent.status_code == 400
    assert b"Kept words" in sent.content
    assert b"<script>alert" not in sent.content
    assert not Claim.objects.exists()


def test_another_organisations_claims_do_not_exist_for_a_member(boss):
    hidden = ClaimFactory()
    assert boss.get(at("claim", hidden.id)).status_code == 404
    for name in ("change", "withdraw", "verify", "contest"):
        assert boss.post(at(name, hidden.id), {"act": "withdraw"}).status_code == 404
    listed = boss.get(at("of_organisation", hidden.organisation_id))
    assert hidden.value not in listed.content.decode()
    assert hidden.value not in boss.get(at("csv", hidden.organisation_id)).content.decode()
    for state in ("overlaps", "ending", "all", "withdrawn"):
        shown = boss.get(at("of_organisation", hidden.organisation_id), {"state": state})
        assert hidden.value not in shown.content.decode()


def test_a_member_reads_of_a_shared_claim_that_it_exists_and_no_more(boss):
    shared = ClaimFactory(tlp="GREEN", evidence="Secret letter")
    VerificationFactory(claim=shared, note="Secret note")
    page = boss.get(at("claim", shared.id)).content.decode()
    assert shared.value in page
    for hidden in ("Secret letter", "Secret note", "Overlaps", "Verification"):
        assert hidden not in page
    assert "Secret letter" not in boss.get(at("csv", shared.organisation_id)).content.decode()
    change = boss.post(at("change", shared.id), typed())
    assert change.status_code == 403


def test_who_leads_nobody_reads_and_changes_nothing(client, team):
    sign_in(client, member_of(team))
    claim = ClaimFactory(organisation=team.organisation)
    assert client.get(at("claim", claim.id)).status_code == 200
    assert client.post(at("new", team.organisation_id), typed()).status_code == 403
    assert client.post(at("withdraw", claim.id)).status_code == 403


def test_an_overlapping_holder_stays_unnamed_until_it_answers(client, team):
    """Or whoever claims a range and contests learns who holds it."""
    mine = ClaimFactory(organisation=team.organisation)
    holder = a_house()
    theirs = ClaimFactory(organisation=holder.organisation)
    sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
    name = holder.organisation.name
    for address in (at("claim", mine.id), at("contest", theirs.id)):
        assert name not in client.get(address).content.decode()
    client.post(
        at("contest", theirs.id), {"organisation": team.organisation_id, "reason": "It is ours."}
    )
    dispute = Dispute.objects.get()
    assert name not in client.get(at("dispute", dispute.id)).content.decode()
    AnswerFactory(dispute=dispute, organisation=holder.organisation)
    assert name in client.get(at("dispute", dispute.id)).content.decode()


def test_a_coordinator_verifies_decides_and_sees_the_queue(desk):
    claim = ClaimFactory()
    dispute = DisputeFactory(claim__value="999-71")
    queue = desk.get(at("queue")).content.decode()
    assert claim.value in queue
    assert dispute.claim.value in queue
    desk.post(at("verify", claim.id), {"way": "coordinator", "v-note": "The list."})
    answer = {"act": "answer", "a-text": "Please send the letter."}
    desk.post(at("dispute", dispute.id), answer)
    decision = {"act": "decide", "d-outcome": "upheld", "d-decision": "Seen."}
    desk.post(at("dispute", dispute.id), decision)
    claim.refresh_from_db()
    dispute.refresh_from_db()
    assert (claim.state, dispute.outcome) == (State.VERIFIED, "upheld")
    assert desk.get(at("queue"), {"show": "overlaps"}).status_code == 200


def test_a_mailed_link_asks_whoever_reads_the_mailbox_without_signing_in(client):
    claim = ClaimFactory()
    VerificationFactory(claim=claim, way=Way.MAIL, by_team=None, digest=digest(TOKEN))
    assert claim.value in client.get(at("link", TOKEN)).content.decode()
    assert Claim.objects.get().state == State.CLAIMED  # a mail scanner opens what it finds
    assert client.post(at("link", TOKEN), {"act": "confirm"}).status_code == 200
    assert Claim.objects.get().state == State.VERIFIED
    for token in (TOKEN, "x", "\N{GREEK SMALL LETTER ALPHA}" * 9):
        refused = client.get(at("link", token))
        assert refused.status_code == 404
        assert claim.value not in refused.content.decode()


def test_another_teams_word_is_asked_for_and_given(client, team):
    witness = TeamFactory()
    claim = ClaimFactory(organisation=team.organisation)
    sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
    client.post(at("verify", claim.id), {"way": "attestation", "w-team": witness.id})
    asked = Verification.objects.get()
    assert client.get(at("attest", asked.id)).status_code == 403
    sign_in(client, member_of(witness, TeamRole.REPRESENTATIVE))
    assert claim.value in client.get(at("index")).content.decode()
    assert claim.value in client.get(at("attest", asked.id)).content.decode()
    client.post(at("attest", asked.id), {"act": "attest", "note": "Our routing."})
    assert Claim.objects.get().state == State.VERIFIED


def test_a_file_is_shown_then_confirmed(boss, team):
    file = SimpleUploadedFile("x.csv", b"kind,value\nplmn,999-70\nplmn,=cmd\n")
    sent = {"source": "csv", "tlp": "AMBER", "may_share": "on", "file": file}
    batch = boss.post(at("import", team.organisation_id), sent).url
    assert boss.get(batch).headers["Refresh"]
    jobs.run_due()
    page = boss.get(batch, {"show": "refused"}).content.decode()
    assert "310-410" in page  # what a right one looks like
    for odd in ("0", "-1", "99999999", "x", "²"):
        assert boss.get(batch, {"show": "new", "page": odd}).status_code == 200
    boss.post(batch, {"act": "confirm"})
    jobs.run_due()
    assert "Refresh" not in boss.get(batch).headers
    assert Claim.objects.get().value == "999-70"
    assert Batch.objects.get().phase == Phase.DONE


def test_fifty_megabytes_are_refused_with_a_word(boss, team):
    file = SimpleUploadedFile("x.csv", b"x" * 50_000_000)
    sent = {"source": "csv", "tlp": "AMBER", "may_share": "on", "file": file}
    answer = boss.post(at("import", team.organisation_id), sent)
    assert answer.status_code == 400
    assert b"too large" in answer.content
    assert not Batch.objects.exists()


def test_the_export_disarms_formulas_and_reads_back(boss, team):
    ClaimFactory(organisation=team.organisation, kind="gt-range", value="+4917100", evidence="=1+1")
    text = boss.get(at("csv", team.organisation_id)).content.decode()
    assert "'+4917100" in text
    assert "'=1+1" in text
    file = SimpleUploadedFile("x.csv", text.encode())
    sent = {"source": "csv", "tlp": "AMBER", "may_share": "on", "file": file}
    boss.post(at("import", team.organisation_id), sent)
    jobs.run_due()
    assert Batch.objects.get().counts["same"] == 1
    assert boss.get(at("template")).status_code == 200


def test_a_teams_page_tells_members_kinds_and_numbers_and_strangers_nothing(client, team):
    ClaimFactory(organisation=team.organisation, tlp="GREEN", verified=True)
    ClaimFactory(organisation=team.organisation, value="999-71")
    address = reverse("directory:team", args=[team.id])
    assert "What the organisation holds" not in client.get(address).content.decode()
    sign_in(client, member_of(TeamFactory()))
    page = client.get(address).content.decode()
    assert "What the organisation holds" in page
    assert "1 verified" in page
    assert "999-7" not in page


@pytest.mark.parametrize("name", ["of_organisation", "queue", "index"])
def test_lists_take_the_same_number_of_queries_for_one_and_for_many(client, team, name):
    person = coordinator_of_desk() if name == "queue" else PersonFactory()
    if name != "queue":
        for one in (team, TeamFactory()):
            one.memberships.create(person=person, role=TeamRole.REPRESENTATIVE)
    sign_in(client, person, coordinator=name == "queue")
    address = at(name, *([team.organisation_id] if name == "of_organisation" else []))

    def asked():
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    def more(n):
        claim = ClaimFactory(organisation=team.organisation, value=f"999-{n}")
        VerificationFactory(claim=ClaimFactory(value=f"999-{n}"), by_team=team)
        DisputeFactory(claim__value=f"998-{n}")
        return claim

    more(10)
    asked()
    once = asked()
    for n in (11, 12):
        more(n)
    assert asked() == once


@pytest.mark.parametrize("state", ["proven", "declined"])
def test_a_team_that_has_answered_reads_no_later_evidence(client, team, state):
    boss = sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
    asked = VerificationFactory(by_team=team, claim__evidence="Licence 12")
    assert "Licence 12" in boss.get(at("attest", asked.id)).content.decode()
    Verification.objects.update(state=state)
    page = boss.get(at("attest", asked.id))
    assert page.status_code == 200
    assert "Licence 12" not in page.content.decode()


def test_what_a_file_would_show_to_others_stands_on_the_page_before_it_is_confirmed(boss, team):
    """A file that somebody else prepared may open to all what the holder keeps."""
    ClaimFactory(organisation=team.organisation, value="999-70")
    ClaimFactory(organisation=team.organisation, value="999-71")
    text = "kind,value,tlp,findable,valid_until\nplmn,999-70,GREEN,yes,2030-12-31\n"
    made = boss.post(
        at("import", team.organisation_id),
        {
            "source": "csv",
            "tlp": "AMBER",
            "may_share": "on",
            "file": SimpleUploadedFile("c.csv", f"{text}plmn,999-71,,yes,\n".encode()),
        },
    )
    jobs.run_due()
    page = boss.get(f"{made.url}?show=changed").content.decode()
    one, other = page.split("999-70")[1].split("999-71")[:2]
    for words in ("GREEN", "yes, with a contact", "2030-12-31"):
        assert words in one
    assert other.count("as before") == 2
