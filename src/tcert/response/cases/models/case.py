"""The case itself: what it is called, who coordinates it, what it is about, who is kept out."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.community.claims.enums import State
from tcert.community.claims.models import Claim
from tcert.community.directory.models import Organisation, Team
from tcert.community.inventory.models import Equipment, Product
from tcert.foundation.identifiers.kinds import Kind
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


AskedElsewhere = Callable[[AbstractSet[UUID]], models.QuerySet[Any]]
_asked_elsewhere: list[AskedElsewhere] = []


def register_asked(cases_of: AskedElsewhere) -> None:
    """Let a room above say into which cases it asks somebody of some organisations, as case ids."""
    _asked_elsewhere.append(cases_of)


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
    return principal.once("cases:concern", lambda: _concern(outside))


def _concern(outside: AbstractSet[UUID]) -> Concern:
    rows: list[tuple[UUID, str, str]] = []
    ids, before = frozenset(outside), None
    while ids != before:  # a group may have several floors
        tied = Q(id__in=ids) | Q(group__in=ids) | Q(subsidiaries__in=ids)
        rows = list(
            Organisation.objects.filter(tied).distinct().values_list("id", "name", "short_name")
        )
        ids, before = frozenset(row[0] for row in rows), ids
    names = {name.casefold() for row in rows for name in row[1:]}
    teams = Team.objects.filter(organisation__in=ids).values_list("name", flat=True)
    return Concern(ids, frozenset(names | {name.casefold() for name in teams}))


def _typed_exclusions(names: frozenset[str], case_id: UUID | None) -> list[UUID]:
    """Return the exclusions that were typed by one of these names (see `Exclusion.covers`)."""
    typed = Exclusion.objects.exclude(name="").order_by().values_list("id", "name")
    if case_id is not None:
        typed = typed.filter(case=case_id)
    return [key for key, name in typed if name.casefold().strip() in names] if names else []


def _conflict(principal: Principal) -> Q:
    """Ask whether a case is in conflict for a person (see `in_conflict_for`)."""
    return principal.once("cases:conflict", lambda: _conflict_with(principal))


def _conflict_with(principal: Principal, case_id: UUID | None = None) -> Q:
    """Put that question together, for any case or for this one.

    Each question starts from the few things that concern the person's houses and finds their cases
    by index. Asked the other way round, of each case in turn, lists of thousands take seconds.
    """
    stepped_back = Recusal.objects.filter(person=principal.person_id).values("case")
    concern = concern_of(principal)
    if not concern.organisations:
        return Q(id__in=stepped_back)
    houses = concern.organisations
    teams = Team.objects.filter(organisation__in=houses).values("id")
    runs = Equipment.objects.filter(organisation__in=houses, withdrawn_at=None)
    # What has run out or was ended still ties: who held a network yesterday is no stranger to it.
    theirs = Claim.objects.filter(organisation__in=houses, kind=Kind.PLMN).exclude(
        state=State.WITHDRAWN
    )
    makes = Product.objects.filter(vendor__in=houses)
    exclusions = Exclusion.objects.filter(
        Q(organisation__in=houses)
        | Q(team__in=teams)
        | Q(id__in=_typed_exclusions(concern.names, case_id))
    )
    made = CaseProduct.objects.filter(product__in=makes.values("id"))
    run = CaseProduct.objects.filter(product__in=runs.values("product"))
    networks = CaseNetwork.objects.filter(plmn__in=theirs.order_by().values("value"))
    parties = _participants().filter(team__in=teams)
    return (
        Q(id__in=stepped_back)
        | Q(id__in=exclusions.values("case"))
        | (
            Q(coordinating_team__is_desk=True)
            & (
                Q(id__in=parties.order_by().values("case"))
                | Q(id__in=made.order_by().values("case"))
                | Q(id__in=run.order_by().values("case"))
                | Q(id__in=networks.order_by().values("case"))
                | reduce(or_, (Q(id__in=asked(houses)) for asked in _asked_elsewhere), Q())
            )
        )
    )


def acting_team_ids(principal: Principal) -> frozenset[UUID]:
    """Return the teams for which the person may act in cases now."""
    return principal.acting_team_ids


def _participants() -> models.QuerySet[Any]:
    from tcert.response.cases.models.participant import Participant

    return Participant.objects.all()


def _coordinated(principal: Principal, teams: AbstractSet[UUID]) -> Q:
    wanted = Q(coordinating_team__in=teams)
    if any(m.is_desk for m in principal.memberships):
        wanted &= ~(Q(coordinating_team__is_desk=True) & _conflict(principal))
    return wanted


def _joined(teams: AbstractSet[UUID]) -> Q:
    """From the rows of one's own teams to their cases, by index, and not of each case in turn."""
    taking_part = (
        _participants()
        .filter(team__in=teams, presence=Presence.TAKING_PART)
        .exclude(team=models.F("case__coordinating_team"))
        .order_by()
    )
    signed = taking_part.filter(consent=Consent.SIGNATORY)
    return (~Q(embargo__state__in=EMBARGO_HOLDS) & Q(id__in=taking_part.values("case"))) | Q(
        id__in=signed.values("case")
    )


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases by who may see them."""

    def in_conflict_for(self, principal: Principal) -> "CaseQuerySet":
        """Return cases that concern an organisation the person is tied to, or its group.

        A house is concerned that must not be told, that takes part or was asked to, that makes a
        product of the case or has declared that it runs one, or that has declared one of its
        networks (decided.md 6). Asked is also who owns a party that is invited from outside. Who
        stepped back from a case stays out of it.
        """
        return self.filter(_conflict(principal))

    def coordinated_by(self, principal: Principal) -> "CaseQuerySet":
        """Return the cases that the person coordinates now, without those of their own house."""
        teams = acting_team_ids(principal)
        return self.filter(_coordinated(principal, teams)) if teams else self.none()

    def joined_by(self, principal: Principal) -> "CaseQuerySet":
        """Return the cases in which one of the person's teams takes part and may read."""
        teams = acting_team_ids(principal)
        return self.filter(_joined(teams)) if teams else self.none()

    def visible_to(self, principal: Principal) -> "CaseQuerySet":
        """Return what the person coordinates or takes part in; nothing else exists for them."""
        teams = acting_team_ids(principal)
        return (
            self.filter(_coordinated(principal, teams) | _joined(teams)) if teams else self.none()
        )

    def this(self, reference: str) -> Exists:
        """Ask whether the case that a row refers to is among these: that one alone is looked at."""
        return Exists(self.filter(pk=OuterRef(reference)).order_by())


