"""A sharing group in real browsers: founded, a team invited, it accepts, both talk, it leaves."""

import logging
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
from tcert.community.groups.models import Seat
from tcert.foundation.kernel import jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]

expect.set_options(timeout=30_000)  # unlocking takes its time on a busy machine

NAME = "Canary57c1GroupOfNight"


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


def test_a_confidential_group_from_its_founding_to_a_departure(  # noqa: PLR0915 - one walk
    pages, caplog
):
    caplog.set_level(logging.DEBUG)
    alder, birch, cedar = pages[0](), pages[1](), pages[2]()
    with canary.files_written() as written:
        # Alder founds it, and sees everything before it is done.
        alder.goto("/groups/")
        alder.get_by_role("link", name="Found a group").click()
        assert_accessible(alder)
        alder.get_by_label("Name", exact=True).fill(NAME)
        alder.get_by_label("confidential: only its teams").check()
        alder.get_by_label("Highest marking").select_option("RED")
        alder.get_by_label("What it is for").fill(f"To share. {NAME}")
        alder.get_by_role("button", name="Go on, and look at it").click()
        expect(alder.get_by_text("Nothing is saved yet")).to_be_visible()
        assert_accessible(alder)
        alder.get_by_role("button", name="Found the group").click()
        expect(alder.get_by_role("heading", name=NAME)).to_be_visible()
        address = alder.url

        # It invites Birch, which is led there by its day.
        alder.get_by_role("link", name="Invite a team").click()
        alder.get_by_label("Beginning of a name").fill("Birch")
        alder.get_by_role("button", name="Filter").click()
        assert_accessible(alder)
        alder.get_by_role("button", name="Invite Birch CERT").click()
        expect(alder.get_by_role("heading", name="Invited")).to_be_visible()
        birch.goto("/my-day/")
        birch.get_by_role("link", name="Invitations into sharing groups: 1").click()
        birch.get_by_role("link", name=NAME).click()
        expect(birch.get_by_text("Alder CERT invites Birch CERT")).to_be_visible()
        assert_accessible(birch)
        birch.get_by_role("button", name="Accept its rules and join").click()
        expect(birch.get_by_role("heading", name="2 teams")).to_be_visible()
        assert_accessible(birch)

        # For Cedar there is no such group.
        cedar.goto(address)
        expect(cedar.get_by_text(NAME)).to_have_count(0)
        assert cedar.title() != alder.title()
        cedar.goto("/groups/")
        expect(cedar.get_by_text("Your team is in no group")).to_be_visible()

        # Both talk, sealed; the marking of the group stands above.
        alder.goto(address)
        alder.get_by_role("button", name="Begin the group’s talk").click()
        expect(alder.get_by_role("heading", name=f"Talk with {NAME}")).to_be_visible()
        unlock(alder)
        assert_accessible(alder)
        expect(alder.get_by_role("link", name="Leave")).to_have_count(0)
        alder.get_by_label("Message", exact=True).fill(f"Do you see it too? {NAME}")
        alder.get_by_role("button", name="Seal and send").click()
        remember(alder)
        expect(alder.locator(".msg.mine [data-text]").last).to_contain_text("Do you see it too")
        birch.goto("/talks/")
        birch.get_by_role("link", name=NAME).click()
        unlock(birch)
        expect(birch.locator(".msg").last).to_contain_text("signature holds")
        expect(birch.get_by_text("TLP:RED").first).to_be_visible()

        # Birch leaves: neither the group nor its talk is there any more.
        talk = birch.url
        birch.goto(address)
        birch.get_by_role("link", name="Leave").click()
        assert_accessible(birch)
        birch.get_by_label("Name, to confirm").fill("Birch CERT")
        birch.get_by_role("button", name="Leave the group").click()
        expect(birch.get_by_text("Your team is in no group")).to_be_visible()
        for gone in (address, talk):
            birch.goto(gone)
            expect(birch.get_by_text(NAME)).to_have_count(0)
        alder.goto(f"{address}history/")
        expect(alder.get_by_text("Birch CERT left")).to_be_visible()
        assert_accessible(alder)
        jobs.run_due()

    assert Seat.objects.filter(team__name="Birch CERT", state="left").count() == 1
    found = [*canary.in_files(HOME, NAME), *canary.in_tables(NAME)]
    logged = "\n".join(str(record.__dict__) for record in caplog.records)
    found += ["a log"] * canary.contains(logged.encode(), NAME)
    found += ["a mail" for m in mail.outbox if canary.contains(m.message().as_bytes(), NAME)]
    found += [path for path in written if NAME in path]
    assert found == []
