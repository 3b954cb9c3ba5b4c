"""Entries of the marketplace, claims of providers, contacts, and reports to the desk."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import OrganisationKind
from tcert.community.directory.models import LISTED_TEAM, Organisation, Team
from tcert.community.market import codes, vocabulary
from tcert.community.market.enums import Act, ContactState, Ground, Kind, Outcome, State, Terms
from tcert.community.talks.models import Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

LONGEST_TEXT = 4000
LONGEST = timedelta(days=180)
USUAL = timedelta(days=90)
REMIND = timedelta(days=14)
LAPSES = timedelta(days=30)
"""After so long without an answer a question is over."""


def kinds_of(principal: Principal) -> frozenset[str]:
    """Return of which kinds the person's listed organisations are."""
    listed = principal.listed_organisation_ids
    return principal.once(
        "market:kinds",
        lambda: frozenset(
            Organisation.objects.filter(id__in=listed).order_by().values_list("kind", flat=True)
        ),
    )


class MarketQuerySet(models.QuerySet["Entry"]):
    """Entries by who may see them."""

    def on_list(self) -> "MarketQuerySet":
        """Return what others can see today: published, in time, of a team that is listed.

        Who leaves the list takes its entries along at once, and brings them back.
        """
        today = clock.today()
        return self.filter(
            LISTED_TEAM,
            state=State.PUBLISHED,
            listed_from__lte=today,
            valid_until__gte=today,
        )

    def for_kinds(self, kinds: frozenset[str]) -> "MarketQuerySet":
        """Return those that organisations of one of these kinds may read."""
        admitted = Q(audience="")
        for kind in kinds:
            admitted |= Q(audience__contains=codes.within(kind))
        return self.filter(admitted)

    def own(self, principal: Principal) -> "MarketQuerySet":
        """Return those of the person's teams, whatever their state."""
        return self.filter(team__in=principal.team_ids) if principal.is_member else self.none()

    def listed_to(self, principal: Principal) -> "MarketQuerySet":
        """Return what stands on the list for a member; nothing for anybody else."""
        if not principal.is_member:
            return self.none()
        own = Q(team__in=principal.team_ids)
        admitted = Entry.objects.for_kinds(kinds_of(principal)).values("pk")
        return self.on_list().filter(own | Q(pk__in=admitted))

    def visible_to(self, principal: Principal) -> "MarketQuerySet":
        """Return what stands on the list for the person, and all of their own teams'."""
        listed = Entry.objects.listed_to(principal).values("pk")
        own = Entry.objects.own(principal).values("pk")
        return self.filter(Q(pk__in=listed) | Q(pk__in=own))


