"""The vault in a real browser: made, locked, opened, and closed when the session ends."""

import pytest
from playwright.sync_api import expect
from tests import principals
from tests.browser.axe import assert_accessible
from tests.browser.people import sign_in_browser
from tests.browser.vaults import PASSPHRASE, confirm_kit, create_vault, unlock_vault
from tests.factories.directory import TeamFactory, member_of

from tcert.community.accounts.models import BrowserSession, Vault, VaultPasskey


def test_a_vault_is_made_kept_across_pages_locked_and_unlocked(new_context, hub):
    person = member_of(TeamFactory(), name="Ada Moss")
    context = new_context()
    sign_in_browser(context, hub, person)
    page = context.new_page()
    create_vault(page)
    stored = bytes(Vault.objects.get(person=person).locked_secret)
    assert PASSPHRASE.encode() not in stored

    page.reload()
    expect(page.get_by_text("unlocked in this browser")).to_be_visible()

    other = context.new_page()
    other.goto("/account/vault/")
    expect(other.get_by_text("unlocked in this browser")).to_be_visible()
    page.get_by_role("button", name="Lock now").click()
    expect(page.get_by_role("link", name="Unlock", exact=True)).to_be_visible()
    expect(other.get_by_role("link", name="Unlock", exact=True)).to_be_visible()

    page.get_by_role("link", name="Unlock", exact=True).click()
    unlock_vault(page, "not the passphrase at all")
    expect(page.get_by_role("alert")).to_contain_text("does not open")
    unlock_vault(page)
    expect(page.get_by_text("unlocked in this browser")).to_be_visible()


def test_the_vault_locks_when_idle_and_when_the_session_ends(new_context, hub, settings):
    person = member_of(TeamFactory())
    context = new_context()
    sign_in_browser(context, hub, person)
    page = context.new_page()
    create_vault(page)

    # What the browser keeps is worthless without the half that the session holds.
    BrowserSession.objects.all().delete()
    sign_in_browser(context, hub, person)
    page.goto("/account/vault/")
    expect(page.get_by_role("link", name="Unlock", exact=True)).to_be_visible()

    page.goto("/account/vault/unlock/")
    settings.VAULT_IDLE_SECONDS = 1
    unlock_vault(page)
    expect(page.get_by_text("Nothing can be read in this browser now.")).to_be_visible(
        timeout=15_000
    )


def test_signing_out_anywhere_locks_every_page(new_context, hub):
    person = member_of(TeamFactory())
    context = new_context()
    sign_in_browser(context, hub, person)
    first, second = context.new_page(), context.new_page()
    create_vault(first)
    second.goto("/account/vault/")
    expect(second.get_by_text("unlocked in this browser")).to_be_visible()
    second.locator(".who > summary").click()
    second.get_by_role("button", name="Sign out").click()
    expect(first.get_by_role("link", name="Unlock", exact=True)).to_be_visible()
    # The other page locks at the press; the answer, which ends the cookie, may come later.
    expect(second.get_by_role("link", name="Sign in").first).to_be_visible()

    sign_in_browser(context, hub, person)
    first.goto("/account/vault/unlock/")
    unlock_vault(first)
    expect(first.get_by_text("unlocked in this browser")).to_be_visible()
    # Another browser ends all sessions: this page learns it when the person comes back to it.
    BrowserSession.objects.all().delete()
    first.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(first.get_by_role("link", name="Unlock", exact=True)).to_be_visible()


def test_the_backup_kit_sets_a_new_passphrase(new_context, hub, tmp_path):
    context = new_context()
    sign_in_browser(context, hub, member_of(TeamFactory()))
    page = context.new_page()
    create_vault(page)
    page.goto("/account/vault/backup/")
    page.get_by_role("button", name="Make a kit").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    kit = tmp_path / "kit.asc"
    download.value.save_as(kit)
    passphrase = confirm_kit(page)
    page.get_by_role("button", name="I have the kit").click()

    page.goto("/account/vault/passphrase/")
    page.get_by_text("I have the backup kit").click()
    page.get_by_label("The kit’s file").set_input_files(kit)
    page.get_by_label("The kit’s passphrase").fill(passphrase)
    page.get_by_label("New passphrase").fill("another passphrase")
    page.get_by_label("The new one once more").fill("another passphrase")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_text("The new passphrase holds")).to_be_visible()
    page.get_by_role("button", name="Lock now").click()
    page.goto("/account/vault/unlock/")
    unlock_vault(page, "another passphrase")
    expect(page.get_by_text("unlocked in this browser")).to_be_visible()


