"""The vault's server side: it stores what is locked, and nothing else."""

import base64

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from fido2 import cbor
from fido2.utils import websafe_encode
from tests.factories.directory import TeamFactory, member_of
from tests.factories.keys import KEYS, VaultFactory
from tests.principals import principal_of, sign_in, sign_in_without_second_factor

from tcert.community.accounts import vaults
from tcert.community.accounts.models import Vault, VaultPasskey
from tcert.community.accounts.vaultlock import LockRefused, check_locked
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db
LOCKED = base64.b64decode(KEYS["ada"]["lockedSecret"])
PAGES = [
    "",
    "create/",
    "unlock/",
    "backup/",
    "passphrase/",
    "discard/",
    "lost/",
    "passkeys/",
    "keys.json",
]


@pytest.fixture
def member():
    return member_of(TeamFactory(), name="Ada Moss")


def send(client, **changes):
    data = {
        "certificate": KEYS["ada"]["certificate"],
        "locked_secret": KEYS["ada"]["lockedSecret"],
        **changes,
    }
    return client.post("/account/vault/create/", data)


@pytest.mark.parametrize("path", PAGES)
def test_the_vault_is_for_members_with_a_second_factor(client, member, path):
    address = f"/account/vault/{path}"
    assert client.get(address).status_code == 302
    sign_in_without_second_factor(client, member)
    assert client.get(address).headers["Location"] == "/account/second-factor/"
    sign_in(client, member)
    assert client.get(address).status_code in {200, 302}


def test_create_stores_the_locked_key_once(client, member):
    sign_in(client, member)
    assert send(client, next="/directory/").headers["Location"] == "/directory/"
    vault = Vault.objects.get(person=member)
    assert (vault.fingerprint, bytes(vault.locked_secret)) == (KEYS["ada"]["fingerprint"], LOCKED)
    assert AuditRecord.objects.filter(act="accounts:vault:create", object_id=vault.id).count() == 1
    again = send(client, locked_secret=KEYS["ben"]["lockedSecret"])
    assert again.status_code == 400
    assert bytes(Vault.objects.get().locked_secret) == LOCKED


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_the_way_back_stays_on_the_hub(client, member, wanted):
    sign_in(client, member)
    assert send(client, next=wanted).headers["Location"] == "/account/vault/"


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate": ""},
        {"certificate": "nonsense"},
        {"certificate": KEYS["ada"]["secret"]},
        {"certificate": "x" * 100_000},
        {"locked_secret": ""},
        {"locked_secret": "%%%"},
        {"locked_secret": base64.b64encode(KEYS["ada"]["secret"].encode()).decode()},
        {"locked_secret": KEYS["first"]["shares"]["ada"]["sealedSecret"]},
        {"locked_secret": "A" * 200_000},
        {"locked_secret": "\x00\U0001f600"},
    ],
)
def test_create_refuses_what_is_not_a_locked_key(client, member, changes):
    sign_in(client, member)
    response = send(client, **changes)
    assert response.status_code == 400
    assert not Vault.objects.exists()
    assert b"PRIVATE KEY" not in response.content


def test_only_an_argon2_lock_is_a_lock():
    assert check_locked(LOCKED) == LOCKED
    body = bytearray(LOCKED)
    body[body.index(bytes([20, 4])) + 1] = 3  # length of the specifier, then its type
    for data in (b"", bytes(body), LOCKED + LOCKED, LOCKED[:-1], KEYS["ada"]["secret"].encode()):
        with pytest.raises(LockRefused):
            check_locked(data)


def test_keys_gives_the_person_their_own_vault_only(client, member):
    VaultFactory(person=member)
    VaultFactory(person=member_of(TeamFactory()), who="ben")
    sign_in(client, member)
    response = client.get("/account/vault/keys.json")
    assert response.json() == {
        "vault": {
            "fingerprint": KEYS["ada"]["fingerprint"],
            "certificate": KEYS["ada"]["certificate"],
            "lockedSecret": KEYS["ada"]["lockedSecret"],
            "passkeys": [],
        },
        "teams": [],
    }
    assert "no-store" in response.headers["Cache-Control"]


def test_changing_the_passphrase_keeps_the_key(client, member):
    VaultFactory(person=member)
    sign_in(client, member)
    data = {"fingerprint": KEYS["ada"]["fingerprint"], "locked_secret": KEYS["ben"]["lockedSecret"]}
    assert client.post("/account/vault/passphrase/", data).status_code == 302
    vault = Vault.objects.get()
    assert bytes(vault.locked_secret) == base64.b64decode(KEYS["ben"]["lockedSecret"])
    assert vault.fingerprint == KEYS["ada"]["fingerprint"]


def test_a_stale_window_changes_nothing(member):
    vault = VaultFactory(person=member)
    with pytest.raises(Conflict):
        vaults.change_lock(
            principal=principal_of(member),
            vault=vault,
            locked_secret=LOCKED,
            fingerprint=KEYS["ben"]["fingerprint"],
        )


def test_discarding_asks_for_the_name(client, member):
    VaultFactory(person=member)
    sign_in(client, member)
    wrong = client.post("/account/vault/discard/", {"confirm_name": "Somebody"})
    assert (wrong.status_code, Vault.objects.count()) == (400, 1)
    client.post("/account/vault/discard/", {"confirm_name": "ada moss "})
    assert Vault.objects.count() == 0
    assert AuditRecord.objects.filter(act="accounts:vault:discard").count() == 1


