"""A talk in real browsers: one team begins, another answers with a file, a third joins late."""

import logging
from functools import partial
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import expect
from tests import canary
from tests.browser.axe import assert_accessible
from tests.browser.steps import open_as, remember, unlock
from tests.factories.directory import TeamFactory, member_of
from tests.factories.keys import active_key_of
from tests.settings import HOME

from tcert.community.directory.enums import TeamRole
from tcert.community.talks.models import Talk
from tcert.foundation.kernel import jobs
from tcert.foundation.sealed.models import File, Message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]

expect.set_options(timeout=30_000)  # unlocking takes its time on a busy machine

MARK = "Canary91c4TalksInConfidence"
TRACE = f"{MARK} in a trace ".encode() * 400


@pytest.fixture
def pages(hub, new_context):
    """A page of the representative of each of three teams, with the team's key in the vault."""
    found = []
    for name, which in (("Alder CERT", "first"), ("Birch CERT", "second"), ("Cedar CERT", "third")):
        team = TeamFactory(name=name)
        active_key_of(team, which)
        person = member_of(team, TeamRole.REPRESENTATIVE)
        found.append(partial(open_as, new_context, hub, person, team, which))
    return found


def test_a_talk_from_its_beginning_to_its_end(  # noqa: PLR0915 - one walk, told in order
    pages, caplog
):
    caplog.set_level(logging.DEBUG)
    alder, birch = pages[0](), pages[1]()
    with canary.files_written() as written:
        # Alder begins, with a sealed subject line.
        alder.goto("/talks/")
        alder.get_by_role("link", name="Choose a team").click()
        alder.get_by_role("link", name="Birch CERT").click()
        alder.get_by_role("button", name="Begin").click()
        expect(alder.get_by_role("heading", name="Talk with Birch CERT")).to_be_visible()
        unlock(alder)
        assert_accessible(alder)
        alder.get_by_label("Subject line").fill(f"About {MARK}")
        alder.get_by_label("Message", exact=True).fill(f"**Do you see** {MARK}?")
        alder.get_by_role("button", name="Seal and send").click()
        remember(alder)
        expect(alder.locator("[data-title-text]")).to_have_text(f"About {MARK}")
        expect(alder.locator(".msg.mine [data-text]").last).to_contain_text("Do you see")
        expect(alder.locator("[data-sequence]")).to_be_hidden()

        # Birch is led there by its day, reads, and answers with a file.
        birch.goto("/my-day/")
        birch.get_by_role("link", name="A team wrote to you").click()
        birch.get_by_role("link", name="Alder CERT").click()
        unlock(birch)
        expect(birch.locator("[data-title-text]")).to_have_text(f"About {MARK}")
        expect(birch.locator(".msg").last).to_contain_text("signature holds")
        birch.get_by_label("Message", exact=True).fill(f"We do, see the file. {MARK}")
        birch.set_input_files(
            "input[type=file]", [{"name": f"{MARK}.pcap", "mimeType": "x", "buffer": TRACE}]
        )
        birch.get_by_role("button", name="Seal and send").click()
        remember(birch)
        expect(birch.locator(".msg.mine [data-text]").last).to_contain_text("see the file")
        alder.reload()
        expect(alder.locator(".msg").last).to_contain_text(f"{MARK}.pcap")
        with alder.expect_download() as download:
            alder.get_by_role("button", name="Open and save").click()
        assert Path(download.value.path()).read_bytes() == TRACE

        # Cedar is asked, joins, and does not read what came before.
        birch.get_by_role("link", name="Ask a further team").click()
        birch.get_by_role("button", name="Ask Cedar CERT").click()
        cedar = pages[2]()
        cedar.goto("/talks/")
        cedar.get_by_role("link", name="Asked by Birch CERT").click()
        cedar.get_by_role("button", name="Join and be seen").click()
        unlock(cedar)
        expect(cedar.get_by_text("3 messages came before you")).to_be_visible()
        expect(cedar.locator(".msg")).to_have_count(0)
        expect(cedar.locator("[data-title-text]")).to_be_hidden()
        cedar.get_by_label("Message", exact=True).fill(f"Cedar is here. {MARK}")
        cedar.get_by_role("button", name="Seal and send").click()
        remember(cedar)
        expect(cedar.locator(".msg.mine [data-text]").last).to_contain_text("Cedar is here")

        # Birch hands one message over; Cedar then reads it, as Alder signed it.
        birch.goto("/talks/")
        birch.get_by_role("link", name="Alder CERT").click()
        expect(birch.locator(".msg").last).to_contain_text("Cedar is here")
        birch.get_by_role("link", name="Hand earlier messages over").click()
        first = birch.locator("[data-message]").filter(has_text="Do you see")
        first.get_by_role("button", name="Hand over").click()
        remember(birch)
        expect(birch.locator("[data-state=handed-over]")).to_have_count(1)
        cedar.reload()
        handed = cedar.locator(".msg").last
        expect(handed).to_contain_text("Handed over, as signed by Alder CERT")
        expect(handed).to_contain_text("Do you see")

        # Alder closes it: it stays readable, and nothing is added.
        alder.reload()
        alder.get_by_role("link", name="Close").click()
        alder.get_by_label("Name, to confirm").fill("Alder CERT")
        alder.get_by_role("button", name="Close the talk").click()
        cedar.reload()
        expect(cedar.get_by_text("Alder CERT closed this talk")).to_be_visible()
        expect(cedar.locator(".msg").last).to_contain_text("Do you see")
        expect(cedar.get_by_role("button", name="Seal and send")).to_have_count(0)
        jobs.run_due()

    assert (Talk.objects.count(), Message.objects.count(), File.objects.count()) == (1, 5, 1)
    found = [*canary.in_files(HOME, MARK), *canary.in_tables(MARK)]
    logged = "\n".join(str(record.__dict__) for record in caplog.records)
    found += ["a log"] * canary.contains(logged.encode(), MARK)
    found += ["a mail" for m in mail.outbox if canary.contains(m.message().as_bytes(), MARK)]
    found += [path for path in written if MARK in path]
    assert found == []
