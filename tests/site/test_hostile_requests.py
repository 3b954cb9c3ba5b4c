"""Hostile requests at every door that is open to strangers, and at every page of a member.

Each is made from a right one, or from none: fields, encodings, boundaries, headers, methods.
Whatever comes: an answer that is no failure, in a bounded time, and nothing stored by a refusal.
`bench/hostile_requests.py` sends ten thousand to each door of a real server.
"""

import os
import re
import sys
import time
import traceback
from dataclasses import dataclass
from random import Random

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client, override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests import doors, hostile
from tests.factories import whole_hub
from tests.principals import principal_of, sign_in
from tests.site.test_hostile_input import MAY_CHANGE, digest

from tcert.community.directory.queries import desk_team
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.openpgp import hubkey
from tcert.site.utf8 import content_type

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.long]

MANY = 1500 if os.environ.get("CI") else 300
LONGEST = 10.0
"""So many seconds of processor time one request may take, with its processes (a sealed mailbox has
one for each message): by the clock a busy machine makes fourteen of two."""
WAITS = 60.0
"""And so many by the clock: what waits uses no processor, and must end all the same."""

FINE = {200, 204, 301, 302, 304, 400, 403, 404, 405, 409, 410, 411, 413, 414, 415, 422, 429, 431}
NOT_AS_HEADERS = {"Content-Type", "Cookie", "Transfer-Encoding"}
MAY_CHANGE = MAY_CHANGE | {"intake_keptfile"}  # a file is kept though the text is refused


def worked():
    """Return the processor time of this process and of those that it started, in seconds."""
    return sum(os.times()[:4])


class Hub:
    """A populated hub; each request to it is rolled back, whatever it did."""

    def __init__(self):
        self.whole = whole_hub.populate()
        self.strangers = doors.Strangers.ready(desk_team())
        self.scenes = [scene.values for scene in self.whole.scenes]
        tables = [m._meta.db_table for m in apps.get_models(include_auto_created=True)]
        self.before = {table: digest(table) for table in tables}
        self.crash = ""

    def doors_of(self, principal, client):
        return list(doors.doors(principal, client, self.scenes, self.strangers.fields))

    def remember(self, **_about):
        _kind, error, trace = sys.exc_info()
        frames = traceback.extract_tb(trace)[-5:]
        places = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in frames]
        self.crash = f"{error!r:.300} at {' '.join(places)}"

    def complaints(self, request, cookies):
        """What is wrong with the answer to a request."""
        client = Client(raise_request_exception=False)
        client.cookies.load(cookies)
        headers = {k: v for k, v in request.headers.items() if k not in NOT_AS_HEADERS}
        if "Cookie" in request.headers and not cookies:
            headers["Cookie"] = request.headers["Cookie"]
        written: set[str] = set()

        def watch(execute, sql, *rest):
            written.update(re.findall(r'\A(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', sql))
            return execute(sql, *rest)

        self.crash = ""
        cache.clear()
        began, asked = worked(), time.perf_counter()
        with transaction.atomic():
            with connection.execute_wrapper(watch):
                answer = client.generic(
                    request.method,
                    request.target,
                    request.body,
                    content_type(request.headers.get("Content-Type", "")),
                    headers=headers,
                )
            took, waited = worked() - began, time.perf_counter() - asked
            changed = {t for t in written - MAY_CHANGE if digest(t) != self.before[t]}
            transaction.set_rollback(True)
        if answer.status_code not in FINE:
            yield f"answered {answer.status_code} {self.crash}"
        if answer.status_code >= 400 and changed:
            yield f"refused with {answer.status_code}, but changed {sorted(changed)}"
        if took > LONGEST or waited > WAITS:
            yield f"worked for {took:.1f} s, took {waited:.1f} s"


@pytest.fixture(scope="module")
def hub(django_db_setup, django_db_blocker, tmp_path_factory):
    """Populate it once for this module, inside a transaction that is rolled back at the end."""
    key = tmp_path_factory.mktemp("hub") / "hub-key"
    with (
        django_db_blocker.unblock(),
        override_settings(HUB_KEY_FILE=key, PROOF_OF_WORK_BITS=0),
        transaction.atomic(),
    ):
        hubkey.create()
        found = Hub()
        got_request_exception.connect(found.remember)
        yield found
        got_request_exception.disconnect(found.remember)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def quiet(caplog):
    """A refusal is logged as a warning, and here are thousands of them."""
    caplog.set_level("CRITICAL", "django")


@pytest.fixture(scope="module")
def stranger(hub):
    """Who comes without a cookie."""
    return Visitor(hub, {}, hub.doors_of(ANONYMOUS, Client()))


@pytest.fixture(scope="module", params=[False, True], ids=["representative", "coordinator"])
def member(hub, request):
    """Who signed in, and the doors that are open to nobody else."""
    person = hub.whole.coordinator if request.param else hub.whole.representative
    client = sign_in(Client(), person, coordinator=request.param)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    found = hub.doors_of(principal_of(person, coordinator=request.param), client)
    hub.before |= {table: digest(table) for table in hub.before}
    return Visitor(hub, cookies, found)


@dataclass(repr=False)
class Visitor:
    """Somebody at their doors."""

    hub: Hub
    cookies: dict[str, str]
    doors: list[doors.Door]

    def sends(self, random, found):
        door = random.choice(found)
        request = hostile.Sender(random, door.fields).request(random.choice(door.urls))
        wrong = list(self.hub.complaints(request, self.cookies))
        assert not wrong, f"{request.method} {request.target:.200}: {wrong} {request!r:.3000}"


fuzz = settings(
    max_examples=MANY,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a failure prints its request; to shrink one takes minutes
)
randoms = st.integers(0, 2**63).map(Random)


@fuzz
@given(random=randoms)
def test_no_stranger_breaks_a_door(stranger, random):
    stranger.sends(random, stranger.doors)


@fuzz
@given(random=randoms)
def test_no_stranger_breaks_the_doors_of_reports(stranger, random):
    found = [d for d in stranger.doors if d.route.startswith(("report/", "receipt/"))]
    assert len(found) >= 11
    stranger.sends(random, found)


@fuzz
@given(random=randoms)
def test_no_member_breaks_a_page(member, random):
    member.sends(random, member.doors)
