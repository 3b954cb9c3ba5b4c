"""Incidents, the teams in them, what was counted, indicators, tasks, and links to cases.

Nothing that a person writes stands here: that is sealed, in the talk that an incident governs.
"""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import LISTED_TEAM, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.models import Case
from tcert.response.cases.models.case import concern_of
from tcert.response.incidents import kinds
from tcert.response.incidents.enums import Answer, Severity, Side, Standing, State, Work
from tcert.response.incidents.words import (
    ANSWERS,
    INDICATOR_KINDS,
    MEANINGS,
    SEVERITIES,
    SIDES,
    STANDINGS,
    STATES,
    WORKS,
)

SUBJECT = "incident"
NOTES = "incident-notes"
DELETED = "deleted-incident"
REACH_ASKED = frozenset({Tlp.CLEAR, Tlp.GREEN})
"""Markings of indicators that teams see which were told and do not read."""
REACH_READERS = REACH_ASKED | {Tlp.AMBER, Tlp.AMBER_STRICT}


def parties_of(principal: Principal, *standings: Standing) -> models.QuerySet["Party"]:
    """Return the rows by which a person sees incidents: of teams on the list for which they act.

    The desk's row does not count for who has a concern of theirs in the incident.
    """
    own = Party.objects.filter(
        LISTED_TEAM, team__in=principal.acting_team_ids, standing__in=standings
    )
    tied = kept_from(principal)
    return own if tied is None else own.exclude(team__is_desk=True, incident__in=tied.values("pk"))


def kept_from(principal: Principal) -> "models.QuerySet[Incident] | None":
    """Return the incidents in which a house of a coordinator's concern is; None for none."""
    houses = concern_of(principal).organisations if principal.is_coordinator else None
    if not houses:
        return None
    tied = Party.objects.filter(team__organisation__in=houses).order_by()
    return Incident.objects.filter(pk__in=tied.values("incident"))


def notes_kept_from(principal: Principal) -> "models.QuerySet[Party] | None":
    """Return the rows whose notes are kept from a coordinator with a concern; None for none."""
    tied = kept_from(principal)
    return None if tied is None else Party.objects.filter(incident__in=tied.values("pk"))


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Incidents by who may know of them."""

    def _by(self, rows: models.QuerySet["Party"]) -> "IncidentQuerySet":
        return self.filter(Exists(rows.filter(incident=OuterRef("pk"))))

    def visible_to(self, principal: Principal) -> "IncidentQuerySet":
        """Return those of which one of the person's teams was told."""
        return self._by(parties_of(principal, *Standing.told()))

    def read_by(self, principal: Principal) -> "IncidentQuerySet":
        """Return those that one of them reads."""
        return self._by(parties_of(principal, Standing.READS))

    def steered_by(self, principal: Principal) -> "IncidentQuerySet":
        """Return those that one of them reported or coordinates."""
        rows = parties_of(principal, Standing.READS)
        lead = Q(team=models.F("incident__reporter")) | Q(team=models.F("incident__coordinator"))
        return self._by(rows.filter(lead))

    def open(self) -> "IncidentQuerySet":
        """Return those in which something is to be done: what was joined ends with the first."""
        over = State.over()
        return self.exclude(state__in=over).exclude(joined_to__state__in=over)


