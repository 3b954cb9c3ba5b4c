"""Hostile input at every address of a full hub: a clear message, nothing half-done or lost.

Every page is read by those who may read it; every form on it is sent again with one field wrong;
and every address gets queries and bodies that no browser sends. What a request changed is rolled
back before the next. Of the pairs of field and value one in `EVERY` is tried, a different one in
each form; `TCERT_TEST_HOSTILE_EVERY=1` tries all of them, in a quarter of an hour.
"""

import hashlib
import os
import re
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client, override_settings
from tests.factories import whole_hub
from tests.principals import principal_of, sign_in
from tests.site.test_walk import ADDRESSES

from tcert.foundation.kernel import access
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS, Principal
from tcert.foundation.openpgp import hubkey
from tcert.response.advisories import steps

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.long,
]

EVERY = int(os.environ.get("TCERT_TEST_HOSTILE_EVERY", "17"))
FEWEST_PAGES, FEWEST_FORMS = 100, 80
"""So many pages and forms are reached at least: an empty walk would prove nothing."""

MARK = "h0st1le"
HOSTILE = f'"><script>{MARK}</script>[x](javascript:{MARK}) {{{{ 4242424*3 }}}}{{% now "Y" %}}'
UNESCAPED = re.compile(rf'<script>{MARK}|href="\s*javascript:{MARK}|12727272')
VALUES: dict[str, list[str] | None] = {
    "missing": None,
    "empty": [""],
    "blank": [" \t\r\n "],
    "hostile": [HOSTILE],
    "long": ["Ä" * 100_000],
    "NUL": ["nul\x00nul"],
    "control": ["bell\x07\x1b[31m\x85"],
    "turned": ["a\u202egpj.exe\u2066"],
    "astral": ["\U0001f9ff\ufffe" * 9],
    "path": ["../../../etc/passwd"],
    "zero": ["0"],
    "other number": ["77"],
    "negative": ["-1"],
    "huge": ["9" * 400],
    "exponent": ["1e999"],
    "digits": ["٣٤"],
    "foreign": ["00000000-0000-4000-8000-000000000000"],
    "last day": ["9999-12-31"],
    "first day": ["0001-01-01"],
    "last hour": ["9999-12-31T23:59"],
    "first hour": ["0001-01-01T00:00"],
    "skipped hour": ["2027-03-28T02:30"],
    "twice": [HOSTILE, "1"],
}
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
NAMED = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n\xff\r\n--b--\r\n'
BODIES = (
    (b"\xff\xfe\xed\xa0\x80=\xc0\x80&%ED%A0%80=%FF", FORM),
    (b"a=1&" * 2_100, FORM),
    (b"a=" + b"x" * 3_000_000, FORM),
    (b"[" * 100_000, "application/json"),
    (b'[1, {"a": 1e999}, "\\ud800"]', "application/json"),
    (b'{"certificate": [], "version": 1' + b"0" * 5_000 + b"}", "application/json"),
    (b"\xed\xa0\x80", "application/json"),
    (b"--b\r\n", PARTS),
    (b"", "multipart/form-data"),
    (b"x", "multipart/form-data; boundary=" + "b" * 300),
    (NAMED % (b"\xff\xed\xa0\x80", b"\xed\xa0\x80"), PARTS),
    (NAMED % (b"file", b"../../" + b"x" * 5_000), PARTS),
    (NAMED % (b"sealed", "a\u202egpj.exe\x00".encode()), PARTS),
)
QUERIES = (
    {"page": "-1", "q": "\x00", "sort": "password", "year": "9" * 400, "since": "0001-01-01"},
    {"page": "9" * 5_000, "q": HOSTILE, "object": "x", "since": "9999-12-31", "thread": HOSTILE},
    {"page": "٣", "q": "Ä" * 20_000, "flaw": HOSTILE, "person": HOSTILE, "next": "//evil.example"},
    {"page": ["1", "x"], "q": ["a", b"\xed\xa0\x80"], "state": "' OR 1=1", "kind": "\x07"},
)
FINE = {200, 302, 400, 403, 404, 405, 409, 413, 415, 422, 429}
IN_ITS_FORM = {400, 409, 422}
NOT_TYPED = {"hidden", "password", "file", "submit"}
CHOSEN = {"checkbox", "radio", "select"}
PLAIN = {
    "date": "2027-05-04",
    "datetime-local": "2027-05-04T10:00",
    "email": "somebody@vendor.example",
    "number": "7",
    "password": "granite otter waltz 91",
    "time": "10:00",
    "url": "https://vendor.example/",
}
UNTYPABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe]")
MAY_CHANGE = {
    "accounts_browsersession",  # the sign-in itself
    "kernel_sharedvalue",  # an attempt at signing in is counted
    "kernel_spending",  # an attempt counts against its budget
    "kernel_auditrecord",  # and is recorded where it matters
}
MAY_CHANGE_AT = {("/join/mine/", "/mail/"): {"joining_application"}}  # a wrong code counts there


