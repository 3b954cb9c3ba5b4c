"""What is typed about incidents: terms, moments, teams, identifiers. Never a sentence."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.shown import stale
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.forms import Clean
from tcert.response.cases.models import Case
from tcert.response.cases.zoned import DAY, Zoned, day_field, hour_field, local
from tcert.response.incidents import kinds
from tcert.response.incidents.domain.reporting import MOST_PARTIES
from tcert.response.incidents.domain.working import kept_of
from tcert.response.incidents.enums import NEXT, Reason, Severity, Side, State, Work
from tcert.response.incidents.models import Incident
from tcert.response.incidents.words import INDICATOR_KINDS, MEANINGS, REASONS, STATES, WORKS

INDICATOR_LIFE = timedelta(days=180)
MOST_SUGGESTED, SHORTEST_WORD = 5, 3
MOST_LINES = 50
"""Identifiers in one report."""


class TeamsField(forms.CharField):
    """Teams of the directory by their names, one a line; nothing is matched by a part of a name."""

    widget = forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=160 * MOST_PARTIES, **options)
        self.seen: QuerySet[Team] = Team.objects.none()

    def clean(self, value: Any) -> list[Team]:
        """Return the teams, or say of each line which are called something like it."""
        lines = [line.strip() for line in super().clean(value).splitlines()]
        wanted = list(dict.fromkeys(line for line in lines if line))
        if len(wanted) > MOST_PARTIES:
            raise forms.ValidationError(_("An incident has 40 teams at most."))
        found, errors = [], []
        for line in wanted:
            same = list(self.seen.filter(name__iexact=line)[:2])
            if len(same) == 1:
                found.append(same[0])
            else:
                errors.append(self._unknown(line, is_twice=bool(same)))
        if errors:
            raise forms.ValidationError(errors)
        return found

    def _unknown(self, line: str, *, is_twice: bool) -> forms.ValidationError:
        if is_twice:
            return forms.ValidationError(
                _("“%(line)s”: several teams are called so. Name it on the page of the incident."),
                params={"line": line},
            )
        near = Q(name__iexact=line)
        for word in [word for word in line.split() if len(word) >= SHORTEST_WORD][:3]:
            near |= Q(name__icontains=word) | Q(organisation__name__icontains=word)
        names = list(self.seen.filter(near).values_list("name", flat=True)[:MOST_SUGGESTED])
        if not names:
            return forms.ValidationError(
                _("“%(line)s”: there is no team of this name on the list."), params={"line": line}
            )
        return forms.ValidationError(
            _("“%(line)s”: there is no team of this name. Do you mean: %(names)s?"),
            params={"line": line, "names": "; ".join(names)},
        )


class ReportForm(Zoned):
    """A report: everything about it that is not sealed."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    team = forms.ModelChoiceField(
        label=_("For which team you report"), queryset=Team.objects.none(), empty_label=None
    )
    kind = forms.ChoiceField(
        label=_("What it is"),
        help_text=_("The nearest one. What exactly it is you write in the next step, sealed."),
    )
    severity = forms.ChoiceField(
        label=_("How severe"), choices=MEANINGS.items(), widget=forms.RadioSelect
    )
    tlp = forms.ChoiceField(label=_("TLP"), choices=Tlp.choices())
    began_day, began_hour = day_field(_("It began on")), hour_field(_("It began at"))
    noticed_day, noticed_hour = (
        day_field(_("It was noticed on")),
        hour_field(_("It was noticed at")),
    )
    own_side = forms.ChoiceField(
        label=_("Your own team is"),
        choices=[
            (Side.AFFECTED, _("affected")),
            (Side.SUSPECTED, _("the suspected source")),
            (Side.NEITHER, _("neither: it saw it")),
        ],
        widget=forms.RadioSelect,
    )
    affected = TeamsField(
        label=_("Other affected teams"), help_text=_("Names as in the directory, one a line.")
    )
    suspected = TeamsField(
        label=_("Teams of networks from which it seems to come"),
        help_text=_("Names as in the directory, one a line. They are not shown to the others."),
    )
    is_forgeable = forms.BooleanField(
        label=_("The source may be forged: it is traffic that claims to come from there"),
        required=False,
        initial=True,
    )
    to_desk = forms.BooleanField(
        label=_("The desk reads it and coordinates"), required=False, initial=True
    )
    told = forms.MultipleChoiceField(
        label=_("Of the teams named above are told"),
        choices=[
            (Side.AFFECTED, _("the affected ones")),
            (Side.SUSPECTED, _("those from which it seems to come")),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "One team reads at once. Several are asked first, because taking part shows them to "
            "each other. Who is not told sees nothing."
        ),
    )
    helping = TeamsField(
        label=_("Further teams that are told"),
        help_text=_(
            "Who may help, such as a national team. Names as in the directory, one a line."
        ),
    )
    identifiers = forms.CharField(
        label=_("By what others recognise it"),
        required=False,
        max_length=320 * MOST_LINES,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "One a line, kind and value: “ip 192.0.2.7”, “realm epc.example.org”, "
            "“gt +447911123456”. Of subscribers' numbers the masked form alone is stored."
        ),
    )
    field_order = (
        "key",
        "team",
        "kind",
        "severity",
        "tlp",
        "began_day",
        "began_hour",
        "noticed_day",
        "noticed_hour",
        "zone",
        "own_side",
        "affected",
        "suspected",
        "is_forgeable",
        "identifiers",
        "to_desk",
        "told",
        "helping",
    )

    def __init__(
        self, *args: Any, teams: QuerySet[Team], principal: Principal, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams
        cast("forms.ChoiceField", self.fields["kind"]).choices = [
            ("", _("choose one")),
            *kinds.choices(),
        ]
        seen = Team.objects.visible_to(principal).values("id")
        for name in ("affected", "suspected", "helping"):
            cast("TeamsField", self.fields[name]).seen = (
                Team.objects.on_list().filter(id__in=seen).order_by("name", "id")
            )

    def clean_identifiers(self) -> list[tuple[Kind, str, str]]:
        """Return kind, text and masked form of each, or say which line cannot be read."""
        lines = [line.strip() for line in self.cleaned_data["identifiers"].splitlines()]
        wanted = list(dict.fromkeys(line for line in lines if line))
        if len(wanted) > MOST_LINES:
            raise forms.ValidationError(
                _("%(most)d at most here; more on the page of the incident."),
                params={"most": MOST_LINES},
            )
        found, errors = [], []
        for line in wanted:
            kind, _space, text = line.partition(" ")
            if kind not in INDICATOR_KINDS:
                words = ", ".join(INDICATOR_KINDS)
                errors.append(
                    forms.ValidationError(
                        _("“%(line)s”: begin with one of these kinds: %(words)s"),
                        params={"line": line[:40], "words": words},
                    )
                )
                continue
            try:
                _value, masked = kept_of(Kind(kind), text.strip())
            except DomainError as refused:
                errors.append(forms.ValidationError(f"{line[:40]}: {refused.message}"))
            else:
                found.append((Kind(kind), text.strip(), masked))
        if errors:
            raise forms.ValidationError(errors)
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse a team on two sides, and years that are none."""
        cleaned = super().clean()
        self.check_moments(cleaned, "began", "noticed")
        sides = [set(cleaned.get(name) or ()) for name in ("affected", "suspected", "helping")]
        twice = (sides[0] & sides[1]) | (sides[0] & sides[2]) | (sides[1] & sides[2])
        if twice:
            names = "; ".join(sorted(team.name for team in twice))
            raise forms.ValidationError(
                _("Name each team once. Twice stand: %(names)s"), params={"names": names}
            )
        return cleaned


class ChangeForm(Clean):
    """State, severity and marking, and why."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**9)
    state = forms.ChoiceField(label=_("State"), widget=forms.RadioSelect)
    severity = forms.ChoiceField(
        label=_("Severity"), choices=MEANINGS.items(), widget=forms.RadioSelect
    )
    tlp = forms.ChoiceField(label=_("TLP"), choices=Tlp.choices())
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("choose one")), *REASONS.items()],
        help_text=_("Who was told reads it. Say more in the talk, where it is sealed."),
    )

    def __init__(self, *args: Any, incident: Incident, **options: Any) -> None:
        self.incident = incident
        names = ("revision", "state", "severity", "tlp")
        options["initial"] = {name: getattr(incident, name) for name in names}
        super().__init__(*args, **options)
        present = State(incident.state)
        following = [s for s in State if s in NEXT[present]]
        cast("forms.ChoiceField", self.fields["state"]).choices = [
            (present, _("stays: %(state)s") % {"state": STATES[present]}),
            *((s, STATES[s]) for s in following),
        ]

    def clean(self) -> dict[str, Any]:
        """Say that somebody was faster, before a state is called impossible because of it."""
        cleaned = super().clean()
        if "revision" in cleaned and cleaned["revision"] != self.incident.revision:
            self.errors.pop("state", None)
            self.refused_with = Conflict.status
            self.carry_anew()
            raise forms.ValidationError(str(stale()))
        return cleaned

    def carry_anew(self) -> None:
        """Carry what stands now, so that whoever saves again has been told."""
        data = cast("QueryDict", self.data).copy()
        data["revision"] = str(Incident.objects.get(pk=self.incident.pk).revision)
        self.data = data

    def values(self) -> dict[str, Any]:
        """Return what was typed as the act takes it."""
        data = self.cleaned_data
        return {
            "revision": data["revision"],
            "state": State(data["state"]),
            "severity": Severity(data["severity"]),
            "tlp": Tlp(data["tlp"]),
            "reason": Reason(data["reason"]),
        }


