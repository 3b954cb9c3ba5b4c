"""What other rooms read of reference data, as plain data; every answer names its source and day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.words import words_of
from tcert.response.reference import networks
from tcert.response.reference.asn import prefixes, store
from tcert.response.reference.enums import Source, Use
from tcert.response.reference.models import Edition, Network, Tie
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State

_Address = IPv4Address | IPv6Address
_STREAMED = 2_000
_COUNTRY_LETTERS = 2


def operational_plmns() -> frozenset[str]:
    """Return the network codes in use, as the public list has them; they decide readings.

    Empty where no list was taken. One question tells which version stands here; the codes
    themselves are kept in memory until that is another.
    """
    current = Edition.objects.current(Source.NETWORKS)
    return _operational(current.id) if current else frozenset()


@lru_cache(maxsize=2)
def _operational(_edition: UUID) -> frozenset[str]:
    found = Network.objects.filter(status__in=networks.IN_USE).order_by()
    return frozenset(found.values_list("plmn", flat=True))


def entries() -> Iterator[Entry]:
    """Yield every network code of the list that somebody may answer for, with its operator.

    `party` is ``organisation:<uuid>`` where a coordinator has tied the operator, else
    ``reference:<name>``; `on` is the day on which the version came here. Codes that are
    withdrawn, returned or reserved are left out, and codes for tests, which belong to nobody.
    Several operators of one code are several entries.
    """
    tied = _ties()
    found = Network.objects.exclude(operator="").exclude(use=Use.TEST)
    found = found.exclude(status__in=networks.NOT_IN_USE).select_related("edition")
    for one in found.iterator(chunk_size=_STREAMED):
        organisation = tied.get((one.operator, one.country_code))
        yield Entry(
            kind=Kind.PLMN,
            value=one.plmn,
            party=f"organisation:{organisation}" if organisation else f"reference:{one.operator}",
            role=Role.OPERATOR,
            state=State.IMPORTED,
            source=str(one.edition),
            on=one.edition.taken_at.date(),
        )


def asn_entries() -> Iterator[Entry]:
    """Yield every autonomous system of the optional list with the name of its holder."""
    current, ranges = _addresses()
    if current is None or ranges is None:
        return
    on, source = current.taken_at.date(), str(current)
    for number, name in ranges.names():
        yield Entry(
            Kind.ASN, str(number), f"reference:{name}", Role.HOLDER, State.IMPORTED, source, on
        )


def origin_entries() -> Iterator[Entry]:
    """Yield every network of the optional list with the system that announces it.

    A range is the networks that make it up: some 732,000 of 515,000 ranges.
    """
    current, ranges = _addresses()
    if current is None or ranges is None:
        return
    on, source = current.taken_at.date(), str(current)
    for version, first, last, system in ranges:
        for network in prefixes.networks(version, first, last):
            yield Entry(Kind.CIDR, network, f"AS{system}", Role.ORIGIN, State.IMPORTED, source, on)


def address_ranges() -> Iterator[tuple[int, int, int, int]]:
    """Yield IP version, first and last address and system number of each range.

    Addresses are numbers. Ranges of a version are sorted and disjoint, as a compiled table wants
    them; nothing is yielded where the optional list was never taken.
    """
    _current, ranges = _addresses()
    if ranges is not None:
        yield from ranges


@dataclass(frozen=True, slots=True)
class Announcements:
    """Who announces which address, by the optional list, with its source and day."""

    source: str
    on: date
    ranges: store.Ranges

    def system_of(self, first: _Address, last: _Address) -> int | None:
        """Return the system that announces the first and the last address of a network."""
        system = self.ranges.system_of(str(first))
        return system if system is not None and self._same(system, first, last) else None

    def _same(self, system: int, first: _Address, last: _Address) -> bool:
        return first == last or self.ranges.system_of(str(last)) == system

    def name_of(self, system: int) -> str:
        """Return the name of a system's holder, or nothing."""
        return self.ranges.name_of(system)


def announcements() -> Announcements | None:
    """Return the optional list for many look-ups, by one question; None where it is not there."""
    current, ranges = _addresses()
    if current is None or ranges is None:
        return None
    return Announcements(str(current), current.taken_at.date(), ranges)


def _addresses() -> tuple[Edition | None, "store.Ranges | None"]:
    current = Edition.objects.current(Source.ADDRESSES)
    return current, store.opened(current.digest) if current else None


def _ties() -> dict[tuple[str, str], UUID]:
    """Return which organisation an operator is, by name and country; listed ones only."""
    found = _standing_ties()
    return {
        (operator, country): organisation
        for operator, country, organisation in found.values_list(
            "operator", "country_code", "organisation_id"
        )
    }


def _standing_ties() -> QuerySet[Tie]:
    return Tie.objects.filter(ended_at=None, organisation__state=OrganisationState.LISTED)


def countries_of(plmns: Iterable[str]) -> frozenset[str]:
    """Return the countries that the list names for network codes; none for codes of no country."""
    found = Network.objects.filter(plmn__in=set(plmns)).order_by()
    codes = found.values_list("country_code", flat=True).distinct()
    return frozenset(code for code in codes if len(code) == _COUNTRY_LETTERS)


