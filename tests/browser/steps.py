"""What people do on the hub's pages, step by step, for the walks that share a step."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.people import sign_in_browser
from tests.browser.vaults import unlock_vault
from tests.factories.intake import MARK
from tests.factories.keys import KEYS, VaultFactory, active_key_of, share_of

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Team

# A stranger reports --------------------------------------------------------------------------


def fill_what_and_where(page: Page, subject: str = "Open5GS AMF 2.7.6") -> None:
    page.get_by_label("a weakness in a product").check()
    page.get_by_label("Product or network").fill(subject)


def fill_facts(page: Page, facts: str = f"It stops when {MARK} arrives.\nSecond line.") -> None:
    page.get_by_label("What happens").fill(facts)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Go on").click()


def receipt_on(page: Page) -> str:
    groups = page.locator("#receipt li")
    expect(groups).to_have_count(8)
    return " ".join(groups.all_inner_texts())


def walk_to_receipt(
    page: Page,
    files: list[dict[str, object]] | None = None,
    *,
    reads_line: bool = False,
    **said: str,
) -> str:
    """Fill in the report with scripts and stop at its last step; `said` is subject and facts."""
    page.goto("/report/")
    expect(page.get_by_role("heading", name="Before you write")).to_be_visible()
    go_on(page)
    fill_what_and_where(page, **{k: v for k, v in said.items() if k == "subject"})
    if reads_line:
        page.get_by_label("Yes, this line only").check()
    go_on(page)
    fill_facts(page, **{k: v for k, v in said.items() if k == "facts"})
    if files:
        page.set_input_files("#id_files", files)
        expect(page.locator("#files li")).to_have_count(len(files))
    go_on(page)
    page.get_by_label("Anything else").fill(f"Wish {MARK}")
    go_on(page)
    expect(page.get_by_role("heading", name="Your receipt")).to_be_visible()
    return receipt_on(page)


def confirm_and_send(page: Page, receipt: str) -> None:
    page.get_by_label("Type the last group").fill(receipt.rsplit(maxsplit=1)[-1].upper())
    page.get_by_role("button", name="Seal and send").click()


def open_mailbox(page: Page, receipt: str) -> None:
    page.goto("/receipt/")
    page.get_by_label("Your receipt").fill(receipt)
    page.get_by_role("button", name="Open", exact=True).click()


# A team works on a case ----------------------------------------------------------------------


def open_as(
    new_context: Callable[..., BrowserContext],
    hub: str,
    person: Person,
    team: Team,
    which: str,
    **options: bool,
) -> Page:
    """Open a page for a person with a vault that holds a share of the team's key."""
    give_share(person, team, which)
    context = new_context()
    sign_in_browser(context, hub, person, **options)
    return context.new_page()


def give_share(person: Person, team: Team, which: str) -> None:
    """Give a person a vault with a share of the team's key, unless it is there."""
    if not hasattr(person, "vault"):
        VaultFactory(person=person)
        key = team.keys.filter(fingerprint=KEYS[which]["fingerprint"]).first()
        share_of(key or active_key_of(team, which), person, which=which)


def unlock(page: Page) -> None:
    page.get_by_role("link", name="Unlock").click()
    unlock_vault(page, KEYS["passphrase"])
    expect(page.locator("[data-ready=open]")).to_have_count(1)


def remember(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Remember and go on").click()


def write(page: Page, text: str, *, new_keys: bool = False) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Seal and send").click()
    if new_keys:
        remember(page)
    expect(page.locator(".msg.mine [data-text]").last).to_contain_text(text.splitlines()[0])


def judge(page: Page, *acts: str) -> None:
    """Press these buttons of the triage page, one after the other."""
    for act in acts:
        page.get_by_role("button", name=act).click()
        expect(page.get_by_text("Done.")).to_be_visible()


def invite_proposed(page: Page, *teams: str) -> None:
    """Choose these of the proposed teams and ask them in."""
    for team in teams:
        page.get_by_label(team).first.check()
    page.get_by_role("button", name="Ask the chosen teams").click()
    expect(page.get_by_text(f"Asked: {len(teams)}")).to_be_visible()


def open_invitation(page: Page, name: str) -> None:
    page.goto("/cases/")
    page.get_by_role("link", name=re.compile(name)).click()


def accept_terms(page: Page) -> None:
    page.get_by_label("My team accepts these terms").check()
    page.get_by_role("button", name="Accept and take part").click()
    expect(page.get_by_text("You take part now")).to_be_visible()


def hand_over(page: Page, words: str, note: str, *, new_keys: bool = False) -> None:
    """Hand the earlier message that says `words` over into the open conversation."""
    page.get_by_role("link", name="Hand earlier messages over").click()
    message = page.locator(".msg", has_text=words).first
    message.get_by_label("Note to the readers").fill(note)
    message.get_by_role("button", name="Hand over").click()
    if new_keys:
        remember(page)
    expect(message).to_contain_text("Done.")


# Two people write an advisory ----------------------------------------------------------------


def save_step(page: Page) -> None:
    """Save a step of the editor and go to the next."""
    page.get_by_role("button", name="Save and go on").click()


def publish(page: Page, number: str) -> None:
    """Type the number that is asked for and publish."""
    page.locator("summary", has_text="Publish now").click()
    page.get_by_label("Type the number").fill(number)
    page.get_by_role("button", name="Publish", exact=True).click()
