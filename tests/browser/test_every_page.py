"""Every kind of page that a role can reach by links: accessible, within 320 px, without strangers.

The fixture `new_context` watches all of them for third parties and broken policies.
"""

import json

import pytest
from scripts.screenshots import roles, walk
from tests.browser.axe import violations
from tests.browser.people import sign_in_browser

from tcert.community.accounts.models import Person
from tcert.foundation.openpgp import hubkey
from tcert.site.demo import build

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.long]

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
MOST = 120
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 800}
FEWEST = {"stranger": 12, "vendor": 20, "operator": 20, "applicant": 10, "coordinator": 50}
"""Kinds of page that each role reaches at least: an empty walk would prove nothing."""


@pytest.fixture
def told(hub, settings, tmp_path):
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    hubkey.create()
    return build.build()


def look(page, path: str) -> list[str]:
    """Return what is wrong with a page that was just opened."""
    if "vault" in path:  # its scripts change the page once they have loaded
        page.wait_for_load_state("networkidle")
    wrong = violations(page)
    page.set_viewport_size(NARROW)
    over = page.evaluate(OVERFLOW)
    if over > 0:
        wrong.append(f"{path} scrolls sideways by {over} px at {NARROW['width']} px")
    page.set_viewport_size(WIDE)
    return wrong


def test_every_page_is_accessible_and_narrow_enough(told, hub, new_context):
    wrong: dict[str, list[str]] = {}
    members: set[str] = set()
    for role in roles(told):
        context = new_context(viewport=WIDE)
        failed: list[str] = []
        context.on("response", lambda r, into=failed: r.status >= 500 and into.append(r.url))
        if role.person:
            person = Person.objects.get(email=role.person["email"])
            sign_in_browser(context, hub, person, coordinator=role.coordinator)
        wrong[role.name] = failed
        for page in walk(context, role, hub, MOST):
            kind, path = next(reversed(role.kinds.items()))
            # Kinds of page that another member has shown already differ in content only.
            if kind not in members:
                wrong[role.name] += look(page, path)
        assert len(role.kinds) >= FEWEST[role.name], (role.name, sorted(role.kinds))
        if role.coordinator:
            assert "/advisories/texts/self-check/" in role.kinds
        if role.person:
            members |= role.kinds.keys()
        context.close()
    assert not any(wrong.values()), json.dumps(wrong, indent=1)
