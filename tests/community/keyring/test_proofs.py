"""What the hub proves by itself: by a sealed mail, and at the mail domain."""

import re
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.keyring import KeyProofFactory, keyed
from tests.factories.sealed import make_party
from tests.principals import principal_of
from tests.web_server import Authority, Names, answer, local_fetcher, web_server

from tcert.community.directory.enums import ChannelKind, KeyState, TeamRole
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.keyring import queries, verification, wkd
from tcert.community.keyring.domain import proofs
from tcert.community.keyring.enums import Level, Proof
from tcert.community.keyring.jobs import look_again
from tcert.community.keyring.models import KeyProof
from tcert.foundation.kernel import clock, fetcher, jobs
from tcert.foundation.kernel.errors import DomainError, TooMany
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.openpgp.packets import armour, dearmour
from tcert.foundation.openpgp.publishing import only_for

pytestmark = pytest.mark.django_db
ADDRESS = "cert@team.example"


@pytest.fixture(autouse=True)
def hub(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"


@pytest.fixture
def team():
    team = TeamFactory(name="Team CERT")
    Channel.objects.create(team=team, kind=ChannelKind.EMAIL, purpose="main", value=ADDRESS)
    return team


@pytest.fixture
def party(team):
    return keyed(team, ADDRESS)


@pytest.fixture
def key(team, party):
    return queries.key_of(ANONYMOUS, team, party.fingerprint)


@pytest.fixture
def leader(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


def code_in_mail(party):
    jobs.run_due()
    (one,) = mail.outbox
    sealed = message_from_bytes(one.message().as_bytes()).get_payload()[1]
    opened = party.open(dearmour(sealed.get_payload(decode=True), "MESSAGE")).plaintext
    text = message_from_bytes(opened).get_payload(decode=True).decode()
    return re.search(r"48 hours: (\S+)", text)[1]


def levels(key):
    return queries.verified([key])[key.name].levels


def test_who_opens_the_sealed_mail_proves_the_key_for_the_address(leader, team, key, party):
    act = {"principal": leader, "team": team, "key": key}
    proofs.ask_by_mail(address="Cert@Team.example", **act)
    code = code_in_mail(party)
    assert mail.outbox[0].to == [ADDRESS]
    assert code not in mail.outbox[0].message().as_string()
    for wrong in ("", "x", code[:-1], f"{code}x", "\x00"):
        with pytest.raises(DomainError):
            proofs.prove_by_mail(code=wrong, **act)
    assert Level.MAIL not in levels(key)
    proofs.prove_by_mail(code=f" {code} ", **act)
    assert Level.MAIL in levels(key)
    with pytest.raises(DomainError):  # a code works once
        proofs.prove_by_mail(code=code, **act)


def test_the_code_works_for_two_days_and_for_its_own_key(leader, team, key, party):
    act = {"principal": leader, "team": team}
    proofs.ask_by_mail(address=ADDRESS, key=key, **act)
    code = code_in_mail(party)
    TeamKey.objects.filter(team=team).update(state=KeyState.SUPERSEDED)
    other = keyed(team, ADDRESS)
    found = queries.key_of(ANONYMOUS, team, other.fingerprint)
    with pytest.raises(DomainError):
        proofs.prove_by_mail(key=found, code=code, **act)
    with clock.frozen(clock.now() + timedelta(hours=49)), pytest.raises(DomainError):
        proofs.prove_by_mail(key=key, code=code, **act)


def test_only_an_address_of_key_and_team_is_asked(leader, team, key):
    Channel.objects.create(team=team, kind="email", purpose="24/7", value="else@team.example")
    for address in ("else@team.example", "cert@victim.example", "", "Team CERT"):
        with pytest.raises(DomainError):
            proofs.ask_by_mail(principal=leader, team=team, key=key, address=address)
        with pytest.raises(DomainError):
            proofs.ask_domain(principal=leader, team=team, key=key, address=address)
    assert not KeyProof.objects.exists()


def test_only_who_leads_the_team_asks(team, key):
    boss = coordinator_of_desk()
    for who in (
        principal_of(member_of(team)),
        principal_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE)),
        principal_of(boss, coordinator=True),
        ANONYMOUS,
    ):
        for act in (proofs.ask_by_mail, proofs.ask_domain):
            with pytest.raises(PermissionDenied):
                act(principal=who, team=team, key=key, address=ADDRESS)


def test_codes_cannot_be_tried_without_end(leader, team, key):
    refused = []
    for _try in range(40):
        with pytest.raises(DomainError) as one:
            proofs.prove_by_mail(principal=leader, team=team, key=key, code="x")
        refused.append(type(one.value))
    assert refused.count(TooMany) >= 9


def test_a_proof_is_seen_by_the_teams_own_people(team, leader):
    found = KeyProofFactory(team=team)
    desk = principal_of(coordinator_of_desk(), coordinator=True)
    for who, sees in ((leader, True), (desk, False), (ANONYMOUS, False)):
        assert KeyProof.objects.visible_to(who).exists() == found.is_visible_to(who) == sees


# At the domain ---------------------------------------------------------------


@pytest.fixture(scope="module")
def authority():
    return Authority.make()


