"""Invitations beyond the hub, and the mail addresses that each went to."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import OneTimeLink
from tcert.community.directory.models import ORGANISATION_KINDS, Organisation, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.response.cases.models import Case
from tcert.response.cases.models.base import Revised
from tcert.response.cases.models.case import CaseQuerySet
from tcert.response.parties.enums import RUNNING, STANDING, PartyState, Source

SOURCES = {
    Source.SECURITY_TXT: _("its security.txt"),
    Source.FIRST: _("its entry at FIRST"),
    Source.TRUSTED_INTRODUCER: _("its entry at Trusted Introducer"),
    Source.OWN_WEBSITE: _("its own web page"),
    Source.PHONE: _("told by phone, on a published number"),
    Source.OTHER: _("another public place"),
}


class PartyQuerySet(models.QuerySet["PartyInvitation"]):
    """Invitations by who may see them."""

    def visible_to(self, principal: Principal) -> "PartyQuerySet":
        """Return those of the desk's cases, for who coordinates them now."""
        cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
        desk = cases.coordinated_by(principal).filter(coordinating_team__is_desk=True)
        return self.filter(desk.this("case"))

    def of_invitee(self, principal: Principal) -> "PartyQuerySet":
        """Return those that the person, or a colleague of the same provisional team, has taken."""
        if principal.person_id is None or not principal.has_second_factor:
            return self.none()
        return self.filter(Q(joined_by=principal.person_id) | Q(team__in=principal.team_ids))


class PartyInvitation(Revised):
    """One party that the hub does not know, asked from a case by mail to a published address.

    What follows the terms is not kept here: the participant of the team tells it.
    """

    what_we_see = Seen(
        "An invitation beyond the hub",
        readable={
            "id": "a random number",
            "revision": "how often it changed, so that the second of two people is told",
            "case": "into which case",
            "state": "sent, opened, account made, terms put, lapsed or withdrawn",
            "name": "which organisation the desk wants to reach",
            "kind": "what kind of party it is",
            "group": "the listed organisation that owns it, where the desk knows",
            "roles": "in which roles",
            "source": "in what kind of public place its address stood",
            "team": "the provisional team that came of it",
            "invited_at": "when",
            "invited_by": "which person invited",
            "expires_at": "until when the next step is to be done",
            "opened_at": "when somebody first opened a link of it",
            "joined_at": "when somebody made an account by it",
            "joined_by": "which person that is",
            "ended_at": "when it lapsed or was withdrawn",
        },
        guarded={
            "believed": "whom the desk thinks it reaches, and why",
            "published_at": "where exactly its contact is published",
        },
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="party_invitations")
    state = models.CharField(max_length=10, default=PartyState.SENT)
    name = models.CharField(_("organisation"), max_length=120)
    kind = models.CharField(_("kind"), max_length=24, choices=ORGANISATION_KINDS.items())
    group = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    roles = models.JSONField(default=list)
    source = models.CharField(max_length=20, choices=SOURCES.items())
    published_at = GuardedTextField(max_length=300)
    believed = GuardedTextField(blank=True, default="", max_length=1000)
    team = models.OneToOneField(
        Team, null=True, on_delete=models.PROTECT, related_name="party_invitation"
    )
    invited_at = models.DateTimeField(default=clock.now)
    invited_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    opened_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    joined_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["PartyInvitation"]] = PartyQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at"]
        constraints = [
            models.UniqueConstraint(
                "case",
                Lower("name"),
                condition=Q(state__in=sorted(s.value for s in STANDING)),
                name="a_party_is_invited_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `PartyQuerySet.visible_to`."""
        return self.case.coordinating_team.is_desk and self.case.is_coordinated_by(principal)

    def is_running(self, at: datetime) -> bool:
        """Tell whether its clock runs and has not run out."""
        return self.state in RUNNING and self.expires_at > at


class PartyAddress(UuidModel):
    """One address that an invitation went to, with the link that was mailed last."""

    what_we_see = Seen(
        "An address of an invitation beyond the hub",
        readable={
            "id": "a random number",
            "invitation": "which invitation",
            "link": "the one-time link that was mailed last",
            "sent_at": "when",
        },
        guarded={"email": "the published address"},
    )

    invitation = models.ForeignKey(
        PartyInvitation, on_delete=models.CASCADE, related_name="addresses"
    )
    email = GuardedTextField(max_length=254)
    link = models.OneToOneField(
        OneTimeLink, null=True, on_delete=models.SET_NULL, related_name="party_address"
    )
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["sent_at", "id"]

    def __str__(self) -> str:
        return self.email