def test_the_worker_has_no_network_and_no_secrets_pass_through_the_page(new_context, hub):
    context = new_context()
    sign_in_browser(context, hub, member_of(TeamFactory()))
    page = context.new_page()
    policy = page.request.get("/static/openpgp/worker.js").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    sent = []
    page.on("request", lambda r: sent.append(r.post_data or ""))
    create_vault(page)
    assert not any(PASSPHRASE in body.replace("+", " ") for body in sent)
    stored = page.evaluate(
        """async () => {
            const open = indexedDB.open("tcert-vault");
            const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
            const got = db.transaction("session").objectStore("session").get("current");
            const entry = await new Promise((done) => { got.onsuccess = () => done(got.result); });
            const text = new TextDecoder().decode(entry.sealed);
            return { exportable: entry.half.extractable, readable: text.includes("PRIVATE KEY") };
        }"""
    )
    assert stored == {"exportable": False, "readable": False}


@pytest.fixture
def security_key():
    """Put a security key that answers questions (PRF) into a page's browser; returns how to take
    it out and put it back."""

    def plug_in(page, **options):
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "ctap2Version": "ctap2_1",
                    "transport": "usb",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                    **options,
                }
            },
        )

    return plug_in


def sign_in_and_add_passkey(page, person, name):
    page.goto("/account/sign-in/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Passphrase").fill(principals.PASSPHRASE)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#recovery_codes li")).to_have_count(10)


def test_a_passkey_opens_the_vault_beside_the_passphrase_until_it_is_removed(
    new_context, hub, security_key
):
    person = member_of(TeamFactory(), name="Ada Moss")
    page = new_context().new_page()
    security_key(page, hasPrf=True)
    sent = []
    page.on("request", lambda r: sent.append(r.post_data or ""))
    sign_in_and_add_passkey(page, person, "blue key")
    create_vault(page)
    page.goto("/account/vault/unlock/")
    expect(page.get_by_role("button", name="Unlock", exact=True)).to_be_enabled()
    expect(page.get_by_role("button", name="Unlock with a passkey")).to_be_hidden()

    page.goto("/account/vault/")
    page.get_by_role("link", name="Open it with a passkey").click()
    assert_accessible(page)
    page.get_by_role("button", name="Let it open my vault").click()
    expect(page.get_by_text("This passkey opens your vault now")).to_be_visible()
    assert_accessible(page)
    entry = VaultPasskey.objects.get(vault__person=person)
    assert b"PRIVATE KEY" not in bytes(entry.wrapped_secret)
    assert not any("PRIVATE KEY" in body for body in sent)

    page.goto("/account/vault/")
    page.get_by_role("button", name="Lock now").click()
    page.get_by_role("link", name="Unlock", exact=True).click()
    expect(page.get_by_role("button", name="Unlock with a passkey")).to_be_enabled()
    assert_accessible(page)
    page.get_by_role("button", name="Unlock with a passkey").click()
    expect(page.get_by_text("unlocked in this browser")).to_be_visible()

    # The hub hands out what another person's passkey wrapped, or a changed one: nothing opens.
    damaged = bytes(entry.wrapped_secret[:-1]) + bytes([entry.wrapped_secret[-1] ^ 1])
    VaultPasskey.objects.update(wrapped_secret=damaged)
    page.get_by_role("button", name="Lock now").click()
    page.goto("/account/vault/unlock/")
    page.get_by_role("button", name="Unlock with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("does not open your vault")
    VaultPasskey.objects.update(wrapped_secret=entry.wrapped_secret)

    # The passphrase goes on opening it, under a new one too.
    unlock_vault(page)
    expect(page.get_by_text("unlocked in this browser")).to_be_visible()
    page.goto("/account/vault/passkeys/")
    page.get_by_role("button", name="Remove blue key").click()
    expect(page.get_by_text("opens your vault no longer")).to_be_visible()
    assert not VaultPasskey.objects.exists()
    page.goto("/account/vault/unlock/")
    expect(page.get_by_role("button", name="Unlock", exact=True)).to_be_enabled()
    expect(page.get_by_role("button", name="Unlock with a passkey")).to_be_hidden()


def test_a_key_that_cannot_answer_and_a_browser_that_cannot_ask_change_nothing(
    new_context, hub, security_key
):
    page = new_context().new_page()
    security_key(page)
    sign_in_and_add_passkey(page, member_of(TeamFactory()), "old key")
    create_vault(page)
    page.goto("/account/vault/passkeys/")
    page.get_by_role("button", name="Let it open my vault").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot open a vault")
    assert not VaultPasskey.objects.exists()

    page.add_init_script("delete PublicKeyCredential.getClientCapabilities")
    page.goto("/account/vault/passkeys/")
    expect(page.get_by_text("This browser does not say")).to_be_visible()
    expect(page.get_by_role("button", name="Let it open my vault")).to_be_hidden()
