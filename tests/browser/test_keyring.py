"""A team attests another's key with its vault, the page shows it, the sheet is printed."""

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.browser.test_team_key import make_key
from tests.browser.vaults import create_vault
from tests.factories.directory import TeamFactory, member_of
from tests.factories.keyring import keyed

from tcert.community.directory.enums import KeyState, TeamRole
from tcert.community.directory.models import TeamKey
from tcert.community.keyring.models import Attestation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


def test_a_team_attests_a_key_with_its_vault_and_prints_the_sheet(hub, new_context):
    own, other = TeamFactory(name="Own CERT"), TeamFactory(name="Fjord CERT")
    fingerprint = keyed(other, "cert@fjord.example").fingerprint
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, member_of(own, TeamRole.REPRESENTATIVE))
    page = context.new_page()
    create_vault(page)
    make_key(page, own)
    TeamKey.objects.filter(team=own).update(state=KeyState.ACTIVE)

    page.goto(f"/directory/teams/{other.id}/")
    page.get_by_role("link", name="All keys, attestations").click()
    page.get_by_role("link", name="Attestations and proofs").click()
    page.get_by_role("link", name="Attest this key").click()
    page.get_by_label("in person").check()
    typed = page.get_by_label("The last 16 characters")
    typed.fill("0123 4567 89AB CDEF")
    page.get_by_role("button", name="Go on to the signature").click()
    expect(page.get_by_text("These are not the last 16 characters").first).to_be_visible()
    assert look(page, page.url) == []
    typed.fill(" ".join(fingerprint[-16:][at : at + 4] for at in range(0, 16, 4)))
    page.get_by_role("button", name="Go on to the signature").click()
    expect(page.locator("#statement")).to_contain_text(fingerprint)
    assert look(page, page.url) == []
    page.get_by_role("button", name="Sign with the vault").click()
    expect(page.get_by_text("Members see that your team stands for this key.")).to_be_visible()
    made = Attestation.objects.get()
    assert (made.from_team, made.fingerprint) == (own, fingerprint)

    page.goto(f"/directory/teams/{other.id}/")
    expect(page.get_by_text("attested by other teams")).to_be_visible()
    page.goto("/keyring/")
    page.get_by_role("link", name="Sheet for a meeting").click()
    page.get_by_role("button", name="All teams").click()
    expect(page.get_by_role("img", name="Fingerprint of Fjord CERT as QR code")).to_be_visible()
    assert look(page, page.url) == []
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Make the sheet")).to_be_hidden()
    expect(page.get_by_text("SHA-256")).to_be_visible()
    assert len(page.pdf()) > 5_000


@pytest.mark.long
def test_the_pages_of_who_leads_are_accessible_and_narrow_enough(hub, new_context):
    team = TeamFactory(name="The Response Team of a Rather Long Organisation Name")
    team.channels.create(kind="email", value="cert@operator.example", is_public=True)
    fingerprint = keyed(team, "cert@operator.example").fingerprint
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    page = context.new_page()
    home = f"/keyring/teams/{team.id}/"
    for path in (home, f"{home}keys/{fingerprint}/", f"{home}directory/", f"{home}publish/"):
        page.goto(path)
        assert look(page, path) == []
    page.goto(f"{home}directory/")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("prove the key by a sealed mail")).to_be_visible()
    page.goto(f"{home}keys/{fingerprint}/")
    page.get_by_role("button", name="Mail a code").click()
    expect(page.get_by_text("A sealed mail with a code is on its way.")).to_be_visible()
