"""Find a team by whatever somebody has: a name, a product, a network, a realm, a domain, a number.

An identifier is read in every way in which it can be, and each reading is looked up among the
claims that answer who asks. A stranger is answered from findable, proven claims alone, and learns
the holder's contact: never the range, never who else claims it, never who runs what. A claim that
is not findable is left out in the question itself, so that the answer, the questions asked and
the time they take are those for no claim at all.

Who has said that something is not theirs is left out for a stranger and for a program, and stands
last for a member, until a later proof (`corrections`). To a stranger it is as if nobody held it.

Names lead to candidates, by whole words and how they begin; a person decides which one is meant.

What public lists say of a network or an address is told to everybody, as such: it is asked for
each reading alike, whether or not somebody claims it, so that it gives no claim away.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.community.claims import spaces
from tcert.community.claims.models import KINDS as CLAIMED
from tcert.community.claims.models import STATES, Claim
from tcert.community.claims.queries import Held, for_viewer, holders_of_each
from tcert.community.claims.spaces import Stretch
from tcert.community.directory import searching, team_facts
from tcert.community.directory.documents.facts import TeamFacts
from tcert.community.directory.enums import Audience, OrganisationKind, OrganisationState
from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.publicity import PRODUCTS
from tcert.community.inventory.models import Product
from tcert.foundation.identifiers import countries, registry
from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.foundation.identifiers.numbers import region
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.words import has_word, is_whole, words_of
from tcert.response.reference import queries as reference
from tcert.response.reference.enums import Source
from tcert.response.reference.queries import Told
from tcert.response.routing import corrections
from tcert.response.routing.proposals import ProposedRole, fitting_team

LONGEST = 300
MOST_READINGS = 8
MOST_ANSWERS = 10
MOST_CANDIDATES = 20
MOST_TOLD = 20
NAMES: dict[str, str | Promise] = {
    **{str(kind): name for kind, name in CLAIMED.items()},
    Kind.IMSI: _("subscriber (IMSI), by its network"),
    Kind.SUCI: _("concealed subscriber (SUCI), by its network"),
    Kind.GUTI: _("temporary subscriber (GUTI), by its network"),
    Kind.GUTI_5G: _("temporary subscriber (5G-GUTI), by its network"),
    Kind.NAI: _("subscriber's name (NAI), by its network"),
    Kind.IMEI: _("device (IMEI), by its TAC"),
    Kind.MSISDN: _("subscriber number"),
    Kind.EMAIL: _("e-mail address, by its domain"),
    Kind.PRODUCT: _("product"),
    Kind.CPE: _("product (CPE)"),
    Kind.PURL: _("package (purl)"),
}
_OF_PRODUCTS = {Kind.PRODUCT, Kind.CPE, Kind.PURL}
_SELLING = {Kind.TAC, Kind.IMEI}
_TITLED = {Kind.MSISDN, Kind.GLOBAL_TITLE}
_NAMED = {Kind.DOMAIN, Kind.EMAIL, Kind.DIAMETER_REALM, Kind.DIAMETER_HOST}
_TWO_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A holder with the team to turn to, as the viewer may see it, and how sure it is."""

    organisation: Organisation
    team: Team | None
    contact: TeamFacts | None
    claim: Claim | None = None
    """Only for members, and where they may open it."""
    is_denied: bool = False
    """Its own team says that it is not theirs; a stranger never gets such an answer."""

    @property
    def standing(self) -> str | Promise:
        """Say how the claim stands; what a stranger is answered from is verified."""
        return STATES[self.claim.state] if self.claim is not None else _("verified")  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what was pasted, and who holds it, read so."""

    identifier: Identifier
    answers: tuple[Answer, ...]

    @property
    def label(self) -> str | Promise:
        """What it is, read so."""
        return NAMES.get(self.identifier.kind, self.identifier.kind)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team, or an organisation without one, that bears the name, or makes what bears it."""

    organisation: Organisation
    team: Team | None = None
    product: str = ""
    is_whole: bool = True
    """Every word asked for stands whole in the name."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found; all of it may be empty."""

    readings: tuple[Reading, ...] = ()
    unanswered: tuple[Reading, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    told: tuple[Told, ...] = ()
    """What public lists say, the likelier first; confirmed by nobody here."""
    has_more: bool = False
    country: str = ""
    national: tuple[Team, ...] = field(default=())

    @property
    def has_addresses(self) -> bool:
        """Is something told from the list of addresses, whose makers are to be named?"""
        return any(one.list == Source.ADDRESSES for one in self.told)

    @property
    def is_nothing(self) -> bool:
        """Was nobody found at all?"""
        return not self.readings and not self.candidates


def find(principal: Principal, text: str) -> Found:
    """Find teams by what somebody pasted; asks as often however many there are."""
    text = text.strip()[:LONGEST]
    every = registry.guess(text)[:MOST_READINGS]
    operational = reference.operational_plmns()
    readings = _held(principal, every, operational)
    answered = tuple(one for one in readings if one.answers)
    candidates, has_more = _candidates(principal, text, every)
    told = _told(principal, every, operational)
    country = "" if answered else next(filter(None, map(_country, every)), "") or _only(told)
    return Found(
        readings=answered,
        unanswered=tuple(one for one in readings if not one.answers),
        candidates=candidates,
        told=told,
        has_more=has_more,
        country=country,
        national=_national(principal, country),
    )


def held(principal: Principal, asked: Sequence[Identifier]) -> list[Reading]:
    """Return who holds each identifier, as somebody may know it."""
    return _held(principal, asked, reference.operational_plmns())


def _held(
    principal: Principal, every: Sequence[Identifier], operational: Collection[str]
) -> list[Reading]:
    now = clock.now()
    held = holders_of_each(every, now, for_viewer(principal, now), operational=operational)
    houses = {one.claim.organisation_id for found in held for one in found}
    teams, denied = _teams_of(principal, houses), _denied_by(houses)
    chosen = [
        [
            (one, _team_for(one, identifier, teams), is_denied)
            for one, is_denied in _heeded(principal, identifier, found, denied, operational)
        ]
        for identifier, found in zip(every, held, strict=True)
    ]
    named = {team.id: team for some in chosen for _held, team, _d in some if team is not None}
    audience = Audience.MEMBERS if principal.is_member else Audience.PUBLIC
    contacts = {facts.id: facts for facts in team_facts.of_many(list(named.values()), audience)}
    return [
        Reading(
            identifier,
            tuple(
                _unique(
                    Answer(
                        organisation=one.claim.organisation,
                        team=team,
                        contact=contacts.get(team.id) if team else None,
                        claim=one.claim if one.claim.is_visible_to(principal) else None,
                        is_denied=is_denied,
                    )
                    for one, team, is_denied in some
                )
            ),
        )
        for identifier, some in zip(every, chosen, strict=True)
    ]


Denied = Mapping[UUID, Sequence[tuple[str, date]]]
"""By organisation: what it says is not its own, and since when."""


def _denied_by(houses: Collection[UUID]) -> Denied:
    """Ask for it however many there are, or the time would tell that somebody holds something."""
    found: dict[UUID, list[tuple[str, date]]] = {}
    for (house, matched), on in corrections.of(sorted(houses) or [UUID(int=0)]).items():
        found.setdefault(house, []).append((matched, on))
    return found


def _heeded(
    principal: Principal,
    asked: Identifier,
    found: Sequence[Held],
    denied: Denied,
    operational: Collection[str],
) -> list[tuple[Held, bool]]:
    """Put who says that it is not theirs last; leave them out for a stranger.

    A stranger hears of the holder, not of who stands behind them. Who says that it is not theirs
    holds nothing then, as if they had claimed nothing: a gap in what another holds would tell.
    """
    over = {one for group in spaces.covering(asked, operational) for one in group}
    told = [(one, _is_denied(one, over, denied)) for one in found]
    if not principal.is_member:
        told = [(one, is_denied) for one, is_denied in told if not is_denied]
        holds = min((one.ranked.place for one, _denied in told), default=0)
        told = [(one, is_denied) for one, is_denied in told if one.ranked.place == holds]
    return sorted(told, key=lambda one: one[1])[:MOST_ANSWERS]


def _is_denied(held: Held, over: AbstractSet[Stretch], denied: Denied) -> bool:
    """Tell whether its holder says that what of the claim covers it is not theirs.

    A proof of a later day counts again, as in *whose is this* (`resolving`).
    """
    claim = held.claim
    proven = claim.verified_from.date() if held.ranked.verified and claim.verified_from else None
    every = denied.get(claim.organisation_id, ())
    said = [text for text, on in every if proven is None or proven <= on]
    if not said:
        return False
    covers = over & _stretches(claim.kind, claim.value)
    return any(covers & _stretches(claim.kind, text) for text in said)


def _stretches(kind: str, text: str) -> AbstractSet[Stretch]:
    with suppress(IdentifierRefused):
        return frozenset(spaces.stretches(registry.parse(Kind(kind), text)))
    return frozenset()


def _unique(answers: Iterable[Answer]) -> list[Answer]:
    """Name a holder once, however many of its claims cover what was asked for."""
    return list({answer.organisation.id: answer for answer in reversed(list(answers))}.values())[
        ::-1
    ]


def _teams_of(principal: Principal, organisations: Collection[UUID]) -> dict[UUID, list[Team]]:
    found: dict[UUID, list[Team]] = {}
    seen = Team.objects.visible_to(principal).on_list().filter(organisation__in=organisations)
    for team in seen.select_related("organisation"):
        found.setdefault(team.organisation_id, []).append(team)
    return found


def _team_for(held: Held, identifier: Identifier, teams: dict[UUID, list[Team]]) -> Team | None:
    """Return the team that the claim names if the viewer sees it, else the fitting one."""
    there = teams.get(held.claim.organisation_id, [])
    own = next((team for team in there if team.id == held.claim.team_id), None)
    role = ProposedRole.VENDOR if identifier.kind in _SELLING else ProposedRole.DEPLOYER
    return own or fitting_team(there, role)


# Names -----------------------------------------------------------------------


def _candidates(
    principal: Principal, text: str, every: Sequence[Identifier]
) -> tuple[tuple[Candidate, ...], bool]:
    words = words_of(text)
    product = next((one for one in every if one.kind in _OF_PRODUCTS), None)
    asked = words if product is None else _words_of_product(product)
    found = [
        *_by_name(principal, text, words),
        *_without_team(principal, words),
        *_by_product(principal, asked),
    ]
    found.sort(key=lambda one: not one.is_whole)
    return tuple(found[:MOST_CANDIDATES]), len(found) > MOST_CANDIDATES


def _words_of_product(found: Identifier) -> tuple[str, ...]:
    """Return the words of vendor and product of a triple, a CPE or a purl; not its version."""
    parts = found.parts
    names = (parts.get("vendor", ""), parts.get("product", "") or parts.get("name", ""))
    return words_of(" ".join(names).replace("_", " ").replace("\\", " "))


def _nearest_first(found: QuerySet, columns: Sequence[str], words: Sequence[str]) -> QuerySet:
    """Put names in which all words stand whole first, then the shorter ones."""
    whole = Q()
    for word in words:
        whole &= Q(*(Q(**{f"{c}__contains": f" {word} "}) for c in columns), _connector=Q.OR)
    rank = Case(When(whole, then=Value(0)), default=Value(1), output_field=IntegerField())
    return found.alias(_rank=rank).order_by("_rank", Length(columns[-1]), columns[-1], "id")


def _by_name(principal: Principal, text: str, words: Sequence[str]) -> list[Candidate]:
    if not words:
        return []
    seen = searching.teams_named(principal, text).filter(
        organisation__state=OrganisationState.LISTED, retired_at=None
    )
    ordered = _nearest_first(seen, ("words", "organisation__words"), words)
    return [
        Candidate(
            team.organisation,
            team,
            is_whole=is_whole(
                (team.name, team.organisation.name, team.organisation.short_name), words
            ),
        )
        for team in ordered.select_related("organisation")[: MOST_CANDIDATES + 1]
    ]


def _without_team(principal: Principal, words: Sequence[str]) -> list[Candidate]:
    """Return organisations of the name that have no team which the viewer sees."""
    if not words:
        return []
    found = Organisation.objects.visible_to(principal).filter(state=OrganisationState.LISTED)
    for word in words:
        found = found.filter(has_word("words", word))
    teams = Team.objects.visible_to(principal).filter(retired_at=None)
    alone = found.exclude(id__in=teams.values("organisation_id"))
    ordered = _nearest_first(alone, ("words",), words)
    return [
        Candidate(house, is_whole=is_whole((house.name, house.short_name), words))
        for house in ordered[: MOST_CANDIDATES + 1]
    ]


def _by_product(principal: Principal, words: Sequence[str]) -> list[Candidate]:
    """Return the makers of products of the name; a company's name alone names none of them."""
    if not words:
        return []
    seen = Product.objects.shown()
    if principal.is_member:
        seen = Product.objects.visible_to(principal).current()
    for word in words:
        seen = seen.filter(has_word("words", word) | has_word("vendor__words", word))
    seen = seen.filter(Q(*(has_word("words", word) for word in words), _connector=Q.OR))
    ordered = _nearest_first(seen, ("vendor__words", "words"), words)
    products = list(ordered.select_related("vendor")[: MOST_CANDIDATES + 1])
    teams = _teams_of(principal, {one.vendor_id for one in products})
    found = []
    for one in products:
        there = teams.get(one.vendor_id, [])
        if not principal.is_member:
            there = [team for team in there if PRODUCTS in team.open_fields]
        team = fitting_team(there, ProposedRole.VENDOR)
        whole = is_whole((one.name, *one.aliases, one.vendor.name, one.vendor.short_name), words)
        found.append(Candidate(one.vendor, team, product=one.name, is_whole=whole))
    return found


# Public lists -----------------------------------------------------------------


def _told(
    principal: Principal, every: Sequence[Identifier], operational: Collection[str]
) -> tuple[Told, ...]:
    """Return what public lists say of the networks and addresses that a text may name."""
    networks = [one.plmn for found in every for one in registry.networks(found, operational)]
    found = reference.told_of_networks(principal, networks)
    for one in every:
        system = None
        if one.kind == Kind.IP:
            system = reference.told_of_address(one.canonical)
        elif one.kind == Kind.ASN:
            system = reference.told_of_system(int(one.canonical))
        if system is not None and system not in found:
            found.append(system)
    return tuple(found[:MOST_TOLD])


def _only(told: Sequence[Told]) -> str:
    """Return the country of the likeliest network, where the list names one country for it."""
    likeliest = {one.country_code for one in told if one.what == told[0].what}
    country = next(iter(likeliest)) if len(likeliest) == 1 else ""
    return country if len(country) == _TWO_LETTERS else ""


# Where to go on --------------------------------------------------------------


def _country(found: Identifier) -> str:
    """Return the country that an identifier belongs to, where it can be told; else nothing."""
    if found.kind in _TITLED and found.geographic:
        return region(found.parts.get("digits", found.canonical).removeprefix("+"))
    if code := found.parts.get("country", "") or countries.of_area(found.parts.get("sanc", "")):
        return code  # of a point code
    if found.kind in _NAMED:
        end = found.canonical.rsplit(".", 1)[-1]
        return {"uk": "GB"}.get(end, end.upper()) if len(end) == _TWO_LETTERS else ""
    return ""


def _national(principal: Principal, country: str) -> tuple[Team, ...]:
    """Return the teams of the national CERT of a country: not the holder, but one who may know."""
    if not country:
        return ()
    found = Team.objects.visible_to(principal).on_list()
    found = found.filter(
        organisation__kind=OrganisationKind.NATIONAL_CERT, organisation__country=country
    )
    return tuple(found.select_related("organisation").order_by("name", "id")[:MOST_ANSWERS])