class Entry(UuidModel):
    """An offer or a need of a team. Who may not know the team of one sees it without."""

    what_we_see = Seen(
        "An offer or a need on the marketplace",
        readable={
            "id": "a random number",
            "kind": "whether it is an offer or a need",
            "team": "whose it is, also where others do not see that",
            "is_unnamed": "whether others see whose it is",
            "subject": "what it is about, in a word of a fixed list",
            "title": "its heading",
            "domains": "which parts of a network it is about",
            "languages": "in which languages",
            "regions": "in which countries",
            "terms": "whether it is free, at cost or for payment; no amounts",
            "audience": "which kinds of organisation see it",
            "valid_until": "until which day it holds",
            "state": "whether others see it",
            "listed_from": "from which day on others see it; no hour",
            "ended_on": "on which day it ended; no hour",
            "reminded_on": "on which day its team was told that it ends soon",
        },
        guarded={
            "text": "what it says in words; members read it as the team chose",
            "taken_off_why": "why the desk withdrew it; its team reads it",
        },
    )

    kind = models.CharField(_("kind"), max_length=5, choices=vocabulary.KINDS.items())
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    is_unnamed = models.BooleanField(default=False)
    subject = models.CharField(max_length=32)
    title = models.CharField(max_length=120)
    text = GuardedTextField(max_length=LONGEST_TEXT)
    domains = models.CharField(max_length=400, blank=True, default="")
    languages = models.CharField(max_length=120, blank=True, default="")
    regions = models.CharField(max_length=120, blank=True, default="")
    terms = models.CharField(max_length=8, choices=vocabulary.TERMS.items(), default=Terms.FREE)
    audience = models.CharField(max_length=400, blank=True, default="")
    valid_until = models.DateField()
    state = models.CharField(max_length=9, choices=vocabulary.STATES.items(), default=State.DRAFT)
    listed_from = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    reminded_on = models.DateField(null=True)
    taken_off_why = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)

    objects: ClassVar[models.Manager["Entry"]] = MarketQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["subject", "id"]
        verbose_name_plural = "entries"
        indexes: ClassVar = [models.Index(fields=["state", "subject"], name="market_listed")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind=Kind.NEED) | Q(is_unnamed=False), name="offers_have_a_name"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_on_list(self) -> bool:
        """Match `MarketQuerySet.on_list`."""
        today = clock.today()
        return (
            self.state == State.PUBLISHED
            and self.listed_from is not None
            and self.listed_from <= today <= self.valid_until
            and self.team.is_listed
        )

    @property
    def ends_soon(self) -> bool:
        """Is it time to say that it is true still?"""
        return self.state == State.PUBLISHED and self.valid_until <= clock.today() + REMIND

    @property
    def may_claim(self) -> bool:
        """May claims on requirements stand on it: an offer of a solution provider?"""
        provider = self.team.organisation.kind == OrganisationKind.SOLUTION_PROVIDER
        return provider and self.kind == Kind.OFFER

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `MarketQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        if self.team_id in principal.team_ids:
            return True
        admitted = frozenset(codes.unpacked(self.audience))
        return self.is_on_list and (not admitted or not admitted.isdisjoint(kinds_of(principal)))


class OwnRows(models.QuerySet):
    """What belongs to an entry and is read by its team alone."""

    def visible_to(self, principal: Principal) -> "OwnRows":
        """Return those of the person's own teams."""
        return self.filter(entry__in=Entry.objects.own(principal))


class Happened(UuidModel):
    """One line of an entry's history; its team alone reads it."""

    what_we_see = Seen(
        "What was done to an offer or a need",
        readable={
            "id": "a random number",
            "entry": "to which one",
            "act": "what, in a word of a fixed list",
            "at": "when",
            "by": "which person did it; nobody for what the hub did by itself",
        },
    )

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="history")
    act = models.CharField(max_length=9, choices=[(one.value, vocabulary.ACTS[one]) for one in Act])
    at = models.DateTimeField(default=clock.now)
    by = models.UUIDField(null=True)

    objects = OwnRows.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "id"]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.act}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `OwnRows.visible_to`."""
        return principal.is_member and self.entry.team_id in principal.team_ids


class MeasureClaimQuerySet(models.QuerySet["MeasureClaim"]):
    """Claims are read with their entry."""

    def visible_to(self, principal: Principal) -> "MeasureClaimQuerySet":
        """Return those of entries that the person sees."""
        return self.filter(entry__in=Entry.objects.visible_to(principal))


class MeasureClaim(UuidModel):
    """A provider says that a measure meets a requirement. Nobody has checked it."""

    what_we_see = Seen(
        "What a solution provider claims that a measure meets",
        readable={
            "id": "a random number",
            "entry": "on which offer it stands",
            "measure": "which measure",
            "requirement": "which clause of which document it says that it meets",
        },
    )

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="claims")
    measure = models.CharField(_("measure"), max_length=120)
    requirement = models.CharField(_("requirement"), max_length=40)

    objects: ClassVar[models.Manager["MeasureClaim"]] = MeasureClaimQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["measure", "requirement", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry", "measure", "requirement"], name="market_claim_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure}: {self.requirement}"

    @property
    def title(self) -> str:
        """Return the title of the clause, as its document has it."""
        return vocabulary.clauses().label(self.requirement)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `MeasureClaimQuerySet.visible_to`."""
        return self.entry.is_visible_to(principal)


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts by who takes part in them."""

    def asked_by(self, principal: Principal) -> "ContactQuerySet":
        """Return what the person's teams asked."""
        return self.filter(team__in=principal.team_ids) if principal.is_member else self.none()

    def asked_of(self, principal: Principal) -> "ContactQuerySet":
        """Return what was asked of the person's teams."""
        own = Q(entry__team__in=principal.team_ids)
        return self.filter(own) if principal.is_member else self.none()

    def visible_to(self, principal: Principal) -> "ContactQuerySet":
        """Return the contacts of the two teams' own people; coordinators see none."""
        own = Q(team__in=principal.team_ids) | Q(entry__team__in=principal.team_ids)
        return self.filter(own) if principal.is_member else self.none()

    def waiting(self) -> "ContactQuerySet":
        """Return those on which the entry's team has not answered."""
        return self.filter(state=ContactState.ASKED)


class Contact(UuidModel):
    """A team turned to another one about an entry."""

    what_we_see = Seen(
        "That a team turned to another one about an offer or a need",
        readable={
            "id": "a random number",
            "entry": "about which one",
            "team": "which team asked",
            "state": "whether it was answered; that it was declined is not told to who asked",
            "asked_on": "on which day; no hour",
            "ended_on": "the day of the answer or of the end; no hour",
            "talk": "the sealed talk that came of it",
        },
    )

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="contacts")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=vocabulary.CONTACTS.items())
    asked_on = models.DateField(default=clock.today)
    ended_on = models.DateField(null=True)
    talk = models.ForeignKey(Talk, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[models.Manager["Contact"]] = ContactQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-asked_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry", "team"],
                condition=Q(state__in=["asked", "declined", "talking"]),
                name="one_open_contact",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def waits(self) -> bool:
        """Has the entry's team not answered?"""
        return self.state == ContactState.ASKED

    @property
    def state_for_asker(self) -> ContactState:
        """Return the state that who asked may know: declined looks like asked until it lapses."""
        state = ContactState(self.state)
        return ContactState.ASKED if state in ContactState.open_to_asker() else state

    @property
    def lapses_on(self) -> date:
        """Return the day on which a question without an answer is over."""
        return self.asked_on + LAPSES

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ContactQuerySet.visible_to`."""
        teams = {self.team_id, self.entry.team_id}
        return principal.is_member and not teams.isdisjoint(principal.team_ids)


class Wish(UuidModel):
    """A team wants to be told once a week when something new fits."""

    what_we_see = Seen(
        "That a team is told of what fits its offers and needs",
        readable={
            "id": "a random number",
            "team": "which team",
            "looked_on": "the day up to which it was told",
        },
    )

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="+")
    looked_on = models.DateField(default=clock.today)

    def __str__(self) -> str:
        return str(self.team_id)


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports by who may read them."""

    def visible_to(self, principal: Principal) -> "ReportQuerySet":
        """Coordinators read all; who reported reads their own."""
        return self if principal.is_coordinator else self.by(principal)

    def by(self, principal: Principal) -> "ReportQuerySet":
        """Return what the person reported."""
        if not principal.is_member or principal.person_id is None:
            return self.none()
        return self.filter(person=principal.person_id)

    def waiting(self) -> "ReportQuerySet":
        """Return those on which nothing was decided."""
        return self.filter(settled_at=None)


