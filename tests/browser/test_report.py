"""A stranger's report in a real browser: scripts on, off, and broken."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.steps import (
    confirm_and_send,
    fill_facts,
    fill_what_and_where,
    go_on,
    receipt_on,
    walk_to_receipt,
)
from tests.factories.intake import MARK, ready_desk, ready_team
from tests.response.intake.test_metadata import SECRET, exif, jpeg, segment
from tests.response.intake.test_without_scripts import answer
from tests.signed_content import dates, inside

from tcert.foundation.openpgp.opening import open_limited
from tcert.foundation.sealed.domain import deliver_buffered
from tcert.foundation.sealed.inner import parse
from tcert.foundation.sealed.models import BufferedPost, Message
from tcert.foundation.sealed.queries import served_to
from tcert.response.cases.models import Unopened
from tcert.response.intake.models import KeptFile, Report

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def said(message: Message, party):
    return parse(party.open(served_to(message, party.holder)).plaintext.decode())


@pytest.fixture(autouse=True)
def light_work(settings):
    settings.PROOF_OF_WORK_BITS = 8


def test_with_scripts_the_hub_never_sees_text_receipt_or_names(new_context, hub):
    _desk, party = ready_desk()
    context = new_context()
    bodies: list[bytes] = []
    context.on("request", lambda r: bodies.append(r.post_data_buffer or b""))
    urls: list[str] = []
    context.on("request", lambda r: urls.append(r.url))
    page = context.new_page()
    picture = jpeg(segment(0xE1, exif(6)), segment(0xFE, SECRET))
    files = [
        {"name": "shot.jpg", "mimeType": "image/jpeg", "buffer": picture},
        {"name": "trace.pcap", "mimeType": "x", "buffer": b"\xd4\xc3\xb2\xa1" + b"x" * 3_000_000},
    ]
    receipt = walk_to_receipt(page, files)
    expect(page.locator("#preview-facts")).to_contain_text(f"It stops when {MARK} arrives.")
    expect(page.locator("#preview-wishes")).to_contain_text(f"Wish {MARK}")
    confirm_and_send(page, receipt)
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
    report = Report.objects.get()
    expect(page.locator("#code-name")).to_have_text(report.case.code_name)
    facts, wishes = Message.objects.order_by("kind")
    told = said(facts, party)
    assert f"It stops when {MARK} arrives.\nSecond line." in told.body
    assert "It is: a weakness in a product or a network" in told.body
    assert f"Wish {MARK}" in said(wishes, party).body
    shot, trace = sorted(told.files, key=lambda f: f.name)
    stored = {f.sha256: f for f in facts.files.all()}
    opened = open_limited(stored[shot.sealed_sha256].read(), password=shot.passphrase)
    assert SECRET not in opened.plaintext
    assert opened.plaintext.startswith(b"\xff\xd8")
    assert trace.size == 3_000_004
    everything = b"".join(bodies)
    for secret in (MARK, receipt, receipt.replace(" ", ""), "shot.jpg", "Open5GS", "Second line"):
        assert secret.encode() not in everything
        assert not any(secret in url for url in urls)
    assert MARK not in page.content()
    assert receipt.split()[-1] not in page.locator("#receipt").inner_text()

    use_the_mailbox(page, receipt, party)


def use_the_mailbox(page: Page, receipt: str, party) -> None:
    report = Report.objects.get()
    answer(report, party, "Thank you.", person="Ada Ngata")
    desk = report.case.participants.get(team__isnull=False)
    facts = Message.objects.get(kind="facts")
    link = report.case.threads.get(purpose="report")
    Unopened.objects.create(thread=link, message=facts, participant=desk, position=1)
    page.goto("/receipt/")
    page.get_by_label("Your receipt").fill(receipt.upper())
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_text(report.case.code_name)).to_be_visible()
    expect(page.locator(".msg").first).to_contain_text(MARK)
    expect(page.locator(".msg").first).to_contain_text("Cannot be opened by: TCERT desk.")
    theirs = page.locator(".msg:not(.mine)")
    expect(theirs.locator("h3")).to_have_text("TCERT desk, Ada Ngata says")
    expect(theirs).to_contain_text("name as the author gives it")
    page.evaluate(AXE.read_text())
    ask = "() => axe.run().then((r) => r.violations.map((v) => v.id + ': ' + v.nodes[0].html))"
    assert page.evaluate(ask) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Open and save trace.pcap").click()
    assert Path(download.value.path()).stat().st_size == 3_000_004
    page.get_by_label("Your message").fill(f"More {MARK}")
    page.set_input_files("#files-input", [{"name": "a.txt", "mimeType": "x", "buffer": b"note"}])
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_text("Your message is sealed and sent.")).to_be_visible()
    assert BufferedPost.objects.count() == 1
    deliver_buffered()
    reply = said(Message.objects.filter(thread=report.talk_thread).latest("position"), party)
    assert reply.body == f"More {MARK}"
    assert reply.counter == 2
    assert [f.name for f in reply.files] == ["a.txt"]
    assert not KeptFile.objects.exists()


def test_keys_made_in_the_browser_tell_nothing(page):
    """Regression: key creation date that tells the submission time; the same for signatures."""
    _desk, party = ready_desk()
    receipt = walk_to_receipt(page)
    confirm_and_send(page, receipt)
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
    from tcert.foundation.kernel import clock
    from tcert.foundation.openpgp import reporterkey
    from tcert.foundation.openpgp.certificates import describe

    info = describe(bytes(Report.objects.get().certificate), clock.now())
    assert info.created == reporterkey.CREATED
    assert info.user_ids == ("reporter",)
    for message in Message.objects.all():
        sealed = served_to(message, party.holder)
        constant = int(reporterkey.CREATED.timestamp())
        assert dates(inside(sealed, party.secret)) == {0, constant}


def test_without_scripts_the_same_page_is_one_form(new_context, hub):
    _desk, party = ready_desk()
    team, _other = ready_team()
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/report/")
    expect(page.get_by_text("Scripts are off: this is what it costs")).to_be_visible()
    fill_what_and_where(page)
    fill_facts(page)
    page.set_input_files(
        "#id_files", [{"name": "log.txt", "mimeType": "x", "buffer": f"log {MARK}".encode()}]
    )
    page.get_by_label("the TCERT desk and the team below").check()
    page.get_by_label("Listed team").select_option(str(team.id))
    page.get_by_role("button", name="Look at it before it is sealed").click()
    expect(page.get_by_role("heading", name="What will be sealed")).to_be_visible()
    receipt = receipt_on(page)
    confirm_and_send(page, receipt)
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
    assert MARK in said(Message.objects.get(kind="facts"), party).body
    page.get_by_role("button", name="Go to the mailbox").click()
    expect(page.locator(".msg").first).to_contain_text(MARK)
    page.get_by_label("Your message").fill("A reply")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_text("Your message is sealed and sent.")).to_be_visible()
    page.get_by_role("button", name="Leave, and clear").click()
    expect(page).to_have_url(re.compile(r"/$"))


def lose_once(page: Page, path: str, step: str) -> None:
    """Let one post arrive and its answer get lost, as when a connection breaks."""
    lost = []

    def lose(route: Route) -> None:
        if lost or step.encode() not in (route.request.post_data_buffer or b""):
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort("aborted")

    page.route(path, lose)


def test_without_scripts_a_lost_answer_loses_neither_report_nor_edited_text(new_context, hub):
    _desk, party = ready_desk()
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/report/")
    fill_what_and_where(page)
    fill_facts(page)
    page.get_by_role("button", name="Look at it before it is sealed").click()
    receipt = receipt_on(page)
    lose_once(page, "**/report/", "step=send")
    confirm_and_send(page, receipt)
    expect(page.get_by_role("heading", name="Keep your receipt, look, and send")).to_be_visible()
    assert Report.objects.count() == 1
    page.get_by_role("button", name="Change something").click()
    fill_facts(page, "Edited facts.")
    page.set_input_files("#id_files", [{"name": "b.txt", "mimeType": "x", "buffer": b"log"}])
    page.get_by_role("button", name="Look at it before it is sealed").click()
    assert receipt_on(page) == receipt
    confirm_and_send(page, receipt)
    expect(
        page.get_by_role("heading", name="Your report had arrived before you changed it")
    ).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value(re.compile("Edited facts."))
    lose_once(page, "**/receipt/", "reply")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_label("Your message")).to_be_visible()
    assert BufferedPost.objects.count() == 1
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_text("This message had already arrived.")).to_be_visible()
    deliver_buffered()
    assert Report.objects.count() == 1
    message = said(Message.objects.get(kind="message"), party)
    assert "What happens: Edited facts." in message.body
    assert [f.name for f in message.files] == ["b.txt"]
    assert "It stops when" in said(Message.objects.get(kind="facts"), party).body


def test_without_scripts_and_cookies_the_page_says_what_to_do(new_context, hub):
    ready_desk()
    context = new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto("/report/")
    fill_what_and_where(page)
    fill_facts(page)
    for press in ("Look at it before it is sealed", "Go on with what I typed"):
        context.clear_cookies()
        page.get_by_role("button", name=press).click()
        expect(page.get_by_role("heading", name="Nothing was sent")).to_be_visible()
    page.get_by_role("button", name="Go on with what I typed").click()
    expect(page.get_by_text(f"It stops when {MARK} arrives.")).to_be_visible()
    confirm_and_send(page, receipt_on(page))
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()


def test_with_scripts_and_without_cookies_the_page_says_what_to_do(new_context, hub):
    ready_desk()
    context = new_context()
    page = context.new_page()
    receipt = walk_to_receipt(page)
    context.clear_cookies()
    page.route("**/report/", lambda route: route.fulfill(status=200, body="no cookie, no token"))
    confirm_and_send(page, receipt)
    expect(page.locator("#trouble")).to_contain_text("Allow cookies of this site")
    assert not Report.objects.exists()
    page.unroute("**/report/")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()


def test_with_broken_scripts_there_is_nothing_to_send(new_context, hub):
    """Regression: clear-text fallback after a client crypto failure."""
    ready_desk()
    context = new_context()
    context.route("**/openpgp.min.mjs*", lambda route: route.abort())
    page = context.new_page()
    for url in ("/report/", "/receipt/"):
        page.goto(url)
        expect(page.get_by_text("The scripts of this page did not start")).to_be_visible()
        assert page.locator("main form[id=plain]").count() == 0
        assert page.locator("textarea:visible").count() == 0
        assert page.get_by_role("button", name=re.compile("Look at it|Seal|Open")).count() == 0


def test_a_failing_crypto_sends_nothing_and_says_so(new_context, hub):
    """Regression: clear-text fallback, here when sealing itself fails after typing."""
    ready_desk()
    context = new_context()
    page = context.new_page()
    receipt = walk_to_receipt(page)
    page.evaluate("() => { crypto.subtle.deriveBits = () => Promise.reject(new Error('broken')); }")
    sent: list[str] = []
    context.on("request", lambda r: sent.append(r.url))
    confirm_and_send(page, receipt)
    expect(page.locator("#trouble")).to_contain_text("Nothing was sent")
    assert not any(url.endswith("/report/send") for url in sent)
    assert not Report.objects.exists()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Anything else")).to_have_value(f"Wish {MARK}")


def test_a_lost_answer_loses_nothing(new_context, hub):
    ready_desk()
    context = new_context()
    page = context.new_page()
    lost = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        route.fetch()
        lost.append(True)
        route.abort()

    context.route("**/report/send", lose)
    receipt = walk_to_receipt(page)
    confirm_and_send(page, receipt)
    expect(page.locator("#trouble")).to_contain_text("nothing is stored twice")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
    assert Report.objects.count() == 1


def test_with_scripts_what_was_edited_after_a_lost_answer_becomes_a_message(new_context, hub):
    _desk, party = ready_desk()
    context = new_context()
    bodies: list[bytes] = []
    context.on("request", lambda r: bodies.append(r.post_data_buffer or b""))
    page = context.new_page()
    first = [{"name": "a.txt", "mimeType": "x", "buffer": b"first"}]
    receipt = walk_to_receipt(page, first)
    lose_once(page, "**/report/send", "receipt_id")
    confirm_and_send(page, receipt)
    expect(page.locator("#trouble")).to_contain_text("nothing is stored twice")
    for _ in range(2):
        page.get_by_role("button", name="Back").click()
    fill_facts(page, f"Edited {MARK}.")
    page.set_input_files("#id_files", [{"name": "b.txt", "mimeType": "x", "buffer": b"second"}])
    expect(page.locator("#files li")).to_have_count(2)
    go_on(page)
    go_on(page)
    assert receipt_on(page) == receipt
    confirm_and_send(page, receipt)
    expect(
        page.get_by_role("heading", name="Your report had arrived before you changed it")
    ).to_be_visible()
    expect(page.locator("#late-text")).to_have_value(re.compile(f"Edited {MARK}"))
    expect(page.locator("#late-files")).to_have_text(re.compile("^b.txt"))
    page.evaluate(AXE.read_text())
    ask = "() => axe.run().then((r) => r.violations.map((v) => v.id + ': ' + v.nodes[0].html))"
    assert page.evaluate(ask) == []
    page.locator("#late-send").click()
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
    assert not any(MARK.encode() in body or receipt.encode() in body for body in bodies)
    assert MARK not in page.content()
    deliver_buffered()
    assert Report.objects.count() == 1
    message = said(Message.objects.get(kind="message"), party)
    assert f"What happens: Edited {MARK}." in message.body
    assert "Wish" not in message.body
    assert [f.name for f in message.files] == ["b.txt"]


def test_with_scripts_an_addressee_taken_out_after_a_lost_answer_is_said(new_context, hub):
    """Both have the report by then: who coordinates must hear that one of them was not meant to."""
    ready_desk()
    team, _other = ready_team()
    page = new_context().new_page()
    receipt = walk_to_receipt(page)

    def choose(addressee: str) -> None:
        page.get_by_role("button", name="Back").click()
        page.locator(f"[name=addressee][value={addressee}]").check()
        if addressee == "both":
            page.locator("[name=team]").select_option(str(team.id))
        go_on(page)

    choose("both")
    lose_once(page, "**/report/send", "receipt_id")
    confirm_and_send(page, receipt)
    expect(page.locator("#trouble")).to_contain_text("nothing is stored twice")
    choose("desk")
    confirm_and_send(page, receipt)
    expect(page.locator("#late-text")).to_have_value(re.compile("^I would now send it to: [^,]+$"))


def test_with_scripts_an_edit_that_was_undone_is_simply_sent(new_context, hub):
    ready_desk()
    page = new_context().new_page()
    receipt = walk_to_receipt(page)
    lose_once(page, "**/report/send", "receipt_id")
    confirm_and_send(page, receipt)
    expect(page.locator("#trouble")).to_contain_text("nothing is stored twice")
    page.get_by_role("button", name="Back").click()
    page.get_by_label("Anything else").fill("other")
    page.get_by_label("Anything else").fill(f"Wish {MARK}")
    go_on(page)
    confirm_and_send(page, receipt)
    expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
    expect(page.locator("#code-name")).to_have_text(Report.objects.get().case.code_name)
    assert Message.objects.count() == 2


def test_a_swapped_desk_key_is_stopped(new_context, hub):
    ready_desk()
    team, _stranger = ready_team()
    other = team.keys.get()
    swapped = {"certificate": other.certificate, "fingerprint": other.fingerprint}
    context = new_context()

    def swap(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        told["recipients"][0] |= swapped
        route.fulfill(response=answer, json=told)

    context.route("**/report/begin", swap)
    page = context.new_page()
    receipt = walk_to_receipt(page)
    confirm_and_send(page, receipt)
    expect(page.locator("#trouble")).to_contain_text("not the one that this page shows")
    assert not Report.objects.exists()


def test_own_receipt_missing_answers_and_large_files_are_said_before_anything_is_sent(page):
    ready_desk()
    page.goto("/report/")
    go_on(page)
    go_on(page)
    expect(page.locator(".by-script").first).to_have_text("This is needed.")
    fill_what_and_where(page)
    go_on(page)
    fill_facts(page)
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(26 * 1024 * 1024)], "big.bin"));
          const input = document.getElementById("id_files");
          input.files = data.files;
          input.dispatchEvent(new Event("change"));
        }"""
    )
    expect(page.locator("#trouble")).to_contain_text("big.bin: A file may have 25 MB")
    go_on(page)
    go_on(page)
    receipt = receipt_on(page)
    page.get_by_label("Type the last group").fill("wrong")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.locator(".by-script")).to_have_text("This is not the last group of your receipt.")
    page.get_by_role("button", name="Back").click()
    page.get_by_label("Anything else").fill(receipt.replace(" ", "--"))
    go_on(page)
    confirm_and_send(page, receipt)
    expect(page.locator("#trouble")).to_contain_text("contains your receipt")
    assert not Report.objects.exists()


def test_nothing_typed_stays_in_the_browser_and_axe_finds_nothing(page):
    ready_desk()
    receipt = walk_to_receipt(page)
    stored = page.evaluate(
        "async () => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, "
        "(await indexedDB.databases()).map((d) => d.name)])"
    )
    assert MARK not in stored
    assert receipt not in stored
    for _ in range(5):
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            "() => axe.run().then((r) => r.violations.map((v) => v.id + ': ' + v.nodes[0].html))"
        )
        assert found == []
        if page.get_by_role("button", name="Back").is_visible():
            page.get_by_role("button", name="Back").click()
