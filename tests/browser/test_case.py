"""A case in real browsers: three teams read and write sealed; one leaves, one comes late."""

import os
import subprocess
from functools import partial

import pysequoia
import pytest
from playwright.sync_api import expect
from tests.browser.axe import assert_accessible
from tests.browser.people import sign_in_browser
from tests.browser.steps import (
    accept_terms,
    hand_over,
    invite_proposed,
    judge,
    open_as,
    open_invitation,
    remember,
    unlock,
    write,
)
from tests.factories.case_parties import make_report
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.inventory import EquipmentFactory, ProductFactory
from tests.factories.keys import KEYS, active_key_of
from tests.factories.sealed import Party, make_message
from tests.gnupg import gnupg_home
from tests.ondisk import read_bytes
from tests.principals import principal_of

from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Holder, KeyPacket, Message
from tcert.response.cases import conversations
from tcert.response.cases.domain import participants, triage
from tcert.response.cases.enums import ManagementAct, Role, ThreadPurpose
from tcert.response.cases.models import Participant

expect.set_options(timeout=30_000)  # unlocking takes its time on a busy machine

FACTS = "## What happens\n\nThe **UDM** answers anyone, see `nudm-sdm`."


def as_party(team, which):
    secret = bytes(pysequoia.Tsk.from_bytes(bytes=KEYS[which]["secret"].encode()))
    certificate = bytes(pysequoia.Cert.from_bytes(bytes=KEYS[which]["certificate"].encode()))
    return Party(Holder(HolderKind.TEAM, team.id), secret, certificate)


@pytest.fixture
def someone(new_context, hub):
    """Open a page for a person with a vault that holds a share of the team's key."""

    return partial(open_as, new_context, hub)


@pytest.fixture
def desk():
    team = DeskFactory()
    active_key_of(team, "first")
    return team


@pytest.fixture
def vendor():
    team = TeamFactory(
        name="Corevale PSIRT",
        kind="psirt",
        organisation=OrganisationFactory(name="Corevale", short_name="Corevale", kind="vendor"),
    )
    active_key_of(team, "second")
    return team


@pytest.fixture
def operator():
    team = TeamFactory(name="North Mobile CERT")
    active_key_of(team, "third")
    return team