def default_keep_days() -> int:
    """Return for how many days after its closing a case is kept unless its parties hear of more."""
    days: int = settings.RETENTION_DAYS
    return days


def kept_until(closed_at: datetime, keep_days: int, spared_until: datetime | None) -> datetime:
    """Return when the content of a closed case is deleted, if no hold keeps it."""
    due = closed_at + timedelta(days=keep_days)
    return max(due, spared_until) if spared_until else due


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
            "keep_days": "for how many days after its closing it is kept",
            "keep_until": "before which moment it is not deleted, so that its parties are warned",
            "held_since": "since when a legal hold keeps it from being deleted",
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
    keep_days = models.PositiveSmallIntegerField(default=default_keep_days)
    keep_until = models.DateTimeField(null=True)
    held_since = models.DateTimeField(null=True)

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
        """Ask what `CaseQuerySet.in_conflict_for` asks, so that page and list never differ."""
        asked = ("cases:conflict", self.pk)
        return principal.once(
            asked,
            lambda: Case.objects.filter(_conflict_with(principal, self.pk), pk=self.pk).exists(),
        )

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

    def followed_together(self) -> "CaseQuerySet":
        """Return this case with the one that it repeats and those that repeat it.

        What is told of one is told of all, so who must not be told of one is kept out of all.
        """
        cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
        return cases.filter(Q(pk__in=[self.pk, self.duplicate_of_id]) | Q(duplicate_of=self.pk))

    def exclusions_that_count(self) -> list["Exclusion"]:
        """Return who must not be told of this case or of one that is followed together with it."""
        entered = Exclusion.objects.filter(case__in=self.followed_together().values("id"))
        return list(entered.select_related("organisation"))

    def kept_out_by(self, team: Team) -> "Exclusion | None":
        """Return why a team must not be told, or None."""
        return next((one for one in self.exclusions_that_count() if one.covers(team)), None)

    @property
    def deletes_at(self) -> datetime | None:
        """Return when its content is deleted; None while it is open, or held.

        A case that is opened again has no moment of closing, and so no such moment either.
        """
        if self.closed_at is None or self.held_since is not None:
            return None
        return kept_until(self.closed_at, self.keep_days, self.keep_until)

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
        if self.organisation is not None:
            return self.organisation.house == organisation.house
        wanted = self.name.casefold().strip()
        return wanted in {
            organisation.name.casefold(),
            organisation.short_name.casefold(),
            team.name.casefold(),
        }
