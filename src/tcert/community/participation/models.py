"""What members did, when they were excused, which offices they hold; never how they stand.

Standing is computed each time (`standing.py`). `Snapshot` is what the last night's look found: it
narrows a long list and remembers what was told, and decides nothing.
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory import contributions
from tcert.community.directory.models import Organisation, Team
from tcert.community.participation import leave
from tcert.community.participation.enums import AbsenceState, Shown, State
from tcert.community.participation.standing import Term
from tcert.community.participation.ties import kept_from
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.shown import mark

STATES = {
    State.GOOD: _("in standing"),
    State.GRACE: _("in grace"),
    State.EXCUSED: _("excused"),
    State.WARNED: _("standing ends soon"),
    State.LAPSED: _("lapsed"),
}
SHOWN = {
    Shown.GOOD: _("in standing"),
    Shown.GRACE: _("in grace"),
    Shown.LAPSED: _("lapsed"),
}
ABSENCE_STATES = {
    AbsenceState.ASKED: _("asked for"),
    AbsenceState.CONFIRMED: _("confirmed"),
    AbsenceState.REFUSED: _("refused"),
    AbsenceState.WITHDRAWN: _("withdrawn"),
}
LONGEST_REASON = 1000
LONGEST_NAME = 120


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Contributions by who may see them."""

    def visible_to(self, principal: Principal) -> "ContributionQuerySet":
        """Return those of the own organisations; a coordinator's of all that nothing ties them to.

        Other members read no more than the standing that comes of them.
        """
        return self.filter(_own_or_untied(principal))


def _own_or_untied(principal: Principal) -> models.Q:
    """Match `is_own_or_untied` for rows that belong to an organisation."""
    if not principal.is_member:
        return models.Q(pk__in=[])
    own = models.Q(organisation__in=principal.listed_organisation_ids)
    if not principal.is_coordinator:
        return own
    return own | ~models.Q(organisation__in=kept_from(principal))


def is_own_or_untied(principal: Principal, organisation: Organisation) -> bool:
    """Tell whether somebody reads how an organisation takes part in detail."""
    if not principal.is_member:
        return False
    if organisation.id in principal.listed_organisation_ids:
        return True
    return principal.is_coordinator and organisation.id not in kept_from(principal)


