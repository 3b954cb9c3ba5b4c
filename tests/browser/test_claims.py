"""A claim on its way: entered, proven by mail and by a word, contested, and a file of many."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.smtp_server import smtp_server

from tcert.community.claims.enums import State
from tcert.community.claims.models import Claim
from tcert.community.directory.enums import TeamRole
from tcert.foundation.kernel import jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]
NIGHT = "night@fjord.example"


@pytest.fixture
def relay(settings):
    with smtp_server() as server:
        settings.EMAIL_BACKEND = "tcert.foundation.kernel.mail.FixedNameBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.MAIL_CLEAR_TEXT = True
        yield server


def page_of(new_context, hub, person, **options):
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, person, **options)
    return context.new_page()


def test_a_claim_is_proven_contested_and_decided(hub, new_context, relay):
    boss, claim = entered_and_proven_by_mail(hub, new_context, relay)
    attested(hub, new_context, boss)
    contested_and_decided(hub, new_context, boss, claim)
    claim.refresh_from_db()
    assert claim.state == State.VERIFIED


def entered_and_proven_by_mail(hub, new_context, relay):
    """The round-the-clock contact reads a neutral mail and confirms without an account."""
    holder = TeamFactory(name="Fjord CERT")
    holder.channels.create(kind="email", purpose="24/7", value=NIGHT)
    boss = page_of(new_context, hub, member_of(holder, TeamRole.REPRESENTATIVE))
    boss.goto(f"/claims/organisations/{holder.organisation_id}/new/")
    boss.get_by_label("Kind").select_option("gt-range")
    boss.get_by_label("Identifier or range").fill("+4917100")
    boss.get_by_label("Evidence").fill("Assignment of the regulator, 2024")
    boss.get_by_label("Who may read of it").select_option("GREEN")
    assert look(boss, boss.url) == []
    boss.locator("main form").get_by_role("button").first.click()
    expect(boss.get_by_text("Assignment of the regulator")).to_be_visible()
    claim = Claim.objects.get()
    boss.get_by_role("button", name="Mail the link").click()
    jobs.run_due()
    (mail,) = [one for one in relay.received if NIGHT in str(one)]
    text = bytes(mail.data).decode().replace("=\r\n", "").replace("=\n", "")
    link = re.search(r"/claims/confirm/[\w-]{43}/", text)[0]
    assert "4917100" not in text
    night = new_context(viewport=WIDE).new_page()
    night.goto(link)
    assert look(night, night.url) == []
    night.get_by_role("button", name="Yes, it is ours").click()
    expect(night.get_by_text("Confirmed. Thank you")).to_be_visible()
    boss.reload()
    expect(boss.get_by_text("Verified until")).to_be_visible()
    return boss, claim


def attested(hub, new_context, boss):
    """Another house gives its word."""
    witness = TeamFactory(name="Altus CERT")
    boss.reload()
    boss.get_by_text("Ask another team for its word").click()
    boss.get_by_label("Team of another house").select_option(str(witness.id))
    boss.get_by_role("button", name="Ask", exact=True).click()
    friend = page_of(new_context, hub, member_of(witness, TeamRole.REPRESENTATIVE))
    friend.goto("/claims/")
    friend.get_by_role("link", name=re.compile("4917100")).first.click()
    assert look(friend, friend.url) == []
    friend.get_by_label("How you know").fill("We route to them.")
    friend.get_by_role("button", name="We know that it is theirs").click()
    boss.reload()
    expect(boss.get_by_text("We route to them.")).to_be_visible()


def contested_and_decided(hub, new_context, boss, claim):
    """A third contests it, the holder answers, and nobody loses by that."""
    rival = TeamFactory(name="Mesa CERT")
    third = page_of(new_context, hub, member_of(rival, TeamRole.REPRESENTATIVE))
    third.goto(f"/claims/{claim.id}/contest/")
    third.get_by_label("Why").fill("It is ours since May.")
    assert look(third, third.url) == []
    third.get_by_role("button", name="Contest it").click()
    dispute = third.url
    boss.goto(dispute)
    boss.get_by_label("What you say").fill("See the assignment.")
    boss.get_by_role("button", name="Say it").click()
    third.reload()
    expect(third.get_by_text("See the assignment.")).to_be_visible()
    leader = page_of(new_context, hub, coordinator_of_desk(), coordinator=True)
    leader.goto(dispute)
    assert look(leader, leader.url) == []
    leader.get_by_label("the claim stands").check()
    leader.get_by_role("textbox", name="Why").fill("The regulator says so.")
    leader.get_by_role("button", name="Decide").click()
    expect(leader.get_by_text("The regulator says so.")).to_be_visible()


def test_a_file_is_shown_applied_and_one_claim_of_it_withdrawn_again(hub, new_context):
    team = TeamFactory(name="Fjord CERT")
    boss = page_of(new_context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    boss.goto(f"/claims/organisations/{team.organisation_id}/")
    boss.get_by_role("link", name=re.compile("[Ii]mport")).first.click()
    rows = "kind,value\nplmn,999-70\nplmn,999-7x\n" + "".join(f"asn,{n}\n" for n in range(1, 301))
    boss.locator("#id_file").set_input_files(
        {"name": "claims.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    boss.get_by_label("My organisation may share this here").check()
    boss.get_by_role("button", name="Read it and show me").click()
    jobs.run_due()
    boss.reload()
    expect(boss.get_by_role("button", name="Apply 301 rows")).to_be_visible()
    expect(boss.get_by_text("Part 1 of 2").first).to_be_visible()
    assert look(boss, boss.url) == []
    boss.get_by_role("link", name="Refused").click()
    expect(boss.get_by_text("999-7x")).to_be_visible()
    assert look(boss, boss.url) == []
    assert not Claim.objects.exists()
    boss.get_by_role("button", name="Apply 301 rows").click()
    jobs.run_due()
    boss.reload()
    expect(boss.get_by_text("301 rows were applied")).to_be_visible()
    boss.goto(f"/claims/{Claim.objects.get(value='999-70').id}/")
    boss.get_by_role("button", name="Withdraw").click()
    boss.get_by_role("button", name="Let it count again").click()
    expect(boss.get_by_text("It counts again.")).to_be_visible()
    assert Claim.objects.get(value="999-70").state == State.CLAIMED
