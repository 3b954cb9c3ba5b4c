"""One-time links: founding the hub, joining it, a forgotten passphrase."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import PASSPHRASE, principal_of, sign_in

from tcert.community.accounts import tokens
from tcert.community.accounts.domain import create_setup_link, invite_person
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.directory.models import Team, TeamMembership
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord
from tcert.site.founding import found_hub

pytestmark = pytest.mark.django_db
START = "/account/start/"
NEW = {"passphrase": "copper ladder 7 mist", "again": "copper ladder 7 mist"}
FIRST = {
    "name": "Ada Coordinator",
    "email": "Ada@tcert.example",
    "organisation": "TCERT",
    "desk": "TCERT desk",
    **NEW,
}


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


def secret_of(link: str) -> str:
    return link.partition("#")[2]


def follow(client: Client, link: str):
    return client.post(START, {"code": secret_of(link)})


def invitation(email="eve@operator.example", team=None, role="member") -> str:
    team = team or TeamFactory()
    inviter = principal_of(coordinator_of_desk(), coordinator=True)
    places = [{"team": str(team.id), "role": role}]
    return invite_person(principal=inviter, email=email, name="Eve", places=places)


# Founding ------------------------------------------------------------------


def test_the_set_up_link_makes_the_first_coordinator_and_the_desk(client):
    assert follow(client, create_setup_link()).headers["Location"] == "/set-up/"
    response = client.post("/set-up/", FIRST)
    assert response.headers["Location"] == "/account/second-factor/"
    person = Person.objects.get()
    membership = TeamMembership.objects.get(person=person)
    assert (person.email, membership.role) == ("ada@tcert.example", "representative")
    assert membership.team.is_desk
    assert AuditRecord.objects.filter(act="site:hub:found", actor_id=person.id).exists()
    assert client.get("/my-day/").headers["Location"] == "/account/second-factor/"


def test_the_set_up_link_works_once(client):
    link = create_setup_link()
    follow(client, link)
    client.post("/set-up/", FIRST)
    response = follow(Client(), link)
    assert response.status_code == 422
    assert "does not work" in response.content.decode()
    with pytest.raises(Conflict):
        create_setup_link()


def test_two_people_with_the_same_set_up_link_make_one_hub(client):
    link = create_setup_link()
    second = Client()
    follow(client, link)
    follow(second, link)
    client.post("/set-up/", FIRST)
    response = second.post("/set-up/", FIRST | {"email": "mallory@tcert.example"})
    assert response.headers["Location"] == START
    assert (Person.objects.count(), Team.objects.count()) == (1, 1)


def test_a_newer_set_up_link_replaces_the_older(client):
    older = create_setup_link()
    newer = create_setup_link()
    assert follow(client, older).status_code == 422
    assert follow(client, newer).status_code == 302


def test_a_set_up_link_does_not_work_where_a_coordinator_exists(client):
    link = create_setup_link()
    follow(client, link)
    coordinator_of_desk()
    response = client.post("/set-up/", FIRST)
    assert response.status_code == 422
    assert "has a coordinator already" in response.content.decode()
    assert OneTimeLink.objects.get().used_at is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"passphrase": "short1", "again": "short1"}, "at least 12 characters"),
        ({"passphrase": "password1234", "again": "password1234"}, "too common"),
        ({"again": "something else 99"}, "not the same"),
        ({"email": "no address"}, "valid email"),
        ({"name": "line\nbreak\x07"}, "control characters"),
        ({"passphrase": "Ada Coordinator", "again": "Ada Coordinator"}, "too similar"),
    ],
)
def test_the_set_up_form_says_what_is_wrong_and_loses_nothing_typed(client, change, sentence):
    follow(client, create_setup_link())
    response = client.post("/set-up/", FIRST | {"desk": "Night desk"} | change)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "Night desk" in page
    assert NEW["passphrase"] not in page
    assert not Person.objects.exists()


# Secrets -------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["", "x", "a" * 43, "a" * 5_000, "#", "../../x", "\x00", "Ａ" * 43, "' OR 1=1"]
)
def test_garbled_secrets_are_refused_alike(client, code):
    create_setup_link()
    response = client.post(START, {"code": code})
    assert response.status_code == 422


def test_the_page_itself_never_carries_the_secret_and_the_database_has_a_digest_only(client):
    link = create_setup_link()
    token = secret_of(link)
    assert len(token) == 43
    assert "?" not in link
    kept = OneTimeLink.objects.get().digest
    assert kept == tokens.digest(token)
    assert kept not in token
    assert token not in kept
    response = follow(client, link)
    assert token not in response.headers["Location"]
    assert token not in client.get("/set-up/").content.decode()
    page = client.get(START)
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.headers["Cache-Control"]


def test_a_link_of_one_kind_does_not_open_the_page_of_another(client):
    follow(client, invitation())
    assert client.get("/set-up/").headers["Location"] == START
    assert client.get("/account/new-passphrase/").headers["Location"] == START


def test_a_whole_address_pasted_into_the_field_works(client):
    assert client.post(START, {"code": create_setup_link()}).headers["Location"] == "/set-up/"


# Joining -------------------------------------------------------------------


def test_an_invitation_makes_an_account_with_its_place(client):
    team = TeamFactory()
    link = invitation(team=team, role="duty-officer")
    assert follow(client, link).headers["Location"] == "/account/join/"
    assert "eve@operator.example" in client.get("/account/join/").content.decode()
    response = client.post("/account/join/", {"name": "Eve Duty", **NEW})
    assert response.headers["Location"] == "/account/second-factor/"
    membership = TeamMembership.objects.get(person__email="eve@operator.example")
    assert (membership.team, membership.role) == (team, "duty-officer")
    assert follow(Client(), link).status_code == 422


def test_the_invitation_is_mailed_neutrally_with_its_link():
    link = invitation()
    mail = Mail.objects.get()
    assert (mail.recipient, mail.subject) == ("eve@operator.example", "An invitation")
    text = bytes(mail.entity).decode().replace("=\n", "").replace("=3D", "=")
    assert secret_of(link) in text


def test_an_invitation_ends(client, settings):
    link = invitation()
    late = clock.now() + timedelta(days=settings.INVITATION_DAYS, seconds=1)
    with clock.frozen(late):
        assert follow(client, link).status_code == 422


def test_an_invitation_that_ends_meanwhile_makes_no_account(client):
    follow(client, invitation())
    OneTimeLink.objects.update(expires_at=clock.now())
    assert client.post("/account/join/", {"name": "Eve", **NEW}).headers["Location"] == START
    assert not Person.objects.filter(email="eve@operator.example").exists()


def test_who_has_an_account_joins_with_it_after_signing_in(client):
    person = member_of(TeamFactory(), email="eve@operator.example")
    team = TeamFactory()
    follow(client, invitation(team=team))
    assert "Sign in with it to join" in client.get("/account/join/").content.decode()
    client.post("/account/join/", {"name": "Other", **NEW})
    assert not TeamMembership.objects.filter(team=team).exists()
    key = client.session["one_time_link"]
    sign_in(client, person)
    session = client.session
    session["one_time_link"] = key
    session.save()
    assert client.post("/account/join/").headers["Location"] == "/account/"
    assert TeamMembership.objects.filter(team=team, person=person).exists()


def test_an_invitation_for_another_person_gives_no_place(client):
    member_of(TeamFactory(), email="eve@operator.example")
    team = TeamFactory()
    link = invitation(team=team)
    mallory = member_of(TeamFactory())
    sign_in(client, mallory)
    follow(client, link)
    client.post("/account/join/")
    assert not TeamMembership.objects.filter(team=team).exists()


def test_an_invitation_to_a_team_that_is_gone_still_makes_the_account(client):
    team = TeamFactory()
    link = invitation(team=team)
    Team.objects.filter(id=team.id).update(retired_at=clock.now())
    follow(client, link)
    client.post("/account/join/", {"name": "Eve", **NEW})
    assert Person.objects.get(email="eve@operator.example").memberships.count() == 0


# A forgotten passphrase ----------------------------------------------------


def ask(client, email):
    return client.post("/account/forgotten/", {"email": email})


def mailed_link() -> str:
    text = bytes(Mail.objects.get(key__startswith="accounts:passphrase:").entity).decode()
    text = text.replace("=\n", "").replace("=3D", "=")
    return next(line for line in text.splitlines() if "/account/start/#" in line)


def test_the_answer_is_the_same_for_every_address(client, django_assert_num_queries):
    member = member_of(TeamFactory())
    known = ask(client, member.email).content.decode().replace(member.email, "…")
    unknown = ask(Client(), "nobody@x.example").content.decode().replace("nobody@x.example", "…")
    assert known == unknown
    assert OneTimeLink.objects.filter(kind="passphrase").count() == 2


def test_a_mailed_link_renews_the_passphrase_ends_sessions_and_keeps_the_factor(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    member = member_of(TeamFactory())
    elsewhere = sign_in(Client(), member)
    ask(client, member.email)
    from tcert.community.accounts.domain import forgotten

    forgotten.answer(OneTimeLink.objects.get().id)
    assert follow(client, mailed_link()).headers["Location"] == "/account/new-passphrase/"
    response = client.post("/account/new-passphrase/", NEW)
    assert response.headers["Location"] == "/account/sign-in/"
    member.refresh_from_db()
    assert member.check_password(NEW["passphrase"])
    assert elsewhere.get("/my-day/").status_code == 302
    signed = client.post(
        "/account/sign-in/", {"login": member.email, "password": NEW["passphrase"]}
    )
    assert signed.headers["Location"] == "/account/sign-in/second-factor/"


def test_the_link_for_a_passphrase_ends_after_an_hour_and_works_once(client):
    from tcert.community.accounts.domain import forgotten

    member = member_of(TeamFactory())
    ask(client, member.email)
    forgotten.answer(OneTimeLink.objects.get().id)
    link = mailed_link()
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        assert follow(client, link).status_code == 422
    second = Client()
    follow(client, link)
    follow(second, link)
    client.post("/account/new-passphrase/", NEW)
    late = second.post("/account/new-passphrase/", dict.fromkeys(NEW, "another 12345 words"))
    assert late.headers["Location"] == START
    member.refresh_from_db()
    assert member.check_password(NEW["passphrase"])


def test_nobody_is_mailed_at_an_unknown_address(client):
    from tcert.community.accounts.domain import forgotten

    ask(client, "nobody@x.example")
    forgotten.answer(OneTimeLink.objects.get().id)
    assert not Mail.objects.exists()
    assert not OneTimeLink.objects.exists()


def test_one_address_is_not_flooded_with_links(client):
    member = member_of(TeamFactory())
    for _ in range(6):
        assert ask(client, member.email).status_code == 200
    assert OneTimeLink.objects.filter(kind="passphrase").count() == 3


def test_a_flood_of_invented_addresses_fills_nothing_and_people_are_served(client, monkeypatch):
    """Beyond the budget the work is the same, and the answer; only what it wrote is taken back."""
    from tcert.community.accounts.domain import forgotten

    monkeypatch.setattr(forgotten, "ASKED", replace(forgotten.ASKED, limit=2))
    member = member_of(TeamFactory())
    before = jobs.Job.objects.count()
    words = {
        ask(Client(), address).content.decode().replace(address, "…")
        for address in (f"nobody{number}@x.example" for number in range(5))
    }
    assert OneTimeLink.objects.count() == jobs.Job.objects.count() - before == 2
    with CaptureQueriesContext(connection) as unknown:
        ask(client, "nobody@x.example")
    with CaptureQueriesContext(connection) as known:
        words.add(ask(client, member.email).content.decode().replace(member.email, "…"))
    assert len(words) == 1
    verbs = [[sql["sql"].split()[0] for sql in told] for told in (unknown, known)]
    assert [one for one in verbs[0] if one != "ROLLBACK"] == verbs[1], "nothing to tell them by"
    assert OneTimeLink.objects.filter(email=member.email).count() == 1


# At once -------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_of_two_who_use_a_link_at_the_same_moment_one_wins():
    create_setup_link()
    link = OneTimeLink.objects.get()
    outcomes = []
    barrier = threading.Barrier(2)

    def act(name):
        barrier.wait()
        try:
            found_hub(
                link=link,
                name=name,
                email=f"{name}@tcert.example",
                passphrase=PASSPHRASE,
                organisation="TCERT",
                desk="Desk",
            )
            outcomes.append("won")
        except Conflict:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(name,)) for name in ("ada", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["told", "won"]
    assert (Person.objects.count(), Team.objects.count()) == (1, 1)
