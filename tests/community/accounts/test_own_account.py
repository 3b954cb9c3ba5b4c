"""What a signed-in person does: second factors, passphrase, sessions, coordinator rights."""

import json
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from tests.community.accounts.test_sign_in import code, give_passphrase, walk_in
from tests.factories.accounts import PersonFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import (
    PASSPHRASE,
    declared,
    give_second_factor,
    sign_in,
    sign_in_without_second_factor,
)

from tcert.community.accounts.models import BrowserSession, StaffSession
from tcert.community.accounts.sessions import SessionStore, this_hour
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db
APP = "/account/second-factor/app/"
ADD_PASSKEY = "/account/second-factor/passkeys/add/"
COORDINATOR = "/account/coordinator/"
ACCOUNT = "/account/"


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture
def member():
    return member_of(TeamFactory())


def first_code(client) -> str:
    secret = client.session["mfa.totp.secret"]
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


# Setting a factor up -------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_newcomer_sets_an_app_up_right_after_signing_in(client, member):
    give_passphrase(client, member)
    assert client.get("/my-day/").headers["Location"] == "/account/second-factor/"
    assert client.get(APP).status_code == 200
    response = client.post(APP, {"code": first_code(client)})
    assert response.headers["Location"] == "/account/second-factor/codes/"
    assert client.get("/account/second-factor/codes/").status_code == 200
    assert client.get("/my-day/").status_code == 200
    assert AuditRecord.objects.filter(act="accounts:second-factor:add").count() == 2


def test_the_secret_under_way_is_not_readable_in_the_database(client, member):
    give_passphrase(client, member)
    client.get(APP)
    secret = client.session["mfa.totp.secret"]
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM accounts_browsersession")
        raw = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert raw
    assert secret.encode() not in raw


@pytest.mark.django_db(transaction=True)
def test_the_code_that_set_the_app_up_does_not_sign_in(client, member):
    give_passphrase(client, member)
    client.get(APP)
    typed = first_code(client)
    client.post(APP, {"code": typed})
    elsewhere = Client()
    give_passphrase(elsewhere, member)
    assert elsewhere.post("/account/sign-in/second-factor/", {"code": typed}).status_code == 200


def test_the_first_factor_may_be_set_up_for_some_minutes_only(client, member, monkeypatch):
    give_passphrase(client, member)
    late = time.time() + 600
    monkeypatch.setattr(time, "time", lambda: late)
    assert client.get(APP).headers["Location"].startswith("/account/again/")


def test_a_second_factor_is_not_added_by_passphrase_alone(member):
    """A session from before the first factor, or with a stolen passphrase, adds none."""
    old = Client()
    give_passphrase(old, member)
    give_second_factor(member)
    assert old.get("/my-day/").headers["Location"].startswith("/account/again/code/")
    for page in (APP, ADD_PASSKEY):
        assert old.get(page).headers["Location"].startswith("/account/again/") or (
            old.get(page).headers["Location"] == "/account/second-factor/app/remove/"
        )
    old.post("/account/again/", {"password": PASSPHRASE})
    assert old.get(ADD_PASSKEY).headers["Location"].startswith("/account/again/code/")
    assert Authenticator.objects.filter(user=member).count() == 1


def test_proving_the_factor_opens_an_old_session(member):
    old = Client()
    give_passphrase(old, member)
    give_second_factor(member)
    response = old.post("/account/again/code/?next=/my-day/", {"code": code(), "next": "/my-day/"})
    assert response.headers["Location"] == "/my-day/"
    assert old.get("/my-day/").status_code == 200


def test_asking_again_keeps_no_request_in_the_session(client, member, monkeypatch):
    give_second_factor(member)
    walk_in(client, member)
    late = time.time() + 600
    monkeypatch.setattr(time, "time", lambda: late)
    response = client.post("/account/second-factor/codes/new/", HTTP_USER_AGENT="Tell-Tale/7.0")
    assert response.headers["Location"].startswith("/account/again/code/")
    assert "Tell-Tale" not in json.dumps(dict(client.session))