@dataclass
class Form:
    """A form as it stands on a page: what a browser would send, field by field."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    unticked: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def sent(self, button: tuple[str, str] | None, typed: dict[str, str]) -> dict[str, Any]:
        """Type plain words where nothing stands, and tick every box but those that delete."""
        found: dict[str, Any] = {}
        for name, values in self.fields.items():
            kind = self.types[name]
            if kind == "file":
                found[name] = SimpleUploadedFile("key.asc", b"not a key")
            elif name in typed:
                found[name] = [typed[name]]
            elif name in self.unticked and not values:
                ticked = [] if name.endswith("-DELETE") else [self.unticked[name]]
                found |= {name: ticked} if ticked else {}
            else:
                found[name] = values if any(values) else [PLAIN.get(kind, "Plain words")]
        return {**found, button[0]: [button[1]]} if button else found


class Page(HTMLParser):
    """The forms of a page that are posted, and every value and text that it shows."""

    def __init__(self, html: str, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.shown: dict[str, list[str]] = {}
        self.text = ""
        self._form: Form | None = None
        self._open = ("", "")
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attributes}
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "form":
            self._form = Form(urljoin(self.url, given.get("action", "")))
            if given.get("method", "").lower() == "post":
                self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "option" and self._open[0] == "select":
            self._choose(self._form.fields[self._open[1]], given)
        elif tag == "button" and name:
            self._form.buttons.append((name, given.get("value", "")))
        elif tag in {"textarea", "select"}:
            self._open = (tag, name)
            self._add(name, tag, [""] if tag == "textarea" else [])
        elif tag == "input" and name and kind in CHOSEN:
            on = "checked" in given or (kind == "radio" and not self._form.fields.get(name))
            value = given.get("value", "on")
            self._form.unticked.setdefault(name, value)
            self._add(name, kind, [value] if on else [])
        elif tag == "input" and name:
            self._add(name, kind, [given.get("value", "")])

    def _choose(self, values: list[str], given: dict[str, str]) -> None:
        """Take the option that is selected, else the first that is not empty."""
        value = given.get("value", "")
        if "selected" in given or (value and not any(values)):
            values[:] = [value]
            self.shown.setdefault(self._open[1], []).append(value)

    def _add(self, name: str, kind: str, values: list[str]) -> None:
        assert self._form is not None
        self._form.types.setdefault(name, kind)
        self._form.fields.setdefault(name, []).extend(values)
        self.shown.setdefault(name, []).extend(values)

    def handle_data(self, data: str) -> None:
        if self._open[0] == "textarea" and self._form is not None:
            for held in (self._form.fields[self._open[1]], self.shown[self._open[1]]):
                held[-1] += data
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open[0]:
            self._open = ("", "")
        if tag == "form":
            self._form = None


def fill(route: str, scene: dict[str, object]) -> str | None:
    """Fill an address with the things of a scene; None where it names something else."""
    filled, last = "/", 0
    for match in re.finditer(r"<(?:(\w+):)?(\w+)>", route):
        kind, name = match[1] or "str", match[2]
        segment = route[: match.start()].rstrip("/").rsplit("/", 1)[-1]
        keys = (f"{segment}/{name}", f"{kind}/{name}", name)
        value = next((scene[key] for key in keys if key in scene), None)
        if value is None:
            return None
        filled, last = f"{filled}{route[last : match.start()]}{value}", match.end()
    return filled + route[last:]


@dataclass
class Hub:
    """The populated hub, the cookies of each kind of visitor, and the pages that each may read."""

    whole: whole_hub.WholeHub
    cookies: dict[str, dict[str, str]]
    principals: dict[str, Principal]
    before: dict[str, str]
    crash: str = ""
    pages: list[tuple[str, str, str, dict[str, str], Any]] = field(default_factory=list)

    def addresses(self) -> Iterator[tuple[str, str, dict[str, str], Permission]]:
        """Yield every route with each address, what confirms an act there, and who may ask."""
        for route, entry in ADDRESSES:
            seen = set()
            for scene in self.whole.scenes:
                editor = [{"slug/name": name} for name in steps.NAMES]
                for step in editor if "<slug:name>" in route and not seen else [{}]:
                    url = fill(route, {**scene.values, **step})
                    if url and url not in seen:
                        yield route, url, scene.typed, access.declared(entry.callback)
                        seen.add(url)

    def read_all(self) -> None:
        """Let everybody read every page; the second coordinator, who wrote them, only the texts."""
        for route, url, typed, permission in self.addresses():
            for who, principal in self.principals.items():
                if not access.allowed(principal, permission):
                    continue  # what becomes of them is in test_walk.py
                if who == "second" and not route.startswith("advisories/texts/<"):
                    continue
                self.pages.append((who, route, url, typed, self.ask(who, "get", url)))

    def ask(self, who: str, method: str, url: str, data: Any = None, **options: Any) -> Any:
        """Send one request and roll back what it did.

        The answer says which tables it changed, and holds the page to which it leads.
        """
        client = Client(raise_request_exception=False)
        client.cookies.load(self.cookies[who])
        written: set[str] = set()

        def watch(execute: Any, sql: str, *rest: Any) -> Any:
            written.update(re.findall(r'\A(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', sql))
            return execute(sql, *rest)

        self.crash = ""
        cache.clear()
        with transaction.atomic():
            with connection.execute_wrapper(watch):
                answer = getattr(client, method)(url, data, **options)
            answer.crash = self.crash
            watched = written - MAY_CHANGE
            for (beginning, end), tables in MAY_CHANGE_AT.items():
                if url.startswith(beginning) and url.endswith(end):
                    watched -= tables
            answer.changed = {t for t in watched if digest(t) != self.before[t]}
            there = urlsplit(answer.headers.get("Location", ""))
            leads = answer.status_code == 302 and method == "post" and not there.netloc
            answer.after = client.get(answer.headers["Location"]) if leads else None
            transaction.set_rollback(True)
        return answer


def digest(table: str) -> str:
    """Return a digest of all rows of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a table of our own models
        rows = sorted(repr(row) for row in cursor.fetchall())
    return hashlib.sha256("".join(rows).encode()).hexdigest()


