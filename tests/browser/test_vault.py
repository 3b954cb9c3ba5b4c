"""The vault in a real browser: made, locked, opened, and closed when the session ends."""

from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.vaults import PASSPHRASE, confirm_kit, create_vault, unlock_vault
from tests.factories.directory import TeamFactory, member_of

from tcert.community.accounts.models import BrowserSession, Vault


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
