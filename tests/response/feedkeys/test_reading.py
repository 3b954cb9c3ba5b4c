"""Who reads what is TLP:GREEN: each kind of reader at each address, by session and by key.

A key counts only while its owner is a member, opens nothing else, and stands in no address, log
or cache; nothing of TLP:GREEN is in any file for everybody.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.factories import advisories as made
from tests.factories.accounts import PersonFactory
from tests.factories.desk import confirmed
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.feedkeys import basic, key_of
from tests.gnupg import gnupg_home
from tests.principals import (
    give_second_factor,
    principal_of,
    sign_in,
    sign_in_without_second_factor,
)
from tests.response.feedkeys.conftest import SECRET_WORDS

from tcert.community.accounts.domain import people as accounts
from tcert.community.directory.domain import people as places
from tcert.community.directory.domain import teams
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.limits import Spending
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp import hubkey
from tcert.response.advisories.conformance import shapes
from tcert.response.advisories.models import Release
from tcert.response.feedkeys import credentials
from tcert.response.feedkeys.domain import keys, reading
from tcert.response.feedkeys.models import LIFETIME, FeedKey

pytestmark = pytest.mark.django_db

ROOT = "/.well-known/csaf/"
FEED = f"{ROOT}green/csaf-feed-tlp-green.json"
CATEGORIES = f"{ROOT}green/category-green.json"
ENDS = ("", ".asc", ".sha256", ".sha512")


def addresses(green: Release) -> list[str]:
    """Return every address of the folder for members."""
    return [FEED, CATEGORIES, *(f"{ROOT}green/{green.entry.path}{end}" for end in ENDS)]


@dataclass
class Reader:
    """A client, and what it sends with each request."""

    client: Client = field(default_factory=Client)
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""

    def get(self, path: str) -> Any:
        return self.client.get(path + self.query, headers=self.headers)


def by_key(change: Callable | None = None) -> Reader:
    """Return a member's program, after something became of the member or the key."""
    person = member_of(TeamFactory())
    key, secret = key_of(person)
    if change:
        change(person, key)
    return Reader(headers=basic(key.id, secret))


def revoke(person, key) -> None:
    keys.revoke(principal=principal_of(person), key=key)


def age(_person, key) -> None:
    FeedKey.objects.filter(pk=key.pk).update(last_day=clock.today() - timedelta(days=1))


def leave(person, _key) -> None:
    """The place ends; nobody has told the keys yet."""
    person.memberships.all().delete()


def retire(person, _key) -> None:
    Team.objects.filter(memberships__person=person).update(retired_at=clock.now())


def close(person, _key) -> None:
    accounts.switch(principal=principal_of(person), person=person, active=False)


def lose_factor(person, _key) -> None:
    accounts.let_in_again(
        principal=principal_of(coordinator_of_desk(), coordinator=True),
        person=person,
        verified="met",
    )


def unlisted(person, _key) -> None:
    house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    person.memberships.update(team=TeamFactory(organisation=house))


def provisional() -> Client:
    house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    return sign_in(Client(), member_of(TeamFactory(organisation=house)))


def wrong_secret() -> Reader:
    key, _secret = key_of(member_of(TeamFactory()))
    return Reader(headers=basic(key.id, credentials.new_secret()))


def anothers_secret() -> Reader:
    key, _secret = key_of(member_of(TeamFactory()))
    _other, secret = key_of(member_of(TeamFactory()))
    return Reader(headers=basic(key.id, secret))


def in_the_query() -> Reader:
    key, secret = key_of(member_of(TeamFactory()))
    return Reader(query=f"?user={key.id}&key={secret}&Authorization={basic(key.id, secret)}")


def as_bearer() -> Reader:
    _key, secret = key_of(member_of(TeamFactory()))
    return Reader(headers={"Authorization": f"Bearer {secret}"})


def passphrase() -> Reader:
    person = member_of(TeamFactory())
    return Reader(headers=basic(person.email, "granite otter waltz 91"))


def reporter() -> Reader:
    client = Client()
    client.get("/report")
    return Reader(client)