class Nowhere(Names):
    """A name service that knows no sub-domain made for the directory."""

    def __call__(self, host, port):
        if host.startswith("openpgpkey."):
            self.asked.append(host)
            return []
        return super().__call__(host, port)


@pytest.fixture
def looking(authority, tmp_path, monkeypatch):
    """Look at a domain whose server says something; returns the outcome and what was asked."""
    context = authority.server_context(tmp_path, "team.example", "openpgpkey.team.example")

    def look(says, fingerprint, names=None):
        with web_server(says, context) as server:
            ports = {wkd.advanced_url: server.port, wkd.direct_url: server.port}
            for real, port in ports.items():
                monkeypatch.setattr(wkd, real.__name__, _at_port(real, port))
            asking = local_fetcher(names=names or Names(), trust=authority.trust)
            with fetcher.replaced(asking):
                outcome = proofs.fetched(ADDRESS, fingerprint)
            monkeypatch.undo()
            return outcome, [asked.line.split()[1] for asked in server.asked]

    return look


def _at_port(real, port):
    def url(address):
        return re.sub(r"(https://[^/]+)", rf"\1:{port}", real(address))

    return url


NAME = wkd.name_of(ADDRESS)


def test_the_advanced_method_finds_the_same_key(looking, key, party):
    content = only_for(key.certificate, ADDRESS)
    outcome, asked = looking(answer(body=content), party.fingerprint)
    assert outcome == proofs.FOUND
    assert asked == [f"/.well-known/openpgpkey/team.example/hu/{NAME}?l=cert"]


def test_the_direct_method_comes_only_where_the_sub_domain_does_not_exist(looking, key, party):
    content = only_for(key.certificate, ADDRESS)
    outcome, asked = looking(answer(body=content), party.fingerprint, Nowhere())
    assert outcome == proofs.FOUND
    assert asked == [f"/.well-known/openpgpkey/hu/{NAME}?l=cert"]
    outcome, asked = looking(answer("404 Not Found"), party.fingerprint)
    assert (outcome, len(asked)) == (proofs.NOTHING, 1)


def hostile():
    other = make_party(name=f"Other <{ADDRESS}>")
    return {
        "another key": (answer(body=other.certificate), proofs.OTHER),
        "nothing": (answer("404 Not Found", b"no"), proofs.NOTHING),
        "a fault": (answer("503 Service Unavailable"), "failed"),
        "a page": (answer(body=b"<html>" * 900), proofs.NOTHING),
        "a bomb": (answer(body=b"\x99" + b"\xff" * 400_000), "too-large"),
        "many packets": (answer(body=b"\xcd\x01x" * 60_000), proofs.NOTHING),
        "half a key": (answer(body=other.certificate[:40]), proofs.NOTHING),
        "an inner address": (answer("302 Found", Location="http://127.0.0.1/"), None),
        "no http": (b"\x00\xff\r\n\r\n", None),
        "secret": (answer(body=other.secret), proofs.NOTHING),
    }


@pytest.mark.slow
@pytest.mark.parametrize("what", hostile())
def test_whatever_the_domain_answers_is_bounded_and_proves_nothing(looking, party, what):
    says, wanted = hostile()[what]
    outcome, _asked = looking(says, party.fingerprint)
    assert outcome != proofs.FOUND
    assert wanted is None or outcome == wanted
    assert len(outcome) <= 20


def test_a_private_address_behind_the_name_is_never_asked(party):
    with fetcher.replaced(local_fetcher(policy=fetcher.PUBLIC_ONLY)):
        assert proofs.fetched(ADDRESS, party.fingerprint) == "address"


def test_it_counts_until_another_key_stands_there_and_for_ninety_days_otherwise(
    leader, team, key, monkeypatch
):
    said = [proofs.FOUND]
    monkeypatch.setattr(proofs, "fetched", lambda _address, _fingerprint: said[0])
    proofs.ask_domain(principal=leader, team=team, key=key, address=ADDRESS)
    jobs.run_due()
    assert Level.DOMAIN in levels(key)
    start = clock.now()
    said[0] = "unreachable"
    with clock.frozen(start + timedelta(days=40)):
        look_again()
        jobs.run_due()
        assert KeyProof.objects.get(kind=Proof.DOMAIN).outcome == "unreachable"
        assert Level.DOMAIN in levels(key)
    with clock.frozen(start + verification.DOMAIN_HOLDS):
        assert Level.DOMAIN not in levels(key)
    said[0] = proofs.OTHER
    with clock.frozen(start + timedelta(days=75)):
        look_again()
        jobs.run_due()
        assert Level.DOMAIN not in levels(key)


def test_a_domain_is_not_asked_for_an_address_that_the_team_gave_up(team):
    KeyProofFactory(
        team=team, kind=Proof.DOMAIN, address=ADDRESS, checked_at=clock.now() - timedelta(days=40)
    )
    assert len(proofs.due()) == 1
    Channel.objects.update(value="else@team.example")
    assert proofs.due() == []
    Channel.objects.update(value=ADDRESS.upper())
    team.retired_at = clock.now()
    team.save()
    assert proofs.due() == []


def test_armour_is_read_as_well(looking, party):
    text = armour(party.certificate, "PUBLIC KEY BLOCK").encode()
    assert looking(answer(body=text), party.fingerprint)[0] == proofs.FOUND
