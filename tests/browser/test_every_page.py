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

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
MOST = 120
FEWEST = {"stranger": 12, "vendor": 20, "operator": 20, "coordinator": 50}
"""Kinds of page that each role reaches at least: an empty walk would prove nothing."""


@pytest.fixture
def told(hub, settings, tmp_path):
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    hubkey.create()
    return build.build()


def look(context, paths: list[str]) -> list[str]:
    """Open pages and return what is wrong with each."""
    wrong = []
    page = context.new_page()
    for path in paths:
        page.set_viewport_size({"width": 1280, "height": 900})
        # The vault's scripts change the page once they have loaded.
        answer = page.goto(path, wait_until="networkidle" if "vault" in path else "load")
        if answer is None or answer.status >= 500:
            wrong.append(f"{path}: {answer.status if answer else 'no answer'}")
            continue
        wrong += violations(page)
        page.set_viewport_size({"width": 320, "height": 800})
        over = page.evaluate(OVERFLOW)
        if over > 0:
            wrong.append(f"{path} scrolls sideways by {over} px at 320 px")
    return wrong


def test_every_page_is_accessible_and_narrow_enough(told, hub, new_context):
    wrong: dict[str, list[str]] = {}
    members: set[str] = set()
    for role in roles(told):
        context = new_context()
        if role.person:
            person = Person.objects.get(email=role.person["email"])
            sign_in_browser(context, hub, person, coordinator=role.coordinator)
        walk(context, role, hub, MOST)
        assert len(role.kinds) >= FEWEST[role.name], (role.name, sorted(role.kinds))
        if role.coordinator:
            assert "/advisories/work/self-check/" in role.kinds
        # Kinds of page that another member has shown already differ in content only.
        paths = [path for kind, path in role.kinds.items() if kind not in members]
        wrong[role.name] = look(context, paths)
        if role.person:
            members |= role.kinds.keys()
        context.close()
    assert not any(wrong.values()), json.dumps(wrong, indent=1)
