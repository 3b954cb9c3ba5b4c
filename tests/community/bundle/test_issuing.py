"""Bundles from the directory: what stands in one, serials, what is kept, the log, who asks."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from tests.factories.bundle import issued
from tests.factories.claims import ClaimFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.keys import active_key_of
from tests.factories.reachability import DrillFactory
from tests.factories.responsibility import MatrixFactory
from tests.principals import principal_of

from tcert.community.bundle import contents, packing
from tcert.community.bundle.checking import check
from tcert.community.bundle.domain import issuing
from tcert.community.bundle.models import Bundle, BundleFile
from tcert.community.directory.enums import OrganisationState, TeamKind
from tcert.community.directory.models import Channel, Team, TeamSection
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.installation import Level, inspect
from tcert.foundation.kernel.limits import TooMany
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp import hubkey
from tcert.foundation.transparency import proving
from tcert.foundation.transparency.domain import sealing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _key():
    if not hubkey.exists():
        hubkey.create()


def a_team(mark: str, **values) -> Team:
    """Make a team whose every value carries a mark that can be searched for."""
    team = TeamFactory(
        organisation__name=f"House {mark}",
        organisation__short_name=f"H{mark}",
        organisation__website=f"https://{mark}.example/",
        name=f"CERT {mark}",
        description=f"About {mark}",
        **values,
    )
    Channel.objects.create(team=team, kind="email", purpose="main", value=f"c@{mark}.example")
    Channel.objects.create(team=team, kind="phone", purpose="24/7", value="+49 30 1234")
    TeamSection.objects.create(team=team, section="3.2", language="en", text=f"For {mark}")
    return team


def accepted(bundle: Bundle):
    return check(issuing.file_of(bundle), key=hubkey.public(), now=clock.now())


def test_it_holds_each_team_in_every_form():
    team = a_team("alpha", timezone="Europe/Berlin", hours=["mon 08:00-17:00"], languages=["de"])
    key = active_key_of(team)
    found = accepted(issued())
    (one,) = json.loads(found.files["teams.json"])["teams"]
    assert one["official_name"] == "CERT alpha"
    assert one["host_organisation"] == "House alpha"
    assert one["country"] == {"code": "XA"}
    assert one["emails"] == [{"address": "c@alpha.example", "usage": "main"}]
    assert one["phones"] == [{"number": "+49 30 1234", "usage": "24/7"}]
    assert one["pgp_keys"][0]["fingerprint"] == key.fingerprint
    assert one["sections"] == {"3.2": {"en": "For alpha"}}
    assert b"BEGIN PGP PUBLIC KEY BLOCK" in found.files["keyring.asc"]
    assert b"FN:CERT alpha (House alpha)\r\n" in found.files["teams.vcf"]
    assert json.loads(found.files["teams.jscontact.json"])[0]["uid"] == f"urn:uuid:{team.id}"
    (house,) = json.loads(found.files["misp-organisations.json"])
    assert house["Organisation"]["uuid"] == str(team.organisation_id)


def test_what_is_not_for_every_member_to_keep_is_nowhere_in_it():
    """First all is made that could leak; then the bytes of the bundle are searched for it."""
    open_team = a_team("openly")
    hidden = [
        a_team("interception", kind=TeamKind.LAWFUL_INTERCEPTION),
        a_team("provisional", organisation__state=OrganisationState.PROVISIONAL),
        a_team("suspended", organisation__state=OrganisationState.SUSPENDED),
        a_team("retired", retired_at=clock.now()),
    ]
    prints = [active_key_of(hidden[0]).fingerprint]
    people = member_of(open_team, name="Zacharias Nameless", email="zacharias@openly.example")
    TeamSection.objects.create(team=open_team, section="2.9", language="en", text="Zacharias N.")
    ClaimFactory(organisation=open_team.organisation, value="999-77", is_findable=False)
    DrillFactory(team=open_team)
    MatrixFactory(organisation=open_team.organisation)
    made = issued()
    data = issuing.file_of(made)
    assert b"openly" in data
    assert made.teams == 1
    marks = ["interception", "provisional", "suspended", "retired", "999-77", "Zacharias"]
    for mark in [*marks, *prints, str(people.id), *(str(team.id) for team in hidden)]:
        assert mark.encode() not in data, mark
        assert mark.encode() not in accepted(made).files["keyring.asc"]
    assert accepted(made).files["keyring.asc"] == b""
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM bundle_bundlefile")
        held = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert b"openly" not in held


def test_each_names_the_one_before_and_the_serial_grows():
    a_team("alpha")
    made = [issued() for _ in range(5)]
    assert [one.serial for one in made] == [1, 2, 3, 4, 5]
    last = accepted(made[-1]).manifest
    assert last.earlier == tuple(one.manifest for one in reversed(made[:-1]))
    assert BundleFile.objects.count() == issuing.KEPT_FILES
    assert Bundle.objects.count() == 5  # the hashes of the manifests stay
    known = accepted(made[-3]).known
    again = check(issuing.file_of(made[-1]), key=hubkey.public(), now=clock.now(), known=known)
    assert again.missed == 1


def test_by_itself_another_is_made_when_something_changed_or_the_last_runs_out():
    team = a_team("alpha")
    first = issuing.issue()
    assert issuing.issue() is None
    Team.objects.filter(pk=team.pk).update(description="Another")
    second = issuing.issue()
    assert (first.serial, second.serial) == (1, 2)
    with clock.frozen(clock.now() + 19 * DAY):
        assert issuing.issue() is None
    with clock.frozen(clock.now() + 21 * DAY):
        assert issuing.issue().serial == 3


def test_the_same_contents_give_the_same_files():
    a_team("alpha")
    a_team("beta")
    now = clock.now()
    assert contents.files(contents.entries(now), now) == contents.files(contents.entries(now), now)


def test_a_clock_that_was_ahead_once_spoils_no_later_bundle():
    """One that is dated in the future is refused everywhere: the next one must not follow it."""
    a_team("alpha")
    hubkey.create() if not hubkey.exists() else None
    with clock.frozen(clock.now() + 200 * DAY):
        ahead = issued()
    made = issuing.issue()  # although nothing has changed
    assert made.serial == ahead.serial + 1
    assert accepted(made).manifest.issued <= clock.now()
    assert issuing.issue() is None


def test_of_two_workers_one_makes_it(monkeypatch):
    """The second finds the serial taken when it stores, and leaves it at that."""
    a_team("alpha")
    packed = packing.pack

    def meanwhile(files):
        monkeypatch.setattr(issuing.packing, "pack", packed)
        assert issuing.issue(anyhow=True).serial == 1
        return packed(files)

    monkeypatch.setattr(issuing.packing, "pack", meanwhile)
    assert issuing.issue(anyhow=True) is None
    assert Bundle.objects.get().serial == 1


def test_it_stands_in_the_log_with_the_hash_of_its_manifest():
    a_team("alpha")
    made = issued()
    record = AuditRecord.objects.get(act=issuing.ISSUE)
    assert (record.object_id, record.data["serial"]) == (made.id, 1)
    assert proving.write_proof(record) is None
    with clock.frozen(clock.now() + timedelta(hours=1)):
        sealing.seal()
        proven = proving.check_proof(proving.write_proof(record))
    assert proven.holds
    assert json.loads(proven.committed)["data"]["manifest"] == made.manifest


def test_a_coordinator_asks_and_the_worker_makes_one():
    a_team("alpha")
    desk = principal_of(coordinator_of_desk(), coordinator=True)
    issuing.ask(principal=desk)
    issuing.ask(principal=desk)  # pressed twice: one is enough for both
    jobs.run_due()
    assert Bundle.objects.get().asked_by == desk.person_id
    for other in (coordinator_of_desk(), member_of(TeamFactory())):
        with pytest.raises(PermissionDenied):
            issuing.ask(principal=principal_of(other))
    for _ in range(issuing.REQUESTS.limit - 2):
        issuing.ask(principal=desk)
    with pytest.raises(TooMany):
        issuing.ask(principal=desk)


def test_it_takes_as_many_questions_for_many_teams(django_assert_max_num_queries):
    for number in range(6):
        active_key_of(a_team(f"team{number}"), "first") if number == 0 else a_team(f"team{number}")
    with django_assert_max_num_queries(8):
        contents.files(contents.entries(clock.now()), clock.now())


def test_the_desk_stands_in_it_and_a_house_alone_does_not():
    DeskFactory()
    OrganisationFactory(name="House without a team")
    found = accepted(issued())
    assert b"TCERT desk" in found.files["teams.json"]
    assert b"House without" not in found.files["misp-organisations.json"]


def test_check_says_when_there_is_no_bundle_or_the_last_is_not_renewed():
    """Who works offline trusts it: that it is made each night must not fail unnoticed."""

    def said():
        (found,) = inspect(["bundle"])
        return found.level, str(found.message)

    assert said() == (Level.WARNING, "No bundle of the directory was made yet.")
    TeamFactory()
    made = issuing.issue()
    day = f"{made.expires_at:%Y-%m-%d}"
    assert said() == (Level.FINE, f"The last bundle of the directory counts until {day}.")
    with clock.frozen(made.expires_at - 7 * DAY):
        level, message = said()
        assert (level, "was not renewed" in message) == (Level.WARNING, True)
    with clock.frozen(made.expires_at):
        level, message = said()
        assert (level, "expired on" in message) == (Level.WARNING, True)
