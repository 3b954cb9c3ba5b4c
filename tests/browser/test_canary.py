"""A marked report, scripts on, off and broken: the hub must not keep, log, mail or spool it."""

import base64
import gzip
import logging
import tempfile
import zlib
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection
from playwright.sync_api import expect
from tests import canary
from tests.browser.steps import confirm_and_send, fill_what_and_where, go_on, receipt_on
from tests.factories.intake import ready_desk
from tests.settings import HOME

from tcert.foundation.kernel import clock, storage
from tcert.foundation.kernel.jobs import Job
from tcert.foundation.sealed.domain import deliver_buffered
from tcert.response.intake.models import Report

MARK = "Canary7fd1aSingsOfMarkedText"
FILE = b"\xd4\xc3\xb2\xa1" + (MARK.encode() + b" in a capture ") * 120_000  # 4.8 MB, beyond 2.5 MB


@pytest.fixture(autouse=True)
def everything_is_logged(settings, caplog):
    """Log all there is, and let mail go where the test can look."""
    settings.PROOF_OF_WORK_BITS = 6
    caplog.set_level(logging.DEBUG)


def left_behind(receipt: str, caplog, written: set[str]) -> list[str]:
    """Everything in which the mark, the file's name or the receipt can be found."""
    marks = (MARK, receipt, receipt.replace(" ", ""))
    found = [*canary.in_files(HOME, *marks), *canary.in_tables(*marks)]
    logged = "\n".join(str(record.__dict__) for record in caplog.records)
    found += ["a log"] * canary.contains(logged.encode(), *marks)
    found += ["a mail" for m in mail.outbox if canary.contains(m.message().as_bytes(), *marks)]
    temporary = Path(tempfile.gettempdir())
    found += [
        path
        for path in written
        if not Path(path).is_relative_to(HOME)
        and Path(path).is_relative_to(temporary)
        and "playwright" not in path
    ]
    return found


def fill(page) -> None:
    page.get_by_label("What happens").fill(f"It sings: {MARK}")
    page.set_input_files("#id_files", [{"name": f"{MARK}.pcap", "mimeType": "x", "buffer": FILE}])


def test_the_search_finds_each_planted_leak(db, caplog):
    receipt = "planted receipt that nobody has"
    assert left_behind(receipt, caplog, set()) == []
    raw = MARK.encode()
    planted = {
        "raw": raw,
        "utf-16": MARK.encode("utf-16"),
        "base64": base64.b64encode(b"xy" + raw),
        "urlsafe": base64.urlsafe_b64encode(b"z" + raw + b"\xff\xfe"),
        "deflated": b"head" + zlib.compress(raw * 3),
        "gzip": gzip.compress(raw),
        "deflated in base64": base64.b64encode(zlib.compress(b"a cookie with " + raw)),
        "hexadecimal": raw.hex().encode(),
    }
    for name, data in planted.items():
        path = HOME / "planted"
        path.write_bytes(b"before " + data + b" after")
        try:
            assert left_behind(receipt, caplog, set()) == [str(path)], name
        finally:
            path.unlink()
    kept = storage.keep(raw, limit=100)
    assert any(kept in path for path in left_behind(receipt, caplog, set()))
    storage.ciphertext().delete(kept)
    job = Job.objects.create(name="leak", arguments={"text": MARK}, run_at=clock.now())
    assert "kernel_job.arguments" in left_behind(receipt, caplog, set())
    job.delete()
    logging.getLogger("django.request").warning("posted %s", {"facts": MARK})
    assert left_behind(receipt, caplog, set())
    caplog.clear()
    mail.outbox = [mail.EmailMessage("hello", f"a report says {MARK}", to=["a@example.org"])]
    assert left_behind(receipt, caplog, set())
    mail.outbox = []
    with canary.files_written() as written, tempfile.NamedTemporaryFile() as spool:
        spool.write(raw)
    assert spool.name in left_behind(receipt, caplog, written)


def test_scripts_on(new_context, hub, caplog):
    ready_desk()
    with canary.files_written() as written:
        page = new_context().new_page()
        page.goto("/report/")
        go_on(page)
        fill_what_and_where(page)
        go_on(page)
        fill(page)
        go_on(page)
        go_on(page)
        receipt = receipt_on(page)
        confirm_and_send(page, receipt)
        expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
        page.goto("/receipt/")
        page.get_by_label("Your receipt").fill(receipt)
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.locator(".msg").first).to_contain_text(MARK)
        page.get_by_label("Your message").fill(f"More {MARK}")
        page.get_by_role("button", name="Seal and send").click()
        expect(page.get_by_text("Your message is sealed and sent.")).to_be_visible()
        deliver_buffered()
    connection.close()
    assert Report.objects.count() == 1
    assert left_behind(receipt, caplog, written) == []


def test_scripts_off(new_context, hub, caplog):
    """Regression: plaintext spooled to disk before encryption, with a file beyond 2.5 MB."""
    ready_desk()
    with canary.files_written() as written:
        page = new_context(java_script_enabled=False).new_page()
        page.goto("/report/")
        fill_what_and_where(page)
        fill(page)
        page.get_by_role("button", name="Look at it").click()
        receipt = receipt_on(page)
        confirm_and_send(page, receipt)
        expect(page.get_by_role("heading", name="Your report is on its way")).to_be_visible()
        page.get_by_role("button", name="Go to the mailbox").click()
        expect(page.locator(".msg").first).to_contain_text(MARK)
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Open and save {MARK}.pcap").click()
        assert Path(download.value.path()).read_bytes() == FILE
        page.get_by_label("Your message").fill(f"More {MARK}")
        page.get_by_role("button", name="Seal and send").click()
        expect(page.get_by_text("Your message is sealed and sent.")).to_be_visible()
        deliver_buffered()
    connection.close()
    assert Report.objects.count() == 1
    assert left_behind(receipt, caplog, written) == []


def test_scripts_broken(new_context, hub, caplog):
    """Regression: clear-text fallback when sealing fails; nothing at all may arrive."""
    ready_desk()
    context = new_context()
    bodies: list[bytes] = []
    context.on("request", lambda request: bodies.append(request.post_data_buffer or b""))
    with canary.files_written() as written:
        page = context.new_page()
        page.goto("/report/")
        go_on(page)
        fill_what_and_where(page)
        go_on(page)
        fill(page)
        go_on(page)
        go_on(page)
        receipt = receipt_on(page)
        page.evaluate(
            """() => {
              const broken = () => Promise.reject(new Error("broken"));
              for (const name of ["encrypt", "sign", "deriveBits"]) crypto.subtle[name] = broken;
            }"""
        )
        confirm_and_send(page, receipt)
        expect(page.locator("#trouble")).to_contain_text("Nothing was sent")
    connection.close()
    assert not Report.objects.exists()
    assert not canary.contains(b"\n".join(bodies), MARK)
    assert left_behind(receipt, caplog, written) == []
