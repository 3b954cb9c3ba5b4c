"""What the settings make of the environment, and what every answer carries because of them."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as present
from django.urls import reverse
from tests.factories.accounts import PersonFactory
from tests.factories.directory import TeamFactory, member_of
from tests.principals import sign_in

from tcert.community.accounts import limits

COOKIES = [
    f"{kind}_COOKIE_{what}"
    for kind in ("SESSION", "CSRF")
    for what in ("NAME", "SECURE", "HTTPONLY", "SAMESITE")
]
NAMES = [*COOKIES, "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "MESSAGE_STORAGE"]
YEAR = 31_536_000


def made_of(tmp_path, **environment: str) -> dict:
    """Return the hub's settings under an environment, as a process of its own reads them."""
    program = (
        "import json; from tcert.site import settings as s; "
        f"print(json.dumps({{n: getattr(s, n) for n in {NAMES!r}}}"
        " | {'database': {**s.DATABASES['default'], 'NAME': ''}}))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TCERT_")}
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**kept, "TCERT_DATA": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout)


def test_behind_tls_a_cookie_belongs_to_this_host_alone_and_no_script_reads_it(tmp_path):
    made = made_of(tmp_path, TCERT_BASE_URL="https://hub.example")
    for kind in ("SESSION", "CSRF"):
        assert made[f"{kind}_COOKIE_NAME"].startswith("__Host-")
        assert made[f"{kind}_COOKIE_SECURE"] is True
        assert made[f"{kind}_COOKIE_HTTPONLY"] is True
    assert (made["SESSION_COOKIE_SAMESITE"], made["CSRF_COOKIE_SAMESITE"]) == ("Lax", "Strict")
    assert (made["SECURE_HSTS_SECONDS"], made["SECURE_HSTS_INCLUDE_SUBDOMAINS"]) == (YEAR, True)
    assert "session" in made["MESSAGE_STORAGE"]


def test_an_onion_address_has_no_tls_to_insist_on(tmp_path):
    made = made_of(tmp_path, TCERT_BASE_URL=f"http://{'a' * 56}.onion")
    assert made["SECURE_HSTS_SECONDS"] == 0
    assert made["SESSION_COOKIE_NAME"] == "hub"
    assert made["SESSION_COOKIE_SECURE"] is False


def test_cookies_of_a_hub_that_is_an_onion_service_too_are_taken_at_both(tmp_path):
    both = {"TCERT_BASE_URL": "https://hub.example", "TCERT_ONION_HOST": f"{'a' * 56}.onion"}
    made = made_of(tmp_path, **both)
    assert made["SESSION_COOKIE_NAME"] == "hub"
    assert made["SESSION_COOKIE_SECURE"] is True


def test_the_neighbours_of_a_hub_may_be_left_alone(tmp_path):
    made = made_of(tmp_path, TCERT_BASE_URL="https://example.org", TCERT_HSTS_SUBDOMAINS="0")
    assert (made["SECURE_HSTS_SECONDS"], made["SECURE_HSTS_INCLUDE_SUBDOMAINS"]) == (YEAR, False)


