"""Forms of the case pages. Each carries the revision that its page showed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation, Team
from tcert.community.inventory.models import Product
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.domain.statements import LONGEST_TEXT
from tcert.response.cases.enums import (
    CLAIMED_EVENTS,
    INVITED_ROLES,
    ManagementAct,
    ThreadPurpose,
)
from tcert.response.cases.models import Case, CaseProduct, Participant, Statement
from tcert.response.cases.models.embargo import CLAIMS
from tcert.response.cases.models.participant import ROLES
from tcert.response.cases.models.thread import PURPOSES

ACT_LABELS = {
    ManagementAct.VALIDATE: _("Find it valid"),
    ManagementAct.INVALIDATE: _("Find it invalid"),
    ManagementAct.ACCEPT: _("Accept it"),
    ManagementAct.DEFER: _("Defer it"),
    ManagementAct.CLOSE: _("Close it"),
}


class Clean(forms.Form):
    """A form whose text fields refuse control characters, which no one types."""

    def clean(self) -> dict[str, Any]:
        """Refuse NUL and other control characters but line ends and tabs."""
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):  # an error takes its field out of them
            if isinstance(value, str) and any(
                ord(char) < ord(" ") and char not in "\r\n\t" for char in value
            ):
                self.add_error(name, _("This contains characters that cannot be typed."))
        return cleaned


def zones() -> list[tuple[str, str]]:
    """Return the zones that a person may choose from, UTC first."""
    names = sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc/"))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class StepBackForm(Clean):
    """Who goes on with a case that its coordinator steps back from."""

    successor = forms.ModelChoiceField(
        label=_("Who goes on"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("whoever is free first"),
        help_text=_("Only colleagues who have declared and have no conflict stand here."),
    )
    remark = forms.CharField(
        label=_("For who goes on"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is promised and by when. Not what the report says."),
    )

    def __init__(self, *args: Any, colleagues: Sequence[Person], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = cast(forms.ModelChoiceField, self.fields["successor"])
        chosen.queryset = Person.objects.filter(id__in=[p.id for p in colleagues]).order_by("name")


class TlpForm(Clean):
    """The case's TLP marking."""

    tlp = forms.ChoiceField(label=_("TLP"), choices=Tlp.choices())


class ExclusionForm(Clean):
    """Who must not be told: one of three."""

    organisation = forms.ModelChoiceField(
        label=_("An organisation, with its group"),
        queryset=Organisation.objects.exclude(state=OrganisationState.PROVISIONAL),
        required=False,
        help_text=_("None of its teams is proposed or invited."),
    )
    team = forms.ModelChoiceField(
        label=_("or one team"),
        queryset=Team.objects.exclude(
            organisation__state=OrganisationState.PROVISIONAL
        ).select_related("organisation"),
        required=False,
    )
    name = forms.CharField(
        label=_("or a name that is not listed"),
        max_length=160,
        required=False,
        help_text=_("Held against whoever is listed under this name later."),
    )
    asked_by_reporter = forms.BooleanField(
        label=_("The reporter asked for this"),
        required=False,
        initial=True,
        help_text=_("Then two coordinators take it back, not one."),
    )


