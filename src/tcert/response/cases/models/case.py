"""The case itself: what it is called, who coordinates it, what it is about, who is kept out."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation, Team
from tcert.community.inventory.models import PlmnClaim, Product
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.enums import (
    EMBARGO_HOLDS,
    CaseKind,
    Consent,
    EmbargoState,
    Presence,
)
from tcert.response.cases.models.base import Revised

CASE_KINDS = {
    CaseKind.VULNERABILITY: _("vulnerability"),
    CaseKind.INCIDENT: _("incident"),
}


def concerned_organisations(principal: Principal) -> models.QuerySet[Organisation]:
    """Return the person's organisations but the hub's own, with their groups: for conflicts."""
    own = {m.organisation_id for m in principal.memberships if not m.is_desk}
    desk = {m.organisation_id for m in principal.memberships if m.is_desk}
    outside = own - desk
    groups = Organisation.objects.filter(id__in=outside, group__isnull=False).values("group_id")
    return Organisation.objects.filter(
        Q(id__in=outside) | Q(id__in=groups) | Q(group_id__in=outside) | Q(group_id__in=groups)
    )


def _networks_of(organisations: Any) -> Any:
    """Return the networks that organisations have declared as theirs."""
    claims = PlmnClaim.objects.filter(organisation__in=organisations, withdrawn_at=None)
    return claims.values("plmn")


def acting_team_ids(principal: Principal) -> frozenset[UUID]:
    """Return the teams for which the person may act in cases now.

    The desk acts in a live staff session only; without one its members see what members see.
    """
    if not principal.is_member:
        return frozenset()
    return frozenset(
        m.team_id for m in principal.memberships if not m.is_desk or principal.is_coordinator
    )


def _participants() -> models.QuerySet[Any]:
    from tcert.response.cases.models.participant import Participant

    return Participant.objects.all()


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases by who may see them."""

    def in_conflict_for(self, principal: Principal) -> "CaseQuerySet":
        """Return cases that concern the person's own organisation or its group.

        A house is concerned that must not be told, that takes part, that makes a product of the
        case or that has declared one of its networks (decided.md 6).
        """
        concerned = concerned_organisations(principal).values("id")
        return self.filter(
            Q(
                Exists(
                    Exclusion.objects.filter(case=OuterRef("pk")).filter(
                        Q(organisation__in=concerned) | Q(team__organisation__in=concerned)
                    )
                )
            )
            | Q(
                id__in=_participants()
                .filter(team__organisation__in=concerned, case__coordinating_team__is_desk=True)
                .values("case_id")
            )
            | Q(
                Exists(
                    CaseProduct.objects.filter(case=OuterRef("pk"), product__vendor__in=concerned)
                ),
                coordinating_team__is_desk=True,
            )
            | Q(
                Exists(
                    CaseNetwork.objects.filter(
                        case=OuterRef("pk"), plmn__in=_networks_of(concerned)
                    )
                ),
                coordinating_team__is_desk=True,
            )
        )

    def coordinated_by(self, principal: Principal) -> "CaseQuerySet":
        """Return the cases that the person coordinates now, without those of their own house."""
        teams = acting_team_ids(principal)
        if not teams:
            return self.none()
        cases = self.filter(coordinating_team__in=teams)
        if any(m.is_desk for m in principal.memberships) and len(principal.organisation_ids) > 1:
            cases = cases.exclude(
                Q(coordinating_team__is_desk=True)
                & Q(id__in=Case.objects.in_conflict_for(principal).values("id"))
            )
        return cases

    def joined_by(self, principal: Principal) -> "CaseQuerySet":
        """Return the cases in which one of the person's teams takes part and may read."""
        teams = acting_team_ids(principal)
        if not teams:
            return self.none()
        participants = _participants()
        taking_part = participants.filter(
            case=OuterRef("pk"), team__in=teams, presence=Presence.TAKING_PART
        ).exclude(team=OuterRef("coordinating_team"))
        return self.filter(
            (~Q(embargo__state__in=EMBARGO_HOLDS) & Exists(taking_part))
            | Exists(taking_part.filter(consent=Consent.SIGNATORY))
        )

    def visible_to(self, principal: Principal) -> "CaseQuerySet":
        """Return what the person coordinates or takes part in; nothing else exists for them."""
        return self.filter(
            Q(id__in=Case.objects.coordinated_by(principal).values("id"))
            | Q(id__in=Case.objects.joined_by(principal).values("id"))
        )


