"""The life of an advisory in real browsers: written without scripts, approved, published, read."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.axe import violations
from tests.browser.people import sign_in_browser
from tests.browser.steps import publish, save_step
from tests.factories import advisories as made
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import DeskFactory, coordinator_of_desk, member_of

from tcert.foundation.kernel import jobs
from tcert.response.advisories.domain import final_text
from tcert.response.advisories.models import Advisory, FinalCopy

STEPS = ["basics", "products", "vulnerabilities", "statuses", "remedies", "references"]
SIZES = [(320, "light"), (900, "dark"), (1440, "light")]


def coordinator(new_context: Callable[..., BrowserContext], hub: str, **options: object) -> Page:
    """Return a page of a fresh coordinator in a staff session."""
    context = new_context(**options)
    sign_in_browser(context, hub, coordinator_of_desk(), coordinator=True)
    return context.new_page()


def test_an_advisory_is_written_without_scripts_and_published(  # noqa: PLR0915 - one long walk
    hub: str, new_context: Callable[..., BrowserContext], hub_key: None
) -> None:
    DeskFactory()
    writer = coordinator(new_context, hub, java_script_enabled=False)
    writer.goto("/advisories/texts/")
    writer.get_by_role("link", name="Begin an advisory").click()
    writer.get_by_label("Title").fill("Open5GS: denial of service in the AMF")
    writer.get_by_role("button", name="Begin").click()
    writer.get_by_label("Summary").fill("One message stops the AMF. **Update.**")
    save_step(writer)
    writer.get_by_label("Vendor").fill("Open5GS")
    writer.get_by_label("Product", exact=True).fill("Open5GS")
    writer.get_by_label("Version", exact=True).fill("<2.7.3")
    writer.get_by_role("button", name="Save and add more").click()
    expect(writer.locator("main")).to_contain_text("This looks like a range")
    writer.get_by_label("This is a range of versions").check()
    writer.get_by_role("button", name="Save and add more").click()
    row = writer.locator("fieldset.group").nth(1)
    row.get_by_label("Vendor").fill("Open5GS")
    row.get_by_label("Product", exact=True).fill("Open5GS")
    row.get_by_label("Version", exact=True).fill("2.7.3")
    save_step(writer)
    writer.get_by_label("Title").fill("Reachable assertion in the NAS decoder")
    writer.get_by_label("Description").fill("A malformed request reaches an assertion.")
    writer.get_by_label("CVE id").fill("CVE-2026-12345")
    writer.get_by_label("Weakness").fill("617")
    writer.get_by_label("CVSS 3.1").fill("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H")
    save_step(writer)
    writer.get_by_label("before 2.7.3 in").select_option("known_affected")
    writer.get_by_label(re.compile("Open5GS 2.7.3 in")).select_option("fixed")
    save_step(writer)
    writer.get_by_label("What to do").fill("Update to 2.7.3.")
    save_step(writer)
    references, credit = (writer.locator("fieldset.group").nth(n) for n in (0, 1))
    references.get_by_label("What it is").fill("The fix")
    references.get_by_label("Web address").fill("https://open5gs.example/fix")
    credit.get_by_label("Names").fill("Ada Example")
    credit.get_by_label("They agreed").check()
    save_step(writer)
    writer.get_by_role("button", name="Hand it to review").click()
    expect(writer.locator("main")).to_contain_text("somebody else of your team must approve")

    reviewer = coordinator(new_context, hub)
    reviewer.goto("/advisories/texts/")
    reviewer.get_by_role("link", name="Open5GS").click()
    reviewer.get_by_role("link", name="Review it").click()
    expect(reviewer.locator("main")).to_contain_text("Reachable assertion")
    reviewer.get_by_role("button", name="Approve this text").click()
    number = Advisory.objects.get().number or ""
    publish(reviewer, "TCERT-SA-1")
    expect(reviewer.locator("main")).to_contain_text("That is not the number")
    reviewer.get_by_label("Type the number").fill(number)
    reviewer.get_by_role("button", name="Publish", exact=True).click()
    jobs.run_due()

    reader = new_context(java_script_enabled=False).new_page()
    reader.goto("/advisories/")
    reader.get_by_role("link", name="Open5GS").click()
    for words in ("Am I affected?", "before 2.7.3", "Update to 2.7.3.", "Ada Example", number):
        expect(reader.locator("main")).to_contain_text(words)
    expect(reader.locator("main strong", has_text="Update.")).to_be_visible()


@pytest.mark.long
def test_every_page_is_accessible_at_every_width(
    hub: str, new_context: Callable[..., BrowserContext], hub_key: None
) -> None:
    case = CaseFactory()
    party = ParticipantFactory(case=case)
    out = made.published()
    draft = made.a_draft()
    waiting = made.in_review()
    text = made.approved_of(case)
    final_text.send(principal=made.writer(), advisory_id=text.id, text_version=1)
    copy = FinalCopy.objects.get()
    work = "/advisories/texts"
    paths = [
        "/advisories/",
        "/advisories/?q=nothing",
        f"/advisories/{out.number}/",
        "/.well-known/csaf/white/",
        f"{work}/",
        f"{work}/new/",
        f"{work}/case/{case.id}/",
        f"{work}/{draft.id}/",
        *(f"{work}/{draft.id}/{step}/" for step in STEPS),
        f"{work}/{draft.id}/preview/",
        f"{work}/{waiting.id}/review/",
        f"{work}/{text.id}/",
        f"{work}/{out.advisory_id}/",
    ]
    found = []
    page = coordinator(new_context, hub)
    context = new_context()
    sign_in_browser(context, hub, member_of(party.team))
    reader = context.new_page()
    for shown, path in [(page, p) for p in paths] + [(reader, f"/advisories/final/{copy.id}/")]:
        answer = shown.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        for width, theme in SIZES:
            shown.set_viewport_size({"width": width, "height": 900})
            shown.emulate_media(color_scheme=theme)
            found += violations(shown)
            if shown.evaluate(
                "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
            ):
                found.append(f"{path} runs sideways at {width}")
    assert not found, "\n".join(found)
