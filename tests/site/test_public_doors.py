"""What strangers see of a team is what it chose, through every door of the hub: one table.

Every field of a team holds a word that stands nowhere else. All addresses that strangers may open
are read from the hub's own list, so that a new door is walked as well; each kind of viewer goes
through all of them, and what was seen is held against what the rule says.
"""

import re
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from tests.factories.claims import ClaimFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.duties import DutyFactory
from tests.factories.inventory import EquipmentFactory, ProductFactory
from tests.factories.keys import active_key_of
from tests.factories.maturity import AssessmentFactory, published
from tests.factories.membership import VouchFactory
from tests.factories.reachability import DrillFactory, closed
from tests.factories.responsibility import MatrixFactory, named
from tests.principals import sign_in, sign_in_without_second_factor
from tests.site.test_walk import ADDRESSES

from tcert.community.directory import publicity
from tcert.community.directory.enums import (
    OrganisationKind,
    OrganisationState,
    Section,
    TeamKind,
    TeamRole,
)
from tcert.community.directory.models import Channel, Team, TeamChange, TeamSection
from tcert.foundation.kernel import access
from tcert.foundation.kernel.principal import ANONYMOUS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CANARIES = {
    publicity.ABOUT: "canaryabout",
    publicity.HOURS: "canaryhours",
    publicity.LANGUAGES: "canarylanguages",
    publicity.TIMEZONE: "Kiritimati",
    publicity.MATURITY: "By its own judgement of",
    publicity.PRODUCTS: "canaryproduct",
    **{publicity.section_field(n): f"canarysection{n.replace('.', 'x')}." for n in Section},
}
NEVER = {
    "people": "Canary Person",
    "interception": "Canary Interception",
    "claims": "999-7171",
    "equipment": "canaryversions",
    "duties": "Canary Act",
    "vouches": "canaryvouch",
    "history": "canaryhistory",
    "responsibility": "canarymail@altus.example",
    "channel": "canarynight@altus.example",
    "reachable": "eachable now",
    "drills": "canarydrill",
}
HIT = re.compile(r"/directory/(teams|organisations)/[0-9a-f-]{36}/")
"""A page that found somebody leads there; what was asked for stands on every page again."""
MATTERS = {"channels": "public@altus.example"}


@dataclass
class Community:
    """A team with a word in every field, and who looks at it."""

    team: Team
    addresses: list[str]
    visitors: dict[str, Client]

    def choose(self, *fields: str) -> None:
        Team.objects.filter(pk=self.team.pk).update(public_fields=list(fields))

    def seen(self, who: str, addresses: list[str]) -> set[str]:
        """Return the fields whose word the visitor meets behind these addresses."""
        every = {**CANARIES, **NEVER, **MATTERS}
        found = set()
        for address in addresses:
            text = _text(self.visitors[who], address)
            found |= {name for name, word in every.items() if word in text}
        return found

    def found(self, who: str) -> set[str]:
        """Return the same of what `find a team` and the search answer to each word."""
        every = {**CANARIES, **NEVER, **MATTERS}
        found = set()
        for name, word in every.items():
            page = self.visitors[who].post("/find/", {"what": word})
            search = self.visitors[who].get("/search/", {"q": word})
            listed = self.visitors[who].get("/directory/", {"q": word})
            if any(HIT.search(one.content.decode()) for one in (page, search, listed)):
                found.add(name)
        return found


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace").replace("\r\n ", "")  # vCard folds its lines


def public_addresses(team: Team, fingerprint: str) -> list[str]:
    """Return every address of the hub that a stranger may open, with this team's ids in it."""
    found = []
    for route, entry in ADDRESSES:
        permission = access.declared(entry.callback)
        if permission is None or not access.allowed(ANONYMOUS, permission):
            continue
        for pk in (team.id, team.organisation_id):
            filled = re.sub(r"<uuid:\w+>", str(pk), route)
            filled = filled.replace("<str:fingerprint>", fingerprint)
            filled = filled.replace("<str:domain>", "altus.example")
            filled = "/" + re.sub(r"<[^>]+>", "x", filled).lstrip("/").removesuffix("\\Z")
            try:
                resolve(filled)
            except Resolver404:
                continue
            found.append(filled)
    found += [
        f"/pks/lookup?op={op}&search={what}"
        for op in ("get", "index")
        for what in (f"0x{fingerprint}", "canarynight@altus.example")
    ]
    return sorted(set(found))


