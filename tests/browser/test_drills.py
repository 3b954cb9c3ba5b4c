"""A drill in a real browser, from the notice to the result that others read."""

from email import message_from_bytes

import pytest
from django.core import mail
from playwright.sync_api import expect
from tests.browser.people import sign_in_browser
from tests.browser.test_every_page import WIDE, look
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.reachability import DeliveryFactory, reachable

from tcert.community.directory.enums import TeamRole
from tcert.community.reachability.models import Delivery, Drill
from tcert.foundation.kernel import jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


def link_in(message, kind, hub):
    """The address behind a mail's link, on the hub of the test."""
    text = message_from_bytes(message.message().as_bytes()).get_payload(decode=True).decode()
    secret = text.split(f"/drills/{kind}/")[1].split("/")[0]
    return f"{hub}/drills/{kind}/{secret}/"


def test_a_drill_from_the_notice_to_the_result(hub, new_context):
    team = TeamFactory(name="Fjord CERT")
    reachable(team, "soc@fjord.example")
    DeliveryFactory(address="soc@fjord.example")

    staff = new_context(viewport=WIDE)
    sign_in_browser(staff, hub, coordinator_of_desk(), coordinator=True)
    desk = staff.new_page()
    desk.goto("/reachability/?show=mail")
    assert look(desk, "overview") == []
    desk.get_by_role("link", name="Fjord CERT").click()
    desk.get_by_role("link", name="Set a drill off").click()
    assert look(desk, "start") == []
    desk.get_by_label("Why").fill("Two members could not reach them.")
    desk.get_by_label("Name, to confirm").fill("Fjord CERT")
    desk.get_by_role("button", name="Set the drill off").click()
    expect(desk.get_by_text("The drill is on its way.")).to_be_visible()
    jobs.run_due()

    notice = mail.outbox[-1]
    phone = new_context(viewport={"width": 360, "height": 740}).new_page()
    phone.goto(link_in(notice, "answer", hub))
    assert look(phone, "answer") == []
    assert Drill.objects.get().answered_at is None
    phone.get_by_role("button", name="Yes, our team was reached").click()
    expect(phone.get_by_role("heading", name="the exercise is over")).to_be_visible()
    phone.goto(link_in(notice, "answer", hub))
    phone.get_by_role("button", name="Yes, our team was reached").click()
    expect(phone.get_by_text("is answered already")).to_be_visible()
    assert Delivery.objects.get(address="soc@fjord.example").state == "fine"

    members = new_context(viewport=WIDE)
    sign_in_browser(members, hub, member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    reader = members.new_page()
    reader.goto(f"/directory/teams/{team.id}/")
    expect(reader.get_by_text("answered in time")).to_be_visible()
    assert "Two members" not in reader.content()


def test_a_leader_practises_and_mends_an_address(hub, new_context):
    team = TeamFactory(name="Fjord CERT")
    reachable(team, "soc@fjord.example")
    DeliveryFactory(address="soc@fjord.example", reason="full")
    context = new_context(viewport=WIDE)
    sign_in_browser(context, hub, member_of(team, TeamRole.REPRESENTATIVE))
    page = context.new_page()
    page.goto("/my-day/")
    page.get_by_role("link", name="Mail to soc@fjord.example does not arrive").click()
    assert look(page, "team") == []
    page.get_by_role("button", name="Send a test mail").click()
    jobs.run_due()
    phone = new_context(viewport=WIDE).new_page()
    phone.goto(link_in(mail.outbox[-1], "works", hub))
    assert look(phone, "works") == []
    phone.get_by_role("button", name="Yes, it arrived").click()
    expect(phone.get_by_text("counts as working again")).to_be_visible()
    page.get_by_role("button", name="Practise now").click()
    expect(page.get_by_role("heading", name="Practice drill: no incident")).to_be_visible()
    assert look(page, "team under way") == []
    page.get_by_role("button", name="Our team was reached").click()
    expect(page.get_by_text("does not count", exact=False).first).to_be_visible()
    page.get_by_role("link", name="Ask for a pause").click()
    assert look(page, "pause") == []
    drill = Drill.objects.get()
    phone.goto(f"{hub}/drills/{drill.id}/reply/")
    assert look(phone, "reply") == []