def test_a_case_from_report_to_statement(  # noqa: PLR0915 - one walk, told in order
    someone, desk, vendor, operator, tmp_path, settings
):
    product = ProductFactory(name="UDM", vendor=vendor.organisation)
    EquipmentFactory(organisation=operator.organisation, product=product, versions="4.2.1")
    case, _stranger = make_report(as_party(desk, "first"), facts=FACTS)
    page = someone(coordinator_of_desk(), desk, "first", coordinator=True)

    # The desk opens the report in the browser, judges it and gives it a sealed title.
    page.goto("/cases/triage/")
    page.get_by_role("link", name=case.code_name).click()
    expect(page.get_by_text("Your vault is locked")).to_be_visible()
    unlock(page)
    report = page.locator(".msg").first
    expect(report.get_by_role("heading", name="What happens")).to_be_visible()
    expect(report.locator("code")).to_have_text("nudm-sdm")
    expect(report).to_contain_text("signature holds")
    expect(report.locator("[data-alarm]")).to_be_hidden()
    page.get_by_role("button", name="Title").click()
    page.get_by_label("What this case is about").fill("UDM answers anyone")
    page.get_by_role("button", name="Seal the title").click()
    remember(page)
    expect(page.locator("[data-title-text]")).to_have_text("UDM answers anyone")

    page.get_by_role("link", name="Triage", exact=True).last.click()
    judge(page, "Find it valid", "Accept it", "Nobody is to be kept out")
    page.get_by_text("Name a product", exact=True).click()
    page.get_by_label("A listed product").select_option(label=str(product))
    page.get_by_role("button", name="Name it").first.click()

    # It is shown who should know and why, and asks both.
    page.goto(f"/cases/{case.id}/involve/")
    expect(page.get_by_text("makes UDM")).to_be_visible()
    expect(page.get_by_text("runs UDM 4.2.1 (declared)")).to_be_visible()
    invite_proposed(page, "Corevale PSIRT", "North Mobile CERT")

    # The vendor accepts before it is shown anything, and writes.
    vendors = someone(member_of(vendor, name="Ines Kaya"), vendor, "second")
    open_invitation(vendors, case.code_name)
    expect(vendors.get_by_role("heading", name="Invitation into a case")).to_be_visible()
    expect(vendors.locator("footer.foot")).to_be_visible()
    assert "UDM" not in vendors.content()
    assert_accessible(vendors)
    accept_terms(vendors)
    unlock(vendors)
    write(vendors, "We reproduced it on 4.2.1.", new_keys=True)

    # The desk reads it, answers, and hands the report over.
    link = case.threads.get(purpose=ThreadPurpose.DESK, participant__team=vendor)
    page.goto(f"/cases/{case.id}/?thread={link.id}")
    theirs = page.locator(".msg").first
    expect(theirs).to_contain_text("We reproduced it on 4.2.1.")
    expect(theirs).to_contain_text("key not known to this browser yet")
    # Who wrote for the team stands inside, as the team's own word.
    expect(theirs.locator("h3")).to_have_text("Corevale PSIRT, Ines Kaya says")
    expect(theirs).to_contain_text("name as the author gives it")
    write(page, "Please propose a date.", new_keys=True)
    expect(page.locator(".msg").first).to_contain_text("signature holds")
    hand_over(page, "answers anyone", "As received")

    vendors.reload()
    carried = vendors.locator(".msg").last
    expect(carried.locator("blockquote")).to_contain_text("answers anyone")
    expect(carried).to_contain_text("As received")
    expect(carried.locator("[data-alarm]")).to_be_hidden()
    expect(vendors.locator(".msg").nth(1)).to_contain_text("Please propose a date.")

    # The vendor states what is affected; the desk sees it in the matrix.
    vendors.get_by_role("link", name="Make a statement").click()
    vendors.get_by_label("Product", exact=True).select_option(index=1)
    vendors.get_by_label("Version or range").fill("4.2.1")
    vendors.get_by_label("Position").select_option("known_affected")
    vendors.get_by_label("Fix", exact=True).select_option("in_test")
    vendors.get_by_role("button", name="State this").click()
    expect(vendors.get_by_text("Stated.")).to_be_visible()
    page.goto(f"/cases/{case.id}/")
    expect(page.locator("#parties")).to_contain_text("affected, fix in test")
    for path in ("", "triage/", "involve/", "embargo/", "facts/", "threads/new/"):
        page.goto(f"/cases/{case.id}/{path}")
        assert_accessible(page)
    page.goto("/cases/triage/")
    assert_accessible(page)

    # The operator comes late, with an attachment, and never learns of the vendor.
    operators = someone(member_of(operator), operator, "third")
    open_invitation(operators, case.code_name)
    accept_terms(operators)
    expect(operators.locator("#parties")).not_to_contain_text("Corevale")
    unlock(operators)
    capture = tmp_path / "trace.txt"
    capture.write_text("0102 0304")
    operators.get_by_label("Attachments").set_input_files(capture)
    write(operators, "We see it in our network.", new_keys=True)
    with operators.expect_download() as download:
        operators.get_by_role("button", name="Open and save").click()
    assert download.value.suggested_filename == "trace.txt"
    assert download.value.path().read_text() == "0102 0304"
    stored = b"".join(read_bytes(path) for path in (settings.DATA_DIR).rglob("*") if path.is_file())
    assert b"trace.txt" not in stored
    assert b"We see it in our network" not in stored
    # Nor is a person named in the clear as the one who wrote.
    assert not Message.objects.filter(body__contains=b"Ines Kaya").exists()

    # The vendor is removed by name, and gets nothing new.
    row = Participant.objects.get(case=case, team=vendor)
    page.goto(f"/cases/{case.id}/participants/{row.id}/remove/")
    expect(page.get_by_text("cannot be recalled")).to_be_visible()
    page.get_by_label("The team's name").fill("Corevale PSIRT")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("gets nothing new from now on")).to_be_visible()
    assert vendors.goto(f"/cases/{case.id}/").status == 404


def accepted(case, coordinator, team, *roles):
    """Bring a team into a case as pages would."""
    invitation = participants.invite(
        principal=coordinator, case=case, team=team, roles=roles or (Role.VENDOR,)
    )
    return participants.accept(
        principal=principal_of(member_of(team)),
        invitation=invitation,
        revision=None,
        agreed_end=None,
    )


@pytest.fixture
def ready(desk):
    """A case at accepted, and a coordinator."""
    person = coordinator_of_desk()
    coordinator = principal_of(person, coordinator=True)
    case, _stranger = make_report(as_party(desk, "first"), facts=FACTS)
    for act in (ManagementAct.VALIDATE, ManagementAct.ACCEPT):
        triage.judge(principal=coordinator, case=case, revision=None, act=act)
    triage.settle_exclusions(principal=coordinator, case=case, revision=None)
    return case, person, coordinator


