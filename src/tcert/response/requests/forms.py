"""What is typed about requests: terms, days, moments. Never a sentence."""

import re
from datetime import date, timedelta
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.sealed.models import Message
from tcert.response.cases.forms import Clean
from tcert.response.cases.zoned import DAY, Zoned, day_field, hour_field, local
from tcert.response.requests import queries
from tcert.response.requests.domain.sending import Facts
from tcert.response.requests.enums import MARKINGS, Basis, Data, Keep, Kind, Reason
from tcert.response.requests.models import Request
from tcert.response.requests.words import BASES, DATA, KEEPS, MEANINGS, REASONS

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
FIRST_DEADLINE = timedelta(days=14)
FIRST_HOLD = timedelta(days=90)


def _free_day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )


class SendForm(Zoned):
    """A request: everything about it that is not sealed."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    authority = forms.ModelChoiceField(
        label=_("For which team you ask"), queryset=Team.objects.none(), empty_label=None
    )
    kind = forms.ChoiceField(
        label=_("What is asked for"), choices=MEANINGS.items(), widget=forms.RadioSelect
    )
    basis = forms.ChoiceField(
        label=_("Legal basis"),
        choices=[("", _("choose one")), *BASES.items()],
        help_text=_("The kind alone. Norm, file number and order go into the sealed text."),
    )
    country = forms.CharField(
        label=_("Country of that law"),
        max_length=2,
        widget=forms.TextInput(attrs={"size": 2, "autocomplete": "off"}),
        help_text=_("Two letters, for example FI."),
    )
    about = forms.MultipleChoiceField(
        label=_("Kinds of data"),
        choices=DATA.items(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("As few as you need. Numbers and names go into the sealed text."),
    )
    period_from = _free_day(_("Made from"), _("A day, UTC. Exact hours go into the sealed text."))
    period_to = _free_day(_("Until"), _("Not later than today: nothing is intercepted here."))
    deadline_day, deadline_hour = day_field(_("Answer until")), hour_field(_("At which hour"))
    tlp = forms.ChoiceField(
        label=_("TLP"),
        choices=[(one.value, one.label) for one in MARKINGS],
        help_text=_("Of the talk as well, and so of all that is handed over in it."),
    )
    field_order = (
        "key",
        "authority",
        "kind",
        "basis",
        "country",
        "about",
        "period_from",
        "period_to",
        "deadline_day",
        "deadline_hour",
        "zone",
        "tlp",
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField", self.fields["authority"]).queryset = teams

    def clean_country(self) -> str:
        """Take two letters, in capitals."""
        country = str(self.cleaned_data["country"]).upper()
        if not _COUNTRY.fullmatch(country):
            raise forms.ValidationError(_("Two letters, for example FI."))
        return country

    def clean(self) -> dict[str, Any]:
        """Refuse years that are none."""
        cleaned = super().clean()
        self.check_moments(cleaned, "deadline")
        for name in ("period_from", "period_to"):
            day = cleaned.get(name)
            if day is not None and day < date(2000, 1, 1):
                self.add_error(name, _("Look at the year."))
        return cleaned

    def facts(self) -> Facts:
        """Return what was typed as the act takes it."""
        data = self.cleaned_data
        return Facts(
            kind=Kind(data["kind"]),
            basis=Basis(data["basis"]),
            country=data["country"],
            data=[Data(one) for one in data["about"]],
            period_from=data["period_from"],
            period_to=data["period_to"],
            deadline=self.moment("deadline"),
            tlp=Tlp(data["tlp"]),
        )


def fresh(teams: QuerySet[Team]) -> dict[str, Any]:
    """Return the first values of a request."""
    first = teams.first()
    return {
        **local(clock.now() + FIRST_DEADLINE, "deadline"),
        "tlp": Tlp.AMBER_STRICT,
        "country": first.organisation.country if first else "",
        "key": uuid4(),
    }


class Shown(Clean):
    """A form of a page that showed a request as it was at one revision."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**9)

    def __init__(self, *args: Any, found: Request, **options: Any) -> None:
        self.found = found
        options["initial"] = {"revision": found.revision, **options.get("initial", {})}
        super().__init__(*args, **options)

    def carry_anew(self) -> None:
        """Carry what stands now, so that whoever presses again has been told."""
        data = cast("QueryDict", self.data).copy()
        present = Request.objects.filter(pk=self.found.pk).values_list("revision", flat=True)
        data["revision"] = str(present.first() or 0)
        self.data = data


class AcceptForm(Shown):
    """How far a request is accepted, until when it holds, for how long it is kept."""

    reason = forms.ChoiceField(
        label=_("How much"),
        required=False,
        choices=[
            ("", _("all of it")),
            *((r, _("in part: %(reason)s") % {"reason": text}) for r, text in REASONS.items()),
        ],
        help_text=_("Which part, you say in the talk, where it is sealed."),
    )
    held_until = _free_day(_("Your team keeps the data until"), _("Within a year. Renew it later."))
    keep = forms.TypedChoiceField(
        label=_("Delete here, once the request is over, after"),
        choices=KEEPS.items(),
        coerce=int,
        initial=Keep.MIDDLE,
        help_text=_("The request, its talk and all files handed over. Both teams are told before."),
    )

    def __init__(self, *args: Any, found: Request, **options: Any) -> None:
        first = timezone.localdate(clock.now()) + FIRST_HOLD
        options["initial"] = {"held_until": first}
        super().__init__(*args, found=found, **options)
        if found.kind != Kind.PRESERVATION:
            del self.fields["held_until"]

    def values(self) -> dict[str, Any]:
        """Return what was typed as the act takes it."""
        data = self.cleaned_data
        return {
            "revision": data["revision"],
            "reason": Reason(data["reason"]) if data["reason"] else None,
            "keep": Keep(data["keep"]),
            "held_until": data.get("held_until"),
        }


class RefuseForm(Shown):
    """Why a request is refused."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("choose one")), *REASONS.items()],
        help_text=_("The authority reads it. Say more in the talk, where it is sealed."),
    )


class HoldForm(Shown):
    """Until which day the data is kept now."""

    until = day_field(_("Your team keeps the data until"))


class _MessageField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        """Say of a sealed message what can be told apart: when it came, and how many files."""
        count = obj.files.count()
        files = ngettext("%(n)d file", "%(n)d files", count) % {"n": count}
        return f"{obj.created_at:%Y-%m-%d %H:%M} UTC, {files}"


class HandOverForm(Shown):
    """Which message of the talk is handed over."""

    message = _MessageField(
        label=_("Message with files"), queryset=Message.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, found: Request, **options: Any) -> None:
        super().__init__(*args, found=found, **options)
        messages = queries.presentable(found).prefetch_related("files")
        cast("forms.ModelChoiceField", self.fields["message"]).queryset = messages