class Report(UuidModel):
    """A member told the desk that something is wrong with an entry."""

    what_we_see = Seen(
        "That somebody reported an offer or a need to the desk",
        readable={
            "id": "a random number",
            "entry": "which one",
            "person": "which person reported it; coordinators see it, the entry's team does not",
            "ground": "why, in a word of a fixed list",
            "reported_at": "when",
            "settled_at": "when the desk decided",
            "settled_by": "which coordinator",
            "outcome": "what was decided, in a word of a fixed list",
        },
        guarded={
            "text": "why, in words; coordinators read it",
            "answer": "why it was decided so, in words; who reported reads it",
        },
    )

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="reports")
    person = models.UUIDField()
    ground = models.CharField(
        _("what is wrong"),
        max_length=12,
        choices=[(g.value, vocabulary.GROUNDS[g]) for g in Ground],
    )
    text = GuardedTextField(max_length=LONGEST_TEXT)
    reported_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.UUIDField(null=True)
    outcome = models.CharField(
        max_length=9, blank=True, choices=[(o.value, vocabulary.OUTCOMES[o]) for o in Outcome]
    )
    answer = GuardedTextField(blank=True, default="", max_length=LONGEST_TEXT)

    objects: ClassVar[models.Manager["Report"]] = ReportQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["reported_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry", "person"],
                condition=Q(settled_at=None),
                name="one_open_report_each",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ReportQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        return principal.is_coordinator or self.person == principal.person_id