class ProductForm(Clean):
    """A product that the case is about."""

    product = forms.ModelChoiceField(
        label=_("A listed product"),
        queryset=Product.objects.none(),
        required=False,
    )
    name = forms.CharField(
        label=_("or its name"), max_length=160, required=False, help_text=_("Such as Open5GS AMF.")
    )
    versions = forms.CharField(
        label=_("Versions"), max_length=200, required=False, help_text=_("Such as 4.0 to 4.2.1.")
    )

    def __init__(self, *args: Any, products: QuerySet[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = products  # type: ignore[attr-defined]


class NetworkForm(Clean):
    """A network that the case is about."""

    plmn = forms.CharField(
        label=_("PLMN"), max_length=20, help_text=_("MCC and MNC, such as 208-01.")
    )


class DuplicateForm(Clean):
    """The case that this one repeats."""

    duplicate_of = forms.ModelChoiceField(
        label=_("It repeats"),
        queryset=Case.objects.none(),
        help_text=_("A duplicate is a valid report that is deferred; the reporter is not told no."),
    )

    def __init__(self, *args: Any, cases: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duplicate_of"].queryset = cases  # type: ignore[attr-defined]


def team_label(team: Team) -> str:
    """Return a team's name for a list to choose from; a provisional one is marked."""
    if team.organisation.is_provisional:
        return str(_("%(team)s (provisional)") % {"team": team.name})
    return team.name


class InviteForm(Clean):
    """A team to ask in, in which roles, and why."""

    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.none(),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(role, ROLES[role]) for role in INVITED_ROLES],
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Why this team"),
        max_length=500,
        required=False,
        help_text=_("Kept for the coordinating team; the invitee does not see it."),
    )

    def __init__(self, *args: Any, principal: Principal, **options: Any) -> None:
        super().__init__(*args, **options)
        # A chosen team that coordinates does not learn which provisional teams there are.
        chosen = cast(forms.ModelChoiceField, self.fields["team"])
        chosen.queryset = (
            Team.objects.visible_to(principal)
            .filter(retired_at=None, is_desk=False)
            .select_related("organisation")
        )
        chosen.label_from_instance = team_label  # type: ignore[assignment,method-assign]


class InvitationForm(Clean):
    """The answer to an invitation."""

    agreed_end = forms.CharField(widget=forms.HiddenInput, required=False)
    terms = forms.BooleanField(
        label=_("My team accepts these terms."),
        error_messages={"required": _("Tick this box to accept, or decline below.")},
    )
    shows_itself = forms.BooleanField(
        label=_("Let the other participants see my team"),
        required=False,
        help_text=_("Off by default. You can change it later in your own row."),
    )


class DespiteAttacks(Clean):
    """The explicit decision that a new embargo needs once attacks are confirmed."""

    despite_attacks = forms.BooleanField(
        label=_("Attacks are observed; an embargo still helps, because fixing quietly does"),
        required=False,
    )

    def __init__(self, *args: Any, asks_attacks: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_attacks:
            del self.fields["despite_attacks"]


class EndForm(DespiteAttacks):
    """A proposed end of the embargo: a day, an hour and a zone."""

    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    hour = forms.TimeField(
        label=_("Hour"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    zone = forms.ChoiceField(
        label=_("Zone"), help_text=_("All parties see the hour in UTC and in their own zone.")
    )
    field_order = ("day", "hour", "zone", "despite_attacks")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = zones()  # type: ignore[attr-defined]

    @staticmethod
    def at(end: datetime) -> dict[str, Any]:
        """Return initial values for a moment, in the viewer's zone."""
        zone = timezone.get_current_timezone()
        local = end.astimezone(zone)
        return {"day": local.date(), "hour": local.time().replace(second=0), "zone": str(zone)}

    @property
    def moment(self) -> datetime:
        """Return the aware moment that was typed; an hour that the clock skips moves on."""
        data = self.cleaned_data
        return datetime.combine(data["day"], data["hour"], tzinfo=ZoneInfo(data["zone"]))


class ClaimForm(Clean):
    """A claim that something is public or attacked."""

    event = forms.ChoiceField(
        label=_("What is so"),
        choices=[(event, CLAIMS[event]) for event in CLAIMED_EVENTS],
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=_("Where it can be seen"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "An address, a message id, an observation. The running hub can read this; send what is "
            "confidential as a sealed message."
        ),
    )


class StatementForm(Clean, forms.ModelForm):
    """A party's position on a product and version."""

    class Meta:
        model = Statement
        fields = [
            "product",
            "version",
            "position",
            "fix_state",
            "fix_expected_on",
            "fixed_version",
            "text",
        ]
        widgets = {"fix_expected_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    text = forms.CharField(
        label=_("In words"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "May end up in the advisory. The running hub can read this; send what is confidential "
            "as a sealed message."
        ),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = CaseProduct.objects.filter(case=case)  # type: ignore[attr-defined]
        self.fields["product"].label = _("Product")
        self.fields["version"].help_text = _("Such as 4.2.1 or “4.0 to 4.2”; empty for all.")


class OwnRowForm(Clean):
    """A party's own row."""

    tracking_id = forms.CharField(
        label=_("Your own number for this case"),
        max_length=60,
        required=False,
        help_text=_("Shown to your team and to the coordinating team."),
    )
    shows_itself = forms.BooleanField(
        label=_("Let the other participants see your team"),
        required=False,
        help_text=_("Your name, role and statements; never your messages."),
    )
    will_not_answer = forms.BooleanField(
        label=_("We will not answer in this case"),
        required=False,
        help_text=_("Better than silence: nobody waits for you."),
    )


class ThreadForm(Clean):
    """A conversation of several parties."""

    purpose = forms.ChoiceField(
        label=_("For whom"),
        choices=[
            (p, PURPOSES[p])
            for p in (ThreadPurpose.VENDORS, ThreadPurpose.PRODUCT, ThreadPurpose.ALL)
        ],
        widget=forms.RadioSelect,
    )
    product = forms.ModelChoiceField(
        label=_("Which product"), queryset=CaseProduct.objects.none(), required=False
    )
    asked = forms.ModelMultipleChoiceField(
        label=_("Ask these parties to join"),
        queryset=Participant.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each is asked first, because joining shows it to the readers."),
    )

    def __init__(self, *args: Any, case: Case, parties: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = CaseProduct.objects.filter(case=case)  # type: ignore[attr-defined]
        self.fields["asked"].queryset = parties  # type: ignore[attr-defined]


class RemoveForm(Clean):
    """The name of who is to be removed, typed."""

    typed_name = forms.CharField(
        label=_("The team's name"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
