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
from playwright.sync_api import Page, expect
from tests import canary
from tests.browser.steps import confirm_and_send, fill_what_and_where, go_on, receipt_on
from tests.factories.intake import ready_desk
from tests.running_hub import files_appearing, needs_nginx, nginx, only_in_ci
from tests.settings import HOME
from tests.web_server import answer, web_server

from tcert.foundation.kernel import clock, storage
from tcert.foundation.kernel.jobs import Job
from tcert.foundation.sealed.domain import deliver_buffered
from tcert.response.intake.models import Report

MARK = "Canary7fd1aSingsOfMarkedText"
# A mark of its own: PostgreSQL's files keep what a test took back.
PLANTED = "planted-heron-7c41e0b2"
FILE = b"\xd4\xc3\xb2\xa1" + (MARK.encode() + b" in a capture ") * 120_000  # 4.8 MB, beyond 2.5 MB


@pytest.fixture(autouse=True)
def everything_is_logged(settings, caplog):
    """Log all there is, and let mail go where the test can look."""
    settings.PROOF_OF_WORK_BITS = 6
    caplog.set_level(logging.DEBUG)


def left_behind(
    receipt: str, caplog, written: set[str], mark: str = MARK, folder: Path = HOME
) -> list[str]:
    """Everything in which the mark, the file's name or the receipt can be found."""
    marks = (mark, receipt, receipt.replace(" ", ""))
    found = [*canary.in_files(folder, *marks), *canary.in_tables(*marks)]
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


def test_the_search_finds_each_planted_leak(db, caplog, tmp_path):
    """In a folder of its own: a database's files are large, and are looked through after walks."""
    receipt = "planted receipt that nobody has"

    def left(written: set[str], folder: Path = tmp_path) -> list[str]:
        return left_behind(receipt, caplog, written, mark=PLANTED, folder=folder)

    assert left(set()) == []
    raw = PLANTED.encode()
    planted = {
        "raw": raw,
        "utf-16": PLANTED.encode("utf-16"),
        "base64": base64.b64encode(b"xy" + raw),
        "urlsafe": base64.urlsafe_b64encode(b"z" + raw + b"\xff\xfe"),
        "deflated": b"head" + zlib.compress(raw * 3),
        "gzip": gzip.compress(raw),
        "deflated in base64": base64.b64encode(zlib.compress(b"a cookie with " + raw)),
        "hexadecimal": raw.hex().encode(),
    }
    for name, data in planted.items():
        path = tmp_path / "planted"
        path.write_bytes(b"before " + data + b" after")
        try:
            assert left(set()) == [str(path)], name
        finally:
            path.unlink()
    kept = storage.keep(raw, limit=100)
    stored = Path(storage.ciphertext().location)
    assert stored.is_relative_to(HOME)
    assert any(kept in path for path in left(set(), stored))
    storage.ciphertext().delete(kept)
    job = Job.objects.create(name="leak", arguments={"text": PLANTED}, run_at=clock.now())
    assert "kernel_job.arguments" in left(set())
    job.delete()
    logging.getLogger("django.request").warning("posted %s", {"facts": PLANTED})
    assert left(set())
    caplog.clear()
    mail.outbox = [mail.EmailMessage("hello", f"a report says {PLANTED}", to=["a@example.org"])]
    assert left(set())
    mail.outbox = []
    with canary.files_written() as written, tempfile.NamedTemporaryFile() as spool:
        spool.write(raw)
    assert spool.name in left(written)


def walk_with_scripts(page: Page) -> str:
    """Report, open the receipt, read, answer; return the receipt."""
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
    return receipt


def walk_without_scripts(page: Page) -> str:
    """The same, and the file is fetched again."""
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
    return receipt


def test_scripts_on(new_context, hub, caplog):
    ready_desk()
    with canary.files_written() as written:
        receipt = walk_with_scripts(new_context().new_page())
        deliver_buffered()
    connection.close()
    assert Report.objects.count() == 1
    assert left_behind(receipt, caplog, written) == []


def test_scripts_off(new_context, hub, caplog):
    """Regression: plaintext spooled to disk before encryption, with a file beyond 2.5 MB."""
    ready_desk()
    with canary.files_written() as written:
        receipt = walk_without_scripts(new_context(java_script_enabled=False).new_page())
        deliver_buffered()
    connection.close()
    assert Report.objects.count() == 1
    assert left_behind(receipt, caplog, written) == []


@needs_nginx
@only_in_ci
def test_behind_nginx(browser, served, transactional_db, caplog):
    """Scripts on and off through the project's nginx.

    Regression: SQLite put pages of the database into files in the folder of temporary files.
    """
    ready_desk()
    receipts = []
    with files_appearing(*served.temporary, served.hub_temporary) as spooled:
        for walk, scripts in ((walk_with_scripts, True), (walk_without_scripts, False)):
            context = browser.new_context(
                base_url=served.address, ignore_https_errors=True, java_script_enabled=scripts
            )
            receipts.append(walk(context.new_page()))
            context.close()
        deliver_buffered()
    connection.close()
    assert Report.objects.count() == 2
    assert spooled == []
    for receipt in receipts:
        assert left_behind(receipt, caplog, set()) == []
        assert canary.in_files(served.folder.parent, MARK, receipt) == []


@needs_nginx
def test_the_search_finds_what_an_nginx_that_spools_leaves(tmp_path):
    changed = {
        "proxy_request_buffering off": "proxy_request_buffering on",
        "access_log off": f"access_log {tmp_path}/access.log",
        "client_max_body_size": "client_body_in_file_only on; client_max_body_size",
    }
    with web_server(answer()) as hub, nginx(tmp_path / "n", [hub.port], changed=changed) as proxy:
        proxy.ask("POST", f"/report/?{MARK}", f"before {MARK} after".encode())
    found = {Path(path).parent.name for path in canary.in_files(tmp_path, MARK)}
    assert found == {"body", tmp_path.name}


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