def test_gpg_reads_and_posts(someone, ready, desk, vendor, tmp_path):
    case, person, coordinator = ready
    accepted(case, coordinator, vendor)
    link = case.threads.get(purpose=ThreadPurpose.DESK)
    person_of_vendor = member_of(vendor, name="Ines\u202e <b>Kaya</b>")
    vendors = someone(person_of_vendor, vendor, "second")
    vendors.goto(f"/cases/{case.id}/threads/{link.id}/gpg/")
    for label in ("Download the text to write into", "Download the readers"):
        with vendors.expect_download() as download:
            vendors.get_by_role("link", name=label).click()
        download.value.save_as(tmp_path / download.value.suggested_filename)
    with (tmp_path / "reply.txt").open("a") as text:
        text.write("Posted with gpg.\n")
    command = vendors.locator("pre", has_text="--sign --encrypt").inner_text()
    assert "--compress-algo none" in command
    with gnupg_home() as gpg:
        gpg.run("--import", data=KEYS["second"]["secret"].encode())
        subprocess.run(
            ["sh", "-ec", command],
            env={**os.environ, "GNUPGHOME": str(gpg.home)},
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
        vendors.get_by_label("or the file").set_input_files(tmp_path / "reply.pgp")
        vendors.get_by_role("button", name="Post it").click()
        expect(vendors.get_by_text("Posted.")).to_be_visible()

        # The desk's browser opens it and finds nothing wrong; gpg opens the desk's answer.
        page = someone(person, desk, "first", coordinator=True)
        page.goto(f"/cases/{case.id}/?thread={link.id}")
        unlock(page)
        posted = page.locator(".msg").first
        expect(posted).to_contain_text("Posted with gpg.")
        expect(posted.locator("[data-alarm]")).to_be_hidden()
        # Neither the change of direction nor the markup in the account's name does anything.
        expect(posted.locator("h3")).to_have_text("Corevale PSIRT, Ines <b>Kaya</b> says")
        write(page, "Read with gpg.", new_keys=True)
        answer = Message.objects.order_by("position").last()
        vendors.goto(f"/cases/{case.id}/threads/{link.id}/gpg/")
        with vendors.expect_download() as download:
            vendors.get_by_role("link", name=f"{answer.id}.pgp").click()
        opened = gpg.decrypt(download.value.path().read_bytes()).decode()
    assert "Read with gpg." in opened
    assert f"Subject: case:{case.id}" in opened
    assert f"\nPerson: {person.name}\n" in opened


def test_what_the_hub_claims_is_held_against_what_is_signed(someone, ready, desk, vendor):
    """The hub turns hostile: it moves a message to another author, thread and kind."""
    case, person, coordinator = ready
    accepted(case, coordinator, vendor)
    link = case.threads.get(purpose=ThreadPurpose.DESK)
    vendors = someone(member_of(vendor), vendor, "second")
    vendors.goto(f"/cases/{case.id}/")
    unlock(vendors)
    write(vendors, "We reproduced it.", new_keys=True)
    message = Message.objects.get(thread=link.thread)
    page = someone(person, desk, "first", coordinator=True)
    page.goto(f"/cases/{case.id}/?thread={link.id}")
    unlock(page)
    expect(page.locator(".msg [data-alarm]")).to_be_hidden()
    say_that_it_does_not_open(page, vendors, message, desk)

    Message.objects.filter(pk=message.pk).update(kind="title")
    page.reload()
    expect(page.locator(".msg [data-alarm]")).to_contain_text("the kind")
    Message.objects.filter(pk=message.pk).update(
        kind="message",
        author_id=desk.id,
        author_fingerprint=KEYS["first"]["fingerprint"],
    )
    page.reload()
    expect(page.locator(".msg [data-alarm]")).to_contain_text("another key than the hub says")
    # A name would be believed all the same.
    expect(page.locator(".msg [data-person]")).to_be_empty()
    report = case.threads.get(purpose=ThreadPurpose.REPORT)
    Message.objects.filter(pk=message.pk).update(
        thread=report.thread,
        author_id=vendor.id,
        author_fingerprint=KEYS["second"]["fingerprint"],
        position=99,
    )
    page.goto(f"/cases/{case.id}/?thread={report.id}")
    expect(page.locator(".msg").last.locator("[data-alarm]")).to_contain_text("the conversation")


def say_that_it_does_not_open(page, vendors, message, desk) -> None:
    """A message sealed to the right key id that opens for nobody: its reader tells the sender."""
    expect(page.get_by_role("button", name="I cannot open this")).to_be_hidden()
    key = KeyPacket.objects.get(message=message, recipient__holder_id=desk.id)
    whole = bytes(key.packet)
    KeyPacket.objects.filter(pk=key.pk).update(packet=whole[:-9] + bytes(9))
    page.reload()
    page.get_by_role("button", name="I cannot open this").click()
    expect(page.get_by_text("Your team has said that it cannot open this.")).to_be_visible()
    assert_accessible(page)

    # The sender's browser hands it over anew, to the keys of now.
    vendors.reload()
    expect(vendors.get_by_text("Cannot be opened by: TCERT desk.")).to_be_visible()
    assert_accessible(vendors)
    vendors.get_by_role("button", name="Seal it anew").click()
    expect(vendors.get_by_text("You have written since.")).to_be_visible()

    page.reload()
    expect(page.locator(".msg blockquote")).to_have_text("We reproduced it.")
    KeyPacket.objects.filter(pk=key.pk).update(packet=whole)
    page.reload()
    expect(page.get_by_text("It opens here now.")).to_be_visible()
    page.get_by_role("button", name="It opens after all").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    expect(page.get_by_text("Your team has said that it cannot open this.")).to_be_hidden()
    # The rest of the walk is about the first message alone.
    Message.objects.filter(hands_over__isnull=False).delete()


def test_hostile_text_stays_text(someone, desk):
    facts = (
        "<img src=x onerror=alert(1)> [link](javascript:alert(1)) "
        "![p](https://tracker.example/x.png)\n\n# <script>alert(1)</script>\n\n"
        + "*" * 2000
        + "\n\n"
        + "`" * 999
    )
    case, _stranger = make_report(as_party(desk, "first"), facts=facts)
    page = someone(coordinator_of_desk(), desk, "first", coordinator=True)
    page.goto(f"/cases/{case.id}/")
    unlock(page)
    text = page.locator(".msg [data-text]").first
    expect(text).to_contain_text("<img src=x onerror=alert(1)>")
    assert text.locator("img, script, a").count() == 0


def test_without_scripts_the_way_with_gpg_is_offered(browser, hub, desk):
    case, _stranger = make_report(as_party(desk, "first"), facts=FACTS)
    context = browser.new_context(java_script_enabled=False, base_url=hub)
    sign_in_browser(context, hub, coordinator_of_desk(), coordinator=True)
    page = context.new_page()
    page.goto(f"/cases/{case.id}/")
    expect(page.get_by_text("Without scripts sealed text cannot be opened here")).to_be_visible()
    page.get_by_role("link", name="With your own OpenPGP program").click()
    expect(page.get_by_role("heading", name="With your own OpenPGP program")).to_be_visible()
    context.close()


def test_a_message_taken_from_a_long_thread_is_missed_on_every_page(
    someone, ready, desk, vendor, monkeypatch
):
    """The hub turns hostile and takes a message away. Pages are short, so that the walk is."""
    monkeypatch.setattr(conversations, "PER_PAGE", 6)
    monkeypatch.setattr(conversations, "FEWEST", 3)
    case, person, coordinator = ready
    accepted(case, coordinator, vendor)
    link = case.threads.get(purpose=ThreadPurpose.DESK)
    ours, theirs = as_party(desk, "first"), as_party(vendor, "second")
    counters, previous = {ours: 0, theirs: 0}, None
    for number in range(11):
        # Its last is the vendor's only message on the newest page.
        author = theirs if number < 5 or number == 9 else ours
        counters[author] += 1
        posted = make_message(
            link.thread, author, [ours, theirs],
            counter=counters[author], previous=previous, body=f"Message {number}.",
        )  # fmt: skip
        previous = Message.objects.get(id=posted.message_id).body_sha256
    page = someone(person, desk, "first", coordinator=True)
    newest = f"/cases/{case.id}/?thread={link.id}"
    page.goto(newest)
    unlock(page)
    alarm, ready_ = page.locator("[data-sequence]"), page.locator("[data-ready=open]")
    expect(ready_).to_have_count(1)
    expect(page.locator(".msg").last).to_contain_text(f"Message {number}.")
    expect(alarm).to_be_hidden()
    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Older messages").click()
    expect(ready_).to_have_count(1)
    expect(page.locator(".msg").first).to_contain_text("Message 0.")
    expect(alarm).to_be_hidden()
    expect(page.get_by_label("Message", exact=True)).to_have_count(0)

    # A message of the vendor goes, from the middle of the other page.
    gone = Message.objects.get(thread=link.thread, position=3)
    gone.key_packets.all().delete()
    gone.delete()
    page.goto(newest)
    expect(alarm).to_contain_text("missing by their authors’ counters: 1")
    expect(alarm).to_contain_text("shown to you before, and gone: 1")
    page.goto(f"{newest}&messages=1")
    expect(alarm).to_contain_text("missing by their authors’ counters: 1")
    expect(alarm).to_contain_text("answers to a message that is not shown: 1")
