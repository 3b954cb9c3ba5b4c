"""The hub's whole job in one walk: two strangers report, and at its end the world can check."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from tests.browser import steps
from tests.browser.people import sign_in_browser
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.intake import MARK
from tests.factories.inventory import EquipmentFactory, ProductFactory
from tests.factories.keys import active_key_of
from tests.gnupg import gnupg_home

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.sealed.domain import deliver_buffered
from tcert.response.advisories import validation
from tcert.response.advisories.models import Advisory, FinalCopy, Release
from tcert.response.cases.enums import CaseKind, EmbargoState, InvitationState, ThreadPurpose
from tcert.response.cases.jobs import run_clocks
from tcert.response.cases.models import Case, Invitation

pytestmark = pytest.mark.slow
expect.set_options(timeout=30_000)  # unlocking takes its time on a busy machine

FLAW = f"The UDM answers anyone who asks for a subscriber: {MARK}"
ATTACK = f"Somebody asks our HSS for every subscriber, {MARK}"
TRACE = b"2026-06-01 peer 192.0.2.7 asks on\n"
ZONE = ZoneInfo("Asia/Tokyo")


@dataclass
class Crew:
    """Who takes part, and what they are given."""

    desk: Team
    vendor: Team
    operator: Team
    first: Person
    second: Person
    embargo_ends: datetime
    pages: dict[str, Page] = field(default_factory=dict)


@pytest.fixture
def crew(settings, hub, hub_key) -> Crew:
    """A desk of two, a vendor, two operators that run its product; one of them is not trusted."""
    settings.PROOF_OF_WORK_BITS = 8
    settings.SESSION_COOKIE_AGE = 30 * 24 * 3600  # the walk moves the clock by days
    vendor = TeamFactory(
        name="Corevale PSIRT",
        kind="psirt",
        organisation=OrganisationFactory(name="Corevale", short_name="Corevale", kind="vendor"),
    )
    operator = TeamFactory(name="North Mobile CERT")
    untrusted = TeamFactory(
        name="South Mobile CERT", organisation=OrganisationFactory(name="South Mobile")
    )
    desk = DeskFactory()
    product = ProductFactory(name="UDM", vendor=vendor.organisation)
    for team in (operator, untrusted):
        EquipmentFactory(organisation=team.organisation, product=product, versions="4.2.1")
    for team, which in ((desk, "first"), (vendor, "second"), (operator, "third")):
        active_key_of(team, which)
    people = coordinator_of_desk(name="Ada Moss"), coordinator_of_desk(name="Ben Rook")
    for person in people:  # two can open what comes in, or the desk takes no report
        steps.give_share(person, desk, "first")
    day = datetime.now(ZONE).date() + timedelta(days=4)
    end = datetime.combine(day, time(9), ZONE)
    return Crew(desk, vendor, operator, *people, embargo_ends=end)


def test_from_a_stranger_to_the_publication(
    new_context, hub: str, crew: Crew, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    enter = partial(steps.open_as, new_context, hub)

    # 1. Two strangers report: one with scripts, one without.
    reporter = new_context().new_page()
    receipt = report_a_flaw(reporter)
    flaw = Case.objects.get()
    report_an_attack(new_context(java_script_enabled=False).new_page())
    attack = Case.objects.exclude(pk=flaw.pk).get()
    assert (flaw.kind, attack.kind) == (CaseKind.VULNERABILITY, CaseKind.INCIDENT)

    # 2. A coordinator reads and judges, and asks in those who can act.
    desk = enter(crew.first, crew.desk, "first", coordinator=True)
    read_both(desk, flaw, attack)
    accept_the_flaw(desk, flaw)
    agree_on_an_end(desk, flaw, crew)
    ask_them_in(desk, flaw)

    # 3. Vendor and operator come in, read and answer.
    vendor = enter(member_of(crew.vendor), crew.vendor, "second")
    operator = enter(member_of(crew.operator), crew.operator, "third")
    for page, team, other in (
        (vendor, crew.vendor, "North Mobile"),
        (operator, crew.operator, "Corevale"),
    ):
        come_in(page, flaw, crew, other)
        tell_them(desk, flaw, team)
        read_and_answer(page, flaw, team)
    expect(operator.locator("#parties")).not_to_contain_text("Corevale")
    state_what_is_affected(vendor, desk, flaw)

    # 4. The desk and the reporter speak with each other.
    answer_the_reporter(desk, flaw)
    write_back(reporter, receipt, flaw)
    deliver_buffered()
    desk.reload()
    expect(desk.locator(".msg").last).to_contain_text("Only version 4.2.1, I think.")
    expect(desk.locator(".msg").last.locator("[data-alarm]")).to_be_hidden()

    # 5. The advisory is written by one, approved by another, read by the parties, and let out.
    write_the_advisory(desk, flaw)
    second = enter(crew.second, crew.desk, "first", coordinator=True)
    number = approve(second)
    show_it_to_the_parties(second, vendor, crew)
    steps.publish(second, number)
    expect(second.get_by_role("alert")).to_contain_text("The embargo holds until")
    jobs.run_due()
    assert not Release.objects.exists()

    gap = crew.embargo_ends - datetime.now(UTC) + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + gap)
    run_clocks()
    flaw.embargo.refresh_from_db()
    assert flaw.embargo.state == EmbargoState.EXITED
    sign_in_browser(second.context, hub, crew.second, coordinator=True)  # the rights ran out
    second.goto(f"/advisories/texts/{Advisory.objects.get().id}/")
    steps.publish(second, number)
    expect(second.get_by_text("The worker signs and publishes it at this time.")).to_be_visible()
    assert not Release.objects.exists()
    jobs.run_due()
    assert Release.objects.get().number == number

    # 6. A stranger reads it, and checks the file without having to trust the hub's page.
    stranger = new_context().new_page()
    check_as_a_stranger(stranger, number, tmp_path)


def report_a_flaw(page: Page) -> str:
    receipt = steps.walk_to_receipt(page, reads_line=True, subject="Corevale UDM", facts=FLAW)
    expect(page.locator("#preview-line")).to_contain_text("Corevale UDM")
    page.get_by_label("Type the last group").fill("wrong")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_text("This is not the last group of your receipt.").last).to_be_visible()
    assert not Case.objects.exists()
    steps.confirm_and_send(page, receipt)
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
    return receipt


def report_an_attack(page: Page) -> None:
    page.goto("/report/")
    page.get_by_label("an attack that I observe").check()
    page.get_by_label("Product or network").fill("The HSS of my operator")
    steps.fill_facts(page, ATTACK)
    page.set_input_files(
        "#id_files", [{"name": "peer.log", "mimeType": "text/plain", "buffer": TRACE}]
    )
    page.get_by_role("button", name="Look at it before it is sealed").click()
    steps.confirm_and_send(page, steps.receipt_on(page))
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()


def read_both(page: Page, flaw: Case, attack: Case) -> None:
    page.goto("/cases/triage/")
    expect(page.get_by_role("row", name=flaw.code_name)).to_contain_text("vulnerability")
    expect(page.get_by_role("row", name=attack.code_name)).to_contain_text("incident")
    page.get_by_role("link", name=attack.code_name).click()
    expect(page.locator("footer.foot")).to_be_visible()
    assert MARK not in page.content()
    steps.unlock(page)
    expect(page.locator(".msg").first).to_contain_text(ATTACK)
    with page.expect_download() as download:
        page.get_by_role("button", name="Open and save").click()
    assert download.value.suggested_filename == "peer.log"
    assert download.value.path().read_bytes() == TRACE
    page.goto(f"/cases/{flaw.id}/")
    report = page.locator(".msg").first
    expect(report).to_contain_text(FLAW)
    expect(report).to_contain_text("signature holds")
    expect(report.locator("[data-alarm]")).to_be_hidden()


def accept_the_flaw(page: Page, flaw: Case) -> None:
    assert flaw.number is None
    page.goto(f"/cases/{flaw.id}/triage/")
    named = page.get_by_role("listitem").filter(has_text="Corevale UDM")
    expect(named).to_contain_text("from the report")
    expect(named).not_to_contain_text("not listed")
    steps.judge(page, "Find it valid", "Accept it")
    flaw.refresh_from_db()
    expect(page.get_by_text(flaw.number or "no number", exact=True)).to_be_visible()
    page.goto(f"/cases/{flaw.id}/involve/")
    expect(page.get_by_text("First say who must not be told.")).to_be_visible()
    page.goto(f"/cases/{flaw.id}/triage/")
    page.get_by_text("Enter one", exact=True).click()
    page.get_by_label("An organisation, with its group").select_option(label="South Mobile")
    steps.judge(page, "Must not be told", "These are all")


def agree_on_an_end(page: Page, flaw: Case, crew: Crew) -> None:
    page.goto(f"/cases/{flaw.id}/embargo/")
    page.get_by_label("Day").fill(f"{crew.embargo_ends:%Y-%m-%d}")
    page.get_by_label("Hour").fill("09:00")
    page.get_by_label("Zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Propose this end").click()
    expect(page.get_by_text("Proposed.", exact=True)).to_be_visible()
    assert not Case.objects.get(pk=flaw.pk).has_embargo
    page.get_by_role("button", name="Make it active").click()
    expect(page.get_by_text("Your answer is kept.")).to_be_visible()
    found = Case.objects.get(pk=flaw.pk)
    assert found.has_embargo
    assert found.embargo.ends_at == crew.embargo_ends


def ask_them_in(page: Page, flaw: Case) -> None:
    page.goto(f"/cases/{flaw.id}/involve/")
    row = page.get_by_role("row", name="Corevale PSIRT")
    expect(row).to_contain_text("makes UDM")
    row = page.get_by_role("row", name="North Mobile CERT")
    expect(row).to_contain_text("runs UDM 4.2.1 (declared)")
    expect(page.get_by_text("1 proposal is left out")).to_be_visible()
    expect(page.get_by_role("row", name="South Mobile CERT")).to_have_count(0)
    steps.invite_proposed(page, "Corevale PSIRT", "North Mobile CERT")


def come_in(page: Page, flaw: Case, crew: Crew, *unsaid: str) -> None:
    steps.open_invitation(page, flaw.name)
    expect(page.get_by_role("heading", name="Invitation into a case")).to_be_visible()
    expect(page.get_by_text("Named in Asia/Tokyo.")).to_be_visible()
    expect(page.locator("main")).to_contain_text(f"{crew.embargo_ends.astimezone(UTC):%H:%M} UTC")
    expect(page.locator("footer.foot")).to_be_visible()
    shown = page.content()
    assert not [word for word in (*unsaid, "UDM", MARK, "South Mobile") if word in shown]
    steps.accept_terms(page)


def talk_of(flaw: Case, team: Team) -> str:
    link = flaw.threads.get(purpose=ThreadPurpose.DESK, participant__team=team)
    return f"/cases/{flaw.id}/?thread={link.id}"


def tell_them(desk: Page, flaw: Case, team: Team) -> None:
    desk.goto(talk_of(flaw, team))
    steps.hand_over(desk, FLAW, "As received", new_keys=True)


def read_and_answer(page: Page, flaw: Case, team: Team) -> None:
    page.goto(talk_of(flaw, team))
    steps.unlock(page)
    carried = page.locator(".msg").last
    expect(carried.locator("blockquote")).to_contain_text(FLAW)
    expect(carried.locator("[data-alarm]")).to_be_hidden()
    steps.write(page, f"{team.name} has read it.", new_keys=True)


def state_what_is_affected(vendor: Page, desk: Page, flaw: Case) -> None:
    vendor.get_by_role("link", name="Make a statement").click()
    vendor.get_by_label("Product", exact=True).select_option(label="Corevale UDM")
    vendor.get_by_label("Version or range").fill("4.2.1")
    vendor.get_by_label("Position").select_option("known_affected")
    vendor.get_by_label("Fix", exact=True).select_option("ready")
    vendor.get_by_label("First version with the fix").fill("4.2.2")
    vendor.get_by_role("button", name="State this").click()
    expect(vendor.get_by_text("Stated.")).to_be_visible()
    desk.goto(f"/cases/{flaw.id}/")
    row = desk.locator("#parties").get_by_role("row", name="Corevale PSIRT")
    expect(row).to_contain_text("affected, fix ready")
    answered = Invitation.objects.filter(participant__case=flaw)
    assert {i.state for i in answered} == {InvitationState.ACCEPTED}


def answer_the_reporter(desk: Page, flaw: Case) -> None:
    link = flaw.threads.get(purpose=ThreadPurpose.REPORTER)
    desk.goto(f"/cases/{flaw.id}/?thread={link.id}")
    expect(desk.locator(".msg").first).to_contain_text(f"Wish {MARK}")
    steps.write(desk, "We can show it too. Which versions?", new_keys=True)


def write_back(page: Page, receipt: str, flaw: Case) -> None:
    steps.open_mailbox(page, receipt)
    expect(page.locator("#code-name")).to_have_text(flaw.code_name)
    expect(page.locator("#status")).to_contain_text("found valid, and is being worked on")
    expect(page.locator("#status")).to_contain_text("An embargo holds until")
    expect(page.locator("#messages")).to_contain_text("We can show it too. Which versions?")
    assert page.locator(".msg.alarm").count() == 0
    for unsaid in (flaw.number, "Corevale PSIRT", "North Mobile"):
        expect(page.locator("main")).not_to_contain_text(unsaid)
    page.get_by_label("Your message").fill("Only version 4.2.1, I think.")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_text("Your message is sealed and sent.")).to_be_visible()


def write_the_advisory(page: Page, flaw: Case) -> None:
    page.goto("/advisories/texts/")
    page.get_by_role("link", name=f"Begin the advisory of {flaw.name}").click()
    page.get_by_label("Title").fill("Corevale UDM: answers without authentication")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Summary").fill("The UDM answers anyone. Update to 4.2.2.")
    steps.save_step(page)
    for n, version in enumerate(("4.2.1", "4.2.2")):
        expect(page.get_by_label("Version", exact=True).nth(n)).to_have_value(version)
    steps.save_step(page)
    page.get_by_label("Description").first.fill("Discovery needs no token.")
    page.get_by_label("Weakness").first.fill("306")
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
    page.get_by_label("CVSS 3.1").first.fill(vector)
    steps.save_step(page)
    expect(page.get_by_label(re.compile("UDM 4.2.1 in"))).to_have_value("known_affected")
    expect(page.get_by_label(re.compile("UDM 4.2.2 in"))).to_have_value("fixed")
    steps.save_step(page)
    page.get_by_label("What to do").first.fill("Update to 4.2.2.")
    steps.save_step(page)
    page.get_by_label("What it is").first.fill("The fix")
    page.get_by_label("Web address").first.fill("https://corevale.example/fix")
    steps.save_step(page)
    expect(page.get_by_text("passes schema and all mandatory tests")).to_be_visible()
    page.get_by_role("button", name="Hand it to review").click()
    expect(page.get_by_text("somebody else of your team must approve")).to_be_visible()


def approve(page: Page) -> str:
    page.goto("/advisories/texts/")
    page.get_by_role("link", name="Corevale UDM").click()
    page.get_by_role("link", name="Review it").click()
    expect(page.get_by_text("Discovery needs no token.")).to_be_visible()
    page.get_by_role("button", name="Approve this text").click()
    expect(page.get_by_text("Approved by Ben Rook.")).to_be_visible()
    return Advisory.objects.get().number or "no number"


def show_it_to_the_parties(page: Page, vendor: Page, crew: Crew) -> None:
    page.get_by_role("button", name="Show it to the parties").click()
    expect(page.get_by_text("not seen yet")).to_have_count(2)
    copies = {copy.team_id: copy for copy in FinalCopy.objects.all()}
    own, other = copies[crew.vendor.id], copies[crew.operator.id]
    vendor.goto(f"/advisories/final/{own.id}/")
    expect(vendor.get_by_text("Not public yet")).to_be_visible()
    expect(vendor.get_by_text("Discovery needs no token.")).to_be_visible()
    assert own.mark in vendor.content()
    answer = vendor.goto(f"/advisories/final/{other.id}/")
    assert answer is not None
    assert answer.status == 404
    page.reload()
    expect(page.get_by_text("not seen yet")).to_have_count(1)


def check_as_a_stranger(page: Page, number: str, folder: Path) -> None:
    page.goto("/advisories/")
    page.get_by_role("link", name="Corevale UDM").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Corevale UDM: answers without authentication"
    )
    expect(page.locator("#affected")).to_contain_text("4.2.1")
    expect(page.locator("footer.foot")).to_be_visible()
    assert MARK not in page.content()
    files = page.get_by_role("region", name="For machines")

    def fetch(link: str) -> bytes:
        address = files.get_by_role("link", name=link).get_attribute("href") or ""
        answer = page.request.get(address)
        assert answer.ok
        return answer.body()

    name = f"{number.lower()}.json"
    document, signature = fetch(name), fetch("signature (.asc)")
    assert fetch("SHA-256").decode().split() == [hashlib.sha256(document).hexdigest(), name]
    read = validation.read(document)
    assert validation.validate(read).errors == ()
    assert read["document"]["tracking"]["id"] == number
    (key,) = page.request.get("/.well-known/csaf/provider-metadata.json").json()[
        "public_openpgp_keys"
    ]
    paths = folder / f"{name}.asc", folder / name
    for path, data in zip(paths, (signature, document), strict=True):
        path.write_bytes(data)
    with gnupg_home() as gpg:
        gpg.run("--import", data=page.request.get(key["url"]).body())
        verify = ("--status-fd", "1", "--verify", *map(str, paths))
        said = gpg.run(*verify).decode(errors="replace")
        assert re.search(rf"VALIDSIG .*{key['fingerprint']}", said)
        paths[1].write_bytes(document.replace(b"UDM", b"UDR"))
        assert "BADSIG" in gpg.run(*verify, check=False).decode(errors="replace")
