"""What a stranger may do from the first page to leaving, with scripts and without."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.steps import (
    confirm_and_send,
    fill_facts,
    fill_what_and_where,
    open_mailbox,
    receipt_on,
    walk_to_receipt,
)
from tests.browser.test_report import lose_once, said
from tests.factories.intake import MARK, ready_desk, ready_team
from tests.factories.sealed import Party
from tests.response.intake.test_without_scripts import answer

from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock
from tcert.foundation.sealed.domain import deliver_buffered
from tcert.foundation.sealed.models import BufferedPost, Message
from tcert.response.cases.models import Case, PromisedAnswer
from tcert.response.intake.models import KeptFile, Report

pytestmark = pytest.mark.browser

LOG = [{"name": "log.txt", "mimeType": "x", "buffer": f"log {MARK}".encode()}]


@pytest.fixture(autouse=True)
def light_work(settings):
    settings.PROOF_OF_WORK_BITS = 8


def let_the_days_pass() -> None:
    """The hub's clock runs in other threads, so the report came earlier instead."""
    PromisedAnswer.objects.update(received_on=clock.today() - timedelta(days=8))


def reported(page: Page, files=None) -> str:
    receipt = walk_to_receipt(page, files)
    confirm_and_send(page, receipt)
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
    return receipt


def test_with_scripts_a_reply_whose_answer_was_lost_is_stored_once(new_context, hub):
    """Sent again from the same page it is the same bytes; after a reload, the same words."""
    _desk, party = ready_desk()
    page = new_context().new_page()
    receipt = reported(page)
    open_mailbox(page, receipt)
    page.get_by_label("Your message").fill(f"Once {MARK}")
    page.set_input_files("#files-input", LOG)
    lose_once(page, "**/receipt/post", "receipt_id")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.locator("#trouble")).to_contain_text("The hub did not answer")
    first = BufferedPost.objects.get().body_sha256
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_text("Your message is sealed and sent.")).to_be_visible()
    assert BufferedPost.objects.get().body_sha256 == first
    assert not KeptFile.objects.exists()
    expect(page.locator(".msg").last).to_contain_text("waits to be delivered together")
    expect(page.locator(".msg").last).to_contain_text(f"Once {MARK}")
    expect(page.get_by_label("Your message")).to_have_value("")

    page.get_by_label("Your message").fill(f"Twice {MARK}")
    page.wait_for_function("() => sessionStorage.getItem('draft')")
    kept = page.evaluate("() => sessionStorage.getItem('draft')")
    assert MARK not in kept, "what a browser keeps is sealed"
    page.unroute("**/receipt/post")
    lose_once(page, "**/receipt/post", "receipt_id")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.locator("#trouble")).to_contain_text("The hub did not answer")
    page.reload()
    open_mailbox(page, receipt)
    expect(page.get_by_text("What you had typed before is here again.")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value(f"Twice {MARK}")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_text("This message had already arrived.")).to_be_visible()
    assert page.evaluate("() => sessionStorage.getItem('draft')") is None
    deliver_buffered()
    talk = Message.objects.filter(kind="message").order_by("position")
    assert [said(m, party).body for m in talk] == [f"Once {MARK}", f"Twice {MARK}"]
    assert [said(m, party).counter for m in talk] == [2, 3]


def test_with_scripts_a_silent_desk_is_passed_by(new_context, hub):
    ready_desk()
    team, party = ready_team()
    page = new_context().new_page()
    receipt = reported(page, LOG)
    let_the_days_pass()
    bodies: list[bytes] = []
    page.on("request", lambda request: bodies.append(request.post_data_buffer or b""))
    open_mailbox(page, receipt)
    expect(page.get_by_role("heading", name="You have no answer")).to_be_visible()
    expect(page.locator("#silent")).to_contain_text("TCERT desk has not answered you by")
    page.get_by_label("Send it to").select_option(str(team.id))
    expect(page.locator("#second-key")).to_contain_text(party.fingerprint[:4])
    lose_once(page, "**/receipt/anew/send", "receipt_id")
    send = page.get_by_role("button", name="Seal and send to this team")
    send.click()
    expect(page.locator("#trouble")).to_contain_text("The hub did not answer")
    send.click()
    expect(page.get_by_text("Your report is sealed and sent to that team.")).to_be_visible()
    expect(page.get_by_role("heading", name="You have no answer")).to_be_hidden()
    expect(page.locator("#readers")).to_contain_text(team.name)
    assert Case.objects.get().coordinating_team == team
    read = {m.kind: m for m in Message.objects.visible_to([party.holder])}
    assert f"It stops when {MARK}" in said(read["facts"], party).body
    assert f"Wish {MARK}" in said(read["wishes"], party).body
    assert [f.name for f in said(read["facts"], party).files] == ["log.txt"]
    assert Message.objects.count() == 4
    assert not any(MARK.encode() in body or receipt.encode() in body for body in bodies)
    page.get_by_label("Your message").fill("Hello")
    page.get_by_role("button", name="Seal and send", exact=True).click()
    expect(page.get_by_text("Your message is sealed and sent.")).to_be_visible()