def test_the_address_of_a_database_may_say_how_its_certificate_is_checked(tmp_path):
    url = "postgresql://hub@db.example/hub?sslmode=verify-full&sslrootcert=/etc/ca.pem&evil=1"
    options = made_of(tmp_path, TCERT_DATABASE=url)["database"]["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    assert options["sslrootcert"] == "/etc/ca.pem"
    assert "evil" not in options


@pytest.mark.slow
@pytest.mark.parametrize(
    ("unsafe", "named"),
    [
        ({"TCERT_DEBUG": "1"}, "TCERT_DEBUG"),
        ({"TCERT_DEMO": "1"}, "TCERT_DEMO"),
        ({"TCERT_BASE_URL": "http://hub.example"}, "TCERT_BASE_URL"),
    ],
)
def test_production_refuses_debug_demonstration_and_clear_text(tmp_path, unsafe, named):
    safe = {"TCERT_PRODUCTION": "1", "TCERT_BASE_URL": "https://hub.example"}
    with pytest.raises(subprocess.CalledProcessError) as refused:
        made_of(tmp_path, **(safe | unsafe))
    assert f"ImproperlyConfigured: {named}" in refused.value.stderr
    assert made_of(tmp_path, **safe)["SESSION_COOKIE_SECURE"] is True


@pytest.fixture
def behind_tls(settings):
    settings.SECURE_HSTS_SECONDS = YEAR
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True


ADDRESSES = [
    "/",
    "/account/sign-in/",
    "/report/",
    "/healthz",
    "/about/what-we-see",
    "/no/such/page/",
    "/my-day/",
    "/advisories/feed.atom",
    "/static/ui/hub.css",
    "/static/ui/hub.js",
]


@pytest.mark.django_db
@pytest.mark.usefixtures("behind_tls")
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_headers_that_protect_its_reader(client, address):
    answer = client.get(address, secure=True)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Strict-Transport-Security"] == f"max-age={YEAR}; includeSubDomains"
    kind = answer.headers.get("Content-Type", "")
    assert not kind.startswith("text/") or "charset=" in kind


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE", "PROPFIND"])
def test_a_method_that_no_page_has_is_refused_everywhere(client, method, caplog):
    for address in ("/", "/report/", "/healthz", "/advisories/feed.atom"):
        answer = client.generic(method, address, headers={"X-Secret": "in-the-request"})
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD, POST"
        assert b"in-the-request" not in answer.content
        assert "Content-Security-Policy" in answer.headers
    assert caplog.text == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/.git/config",
        "/.env",
        "/static/",
        "/static/ui/",
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static//etc/passwd",
        "/sealed/",
        "/files/",
        "/keys/secret-key",
        "/hub.sqlite3",
    ],
)
def test_nothing_of_the_machine_is_served(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_what_a_visitor_says_for_a_proxy_is_not_believed(client, rf, settings):
    """Without a proxy set up, anybody could name an address or call clear text TLS."""
    settings.SECURE_HSTS_SECONDS = YEAR
    answer = client.get("/", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in answer.headers
    said = {"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7"}
    plain = rf.get("/account/sign-in/", REMOTE_ADDR="203.0.113.9")
    lying = rf.get("/account/sign-in/", REMOTE_ADDR="203.0.113.9", headers=said)
    assert limits.keyed_address(lying) == limits.keyed_address(plain) != ""


@pytest.mark.django_db
def test_behind_a_proxy_only_what_the_proxy_itself_added_counts(rf, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    at = {"path": "/account/sign-in/", "REMOTE_ADDR": "127.0.0.1"}
    told = rf.get(**at, headers={"X-Forwarded-For": "203.0.113.9"})
    lying = rf.get(**at, headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})
    assert limits.keyed_address(lying) == limits.keyed_address(told) != ""


@pytest.mark.django_db
def test_a_page_that_is_not_for_everybody_names_no_other_origin(client):
    sign_in(client, member_of(TeamFactory()))
    for address in ("/my-day/", "/report/", "/account/", "/static/ui/hub.js"):
        asked = client.get(address, headers={"Origin": "https://elsewhere.example"})
        assert asked.status_code == 200
        assert not [name for name in asked.headers if name.startswith("Access-Control-")]


@pytest.mark.django_db
def test_a_field_of_a_form_is_not_read_from_the_address(client):
    person = member_of(TeamFactory())
    sign_in(client, person)
    before = person.name
    account = reverse("accounts:account")
    client.post(f"{account}?name=Mallory", {"timezone": "UTC", "dates": person.dates})
    client.post(f"{account}?name=Mallory", {"name": "Ada", "timezone": "UTC", "dates": "en-gb"})
    person.refresh_from_db()
    assert before != person.name == "Ada"


@pytest.mark.django_db
def test_pages_of_members_are_kept_by_no_browser_and_no_proxy(client):
    sign_in(client, member_of(TeamFactory()))
    answer = client.get("/my-day/")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_what_a_person_is_told_after_an_act_travels_in_no_cookie(client):
    person = member_of(TeamFactory())
    sign_in(client, person)
    answer = client.post(
        reverse("accounts:account"), {"name": "Ada", "timezone": "UTC", "dates": person.dates}
    )
    assert answer.status_code == 302
    assert set(client.cookies) <= {present.SESSION_COOKIE_NAME, present.CSRF_COOKIE_NAME}
    assert "Saved." in client.get(reverse("accounts:account")).content.decode()


@pytest.mark.django_db
def test_a_refusal_is_logged_with_who_was_refused_what(client, caplog):
    person = PersonFactory()
    sign_in(client, person)
    assert client.get(reverse("site:health")).status_code == 403
    lines = [r.getMessage() for r in caplog.records if r.name == "tcert.foundation.ui.errors"]
    assert len(lines) == 1
    assert str(person.id) in lines[0]
    assert person.email not in caplog.text
    assert person.name not in lines[0]
