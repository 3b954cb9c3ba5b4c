"""The form in which a team chooses what strangers see of it."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tcert.community.directory import publicity
from tcert.community.directory.domain.publicity import mark
from tcert.community.directory.models import Channel, Team
from tcert.foundation.kernel.shown import ShownForm


class _Channels(forms.TypedMultipleChoiceField):
    """Channels by id; one that is gone meanwhile is for the act to notice, which says it better."""

    def valid_value(self, value: Any) -> bool:
        """Take what has the form of an id."""
        try:
            UUID(str(value))
        except ValueError:
            return False
        return True


class PublicityForm(ShownForm):
    """Which fields and which channels everybody may see; it carries what its page showed."""

    fields_shown = forms.MultipleChoiceField(
        label=_("Fields"),
        required=False,
        choices=[(name, fact.label) for name, fact in publicity.CHOICES.items()],
    )
    channels_shown = _Channels(label=_("Channels"), required=False, coerce=UUID)

    def __init__(self, *args: Any, team: Team, channels: Sequence[Channel], **options: Any) -> None:
        super().__init__(*args, **options)
        self.team = team
        choices = cast(forms.TypedMultipleChoiceField, self.fields["channels_shown"])
        choices.choices = [(str(one.id), one.value) for one in channels]
        self.initial = {
            **self.initial,
            "fields_shown": list(team.public_fields),
            "channels_shown": [str(one.id) for one in channels if one.is_public],
            "shown": mark(team, channels),
        }

    @property
    def ticked(self) -> frozenset[str]:
        """Return what is ticked as the page stands: names of fields, ids of channels."""
        found: set[str] = set()
        for name in ("fields_shown", "channels_shown"):
            found.update(map(str, self[name].value() or ()))
        return frozenset(found)

    def carry(self, row: Model | None, fields: Any) -> None:
        """Carry nothing more: the mark is of several rows."""

    def carry_anew(self) -> None:
        """After a refusal carry what stands now, so that whoever saves again has been told."""
        team = Team.objects.get(pk=self.team.pk)
        data = cast(QueryDict, self.data).copy()
        data["shown"] = mark(team, list(Channel.objects.filter(team=team)))
        self.data = data