READERS: dict[str, tuple[Callable[[], Reader], int]] = {
    "stranger": (Reader, 401),
    "reporter": (reporter, 401),
    "person without a team": (lambda: Reader(sign_in(Client(), PersonFactory())), 403),
    "member before the second factor": (
        lambda: Reader(sign_in_without_second_factor(Client(), member_of(TeamFactory()))),
        302,
    ),
    "provisional member": (lambda: Reader(provisional()), 403),
    "member": (lambda: Reader(sign_in(Client(), member_of(TeamFactory()))), 200),
    "coordinator without rights": (lambda: Reader(sign_in(Client(), coordinator_of_desk())), 200),
    "key": (by_key, 200),
    "key, wrong secret": (wrong_secret, 401),
    "key, another's secret": (anothers_secret, 401),
    "key, no such number": (lambda: Reader(headers=basic(uuid4(), "x" * 43)), 401),
    "key, revoked": (lambda: by_key(revoke), 401),
    "key, ended": (lambda: by_key(age), 401),
    "key of who left": (lambda: by_key(leave), 401),
    "key of a team taken off": (lambda: by_key(retire), 401),
    "key of a team no longer listed": (lambda: by_key(unlisted), 401),
    "key of a closed account": (lambda: by_key(close), 401),
    "key of who lost the second factor": (lambda: by_key(lose_factor), 401),
    "key in the query": (in_the_query, 401),
    "key as another scheme": (as_bearer, 401),
    "address and passphrase": (passphrase, 401),
}


def wrong(answer: Any, expected: int, missing: Any) -> Iterator[str]:
    """Say what is wrong with an answer at an address for members."""
    status, headers = answer.status_code, answer.headers
    if status != expected:
        yield f"answered {status}"
    if (
        not {"no-store", "private"} <= set(headers["Cache-Control"].split(", "))
        or "ETag" in headers
    ):
        yield "may be kept"
    if "Access-Control-Allow-Origin" in headers:
        yield "is open to other sites"
    if headers["Cross-Origin-Resource-Policy"] != "same-origin":
        yield "may be embedded by other sites"
    if expected == 200:
        return
    if SECRET_WORDS.encode() in answer.content or status != missing.status_code:
        yield "tells that it is there"
    if expected == 401:
        if answer.content != missing.content or b"Account, Feed keys" not in answer.content:
            yield "has other words"
        if not headers.get("WWW-Authenticate", "").startswith('Basic realm="TLP:GREEN'):
            yield "asks for no key"


@pytest.mark.slow
def test_each_address_for_members_by_each_kind_of_reader(green: Release) -> None:
    problems = []
    for who, (make, expected) in READERS.items():
        reader = make()
        missing = reader.get(f"{ROOT}green/{green.year}/tcert-sa-2026-9999.json")
        assert missing.status_code == (404 if expected == 200 else expected), who
        problems += [
            f"{who}: {path} {what}"
            for path in addresses(green)
            for what in wrong(reader.get(path), expected, missing)
        ]
    assert problems == []


def test_a_key_opens_nothing_else(green: Release) -> None:
    program = by_key()
    stranger = Client()
    for path in (
        "/advisories/",
        f"/advisories/{green.number}/",
        f"/advisories/{green.number}/{green.file_name}",
        "/search/?q=Quietcore",
        "/my-day/",
        "/account/",
        "/account/feed-keys/",
        "/people/",
        f"{ROOT}green/",
        f"{ROOT}green/index.txt",
        f"{ROOT}amber/csaf-feed-tlp-amber.json",
        f"{ROOT}white/{green.entry.path}",
    ):
        answer, theirs = program.get(path), stranger.get(path)
        assert answer.status_code == theirs.status_code, path
        assert answer.status_code != 200 or SECRET_WORDS.encode() not in answer.content, path
        assert "WWW-Authenticate" not in answer, "a key is not asked for where it opens nothing"
    assert program.client.post(FEED, headers=program.headers).status_code == 405


def test_the_feed_and_its_documents_are_whole(green: Release) -> None:
    reader = by_key()
    said = json.loads(reader.get(FEED).content)
    assert shapes.problems("feed", said) == []
    (entry,) = said["feed"]["entry"]
    base = "http://localhost:8000"
    place = f"{base}{ROOT}green/{green.entry.path}"
    assert said["feed"]["id"] == "localhost-csaf-feed-tlp-green"
    assert said["feed"]["title"] == "CSAF feed (TLP:GREEN)"
    assert said["feed"]["link"][0]["href"] == base + FEED
    assert entry["content"]["src"] == place
    assert (entry["id"], entry["title"]) == (green.number, SECRET_WORDS)
    files = {link["rel"]: link["href"] for link in entry["link"]}
    assert files == {
        "self": place,
        "hash": f"{place}.sha512",
        "signature": f"{place}.asc",
    }
    document = reader.get(place.removeprefix(base)).content
    assert document == bytes(green.document)
    told = json.loads(document)["document"]
    assert told["distribution"]["tlp"]["label"] == "GREEN"
    assert place in [reference["url"] for reference in told["references"]]
    for name in ("sha256", "sha512"):
        line = reader.get(f"{place.removeprefix(base)}.{name}").content.decode()
        assert line == f"{hashlib.new(name, document).hexdigest()}  {green.file_name}\n"
    with gnupg_home() as gnupg:
        gnupg.run("--import", data=hubkey.public().armoured.encode())
        signature, signed = gnupg.home / "doc.asc", gnupg.home / "doc"
        signature.write_bytes(reader.get(f"{place.removeprefix(base)}.asc").content)
        signed.write_bytes(document)
        gnupg.run("--verify", str(signature), str(signed))
    terms = json.loads(reader.get(CATEGORIES).content)
    assert shapes.problems("categories", terms) == []
    assert {"term": "Quietcore"} in terms["categories"]["category"]


