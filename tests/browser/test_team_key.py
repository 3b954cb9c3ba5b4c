"""A team's key in real browsers: made, confirmed, shared, opened; a swapped one is stopped."""

import re
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect
from tests.browser.axe import assert_accessible
from tests.browser.people import sign_in_browser
from tests.browser.vaults import confirm_kit, create_vault
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.keys import KEYS, TeamKeyFactory
from tests.gnupg import gnupg_home

from tcert.community.accounts.models import Vault
from tcert.community.directory import intake, queries
from tcert.community.directory.enums import KeyState, TeamRole
from tcert.community.directory.models import TeamKey, TeamKeyShare
from tcert.foundation.kernel import clock
from tcert.foundation.openpgp import certificates
from tcert.foundation.openpgp.sealing import seal

OPEN = """async ({ message: bytes, authors }) => {
  const message = new Uint8Array(bytes);
  const { openCrypto } = await import("openpgp/client.js");
  const vault = await openCrypto();
  const opened = await vault.call("open", { message, authors });
  const [signature] = opened.signatures;
  return { text: opened.text, valid: signature.valid, pin: signature.pin };
}"""
OPEN_TEXT = """async ({ message: bytes, authors }) => {
  const { openCrypto } = await import("openpgp/client.js");
  const vault = await openCrypto();
  return (await vault.call("open", { message: new Uint8Array(bytes), authors })).text;
}"""
# Sealing waits for dialogs: it is started here and its end is read from the page's title.
SEAL = """async ({ team, recipients, text }) => {
  const { openCrypto } = await import("openpgp/client.js");
  const vault = await openCrypto();
  document.title = "sealing";
  vault.seal({ signer: vault.signerOf(team), recipients, text }).then(
    (message) => {
      window.sealed = message;
      document.title = "sealed";
    },
    (error) => { document.title = `refused: ${error.code}`; },
  );
}"""


@pytest.fixture
def someone(new_context, hub):
    """Open a page for a person; coordinators with their rights on."""

    def open_page(person, **options):
        context = new_context()
        sign_in_browser(context, hub, person, **options)
        return context.new_page()

    return open_page


def make_key(page, team):
    page.goto(f"/directory/teams/{team.id}/key/make/")
    page.get_by_label("Address on the key").fill("cert@operator.example")
    page.get_by_role("button", name="Make the key").click()
    confirm_kit(page)
    page.get_by_role("button", name="store the key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Keys of"))


def share_with(page, person, team):
    page.goto(f"/directory/teams/{team.id}/key/")
    page.get_by_role("link", name=f"Share it {person.name}").click()
    personal = Vault.objects.get(person=person).fingerprint
    page.get_by_label("The last eight characters").fill(personal[-8:])
    page.get_by_role("button", name="Sign and share").click()
    expect(page.get_by_text(f"{person.name} can open the team's key now.")).to_be_visible()


def test_made_confirmed_shared_and_opened_by_the_second_member(someone):
    team = TeamFactory(name="Altus CERT")
    ada = member_of(team, TeamRole.REPRESENTATIVE, name="Ada Moss")
    ben = member_of(team, name="Ben Rook")
    bens = someone(ben)
    create_vault(bens)
    adas = someone(ada)
    create_vault(adas)
    make_key(adas, team)
    key = TeamKey.objects.get(team=team)
    assert key.state == KeyState.PENDING
    assert b"PRIVATE" not in bytes(TeamKeyShare.objects.get(team_key=key).sealed_secret)

    desk = someone(coordinator_of_desk(), coordinator=True)
    desk.goto("/directory/keys/")
    desk.get_by_role("link", name="Altus CERT").click()
    desk.get_by_label("Fingerprint as you heard or read it").fill("0" * 40)
    desk.get_by_role("button", name="Confirm the key").click()
    expect(desk.get_by_text("This is not the fingerprint").first).to_be_visible()
    desk.get_by_label("Fingerprint as you heard or read it").fill(key.fingerprint)
    desk.get_by_role("button", name="Confirm the key").click()
    expect(desk.get_by_text("Confirmed: what is written")).to_be_visible()

    adas.goto(f"/directory/teams/{team.id}/key/")
    expect(adas.get_by_text("signature holds")).to_be_visible()
    adas.get_by_role("link", name="Share it Ben Rook").click()
    personal = Vault.objects.get(person=ben).fingerprint
    adas.get_by_label("The last eight characters").fill("00000000")
    adas.get_by_role("button", name="Sign and share").click()
    expect(adas.get_by_text("Nothing was shared")).to_be_visible()
    assert TeamKeyShare.objects.count() == 1
    adas.get_by_label("The last eight characters").fill(f"{personal[-8:-4]} {personal[-4:]}")
    adas.get_by_role("button", name="Sign and share").click()
    expect(adas.get_by_text("Ben Rook can open the team's key now.")).to_be_visible()
    expect(adas.get_by_text("signature holds")).to_have_count(2)

    key = queries.active_key(team.id, clock.now())
    own = queries.correspondents([key])[key.fingerprint]
    adas.evaluate(SEAL, {"team": str(team.id), "recipients": [own], "text": "for both of us"})
    expect(adas).to_have_title("sealed")
    message = adas.evaluate("() => [...window.sealed]")
    bens.goto("/account/vault/")
    expect(bens.get_by_text("Altus CERT")).to_be_visible()
    assert bens.evaluate(OPEN, {"message": message, "authors": [own]}) == {
        "text": "for both of us",
        "valid": True,
        "pin": "new",
    }


