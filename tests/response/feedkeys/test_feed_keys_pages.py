"""A person's feed keys: made after a fresh second factor, shown once, revoked, ended."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from tests.factories.directory import OrganisationFactory, TeamFactory, member_of
from tests.factories.feedkeys import key_of
from tests.principals import principal_of, sign_in

from tcert.community.accounts import proofs
from tcert.community.accounts.models import Person
from tcert.community.directory.enums import OrganisationState
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.ui.waiting import waiting_for
from tcert.response.feedkeys import credentials
from tcert.response.feedkeys.domain import keys
from tcert.response.feedkeys.models import LIFETIME, WARN, FeedKey

pytestmark = pytest.mark.django_db

PAGE = "/account/feed-keys/"


@pytest.fixture
def person() -> Person:
    return member_of(TeamFactory())


@pytest.fixture
def member(client: Client, person: Person, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A member who proved the second factor just now; the proof itself is tested with accounts."""
    monkeypatch.setattr(proofs, "is_fresh", lambda _request: True)
    return sign_in(client, person)


def test_a_key_is_shown_once_and_kept_as_a_digest(member: Client, person: Person) -> None:
    answer = member.post(PAGE, {"name": "scanner in the lab", "opens": "advisories"})
    html = answer.content.decode()
    key = FeedKey.objects.get()
    (secret,) = set(re.findall(r"<code[^>]*>([\w-]{43})</code>", html))
    assert str(key.id) in html
    assert "csaf-feed-tlp-green.json" in html
    assert "no-store" in answer["Cache-Control"]
    assert key.digest == credentials.digest(secret)
    assert key.last_day == clock.today() + timedelta(days=365)
    again = member.get(PAGE).content.decode()
    assert "scanner in the lab" in again
    assert secret not in again
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM feedkeys_feedkey")
        row = repr(cursor.fetchall())
    assert secret not in row
    assert "scanner" not in row, "what the owner calls it is guarded"
    record = AuditRecord.objects.get(act="feedkeys:key:make")
    assert (record.actor_id, record.object_id) == (person.id, key.id)
    assert record.data == {"opens": "advisories"}
    jobs.run_due()
    (told,) = mail.outbox
    assert told.to == [person.email]
    text = told.message().as_string()
    assert "a key was made" in text
    assert secret not in text


def test_a_key_for_look_ups_is_shown_as_a_token_too(member: Client) -> None:
    answer = member.post(PAGE, {"name": "firewall", "opens": "lookups"})
    html = answer.content.decode()
    key = FeedKey.objects.get()
    (secret,) = set(re.findall(r"<code[^>]*>([\w-]{43})</code>", html))
    assert f"{key.id}.{secret}" in html
    assert "/api/v1/resolve" in html
    assert "csaf-feed-tlp-green.json" not in html
    assert key.opens == "lookups"
    assert "Look-ups: whose an identifier is" in member.get(PAGE).content.decode()
    jobs.run_due()
    assert "ask whose identifiers are" in mail.outbox[0].message().as_string().replace("=\n", "")


@pytest.mark.parametrize("opens", ["", "everything", "advisories,lookups"])
def test_a_key_opens_one_thing_that_there_is(member: Client, opens: str) -> None:
    answer = member.post(PAGE, {"name": "firewall", "opens": opens})
    assert answer.status_code == 400
    assert not FeedKey.objects.exists()


def test_without_a_fresh_second_factor_none_is_made(client: Client, person: Person) -> None:
    sign_in(client, person)
    with clock.frozen(clock.now() + timedelta(hours=1)):
        page = client.get(PAGE).content.decode()
        assert "Your second factor is asked for first." in page
        answer = client.post(PAGE, {"name": "scanner", "opens": "advisories"})
    assert answer.status_code == 302
    assert "/account/" in answer["Location"]
    assert not FeedKey.objects.exists()


def test_secrets_are_random_and_long() -> None:
    made = {credentials.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(secret) for secret in made} == {43}, "256 bits"


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 61])
def test_a_name_that_is_none_makes_no_key(member: Client, name: str) -> None:
    answer = member.post(PAGE, {"name": name, "opens": "advisories"})
    assert answer.status_code == 400
    assert not FeedKey.objects.exists()