def passkey(**changes) -> str:
    credential = {
        "id": "AAAA",
        "rawId": "AAAA",
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {"clientDataJSON": "e30", "attestationObject": "oA"},
    }
    return json.dumps(credential | changes)


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "null",
        "[]",
        "3",
        '"text"',
        "{}",
        "{not json",
        passkey(),
        passkey(id=5),
        passkey(response=[]),
        passkey(response={"clientDataJSON": "%%%", "attestationObject": "%%%"}),
        "[" * 3_000,
        "9" * 4_301,
    ],
)
def test_what_no_authenticator_sends_adds_no_passkey(client, member, credential):
    give_passphrase(client, member)
    client.get(ADD_PASSKEY)
    response = client.post(ADD_PASSKEY, {"name": "blue", "credential": credential})
    assert response.status_code == 200
    assert not Authenticator.objects.filter(user=member).exists()


@pytest.mark.parametrize(
    "credential", ["", "null", "[]", "{}", passkey(), "{not json", "9" * 4_301]
)
def test_what_no_authenticator_sends_does_not_sign_in(client, member, credential):
    give_second_factor(member)
    give_passphrase(client, member)
    response = client.post("/account/sign-in/second-factor/", {"credential": credential})
    assert response.status_code == 200
    assert client.get("/my-day/").status_code == 302


def test_nobody_reads_renames_or_removes_the_factor_of_another(client, member):
    other = member_of(TeamFactory())
    theirs = Authenticator.objects.create(
        user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "theirs", "credential": {}}
    )
    give_second_factor(member)
    walk_in(client, member)
    base = f"/account/second-factor/passkeys/{theirs.pk}"
    for method in (client.get, client.post):
        assert method(f"{base}/remove/").status_code == 404
        assert method(f"{base}/name/", {"name": "mine"}).status_code == 404
    assert "theirs" not in client.get("/account/second-factor/").content.decode()
    theirs.refresh_from_db()
    assert theirs.data["name"] == "theirs"


def test_the_enrolment_under_way_of_one_person_is_no_use_to_another(client, member):
    """The secret lies in the session, and the factor goes to whoever the session signs in."""
    give_passphrase(client, member)
    client.get(APP)
    typed = first_code(client)
    other = member_of(TeamFactory())
    elsewhere = Client()
    give_passphrase(elsewhere, other)
    elsewhere.get(APP)
    assert elsewhere.post(APP, {"code": typed}).status_code == 200
    assert not Authenticator.objects.filter(user__in=[member, other]).exists()


