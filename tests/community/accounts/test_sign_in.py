"""Signing in: passphrase, second factor, replays, limits, sign-out."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from tests.factories.accounts import PersonFactory
from tests.factories.directory import TeamFactory, member_of
from tests.principals import PASSPHRASE, TOTP_SECRET, give_second_factor, sign_in

from tcert.community.accounts.models import BrowserSession, Person
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shared import SharedValue

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/sign-in/"
FACTOR = "/account/sign-in/second-factor/"


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def member() -> Person:
    return member_of(TeamFactory())


def code(offset: int = 0) -> str:
    """Return the app's code, `offset` steps of 30 seconds from now."""
    counter = int(time.time()) // 30 + offset
    return totp.format_hotp_value(totp.hotp_value(TOTP_SECRET, counter))


def give_passphrase(client, person, passphrase=PASSPHRASE, **extra):
    return client.post(SIGN_IN, {"login": person.email, "password": passphrase}, **extra)


def walk_in(client, person, offset=0):
    assert give_passphrase(client, person).headers["Location"] == FACTOR
    return client.post(FACTOR, {"code": code(offset)})


def test_passphrase_and_code_lead_to_my_day(client, member):
    give_second_factor(member)
    assert walk_in(client, member).headers["Location"] == "/my-day/"
    assert client.get("/my-day/").status_code == 200
    assert AuditRecord.objects.filter(act="accounts:sign-in", object_id=member.id).count() == 1


def test_the_passphrase_alone_opens_nothing(client, member):
    give_second_factor(member)
    give_passphrase(client, member)
    assert client.get("/my-day/").headers["Location"].startswith(SIGN_IN)


@pytest.mark.parametrize("typed", ["000000", "", "x" * 500, "０００００0", "\x00", "1 2 3"])
def test_a_wrong_code_is_refused_with_a_message(client, member, typed):
    give_second_factor(member)
    give_passphrase(client, member)
    response = client.post(FACTOR, {"code": typed})
    assert response.status_code == 200
    assert "error" in response.content.decode()
    assert client.get("/my-day/").status_code == 302


def test_a_code_counts_once_even_where_the_process_forgot_it(client, member):
    give_second_factor(member)
    walk_in(client, member)
    cache.clear()  # another process, or the same after a restart
    elsewhere = Client()
    response = walk_in(elsewhere, member)
    assert "was used already" in response.content.decode()
    assert elsewhere.get("/my-day/").status_code == 302


def test_an_older_code_does_not_count_after_a_newer(client, member):
    give_second_factor(member)
    assert walk_in(client, member, offset=1).status_code == 302
    assert walk_in(Client(), member, offset=0).status_code == 200


def test_a_recovery_code_counts_once(client, member):
    give_second_factor(member)
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    codes = RecoveryCodes.activate(member).generate_codes()
    give_passphrase(client, member)
    assert client.post(FACTOR, {"code": codes[3]}).headers["Location"] == "/my-day/"
    elsewhere = Client()
    give_passphrase(elsewhere, member)
    assert elsewhere.post(FACTOR, {"code": codes[3]}).status_code == 200


def test_unknown_address_and_wrong_passphrase_read_the_same(client, member):
    wrong = give_passphrase(client, member, "not the passphrase").content.decode()
    nobody = Person(email="nobody@operator.example")
    unknown = give_passphrase(Client(), nobody, "not the passphrase").content.decode()
    sentence = "The e-mail address or the passphrase is not right."
    assert sentence in wrong
    assert sentence in unknown


def test_a_closed_account_does_not_open(client):
    person = PersonFactory(is_active=False)
    response = give_passphrase(client, person)
    assert response.headers["Location"] == "/account/closed/"
    assert client.get("/account/closed/").status_code == 200
    assert client.get("/my-day/").status_code == 302


def test_attempts_are_limited_per_account_and_nobody_else_is_held_up(member):
    give_second_factor(member)
    other = member_of(TeamFactory())
    give_second_factor(other)
    attacker = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(5):
        give_passphrase(attacker, member, "guess guess guess")
    held = give_passphrase(attacker, member)
    assert "Too many attempts" in held.content.decode()
    assert walk_in(Client(REMOTE_ADDR="198.51.100.7"), member).status_code == 302
    assert walk_in(Client(REMOTE_ADDR="203.0.113.9"), other).status_code == 302


def test_behind_a_shared_address_a_known_browser_stays_open(member):
    give_second_factor(member)
    known = Client(REMOTE_ADDR="127.0.0.1")
    walk_in(known, member)
    known.post("/account/sign-out/")
    stranger = Client(REMOTE_ADDR="127.0.0.1")
    for _ in range(6):
        give_passphrase(stranger, member, "guess guess guess")
    assert "Too many attempts" in give_passphrase(stranger, member).content.decode()
    assert walk_in(known, member, offset=1).status_code == 302


