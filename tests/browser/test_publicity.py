"""From what a team chooses to show to what a stranger finds, in a browser, scripts on and off."""

import pytest
from playwright.sync_api import expect
from tests.browser.axe import assert_accessible
from tests.browser.people import sign_in_browser
from tests.factories.claims import ClaimFactory
from tests.factories.directory import OrganisationFactory, TeamFactory, member_of
from tests.factories.inventory import ProductFactory

from tcert.community.directory.enums import OrganisationKind, TeamRole
from tcert.community.directory.models import Channel, TeamSection

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_a_stranger_finds_what_a_team_chose_to_show(new_context, hub, scripts):
    house = OrganisationFactory(
        name="Altus Networks", short_name="Altus", kind=OrganisationKind.VENDOR
    )
    team = TeamFactory(organisation=house, name="Altus CERT", languages=["fi"])
    boss = member_of(team, TeamRole.REPRESENTATIVE)
    Channel.objects.create(team=team, kind="email", purpose="main", value="cert@altus.example")
    TeamSection.objects.create(team=team, section="3.1", language="en", text="We repair networks.")
    ProductFactory(vendor=house, name="Packet Core")
    ClaimFactory(organisation=house, value="999-70", verified=True, is_findable=True)

    stranger = new_context(java_script_enabled=scripts).new_page()

    def finds(what):
        stranger.goto("/find/")
        stranger.get_by_label("Name, product").fill(what)
        stranger.get_by_role("button", name="Find", exact=True).click()
        return stranger.locator("main")

    expect(finds("packet core")).to_contain_text("Nobody was found")
    expect(finds("99970")).to_contain_text("It answers for this by a verified claim.")
    expect(stranger.locator("main")).not_to_contain_text("cert@altus.example")

    context = new_context(java_script_enabled=scripts)
    sign_in_browser(context, hub, boss)
    own = context.new_page()
    own.goto(f"/directory/teams/{team.id}/")
    own.get_by_role("link", name="What strangers see").click()
    own.get_by_label("cert@altus.example").check()
    own.get_by_label("3.1 Mission Statement").check()
    own.get_by_label("Products of your organisation").check()
    own.get_by_role("button", name="Preview").click()
    expect(own.locator(".sides > div").first).to_contain_text("We repair networks.")
    expect(own.locator(".sides > div").first).to_contain_text("Packet Core")
    expect(own.get_by_text("not saved yet")).to_be_visible()
    if scripts:
        assert_accessible(own)
    expect(finds("packet core")).to_contain_text("Nobody was found")  # a preview opens nothing
    own.get_by_role("button", name="Save").click()
    expect(own.get_by_text("Saved. Strangers see this from now on.")).to_be_visible()

    expect(finds("packet core")).to_contain_text("makes Packet Core")
    expect(finds("999 70")).to_contain_text("cert@altus.example")
    if scripts:
        assert_accessible(stranger)
    stranger.get_by_role("link", name="Altus CERT").click()
    stranger.get_by_role("link", name="Description (RFC 2350)").click()
    expect(stranger.locator("main")).to_contain_text("We repair networks.")
    expect(stranger.locator("main")).not_to_contain_text("Finnish")
