"""What teams were told, how they want to be told, and the hooks that page them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.notices.enums import (
    BodyForm,
    HookKind,
    HookState,
    Occasion,
    Pace,
    Told,
)
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.addresses import read_url
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

OCCASIONS = {
    Occasion.INVITATION: _("an invitation"),
    Occasion.MESSAGE: _("a new message of another team"),
    Occasion.EMBARGO_NEAR: _("the end of an embargo is near"),
    Occasion.PROMISE_NEAR: _("a reporter is to be answered soon (desk)"),
    Occasion.OTHER: _("something else"),
}
TOLD = {
    Told.SEALED: _("mailed, sealed to the team's key"),
    Told.NEUTRAL: _("mailed in neutral words, because the team has no key"),
    Told.DIGEST: _("goes into the next digest"),
    Told.NO_ADDRESS: _("nothing was mailed, because the team has no e-mail address"),
    Told.NO_KEY: _(
        "nothing was mailed, because the team has no key and this hub sends no clear text"
    ),
}
WOULD_BE_TOLD = {
    Told.SEALED: _("is mailed, sealed to the team's key"),
    Told.NEUTRAL: _("is mailed in neutral words, because the team has no key"),
    Told.NO_ADDRESS: _("is not mailed, because the team has no e-mail address"),
    Told.NO_KEY: _("is not mailed, because the team has no key and this hub sends no clear text"),
}
NOT_REACHED = {
    Told.NEUTRAL: _("It reads only that there is something. Call it, and ask it to bring a key."),
    Told.NO_ADDRESS: _("Nobody reads of it by mail. Call it, and ask it for an address."),
    Told.NO_KEY: _("Nobody reads of it by mail. Call it, and ask it to bring a key."),
}
"""What who sends to a team does about it."""
PACES = {
    Pace.AT_ONCE: _("each notice at once"),
    Pace.DIGEST: _("a digest at fixed hours; what is urgent still at once"),
}
HOOK_KINDS = {HookKind.WEBHOOK: _("webhook"), HookKind.SMS: _("SMS gateway")}
BODY_FORMS = {BodyForm.FORM: _("form fields"), BodyForm.JSON: _("JSON")}


def acting_teams(principal: Principal) -> frozenset[UUID]:
    """Return the teams whose notices a person reads now: the desk's in a staff session only."""
    if not principal.is_in_team:
        return frozenset()
    return frozenset(
        m.team_id for m in principal.memberships if not m.is_desk or principal.is_coordinator
    )


class Preference(UuidModel):
    """How one team wants its mails; a team without a row gets them at once."""

    what_we_see = Seen(
        "How a team wants to be told",
        readable={
            "id": "a random number",
            "team": "which team",
            "pace": "at once, or in a digest",
            "anonymous_waits": "whether an anonymous reporter did anything since its last digest",
        },
    )

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="+")
    pace = models.CharField(max_length=8, choices=PACES.items(), default=Pace.AT_ONCE)
    anonymous_waits = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.team} {self.pace}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by who may read them."""

    def visible_to(self, principal: Principal) -> "NoticeQuerySet":
        """Return those of the teams for which the person acts."""
        return self.filter(team__in=acting_teams(principal))


class Notice(UuidModel):
    """Something a team was told. What an anonymous reporter set off leaves no notice."""

    what_we_see = Seen(
        "A notice to a team",
        readable={
            "id": "a random number, which pages name",
            "team": "which team was told",
            "occasion": "of what kind of thing",
            "about": "which case it is about, a random number",
            "key": "a word that keeps the same notice from being sent twice",
            "told": "how it was told",
            "hour": "in which hour",
            "is_held": "whether it waits for the team's digest",
            "acknowledged_at": "when the team said that it has seen it",
            "acknowledged_by": "which person said so; none for who used a one-time link",
        },
        guarded={
            "subject": "its heading; erased after a month",
            "text": "its words; erased after a month",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    occasion = models.CharField(max_length=14, choices=OCCASIONS.items())
    about = models.UUIDField(null=True)
    key = models.CharField(max_length=200, null=True, unique=True)
    told = models.CharField(max_length=10, choices=TOLD.items())
    hour = models.DateTimeField()
    is_held = models.BooleanField(default=False)
    subject = GuardedTextField(null=True)
    text = GuardedTextField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Notice"]] = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-hour", "id"]
        indexes: ClassVar = [models.Index(fields=["about", "team"], name="notices_about")]

    def __str__(self) -> str:
        return f"{self.occasion} {self.id}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `NoticeQuerySet.visible_to`."""
        return self.team_id in acting_teams(principal)


