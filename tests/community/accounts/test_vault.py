"""The vault's server side: it stores what is locked, and nothing else."""

import base64

import pytest
from tests.factories.directory import TeamFactory, member_of
from tests.factories.keys import KEYS, VaultFactory
from tests.principals import principal_of, sign_in, sign_in_without_second_factor

from tcert.community.accounts import vaults
from tcert.community.accounts.models import Vault
from tcert.community.accounts.vaultlock import LockRefused, check_locked
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db
LOCKED = base64.b64decode(KEYS["ada"]["lockedSecret"])
PAGES = ["", "create/", "unlock/", "backup/", "passphrase/", "discard/", "keys.json"]


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
