"""Take a picture of every page of a running demonstration: three widths, light and dark.

The hub must run (``make demo``). The script asks ``tcert demo --json`` for address and sign-ins,
walks the links as a stranger, a vendor, an operator and a coordinator, and takes each kind of page
once (addresses that differ in an identifier are one kind). It reports pages that scroll sideways,
complain in the console, never settle or answer with an error, and then ends with exit code 1.
The page of a case is taken once more with the vault open (``…-open-…``).
"""

import argparse
import base64
import hmac
import json
import re
import shutil
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlparse

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).resolve().parents[1]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = (360, 900, 1440)
# What scripts fill in after a page has come carries `data-ready` once it is done.
SETTLES = ("#vault-context", "[data-thread]")
SETTLING_MS = 20_000
CASE = "/cases/_/"
THEMES = ("light", "dark")
SEEDS = {
    "stranger": ["/", "/report/", "/receipt/", "/about/", "/account/sign-in/", "/no-such-page"],
    "applicant": ["/join/mine/"],
    "member": ["/my-day/", "/account/", "/account/second-factor/"],
}
IDENTIFIER = re.compile(
    r"(?<=^/language/)[^/]+|(?<=^/playbooks/)[^/]+|(?<=/domains/)[^/]+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9A-Fa-f]{16,}|TCERT-[A-Z0-9-]*\d+|\d+"
)
NOT_A_PAGE = re.compile(
    r"\.(csv|json|asc|vcf|pgp|gpg|xml|txt|md|ics|atom|sha256|sha512|zip)$|/logout|/download|^/static/|\.well-known"
)


@dataclass
class Role:
    """Somebody who walks the hub."""

    name: str
    seeds: list[str]
    person: dict[str, Any] | None = None
    coordinator: bool = False
    kinds: dict[str, str] = field(default_factory=dict)


def one_time_code(secret: str) -> str:
    """Return the authenticator's present code (RFC 6238, SHA-1, six digits, 30 seconds)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def told_by_demo(path: str | None) -> dict[str, Any]:
    """Read what ``tcert demo --json`` says, from a file or from the command itself."""
    if path:
        return json.loads(Path(path).read_text())
    command = [str(Path(sys.executable).with_name("tcert")), "demo", "--json"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(said[said.index("{") :])


def roles(told: dict[str, Any]) -> list[Role]:
    """Return a stranger, and the first person of a vendor, an operator, the desk and applicants."""
    found = [Role("stranger", SEEDS["stranger"])]
    people = told.get("people", [])
    for name, words in (
        ("vendor", "PSIRT"),
        ("operator", "CERT"),
        ("applicant", "applies to join"),
        ("coordinator", "desk"),
    ):
        person = next(
            (
                p
                for p in people
                if words in p["team"] and (name != "operator" or "TCERT" not in p["team"])
            ),
            None,
        )
        if person:
            seeds = SEEDS.get(name, []) + SEEDS["member"]
            found.append(Role(name, seeds, person, coordinator=name == "coordinator"))
    return found


def sign_in(page: Page, role: Role) -> None:
    """Walk passphrase and second factor; a coordinator opens a staff session as well."""
    person = role.person
    if person is None:
        return
    page.goto("/account/sign-in/")
    page.fill("input[name=login]", person["email"])
    page.fill("input[name=password]", person["passphrase"])
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("input[name=code]")
    page.fill("input[name=code]", one_time_code(person["authenticator_secret"]))
    page.press("input[name=code]", "Enter")
    page.wait_for_selector("details.who")
    if role.coordinator:
        page.goto("/account/coordinator/")
        page.fill("input[name=purpose]", "Triage of the morning")
        page.press("input[name=purpose]", "Enter")
        page.wait_for_selector(".who-staff")


def settled(page: Page) -> bool:
    """Wait until the page's scripts have said what they have to say; tell whether they have."""
    try:
        for marked in SETTLES:
            if page.locator(marked).count():
                page.locator(f"{marked}[data-ready]").first.wait_for(
                    state="attached", timeout=SETTLING_MS
                )
    except PlaywrightError:
        return False
    return True


def unlock(page: Page, passphrase: str) -> None:
    """Open the vault in this browser, as a person does."""
    page.goto("/account/vault/unlock/")
    settled(page)
    page.fill("input[type=password]", passphrase)
    page.click("#open")
    page.wait_for_url(lambda url: "/unlock/" not in url)


def kind_of(path: str) -> str:
    """Return an address without its identifiers: pages that differ in one are one kind."""
    return IDENTIFIER.sub("_", path)


def leads(page: Page, base: str) -> Iterator[str]:
    """Yield the paths of this hub's pages that a page links to."""
    for href in page.eval_on_selector_all("a[href]", "links => links.map(l => l.href)"):
        parsed = urlparse(urljoin(page.url, href))
        if f"{parsed.scheme}://{parsed.netloc}" == base and not NOT_A_PAGE.search(parsed.path):
            yield parsed.path