class Contribution(UuidModel):
    """One act of an organisation's team, written when the hub told of it; nobody types one."""

    what_we_see = Seen(
        "A contribution of an organisation",
        readable={
            "id": "a random number",
            "organisation": "which organisation took part",
            "team": "by which of its teams",
            "kind": "what was done, such as “directory-confirmed”",
            "object_id": "to which thing; where that is confidential a number that leads nowhere",
            "on": "on which day",
        },
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    on = models.DateField()

    objects: ClassVar[models.Manager["Contribution"]] = ContributionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-on", "kind", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "object_id"], name="contribution_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-on"], name="contribution_of"),
            models.Index(fields=["on", "kind"], name="contribution_on"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"

    @property
    def label(self) -> str:
        """Return in words what was done."""
        kind = contributions.kinds().get(self.kind)
        return str(kind.label) if kind else self.kind

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ContributionQuerySet.visible_to`."""
        return is_own_or_untied(principal, self.organisation)


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences by who may see them."""

    def confirmed(self) -> "AbsenceQuerySet":
        """Return those that count."""
        return self.filter(state=AbsenceState.CONFIRMED)

    def visible_to(self, principal: Principal) -> "AbsenceQuerySet":
        """Return those of the own organisations; a coordinator's of all that nothing ties them to.

        A refused or withdrawn one is seen like the others: its reason says why it was asked for.
        """
        return self.filter(_own_or_untied(principal))


class Absence(UuidModel):
    """A time for which an organisation asked to be excused."""

    what_we_see = Seen(
        "An excused absence of an organisation",
        readable={
            "id": "a random number",
            "organisation": "which organisation",
            "first": "from which day",
            "last": "to which day",
            "state": "whether it is asked for, confirmed, refused or withdrawn",
            "asked_at": "when it was asked for",
            "asked_by": "which person asked",
            "decided_at": "when a coordinator decided, or it was withdrawn",
            "decided_by": "which person did",
        },
        guarded={
            "reason": "why it was asked for; its own people and coordinators read it",
            "answer": "what the coordinator answered; the same read it",
        },
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    state = models.CharField(
        max_length=10, choices=ABSENCE_STATES.items(), default=AbsenceState.ASKED
    )
    asked_at = models.DateTimeField(default=clock.now, editable=False)
    asked_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    reason = GuardedTextField(_("reason"), max_length=LONGEST_REASON)
    answer = GuardedTextField(_("answer"), blank=True, default="", max_length=LONGEST_REASON)

    objects: ClassVar[models.Manager["Absence"]] = AbsenceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-first", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="absence_forwards"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["state", "asked_at"], name="absence_waiting")]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    @property
    def span(self) -> leave.Absence:
        """Return it as the arithmetic takes it."""
        return leave.Absence(self.first, self.last)

    @property
    def is_asked(self) -> bool:
        """Does it wait for a coordinator?"""
        return self.state == AbsenceState.ASKED

    @property
    def shown(self) -> str:
        """Return the mark that a form carries: a page may be older than a colleague's word."""
        return mark(self, ("state", "decided_at"))

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `AbsenceQuerySet.visible_to`."""
        return is_own_or_untied(principal, self.organisation)


class OfficeQuerySet(models.QuerySet["Office"]):
    """Offices by who may see them."""

    def visible_to(self, principal: Principal) -> "OfficeQuerySet":
        """Members see who holds which office; strangers see none."""
        if not principal.is_member:
            return self.none()
        return self.filter(organisation__in=Organisation.objects.visible_to(principal))


class Office(UuidModel):
    """An office that somebody of an organisation holds in a body of the community."""

    what_we_see = Seen(
        "An office held",
        readable={
            "id": "a random number",
            "organisation": "whose office it is",
            "person": "which person holds it, a random number; none where nobody is named",
            "body": "in which body",
            "title": "which office",
            "first": "from which day",
            "last": "to which day",
            "entered_at": "when a coordinator entered it",
            "entered_by": "which coordinator",
        },
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    person = models.UUIDField(null=True)
    body = models.CharField(_("body"), max_length=LONGEST_NAME)
    title = models.CharField(_("office"), max_length=LONGEST_NAME)
    first = models.DateField(_("from"))
    last = models.DateField(_("to"), null=True, blank=True)
    entered_at = models.DateTimeField(default=clock.now, editable=False)
    entered_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Office"]] = OfficeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-first", "body", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last=None) | models.Q(last__gte=models.F("first")),
                name="office_forwards",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.body}"

    @property
    def term(self) -> Term:
        """Return it as the arithmetic takes it."""
        return Term(self.first, self.last)

    @property
    def is_over(self) -> bool:
        """Has its last day passed?"""
        return self.last is not None and self.last < clock.today()

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `OfficeQuerySet.visible_to`."""
        return principal.is_member and self.organisation.is_visible_to(principal)


class Start(UuidModel):
    """From which day an organisation's grace runs, where that is not the day of its entry."""

    what_we_see = Seen(
        "The day from which an organisation takes part",
        readable={"id": "a random number", "organisation": "which one", "on": "from which day"},
    )

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()

    def __str__(self) -> str:
        return f"{self.organisation} {self.on}"

    @staticmethod
    def of(organisation: Organisation, start: date | None) -> date:
        """Return the day for an organisation, by its row if there is one."""
        return start or organisation.created_at.date()


class Snapshot(UuidModel):
    """What the last night's look found of an organisation, and what it was told last."""

    what_we_see = Seen(
        "What the last look at an organisation's standing found",
        readable={
            "id": "a random number",
            "organisation": "which organisation",
            "shown": "in standing, in grace or lapsed",
            "told": "in which state it was told to be last",
            "taken_at": "when the hub looked",
        },
    )

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, related_name="standing_snapshot"
    )
    shown = models.CharField(max_length=8, choices=SHOWN.items(), db_index=True)
    told = models.CharField(max_length=8, choices=STATES.items(), default=State.GOOD)
    taken_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.organisation} {self.shown}"
