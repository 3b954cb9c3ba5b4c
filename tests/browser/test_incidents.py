"""An incident in real browsers: reported, sealed, acknowledged, worked on, contained, closed."""

import logging
from datetime import timedelta
from functools import partial

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
from tcert.foundation.kernel import clock, jobs
from tcert.response.incidents.models import Incident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]

expect.set_options(timeout=30_000)  # unlocking takes its time on a busy machine

MARK = "Canary3fe9IncidentOfNight"


@pytest.fixture
def pages(hub, new_context):
    """A page of somebody of each of two teams, with the team's key in the vault."""
    found = []
    for name, which, role in (
        ("Alder CERT", "first", TeamRole.DUTY_OFFICER),
        ("Birch CERT", "second", TeamRole.REPRESENTATIVE),
    ):
        team = TeamFactory(name=name)
        active_key_of(team, which)
        person = member_of(team, role)
        found.append(partial(open_as, new_context, hub, person, team, which))
    return found


def test_an_incident_from_its_report_to_its_end(pages, caplog):  # noqa: PLR0915 - one walk
    caplog.set_level(logging.DEBUG)
    alder, birch = pages[0](), pages[1]()
    with canary.files_written() as written:
        # Alder's duty officer reports at night, looks at it, and writes what happened, sealed.
        alder.goto("/incidents/")
        expect(alder.get_by_text("No open incident")).to_be_visible()
        assert_accessible(alder)
        alder.get_by_role("link", name="Report an incident").click()
        assert_accessible(alder)
        alder.get_by_label("What it is").select_option(label="Location tracking")
        alder.get_by_label("high:").check()
        alder.get_by_label("affected", exact=True).check()
        alder.get_by_label("Other affected teams").fill("Birch")
        alder.get_by_label("the affected ones").check()
        alder.get_by_label("The desk reads it").uncheck()
        alder.get_by_role("button", name="Go on, and look at it").click()
        expect(alder.get_by_text("Do you mean: Birch CERT?").first).to_be_visible()
        assert_accessible(alder)
        alder.get_by_label("Other affected teams").fill("Birch CERT")
        alder.get_by_role("button", name="Go on, and look at it").click()
        expect(alder.get_by_text("Alder CERT; Birch CERT")).to_be_visible()
        assert_accessible(alder)
        alder.get_by_role("button", name="Report it, and write what happened").click()
        expect(alder.get_by_role("heading", name="Talk with TCERT-IN-")).to_be_visible()
        unlock(alder)
        alder.get_by_label("Subject line").fill(f"Somebody asks {MARK}")
        alder.get_by_label("Message", exact=True).fill(f"Where are they? {MARK}")
        alder.get_by_role("button", name="Seal and send").click()
        remember(alder)
        expect(alder.locator(".msg.mine [data-text]").last).to_contain_text("Where are they?")

        # Birch is led there by its day, acknowledges, and reads.
        birch.goto("/my-day/")
        birch.get_by_role("link", name="Incidents that your team has not acknowledged: 1").click()
        assert_accessible(birch)
        birch.get_by_role("link", name="TCERT-IN-").click()
        assert_accessible(birch)
        birch.get_by_role("button", name="Acknowledge", exact=True).click()
        expect(birch.get_by_text("Who reported it is told")).to_be_visible()
        birch.get_by_role("link", name="Read and write").click()
        unlock(birch)
        expect(birch.locator(".msg").last).to_contain_text("signature holds")
        expect(birch.locator(".msg").last).to_contain_text("Where are they?")

        # Alder gives a task and an indicator; Birch does the task.
        alder.get_by_role("link", name="TCERT-IN-").last.click()
        page = alder.url
        alder.get_by_role("link", name="Give a task").click()
        assert_accessible(alder)
        due = clock.now() + timedelta(days=1)
        alder.get_by_label("What", exact=True).select_option("block")
        alder.get_by_label("Who", exact=True).select_option(label="Birch CERT")
        alder.get_by_label("Until").fill(f"{due:%Y-%m-%d}")
        alder.get_by_role("button", name="Give it").click()
        alder.get_by_role("link", name="Add an indicator").click()
        assert_accessible(alder)
        alder.get_by_label("Kind").select_option("imsi")
        alder.get_by_label("Value").fill("244911234567890")
        alder.get_by_role("button", name="Add it").click()
        expect(alder.get_by_text("24491xxxxxxxxxx").first).to_be_visible()
        birch.goto(page)
        birch.get_by_role("button", name="Done").click()
        expect(birch.get_by_text("Done by Birch CERT")).to_be_visible()

        # Confirmed, contained, closed.
        for state in ("confirmed", "contained", "closed"):
            alder.goto(page)
            alder.get_by_role("link", name="Change state or severity").click()
            alder.get_by_label(state, exact=True).check()
            alder.get_by_label("Reason").select_option("measure")
            assert_accessible(alder)
            alder.get_by_role("button", name="Change it").click()
            expect(alder.get_by_text(f"now {state}").first).to_be_visible()
        assert_accessible(alder)
        birch.goto("/incidents/")
        expect(birch.get_by_text("No open incident")).to_be_visible()
        jobs.run_due()

    assert Incident.objects.get().state == "closed"
    marks = (MARK, "244911234567890")
    found = [*canary.in_files(HOME, *marks), *canary.in_tables(*marks)]
    logged = "\n".join(str(record.__dict__) for record in caplog.records)
    found += ["a log"] * canary.contains(logged.encode(), MARK)
    found += ["a mail" for m in mail.outbox if canary.contains(m.message().as_bytes(), *marks)]
    found += [path for path in written if MARK in path]
    assert found == []
