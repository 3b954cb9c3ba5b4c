"""The page of a hub that can store nothing: it keeps what was typed, and no passphrase."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from tests.factories.accounts import PersonFactory
from tests.factories.intake import MARK, answers, ready_desk
from tests.principals import PASSPHRASE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
HERE = {"Origin": "http://localhost:8000"}


@pytest.fixture
def closed():
    """Take writing away from the database itself."""
    takes, gives = {
        "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
        "postgresql": (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        ),
    }[connection.vendor]
    yield lambda: ask(takes)
    ask(gives)


def ask(words):
    with connection.cursor() as cursor:
        cursor.execute(words)


@pytest.fixture
def browser():
    return Client(raise_request_exception=False, SERVER_NAME="localhost")


def sent(browser, headers):
    upload = SimpleUploadedFile("log.txt", b"a log")
    return browser.post("/report/", answers(files=[upload]), headers=headers)


def test_a_passphrase_never_rides_in_the_page(browser, closed, caplog):
    person = PersonFactory()
    closed()
    page = browser.post(
        "/account/sign-in/", {"login": person.email, "password": PASSPHRASE}, headers=HERE
    )
    text = page.content.decode()

    assert (page.status_code, page["Retry-After"]) == (503, "120")
    assert "Nothing of what you sent was stored." in text
    assert PASSPHRASE not in text
    assert person.email not in text
    assert page["Cache-Control"] == "no-store, private" or "no-store" in page["Cache-Control"]
    assert [m for m in caplog.messages if person.email in m or "Traceback" in m] == []
    assert "takes no writing" in " ".join(caplog.messages)


def test_what_another_site_sends_is_not_put_into_the_page(browser, closed, caplog):
    ready_desk()
    closed()
    ours, foreign = sent(browser, HERE), sent(browser, {"Origin": "https://elsewhere.example"})
    assert (ours.status_code, foreign.status_code) == (503, 503)
    assert MARK in ours.content.decode()
    assert "What you typed is still here" in ours.content.decode()
    assert "must be attached again" in ours.content.decode()
    assert MARK not in foreign.content.decode()
    assert caplog.messages == [], "a stranger's hour is nobody's business"