@pytest.fixture
def community():
    house = OrganisationFactory(
        name="Altus Networks", short_name="Altus", kind=OrganisationKind.VENDOR
    )
    team = TeamFactory(
        organisation=house,
        name="Altus CERT",
        description=CANARIES["about"],
        hours=["always"],
        hours_note=CANARIES["hours"],
        languages=["fi"],
        languages_note=CANARIES["languages"],
        timezone="Pacific/Kiritimati",
    )
    for section in Section:
        words = CANARIES[publicity.section_field(section)]
        TeamSection.objects.create(team=team, section=section, language="en", text=words)
    for value, public in ((MATTERS["channels"], True), (NEVER["channel"], False)):
        Channel.objects.create(
            team=team, kind="email", purpose="main", value=value, is_public=public
        )
    TeamFactory(organisation=house, name=NEVER["interception"], kind=TeamKind.LAWFUL_INTERCEPTION)
    published(AssessmentFactory(team=team, is_shown=True), level=4)
    product = ProductFactory(vendor=house, name=CANARIES["products"])
    EquipmentFactory(organisation=house, product=product, versions=NEVER["equipment"])
    DutyFactory(organisation=house, law=NEVER["duties"])
    VouchFactory(to_team=team, statement=NEVER["vouches"])
    TeamChange.objects.create(team=team, field="description", before=NEVER["history"])
    ClaimFactory(organisation=house, value="999-71", verified=True)
    closed(DrillFactory(team=team))
    named(MatrixFactory(organisation=house), mail=NEVER["responsibility"])
    own = member_of(team, TeamRole.REPRESENTATIVE, name=NEVER["people"])
    key = active_key_of(team)
    DeskFactory()
    provisional = OrganisationFactory(state=OrganisationState.PROVISIONAL)
    visitors = {
        "stranger": Client(),
        "newcomer": sign_in_without_second_factor(Client(), member_of(TeamFactory())),
        "provisional": sign_in(Client(), member_of(TeamFactory(organisation=provisional))),
        "member": sign_in(Client(), member_of(TeamFactory())),
        "own": sign_in(Client(), own),
        "coordinator": sign_in(Client(), coordinator_of_desk(), coordinator=True),
    }
    return Community(team, public_addresses(team, key.fingerprint), visitors)


OUTSIDE = ("stranger", "newcomer", "provisional")
INSIDE = ("member", "own", "coordinator")
EVERYTHING = set(publicity.CHOICES)


def test_each_choice_has_a_word_and_the_doors_are_many(community):
    assert set(CANARIES) == EVERYTHING
    opened = [one for one in community.addresses if Client().get(one).status_code == 200]
    assert len(opened) > 30
    base = f"/directory/teams/{community.team.id}/"
    for door in ("", "rfc2350/", "rfc2350.txt", "security.txt", "team.vcf", "team.json"):
        assert f"{base}{door}" in opened
    for door in ("/directory/list.json", "/directory/list.csv", "/directory/statistics/"):
        assert door in opened


@pytest.mark.parametrize("who", OUTSIDE)
def test_field_by_viewer_nothing_chosen(community, who):
    """Closed until chosen: whoever is outside meets the public channel, and nothing else."""
    assert community.seen(who, community.addresses) == set(MATTERS)
    assert community.found(who) == set()


@pytest.mark.parametrize("who", OUTSIDE)
def test_field_by_viewer_everything_chosen(community, who):
    """All that may be chosen is seen; what may never be is not, whatever the row says."""
    community.choose(*EVERYTHING, *NEVER, "interception", "claims")
    assert community.seen(who, community.addresses) == EVERYTHING | set(MATTERS)
    assert community.found(who) == {publicity.PRODUCTS}


@pytest.mark.parametrize("who", INSIDE)
def test_field_by_viewer_inside(community, who):
    """Members see what the team says of itself, chosen or not; others' claims and equipment never.

    Products they read on a page of their own, so no card repeats them.
    """
    seen = community.seen(who, community.addresses)
    inside = {"people", "channel", "channels", "history", "reachable"}
    missing = (EVERYTHING - {publicity.PRODUCTS}) | inside
    assert missing - seen == set()
    assert seen & {"equipment", "responsibility"} == set()


def test_one_field_chosen_opens_that_field_alone(community):
    """So that no two of them hang together through some document."""
    base = f"/directory/teams/{community.team.id}/"
    doors = [
        *(f"{base}{door}" for door in ("", "rfc2350/", "rfc2350.txt", "team.vcf", "team.json")),
        f"{base}security.txt",
        "/directory/list.json",
        "/directory/list.csv",
        "/directory/",
    ]
    for field in CANARIES:
        community.choose(field)
        assert community.seen("stranger", doors) == {field, *MATTERS}, field


def test_a_team_for_lawful_interception_shows_nothing_whatever_it_chose(community):
    Team.objects.filter(pk=community.team.pk).update(kind=TeamKind.LAWFUL_INTERCEPTION)
    community.choose(*EVERYTHING)
    assert community.seen("stranger", community.addresses) == set()
    assert community.found("stranger") == set()
