"""The vault in a real browser: made, locked, opened, and closed when the session ends."""

from django.contrib.sessions.models import Session
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.vaults import PASSPHRASE, create_vault, unlock_vault
from tests.factories.directory import TeamFactory, member_of

from tcert.community.accounts.models import Vault


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
    Session.objects.all().delete()
    sign_in_browser(context, hub, person)
    page.goto("/account/vault/")
    expect(page.get_by_role("link", name="Unlock", exact=True)).to_be_visible()

    page.goto("/account/vault/unlock/")
    settings.VAULT_IDLE_SECONDS = 1
    unlock_vault(page)
    expect(page.get_by_text("Nothing can be read in this browser now.")).to_be_visible(
        timeout=15_000
    )


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
