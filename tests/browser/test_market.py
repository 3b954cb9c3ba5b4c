"""The marketplace in real browsers: an offer with a claim, an unnamed need, how they meet."""

import pytest
from playwright.sync_api import expect
from tests.browser.axe import assert_accessible
from tests.browser.people import sign_in_browser
from tests.browser.steps import open_as, remember, unlock
from tests.factories.directory import TeamFactory, member_of
from tests.factories.keys import active_key_of
from tests.factories.market import ProviderFactory

from tcert.community.directory.enums import TeamRole
from tcert.community.market.models import Contact, Entry
from tcert.foundation.kernel import clock, jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.browser]


def test_a_provider_and_an_operator_who_stays_unnamed_meet(  # noqa: PLR0915 - one walk, in order
    hub, new_context
):
    provider = ProviderFactory(name="Gate Makers")
    operator = TeamFactory(name="Alder CERT", organisation__name="Alder Mobile")
    active_key_of(provider, "first")
    active_key_of(operator, "second")
    makers = open_as(
        new_context, hub, member_of(provider, TeamRole.REPRESENTATIVE), provider, "first"
    )
    alder = open_as(
        new_context, hub, member_of(operator, TeamRole.REPRESENTATIVE), operator, "second"
    )
    reader_context = new_context()
    sign_in_browser(reader_context, hub, member_of(TeamFactory()))
    reader = reader_context.new_page()

    # The provider offers a measure, and says which clause it meets.
    makers.goto("/market/")
    assert_accessible(makers)
    makers.get_by_role("link", name="Offer something").first.click()
    makers.get_by_label("What it is about").select_option(label="Measure or solution")
    makers.get_by_label("Heading").fill("Gate for signalling")
    makers.get_by_label("What others should know").fill("Write to sales@gate.example")
    makers.get_by_label("for payment").check()
    makers.get_by_label("Signalling and interconnect").check()
    makers.get_by_role("button", name="Save").click()
    expect(makers.get_by_text("Leave out mail addresses").first).to_be_visible()
    expect(makers.get_by_label("Heading")).to_have_value("Gate for signalling")
    makers.get_by_label("What others should know").fill("On your own machines.")
    assert_accessible(makers)
    makers.get_by_role("button", name="Save").click()
    makers.get_by_role("link", name="Claims on requirements").click()
    makers.get_by_label("Measure").fill("Gate 3.1")
    makers.get_by_label("Clause that you say it meets").select_option("TS 33.117 4.2.6.2.3")
    makers.get_by_role("button", name="Add the claim").click()
    assert_accessible(makers)
    makers.get_by_role("link", name="Back to the entry").click()
    expect(makers.get_by_text("The hub has not checked it")).to_be_visible()
    makers.get_by_role("button", name="Publish").click()
    expect(makers.get_by_text("Published.")).to_be_visible()
    reader.goto(makers.url)
    expect(reader.get_by_text("own claim, not checked")).to_be_visible()
    reader.emulate_media(media="print")
    expect(reader.get_by_text("The hub has not checked it")).to_be_visible()
    reader.emulate_media(media="screen")

    # The operator needs one, and does not say who it is.
    alder.goto("/market/needs/new/")
    expect(alder.get_by_label("Do not show whose need it is")).to_be_checked()
    alder.get_by_label("What it is about").select_option(label="Measure or solution")
    alder.get_by_label("Heading").fill("A filter at the edge")
    alder.get_by_label("What others should know").fill("For Alder Mobile, this year.")
    alder.get_by_label("Signalling and interconnect").check()
    alder.get_by_role("button", name="Save").click()
    expect(alder.get_by_text("tells whose need it is").first).to_be_visible()
    alder.get_by_label("What others should know").fill("This year.")
    alder.get_by_role("button", name="Save").click()
    expect(alder.get_by_text("This is what others see")).to_be_visible()
    assert_accessible(alder)
    alder.get_by_role("button", name="Publish").click()
    expect(alder.get_by_text("from tomorrow on")).to_be_visible()
    address = alder.url
    assert reader.goto(address).status == 404
    Entry.objects.update(listed_from=clock.today())  # the next day has come

    # They fit; the provider asks, and learns nothing.
    makers.goto("/market/matches/")
    expect(makers.get_by_text("same subject: Measure or solution")).to_be_visible()
    assert_accessible(makers)
    makers.get_by_role("link", name="A filter at the edge").click()
    expect(makers.locator("body")).not_to_contain_text("Alder")
    assert_accessible(makers)
    makers.get_by_role("button", name="Ask them to answer").click()
    expect(makers.get_by_text("You hear of it when they answer")).to_be_visible()
    expect(makers.locator("body")).not_to_contain_text("Alder")

    # The operator is led there by its day, answers, and is known from then on.
    alder.goto("/my-day/")
    alder.get_by_role("link", name="A team asks to talk about a need of yours").click()
    assert_accessible(alder)
    alder.get_by_role("link", name="Gate Makers").first.click()
    expect(alder.get_by_text("Gate for signalling")).to_be_visible()
    assert_accessible(alder)
    alder.get_by_role("button", name="Answer and be known").click()
    expect(alder.get_by_role("heading", name="Talk with Gate Makers")).to_be_visible()
    unlock(alder)
    alder.get_by_label("Message", exact=True).fill("It is us. What does it cost to try?")
    alder.get_by_role("button", name="Seal and send").click()
    remember(alder)
    expect(alder.locator(".msg.mine [data-text]").last).to_contain_text("It is us")
    makers.goto(f"/market/contacts/{Contact.objects.get().id}/")
    makers.get_by_role("link", name="Open the talk").click()
    expect(makers.get_by_role("heading", name="Talk with Alder CERT")).to_be_visible()
    unlock(makers)
    expect(makers.locator(".msg").last).to_contain_text("It is us")

    # It has what it needed, and withdraws; the talk goes on.
    alder.goto(address)
    alder.get_by_role("button", name="Withdraw").click()
    expect(alder.get_by_text("Withdrawn. You can take it up again")).to_be_visible()
    assert makers.goto(address).status == 404
    reader.goto("/market/?kind=need")
    expect(reader.get_by_text("Nothing of that kind")).to_be_visible()
    jobs.run_due()