@pytest.fixture(scope="module")
def hub(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Hub]:
    """Populate it once for this module, inside a transaction that is rolled back at the end."""
    key = tmp_path_factory.mktemp("hub") / "hub-key"
    with (
        django_db_blocker.unblock(),
        override_settings(HUB_KEY_FILE=key),
        transaction.atomic(),
    ):
        hubkey.create()
        whole = whole_hub.populate()
        signed_in = {
            "stranger": Client(),
            "representative": sign_in(Client(), whole.representative),
            "coordinator": sign_in(Client(), whole.coordinator, coordinator=True),
            "second": sign_in(Client(), whole.second, coordinator=True),
        }
        cookies = {who: {k: m.value for k, m in c.cookies.items()} for who, c in signed_in.items()}
        principals = {
            "stranger": ANONYMOUS,
            "representative": principal_of(whole.representative),
            "coordinator": principal_of(whole.coordinator, coordinator=True),
            "second": principal_of(whole.second, coordinator=True),
        }
        tables = [m._meta.db_table for m in apps.get_models(include_auto_created=True)]
        found = Hub(whole, cookies, principals, {table: digest(table) for table in tables})

        def remember(**_about: object) -> None:
            _kind, error, trace = sys.exc_info()
            frames = traceback.extract_tb(trace)
            places = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in frames[-6:]]
            found.crash = f"{error!r:.200} at {' '.join(places)}"

        got_request_exception.connect(remember)
        found.read_all()
        yield found
        got_request_exception.disconnect(remember)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """A refusal is logged as a warning, and here are thousands of them."""
    caplog.set_level("CRITICAL", "django")


def complaints(answer: Any) -> list[str]:
    """Say what is wrong with an answer to hostile input, whatever the input was."""
    wrong = []
    for response in filter(None, (answer, answer.after)):
        if response.status_code not in FINE:
            wrong.append(f"answered {response.status_code} {answer.crash}")
        if is_html(response) and (bad := UNESCAPED.search(response.content.decode())):
            wrong.append(f"sent back unescaped: {bad[0]}")
    if is_refused(answer) and answer.changed:
        wrong.append(f"refused with {answer.status_code}, but changed {sorted(answer.changed)}")
    return wrong


def is_html(response: Any) -> bool:
    """Tell whether a browser would read the answer as a page."""
    return response.headers.get("Content-Type", "").startswith("text/html")