class Incident(UuidModel):
    """Something that happens in a network, reported by a team. Its key comes from the form."""

    what_we_see = Seen(
        "An incident",
        readable={
            "id": "a random number",
            "number": "its number",
            "kind": "of what kind it is",
            "severity": "how severe it is",
            "tlp": "its marking",
            "state": "how far it has come",
            "revision": "how often it was changed",
            "began_at": "when it began",
            "noticed_at": "when it was noticed",
            "reported_at": "when it was reported",
            "changed_at": "when it was last changed",
            "is_forgeable": "whether who seems to be the source may not be",
            "reporter": "which team reported it",
            "coordinator": "which team coordinates it",
            "joined_to": "into which incident it was joined",
            "warned_on": "the day on which its teams were told that it is deleted soon",
        },
    )

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=kinds.LONGEST)
    severity = models.CharField(_("severity"), max_length=8, choices=MEANINGS.items())
    tlp = models.CharField(_("TLP"), max_length=12, choices=Tlp.choices())
    state = models.CharField(max_length=9, choices=STATES.items(), default=State.REPORTED)
    revision = models.PositiveIntegerField(default=1)
    began_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    reported_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    is_forgeable = models.BooleanField(default=True)
    reporter = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    coordinator = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    joined_to = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="joined"
    )
    warned_on = models.DateField(null=True)

    objects: ClassVar[models.Manager["Incident"]] = IncidentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-reported_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(joined_to=models.F("id")), name="incident_not_into_itself"
            ),
            models.CheckConstraint(
                condition=Q(noticed_at__gte=models.F("began_at")),
                name="incident_noticed_after_it_began",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-reported_at"], name="incident_newest")]

    def __str__(self) -> str:
        return self.number

    @property
    def kind_label(self) -> str:
        """Return what its kind is called."""
        return kinds.label(self.kind)

    @property
    def severity_label(self) -> str:
        """Return the severity in one word."""
        return str(SEVERITIES[Severity(self.severity)])

    @property
    def is_over(self) -> bool:
        """Is nothing more to be done?"""
        return self.state in State.over()

    @property
    def steering_ids(self) -> frozenset[Any]:
        """Return the teams that steer it."""
        return frozenset({self.reporter_id, self.coordinator_id})

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `IncidentQuerySet.visible_to`."""
        return any(p.standing in Standing.told() for p in self.own_parties(principal))

    def is_read_by(self, principal: Principal) -> bool:
        """Match `IncidentQuerySet.read_by`."""
        return any(p.standing == Standing.READS for p in self.own_parties(principal))

    def is_steered_by(self, principal: Principal) -> bool:
        """Match `IncidentQuerySet.steered_by`."""
        return any(
            p.standing == Standing.READS and p.team_id in self.steering_ids
            for p in self.own_parties(principal)
        )

    def own_team_ids(self, principal: Principal) -> frozenset[Any]:
        """Return the teams for which a person sees it: told ones whose row serves them."""
        own = self.own_parties(principal)
        return frozenset(p.team_id for p in own if p.standing in Standing.told())

    def own_parties(self, principal: Principal) -> "Iterable[Party]":
        """Return the rows by which a person sees it, whatever their standing."""
        parties = list(self.parties.select_related("team__organisation"))
        coordinates = principal.is_coordinator
        houses = concern_of(principal).organisations if coordinates else frozenset()
        tied = any(p.team.organisation_id in houses for p in parties)
        return [
            p
            for p in parties
            if p.team_id in principal.acting_team_ids
            and p.team.is_listed
            and not (tied and p.team.is_desk)
        ]


_BY_JOINING = Q(via__isnull=False) & ~Q(standing=Standing.READS)


class IncidentPartyQuerySet(models.QuerySet["Party"]):
    """Teams in incidents, by who may know that they are."""

    def reading(self) -> "IncidentPartyQuerySet":
        """Return those to which the talk is sealed, as far as they are on the list."""
        return self.filter(standing=Standing.READS)

    def visible_to(self, principal: Principal) -> "IncidentPartyQuerySet":
        """Return all to who steers, those that read to these, the leading ones to who was told.

        One's own row to each who was told. Who came by a joining and has not taken part is seen by
        the team that joined alone.
        """
        seen = Incident.objects.visible_to(principal).filter(pk=OuterRef("incident"))
        read = Incident.objects.read_by(principal).filter(pk=OuterRef("incident"))
        steered = Incident.objects.steered_by(principal).filter(pk=OuterRef("incident"))
        own = Q(pk__in=parties_of(principal, *Standing.told()).values("pk"))
        leads = Q(team=models.F("incident__reporter")) | Q(team=models.F("incident__coordinator"))
        return self.filter(
            own
            | (leads & Q(Exists(seen)))
            | (Q(standing=Standing.READS) & Q(Exists(read)))
            | (Q(Exists(steered)) & ~_BY_JOINING)
            | (Q(Exists(steered)) & Q(by_team__in=principal.acting_team_ids))
        )


class Party(UuidModel):
    """A team in an incident."""

    what_we_see = Seen(
        "A team in an incident",
        readable={
            "id": "a random number",
            "incident": "in which incident",
            "team": "which team",
            "side": "whether it is said to be affected, a suspected source, or neither",
            "standing": "whether it was told, and whether it reads",
            "answer": "whether it acknowledged, or says that it is not concerned",
            "answered_at": "when it did",
            "by_team": "which team named it",
            "since": "when it was named",
            "told_at": "when it was told",
            "via": "the incident that was joined, if it came by that",
        },
    )

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="parties")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(_("side"), max_length=9, choices=SIDES.items(), default=Side.NEITHER)
    standing = models.CharField(max_length=5, choices=STANDINGS.items())
    answer = models.CharField(max_length=12, choices=ANSWERS.items(), default=Answer.NONE)
    answered_at = models.DateTimeField(null=True)
    by_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=clock.now)
    told_at = models.DateTimeField(null=True)
    via = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[models.Manager["Party"]] = IncidentPartyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["team__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "team"], name="party_once_in_an_incident")
        ]
        indexes: ClassVar = [models.Index(fields=["team", "standing"], name="party_of_team")]

    def __str__(self) -> str:
        return f"{self.team_id} in {self.incident_id}"

    @property
    def leads(self) -> bool:
        """Did its team report the incident, or does it coordinate it?"""
        return self.team_id in self.incident.steering_ids

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `IncidentPartyQuerySet.visible_to`."""
        incident = self.incident
        own = {p.pk: p for p in incident.own_parties(principal) if p.standing in Standing.told()}
        if not own:
            return False
        if self.pk in own or self.leads:
            return True
        reads = self.standing == Standing.READS and incident.is_read_by(principal)
        if self.via_id is not None and self.by_team_id not in principal.acting_team_ids:
            return reads
        return reads or incident.is_steered_by(principal)


class TallyQuerySet(models.QuerySet["Tally"]):
    """Counts by who may see whose they are; sums are for all who were told."""

    def visible_to(self, principal: Principal) -> "TallyQuerySet":
        """Return one's own of incidents that one reads, and all to who steers."""
        steered = Incident.objects.steered_by(principal).filter(pk=OuterRef("incident"))
        own = parties_of(principal, Standing.READS).filter(
            incident=OuterRef("incident"), team=OuterRef("team")
        )
        return self.filter(Exists(own) | Q(Exists(steered)))


class Tally(UuidModel):
    """How often one team saw it on one day (UTC). What is said again replaces what was said."""

    what_we_see = Seen(
        "How often a team saw an incident on a day",
        readable={
            "id": "a random number",
            "incident": "which incident",
            "team": "which team",
            "day": "on which day",
            "events": "how many events",
            "first_at": "when the first",
            "last_at": "when the last",
        },
    )

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="tallies")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    events = models.PositiveBigIntegerField(_("events"))
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Tally"]] = TallyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-day", "team__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "team", "day"], name="tally_once_a_day"),
            models.CheckConstraint(
                condition=Q(last_at__gte=models.F("first_at")), name="tally_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.events} on {self.day}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TallyQuerySet.visible_to`."""
        own = self.incident.own_parties(principal)
        reads = any(p.team_id == self.team_id and p.standing == Standing.READS for p in own)
        return reads or self.incident.is_steered_by(principal)


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    """Indicators by who may see them."""

    def visible_to(self, principal: Principal) -> "IndicatorQuerySet":
        """Return what the marking reaches, one's own, and all to who steers."""
        seen = Incident.objects.visible_to(principal).filter(pk=OuterRef("incident"))
        read = Incident.objects.read_by(principal).filter(pk=OuterRef("incident"))
        steered = Incident.objects.steered_by(principal).filter(pk=OuterRef("incident"))
        own = parties_of(principal, Standing.READS).filter(
            incident=OuterRef("incident"), team=OuterRef("by_team")
        )
        return self.filter(
            Q(Exists(steered))
            | Q(Exists(own))
            | (Q(tlp__in=REACH_READERS) & Q(Exists(read)))
            | (Q(tlp__in=REACH_ASKED) & Q(Exists(seen)))
        )


class Indicator(UuidModel):
    """Something by which others recognise the incident. Subscriber data is masked before it comes.

    `value` is empty where the masked form is all there is.
    """

    what_we_see = Seen(
        "An indicator of an incident",
        readable={
            "id": "a random number",
            "incident": "of which incident",
            "kind": "what kind of identifier it is",
            "masked": "its masked form, which names no subscriber",
            "tlp": "its marking",
            "by_team": "which team entered it",
            "added_at": "when",
            "expires_on": "after which day it is deleted",
        },
        guarded={"value": "the identifier, unless it names a subscriber or a device"},
    )

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="indicators")
    kind = models.CharField(_("kind"), max_length=20, choices=INDICATOR_KINDS.items())
    value = GuardedTextField(blank=True, default="")
    masked = models.CharField(max_length=300)
    tlp = models.CharField(_("TLP"), max_length=12, choices=Tlp.choices())
    by_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)
    expires_on = models.DateField(_("expires on"))

    objects: ClassVar[models.Manager["Indicator"]] = IndicatorQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["kind", "masked", "id"]

    def __str__(self) -> str:
        return f"{self.kind} in {self.incident_id}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `IndicatorQuerySet.visible_to`."""
        incident = self.incident
        if incident.is_steered_by(principal):
            return True
        reads = [p for p in incident.own_parties(principal) if p.standing == Standing.READS]
        if any(p.team_id == self.by_team_id or self.tlp in REACH_READERS for p in reads):
            return True
        return self.tlp in REACH_ASKED and incident.is_visible_to(principal)

    def shown_to(self, teams: Collection[Any], *, steers: bool) -> str:
        """Return it as a person who may see it sees it: in full for who entered it or steers.

        `teams` are those for which the person sees the incident (`Incident.own_team_ids`).
        """
        full = steers or self.by_team_id in teams
        return self.value if full and self.value else self.masked


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks by who may see them."""

    def visible_to(self, principal: Principal) -> "TaskQuerySet":
        """Return those of incidents that one of the person's teams reads."""
        read = Incident.objects.read_by(principal).filter(pk=OuterRef("incident"))
        return self.filter(Exists(read))