def test_the_salt_is_the_sessions_own(client, member):
    sign_in(client, member)
    first = client.get("/account/vault/").content
    VaultFactory(person=member)
    page = client.get("/account/vault/").content
    assert b'data-salt="' not in first
    salt = page.split(b'data-salt="')[1].split(b'"')[0]
    assert client.get("/account/vault/unlock/").content.count(salt) == 1
    client.logout()
    sign_in(client, member)
    assert salt not in client.get("/account/vault/").content


WRAPPED = b"\x01" + bytes(range(256)) * 4
SALT = bytes(32)
CLIENT_DATA = b'{"type": "webauthn.create", "challenge": "AA", "origin": "http://localhost"}'


def passkey_of(person, name="blue key"):
    """A passkey as the sign-in library keeps it: authenticator data with one credential."""
    credential = bytes(16) + (4).to_bytes(2, "big") + b"\x01\x02\x03\x04"
    key = cbor.encode({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})
    data = bytes(32) + b"\x41" + bytes(4) + credential + key
    return Authenticator.objects.create(
        user=person,
        type=Authenticator.Type.WEBAUTHN,
        data={
            "name": name,
            "credential": {
                "response": {
                    "attestationObject": websafe_encode(
                        cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
                    ),
                    "clientDataJSON": websafe_encode(CLIENT_DATA),
                },
                "id": "AQIDBA",
                "rawId": "AQIDBA",
                "type": "public-key",
                "clientExtensionResults": {},
            },
        },
    )


def enrol(client, own, **changes):
    data = {
        "passkey": own.pk,
        "fingerprint": KEYS["ada"]["fingerprint"],
        "prf_salt": base64.b64encode(SALT).decode(),
        "wrapped_secret": base64.b64encode(WRAPPED).decode(),
        **changes,
    }
    return client.post("/account/vault/passkeys/", data)


def test_a_passkey_is_let_in_told_and_taken_out_again(client, member):
    vault = VaultFactory(person=member)
    passkey = passkey_of(member)
    sign_in(client, member)
    assert enrol(client, passkey).status_code == 302
    assert client.get("/account/vault/keys.json").json()["vault"]["passkeys"] == [
        {
            "id": "AQIDBA",
            "salt": base64.b64encode(SALT).decode(),
            "wrapped": base64.b64encode(WRAPPED).decode(),
        }
    ]
    assert enrol(client, passkey).status_code == 400, "once"
    entry = VaultPasskey.objects.get()
    stranger = Client()
    sign_in(stranger, member_of(TeamFactory()))
    removal = f"/account/vault/passkeys/{entry.id}/remove/"
    assert stranger.post(removal).status_code == 404
    assert client.post(removal).status_code == 302
    assert not VaultPasskey.objects.exists()
    acts = AuditRecord.objects.filter(object_id=vault.id).values_list("act", flat=True)
    assert set(acts) == {"accounts:vault:add-passkey", "accounts:vault:remove-passkey"}
    assert Mail.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"wrapped_secret": base64.b64encode(KEYS["ada"]["secret"].encode()).decode()},
        {"wrapped_secret": base64.b64encode(b"\x01" + KEYS["ada"]["secret"].encode()).decode()},
        {"wrapped_secret": base64.b64encode(b"\x01" + b"A" * 900).decode()},
        {"wrapped_secret": base64.b64encode(b"\x02" + WRAPPED[1:]).decode()},
        {"wrapped_secret": base64.b64encode(WRAPPED[:200]).decode()},
        {"prf_salt": base64.b64encode(bytes(31)).decode()},
        {"fingerprint": KEYS["ben"]["fingerprint"]},
        {"passkey": "x"},
    ],
)
def test_what_is_not_wrapped_or_of_another_vault_is_not_stored(client, member, changes):
    VaultFactory(person=member)
    passkey = passkey_of(member)
    sign_in(client, member)
    assert enrol(client, passkey, **changes).status_code == 400
    assert not VaultPasskey.objects.exists()


def test_the_passkey_of_another_person_is_no_way_in(client, member):
    VaultFactory(person=member)
    theirs = passkey_of(member_of(TeamFactory()))
    sign_in(client, member)
    assert enrol(client, theirs).status_code == 404
    with pytest.raises(DomainError, match="not a passkey of yours"):
        vaults.add_passkey(
            principal=principal_of(member),
            vault=Vault.objects.get(person=member),
            passkey=theirs,
            fingerprint=KEYS["ada"]["fingerprint"],
            prf_salt=SALT,
            wrapped_secret=WRAPPED,
        )
    assert not VaultPasskey.objects.exists()


def test_what_a_passkey_opened_goes_with_it_and_with_the_vault(client, member):
    vault = VaultFactory(person=member)
    sign_in(client, member)
    first, second = passkey_of(member), passkey_of(member, "second")
    enrol(client, first)
    enrol(client, second)
    assert VaultPasskey.objects.count() == 2
    first.delete()
    assert [entry.authenticator for entry in VaultPasskey.objects.all()] == [second]
    vaults.discard_vault(principal=principal_of(member), vault=vault, confirmed_name="Ada Moss")
    assert not VaultPasskey.objects.exists()
    assert Authenticator.objects.filter(pk=second.pk).exists(), "it goes on signing in"