def test_without_scripts_every_right_of_a_stranger(new_context, hub):
    """From the first page to leaving, and what changes something through a lost answer as well."""
    _desk, party = ready_desk()
    team, other = ready_team()
    page = new_context(java_script_enabled=False).new_page()
    receipt = write_without_scripts(page)
    wishes = said(Message.objects.get(kind="wishes"), party).body
    assert "must not be told: The sales staff" in wishes
    come_back_without_scripts(page, receipt)
    pass_the_silent_desk_by(page, team)
    assert Message.objects.visible_to([other.holder]).count() == 2
    talk_with(page, other, impostor=party)
    delete_and_leave(page)
    page.goto("/receipt/")
    page.get_by_label("Your receipt").fill(receipt)
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_text("This receipt opens nothing.").first).to_be_visible()


def write_without_scripts(page: Page) -> str:
    """Read what to know, forget a choice, attach, name who must not be told, look, keep, send."""
    page.goto("/report/")
    expect(page.get_by_text("The desk promises an answer within").first).to_be_visible()
    fill_what_and_where(page)
    fill_facts(page)
    page.set_input_files("#id_files", LOG)
    page.get_by_label("the TCERT desk and the team below").check()
    look = page.get_by_role("button", name="Look at it before it is sealed")
    look.click()
    expect(page.locator(".error", has_text="Choose the team")).to_be_visible()
    expect(page.get_by_text("kept, sealed")).to_be_visible()
    page.get_by_label("the TCERT desk", exact=True).check()
    page.get_by_label("Who must not be told").fill("The sales staff of the vendor")
    look.click()
    expect(page.get_by_text("The sales staff of the vendor")).to_be_visible()
    receipt = receipt_on(page)
    confirm_and_send(page, receipt)
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
    return receipt


def come_back_without_scripts(page: Page, receipt: str) -> None:
    """Mistype the receipt, open the mailbox, follow the progress, fetch one's own file."""
    page.goto("/receipt/")
    for typed in ("not my receipt", receipt.upper()):
        page.get_by_label("Your receipt").fill(typed)
        page.get_by_role("button", name="Open", exact=True).click()
        if typed == "not my receipt":
            expect(page.get_by_text("This receipt opens nothing.").first).to_be_visible()
    expect(page.get_by_text("it has not been judged yet.")).to_be_visible()
    expect(page.get_by_text("No answer yet.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Open and save log.txt").click()
    assert download.value.path().read_bytes() == LOG[0]["buffer"]


def pass_the_silent_desk_by(page: Page, team: Team) -> None:
    let_the_days_pass()
    page.get_by_role("button", name="Look again for answers").click()
    expect(page.get_by_role("heading", name="You have no answer")).to_be_visible()
    page.get_by_label("Send it to").select_option(str(team.id))
    lose_once(page, "**/receipt/", "readdress")
    for _ in range(2):
        page.get_by_role("button", name="Seal and send to this team").click()
    expect(page.get_by_text("Your report is sealed and sent to that team.")).to_be_visible()
    page.unroute("**/receipt/")


def talk_with(page: Page, other: Party, *, impostor: Party) -> None:
    """Write back with a file, read an answer, and see that another one is not to be trusted."""
    page.get_by_label("Your message").fill("I can show more")
    page.set_input_files("#id_files", LOG)
    page.get_by_role("button", name="Seal and send", exact=True).click()
    expect(page.get_by_text("Your message is sealed and sent.")).to_be_visible()
    expect(page.locator(".msg").last).to_contain_text("waits to be delivered together")
    deliver_buffered()
    report = Report.objects.get()
    answer(report, other, "Please do.", person="Ada Ngata")
    answer(report, impostor, "Who signed this?", claimed=other, person="Ada Ngata")
    page.get_by_role("button", name="Look again for answers").click()
    expect(page.locator(".msg:not(.mine):not(.alarm)")).to_contain_text("Please do.")
    expect(page.locator(".msg.alarm")).to_contain_text("its signature fails")
    expect(page.get_by_text("No answer yet.")).to_be_hidden()


def delete_and_leave(page: Page) -> None:
    for name in ("something else", Case.objects.get().code_name):
        page.locator("summary", has_text="Delete my report").click()
        page.get_by_label("Type the code name to delete it").fill(name)
        page.get_by_role("button", name="Delete my report").click()
        if name == "something else":
            expect(page.get_by_text("Nothing was deleted.").first).to_be_visible()
    expect(page.get_by_role("heading", name="Your report was deleted")).to_be_visible()
    assert not Message.objects.exists()
    page.get_by_role("button", name="Leave, and clear").click()
    expect(page).to_have_url(re.compile(r"/$"))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_gateway_that_hides_itself_is_seen_before_anything_is_typed(browser, hub, scripts):
    """It asks the hub under the hub's own name; the browser shows another one.

    Only a script can compare them; without scripts the page asks the person to look.
    """
    ready_desk()
    context = browser.new_context(java_script_enabled=scripts)

    def pass_on(route: Route) -> None:
        path = route.request.url.removeprefix("https://hub.onion.example")
        route.fulfill(response=route.fetch(url=hub + path))

    context.route("https://hub.onion.example/**", pass_on)
    page = context.new_page()
    for path in ("/report/", "/receipt/"):
        page.goto(f"https://hub.onion.example{path}")
        if scripts:
            expect(page.get_by_text("Your browser shows another name")).to_be_visible()
            expect(page.locator("input:visible, textarea:visible")).to_have_count(0)
        else:
            expect(page.get_by_text("Look at the address above before you type")).to_be_visible()
            expect(page.get_by_text("must be exactly localhost")).to_be_visible()
        page.goto(hub + path)
        expect(page.locator("#between")).to_be_hidden()
    context.close()
