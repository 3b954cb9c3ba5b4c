"""What was changed about a team, when and by whom: for members, as the fields themselves."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.documents.languages import NAMES
from tcert.community.directory.enums import Section
from tcert.community.directory.models.organisation import (
    CHANNEL_KINDS,
    CHANNEL_PURPOSES,
    TEAM_KINDS,
    Team,
)
from tcert.community.directory.models.section import SECTIONS
from tcert.community.directory.publicity import CHOICES
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

CHANNEL, LISTING, PUBLIC = "channel", "listing", "public"
SECTION = "section"
FIELD_NAMES = {
    "name": _("name"),
    "kind": _("kind"),
    "description": _("about the team"),
    "languages": _("languages"),
    "languages_note": _("note on languages"),
    "timezone": _("time zone"),
    "hours": _("hours"),
    "hours_note": _("note on hours"),
    CHANNEL: _("channel"),
    LISTING: _("listing"),
    PUBLIC: _("seen by everybody"),
}
LISTINGS = {
    "entered": _("entered"),
    "retired": _("taken off the list"),
    "restored": _("put back on the list"),
}
_PURPOSES: Mapping[str, object] = {str(term): label for term, label in CHANNEL_PURPOSES.items()}
_KINDS: Mapping[str, object] = {str(term): label for term, label in CHANNEL_KINDS.items()}
_NAMED: Mapping[str, Mapping[str, object]] = {
    "languages": NAMES,
    PUBLIC: {name: fact.label for name, fact in CHOICES.items()},
}
_WORDS: Mapping[str, Mapping[Any, object]] = {"kind": {**TEAM_KINDS}, LISTING: LISTINGS}


class TeamChangeQuerySet(models.QuerySet["TeamChange"]):
    """Changes of teams by who may read of them."""

    def visible_to(self, principal: Principal) -> "TeamChangeQuerySet":
        """Members, of the teams that they see; others of their own team only; never strangers."""
        seen = self.filter(team__in=Team.objects.visible_to(principal))
        return seen if principal.is_member else seen.filter(team__in=principal.team_ids)


class TeamChange(UuidModel):
    """One field of a team before and after an act; never changed, and kept with the team.

    `field` names a column of the team, `channel`, `listing`, or `section:3.1:en`. The values are
    text, a list of words, or a channel's fields; None stands for nothing.
    """

    what_we_see = Seen(
        "A change of a team",
        readable={
            "id": "a random number",
            "team": "the team",
            "at": "when it was changed",
            "by": "by which person",
            "by_desk": "whether they acted for the desk",
            "field": "what was changed",
            "before": "what stood there before",
            "after": "what stood there then",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=clock.now)
    by = models.UUIDField(null=True)
    by_desk = models.BooleanField(default=False)
    field = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    objects = TeamChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "id"]
        indexes = [models.Index(fields=["team", "-at"], name="directory_t_team_id_changes")]

    def __str__(self) -> str:
        return f"{self.field} of {self.team}"

    @property
    def label(self) -> str:
        """Return what was changed, in words."""
        kind, _colon, rest = self.field.partition(":")
        if kind != SECTION:
            return str(FIELD_NAMES.get(kind, kind))
        section, _colon, language = rest.partition(":")
        title = SECTIONS[Section(section)] if section in set(Section) else section
        return f"{title} ({NAMES.get(language, language)})"

    @property
    def was(self) -> str:
        """Return the value before, in words; empty for nothing."""
        return self._said(self.before)

    @property
    def became(self) -> str:
        """Return the value after, in words; empty for nothing."""
        return self._said(self.after)

    def _said(self, value: Any) -> str:
        if isinstance(value, dict):
            seen = _("everybody") if value.get("is_public") else _("members")
            purpose = _PURPOSES.get(str(value.get("purpose")), "")
            kind = _KINDS.get(str(value.get("kind")), "")
            return f"{purpose}, {kind}: {value.get('value', '')} ({seen})"
        if isinstance(value, list):
            names = _NAMED.get(self.field, {})
            return ", ".join(str(names.get(word, word)) for word in map(str, value))
        return str(_WORDS.get(self.field, {}).get(value, value or ""))

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TeamChangeQuerySet.visible_to`."""
        own = self.team_id in principal.team_ids
        return (own or principal.is_member) and self.team.is_visible_to(principal)
