"""Vouches of teams for teams, and the reviews of teams for which too few stand."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.directory.ties import tied_houses
from tcert.community.membership.enums import Basis, Outcome, Withdrawal
from tcert.community.membership.trust import Given
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.shown import mark

BASES = {
    Basis.WORKED_TOGETHER: _("worked together"),
    Basis.SITE_VISIT: _("visited them on site"),
    Basis.MET_IN_PERSON: _("met in person"),
    Basis.IDENTITY_ONLY: _("knows who they are, no more"),
}
WITHDRAWALS = {
    Withdrawal.NOT_KNOWN: _("we no longer know the people"),
    Withdrawal.CHANGED: _("the team is not what it was"),
    Withdrawal.CONFIDENCE: _("our confidence was broken"),
    Withdrawal.MISTAKE: _("it was given by mistake"),
    Withdrawal.PRESSURE: _("it was given under pressure (the other team is not told so)"),
    Withdrawal.OTHER: _("another reason"),
}
OUTCOMES = {
    Outcome.ON_THEIR_WAY: _("other vouches are on their way"),
    Outcome.KNOWN_OTHERWISE: _("the desk knows the team in another way"),
    Outcome.ASKED: _("the team was asked, and has yet to answer"),
}
LONGEST_STATEMENT = 1000
LONGEST_REMARK = 1000
RENEW_BEFORE = timedelta(days=30)
"""From when on the giving team is asked to renew."""


class VouchQuerySet(models.QuerySet["Vouch"]):
    """Vouches by who may see them."""

    def standing(self, at: datetime) -> "VouchQuerySet":
        """Return those that stand at a moment."""
        return self.filter(given_at__lte=at, expires_at__gt=at, withdrawn_at=None)

    def with_teams(self) -> "VouchQuerySet":
        """Fetch both teams with their organisations, in one question."""
        return self.select_related("from_team__organisation", "to_team__organisation")

    def visible_to(self, principal: Principal) -> "VouchQuerySet":
        """Members see what stands between teams that they see; what is over, both teams alone.

        Strangers, provisional teams and programs see none. Coordinators see all, but of the
        organisations that they do not see.
        """
        if not principal.is_member:
            return self.none()
        teams = Team.objects.visible_to(principal)
        seen = self.filter(from_team__in=teams, to_team__in=teams)
        if principal.is_coordinator:
            return seen
        own = models.Q(from_team__in=principal.team_ids) | models.Q(to_team__in=principal.team_ids)
        return seen.filter(own | models.Q(expires_at__gt=clock.now(), withdrawn_at=None))


class Vouch(UuidModel):
    """One team's word for another one.

    `ended_at` is set when it is withdrawn, or makes room for a newer one after it has run out:
    only one between two teams may be without, in whichever direction.
    """

    what_we_see = Seen(
        "A vouch of one team for another",
        readable={
            "id": "a random number",
            "from_team": "which team gives its word",
            "to_team": "for which team",
            "basis": "on what it rests: worked together, visited, met, identity only",
            "statement": "what the giving team says; members read it",
            "given_at": "when it was given",
            "given_by": "which person gave it",
            "renewed_at": "when it was last renewed",
            "renewed_by": "which person renewed it",
            "expires_at": "until when it stands",
            "withdrawn_at": "when it was withdrawn",
            "withdrawn_by": "which person withdrew it",
            "ended_at": "since when there is room for a newer one between the two teams",
        },
        guarded={
            "reason": "why it was withdrawn, in a word of a fixed list",
            "remark": "why, in words; both teams and coordinators read it",
        },
    )

    from_team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="vouches_given")
    to_team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="vouches_received")
    basis = models.CharField(_("basis"), max_length=16, choices=BASES.items())
    statement = models.CharField(_("statement"), max_length=LONGEST_STATEMENT)
    given_at = models.DateTimeField(default=clock.now)
    given_by = models.UUIDField(null=True)
    renewed_at = models.DateTimeField(null=True)
    renewed_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = GuardedTextField(blank=True, default="", max_length=12)
    remark = GuardedTextField(_("remark"), blank=True, default="", max_length=LONGEST_REMARK)

    objects: ClassVar[models.Manager["Vouch"]] = VouchQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-given_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Least("from_team", "to_team"),
                Greatest("from_team", "to_team"),
                condition=models.Q(ended_at=None),
                name="vouch_once_between_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(from_team=models.F("to_team")), name="vouch_not_for_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_team} → {self.to_team}"

    @property
    def given(self) -> Given:
        """Return it as the pure rules take it."""
        return Given(
            self.from_team_id, self.to_team_id, self.given_at, self.expires_at, self.withdrawn_at
        )

    @property
    def is_standing(self) -> bool:
        """Does it stand now?"""
        return self.given.stands(clock.now())

    @property
    def ends_soon(self) -> bool:
        """Does it stand, and is it time to renew it?"""
        return self.is_standing and self.expires_at <= clock.now() + RENEW_BEFORE

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `VouchQuerySet.visible_to`."""
        if not principal.is_member:
            return False
        if not (self.from_team.is_visible_to(principal) and self.to_team.is_visible_to(principal)):
            return False
        own = {self.from_team_id, self.to_team_id} & principal.team_ids
        return principal.is_coordinator or bool(own) or self.is_not_over

    @property
    def is_not_over(self) -> bool:
        """Is it neither withdrawn nor run out?"""
        return self.withdrawn_at is None and self.expires_at > clock.now()

    def why(self, principal: Principal) -> tuple[str, str] | None:
        """Return the reason of its withdrawal in a word and in words, or None for who reads none.

        Both teams and coordinators read it. That it was given under pressure only the giving team
        and coordinators do: the other team may be who pressed, and reads what a withdrawal for
        another reason without words looks like. So does a coordinator tied to the other house.
        """
        if self.withdrawn_at is None or not self.is_visible_to(principal):
            return None
        if self.from_team_id not in principal.team_ids:
            is_other = self.to_team_id in principal.team_ids or self._ties(principal)
            if not (is_other or principal.is_coordinator):
                return None
            if is_other and self.reason == Withdrawal.PRESSURE:
                return str(WITHDRAWALS[Withdrawal.OTHER]), ""
        return str(WITHDRAWALS[Withdrawal(self.reason)]), self.remark

    def _ties(self, principal: Principal) -> bool:
        """Tell whether a coordinator is tied to the house of the team that lost the vouch."""
        tied = tied_houses(principal) if principal.is_coordinator else frozenset()
        return bool(tied) and self.to_team.organisation.house in tied


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews by who may see them."""

    def open(self) -> "ReviewQuerySet":
        """Return those of teams for which too few still stand."""
        return self.filter(closed_at=None)

    def visible_to(self, principal: Principal) -> "ReviewQuerySet":
        """The team's own people see that one is open; coordinators see all of teams they see."""
        if not principal.is_member:
            return self.none()
        seen = self.filter(team__in=Team.objects.visible_to(principal))
        return seen if principal.is_coordinator else seen.filter(team__in=principal.team_ids)


class Review(UuidModel):
    """A team fell below two houses: somebody looks, and nothing is taken from it by itself."""

    what_we_see = Seen(
        "A look at a team for which too few stand",
        readable={
            "id": "a random number",
            "team": "which team",
            "opened_at": "when fewer than two houses stood for it",
            "seen_at": "when a coordinator looked",
            "seen_by": "which coordinator",
            "outcome": "what they found, in a word of a fixed list",
            "closed_at": "when enough stood again, or the team left the list",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=16, choices=OUTCOMES.items(), blank=True)
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Review"]] = ReviewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["opened_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team"], condition=models.Q(closed_at=None), name="review_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.opened_at:%Y-%m-%d}"

    @property
    def shown(self) -> str:
        """Return the mark that a form carries: a page may be older than a colleague's look."""
        return mark(self, ("seen_at", "outcome"))

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ReviewQuerySet.visible_to`."""
        if not principal.is_member or not self.team.is_visible_to(principal):
            return False
        return principal.is_coordinator or self.team_id in principal.team_ids