class HookQuerySet(models.QuerySet["Hook"]):
    """Hooks by who may see that they exist."""

    def visible_to(self, principal: Principal) -> "HookQuerySet":
        """Return those of the person's own teams; nobody else's, coordinators included."""
        return self.filter(team__in=principal.team_ids if principal.is_member else ())


class Hook(UuidModel):
    """Where a team is paged: a webhook of its own, or the gateway that reaches its duty phone."""

    what_we_see = Seen(
        "A hook that pages a team",
        readable={
            "id": "a random number",
            "team": "which team",
            "kind": "webhook or SMS gateway",
            "name": "what the team calls it",
            "occasions": "what it pages for",
            "quiet_from": "from which hour of the team's day it is quiet",
            "quiet_until": "until which hour",
            "body_form": "how the gateway takes its fields",
            "number_field": "what the gateway calls the number",
            "text_field": "what the gateway calls the text",
            "state": "whether it is in use or was switched off",
            "failures": "how often it failed in a row",
            "last_error": "why it failed last, in a word",
            "last_fine_at": "when it worked last",
            "created_at": "when it was entered",
            "created_by": "which person entered it",
        },
        guarded={
            "url": "its address, which may hold a secret",
            "secret": "what a webhook's pages are signed with, or what a gateway wants to be told",
            "number": "the phone number that the gateway is to reach",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=HOOK_KINDS.items())
    name = models.CharField(_("name"), max_length=60)
    occasions = models.JSONField(default=list)
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True)
    quiet_until = models.PositiveSmallIntegerField(null=True, blank=True)
    body_form = models.CharField(max_length=4, choices=BODY_FORMS.items(), default=BodyForm.FORM)
    number_field = models.CharField(max_length=40, blank=True)
    text_field = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=8, default=HookState.ACTIVE)
    failures = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=20, blank=True)
    last_fine_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.UUIDField(null=True)
    url = GuardedTextField()
    secret = GuardedTextField(default="")
    number = GuardedTextField(default="")

    objects: ClassVar[models.Manager["Hook"]] = HookQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "name"], name="hook_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Tell whether it pages."""
        return self.state == HookState.ACTIVE

    @property
    def host(self) -> str:
        """Return all that is shown again of its address."""
        return read_url(self.url).host

    @property
    def occasion_words(self) -> list[Any]:
        """Return in words what it pages for."""
        return [OCCASIONS[Occasion(name)] for name in self.occasions]

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `HookQuerySet.visible_to`."""
        return principal.is_member and self.team_id in principal.team_ids


class Page(UuidModel):
    """One page through one hook, with the one-time link that it carries."""

    what_we_see = Seen(
        "A page",
        readable={
            "id": "a random number",
            "hook": "through which hook",
            "notice": "for which notice; none for a test",
            "urgency": "urgent, normal, test or drill",
            "digest": "a digest of the secret in its one-time link",
            "made_at": "when it was to go out",
            "sent_at": "when the other side took it",
            "expires_at": "until when its link works",
            "used_at": "when its link was used",
        },
        guarded={
            "token": "the secret in its link; erased once the page is sent",
            "link": "the link of a drill that it carries instead; erased once the page is sent",
        },
    )

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="pages")
    notice = models.ForeignKey(Notice, null=True, on_delete=models.CASCADE, related_name="pages")
    urgency = models.CharField(max_length=6)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    token = GuardedTextField(null=True)
    link = GuardedTextField(null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.urgency} {self.id}"

    def is_open(self, at: datetime) -> bool:
        """Tell whether its link still works at a moment."""
        return self.notice_id is not None and self.used_at is None and at < self.expires_at
