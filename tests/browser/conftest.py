"""A real Chromium against a real server; every page is watched for strangers and complaints."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer
from tests.running_hub import served

from tcert.foundation.openpgp import hubkey

__all__ = ["served"]  # a hub behind nginx

# Playwright's sync interface keeps an event loop in this thread, which Django would refuse.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# A busy machine takes its time over Argon2; what never comes still fails.
expect.set_options(timeout=20_000)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the walks; without Chromium they are skipped here and fail in CI."""
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason="install Chromium to run browser tests"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def live_server(django_db_setup) -> Iterator[LiveServer]:
    """A server that serves static files as in production, so that workers carry their policy."""
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = lambda application: application
    server.start()
    yield server
    server.stop()


@pytest.fixture
def hub(live_server, settings, transactional_db) -> str:
    """The address of a running hub on an empty database."""
    address = live_server.url.replace("127.0.0.1", "localhost")
    settings.BASE_URL = address
    settings.ALLOWED_HOSTS = ["*"]
    return address


@pytest.fixture
def hub_key(settings, tmp_path: Path) -> None:
    """A key with which the hub signs."""
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    hubkey.create()


@pytest.fixture
def new_context(browser: Browser, hub: str) -> Iterator[Callable[..., BrowserContext]]:
    """Make browser contexts, one per person; none may ask a stranger or break its own policy."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith((hub, "blob:", "data:"))
                else complaints.append(f"third party: {r.url}")
            ),
        )
        page.on(
            "console",
            lambda m: (
                complaints.append(f"{page.url}: {m.text}")
                if "Content Security Policy" in m.text or "Trusted" in m.text
                else None
            ),
        )
        page.on("pageerror", lambda e: complaints.append(f"{page.url}: {e}"))

    def make(**options: object) -> BrowserContext:
        # Without motion no colour is on its way while axe looks at it.
        context = browser.new_context(base_url=hub, reduced_motion="reduce", **options)
        context.set_default_timeout(15_000)
        context.on("page", watch)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """One page of one person."""
    return new_context().new_page()