class Task(UuidModel):
    """What a team is to do until when."""

    what_we_see = Seen(
        "A task in an incident",
        readable={
            "id": "a random number",
            "incident": "in which incident",
            "work": "what kind of work; what exactly is said in the sealed talk",
            "team": "which team does it",
            "by_team": "which team gave it",
            "given_at": "when",
            "due_at": "until when",
            "done_at": "when it was done",
        },
    )

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="tasks")
    work = models.CharField(_("what"), max_length=11, choices=WORKS.items(), default=Work.TRACE)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    by_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Task"]] = TaskQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["done_at", "due_at", "id"]
        indexes: ClassVar = [models.Index(fields=["team", "due_at"], name="task_of_team")]

    def __str__(self) -> str:
        return f"{self.work} by {self.team_id}"

    @property
    def is_overdue(self) -> bool:
        """Should it have been done by now?"""
        return self.done_at is None and self.due_at < clock.now()

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TaskQuerySet.visible_to`."""
        return self.incident.is_read_by(principal)


class CaseLinkQuerySet(models.QuerySet["CaseLink"]):
    """Links to cases, by who may see both ends."""

    def visible_to(self, principal: Principal) -> "CaseLinkQuerySet":
        """Return those of incidents that the person reads to cases that the person sees."""
        read = Incident.objects.read_by(principal).filter(pk=OuterRef("incident"))
        cases = Case.objects.visible_to(principal).filter(pk=OuterRef("case"))
        return self.filter(Exists(read), Exists(cases))


class CaseLink(UuidModel):
    """An incident and a case that belong together; not there for who sees one of them alone."""

    what_we_see = Seen(
        "A link between an incident and a case",
        readable={
            "id": "a random number",
            "incident": "which incident",
            "case": "which case",
            "by_team": "which team linked them",
            "linked_at": "when",
        },
    )

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="case_links")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    by_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["CaseLink"]] = CaseLinkQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["linked_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "case"], name="case_once_in_an_incident")
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} and {self.case_id}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `CaseLinkQuerySet.visible_to`."""
        return self.incident.is_read_by(principal) and self.case.is_visible_to(principal)


class IncidentHoldQuerySet(models.QuerySet["Hold"]):
    """Holds by who may see which team set them."""

    def visible_to(self, principal: Principal) -> "IncidentHoldQuerySet":
        """Return those of incidents that the person reads."""
        read = Incident.objects.read_by(principal).filter(pk=OuterRef("incident"))
        return self.filter(Exists(read))

    def standing(self) -> "IncidentHoldQuerySet":
        """Return those whose last day has not passed."""
        return self.filter(until__gte=clock.today())


class Hold(UuidModel):
    """That an incident is not deleted until a day, since a team that reads it needs it."""

    what_we_see = Seen(
        "That an incident is kept from being deleted",
        readable={
            "id": "a random number",
            "incident": "which incident",
            "team": "which team needs it",
            "set_at": "since when",
            "until": "until which day at most",
        },
    )

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="holds")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=clock.now)
    until = models.DateField(_("until"))

    objects: ClassVar[models.Manager["Hold"]] = IncidentHoldQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["until", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "team"], name="one_hold_of_a_team")
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} until {self.until}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `IncidentHoldQuerySet.visible_to`."""
        return self.incident.is_read_by(principal)


class DeletedIncident(UuidModel):
    """That an incident was deleted, until its records are deleted too; it names nobody."""

    what_we_see = Seen(
        "An incident that was deleted",
        readable={
            "id": "the random number that it had",
            "deleted_at": "when it was deleted",
            "traces": "of which random numbers records are still to be deleted",
        },
    )

    deleted_at = models.DateTimeField(default=clock.now)
    traces = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["deleted_at", "id"]

    def __str__(self) -> str:
        return str(self.id)
