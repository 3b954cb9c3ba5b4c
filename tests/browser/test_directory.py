"""The directory's and the vault's pages as they stand: accessible, and whole at 320 pixels."""

import pytest
from playwright.sync_api import expect
from tests.browser.axe import assert_accessible
from tests.browser.people import sign_in_browser
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.keys import TeamKeyFactory, VaultFactory, active_key_of, share_of

from tcert.community.directory.enums import KeyState, TeamRole
from tcert.community.directory.models import (
    Channel,
    TeamChange,
    TeamKey,
    TeamMembership,
    TeamSection,
)
from tcert.foundation.kernel import clock
from tcert.foundation.openpgp import hubkey


@pytest.fixture
def community():
    team = TeamFactory(name="Altus CERT of a-very-long-word-that-does-not-want-to-break-anywhere")
    ada = member_of(team, TeamRole.REPRESENTATIVE, name="Ada Moss")
    ben = member_of(team, name="Ben Rook")
    VaultFactory(person=ada)
    VaultFactory(person=ben, who="ben")
    Channel.objects.create(
        team=team,
        kind="web",
        purpose="main",
        value="https://a.example/" + "x" * 200,
        is_public=True,
    )
    for language, text in (("en", "We repair. " + "x" * 300), ("ar", "نصلح")):
        TeamSection.objects.create(team=team, section="3.1", language=language, text=text)
    TeamChange.objects.create(team=team, field="section:3.1:en", before="y" * 200, by=ada.id)
    key = active_key_of(team)
    share_of(key, ada)
    TeamKeyFactory(team=team, which="third", state=KeyState.SUPERSEDED, ended_at=clock.now())
    waiting = TeamKeyFactory(team=team, which="second", state=KeyState.PENDING)
    return team, ada, ben, key, waiting


def look(page, addresses):
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(reduced_motion="reduce")
    for address in addresses:
        answer = page.goto(address)
        assert answer.status == 200, address
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible(page)
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{address} is {wide} px too wide"


@pytest.mark.long
def test_a_strangers_pages(page, community):
    team = community[0]
    look(
        page,
        [
            "/directory/",
            "/directory/?q=nobody",
            "/directory/statistics/",
            "/find/",
            f"/directory/teams/{team.id}/",
            f"/directory/teams/{team.id}/rfc2350/",
            f"/directory/organisations/{team.organisation_id}/",
        ],
    )


@pytest.mark.long
def test_a_representatives_pages(new_context, hub, community):
    team, ada, ben, key, _waiting = community
    context = new_context()
    sign_in_browser(context, hub, ada)
    base = f"/directory/teams/{team.id}"
    place = TeamMembership.objects.get(person=ben)
    look(
        context.new_page(),
        [
            f"{base}/",
            f"{base}/edit/",
            f"{base}/people/",
            f"{base}/people/{place.id}/role/",
            f"{base}/people/{place.id}/remove/",
            f"{base}/channels/new/",
            f"{base}/hours/",
            f"{base}/public/",
            f"{base}/history/",
            f"{base}/rfc2350/",
            f"{base}/rfc2350/?language=ar",
            f"{base}/sections/",
            f"{base}/sections/?language=ar",
            f"{base}/sections/3.1/en/",
            f"{base}/sections/3.1/ar/",
            f"{base}/key/",
            f"{base}/key/make/",
            f"{base}/key/upload/",
            *(f"{base}/key/{key.id}/{act}/" for act in ("renew", "revoke", "share", "backup")),
            *(f"/account/vault/{act}" for act in ("", "unlock/", "backup/", "passphrase/")),
            *(f"/account/vault/{act}" for act in ("discard/", "lost/", "passkeys/")),
        ],
    )


@pytest.mark.long
def test_a_coordinators_pages(new_context, hub, community):
    team, *_, waiting = community
    context = new_context()
    sign_in_browser(context, hub, coordinator_of_desk(), coordinator=True)
    look(
        context.new_page(),
        [
            "/directory/",
            "/directory/keys/",
            "/directory/organisations/new/",
            f"/directory/organisations/{team.organisation_id}/edit/",
            f"/directory/organisations/{team.organisation_id}/retire/",
            f"/directory/organisations/{team.organisation_id}/teams/new/",
            f"/directory/teams/{team.id}/retire/",
            f"/directory/teams/{team.id}/key/{waiting.id}/confirm/",
            "/account/vault/create/",
        ],
    )


@pytest.mark.long
def test_pages_of_keys_that_are_due_or_were_rotated(new_context, hub, community, hub_key):
    """The longest notes, and the closed page that a stranger meets."""
    team, ada, _ben, key, _waiting = community
    TeamKey.objects.filter(pk=key.pk).update(
        rotation_due_since=clock.now(), predecessor=key.pk, remark="not usable in the browser yet"
    )
    hubkey.rotate()
    context = new_context()
    sign_in_browser(context, hub, ada)
    look(
        context.new_page(),
        [
            f"/directory/teams/{team.id}/key/",
            f"/directory/teams/{team.id}/people/",
            "/my-day/",
            "/about/hub-key/",
            "/report/",
        ],
    )
