"""Health of the hub and records, as a coordinator sees them."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from tests.browser.axe import violations
from tests.browser.people import sign_in_browser
from tests.factories.cases import CaseFactory
from tests.factories.directory import coordinator_of_desk
from tests.factories.records import NOON, make_record, sealed_records
from tests.principals import principal_of

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.kernel.principal import REPORTER
from tcert.foundation.kernel.records import record

PAGES = (
    "/health/",
    "/records/",
    "/records/?act=nothing",
    "/records/?since=2026-11-23&until=2026-11-22",
    "/records/tree/",
)
PICTURES = os.environ.get("TCERT_PICTURES")


@pytest.fixture
def coordinator(hub):
    person = coordinator_of_desk(name="Ada Lovelace")
    error = "SMTPRecipientsRefused at tcert.foundation.kernel.mail:190"
    for name in ("kernel:send-mail", "advisories:publish"):
        Job.objects.create(name=name, run_at=clock.now(), state=State.DEAD, error=error)
    for act in ("directory:team:create", "directory:key:activate"):
        record(principal_of(person), act, "team", uuid4(), role="vendor", step=3)
    record(REPORTER, "intake:report", "case", CaseFactory().id)
    sealed_records(2, heads=2)
    make_record(at=NOON, act="directory:team:change")
    return person


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 900, 1440])
def test_the_pages_are_accessible_at_any_width(new_context, hub, coordinator, width, theme):
    context = new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    sign_in_browser(context, hub, coordinator, coordinator=True)
    page = context.new_page()
    found = []
    for path in PAGES:
        page.goto(path)
        found += violations(page)
        if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path} runs sideways")
        if PICTURES:
            name = path.strip("/").replace("/", "-").replace("?", "-")
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{theme}.png", full_page=True)
    assert found == []


def test_a_coordinator_drops_one_job_and_retries_the_other(new_context, hub, coordinator):
    context = new_context(java_script_enabled=False)
    sign_in_browser(context, hub, coordinator, coordinator=True)
    page = context.new_page()
    page.goto("/health/")
    page.get_by_role("row", name="advisories:publish").get_by_role("button", name="Drop").click()
    expect(page.get_by_text("The job was dropped.")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("The job will be tried again")).to_be_visible()
    expect(page.get_by_text("No job was given up")).to_be_visible()


def test_a_coordinator_keeps_a_head_and_asks_for_one_persons_records(new_context, hub, coordinator):
    context = new_context(java_script_enabled=False)
    sign_in_browser(context, hub, coordinator, coordinator=True)
    page = context.new_page()
    page.goto("/records/")
    page.get_by_label("Person", exact=True).select_option("Ada Lovelace")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name="directory:team:create")).to_be_visible()
    expect(page.get_by_role("row", name="intake:report")).to_have_count(0)
    page.get_by_role("link", name="How they are sealed").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="head 2").click()
    assert download.value.suggested_filename == "records-head-2.txt"
    assert "Size: 4\n" in Path(download.value.path()).read_text()
