"""The keyring's pages: who reads them, what they say, and at what cost."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.keyring import (
    AttestationFactory,
    KeyProofFactory,
    PurposeKeyFactory,
    keyed,
    signed,
)
from tests.principals import sign_in

from tcert.community.directory.enums import ChannelKind, KeyState, TeamKind, TeamRole
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.keyring.models import Attestation, KeyProof, Publication, PurposeKey
from tcert.foundation.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory(name="Own CERT")


@pytest.fixture
def boss(client, team):
    return sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def queries_of(client, path):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["/keyring/", "/keyring/keys.csv", "/keyring/sheet/?all=1"])
def test_the_lists_cost_the_same_for_one_team_and_for_three(boss, path):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            one = AttestationFactory()
            KeyProofFactory(team=one.to_team, fingerprint=one.fingerprint)
            PurposeKeyFactory(team=one.to_team)
        boss.get(path)
        counts.append(queries_of(boss, path))
    assert counts[0] == counts[1]


def test_a_teams_and_a_keys_page_cost_the_same_for_one_attestation_and_for_three(boss):
    receiver = TeamFactory()
    fingerprint = keyed(receiver).fingerprint
    paths = [f"/keyring/teams/{receiver.id}/", f"/directory/teams/{receiver.id}/"]
    paths.append(f"{paths[0]}keys/{fingerprint}/")
    counts = []
    for more in (1, 2):
        for _ in range(more):
            AttestationFactory(to_team=receiver)
        [boss.get(path) for path in paths]
        counts.append([queries_of(boss, path) for path in paths])
    assert counts[0] == counts[1]


def test_strangers_see_no_keyring_and_a_teams_page_as_before(client):
    one = AttestationFactory()
    for path in ("/keyring/", "/keyring/sheet/", f"/keyring/attestations/{one.id}/"):
        assert client.get(path).status_code == 302
    page = text_of(client.get(f"/directory/teams/{one.to_team_id}/"))
    assert "How its keys are known" not in page
    assert one.from_team.name not in page


def test_members_read_how_a_key_is_known(boss):
    one = AttestationFactory(to_team__name="Other CERT", from_team__name="Friend CERT")
    for path in (f"/directory/teams/{one.to_team_id}/", f"/keyring/teams/{one.to_team_id}/"):
        page = text_of(boss.get(path))
        assert "confirmed by the desk" in page
        assert "attested by other teams" in page
        assert "(1 team)" in page
    page = text_of(boss.get(f"/keyring/teams/{one.to_team_id}/keys/{one.fingerprint.lower()}/"))
    assert "Friend CERT" in page


def test_what_does_not_exist_for_the_reader_is_not_found(boss, team):
    hidden = TeamFactory(organisation__state="provisional")
    fingerprint = keyed(hidden).fingerprint
    mine = keyed(team).fingerprint
    missing = [
        f"/keyring/teams/{hidden.id}/",
        f"/keyring/teams/{hidden.id}/keys/{fingerprint}/",
        f"/keyring/teams/{team.id}/keys/{fingerprint}/",
        f"/keyring/teams/{team.id}/keys/{'A' * 300}/",
        f"/keyring/teams/{team.id}/keys/%00/",
        f"/keyring/teams/{team.id}/keys/{mine}/attest/",
        f"/keyring/teams/{hidden.id}/keys/{fingerprint}/attest/attestation.txt",
    ]
    assert [boss.get(path).status_code for path in missing] == [404] * len(missing)
    for act in ("mail", "code", "domain"):
        path = f"/keyring/teams/{hidden.id}/keys/{fingerprint}/prove/{act}/"
        assert boss.post(path).status_code == 404


def test_the_overview_is_narrowed_by_name_and_by_end(boss):
    now = clock.now()
    keyed(TeamFactory(name="Alpha CERT"))
    keyed(TeamFactory(name="Beta CERT"), created=now, lifetime=timedelta(days=9))
    keyed(TeamFactory(name="Gamma CERT"), created=now, lifetime=timedelta(days=9))
    TeamKey.objects.filter(team__name="Gamma CERT").update(expires_at=now - timedelta(days=1))
    for query, names in (
        ("", {"Alpha", "Beta", "Gamma"}),
        ("?q=al", {"Alpha"}),
        ("?show=soon", {"Beta"}),
        ("?show=expired", {"Gamma"}),
        ("?show=nonsense&page=9999", {"Alpha", "Beta", "Gamma"}),
        ("?q=lpha", set()),
    ):
        page = text_of(boss.get(f"/keyring/{query}"))
        assert {name for name in ("Alpha", "Beta", "Gamma") if f"{name} CERT" in page} == names


def test_the_csv_has_no_formulas(boss):
    keyed(TeamFactory(name="=1+1"))
    lines = list(csv.reader(io.StringIO(boss.get("/keyring/keys.csv").content.decode())))
    assert lines[1][0] == "'=1+1"
    assert lines[1][4] == "desk"


def test_the_whole_way_of_an_attestation_by_hand(boss, team):
    """Step one keeps what was typed, the text is what the file holds, step two takes gpg's work."""
    held = keyed(team)
    receiver = TeamFactory(name="Other CERT")
    fingerprint = keyed(receiver).fingerprint
    path = f"/keyring/teams/{receiver.id}/keys/{fingerprint}/attest/"
    page = boss.get(path)
    assert fingerprint not in page.content.decode().replace(" ", "").replace(fingerprint + "/", "")
    typed = {
        "from_team": str(team.id),
        "basis": "in-person",
        "checked_on": clock.today().isoformat(),
        "typed": "0123 4567 89ab cdef",
    }
    refused = boss.post(path, typed)
    assert refused.status_code == 400
    assert "These are not the last 16 characters" in text_of(refused)
    assert "0123 4567 89ab cdef" in refused.content.decode()
    typed["typed"] = fingerprint[-16:]
    page = boss.post(path, typed)
    until = re.search(r'name="until" value="([^"]+)"', page.content.decode())[1]
    text = boss.get(f"{path}attestation.txt", {**typed, "until": until}).content.decode()
    assert text.strip() in page.content.decode()
    wrong = boss.post(path, {**typed, "until": until, "signature": signed("x", held)})
    assert wrong.status_code == 400
    assert text.strip() in wrong.content.decode()
    assert not Attestation.objects.exists()
    empty = boss.post(path, {**typed, "until": until, "signature": ""})
    assert empty.status_code == 400
    done = boss.post(path, {**typed, "until": until, "signature": signed(text, held)}, follow=True)
    assert "Attested." in text_of(done)
    assert "Own CERT" in text_of(done)
    found = Attestation.objects.get()
    assert boss.get(f"/keyring/attestations/{found.id}/attestation.txt").content.decode() == text
    taken = boss.post(
        f"/keyring/attestations/{found.id}/withdraw/",
        {"reason": "mistake", "confirm_name": "Other CERT"},
        follow=True,
    )
    assert "taken back" in text_of(taken)


