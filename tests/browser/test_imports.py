"""A list of another directory on its way: uploaded, shown, applied, decided about, and undone."""

import json
import re

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.bundle import issued
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of

from tcert.community.directory.enums import TeamRole
from tcert.community.imports.models import Entry
from tcert.foundation.kernel import jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]
FJORD = [{"address": "cert@fjord.example", "usage": "main"}]
LIST = [
    {"official_name": "Fjord CERT", "short_name": "FJ", "emails": FJORD, "country": {"code": "XB"}},
    {"official_name": "Fjord SOC", "short_name": "FS", "emails": FJORD},
    {"official_name": "Mesa CERT", "short_name": "M"},
    {"official_name": "Undated", "short_name": "U", "established": "long ago"},
]


def page_of(new_context, hub, person, **options):
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, person, **options)
    return context.new_page()


def test_a_list_is_shown_applied_decided_about_and_undone(hub, new_context):
    team = TeamFactory(name="Fjord CERT")
    team.channels.create(kind="email", purpose="main", value="desk@fjord.example")
    desk = page_of(new_context, hub, coordinator_of_desk(), coordinator=True)
    uploaded_and_shown(desk)
    assert not Entry.objects.exists()
    address = desk.url.partition("?")[0]
    desk.get_by_role("button", name="Apply 3 records").click()
    assert look(desk, desk.url) == []
    jobs.run_due()
    desk.reload()
    expect(desk.get_by_text("3 records were applied")).to_be_visible()
    assert look(desk, desk.url) == []
    decided(desk)
    compared(page_of(new_context, hub, member_of(team, TeamRole.REPRESENTATIVE)), team)
    desk.goto(address)
    desk.get_by_role("button", name="Undo this import").click()
    jobs.run_due()
    desk.reload()
    expect(desk.get_by_text("1 entry stays")).to_be_visible()
    assert look(desk, desk.url) == []
    assert [one.name for one in Entry.objects.all()] == ["Fjord SOC"]


def uploaded_and_shown(desk):
    """What would change is shown verdict by verdict, before anything does."""
    desk.goto("/imports/")
    assert look(desk, desk.url) == []
    desk.get_by_role("link", name="Import a file").first.click()
    assert look(desk, desk.url) == []
    desk.get_by_label("Whose list it is").select_option("ti")
    buffer = json.dumps(LIST).encode()
    desk.get_by_label("File", exact=True).set_input_files(
        {"name": "ti.json", "mimeType": "application/json", "buffer": buffer}
    )
    desk.get_by_role("button", name="Read it and show me").click()
    expect(desk.get_by_text("The file is being read")).to_be_visible()
    assert look(desk, desk.url) == []
    jobs.run_due()
    desk.reload()
    for link, said in (
        ("New, of no team here", "Mesa CERT"),
        ("About a team here, as", "Fjord CERT"),
        ("Perhaps about a team here", "Fjord SOC"),
        ("Refused", "It is no day, month or year"),
    ):
        desk.get_by_role("link", name=re.compile(f"^{link}")).click()
        expect(desk.get_by_text(said).first).to_be_visible()
        assert look(desk, desk.url) == []


def decided(desk):
    """The candidate is chosen by a person, with nothing chosen before."""
    desk.get_by_role("link", name="See the entries").click()
    assert look(desk, desk.url) == []
    desk.get_by_role("link", name="Fjord SOC").click()
    assert look(desk, desk.url) == []
    assert desk.locator("input[type=radio]:checked").count() == 0
    desk.get_by_label("none of these teams").check()
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("about no team here").first).to_be_visible()


def compared(leader, team):
    """Who leads the team sees what differs, and that alone."""
    leader.goto(f"/directory/teams/{team.id}/")
    leader.get_by_role("link", name="Compare").click()
    expect(leader.get_by_text("cert@fjord.example")).to_be_visible()
    assert look(leader, leader.url) == []


def test_the_directory_is_fetched_as_a_file_and_a_coordinator_makes_another(hub, new_context):
    issued()
    member = page_of(new_context, hub, member_of(TeamFactory()))
    member.goto("/directory/bundles/")
    assert look(member, member.url) == []
    with member.expect_download() as fetched:
        member.get_by_role("link", name="Download").click()
    assert fetched.value.suggested_filename == "tcert-bundle-000001.zip"
    assert member.get_by_role("button", name="Make a bundle now").count() == 0
    desk = page_of(new_context, hub, coordinator_of_desk(), coordinator=True)
    desk.goto("/directory/bundles/")
    desk.get_by_role("button", name="Make a bundle now").click()
    jobs.run_due()
    desk.reload()
    expect(desk.get_by_role("heading", name="Bundle 2")).to_be_visible()
    assert look(desk, desk.url) == []