def is_refused(answer: Any) -> bool:
    """Tell whether an act was refused: by its status, or in words on the page that follows."""
    if answer.status_code >= 400:
        return True
    return answer.after is not None and b"notice bad" in answer.after.content


def silence(form: Form, sent: dict[str, Any], answer: Any, attacked: str) -> list[str]:
    """Say where a refused form does not say why, or does not show again what was typed."""
    if answer.status_code == 302:
        return ["refused on another page: what was typed is gone"] if is_refused(answer) else []
    if answer.status_code not in IN_ITS_FORM or not is_html(answer):
        return []
    html = answer.content.decode()
    wrong = []
    if 'role="alert"' not in html and 'class="error"' not in html and "<h1" not in html:
        wrong.append(f"refused with {answer.status_code} without a word")
    if form.types.get(attacked) == "hidden" and answer.status_code != 409:
        return wrong  # a browser sends it as it came: whoever changes it is nobody who types
    page = Page(html, form.action)
    text = words(page.text)
    for name, values in sent.items():
        kind = form.types.get(name, "submit")
        if kind in NOT_TYPED or (name == attacked and kind in CHOSEN):
            continue
        typed = words(str(values[-1]) if values else "")
        again = {words(value) for value in page.shown.get(name, ())}
        if typed and not UNTYPABLE.search(typed) and typed not in again and typed not in text:
            wrong.append(f"refused with {answer.status_code}, and {name} is lost")
    return wrong


def words(text: str) -> str:
    """Return a text without regard to white space."""
    return " ".join(text.split())


def test_every_page_opens_with_whatever_stands_behind_its_question_mark(hub: Hub) -> None:
    wrong, asked = [], set()
    for who, route, url, _typed, first in hub.pages:
        wrong += [f"{who} GET {url}: {c}" for c in complaints(first)]
        if first.status_code == 200 and route not in asked:
            asked.add(route)
            for query in QUERIES[len(asked) % 2 :: 2]:
                answer = hub.ask(who, "get", url, query)
                wrong += [f"{who} GET {url} {sorted(query)}: {c}" for c in complaints(answer)]
    assert len(asked) >= FEWEST_PAGES
    assert not wrong, "\n".join(wrong)


def test_every_address_refuses_what_no_browser_sends(hub: Hub) -> None:
    wrong, sent = [], set()
    for who, route, url, _typed, first in hub.pages:
        if route in sent or first.status_code in {302, 403, 404}:
            continue
        by_script = route.startswith(("report/", "receipt/", "account/vault/"))
        for body, kind in BODIES if by_script else BODIES[len(sent) % 3 :: 3]:
            answer = hub.ask(who, "post", url, body, content_type=kind)
            if answer.status_code in {403, 404, 405} or "/sign-in/" in str(answer.after):
                break
            sent.add(route)
            wrong += [f"{who} POST {url} {body[:30]!r} {kind}: {c}" for c in complaints(answer)]
    assert not wrong, "\n".join(wrong)


def forms_of(hub: Hub) -> Iterator[tuple[str, Form, dict[str, str]]]:
    """Yield each form of the hub once, with who may send it and what confirms it."""
    seen = set()
    for who, _route, url, typed, first in hub.pages:
        if first.status_code != 200 or not is_html(first):
            continue
        for form in Page(first.content.decode(), url).forms:
            path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "_", urlsplit(form.action).path)
            names = frozenset(re.sub(r"\d+", "_", name) for name in form.fields)
            if (path, names, *form.buttons) not in seen:
                seen.add((path, names, *form.buttons))
                yield who, form, typed


@pytest.mark.both_databases
def test_every_form_says_why_and_keeps_what_was_typed(hub: Hub) -> None:
    wrong, turn, forms = [], count(), 0
    for who, form, typed in forms_of(hub):
        forms += 1
        for button in form.buttons[forms % max(1, len(form.buttons)) :][:1] or [None]:
            whole = form.sent(button, typed)
            for name in sorted(form.fields.keys() - {"csrfmiddlewaretoken"}):
                for label, value in VALUES.items():
                    if next(turn) % EVERY:
                        continue
                    sent = {k: v for k, v in whole.items() if k != name}
                    sent |= {name: value} if value is not None else {}
                    answer = hub.ask(who, "post", form.action, sent)
                    found = [*complaints(answer), *silence(form, sent, answer, name)]
                    wrong += [f"{who} {form.action} {button} {name} {label}: {c}" for c in found]
    assert forms >= FEWEST_FORMS
    assert not wrong, "\n".join(wrong)