@pytest.fixture
def sealer(someone):
    """Ada with a key of her team, and a function that seals from it to a key of another team."""
    team = TeamFactory()
    page = someone(member_of(team, TeamRole.REPRESENTATIVE))
    create_vault(page)
    make_key(page, team)
    TeamKey.objects.filter(team=team).update(state=KeyState.ACTIVE)
    page.goto("/account/vault/")
    expect(page.get_by_text("unlocked in this browser")).to_be_visible()

    def seal(key, **claims):
        recipient = {**queries.correspondents([key])[key.fingerprint], **claims}
        arguments = {"team": str(team.id), "recipients": [recipient], "text": "x"}
        page.evaluate(SEAL, arguments)

    return page, page.get_by_role("dialog"), seal


def replaced(old, which, **fields):
    """Give the team of a key another one, with the (true or false) statement of the vectors."""
    old.state = KeyState.SUPERSEDED
    old.save()
    return TeamKeyFactory(
        team=old.team,
        which=which,
        predecessor=old,
        transition_signature=KEYS["transition"],
        **fields,
    )


def test_the_first_sealing_shows_the_fingerprint_and_a_signed_change_is_told(sealer):
    page, dialog, seal = sealer
    first = TeamKeyFactory(team=TeamFactory(id=UUID(KEYS["team"]), name="Corevale PSIRT"))
    seal(first)
    expect(dialog).to_contain_text("for the first time")
    expect(dialog).to_contain_text("Corevale PSIRT")
    assert_accessible(page)
    expect(dialog.locator("code")).to_have_text(re.sub("(.{4})(?=.)", r"\1 ", first.fingerprint))
    dialog.get_by_role("button", name="Stop").click()
    expect(page).to_have_title("refused: stopped")
    seal(first)
    dialog.get_by_role("button", name="Remember and go on").click()
    expect(page).to_have_title("sealed")
    seal(first)
    expect(page).to_have_title("sealed")

    seal(replaced(first, "second"))
    expect(dialog).to_contain_text("has signed this new one")
    dialog.get_by_role("button", name="Remember and go on").click()
    expect(page).to_have_title("sealed")


def test_a_swapped_key_is_stopped_by_the_pin(sealer):
    page, dialog, seal = sealer
    first = TeamKeyFactory(team=TeamFactory(id=UUID(KEYS["team"]), name="Corevale PSIRT"))
    seal(first)
    dialog.get_by_role("button", name="Remember and go on").click()
    expect(page).to_have_title("sealed")

    # The hub turns hostile: it swaps the key, claims a signature and the desk's confirmation.
    swapped = replaced(first, "third", confirmed_at=clock.now(), confirmed_how="phone")
    seal(swapped)
    expect(dialog).to_contain_text("Stop: this key has changed")
    assert_accessible(page)
    accept = dialog.get_by_role("button", name="use the new key")
    expect(accept).to_be_disabled()
    dialog.get_by_label("Fingerprint as they read it").fill(KEYS["second"]["fingerprint"])
    expect(dialog).to_contain_text("Do not seal anything to it")
    expect(accept).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page).to_have_title("refused: stopped")

    seal(swapped)
    dialog.get_by_label("Fingerprint as they read it").fill(KEYS["third"]["fingerprint"].lower())
    accept.click()
    expect(page).to_have_title("sealed")
    # A key that the hub calls a reporter's is not accepted unseen either.
    seal(first, kind="reporter", id=str(uuid4()), label="Reporter")
    expect(dialog).to_contain_text("made for one report")
    dialog.get_by_role("button", name="Stop").click()
    expect(page).to_have_title("refused: stopped")
    # Going back to an older key is a change like any other.
    seal(first)
    expect(dialog).to_contain_text("Stop: this key has changed")
    dialog.get_by_role("button", name="Stop here").click()
    expect(page).to_have_title("refused: stopped")