def test_the_last_factor_stays(client, member):
    give_second_factor(member)
    walk_in(client, member)
    response = client.post("/account/second-factor/app/remove/")
    assert "only second factor" in response.content.decode()
    assert Authenticator.objects.filter(user=member).exists()
    Authenticator.objects.filter(user=member).delete()
    only = Authenticator.objects.create(
        user=member, type=Authenticator.Type.WEBAUTHN, data={"name": "k", "credential": {}}
    )
    client.post(f"/account/second-factor/passkeys/{only.pk}/remove/")
    assert Authenticator.objects.filter(pk=only.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_replace_the_old_and_are_told_by_mail(client, member):
    give_second_factor(member)
    walk_in(client, member)
    client.post("/account/second-factor/codes/new/")
    first = client.get("/account/second-factor/codes/").context["unused_codes"]
    client.post("/account/second-factor/codes/new/")
    second = client.get("/account/second-factor/codes/").context["unused_codes"]
    assert (len(first), len(second), set(first) & set(second)) == (10, 10, set())
    assert Mail.objects.count() == 2
    assert {mail.subject for mail in Mail.objects.all()} == {"A change to your account"}


# Passphrase and account ----------------------------------------------------


def change(client, old=PASSPHRASE, new="velvet comet 44 harbour"):
    data = {"oldpassword": old, "password1": new, "password2": new}
    return client.post("/account/passphrase/", data)


def test_changing_the_passphrase_ends_other_sessions_and_tells_by_mail(client, member):
    sign_in(client, member)
    elsewhere = sign_in(Client(), member)
    assert change(client).status_code == 302
    assert client.get("/my-day/").status_code == 200
    assert elsewhere.get("/my-day/").status_code == 302
    assert Mail.objects.count() == 1


@pytest.mark.parametrize(("old", "new"), [("wrong wrong 1", "velvet comet 44"), (PASSPHRASE, "x")])
def test_a_change_needs_the_present_passphrase_and_a_good_new_one(client, member, old, new):
    sign_in(client, member)
    assert change(client, old, new).status_code == 200
    member.refresh_from_db()
    assert member.check_password(PASSPHRASE)


def test_the_account_page_saves_name_zone_and_dates_and_nothing_else(client, member):
    sign_in(client, member)
    data = {
        "name": "Zoë Duty",
        "timezone": "Europe/Berlin",
        "dates": "en-us",
        "email": "x@y.example",
    }
    assert client.post("/account/", data).status_code == 302
    before = member.email
    member.refresh_from_db()
    assert (member.name, member.timezone, member.dates) == ("Zoë Duty", "Europe/Berlin", "en-us")
    assert member.email == before
    assert client.post("/account/", data | {"timezone": "Mars/Base"}).status_code == 422


def test_a_person_in_two_teams_chooses_for_which_to_act(client, member):
    from tests.factories.directory import TeamMembershipFactory

    second = TeamMembershipFactory(person=member).team
    sign_in(client, member)
    client.post("/my-day/acting-team/", {"team": str(second.id)})
    assert client.get("/my-day/").context["acting"] == second
    client.post("/my-day/acting-team/", {"team": str(TeamFactory().id)})
    assert client.get("/my-day/").context["acting"] == second


# Sessions ------------------------------------------------------------------


def test_the_list_shows_days_and_which_one_is_this(client, member):
    sign_in(Client(), member)
    sign_in(client, member)
    sign_in(Client(), member_of(TeamFactory()))
    page = client.get("/account/sessions/")
    assert [here for _row, here in page.context["sessions"]] == [True, False]
    assert page.content.decode().count(">this one<") == 1


def test_one_session_is_ended_and_only_ones_own(client, member):
    sign_in(client, member)
    elsewhere = sign_in(Client(), member)
    other = sign_in(Client(), member_of(TeamFactory()))
    for browser, status in ((elsewhere, 302), (other, 404)):
        row = BrowserSession.objects.get(digest=_digest(browser))
        assert client.post(f"/account/sessions/{row.pk}/end/").status_code == status
    assert elsewhere.get("/my-day/").status_code == 302
    assert other.get("/my-day/").status_code == 200


def _digest(browser) -> str:
    from tcert.community.accounts.sessions import key_digest

    return key_digest(browser.session.session_key)


def test_sign_out_everywhere_ends_all_and_coordinator_rights(client):
    person = coordinator_of_desk()
    sign_in(client, person, coordinator=True)
    elsewhere = sign_in(Client(), person)
    client.post("/account/sessions/end-all/")
    assert client.get("/my-day/").status_code == 302
    assert elsewhere.get("/my-day/").status_code == 302
    assert StaffSession.objects.get().closed_at is not None


def test_the_cookie_is_not_in_the_database(client, member):
    sign_in(client, member)
    cookie = client.cookies["hub"].value
    row = BrowserSession.objects.get()
    assert cookie not in f"{row.digest}{row.data}{row.pk}"


def test_a_session_ends_by_itself(client, member):
    sign_in(client, member)
    BrowserSession.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert client.get("/my-day/").status_code == 302


def test_a_session_ends_when_it_lies_idle(client, member):
    sign_in(client, member)
    BrowserSession.objects.update(seen_at=this_hour() - timedelta(hours=3))
    assert client.get("/my-day/").status_code == 200
    BrowserSession.objects.update(seen_at=this_hour() - timedelta(hours=4))
    assert client.get("/my-day/").status_code == 302
    SessionStore.clear_expired()
    assert not BrowserSession.objects.filter(person=member).exists()


def test_using_a_session_does_not_make_it_longer(client, member):
    sign_in(client, member)
    began = clock.now()
    latest = BrowserSession.objects.get().expires_at
    assert abs(latest - began - timedelta(hours=12)) < timedelta(minutes=1)
    with clock.frozen(began + timedelta(hours=2)):
        client.post(ACCOUNT, {"name": "Ada", "timezone": "UTC", "dates": "british"})
        client.get(ACCOUNT)  # shows what was saved, and so writes the session
        row = BrowserSession.objects.get()
    assert row.seen_at > began
    assert row.expires_at == latest


def test_a_proof_given_again_renews_the_cookie_and_the_old_one_opens_nothing(client, member):
    """Whoever carried the cookie off before gets nothing out of what is proved now."""
    give_second_factor(member)
    walk_in(client, member, offset=-1)
    carried_off = client.cookies["hub"].value
    client.post("/account/again/code/", {"code": code()})
    assert client.get("/my-day/").status_code == 200
    thief = Client()
    thief.cookies["hub"] = carried_off
    assert thief.get("/my-day/").status_code == 302
    assert BrowserSession.objects.filter(person=member).count() == 1


@pytest.mark.django_db(transaction=True)
def test_setting_up_a_factor_and_switching_rights_on_renew_the_cookie(client):
    newcomer = member_of(TeamFactory())
    give_passphrase(client, newcomer)
    client.get(APP)
    before = client.cookies["hub"].value
    client.post(APP, {"code": first_code(client)})
    assert client.cookies["hub"].value != before
    coordinator = coordinator_of_desk()
    declared(coordinator)
    give_second_factor(coordinator)
    desk = Client()
    walk_in(desk, coordinator)
    before = desk.cookies["hub"].value
    desk.post(COORDINATOR, {"purpose": "triage"})
    assert StaffSession.objects.count() == 1
    assert desk.cookies["hub"].value != before


def test_a_session_whose_data_was_moved_or_changed_is_none(client, member):
    sign_in(client, member)
    other = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    rows = {row.digest: row for row in BrowserSession.objects.all()}
    from django.db import connection

    mine, theirs = rows[_digest(client)], rows[_digest(other)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data FROM accounts_browsersession WHERE digest = %s", [theirs.digest]
        )
        stolen = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE accounts_browsersession SET data = %s WHERE digest = %s", [stolen, mine.digest]
        )
    assert client.get("/my-day/").status_code == 302


