"""Whom to involve: every proposal says why, and a person decides.

Later reference data and bulk resolution join here; names never match by fragment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext as _

from tcert.community.claims.queries import Held, holders
from tcert.community.directory.enums import OrganisationState, TeamKind
from tcert.community.directory.models import Team
from tcert.community.inventory.models import Equipment, Product
from tcert.foundation.identifiers import plmn as plmns
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock


class ProposedRole(StrEnum):
    """The part that a proposed team would have in a case."""

    VENDOR = "vendor"
    DEPLOYER = "deployer"


class Source(StrEnum):
    """What a proposal rests on, strongest first."""

    PRODUCT = "product"
    EQUIPMENT = "equipment"
    PLMN_VERIFIED = "plmn-verified"
    PLMN_CLAIMED = "plmn-claimed"


CONFIDENCE = {
    Source.PRODUCT: 95,
    Source.EQUIPMENT: 95,
    Source.PLMN_VERIFIED: 95,
    Source.PLMN_CLAIMED: 50,
}
"""Percent, after design/routing.md: a verified claim 95, an unverified one 50."""

_PREFERRED = {
    ProposedRole.VENDOR: (TeamKind.PSIRT, TeamKind.CERT, TeamKind.SOC),
    ProposedRole.DEPLOYER: (TeamKind.CERT, TeamKind.SOC, TeamKind.NOC),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One team, the part it would have, and the reason in words."""

    team: Team
    role: ProposedRole
    source: Source
    reason: str

    @property
    def confidence(self) -> int:
        """Return how sure the hub is, in percent."""
        return CONFIDENCE[self.source]


@dataclass(frozen=True, slots=True)
class Found:
    """The proposals, and what led to no team and therefore stays with the desk."""

    proposals: tuple[Proposal, ...]
    unanswered: tuple[str, ...]


def propose(*, product_ids: Iterable[UUID] = (), networks: Iterable[str] = ()) -> Found:
    """Propose vendors of the products, operators that run them, and holders of the networks.

    `networks` are PLMNs as written; one that is none is returned among the unanswered. Each
    organisation is proposed once per role, by its strongest reason.
    """
    hits: list[tuple[UUID, ProposedRole, Source, str]] = []
    unanswered: list[str] = []
    products = Product.objects.filter(id__in=list(product_ids)).select_related("vendor")
    for product in products:
        reason = _("makes %(product)s") % {"product": product.name}
        hits.append((product.vendor_id, ProposedRole.VENDOR, Source.PRODUCT, reason))
    for item in Equipment.objects.current().filter(product__in=products).select_related("product"):
        runs = f"{item.product.name} {item.versions}".strip()
        reason = _("runs %(product)s (declared)") % {"product": runs}
        hits.append((item.organisation_id, ProposedRole.DEPLOYER, Source.EQUIPMENT, reason))
    for written in networks:
        try:
            network = plmns.parse(written)
        except plmns.PlmnRefused as error:
            unanswered.append(f"{written}: {error}")
            continue
        claims = holders(Kind.PLMN, network, clock.now())
        if not claims:
            unanswered.append(_("%(plmn)s: no operator here claims it") % {"plmn": network})
        for held in claims:
            source, reason = _of_network(held, network)
            hits.append((held.claim.organisation_id, ProposedRole.DEPLOYER, source, reason))
    return _with_teams(hits, unanswered)


def _of_network(held: Held, network: str) -> tuple[Source, str]:
    """Say how sure it is that a claim's holder runs a network; a dispute is never left out."""
    if held.ranked.disputed:
        source, words = Source.PLMN_CLAIMED, _("claims %(plmn)s (disputed)")
    elif held.ranked.verified:
        source, words = Source.PLMN_VERIFIED, _("holds %(plmn)s (verified)")
    else:
        source, words = Source.PLMN_CLAIMED, _("claims %(plmn)s (not verified yet)")
    return source, words % {"plmn": network}


def _with_teams(hits: list[tuple[UUID, ProposedRole, Source, str]], unanswered: list[str]) -> Found:
    teams: dict[UUID, list[Team]] = {}
    # Who was suspended, excluded or has retired is proposed by nothing it declared before.
    query = Team.objects.filter(
        organisation_id__in={h[0] for h in hits},
        organisation__state__in=[OrganisationState.LISTED, OrganisationState.PROVISIONAL],
        retired_at=None,
    )
    for team in query.select_related("organisation"):
        teams.setdefault(team.organisation_id, []).append(team)
    best: dict[tuple[UUID, ProposedRole], Proposal] = {}
    for organisation_id, role, source, reason in hits:
        fitting = fitting_team(teams.get(organisation_id, []), role)
        if fitting is None:
            unanswered.append(_("%(reason)s, but has no team on the list") % {"reason": reason})
            continue
        earlier = best.get((fitting.id, role))
        if earlier is None or CONFIDENCE[source] > earlier.confidence:
            best[fitting.id, role] = Proposal(fitting, role, source, reason)
    ordered = sorted(best.values(), key=lambda p: (p.role, -p.confidence, str(p.team)))
    return Found(tuple(ordered), tuple(unanswered))


def fitting_team(teams: list[Team], role: ProposedRole) -> Team | None:
    """Choose the team that the role asks for first; lawful interception is never proposed."""
    order = {kind: i for i, kind in enumerate(_PREFERRED[role])}
    open_to = [t for t in teams if t.kind != TeamKind.LAWFUL_INTERCEPTION]
    return min(open_to, key=lambda t: (order.get(TeamKind(t.kind), 9), t.name), default=None)