def test_an_offline_backup_is_proved_in_the_browser(someone, tmp_path):
    team = TeamFactory()
    ada = member_of(team, TeamRole.REPRESENTATIVE)
    page = someone(ada)
    create_vault(page)
    make_key(page, team)
    TeamKey.objects.filter(team=team).update(state=KeyState.ACTIVE)
    key = TeamKey.objects.get(team=team)
    page.goto(f"/directory/teams/{team.id}/key/{key.id}/backup/")
    page.get_by_role("button", name="Make a kit").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    kit = tmp_path / "kit.asc"
    download.value.save_as(kit)
    passphrase = confirm_kit(page)
    page.get_by_label("The kit’s file").set_input_files(kit)
    page.get_by_label("The kit’s passphrase").fill("wrong")
    page.get_by_role("button", name="Open and sign").click()
    expect(page.locator("#vault-trouble")).to_contain_text("does not open")
    page.get_by_label("The kit’s passphrase").fill(passphrase)
    page.get_by_role("button", name="Open and sign").click()
    expect(page.get_by_text("Proved: this backup opens.")).to_be_visible()
    key.refresh_from_db()
    assert key.offline_backup_tested_at is not None

    # A colleague without a share takes the key from the same kit into their own vault.
    ben = member_of(team, name="Ben Rook")
    bens = someone(ben)
    create_vault(bens)
    bens.goto(f"/directory/teams/{team.id}/key/{key.id}/backup/")
    bens.get_by_label("The kit’s file").set_input_files(kit)
    bens.get_by_label("The kit’s passphrase").fill(passphrase)
    bens.get_by_label("Also take the key into my vault").check()
    bens.get_by_role("button", name="Open and sign").click()
    expect(bens.get_by_text("Proved: this backup opens.")).to_be_visible()
    bens.goto("/account/vault/")
    expect(bens.get_by_text(team.name)).to_be_visible()


def test_a_holder_signs_the_revocation_and_the_change_to_the_next_key(someone):
    team = TeamFactory(name="Altus CERT")
    page = someone(member_of(team, TeamRole.REPRESENTATIVE))
    create_vault(page)
    make_key(page, team)
    TeamKey.objects.filter(team=team).update(state=KeyState.ACTIVE)
    old = TeamKey.objects.get(team=team)
    make_key(page, team)
    new = TeamKey.objects.get(team=team, state=KeyState.ACTIVE)
    old.refresh_from_db()
    assert (old.state, new.predecessor, new.confirmed_how) == (
        KeyState.SUPERSEDED,
        old,
        "signed-by-trusted-key",
    )
    page.goto(f"/directory/teams/{team.id}/key/{new.id}/revoke/")
    expect(page.get_by_label("Why")).to_be_visible()
    page.get_by_label("Name, to confirm").fill("Altus CERT")
    page.get_by_role("button", name="Revoke for ever").click()
    expect(page.get_by_text("Revoked: nothing is sealed")).to_be_visible()
    new.refresh_from_db()
    assert new.state == KeyState.REVOKED


def test_the_desk_rotates_its_intake_key_and_its_holders_open_what_comes(someone, tmp_path):
    desk = DeskFactory()
    ada = member_of(desk, TeamRole.REPRESENTATIVE, name="Ada Moss")
    ben = member_of(desk, name="Ben Rook")
    bens, adas = someone(ben), someone(ada)
    create_vault(bens)
    create_vault(adas)
    make_key(adas, desk)
    key = TeamKey.objects.get(team=desk)
    made = certificates.inspect(key.certificate, clock.now())
    assert key.state == KeyState.ACTIVE, "the desk's first key, when the hub is set up"
    assert len(made.usable_subkeys) == 2, "one for conversations, one for 90 days of reports"
    first = intake.of(made)
    assert first is not None
    assert first.ends == first.since + intake.LIFETIME + intake.OVERLAP, "else nothing closes"
    share_with(adas, ben, desk)

    # A hostile hub slips in a personal key that the desk's key has never signed.
    share = TeamKeyShare.objects.get(person=ben)
    genuine = share.certification
    TeamKeyShare.objects.filter(pk=share.pk).update(certification=KEYS["ben"]["certificate"])
    adas.get_by_role("link", name="Rotate the intake key").click()
    assert_accessible(adas)
    adas.get_by_role("button", name="Make the next intake key").click()
    expect(adas.locator("#vault-trouble")).to_contain_text("has not signed the personal key")
    TeamKeyShare.objects.filter(pk=share.pk).update(certification=genuine)

    adas.reload()
    adas.get_by_role("button", name="Make the next intake key").click()
    with adas.expect_download() as download:
        adas.get_by_role("button", name="Download the file").click()
    kit = tmp_path / "kit.asc"
    download.value.save_as(kit)
    passphrase = confirm_kit(adas)
    assert_accessible(adas)
    adas.get_by_role("button", name="use the new intake key").click()
    expect(adas.get_by_text("Prove the new kit")).to_be_visible()
    key.refresh_from_db()
    rotated = certificates.inspect(key.certificate, clock.now())
    assert rotated.newest_subkey != made.newest_subkey
    assert len(rotated.usable_subkeys) == 3

    # The new kit opens what the hub seals to the newest part; so does GnuPG 2.2.
    adas.get_by_label("The kit’s file").set_input_files(kit)
    adas.get_by_label("The kit’s passphrase").fill(passphrase)
    adas.get_by_role("button", name="Open and sign").click()
    expect(adas.get_by_text("Proved: this backup opens.")).to_be_visible()
    sealed = seal(b"a report", [key.certificate], newest_only=True)
    with gnupg_home() as gpg:
        unlocked = ("--pinentry-mode", "loopback", f"--passphrase={passphrase}")
        gpg.run(*unlocked, "--import", data=kit.read_bytes())
        assert gpg.run(*unlocked, "--decrypt", data=sealed) == b"a report"
    for page in (adas, bens):
        page.goto("/account/vault/")
        expect(page.get_by_text("unlocked in this browser")).to_be_visible()
        opened = page.evaluate(OPEN_TEXT, {"message": list(sealed), "authors": []})
        assert opened == "a report"