def test_the_mark_of_a_known_browser_serves_its_own_person_only(member):
    give_second_factor(member)
    other = member_of(TeamFactory())
    known = Client()
    walk_in(known, member)
    known.post("/account/sign-out/")
    for _ in range(5):
        give_passphrase(Client(), other, "guess guess guess")
    assert "Too many attempts" in give_passphrase(known, other).content.decode()


def test_no_address_and_no_browser_name_reaches_session_cache_or_mail(member, caplog):
    give_second_factor(member)
    client = Client(REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="Tell-Tale/7.0")
    give_passphrase(client, member, "wrong wrong wrong")
    walk_in(client, member)
    client.get("/account/passphrase/")
    kept = repr(list(SharedValue.objects.values_list("key", "value"))) + caplog.text
    for row in BrowserSession.objects.all():
        kept += row.data
    for mail in Mail.objects.all():
        kept += str(mail.entity)
    assert "203.0.113.77" not in kept
    assert "Tell-Tale" not in kept
    assert SharedValue.objects.count() > 3  # what would have held them is there


def test_sign_out_needs_a_post_with_proof_of_origin(member):
    client = Client(enforce_csrf_checks=True)
    sign_in(client, member)
    assert client.get("/account/sign-out/").status_code == 200
    response = client.post("/account/sign-out/", headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == 403
    assert client.get("/my-day/").status_code == 200


def test_sign_out_ends_the_session(client, member):
    sign_in(client, member)
    client.post("/account/sign-out/")
    assert client.get("/my-day/").status_code == 302
    assert not BrowserSession.objects.filter(person=member).exists()


def test_signing_in_changes_the_cookie(client, member):
    give_second_factor(member)
    give_passphrase(client, member)
    before = client.cookies["hub"].value
    client.post(FACTOR, {"code": code()})
    assert client.cookies["hub"].value != before
    assert not BrowserSession.objects.filter(person=None).exists()


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1"]
)
def test_the_way_back_leads_nowhere_else(client, member, target):
    give_second_factor(member)
    client.post(f"{SIGN_IN}?next={target}", {"login": member.email, "password": PASSPHRASE})
    response = client.post(FACTOR, {"code": code(1)})
    assert response.headers["Location"] == "/my-day/"


@pytest.mark.parametrize("way", ["https://[::1", "//[", "http://[::1]x/", "https://]"])
def test_a_way_back_that_cannot_be_read_breaks_nothing(client, member, way):
    """The library reads it while it renders the page, and failed."""
    assert client.get("/account/sign-in/", {"next": way}).status_code == 200
    wrong = {"login": member.email, "password": "wrong", "next": way}
    assert client.post("/account/sign-in/", wrong).status_code == 200


def test_the_secret_of_the_app_is_guarded_in_the_database(member):
    factor = give_second_factor(member)
    stored = str(Authenticator.objects.filter(pk=factor.pk).values_list("data", flat=True).get())
    assert TOTP_SECRET not in stored
    assert totp.decrypt(factor.data["secret"]) == TOTP_SECRET


def test_a_refused_sign_in_is_logged_alike_for_every_address_and_names_none(client, member, caplog):
    """The log shows that somebody tries passphrases; it is no list of who has an account."""
    give_second_factor(member)
    for email in (member.email, "nobody@tcert.example"):
        client.post(SIGN_IN, {"login": email, "password": "wrong wrong wrong"})
    lines = [r.getMessage() for r in caplog.records if r.name.endswith("accounts.adapters")]
    assert len(lines) == 2
    assert {line.rpartition(" ")[0] for line in lines} == {"sign-in refused: account"}
    assert lines[0] != lines[1]
    assert "@" not in caplog.text
    assert "wrong wrong" not in caplog.text
    caplog.clear()
    for _attempt in range(6):
        client.post(SIGN_IN, {"login": member.email, "password": "wrong wrong wrong"})
    assert "sign-in held back, too many attempts: account" in caplog.text


def test_the_mark_of_a_known_browser_is_for_tls_and_the_pages_of_sign_in(client, member, settings):
    settings.SESSION_COOKIE_SECURE = True
    give_second_factor(member)
    secure = {"secure": True}
    client.post(SIGN_IN, {"login": member.email, "password": PASSPHRASE}, **secure)
    client.post(FACTOR, {"code": code()}, **secure)
    mark = client.cookies["__Secure-known"]
    assert (mark["secure"], mark["httponly"], mark["samesite"]) == (True, True, "Lax")
    assert mark["path"] == "/account/"


def test_over_the_onion_service_the_mark_needs_no_tls(client, member, settings):
    settings.SESSION_COOKIE_SECURE = True
    settings.ALLOWED_HOSTS = [f"{'a' * 56}.onion"]
    give_second_factor(member)
    onion = {"headers": {"host": settings.ALLOWED_HOSTS[0]}}
    client.post(SIGN_IN, {"login": member.email, "password": PASSPHRASE}, **onion)
    client.post(FACTOR, {"code": code()}, **onion)
    assert not client.cookies["known"]["secure"]
