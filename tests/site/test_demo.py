"""The demonstration is complete, stays on reserved names, and never enters a hub of one's own."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import override_settings

from tcert.community.accounts.models import Person, Vault
from tcert.community.directory.intake import intake_key
from tcert.community.directory.models import Organisation, Team, TeamKeyShare
from tcert.community.directory.queries import active_key, desk_is_ready, desk_team
from tcert.community.joining.models import Application, Objection
from tcert.community.maturity.models import Assessment, MentorRequest
from tcert.community.membership.models import Review, Vouch
from tcert.community.reachability.models import Delivery, Drill, Pause
from tcert.community.responsibility.models import Entry, Step
from tcert.foundation.identifiers.plmn import is_test
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.opening import open_limited
from tcert.response.advisories.models import Advisory
from tcert.response.cases.models import Case, Embargo, Participant
from tcert.response.intake import unscripted
from tcert.site.demo import build
from tcert.site.demo.cast import CAST

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """Build it once for this module, inside a transaction that is rolled back at the end."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEMO=True, DATA_DIR=folder, HUB_KEY_FILE=folder / "hub-key"):
            hubkey.create()
            told = build.build()
        yield folder, told
        transaction.set_rollback(True)


@pytest.fixture
def demo(built, settings):
    settings.DEMO, settings.DATA_DIR = True, built[0]
    return built[1]


def test_it_is_built_once_and_tells_every_sign_in(demo, settings):
    people = demo["people"]
    assert len(people) == Person.objects.count()
    with_vault = [person for person in people if person["vault_passphrase"]]
    assert len(with_vault) == Vault.objects.count() == len(people) - Application.objects.count()
    assert Authenticator.objects.filter(type="totp").count() == len(people)
    assert build.build() == demo
    assert json.loads((settings.DATA_DIR / "demo.json").read_text()) == demo
    assert oct((settings.DATA_DIR / "demo.json").stat().st_mode)[-3:] == "600"


def test_every_member_can_open_the_vault_and_the_team_key(demo):
    first = demo["people"][0]
    vault = Vault.objects.get(person__email=first["email"])
    secret = open_limited(bytes(vault.locked_secret), password=first["vault_passphrase"])
    share = TeamKeyShare.objects.get(person__email=first["email"])
    assert share.team_key.team == desk_team()
    opened = open_limited(bytes(share.sealed_secret), secret_key=secret.plaintext)
    assert opened.plaintext.startswith(b"-----BEGIN PGP PRIVATE KEY BLOCK-----")


def test_the_desk_takes_reports_and_its_intake_key_is_not_due(demo):
    """Whoever looks around first sees a desk in order, not one whose key is forgotten."""
    now = clock.now()
    key = active_key(desk_team().id, now)
    found = intake_key(key.certificate, now)
    assert desk_is_ready(now)
    assert found.ends is not None
    assert not found.is_due_soon(now)


def test_names_networks_and_addresses_are_reserved_ones(demo):
    assert {p["email"].rsplit(".", 1)[1] for p in demo["people"]} == {"example"}
    assert all(is_test(n.replace(" ", "")) for party in CAST for n in party.networks)
    assert {o.country[0] for o in Organisation.objects.all()} == {"X"}
    assert Team.objects.count() == len(CAST)


@pytest.mark.parametrize(("production", "demo"), [(True, True), (True, False), (False, False)])
def test_it_is_refused_anywhere_else(settings, tmp_path, production, demo):
    settings.DATA_DIR = tmp_path
    settings.PRODUCTION, settings.DEMO = production, demo
    with pytest.raises(DomainError, match="never loaded"):
        build.build()
    assert not (tmp_path / "demo.json").exists()


def test_the_stories_stand_at_different_stages(demo):
    stages = {row.management for row in Participant.objects.filter(team=desk_team())}
    assert stages == {"received", "closed", "accepted"}
    assert {e.state for e in Embargo.objects.all()} >= {"none", "active", "exited"}
    assert Case.objects.exclude(number=None).count() == 3


def test_every_receipt_opens_its_mailbox(demo):
    for told in demo["receipts"]:
        opened = unscripted.Desk(told["receipt"]).messages(newest=10)
        assert opened, told
        assert [m.problem for m in opened] == [""] * len(opened)


def test_an_advisory_of_a_public_weakness_is_out_and_another_waits(demo):
    published = Advisory.objects.get(state="published")
    assert published.text.vulnerabilities[0].cve == "CVE-2024-34475"
    assert Advisory.objects.filter(state="review").count() == 1


@pytest.mark.usefixtures("demo")
def test_teams_stand_for_each_other_and_one_has_fallen_below_two():
    assert Vouch.objects.standing(clock.now()).count() > 5
    assert Review.objects.open().get().team.name == "Isle Telecom SOC"


@pytest.mark.usefixtures("demo")
def test_teams_have_judged_themselves_and_asked_for_mentors():
    judged = Assessment.objects.published().filter(team__name__contains="Corevale")
    assert [one.reached for one in judged.order_by("published_at")] == ["", "basic"]
    assert Assessment.objects.filter(published_at=None).count() == 1
    assert {one.state for one in MentorRequest.objects.all()} == {"asked", "agreed"}


def test_one_operator_names_who_owns_its_security_and_has_gaps_of_each_kind():
    found = {one.domain: one.state for one in Entry.objects.all()}
    assert len(found) == 14
    assert {*found.values()} == {"empty", "never-confirmed", "confirmed", "overdue", "refused"}
    assert Step.objects.count() == 3


def test_teams_were_drilled_and_one_is_not_reached(demo):
    results = set(Drill.objects.values_list("result", flat=True))
    assert results == {"in-time", "late", "unanswered"}
    assert [one.state for one in Delivery.objects.troubled()] == ["refused"]
    assert Pause.objects.count() == 1


def test_three_apply_and_stand_at_different_points():
    states = {one.state for one in Application.objects.all()}
    assert states == {"objection-period", "submitted", "more-information"}
    assert Objection.objects.get().state == "open"