def test_a_person_has_five_at_most(member: Client, person: Person) -> None:
    for number in range(keys.MOST_KEYS):
        key_of(person, f"program {number}")
    assert "as many as one may have" in member.get(PAGE).content.decode()
    assert member.post(PAGE, {"name": "one more", "opens": "advisories"}).status_code == 400
    with pytest.raises(DomainError):
        key_of(person)
    assert FeedKey.objects.count() == keys.MOST_KEYS


def test_a_revoked_key_is_gone_and_recorded(member: Client, person: Person) -> None:
    key, _secret = key_of(person)
    answer = member.post(f"{PAGE}{key.id}/revoke/", follow=True)
    assert "The key is revoked." in answer.content.decode()
    assert not FeedKey.objects.exists()
    record = AuditRecord.objects.get(act="feedkeys:key:revoke")
    assert (record.actor_id, record.object_id) == (person.id, key.id)
    assert member.post(f"{PAGE}{key.id}/revoke/").status_code == 404
    with pytest.raises(AlreadyDone):
        keys.revoke(principal=principal_of(person), key=key)


def test_anothers_key_is_not_found(member: Client, person: Person) -> None:
    other = member_of(TeamFactory())
    key, _secret = key_of(other, "theirs")
    assert "theirs" not in member.get(PAGE).content.decode()
    assert member.post(f"{PAGE}{key.id}/revoke/").status_code == 404
    for who, sees in ((person, False), (other, True)):
        principal = principal_of(who)
        assert key.is_visible_to(principal) is sees
        assert FeedKey.objects.visible_to(principal).filter(pk=key.pk).exists() is sees


def test_who_is_no_member_has_no_page(client: Client) -> None:
    house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    newcomer = sign_in(client, member_of(TeamFactory(organisation=house)))
    assert newcomer.get(PAGE).status_code == 403
    assert PAGE not in newcomer.get("/account/").content.decode()
    assert PAGE in sign_in(Client(), member_of(TeamFactory())).get("/account/").content.decode()


def lines(person: Person) -> list[str]:
    return [str(line.title) for line in waiting_for(principal_of(person)) if PAGE in line.url]


def test_my_day_warns_a_month_before(person: Person) -> None:
    key_of(person)
    began = clock.now()
    assert lines(person) == []
    for days, told in (
        (LIFETIME - WARN, []),
        (
            LIFETIME - WARN + timedelta(days=1),
            ["The feed key “scanner in the lab” is about to end"],
        ),
        (LIFETIME, ["The feed key “scanner in the lab” is about to end"]),
        (LIFETIME + timedelta(days=1), ["The feed key “scanner in the lab” has ended"]),
    ):
        with clock.frozen(began + days):
            assert lines(person) == told


def test_the_page_marks_what_ends_and_what_has_ended(member: Client, person: Person) -> None:
    for name, days in (("young", 200), ("old", 10), ("gone", -1)):
        key, _secret = key_of(person, name)
        day = clock.today() + timedelta(days=days)
        FeedKey.objects.filter(pk=key.pk).update(last_day=day, used_on=clock.today())
    html = member.get(PAGE).content.decode()
    rows = {row.split("</span>")[0].rpartition(">")[2]: row for row in html.split("<tr>")[2:]}
    assert {name: ("ends soon" in row, "has ended" in row) for name, row in rows.items()} == {
        "young": (False, False),
        "old": (True, False),
        "gone": (False, True),
    }


def test_at_night_what_counts_no_more_is_removed(person: Person) -> None:
    kept, _secret = key_of(person)
    left = member_of(TeamFactory())
    gone, _secret = key_of(left)
    left.memberships.all().delete()
    keys.sweep()
    assert list(FeedKey.objects.all()) == [kept]
    record = AuditRecord.objects.get(act="feedkeys:key:end")
    assert (record.object_id, record.data) == (gone.id, {"why": "left"})
    with clock.frozen(clock.now() + LIFETIME + WARN):
        keys.sweep()
        assert FeedKey.objects.exists(), "its owner is told for a month that it has ended"
    with clock.frozen(clock.now() + LIFETIME + WARN + timedelta(days=1)):
        keys.sweep()
    assert not FeedKey.objects.exists()