# For pages -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What a public list says of an identifier: confirmed by nobody here.

    `organisation` is the tied one, for members only.
    """

    what: str
    name: str
    brand: str
    country: str
    country_code: str
    status: str
    source: str
    licence: str
    on: date
    list: Source
    organisation: Organisation | None = None

    @property
    def is_operational(self) -> bool:
        """Is traffic to be expected under the code?"""
        return self.status in networks.IN_USE


def told_of_networks(principal: Principal, plmns: Iterable[str]) -> list[Told]:
    """Return what the list says of network codes, in the order asked; two questions at most."""
    wanted = list(dict.fromkeys(plmns))
    rows: dict[str, list[Network]] = {plmn: [] for plmn in wanted}
    for one in Network.objects.filter(plmn__in=wanted).select_related("edition"):
        rows[one.plmn].append(one)
    tied = tied_to(principal, (one.operator for every in rows.values() for one in every))
    return [
        Told(
            what=one.plmn,
            name=one.operator,
            brand=one.brand,
            country=one.country,
            country_code=one.country_code,
            status=one.status,
            source=str(one.edition),
            licence=one.edition.licence,
            on=one.edition.taken_at.date(),
            list=Source.NETWORKS,
            organisation=tied.get((one.operator, one.country_code)),
        )
        for plmn in wanted
        for one in rows[plmn]
    ]


def told_of_address(address: str) -> Told | None:
    """Return which autonomous system an address is announced by, as the optional list has it."""
    current, ranges = _addresses()
    number = ranges.system_of(address) if ranges else None
    return told_of_system(number) if current and number is not None else None


def told_of_system(number: int) -> Told | None:
    """Return the holder of an autonomous system, as the optional list has it."""
    current, ranges = _addresses()
    name = ranges.name_of(number) if ranges else ""
    if current is None or not name:
        return None
    return Told(
        what=f"AS{number}",
        name=name,
        brand="",
        country="",
        country_code="",
        status="",
        source=str(current),
        licence=current.licence,
        on=current.taken_at.date(),
        list=Source.ADDRESSES,
    )


def tied_to(principal: Principal, operators: Iterable[str]) -> dict[tuple[str, str], Organisation]:
    """Return the organisations that operators are tied to, by operator and country."""
    found = Tie.objects.visible_to(principal).filter(ended_at=None, operator__in=set(operators))
    found = found.filter(organisation__state=OrganisationState.LISTED)
    return {
        (one.operator, one.country_code): one.organisation
        for one in found.select_related("organisation")
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the list is narrowed; what is empty narrows nothing."""

    text: str = ""
    country: str = ""
    status: str = ""


def narrowed(principal: Principal, wanted: Wanted) -> QuerySet[Network]:
    """Return the rows of the list that fit: codes by their beginning, names by what they hold."""
    found: QuerySet[Network] = Network.objects.visible_to(principal).select_related("edition")
    if wanted.text:
        digits = wanted.text.replace(" ", "").replace("/", "-")
        if digits.replace("-", "").isdecimal() and digits.isascii():
            found = found.filter(plmn__startswith=_as_plmn(digits))
        else:
            text = wanted.text
            found = found.filter(Q(operator__icontains=text) | Q(brand__icontains=text))
    if len(wanted.country) == _COUNTRY_LETTERS:  # several countries share a row now and then
        found = found.filter(country_code__contains=wanted.country.upper())
    elif wanted.country:
        found = found.filter(country__icontains=wanted.country)
    if wanted.status == "operational":
        found = found.filter(status__in=networks.IN_USE)
    elif wanted.status == "other":
        found = found.exclude(status__in=networks.IN_USE)
    return found


def _as_plmn(digits: str) -> str:
    mcc = 3
    if "-" in digits or len(digits) <= mcc:
        return digits
    return f"{digits[:mcc]}-{digits[mcc:]}"


def operators(text: str = "", *, only_tied: bool = False) -> QuerySet[Network, Any]:
    """Return operators with their country and how many codes they have, by name."""
    found = Network.objects.exclude(operator="").exclude(use=Use.TEST)
    if text:
        found = found.filter(Q(operator__icontains=text) | Q(brand__icontains=text))
    if only_tied:
        ties = _standing_ties().filter(
            operator=OuterRef("operator"), country_code=OuterRef("country_code")
        )
        found = found.filter(Exists(ties))
    counted = found.order_by().values("operator", "country_code", "country")
    return counted.annotate(codes=Count("plmn", distinct=True)).order_by(
        "operator", "country_code", "country"
    )


def rows_of(names: Iterable[str]) -> dict[tuple[str, str], UUID]:
    """Return a row of each operator, by its name and country: its page is found by any of them."""
    found = Network.objects.filter(operator__in=set(names)).order_by("-plmn", "-id")
    rows = found.values_list("operator", "country_code", "id")
    return {(operator, country): key for operator, country, key in rows}


def candidates(principal: Principal, names: Iterable[str]) -> list[Organisation]:
    """Return the organisations whose name, or short name, has the same words as one of the names.

    All words, none more: a name that only contains another one is shown to nobody as that one.
    """
    asked = {frozenset(words) for name in names if (words := words_of(name))}
    if not asked:
        return []
    seen = Organisation.objects.visible_to(principal).filter(state=OrganisationState.LISTED)
    return [
        one
        for one in seen
        if not asked.isdisjoint(
            {frozenset(words_of(one.name)), frozenset(words_of(one.short_name))}
        )
    ]
