"""A gap is filled and confirmed by the person named, and the crisis sheet is one page of A4."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import TeamFactory, member_of
from tests.factories.responsibility import MatrixFactory, StepFactory, filled, named

from tcert.community.directory.enums import TeamRole
from tcert.community.responsibility.domains import domains
from tcert.community.responsibility.models import Entry
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.mail import Mail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]
PAGE = re.compile(rb"/Type\s*/Page[^s]")


@pytest.fixture
def team(hub):
    return TeamFactory(name="Own CERT")


@pytest.fixture
def boss(hub, new_context, team):
    """A page of who speaks for the team."""
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    return context.new_page()


def test_a_gap_is_filled_and_confirmed_by_the_person_named(hub, boss, team, new_context):
    matrix = MatrixFactory(organisation=team.organisation)
    filled(matrix)
    Entry.objects.filter(matrix=matrix, domain="core").delete()
    Entry.objects.create(matrix=matrix, domain="core")
    boss.goto("/my-day/")
    boss.get_by_role("link", name="Gaps in who answers for what").click()
    expect(boss.get_by_text("13 of 14 domains are confirmed.")).to_be_visible()
    expect(boss.get_by_text("Nobody is accountable.")).to_be_visible()
    boss.get_by_role("link", name="Core network").first.click()
    boss.get_by_role("link", name="Change").click()
    boss.get_by_label(re.compile("^Name")).fill("Kai Core")
    boss.get_by_label(re.compile("^Role")).fill("Head of core networks")
    boss.get_by_label(re.compile("^E-mail")).fill("kai@operator.example")
    boss.get_by_label(re.compile("^Phone")).fill("+358 9 000 0002")
    boss.get_by_role("button", name="Save", exact=True).click()
    expect(boss.get_by_text("not confirmed yet")).to_be_visible()

    mail = Mail.objects.get().entity.decode().replace("=\n", "")
    kai = new_context().new_page()  # nobody signed in
    kai.goto(re.search(r"/responsibility/answer/[\w-]+/", mail)[0])
    assert look(kai, "the link") == []
    expect(kai.get_by_text("+358 9 000 0002")).to_be_visible()
    kai.get_by_label("It is mine, and right").check()
    kai.get_by_role("button", name="Send my answers").click()
    expect(kai.get_by_text("Your answer is taken down.")).to_be_visible()

    boss.goto(f"/responsibility/organisations/{team.organisation_id}/")
    expect(boss.get_by_text("14 of 14 domains are confirmed.")).to_be_visible()
    expect(boss.get_by_text("None: somebody stands by every domain")).to_be_visible()


def _fullest(matrix):
    """The longest that fits into every field, with gaps."""
    long = {"name": "M" * 29 + " " + "W" * 30, "role_title": "W" * 30 + " " + "M" * 29}
    for n, code in enumerate(domains()):
        refused = {"refused_at": clock.now()} if n % 2 else {}
        phone = "+358 9 (0000) 0000-0000-0000"
        named(matrix, code, **long, phone=phone, mail=f"{n}@op.example", **refused)
    for place in range(1, 6):
        StepFactory(matrix=matrix, place=place, **long, phone=phone, hours="W" * 60)
    matrix.nobody = "Call the next person and say where the folder lies. " * 5
    matrix.save()


def _fullest_roomy(matrix):
    """As much as is still set in larger type, of the widest letters, with a gap in each row."""
    for code in domains():
        named(matrix, code, name="W" * 14, role_title="M" * 13, phone="+358 9 0000 0000")
    for place in range(1, 6):
        StepFactory(
            matrix=matrix, place=place, name="W" * 9, role_title="M" * 9, hours="", phone="+358 9"
        )
    matrix.nobody = "Call the next person and say where the folder lies. " * 3
    matrix.save()


@pytest.mark.parametrize(
    ("fill", "is_roomy"), [(filled, True), (_fullest_roomy, True), (_fullest, False)]
)
def test_the_crisis_sheet_is_one_page_of_a4(boss, team, tmp_path: Path, fill, is_roomy):
    matrix = MatrixFactory(organisation=team.organisation)
    fill(matrix)
    boss.goto(f"/responsibility/organisations/{team.organisation_id}/sheet/")
    boss.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    printed = (tmp_path / "sheet.pdf").read_bytes()
    assert len(PAGE.findall(printed)) == 1
    box = re.search(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", printed)
    assert (round(float(box[1])), round(float(box[2]))) in {(595, 842), (594, 842), (595, 841)}
    boss.emulate_media(media="print")
    numbers = boss.locator(".crisis-chain .crisis-number").first
    assert float(numbers.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) > 19
    assert boss.locator(".crisis.roomy").count() == is_roomy
    for label in [one.label for one in domains().values()]:
        expect(boss.get_by_role("rowheader", name=label)).to_be_visible()
    expect(boss.get_by_text("Destroy when replaced.")).to_be_visible()
    assert boss.locator("nav.side-wide").is_hidden()


@pytest.mark.long
def test_each_page_of_it_is_accessible_and_narrow_enough(boss, team):
    matrix = MatrixFactory(organisation=team.organisation)
    filled(matrix)
    named(matrix, "ran", name="", mail="", phone="", role_title="")
    one = f"/responsibility/organisations/{team.organisation_id}"
    for path in (
        "/responsibility/",
        "/responsibility/domains/",
        f"{one}/",
        f"{one}/table/",
        f"{one}/chain/",
        f"{one}/down/",
        f"{one}/history/",
        f"{one}/sheet/",
        f"{one}/end/",
        f"{one}/domains/core/",
        f"{one}/domains/core/edit/",
        f"/directory/organisations/{team.organisation_id}/",
    ):
        boss.goto(path)
        assert look(boss, path) == []