def walk(context: BrowserContext, role: Role, base: str, limit: int) -> Iterator[Page]:
    """Find one address of each kind of page that the role can reach by links, and stop at each."""
    page = context.new_page()
    waiting = deque(role.seeds)
    gone: set[str] = set()  # what leads to a page that is known goes on being linked to
    while waiting and len(role.kinds) < limit:
        path = waiting.popleft()
        if path in gone or kind_of(path) in role.kinds:
            continue
        gone.add(path)
        try:
            answer = page.goto(path)
        except PlaywrightError:  # a download
            continue
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        here = urlparse(page.url).path
        if kind_of(here) in role.kinds:
            continue
        role.kinds[kind_of(here)] = here
        waiting.extend(leads(page, base))
        yield page
    page.close()


class Photographer:
    """Takes the pictures of one role and keeps what is wrong with the pages."""

    def __init__(self, browser: Browser, base: str, out: Path, widths: list[int]) -> None:
        self.browser, self.base, self.out, self.widths = browser, base, out, widths
        self.complaints: list[str] = []
        self.pictures: list[tuple[str, str, str]] = []

    def take(self, role: Role, state: Any, only: re.Pattern[str] | None) -> None:
        """Take each kind of page of a role in each width and theme."""
        folder = self.out / role.name
        folder.mkdir(parents=True, exist_ok=True)
        paths = [p for p in role.kinds.values() if not only or only.search(p)]
        for theme in THEMES:
            for width in self.widths:
                context = self.browser.new_context(
                    base_url=self.base,
                    storage_state=state,
                    viewport={"width": width, "height": 900},
                    color_scheme=theme,
                    timezone_id="Europe/Paris",
                )
                page = context.new_page()
                page.on("pageerror", lambda e: self.complaints.append(f"{role.name}: {e}"))
                page.on("console", lambda m: self._heard(m.location["url"], m.type, m.text))
                for path in paths:
                    self._one(page, role, path, width, theme)
                case = role.kinds.get(CASE)
                if role.person and case in paths:
                    unlock(page, role.person["vault_passphrase"])
                    self._one(page, role, case, width, theme, "open")
                context.close()

    def _heard(self, url: str, kind: str, text: str) -> None:
        if kind == "error" and "404" not in text:
            self.complaints.append(f"{url}: {text}")

    def _one(
        self, page: Page, role: Role, path: str, width: int, theme: str, mark: str = ""
    ) -> None:
        answer = page.goto(path)
        if not settled(page):
            self.complaints.append(f"{path} does not settle")
        if answer is not None and answer.status >= 500:  # noqa: PLR2004 - a mistake of the hub
            self.complaints.append(f"{path}: {answer.status}")
        over = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 0:
            self.complaints.append(f"{path} scrolls sideways by {over} px at {width} px")
        slug = re.sub(r"[^a-zA-Z0-9]+", "-", kind_of(path).replace("_", "one")).strip("-") or "home"
        name = "-".join(filter(None, (slug, mark, str(width), f"{theme}.png")))
        page.screenshot(path=self.out / role.name / name, full_page=True)
        self.pictures.append((role.name, path, f"{role.name}/{name}"))


def write_index(out: Path, pictures: list[tuple[str, str, str]]) -> None:
    """Write a page that shows all pictures in rows of one kind each."""
    rows: dict[tuple[str, str], list[str]] = {}
    for role, path, file in pictures:
        rows.setdefault((role, path), []).append(file)
    body = "".join(
        f"<h2>{escape(role)}: {escape(path)}</h2><div>"
        + "".join(
            f'<a href="{f}"><img src="{f}" alt="{f}" height="420" loading="lazy"></a> '
            for f in files
        )
        + "</div>"
        for (role, path), files in rows.items()
    )
    title = "Pictures of the demonstration"
    (out / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>{body}</html>'
    )


def main() -> int:
    """Walk, take, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base-url", help="address of the hub (default: what the demo says)")
    parser.add_argument("--demo", help="file with the output of `tcert demo --json`")
    parser.add_argument("--only", help="take only pages whose path matches this expression")
    parser.add_argument("--role", action="append", help="stranger, vendor, operator, coordinator")
    parser.add_argument("--width", action="append", type=int, help="take only this width")
    parser.add_argument("--limit", type=int, default=80, help="kinds of page for each role")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "screenshots")
    options = parser.parse_args()
    told = told_by_demo(options.demo)
    base = (options.base_url or told["address"]).rstrip("/")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Chromium is missing: apt-get install chromium", file=sys.stderr)
        return 2
    only = re.compile(options.only) if options.only else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        photographer = Photographer(browser, base, options.out, options.width or list(WIDTHS))
        for role in roles(told):
            if options.role and role.name not in options.role:
                continue
            context = browser.new_context(base_url=base)
            page = context.new_page()
            sign_in(page, role)
            deque(walk(context, role, base, options.limit), maxlen=0)
            state = context.storage_state()
            context.close()
            print(f"{role.name}: {len(role.kinds)} kinds of page")
            photographer.take(role, state, only)
        browser.close()
    write_index(options.out, photographer.pictures)
    print(f"{len(photographer.pictures)} pictures: {options.out / 'index.html'}")
    for complaint in sorted(set(photographer.complaints)):
        print(f"  {complaint}")
    return 1 if photographer.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