def test_the_sheet_and_its_text_have_one_hash(boss):
    ids = [TeamFactory(name=name).id for name in ("One", "Two", "Three")]
    for one in ids:
        keyed(TeamFactory._meta.model.objects.get(pk=one))
    query = f"?team={ids[0]}&team={ids[1]}&team=nonsense"
    page = boss.get(f"/keyring/sheet/{query}").content.decode()
    text = boss.get(f"/keyring/sheet/keys.txt{query}").content.decode()
    digest = text.splitlines()[1].replace(" ", "")
    assert digest in re.sub(r"<[^>]+>|\s", "", page)
    assert "001 One" in text
    assert "Three" not in text
    assert page.count('class="qr"') == 2
    assert boss.get("/keyring/sheet/?all=1").content.decode().count('class="qr"') == 3


def test_hidden_teams_stand_on_no_strangers_sheet_and_on_members(boss):
    keyed(TeamFactory(name="Lawful", kind=TeamKind.LAWFUL_INTERCEPTION))
    assert "Lawful" in boss.get("/keyring/sheet/keys.txt?all=1").content.decode()


def test_who_leads_switches_publishes_and_ends(boss, team):
    Channel.objects.create(team=team, kind=ChannelKind.EMAIL, purpose="main", value="a@b.example")
    home = f"/keyring/teams/{team.id}/"
    assert boss.post(f"{home}directory/", {"is_on": "1"}).status_code == 302
    assert Publication.objects.get().is_on
    boss.post(f"{home}directory/", {"is_on": "x"})
    assert not Publication.objects.get().is_on
    bad = boss.post(f"{home}publish/", {"purpose": "mail", "text": "no key"})
    assert bad.status_code == 400
    secret = "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx"
    kept = boss.post(f"{home}publish/", {"purpose": "mail", "text": secret})
    assert "PRIVATE KEY BLOCK" not in kept.content.decode()
    key = PurposeKeyFactory(team=team)
    ended = boss.post(f"{home}purposes/{key.id}/end/", {"confirm_name": "Own CERT"})
    assert ended.status_code == 302
    assert PurposeKey.objects.get().state == "ended"


@pytest.mark.parametrize("role", ["member", "coordinator", "other"])
def test_nobody_else_manages_a_teams_keys(client, team, role):
    fingerprint = keyed(team).fingerprint
    key = PurposeKeyFactory(team=team)
    if role == "coordinator":
        sign_in(client, coordinator_of_desk(), coordinator=True)
    elif role == "member":
        sign_in(client, member_of(team))
    else:
        sign_in(client, member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    home = f"/keyring/teams/{team.id}/"
    for path in ("publish/", "directory/", "directory/wkd.zip", f"purposes/{key.id}/end/"):
        assert client.get(home + path).status_code == 403, path
    for act in ("mail", "code", "domain"):
        path = f"{home}keys/{fingerprint}/prove/{act}/"
        assert client.post(path, {"address": "a@b.example", "code": "x"}).status_code == 403
    assert not KeyProof.objects.exists()


def test_an_expired_key_is_said_to_members_on_the_teams_page(boss):
    late = TeamFactory(name="Late CERT")
    keyed(late, created=clock.now() - timedelta(days=9), lifetime=timedelta(days=5))
    assert "expired" in text_of(boss.get(f"/directory/teams/{late.id}/"))
    assert "nothing is sealed to the team" in text_of(boss.get(f"/keyring/teams/{late.id}/"))


def test_the_history_tells_of_the_overlap(boss, team):
    now = clock.now()
    keyed(team, created=now, lifetime=timedelta(days=90))
    TeamKey.objects.update(state=KeyState.SUPERSEDED, ended_at=now - timedelta(days=10))
    keyed(team)
    assert "valid by itself for 99 days more" in text_of(boss.get(f"/keyring/teams/{team.id}/"))