def lose_vault(page, person):
    """Walk from the unlock page's question to a new vault."""
    page.goto("/account/vault/unlock/")
    page.get_by_role("link", name="The ways back").click()
    assert_accessible(page)
    page.get_by_role("link", name="Throw the old vault away").click()
    assert_accessible(page)
    page.get_by_label("Your name").fill(person.name)
    page.get_by_role("button", name="Throw it away for ever").click()
    expect(page.get_by_text("The old vault is gone.")).to_be_visible()
    create_vault(page)


def test_after_a_lost_vault_a_colleague_or_the_backup_brings_the_old_messages_back(
    someone, tmp_path
):
    team = TeamFactory(name="Altus CERT")
    ada = member_of(team, TeamRole.REPRESENTATIVE, name="Ada Moss")
    ben = member_of(team, name="Ben Rook")
    adas, bens = someone(ada), someone(ben)
    create_vault(bens)
    create_vault(adas)
    make_key(adas, team)
    TeamKey.objects.filter(team=team).update(state=KeyState.ACTIVE)
    key = TeamKey.objects.get(team=team)
    share_with(adas, ben, team)
    old = {"message": list(seal(b"from before", [key.certificate])), "authors": []}

    lose_vault(bens, ben)
    with pytest.raises(PlaywrightError, match="None of your keys opens"):
        bens.evaluate(OPEN_TEXT, old)
    adas.goto("/my-day/")
    adas.get_by_role("link", name="Share the key of Altus CERT with Ben Rook again").click()
    personal = Vault.objects.get(person=ben).fingerprint
    adas.get_by_label("The last eight characters").fill(personal[-8:])
    adas.get_by_role("button", name="Sign and share").click()
    expect(adas.get_by_text("Ben Rook can open the team's key now.")).to_be_visible()
    bens.goto("/account/vault/")
    expect(bens.get_by_text("unlocked in this browser")).to_be_visible()
    assert bens.evaluate(OPEN_TEXT, old) == "from before"

    # Alone, with the team's kit: the same, by nobody's leave.
    adas.goto(f"/directory/teams/{team.id}/key/{key.id}/backup/")
    adas.get_by_role("button", name="Make a kit").click()
    with adas.expect_download() as download:
        adas.get_by_role("button", name="Download the file").click()
    kit = tmp_path / "kit.asc"
    download.value.save_as(kit)
    passphrase = confirm_kit(adas)
    Vault.objects.filter(person=ben).delete()
    lose_vault(adas, ada)
    assert queries.holders_of(key) == 0
    adas.goto(f"/directory/teams/{team.id}/key/{key.id}/backup/")
    adas.get_by_label("The kit’s file").set_input_files(kit)
    adas.get_by_label("The kit’s passphrase").fill(passphrase)
    adas.get_by_label("Also take the key into my vault").check()
    adas.get_by_role("button", name="Open and sign").click()
    expect(adas.get_by_text("Proved: this backup opens.")).to_be_visible()
    adas.goto("/account/vault/")
    expect(adas.get_by_text("unlocked in this browser")).to_be_visible()
    assert adas.evaluate(OPEN_TEXT, old) == "from before"
