"""The case itself: what it is called, who coordinates it, what it is about, who is kept out."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.community.directory.models import Organisation, Team
from tcert.community.inventory.models import Equipment, PlmnClaim, Product
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
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


@dataclass(frozen=True, slots=True)
class Concern:
    """The organisations whose matters are kept from a coordinator, by id and by name.

    Read at once, not as nested questions: these would be too deep for SQLite's parser.
    """

    organisations: frozenset[UUID]
    names: frozenset[str]


def concern_of(principal: Principal) -> Concern:
    """Return what concerns a person.

    The organisations of their teams but the hub's own, those in which they declared an interest,
    and the groups of all these.
    """
    own = {m.organisation_id for m in principal.memberships if not m.is_desk}
    desk = {m.organisation_id for m in principal.memberships if m.is_desk}
    outside = own.union(principal.interests) - desk
    if not outside:
        return Concern(frozenset(), frozenset())
    groups = Organisation.objects.filter(id__in=outside, group__isnull=False).values("group_id")
    family = Organisation.objects.filter(
        Q(id__in=outside) | Q(id__in=groups) | Q(group_id__in=outside) | Q(group_id__in=groups)
    )
    rows = list(family.values_list("id", "name", "short_name"))
    ids = frozenset(row[0] for row in rows)
    teams = Team.objects.filter(organisation__in=ids).values_list("name", flat=True)
    names = {name.casefold() for row in rows for name in row[1:]} | {t.casefold() for t in teams}
    return Concern(ids, frozenset(names))


def _typed_exclusions(names: frozenset[str]) -> list[UUID]:
    """Return the exclusions that were typed by one of these names (see `Exclusion.covers`)."""
    typed = Exclusion.objects.exclude(name="").values_list("id", "name")
    return [key for key, name in typed if name.casefold().strip() in names] if names else []


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
        """Return cases that concern an organisation the person is tied to, or its group.

        A house is concerned that must not be told, that takes part or was asked to, that makes a
        product of the case or has declared that it runs one, or that has declared one of its
        networks (decided.md 6). Who stepped back from a case stays out of it.
        """
        this_case = Q(case=OuterRef("pk"))
        stepped_back = Recusal.objects.filter(this_case, person=principal.person_id)
        concern = concern_of(principal)
        if not concern.organisations:
            return self.filter(Exists(stepped_back))
        houses = concern.organisations
        runs = Equipment.objects.filter(organisation__in=houses, withdrawn_at=None)
        theirs = PlmnClaim.objects.filter(organisation__in=houses, withdrawn_at=None)
        exclusions = Exclusion.objects.filter(
            Q(organisation__in=houses)
            | Q(team__organisation__in=houses)
            | Q(id__in=_typed_exclusions(concern.names))
        )
        products = CaseProduct.objects.filter(
            Q(product__vendor__in=houses) | Q(product__in=runs.values("product"))
        )
        networks = CaseNetwork.objects.filter(plmn__in=theirs.values("plmn"))
        parties = _participants().filter(team__organisation__in=houses)
        return self.filter(
            Exists(stepped_back)
            | Exists(exclusions.filter(this_case))
            | (
                Q(coordinating_team__is_desk=True)
                & (
                    Exists(parties.filter(this_case))
                    | Exists(products.filter(this_case))
                    | Exists(networks.filter(this_case))
                )
            )
        )

    def coordinated_by(self, principal: Principal) -> "CaseQuerySet":
        """Return the cases that the person coordinates now, without those of their own house."""
        teams = acting_team_ids(principal)
        if not teams:
            return self.none()
        cases = self.filter(coordinating_team__in=teams)
        if any(m.is_desk for m in principal.memberships):
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
        return not (self.coordinating_team.is_desk and self.is_in_conflict_for(principal))

    def is_in_conflict_for(self, principal: Principal) -> bool:
        """Ask `CaseQuerySet.in_conflict_for`, so that page and list can never differ."""
        cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
        return cases.filter(pk=self.pk).in_conflict_for(principal).exists()

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


class Recusal(UuidModel):
    """A coordinator stepped back from a case that turned out to concern them; there is no return.

    What their browser has opened cannot be recalled; from now on the hub serves them nothing.
    """

    what_we_see = Seen(
        "A coordinator's stepping back from a case",
        readable={
            "id": "a random number",
            "case": "which case",
            "person": "who stepped back",
            "at": "when",
            "successor": "which coordinator was asked to go on, if one was chosen",
            "taken_by": "who went on",
            "taken_at": "when",
        },
        guarded={"remark": "what the person wrote for who goes on"},
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="recusals")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)
    successor = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    remark = GuardedTextField(blank=True, default="", max_length=1000)
    taken_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="stepped_back_once")]

    def __str__(self) -> str:
        return f"{self.person}, {self.case}"


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
            "asked_by_reporter": "whether the reporter asked for it",
        },
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="exclusions")
    asked_by_reporter = models.BooleanField(default=True)
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
