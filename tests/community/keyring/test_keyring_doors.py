"""Keys as programs fetch them: real GnuPG, exact questions, no list for strangers."""

import contextlib
import hashlib
import io
import re
import zipfile
from datetime import timedelta

import pytest
from tests.factories.directory import TeamFactory, member_of
from tests.factories.keyring import (
    KeyProofFactory,
    PublicationFactory,
    PurposeKeyFactory,
    keyed,
)
from tests.factories.sealed import make_party
from tests.gnupg import gnupg_home
from tests.principals import sign_in

from tcert.community.directory.enums import ChannelKind, KeyState, TeamKind, TeamRole
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.keyring import wkd
from tcert.community.keyring.enums import Purpose
from tcert.community.keyring.models import KeyProof, Publication
from tcert.community.keyring.views import public
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.certificates import CertificateRefused, describe
from tcert.foundation.openpgp.packets import dearmour
from tcert.foundation.openpgp.publishing import only_for

pytestmark = pytest.mark.django_db
ADDRESS = "cert@team.example"


def listed(name="Team CERT", address=ADDRESS, *, is_public=True, **fields):
    team = TeamFactory(name=name, **fields)
    Channel.objects.create(
        team=team, kind=ChannelKind.EMAIL, purpose="main", value=address, is_public=is_public
    )
    return team


def served(address=ADDRESS, **fields):
    """A team whose key is handed out for its address, and that key."""
    team = listed(address=address, **fields)
    party = keyed(team, address)
    PublicationFactory(team=team)
    KeyProofFactory(team=team, fingerprint=party.fingerprint, address=address)
    return team, party


def place(address=ADDRESS):
    return f"/.well-known/openpgpkey/{wkd.parts(address)[1]}/hu/{wkd.name_of(address)}"


# The Web Key Directory -------------------------------------------------------


def test_an_address_gets_its_key_and_gnupg_takes_it(client):
    _team, party = served("Cert@Team.example")
    answer = client.get(f"{place('cert@team.example')}?l=cert")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Access-Control-Allow-Origin"] == "*"
    with gnupg_home() as gpg:
        gpg.run("--import", data=answer.content)
        assert gpg.fingerprints() == [party.fingerprint]
    policy = client.get("/.well-known/openpgpkey/team.example/policy")
    assert (policy.status_code, policy.content) == (200, b"")


def test_only_the_name_that_was_asked_for_goes_out(client):
    """A key may name people or other mailboxes that are nobody's business."""
    team = listed()
    with gnupg_home() as gpg, gnupg_home() as other:
        fingerprint = gpg.generate(f"Team <{ADDRESS}>")
        gpg.run("--passphrase", "", "--quick-add-uid", fingerprint, "Ada <ada@private.example>")
        stranger = other.generate("Stranger <x@y.example>")
        other.run("--import", data=gpg.export(fingerprint))
        other.run("--passphrase", "", "--quick-sign-key", fingerprint)
        gpg.run("--import", data=other.run("--export", fingerprint))
        certificate = gpg.run(
            "--armor", "--export-options", "no-export-clean", "--export", fingerprint
        ).decode()
    TeamKey.objects.create(
        team=team, fingerprint=fingerprint, certificate=certificate, state=KeyState.ACTIVE
    )
    PublicationFactory(team=team)
    KeyProofFactory(team=team, fingerprint=fingerprint)
    content = client.get(place()).content
    assert b"ada@private.example" not in content
    found = describe(content, clock.now())
    assert (found.fingerprint, len(found.user_ids)) == (fingerprint, 1)
    assert found.usable_subkeys
    with gnupg_home() as reader:
        reader.run("--import", data=content)
        listed_there = reader.run("--list-sigs", "--with-colons").decode()
        assert stranger[-16:] not in listed_there
    with pytest.raises(CertificateRefused):
        only_for(certificate, "else@team.example")


@pytest.mark.parametrize("case", ["off", "unproved", "members", "expired", "revoked", "hidden"])
def test_what_is_not_handed_out(client, case):
    team, _party = served()
    if case == "off":
        Publication.objects.update(is_on=False)
    elif case == "unproved":
        KeyProof.objects.all().delete()
    elif case == "members":
        Channel.objects.update(is_public=False)
    elif case == "expired":
        TeamKey.objects.update(expires_at=clock.now())
    elif case == "revoked":
        TeamKey.objects.update(state=KeyState.REVOKED)
    else:
        team.kind = TeamKind.LAWFUL_INTERCEPTION
        team.save()
    sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))  # who asks makes no difference
    assert client.get(place()).status_code == 404


def test_another_team_cannot_hand_out_a_key_for_an_address_that_it_only_entered(client):
    """Nobody's key for somebody else's address: the sealed mail goes to the real mailbox."""
    team = listed(name="Thief")
    keyed(team, ADDRESS)
    PublicationFactory(team=team)
    assert client.get(place()).status_code == 404
    _team, party = served(name="Owner")
    assert describe(client.get(place()).content, clock.now()).fingerprint == party.fingerprint


