"""The desk's pages and the stranger's, without a browser: what they say, take and refuse."""

import pytest
from django.test import Client
from tests.factories.cases import ExclusionFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.parties import (
    ADDRESS,
    CONTACT,
    a_case,
    asked_out,
    brought,
    joined,
    mailed_token,
)
from tests.principals import PASSPHRASE, sign_in

from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.directory.enums import KeyState
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.cases.models import Invitation
from tcert.response.parties.enums import PartyState
from tcert.response.parties.models import PartyInvitation

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Corevale  AB",
    "kind": "vendor",
    "roles": ["vendor"],
    "addresses": f"{ADDRESS}\nPSIRT@corevale.example\ncert@corevale.example",
    "source": "security.txt",
    "published_at": CONTACT,
}


@pytest.fixture
def desk(client):
    return sign_in(client, coordinator_of_desk(), coordinator=True)


def start_address():
    from django.urls import reverse

    return reverse("accounts:start")


def test_it_is_said_what_goes_to_whom_before_anything_is_sent(desk):
    case = a_case()
    ExclusionFactory(case=case, team=None, name="Somebody Else")
    url = f"/cases/{case.id}/parties/new/"
    assert "Somebody Else" in desk.get(url).content.decode()
    assert f'href="{url}"' in desk.get(f"/cases/{case.id}/involve/").content.decode()
    page = desk.post(url, {**FORM, "act": "check"}).content.decode()
    assert "Nothing has been sent yet" in page
    assert f"<b>{ADDRESS}</b>" in page
    assert "Send the mail" in page
    assert not Mail.objects.exists()
    answer = desk.post(url, {**FORM, "act": "send"})
    made = PartyInvitation.objects.get()
    assert answer.headers["Location"] == f"/cases/{case.id}/parties/{made.id}/"
    assert made.name == "Corevale AB"
    assert [a.email for a in made.addresses.all()] == [ADDRESS, "cert@corevale.example"]
    again = desk.post(url, {**FORM, "act": "send"})
    assert (again.status_code, Mail.objects.count()) == (409, 2)
    assert "nothing was sent" in again.content.decode()
    shown = desk.get(f"/cases/{case.id}/").content.decode()
    assert "Corevale AB, from outside" in shown


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"addresses": "no address"}, "is no mail address"),
        ({"addresses": ""}, "required"),
        ({"kind": "hub"}, "valid choice"),
        ({"published_at": ""}, "required"),
        ({"roles": []}, "required"),
        ({"name": "a\x00b"}, "allowed"),
    ],
)
def test_a_form_with_errors_sends_nothing(desk, change, words):
    answer = desk.post(f"/cases/{a_case().id}/parties/new/", {**FORM, **change, "act": "send"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Mail.objects.exists()


def test_a_scanner_that_fetches_the_link_uses_nothing_up():
    invitation = asked_out()
    token = mailed_token()
    scanner = Client()
    page = scanner.get(f"{start_address()}")
    for path in (f"{start_address()}?{token}", "/invited/"):
        scanner.get(path)
    invitation.refresh_from_db()
    assert (invitation.state, page.status_code) == (PartyState.SENT, 200)
    assert OneTimeLink.objects.get().used_at is None


def test_the_page_of_the_link_is_neutral_and_makes_account_and_team(client):
    invitation = asked_out()
    case = invitation.case
    page = client.post(start_address(), {"code": f"https://x/#{mailed_token()}"}, follow=True)
    text = page.content.decode()
    assert page.redirect_chain[-1][0] == "/invited/"
    for word in (case.code_name, case.number, "Corevale", "UDM", "case", "embargo"):
        assert word not in text.split("<main")[1].split("</main")[0]
    assert page.headers["Referrer-Policy"] == "same-origin"
    invitation.refresh_from_db()
    assert invitation.state == PartyState.OPENED
    values = {"name": "Kim Vale", "passphrase": PASSPHRASE, "again": PASSPHRASE}
    answer = client.post("/invited/", values)
    assert answer.headers["Location"] == "/account/second-factor/"
    invitation.refresh_from_db()
    assert invitation.state == PartyState.JOINED
    assert client.get("/invited/steps/").status_code == 302  # a second factor first
    sign_in(client, Person.objects.get(email=ADDRESS))
    own = client.get("/invited/steps/").content.decode()
    assert "Make a key in the browser" in own
    assert case.code_name not in own
    assert client.get(f"/cases/{case.id}/").status_code == 404
    assert client.post("/invited/", values).headers["Location"] == start_address()


def test_every_link_that_does_not_work_gets_the_same_answer():
    answers = set()
    used, withdrawn, expired = (
        asked_out(name=n, addresses=[f"{n}@x.example"]) for n in ("one", "two", "three")
    )
    tokens = [mailed_token(f"{n}@x.example") for n in ("one", "two", "three")]
    joined(used)
    OneTimeLink.objects.filter(party_address__invitation=withdrawn).update(
        expires_at=withdrawn.invited_at
    )
    OneTimeLink.objects.filter(party_address__invitation=expired).update(
        expires_at=expired.invited_at
    )
    for token in (*tokens, "A" * 43, "nonsense"):
        answer = Client().post(start_address(), {"code": token})
        text = answer.content.decode().replace(token, "")
        answers.add((answer.status_code, "does not work" in text, len(text) // 100))
    assert len(answers) == 1
    assert next(iter(answers))[:2] == (422, True)


def test_a_link_whose_case_was_deleted_leads_nowhere_either(client):
    invitation = asked_out()
    client.post(start_address(), {"code": mailed_token()})
    invitation.case.delete()
    assert not PartyInvitation.objects.exists()
    for answer in (client.get("/invited/"), client.post("/invited/", {"name": "Kim"})):
        assert answer.headers["Location"] == start_address()


def test_an_existing_account_signs_in_and_goes_on(client):
    person = member_of(TeamFactory())
    invitation = asked_out(addresses=[person.email])
    page = client.post(start_address(), {"code": mailed_token(person.email)}, follow=True)
    assert "Sign in to go on" in page.content.decode()
    sign_in(client, person)
    client.post(start_address(), {"code": mailed_token(person.email)})
    assert "Go on with this account" in client.get("/invited/").content.decode()
    assert client.post("/invited/").headers["Location"] == "/invited/steps/"
    invitation.refresh_from_db()
    assert invitation.joined_by == person.id


def test_the_desk_sees_the_way_confirms_and_asks_on_one_page(desk):
    invitation, person = joined()
    key = brought(invitation, person)
    base = f"/cases/{invitation.case_id}/parties/{invitation.id}/"
    assert "A key waits for you" in desk.get(base).content.decode()
    assert "Confirm the key of Corevale" in desk.get("/my-day/").content.decode()
    page = desk.get(f"{base}key/").content.decode()
    assert key.fingerprint not in page.replace(" ", "")
    assert CONTACT in page
    sent = {
        "revision": invitation.revision,
        "key": key.id,
        "channel": "phone",
        "contact": CONTACT,
        "heard": key.fingerprint[:-1] + "0",
    }
    wrong = desk.post(f"{base}key/", sent)
    assert (wrong.status_code, Invitation.objects.exists()) == (400, False)
    sent["heard"] = " ".join(key.fingerprint[n : n + 4] for n in range(0, 40, 4)).lower()
    assert desk.post(f"{base}key/", sent).headers["Location"] == base
    assert Invitation.objects.get().participant.team == invitation.team
    assert desk.post(f"{base}key/", sent).status_code == 409  # replayed
    assert Invitation.objects.count() == 1
    shown = desk.get(base).content.decode()
    assert "terms put, no answer yet" in shown
    assert "provisional" in desk.get(f"/cases/{invitation.case_id}/").content.decode()


def test_another_key_than_the_page_showed_is_not_confirmed(desk):
    invitation, person = joined()
    old = brought(invitation, person)
    new = brought(invitation, person, "third")
    answer = desk.post(
        f"/cases/{invitation.case_id}/parties/{invitation.id}/key/",
        {
            "revision": invitation.revision,
            "key": old.id,
            "channel": "phone",
            "contact": CONTACT,
            "heard": new.fingerprint,
        },
    )
    new.refresh_from_db()
    assert (answer.status_code, new.state) == (409, KeyState.PENDING)


def test_buttons_of_the_desk_and_a_page_that_is_too_old(desk):
    invitation = asked_out()
    base = f"/cases/{invitation.case_id}/parties/{invitation.id}/"
    anew = {"act": "anew", "revision": 0, "addresses": "cert@corevale.example"}
    assert desk.post(base, anew).status_code == 302
    assert desk.post(base, anew).status_code == 409
    assert desk.post(base, {"act": "withdraw"}).status_code == 400
    assert desk.post(base, {"act": "prolong", "revision": 1}).status_code == 400
    assert desk.post(base, {"act": "withdraw", "revision": 1}).status_code == 302
    assert "Withdraw the invitation" not in desk.get(base).content.decode()


def test_others_find_no_such_page(client):
    invitation, person = joined()
    base = f"/cases/{invitation.case_id}/parties/{invitation.id}/"
    own = sign_in(Client(), person)
    assert own.get(base).status_code == 403
    other = sign_in(client, coordinator_of_desk(), coordinator=True)
    elsewhere = a_case()
    assert other.get(f"/cases/{elsewhere.id}/parties/{invitation.id}/").status_code == 404
    stranger = sign_in(Client(), member_of(TeamFactory()))
    assert stranger.get("/invited/steps/").status_code == 404


def test_records_name_no_address(desk):
    case = a_case()
    desk.post(f"/cases/{case.id}/parties/new/", {**FORM, "act": "send"})
    kept = str(list(AuditRecord.objects.values("act", "data")))
    assert "party-invited" in kept
    assert "corevale.example" not in kept