@pytest.mark.slow
def test_nothing_for_members_is_in_any_file_for_everybody(green: Release) -> None:
    program = by_key()
    member = Reader(sign_in(Client(), member_of(TeamFactory())))
    marks = [SECRET_WORDS, green.number, green.file_name, green.sha256, "Quietcore"]
    for path in (
        f"{ROOT}provider-metadata.json",
        f"{ROOT}service.json",
        f"{ROOT}white/",
        f"{ROOT}white/{green.year}/",
        f"{ROOT}white/index.txt",
        f"{ROOT}white/changes.csv",
        f"{ROOT}white/csaf-feed-tlp-white.json",
        f"{ROOT}white/category-white.json",
        "/.well-known/security.txt",
        "/advisories/feed.atom",
    ):
        for reader in (Reader(), program, member):
            content = reader.get(path).content
            assert content
            for mark in marks:
                assert mark.encode() not in content, (path, mark)
    for path in ("/advisories/", "/advisories/?q=members", "/search/?q=Quietcore"):
        shown = Reader().get(path).content
        assert not [mark for mark in marks if mark.encode() in shown and mark not in path], path


def test_what_is_closer_is_in_no_feed(green: Release) -> None:
    """Nothing closer is ever released; were there such a row, it would stay where it is."""
    other = made.published(tlp=Tlp.GREEN, title="Closer still")
    reader = by_key()
    for mark in (Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED):
        Release.objects.filter(pk=other.pk).update(tlp=mark)
        assert b"Closer still" not in reader.get(FEED).content
        for end in ENDS:
            assert reader.get(f"{ROOT}green/{other.entry.path}{end}").status_code == 404


def test_what_is_opened_to_all_moves_to_the_open_folder(green: Release) -> None:
    reader = by_key()
    Release.objects.filter(pk=green.pk).update(tlp=Tlp.CLEAR)
    assert json.loads(reader.get(FEED).content)["feed"]["entry"] == []
    assert reader.get(f"{ROOT}green/{green.entry.path}").status_code == 404
    assert Client().get(f"{ROOT}white/{green.entry.path}").status_code == 200