def test_a_key_for_mail_goes_before_the_one_for_cases(client):
    team, _party = served()
    mail = make_party(name=f"Mail <{ADDRESS}>")
    PurposeKeyFactory(team=team, party=mail, purpose=Purpose.MAIL)
    assert client.get(place()).status_code == 404  # not proved yet
    KeyProofFactory(team=team, fingerprint=mail.fingerprint)
    assert describe(client.get(place()).content, clock.now()).fingerprint == mail.fingerprint


def test_the_hubs_own_key_lies_there_by_both_methods(client, settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    settings.MAIL_DOMAIN, settings.DEFAULT_FROM_EMAIL = "hub.example", "hub@hub.example"
    name = wkd.name_of("hub@hub.example")
    paths = [f"/.well-known/openpgpkey/{middle}hu/{name}" for middle in ("", "hub.example/")]
    assert [client.get(path).status_code for path in paths] == [404, 404]
    made = hubkey.create()
    for path in paths:
        assert describe(client.get(path).content, clock.now()).fingerprint == made.fingerprint
    assert client.get("/.well-known/openpgpkey/policy").status_code == 200


@pytest.mark.parametrize(
    "name", ["x", "a" * 5000, "..%2f", "%00", "ß", wkd.name_of("no@one.example")]
)
def test_other_names_are_not_there(client, name):
    served()
    for folder in ("team.example/", "", "elsewhere.example/", "%25/", "%00/", "_/"):
        assert client.get(f"/.well-known/openpgpkey/{folder}hu/{name}").status_code == 404
        assert client.get(f"/.well-known/openpgpkey/{folder}x/policy").status_code == 404


def test_the_archive_holds_the_files_of_both_methods(client):
    team = listed()
    party = keyed(team, ADDRESS)
    sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
    answer = client.get(f"/keyring/teams/{team.id}/directory/wkd.zip")
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    name = wkd.name_of(ADDRESS)
    root = ".well-known/openpgpkey"
    assert sorted(packed.namelist()) == [
        "README.txt",
        f"openpgpkey.team.example/{root}/team.example/hu/{name}",
        f"openpgpkey.team.example/{root}/team.example/policy",
        f"team.example/{root}/hu/{name}",
        f"team.example/{root}/policy",
    ]
    content = packed.read(f"team.example/{root}/hu/{name}")
    assert describe(content, clock.now()).fingerprint == party.fingerprint
    again = client.get(f"/keyring/teams/{team.id}/directory/wkd.zip")
    assert again.content == answer.content


# The key server --------------------------------------------------------------


def ask(client, search, operation="get", **more):
    return client.get("/pks/lookup", {"op": operation, "search": search, **more})


def test_by_fingerprint_key_id_and_public_address(client):
    party = keyed(listed(), ADDRESS)
    fingerprint = party.fingerprint
    for search in (f"0x{fingerprint}", fingerprint.lower(), f"0x{fingerprint[-16:]}", ADDRESS):
        answer = ask(client, search, options="mr")
        assert answer.status_code == 200, search
        assert answer["Content-Type"] == "application/pgp-keys"
        found = dearmour(answer.content, "PUBLIC KEY BLOCK")
        assert describe(found, clock.now()).fingerprint == fingerprint
    lines = ask(client, ADDRESS, "index", options="mr").content.decode().splitlines()
    assert lines[0] == "info:1:1"
    assert re.fullmatch(rf"pub:{fingerprint}:22::\d+::", lines[1])
    assert lines[2] == f"uid:Team CERT <{ADDRESS}>:::"


def test_by_address_only_keys_that_name_it_and_the_proved_one_alone(client):
    """Programs seal to what an address finds: who only entered it must not read the mail."""
    thief = keyed(listed(name="Thief"), ADDRESS)
    keyed(listed(name="Careless"), "else@team.example")
    PurposeKeyFactory(team=listed(name="Feeds"), party=make_party(name="No address"))
    assert ask(client, ADDRESS, "index").content.decode().startswith("info:1:1\n")
    _team, owner = served(name="Owner")
    found = ask(client, ADDRESS, "index").content.decode()
    assert found.startswith("info:1:1\n")
    assert owner.fingerprint in found
    assert thief.fingerprint not in found


@pytest.mark.parametrize(
    ("search", "operation", "status"),
    [
        ("Team", "get", 400),
        ("team.example", "get", 400),
        ("@team.example", "index", 400),
        ("0x89abcdef", "get", 400),
        ("", "get", 400),
        ("\x00", "get", 400),
        ("0x" + "0" * 40, "get", 404),
        ("cert@team.exampl", "get", 404),
        ("%@team.example", "get", 404),
        ("_ert@team.example", "get", 404),
        (ADDRESS, "", 400),
        (ADDRESS, "stats", 501),
        (ADDRESS, "add", 501),
    ],
)
def test_the_codes_of_what_is_not_exact_or_not_here(client, search, operation, status):
    keyed(listed(), ADDRESS)
    assert ask(client, search, operation).status_code == status


def test_strangers_learn_of_no_hidden_team_address_or_key(client):
    hidden = keyed(listed(kind=TeamKind.LAWFUL_INTERCEPTION), ADDRESS)
    inner = listed(name="Other", address="inner@team.example", is_public=False)
    seen = keyed(inner, "inner@team.example")
    waiting = keyed(TeamFactory(), "w@team.example", state=KeyState.PENDING)
    assert ask(client, ADDRESS).status_code == 404
    assert ask(client, f"0x{hidden.fingerprint}").status_code == 404
    assert ask(client, f"0x{waiting.fingerprint}").status_code == 404
    assert ask(client, "inner@team.example").status_code == 404
    assert ask(client, f"0x{seen.fingerprint}").status_code == 200  # public, as on its page


def test_a_key_that_was_withdrawn_by_word_is_given_to_nobody(client):
    """Its file does not say that it is revoked: GnuPG would take it for a good one."""
    team = listed()
    party = keyed(team, ADDRESS)
    TeamKey.objects.update(state=KeyState.REVOKED)
    assert ask(client, f"0x{party.fingerprint}").status_code == 404
    assert ask(client, ADDRESS).status_code == 404


def test_a_copy_of_a_revoked_key_is_given_to_nobody(client):
    """Another team's old copy, brought before its owner came, would hide the revocation."""
    party = make_party(name=f"Owner <{ADDRESS}>")
    copy = PurposeKeyFactory(team=listed(name="Other"), party=party, purpose=Purpose.MAIL)
    PublicationFactory(team=copy.team)
    KeyProofFactory(team=copy.team, fingerprint=party.fingerprint)
    TeamKey.objects.create(
        team=TeamFactory(),
        fingerprint=party.fingerprint,
        certificate=copy.certificate,
        state=KeyState.ACTIVE,
    )
    assert client.get(place()).status_code == 200
    TeamKey.objects.update(state=KeyState.REVOKED)
    for search in (f"0x{party.fingerprint}", ADDRESS):
        assert ask(client, search).status_code == 404
    assert client.get(place()).status_code == 404
    assert b"Keys: 0" in client.get("/directory/keyring.asc").content


def test_an_expired_key_is_found_by_fingerprint_and_marked(client):
    team = listed()
    made = clock.now() - timedelta(days=20)
    party = keyed(team, ADDRESS, created=made, lifetime=timedelta(days=10))
    assert ask(client, ADDRESS).status_code == 404
    line = ask(client, f"0x{party.fingerprint}", "index").content.decode().splitlines()[1]
    assert line.endswith(":e")


def test_too_many_lookups_are_told_to_come_back(client, monkeypatch):
    keyed(listed(), ADDRESS)
    small = Budget("keyring:lookup", Scope.HUB, 2, public.WINDOW)
    monkeypatch.setattr(public, "LOOKUPS", small)
    assert [ask(client, ADDRESS).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(client, ADDRESS)["Retry-After"] == "3600"


# One keyring ------------------------------------------------------------------


def told(answer):
    text = answer.content.decode()
    content = dearmour(text.encode(), "PUBLIC KEY BLOCK")
    said = re.search(r"not armoured: (\w+)", text)[1]
    assert said == hashlib.sha256(content).hexdigest().upper()
    return text


def test_the_keyring_holds_the_active_keys_of_teams_that_the_reader_sees(client):
    first, hidden = keyed(listed()), keyed(TeamFactory(kind=TeamKind.LAWFUL_INTERCEPTION))
    keyed(TeamFactory(), state=KeyState.SUPERSEDED)
    keyed(TeamFactory(), lifetime=timedelta(days=1), created=clock.now() - timedelta(days=3))
    other = PurposeKeyFactory()
    with gnupg_home() as gpg:
        gpg.run("--import", data=told(client.get("/directory/keyring.asc")).encode())
        assert set(gpg.fingerprints()) == {first.fingerprint, other.fingerprint}
        sign_in(client, member_of(TeamFactory()))
        gpg.run("--import", data=told(client.get("/directory/keyring.asc")).encode())
        assert hidden.fingerprint in gpg.fingerprints()


def test_an_empty_keyring_says_so(client):
    answer = client.get("/directory/keyring.asc")
    assert answer.status_code == 200
    assert b"Keys: 0" in answer.content


# A real GnuPG with its own network -----------------------------------------------


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_gnupg_fetches_a_key_from_the_running_hub(live_server, settings):
    """`gpg --recv-keys` and `--search-keys`, over the network of this machine."""
    settings.ALLOWED_HOSTS = ["*"]
    party = keyed(listed(), ADDRESS)
    with gnupg_home() as gpg:
        (gpg.home / "dirmngr.conf").write_text("disable-ipv6\n")
        server = live_server.url.replace("http://", "hkp://").replace("localhost", "127.0.0.1")
        at = ("--keyserver", server)
        gpg.run(*at, "--recv-keys", party.fingerprint)
        assert gpg.fingerprints() == [party.fingerprint]
        gpg.run("--delete-keys", party.fingerprint)
        gpg.run(*at, "--auto-key-locate", "clear,keyserver", "--locate-external-keys", ADDRESS)
        assert gpg.fingerprints() == [party.fingerprint]
        with contextlib.suppress(AssertionError):
            gpg.run(*at, "--recv-keys", "0" * 39 + "1")
        assert gpg.fingerprints() == [party.fingerprint]
