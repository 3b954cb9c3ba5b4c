"""Reads that the pages of advisories share."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from tcert.community.directory.models import Team
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import cvss_score, publication
from tcert.response.advisories.content import Content, VulnerabilityLine
from tcert.response.advisories.enums import ProductStatus, Severity
from tcert.response.advisories.models import AdvisedProduct, Advisory, FinalCopy, Release
from tcert.response.advisories.validation import weakness_name


@dataclass(frozen=True, slots=True)
class PartyLine:
    """How one party stands with the final text; a copy of who left the case is listed too."""

    team: Team
    copy: FinalCopy | None
    takes_part: bool
    notice_ends: datetime | None


def party_lines(advisory: Advisory, teams: Collection[Team]) -> list[PartyLine]:
    """Return the parties of a text with their copies: who has seen it, who joined late."""
    copies = FinalCopy.objects.filter(advisory=advisory, text_version=advisory.text_version)
    held = {copy.team_id: copy for copy in copies.select_related("team__organisation")}
    lines = [
        PartyLine(copy.team, copy, copy.team in teams, copy.sent_at + publication.NOTICE)
        for copy in held.values()
    ]
    lines += [PartyLine(team, None, True, None) for team in teams if team.id not in held]
    return sorted(lines, key=lambda line: (str(line.team.organisation), line.team.name))


def public_list(principal: Principal) -> QuerySet[Release]:
    """Return the newest release of each advisory that the principal may read."""
    return (
        Release.objects.visible_to(principal)
        .current()
        .select_related("advisory__publisher")
        .prefetch_related("products")
        .defer("document", "content", "signature", "signer_certificate", "search_text")
    )


def open_list() -> QuerySet[Release]:
    """Return what the public feeds carry, newest first: the same for everybody, whoever asks."""
    return _told(Release.objects.open(), Tlp.CLEAR)


def members_list(principal: Principal) -> QuerySet[Release]:
    """Return what the feed of TLP:GREEN carries for a reader, newest first."""
    return _told(Release.objects.for_members(principal), Tlp.GREEN)


def _told(releases: QuerySet[Release], tlp: Tlp) -> QuerySet[Release]:
    """Order releases of one marking for a feed.

    `opened_at` is when the advisory first had that marking; other releases stay out of it.
    """
    first = Release.objects.filter(advisory=OuterRef("advisory"), tlp=tlp)
    return (
        releases.annotate(opened_at=Subquery(first.order_by("version").values("released_at")[:1]))
        .select_related("advisory__publisher")
        .only(
            "version",
            "is_withdrawal",
            "title",
            "severity",
            "content",
            "year",
            "file_name",
            "summary",
            "released_at",
            "advisory__number",
            "advisory__publisher__name",
        )
        .order_by("-released_at", "-advisory__number")
    )


def filtered(
    releases: QuerySet[Release],
    *,
    words: str = "",
    year: int | None = None,
    vendor: str = "",
    product: str = "",
    severity: str = "",
) -> QuerySet[Release]:
    """Narrow the public list; every word must occur in what the advisory says."""
    for word in words.casefold().split()[:8]:
        releases = releases.filter(search_text__contains=word)
    if year:
        releases = releases.filter(released_at__year=year)
    if severity:
        releases = releases.filter(severity=severity)
    if vendor or product:
        found = AdvisedProduct.objects.all()
        if vendor:
            found = found.filter(vendor__icontains=vendor)
        if product:
            found = found.filter(name__icontains=product)
        releases = releases.filter(id__in=found.values("release_id"))
    return releases


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score as the page shows it."""

    version: str
    vector: str
    score: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class ShownFlaw:
    """A vulnerability as the page shows it: products by what one should do about them."""

    line: VulnerabilityLine
    weakness: str
    scores: tuple[ShownScore, ...]
    affected: tuple[str, ...]
    fixed: tuple[str, ...]
    unaffected: tuple[str, ...]
    unclear: tuple[str, ...]


def shown_flaws(content: Content) -> list[ShownFlaw]:
    """Return the vulnerabilities of a text for its page."""
    names = content.named_products
    return [_shown(line, names) for line in content.vulnerabilities]


def _shown(line: VulnerabilityLine, names: dict[str, str]) -> ShownFlaw:
    def named(kinds: Iterable[ProductStatus]) -> tuple[str, ...]:
        wanted = set(kinds)
        return tuple(
            name
            for product, name in names.items()
            if (said := line.statuses.get(product)) and said.partition("/")[0] in wanted
        )

    return ShownFlaw(
        line=line,
        weakness=(weakness_name(line.cwe) or "") if line.cwe else "",
        scores=tuple(_scores(line)),
        affected=named(ProductStatus.affected()),
        fixed=named({*ProductStatus.cured(), ProductStatus.RECOMMENDED}),
        unaffected=named({ProductStatus.KNOWN_NOT_AFFECTED}),
        unclear=named({ProductStatus.UNDER_INVESTIGATION}),
    )


def _scores(line: VulnerabilityLine) -> Iterable[ShownScore]:
    for vector in (line.cvss3, line.cvss4):
        try:
            read = cvss_score.score(vector)
        except cvss_score.VectorRefused:
            continue
        yield ShownScore(read.version, read.vector, read.score, read.severity)