class NameForm(forms.Form):
    """A team that is named: a button of the list on its page."""

    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none())
    side = forms.ChoiceField(
        label=_("Side"),
        choices=[
            (Side.AFFECTED, _("affected")),
            (Side.SUSPECTED, _("suspected source")),
            (Side.NEITHER, _("neither: helps")),
        ],
    )
    is_told = forms.BooleanField(
        label=_("It is told now, and asked to take part"), required=False, initial=True
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams


class CountForm(Zoned):
    """How often one's team saw it on one day."""

    events = forms.IntegerField(label=_("Events"), min_value=1, max_value=10**12)
    first_day, first_hour = day_field(_("The first on")), hour_field(_("The first at"))
    last_day, last_hour = day_field(_("The last on")), hour_field(_("The last at"))
    field_order = ("events", "first_day", "first_hour", "last_day", "last_hour", "zone")

    def clean(self) -> dict[str, Any]:
        """Refuse years that are none."""
        cleaned = super().clean()
        self.check_moments(cleaned, "first", "last")
        return cleaned


class IndicatorForm(Clean):
    """An identifier by which others recognise it."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("choose one")), *INDICATOR_KINDS.items()]
    )
    text = forms.CharField(
        label=_("Value"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "Of IMSI, MSISDN, IMEI and SUCI only the masked form is stored. The whole value "
            "belongs into the talk, sealed, and only where a team needs it."
        ),
    )
    tlp = forms.ChoiceField(
        label=_("TLP"),
        choices=Tlp.choices(),
        help_text=_(
            "RED: only who steers. AMBER: teams that read, masked where it may name a subscriber. "
            "GREEN and CLEAR: teams that were told as well."
        ),
    )
    expires_on = forms.DateField(
        label=_("Delete after"),
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=_("It is deleted for good after this day."),
    )

    def __init__(self, *args: Any, incident: Incident, **options: Any) -> None:
        expires_on = clock.today() + INDICATOR_LIFE
        options["initial"] = {"tlp": incident.tlp, "expires_on": expires_on}
        super().__init__(*args, **options)

    def values(self) -> dict[str, Any]:
        """Return what was typed as the act takes it."""
        data = self.cleaned_data
        return {
            "kind": Kind(data["kind"]),
            "text": data["text"],
            "tlp": Tlp(data["tlp"]),
            "expires_on": data["expires_on"],
        }


class HoldForm(forms.Form):
    """Until when an incident is kept from being deleted."""

    until = forms.DateField(
        label=_("Keep it until"),
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=_("Within a year. Say it again before that day if you still need it."),
    )


class XarfForm(forms.Form):
    """A report in XARF, from which the form is filled in."""

    report = forms.FileField(
        label=_("XARF report"),
        help_text=_(
            "Version 4, a JSON file of 1 MiB at most. Its words and evidence are not read."
        ),
    )


class TaskForm(Zoned):
    """What a team is to do until when."""

    work = forms.ChoiceField(
        label=_("What"),
        choices=[("", _("choose one")), *WORKS.items()],
        help_text=_("What exactly is meant you say in the talk, where it is sealed."),
    )
    team = forms.ModelChoiceField(label=_("Who"), queryset=Team.objects.none(), empty_label=None)
    due_day, due_hour = day_field(_("Until")), hour_field(_("At which hour"))
    field_order = ("work", "team", "due_day", "due_hour", "zone")

    def __init__(self, *args: Any, teams: QuerySet[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField", self.fields["team"]).queryset = teams

    def clean(self) -> dict[str, Any]:
        """Refuse years that are none."""
        cleaned = super().clean()
        self.check_moments(cleaned, "due")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what was typed as the act takes it."""
        data = self.cleaned_data
        return {"work": Work(data["work"]), "team": data["team"], "due_at": self.moment("due")}


class _IncidentField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        """Say of an incident what can be told apart."""
        return f"{obj.number}: {obj.kind_label}, {obj.reporter.name}"


class JoinForm(forms.Form):
    """Which incident is joined into this one."""

    other = _IncidentField(
        label=_("Which incident has the same cause"),
        queryset=Incident.objects.none(),
        empty_label=_("choose one"),
    )

    def __init__(self, *args: Any, others: QuerySet[Incident], **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField", self.fields["other"]).queryset = others


class CaseForm(forms.Form):
    """Which case belongs to the incident."""

    case = forms.ModelChoiceField(
        label=_("Case"), queryset=Case.objects.none(), empty_label=_("choose one")
    )

    def __init__(self, *args: Any, cases: QuerySet[Case], **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField", self.fields["case"]).queryset = cases


def fresh(team_id: UUID | None) -> dict[str, Any]:
    """Return the first values of a report of something that is noticed now."""
    now = clock.now()
    return {
        **local(now, "began"),
        **local(now, "noticed"),
        "tlp": Tlp.AMBER,
        "team": team_id,
        "key": uuid4(),
    }