class Case(Revised):
    """One report's way through the hub. Its descriptive title is a sealed message, not a field."""

    what_we_see = Seen(
        "A case",
        readable={
            "id": "a random number",
            "revision": "how often it changed, so that the second of two people is told",
            "code_name": "a neutral name drawn at random",
            "number": "its number, given when the coordinating team finds the report valid",
            "kind": "vulnerability or incident",
            "tlp": "its TLP marking",
            "coordinating_team": "which team coordinates it",
            "received_on": "the day on which the report came, without the hour",
            "numbered_at": "when it got its number",
            "exclusions_settled_at": "when the coordinating team said who must not be told",
            "duplicate_of": "the case that it repeats",
            "closed_at": "when it was closed",
            "despite_attacks": "whether an embargo was wanted although attacks were seen",
        },
    )

    code_name = models.CharField(_("code name"), max_length=60, unique=True)
    number = models.CharField(_("number"), max_length=20, unique=True, null=True)
    kind = models.CharField(_("kind"), max_length=16, choices=CASE_KINDS.items())
    tlp = models.CharField(_("TLP"), max_length=12, choices=Tlp.choices(), default=Tlp.AMBER)
    coordinating_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    received_on = models.DateField(default=clock.today)
    numbered_at = models.DateTimeField(null=True)
    exclusions_settled_at = models.DateTimeField(null=True)
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True)
    despite_attacks = models.BooleanField(default=False)

    objects: ClassVar[models.Manager["Case"]] = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-received_on", "code_name"]
        indexes = [models.Index(fields=["coordinating_team", "-received_on"])]

    def __str__(self) -> str:
        return self.code_name

    @property
    def name(self) -> str:
        """Return number and code name, as lists show them."""
        return f"{self.number} {self.code_name}" if self.number else self.code_name

    def is_coordinated_by(self, principal: Principal) -> bool:
        """Match `CaseQuerySet.coordinated_by`."""
        if self.coordinating_team_id not in acting_team_ids(principal):
            return False
        return not (
            self.coordinating_team.is_desk
            and len(principal.organisation_ids) > 1
            and self.is_in_conflict_for(principal)
        )

    def is_in_conflict_for(self, principal: Principal) -> bool:
        """Match `CaseQuerySet.in_conflict_for`."""
        concerned = set(concerned_organisations(principal).values_list("id", flat=True))
        if not concerned:
            return False
        kept_out = any(
            e.organisation_id in concerned or (e.team and e.team.organisation_id in concerned)
            for e in self.exclusions.select_related("team")
        )
        takes_part = self.coordinating_team.is_desk and any(
            p.team and p.team.organisation_id in concerned
            for p in self.participants.select_related("team")
        )
        names_theirs = self.coordinating_team.is_desk and (
            self.products.filter(product__vendor__in=concerned).exists()
            or self.networks.filter(plmn__in=_networks_of(concerned)).exists()
        )
        return kept_out or takes_part or names_theirs

    def is_joined_by(self, principal: Principal) -> bool:
        """Match `CaseQuerySet.joined_by`."""
        teams = acting_team_ids(principal) - {self.coordinating_team_id}
        if not teams:
            return False
        holds = self.embargo.state in EMBARGO_HOLDS
        return any(
            p.team_id in teams
            and p.presence == Presence.TAKING_PART
            and (not holds or p.consent == Consent.SIGNATORY)
            for p in self.participants.all()
        )

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `CaseQuerySet.visible_to`."""
        return self.is_coordinated_by(principal) or self.is_joined_by(principal)

    @property
    def has_embargo(self) -> bool:
        """Tell whether an embargo holds now."""
        return EmbargoState(self.embargo.state) in EMBARGO_HOLDS


class CaseProduct(UuidModel):
    """A product that the case is about, as the desk or a willing reporter entered it."""

    what_we_see = Seen(
        "A product of a case",
        readable={
            "id": "a random number",
            "case": "which case",
            "product": "the product in the inventory, when it is listed there",
            "name": "the product's name",
            "versions": "which versions, as entered",
            "by_reporter": "whether the reporter let the hub read it",
            "added_at": "when the desk entered it; for a reporter's line the day only",
        },
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(_("product"), max_length=160)
    versions = models.CharField(_("versions"), max_length=200, blank=True)
    by_reporter = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="case_product_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CaseNetwork(UuidModel):
    """A network (PLMN) that the case is about."""

    what_we_see = Seen(
        "A network of a case",
        readable={
            "id": "a random number",
            "case": "which case",
            "plmn": "the network's code (MCC and MNC)",
            "by_reporter": "whether the reporter let the hub read it",
        },
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="networks")
    plmn = models.CharField(_("PLMN"), max_length=7)
    by_reporter = models.BooleanField(default=False)

    class Meta:
        ordering = ["plmn"]
        constraints = [models.UniqueConstraint(fields=["case", "plmn"], name="case_network_once")]

    def __str__(self) -> str:
        return self.plmn


class Exclusion(UuidModel):
    """Who must not be told, entered by the coordinating team, enforced from then on."""

    what_we_see = Seen(
        "Who must not be told of a case",
        readable={
            "id": "a random number",
            "case": "which case",
            "organisation": "a listed organisation, all its teams and its group",
            "team": "one listed team",
            "name": "a name that the directory does not list",
            "entered_at": "when the coordinating team entered it",
        },
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="exclusions")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.CASCADE, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=160, blank=True)
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["entered_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, team__isnull=True, name="")
                | Q(organisation__isnull=True, team__isnull=False, name="")
                | (Q(organisation__isnull=True, team__isnull=True) & ~Q(name="")),
                name="exclusion_names_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.organisation or self.team or self.name)

    def covers(self, team: Team) -> bool:
        """Tell whether the team must not be told."""
        organisation = team.organisation
        if self.team_id is not None:
            return self.team_id == team.id
        if self.organisation_id is not None:
            excluded = self.organisation
            family = {organisation.id, organisation.group_id}
            return bool(
                self.organisation_id in family
                or (excluded and excluded.group_id and excluded.group_id in family)
            )
        wanted = self.name.casefold().strip()
        return wanted in {
            organisation.name.casefold(),
            organisation.short_name.casefold(),
            team.name.casefold(),
        }