def test_the_comparison_takes_the_same_time(
    green: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try, with a number that exists or not, is one comparison by `compare_digest`."""
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def watch(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return compare(a, b)

    monkeypatch.setattr(credentials.hmac, "compare_digest", watch)
    key, secret = key_of(member_of(TeamFactory()))
    for header in (
        basic(key.id, secret),
        basic(key.id, "wrong"),
        basic(uuid4(), secret),
        basic("somebody", "else"),
    ):
        compared.clear()
        Client().get(FEED, headers=header)
        ((given, kept),) = compared
        assert len(given) == len(kept) == 64, "digests are compared, never the secret itself"


NO_KEYS = [
    "",
    "Basic",
    "Basic ",
    "Basic !!!!",
    "Basic " + "A" * 5000,
    "Basic /////w==",
    "Digest username=x",
    "Negotiate abc",
    basic("", "")["Authorization"],
    basic("x" * 36, "")["Authorization"],
    basic(uuid4(), "\x00\u2028")["Authorization"],
]


def test_a_header_that_is_no_key_is_asked_for_one(green: Release) -> None:
    answers = [Client().get(FEED, headers={"Authorization": header}) for header in NO_KEYS]
    assert [answer.status_code for answer in answers] == [401] * len(NO_KEYS)


def test_its_use_leaves_a_day_and_nothing_else(
    green: Release, caplog: pytest.LogCaptureFixture
) -> None:
    person = member_of(TeamFactory())
    key, secret = key_of(person)
    caplog.set_level(logging.DEBUG)
    reader = Reader(headers=basic(key.id, secret))
    with clock.frozen(clock.now() + timedelta(days=3)):
        assert reader.get(FEED).status_code == 200
        document = f"{ROOT}green/{green.entry.path}"
        assert Reader(headers=basic(key.id, "wrong")).get(document).status_code == 401
        assert Reader(query=f"?key={secret}").get(document).status_code == 401
        key.refresh_from_db()
        assert key.used_on == clock.today()
    packed = reader.headers["Authorization"].split()[1]
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for word in (secret, packed, str(key.id), key.digest, green.file_name):
        assert word not in logged
    assert not FeedKey.objects.filter(digest__contains=secret).exists()
    assert "Set-Cookie" not in reader.get(FEED)


def test_a_program_that_reads_too_much_is_told_when_to_come_back(
    green: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READS", replace(reading.READS, limit=2))
    greedy, other = by_key(), by_key()
    assert [greedy.get(FEED).status_code for _ in range(3)] == [200, 200, 429]
    refused = greedy.get(FEED)
    assert refused["Retry-After"] == "3600"
    assert "no-store" in refused["Cache-Control"]
    assert other.get(FEED).status_code == 200, "nobody else pays for it"
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert greedy.get(FEED).status_code == 200


def test_wrong_tries_of_the_world_lock_no_key_out(
    green: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "WRONG", replace(reading.WRONG, limit=2))
    right, wrong = by_key(), wrong_secret()
    assert [wrong.get(FEED).status_code for _ in range(4)] == [401, 401, 429, 429]
    used = Spending.objects.get(budget=reading.WRONG.name).used
    assert used == 2, "what is turned away costs no row"
    assert right.get(FEED).status_code == 200
    assert Client().get(FEED).status_code == 401, "who shows no key tried none"


def test_a_session_that_may_read_needs_no_key_and_counts_against_none(green: Release) -> None:
    reader = Reader(sign_in(Client(), member_of(TeamFactory())), basic(uuid4(), "wrong"))
    assert reader.get(FEED).status_code == 200
    assert not Spending.objects.filter(budget__startswith="feedkeys:").exists()


def test_the_keys_go_with_the_last_place_and_a_new_place_revives_none(green: Release) -> None:
    first, second = TeamFactory(), TeamFactory()
    person = member_of(first, name="Mika Salo")
    second.memberships.create(person=person, role="member")
    key, secret = key_of(person)
    reader = Reader(headers=basic(key.id, secret))
    leader = principal_of(coordinator_of_desk(), coordinator=True)

    def take_out(team: Team) -> None:
        place = team.memberships.get(person=person)
        places.remove_person(principal=leader, membership=place, confirmed_name="Mika Salo")

    take_out(first)
    assert reader.get(FEED).status_code == 200, "one listed team is left"
    take_out(second)
    assert not FeedKey.objects.exists(), "in the act itself"
    second.memberships.create(person=person, role="member")
    assert reader.get(FEED).status_code == 401


def test_a_closed_account_that_is_opened_again_at_once_has_no_keys(green: Release) -> None:
    person = member_of(TeamFactory())
    key, secret = key_of(person)
    reader = Reader(headers=basic(key.id, secret))
    for active in (False, True):
        accounts.switch(principal=principal_of(person), person=person, active=active)
    jobs.run_due()
    assert reader.get(FEED).status_code == 401
    record = AuditRecord.objects.get(act="feedkeys:key:end")
    assert (record.object_id, record.data) == (key.id, {"why": "closed"})


def test_new_second_factors_revive_no_key(green: Release) -> None:
    """Whoever had the lost phone may have made one with it."""
    person = member_of(TeamFactory())
    key, secret = key_of(person)
    lose_factor(person, key)
    jobs.run_due()
    give_second_factor(person)
    assert Reader(headers=basic(key.id, secret)).get(FEED).status_code == 401
    assert AuditRecord.objects.get(act="feedkeys:key:end").data == {"why": "factors"}


def test_a_team_that_is_taken_off_takes_the_keys_of_its_people(green: Release) -> None:
    team = TeamFactory()
    key_of(member_of(team))
    leader = principal_of(coordinator_of_desk(), coordinator=True)
    agreed = confirmed(teams.RETIRE, team.id)
    teams.retire_team(principal=leader, team=team, confirmed_name=team.name, confirmation=agreed)
    assert not FeedKey.objects.exists()


def test_a_year_later_it_ends_by_itself(green: Release) -> None:
    reader = by_key()
    with clock.frozen(clock.now() + LIFETIME):
        assert reader.get(FEED).status_code == 200
    with clock.frozen(clock.now() + LIFETIME + timedelta(days=1)):
        assert reader.get(FEED).status_code == 401