# Coordinator rights --------------------------------------------------------


def test_the_rights_are_switched_on_after_the_second_factor_and_recorded(client):
    person = coordinator_of_desk()
    give_second_factor(person)
    declared(person)
    walk_in(client, person)
    response = client.post(COORDINATOR, {"purpose": "Triage  of the morning"})
    assert response.headers["Location"] == COORDINATOR
    page = client.get(COORDINATOR).content.decode()
    assert "coordinator until" in page
    opened = StaffSession.objects.get()
    assert opened.ends_at - opened.opened_at == timedelta(minutes=60)
    assert opened.purpose == "Triage of the morning"
    client.post("/account/coordinator/off/")
    assert "coordinator until" not in client.get(COORDINATOR).content.decode()
    acts = AuditRecord.objects.filter(actor_id=person.id, act__startswith="accounts:staff-session")
    assert [record.act.rpartition(":")[2] for record in acts.order_by("at")] == ["open", "close"]


def test_without_a_fresh_factor_the_switch_asks_for_it(client, monkeypatch):
    person = coordinator_of_desk()
    give_second_factor(person)
    declared(person)
    walk_in(client, person, offset=-1)
    late = time.time() + 600
    monkeypatch.setattr(time, "time", lambda: late)
    response = client.post(COORDINATOR)
    assert response.headers["Location"] == "/account/again/code/?next=%2Faccount%2Fcoordinator%2F"
    assert not StaffSession.objects.exists()
    client.post(response.headers["Location"], {"code": code(), "next": COORDINATOR})
    client.post(COORDINATOR, {"purpose": "Triage"})
    assert StaffSession.objects.count() == 1


@pytest.mark.parametrize("typed", [{}, {"purpose": "  "}, {"purpose": "a\x00b"}])
def test_without_a_purpose_no_rights_open(client, typed):
    person = coordinator_of_desk()
    give_second_factor(person)
    declared(person)
    walk_in(client, person)
    assert client.post(COORDINATOR, typed).status_code == 422
    assert not StaffSession.objects.exists()


def test_a_coordinator_without_the_rights_sees_what_a_member_sees(client):
    person = coordinator_of_desk()
    sign_in(client, person)
    assert client.get("/desk/sessions/").status_code == 403
    sign_in(client, person, coordinator=True)
    assert client.get("/desk/sessions/").status_code == 200


def test_the_rights_run_out(client):
    sign_in(client, coordinator_of_desk(), coordinator=True)
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        assert client.get("/desk/sessions/").status_code == 403


def test_the_rights_are_for_the_desk(client, member):
    sign_in(client, member)
    assert client.post(COORDINATOR).status_code == 403


# My day --------------------------------------------------------------------


def test_my_day_says_how_to_begin(client):
    person = PersonFactory()
    sign_in(client, person)
    assert "You belong to no team yet" in client.get("/my-day/").content.decode()
    lone = sign_in(Client(), coordinator_of_desk())
    page = lone.get("/my-day/").content.decode()
    assert "Invite a second coordinator" in page
    assert "If nothing is done" in page


def test_newcomers_see_public_pages_only(client, member):
    sign_in_without_second_factor(client, member)
    assert client.get("/").status_code == 200
    assert client.get("/account/").headers["Location"] == "/account/second-factor/"
    assert client.post("/my-day/acting-team/").headers["Location"] == "/account/second-factor/"
