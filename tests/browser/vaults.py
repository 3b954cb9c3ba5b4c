"""What a person does with a vault, in a browser."""

import re

from playwright.sync_api import Page, expect

PASSPHRASE = "copper ladder monsoon quill"


def confirm_kit(page: Page) -> str:
    """Type the end of the kit's passphrase, as the page asks; return the whole passphrase."""
    shown = page.locator("[data-kit='passphrase']")
    expect(shown).to_have_text(re.compile(r"^(\w{4}-){5}\w{4}$"))
    passphrase = shown.inner_text()
    page.get_by_label("The last four characters").fill(passphrase[-4:])
    return passphrase


def create_vault(page: Page) -> None:
    """Make a vault and end on its page, unlocked."""
    page.goto("/account/vault/create/")
    page.get_by_label("Passphrase of the vault").fill(PASSPHRASE)
    page.get_by_label("The same once more").fill(PASSPHRASE)
    page.get_by_role("button", name="Make the key").click()
    confirm_kit(page)
    page.get_by_role("button", name="store my vault").click()
    expect(page.get_by_text("unlocked in this browser")).to_be_visible()


def unlock_vault(page: Page, passphrase: str = PASSPHRASE) -> None:
    """Fill in the unlock page that is open."""
    page.get_by_label("Passphrase of the vault").fill(passphrase)
    page.get_by_role("button", name="Unlock", exact=True).click()
