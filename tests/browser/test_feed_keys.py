"""A feed key in a real browser: made after the second factor, shown once, used by a program."""

import os
import subprocess
from pathlib import Path

import pytest
from scripts.screenshots import one_time_code
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories import advisories as made
from tests.factories.directory import TeamFactory, member_of
from tests.factories.feedkeys import key_of
from tests.principals import TOTP_SECRET

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.feedkeys.models import FeedKey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


def curl(address: str, number: str, secret: str, config: Path) -> str:
    """Fetch as a program does, with the secret in a file; returns the status."""
    config.write_text(f'user = "{number}:{secret}"\n')
    asked = ["curl", "--silent", "--output", os.devnull, "--write-out", "%{http_code}"]
    done = subprocess.run(
        [*asked, "--noproxy", "*", "--config", str(config), address],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout


def test_a_member_makes_a_key_a_program_reads_and_the_key_is_revoked(
    hub, hub_key, new_context, tmp_path
):
    made.published(tlp=Tlp.GREEN)
    person = member_of(TeamFactory())
    FeedKey.objects.filter(pk=key_of(person, "old program")[0].pk).update(last_day=clock.today())
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, person)
    page = context.new_page()
    page.goto("/account/feed-keys/")
    assert look(page, page.url) == []
    page.get_by_role("button", name="Go on to the second factor").click()
    page.get_by_label("Code").fill(one_time_code(TOTP_SECRET))
    page.keyboard.press("Enter")
    page.get_by_label("Name").fill("scanner in the lab")
    page.get_by_label("Advisories for members").check()
    assert look(page, page.url) == []
    page.get_by_role("button", name="Make a key").click()
    page.get_by_role("heading", name="Your feed key").wait_for()
    assert look(page, page.url) == []
    number, secret, address = (
        page.locator("dl code").nth(place).inner_text() for place in range(3)
    )
    assert curl(address, number, secret, tmp_path / "curl") == "200"
    page.get_by_role("link", name="I have kept it").click()
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke scanner in the lab").click()
    page.get_by_text("The key is revoked.").wait_for()
    assert curl(address, number, secret, tmp_path / "curl") == "401"
