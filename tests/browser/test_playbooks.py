"""A playbook on the screen and on paper: found by what one sees, ticked, cited, printed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import DeskFactory, TeamFactory, member_of
from tests.factories.responsibility import MatrixFactory, filled

from tcert.response.playbooks import library

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]
PRINTED_PAGE = re.compile(rb"/Type\s*/Page[^s]")
MOST_PAGES = 5
"""Of A4: what can be read and pinned to a wall at night."""


@pytest.fixture
def stranger(hub, new_context):
    DeskFactory()
    return new_context(viewport=WIDE).new_page()


def test_a_stranger_finds_ticks_and_cites(hub, stranger):
    stranger.goto("/")
    stranger.get_by_role("link", name="Playbooks").first.click()
    expect(stranger.get_by_role("heading", name="What do you see?")).to_be_visible()
    assert look(stranger, "/playbooks/") == []
    stranger.get_by_role("link", name="First 15 minutes of SIM swap").click()
    expect(stranger).to_have_url(re.compile(r"/playbooks/sim-swap/#first-15-minutes$"))
    assert look(stranger, "/playbooks/sim-swap/") == []
    step = stranger.get_by_role("checkbox", name=re.compile("Freeze all changes of the number"))
    step.focus()
    stranger.keyboard.press("Space")
    expect(step).to_be_checked()
    stranger.get_by_role("link", name="Link to step 1.1", exact=True).click()
    expect(stranger).to_have_url(re.compile(r"#step-freeze-the-number$"))
    stranger.reload()
    expect(step).not_to_be_checked()  # nobody keeps it


def test_ticking_needs_no_scripts(hub, new_context):
    DeskFactory()
    page = new_context(viewport=WIDE, java_script_enabled=False).new_page()
    page.goto("/playbooks/sim-swap/")
    step = page.get_by_role("checkbox").first
    step.check()
    expect(step).to_be_checked()


@pytest.mark.parametrize("one", library.playbooks().values(), ids=lambda one: one.slug)
def test_it_prints_on_few_pages_with_empty_boxes(stranger, tmp_path: Path, one):
    stranger.goto(f"/playbooks/{one.slug}/")
    stranger.get_by_role("checkbox").first.check()
    stranger.pdf(path=tmp_path / "one.pdf", prefer_css_page_size=True)
    printed = (tmp_path / "one.pdf").read_bytes()
    assert len(PRINTED_PAGE.findall(printed)) <= MOST_PAGES
    stranger.emulate_media(media="print")
    expect(stranger.get_by_role("checkbox").first).to_be_hidden()  # a box is drawn, always empty
    signs = stranger.locator(".play-sign")
    steps = sum(len(box.steps) for box in one.boxes)
    assert signs.count() == steps
    expect(signs.first).to_be_visible()
    assert signs.first.locator(".play-line").first.evaluate("e => e.offsetWidth") > 80
    expect(stranger.get_by_role("link", name="Link to step 1.1", exact=True)).to_be_hidden()
    assert stranger.locator(".aside").is_hidden()
    drawn = "e => getComputedStyle(e.querySelector('label'), '::before').borderTopStyle"
    assert stranger.locator(".play-step").first.evaluate(drawn) == "solid"


def test_a_member_has_their_own_beside_it(hub, new_context):
    DeskFactory()
    team = TeamFactory(name="Own CERT")
    filled(MatrixFactory(organisation=team.organisation))
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, member_of(team))
    page = context.new_page()
    page.goto("/playbooks/subscriber-data-outage/")
    assert look(page, "/playbooks/subscriber-data-outage/") == []
    expect(page.get_by_role("link", name="Own CERT")).to_be_visible()
    page.get_by_role("link", name="Crisis sheet").click()
    expect(page.get_by_text("Destroy when replaced.")).to_be_visible()
