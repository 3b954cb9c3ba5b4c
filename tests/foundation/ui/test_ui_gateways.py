"""Over the onion service, beside it, and through a gateway that reads everything."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.directory import TeamFactory, member_of
from tests.factories.intake import ready_desk
from tests.principals import sign_in

from tcert.foundation.kernel import onion
from tcert.foundation.kernel.installation import inspect

pytestmark = pytest.mark.django_db

LABEL = "abcdefghijklmnopqrstuvwxyz234567" + "a" * 24
ONION = f"{LABEL}.onion"
CLEAR = "hub.example"
PAGES = ["/report/", "/receipt/", "/"]


@pytest.fixture(autouse=True)
def two_names(settings):
    settings.BASE_URL = f"https://{CLEAR}"
    settings.ONION_HOST = ONION
    settings.ALLOWED_HOSTS = [CLEAR, ONION]
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.CSRF_COOKIE_SECURE = True
    ready_desk()


def asked(path: str, host: str, *, secure: bool = False, **headers: str):
    return Client(headers={"host": host, **headers}).get(path, secure=secure)


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        (ONION, {"x-tor2web": "1"}),
        (ONION, {"x-tor2web": "encrypted"}),
        (f"{LABEL}.onion.ws", {}),
        (f"{LABEL}.onion.to:443", {}),
        (f"{LABEL}.tor2web.org", {}),
        (f"www.{LABEL}.onion.pet", {}),
        ("b" * 56 + ".onion.ly", {}),
    ],
)
def test_through_a_gateway_nothing_can_be_typed(host, headers):
    for path in PAGES:
        page = asked(path, host, **headers)
        html = page.content.decode()
        assert page.status_code == 403
        assert "somebody stands between you and the hub" in html
        assert f"{CLEAR}</b>" in html
        assert f"{ONION}</b>" in html
        for element in ("<form", "<input", "<textarea", "<script"):
            assert element not in html
        assert "script-src" in page["Content-Security-Policy"]
        assert page["Cache-Control"] == "no-store, private"


def test_a_gateway_sends_nothing_either():
    page = Client(headers={"host": ONION, "x-tor2web": "1"}).post("/report/begin")
    assert page.status_code == 403
    assert "somebody stands between" in page.content.decode()


@pytest.mark.parametrize(
    ("host", "secure"), [(ONION, False), (CLEAR, True), (f"{ONION}:80", False)]
)
def test_no_false_alarm_under_the_hubs_own_names(host, secure):
    for path in PAGES:
        page = asked(path, host, secure=secure)
        assert page.status_code == 200
        assert "stands between you and the hub</h1>" not in page.content.decode()


def test_whoever_sends_the_header_to_the_clear_name_alarms_nobody():
    """A header alone must not let anybody show a scare page under the hub's own https name."""
    assert asked("/report/", CLEAR, secure=True, **{"x-tor2web": "1"}).status_code == 200


def test_a_name_that_is_not_ours_is_refused():
    assert asked("/report/", "mirror.example").status_code == 400


def test_tor_browser_is_told_of_the_onion_service_on_the_clear_name_alone():
    page = asked("/report/?a=b", CLEAR, secure=True)
    assert page["Onion-Location"] == f"http://{ONION}/report/?a=b"
    assert "Onion-Location" not in asked("/report/", ONION)
    assert "Onion-Location" not in Client(headers={"host": CLEAR}).post("/report/begin")


def test_without_an_onion_service_nothing_is_told(settings):
    settings.ONION_HOST = ""
    assert "Onion-Location" not in asked("/report/", CLEAR, secure=True)
    assert [f.level for f in inspect(["onion"])] == ["warning"]


@pytest.mark.parametrize("secure", [False, True])
def test_no_browser_is_told_to_ask_for_tls_on_the_onion_name(secure):
    """Also when a proxy says by mistake that the connection was encrypted."""
    assert "Strict-Transport-Security" not in asked("/report/", ONION, secure=secure)
    assert "Strict-Transport-Security" in asked("/report/", CLEAR, secure=True)


def test_the_cookie_against_forged_posts_travels_over_the_onion_service():
    assert not asked("/report/", ONION).cookies["csrftoken"]["secure"]
    assert asked("/report/", CLEAR, secure=True).cookies["csrftoken"]["secure"]


@pytest.mark.parametrize(("host", "offered"), [(ONION, False), (CLEAR, True)])
def test_passkeys_are_offered_where_they_work(host, offered):
    client = Client(headers={"host": host})
    sign_in(client, member_of(TeamFactory()))
    page = client.get(reverse("mfa_index"), secure=offered).content.decode()
    assert ("Add a passkey" in page) is offered
    assert "authenticator app" in page.lower()


def test_the_check_exempts_the_onion_name_from_tls():
    assert [f.level for f in inspect(["onion"])] == ["fine"]
    assert not [f for f in inspect(["tls"]) if "not encrypted" in str(f.message)]


def test_the_page_names_its_names_and_gives_its_script_hashes_of_them():
    """Gateways rewrite onion names in the pages that they pass on."""
    html = asked("/report/", ONION).content.decode()
    assert f'data-names="{onion.fingerprints([CLEAR, ONION])}"' in html
    assert f"{ONION}</b>" in html


def test_a_receipt_names_the_address_that_its_owner_came_by():
    """Who reports over Tor must not be led to the open web by the receipt in their pocket."""
    over_onion = asked("/report/", ONION).content.decode()
    assert f"http://{ONION}/receipt/" in over_onion
    assert f"https://{CLEAR}/receipt/" not in over_onion
    assert f"https://{CLEAR}/receipt/" in asked("/report/", CLEAR, secure=True).content.decode()
