"""What is typed about who is accountable, who is called, and what the people named answer."""

from collections.abc import Iterable
from copy import copy
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.models import Person
from tcert.community.directory.forms import check_line, check_phone
from tcert.community.responsibility.domain.chain import MOST_STEPS
from tcert.community.responsibility.domain.entries import FIELDS
from tcert.community.responsibility.enums import Refusal
from tcert.community.responsibility.models import (
    LONGEST_ADVICE,
    LONGEST_HOURS,
    LONGEST_NAME,
    LONGEST_PHONE,
    LONGEST_REMARK,
    REFUSALS,
    TLPS,
    Entry,
    Step,
)
from tcert.foundation.kernel.shown import ShownForm, mark

MOST_LINES = 8
LONGEST_LINE = 80
_MINE = "mine"


class LinesField(forms.CharField):
    """Teams or units, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **options: Any) -> None:
        most = MOST_LINES * (LONGEST_LINE + 2)
        super().__init__(required=False, max_length=most, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the lines that hold something."""
        found = [" ".join(line.split()) for line in super().clean(value).splitlines()]
        lines = list(dict.fromkeys(filter(None, found)))
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("Eight lines at most."))
        for line in lines:
            check_line(line)
            if len(line) > LONGEST_LINE:
                raise forms.ValidationError(_("A line has at most 80 characters."))
        return lines

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists with lists."""
        try:
            return self.clean(data) != (initial or [])
        except forms.ValidationError:
            return True


class PersonFields(forms.Form):
    """Somebody named: an account of the organisation, or a name."""

    account = forms.ModelChoiceField(
        label=_("Account"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("somebody without an account, or nobody"),
    )
    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, required=False, validators=[check_line]
    )
    role_title = forms.CharField(
        label=_("Role"), max_length=LONGEST_NAME, required=False, validators=[check_line]
    )
    phone = forms.CharField(
        label=_("Phone"), max_length=LONGEST_PHONE, required=False, validators=[check_phone]
    )

    def name_accounts(self, people: QuerySet[Person], named: Entry | Step | None) -> None:
        """Offer the accounts of the organisation, and show who is named.

        Of an entry also the one that has left: else a line that nobody touches would be emptied.
        """
        if isinstance(named, Entry) and named.left_at is not None and named.person_id is not None:
            people = Person.objects.filter(
                Q(id__in=people.order_by().values("id")) | Q(id=named.person_id)
            ).order_by("name", "id")
        cast("forms.ModelChoiceField", self.fields["account"]).queryset = people
        if named is not None:
            self.initial.update(
                account=named.person_id,
                name=named.name,
                role_title=named.role_title,
                phone=named.phone,
            )

    def clean(self) -> dict[str, Any]:
        """Take one way to name somebody, never two."""
        data = super().clean() or {}
        if data.get("account") and data.get("name"):
            self.add_error("name", _("Choose an account or type a name, not both."))
        if self.names_somebody and not data.get("role_title") and "role_title" not in self.errors:
            self.add_error("role_title", _("Say in which role, such as head of core networks."))
        return data

    @property
    def names_somebody(self) -> bool:
        """Does it name anybody?"""
        return bool(self.cleaned_data.get("account") or self.cleaned_data.get("name"))


class AccountableForm(ShownForm, PersonFields):
    """Who is accountable for one domain."""

    mail = forms.EmailField(label=_("E-mail"), max_length=254, required=False)

    field_order = ("account", "name", "role_title", "mail", "phone")

    def __init__(self, *args: Any, entry: Entry, people: QuerySet[Person], **options: Any) -> None:
        super().__init__(*args, **options)
        self.entry = entry
        self.name_accounts(people, entry)
        self.initial["mail"] = entry.mail
        self.carry(entry, FIELDS)

    def clean(self) -> dict[str, Any]:
        """Keep no details of nobody, and no address beside an account's own."""
        data = super().clean()
        if data.get("account") and data.get("mail"):
            self.add_error("mail", _("An account is asked at its own address: leave this empty."))
        named = data.get("account") or data.get("name")
        if not named and (data.get("mail") or data.get("phone")):
            self.add_error("name", _("Say whose address or number this is."))
        return data

    @property
    def is_touched(self) -> bool:
        """Did its sender change anything that their page showed?

        What a colleague has changed since is no change of theirs, and is left as it stands.
        """
        sent = copy(self.entry)
        for name, value in self.values.items():
            setattr(sent, name, value)
        return mark(sent, FIELDS) != self.cleaned_data["shown"]

    @property
    def values(self) -> dict[str, Any]:
        """Return what is to stand in the entry."""
        data = {k: v for k, v in self.cleaned_data.items() if k not in {"shown", "account"}}
        account = self.cleaned_data.get("account")
        return {**data, "person": account}


class EntryForm(AccountableForm):
    """All of one domain."""

    responsible = LinesField(
        label=_("Responsible"),
        help_text=_("Teams or units that do the work, one a line. No people's names."),
    )
    consulted = LinesField(label=_("Consulted"), help_text=_("Asked before something is decided."))
    informed = LinesField(label=_("Informed"), help_text=_("Told once it is decided."))
    tlp = forms.ChoiceField(
        label=_("Who reads name and number"),
        choices=list(TLPS.items()),
        widget=forms.RadioSelect,
        help_text=_("Members read roles and teams in either case; strangers read nothing."),
    )

    field_order = ("account", "name", "role_title", "mail", "phone")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("responsible", "consulted", "informed", "tlp"):
            self.initial[name] = getattr(self.entry, name)
        self.fields["mail"].help_text = _(
            "A link to confirm goes there, without a word of what it is about."
        )
        self.fields["phone"].help_text = _("With country code, as in +358 9 123 4567.")
        self.fields["account"].help_text = _(
            "Who has an account in one of your teams confirms by signing in."
        )


class StepForm(PersonFields):
    """One person of the chain, and in which place they are called."""

    place = forms.TypedChoiceField(
        label=_("Place"),
        coerce=int,
        choices=[(str(n), str(n)) for n in range(1, MOST_STEPS + 1)],
    )
    hours = forms.CharField(
        label=_("Hours"), max_length=LONGEST_HOURS, required=False, validators=[check_line]
    )

    field_order = ("place", "account", "name", "role_title", "phone", "hours")

    def __init__(
        self, *args: Any, step: Step | None, at: int, people: QuerySet[Person], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.name_accounts(people, step)
        self.initial.update(place=str(at), hours=step.hours if step else "")

    def clean(self) -> dict[str, Any]:
        """Somebody who is to be called has a number, and a number has somebody."""
        data = super().clean()
        if self.names_somebody and not data.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("Write the number that is called."))
        if not self.names_somebody and data.get("phone"):
            self.add_error("name", _("Say whose number this is."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        """Return the step as the act takes it."""
        data = {k: v for k, v in self.cleaned_data.items() if k not in {"place", "account"}}
        account = self.cleaned_data.get("account")
        return {**data, "person_id": account.id if account else None}


class ChainForm(forms.Form):
    """What goes with the chain as a whole."""

    shown = forms.CharField(max_length=64, widget=forms.HiddenInput, label=_("This page"))
    nobody = forms.CharField(
        label=_("When nobody answers"),
        max_length=LONGEST_ADVICE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "For example: call the network operations centre on +358 9 000 0000 and ask for the "
            "shift leader. Nobody there either: the control room of the building."
        ),
    )


class RefuseForm(ShownForm):
    """Why an entry is not the reader's."""

    reason = forms.ChoiceField(
        label=_("Why"), choices=list(REFUSALS.items()), widget=forms.RadioSelect
    )
    remark = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Your organisation's people and coordinators read it. Who is it instead?"),
    )

    def clean_reason(self) -> Refusal:
        """Return the term itself."""
        return Refusal(self.cleaned_data["reason"])


class LinkForm(forms.Form):
    """What the reader of a link says of one entry."""

    shown = forms.CharField(max_length=64, widget=forms.HiddenInput, label=_("This page"))
    answer = forms.ChoiceField(
        label=_("Your answer"),
        required=False,
        widget=forms.RadioSelect,
        choices=[(_MINE, _("It is mine, and right")), *REFUSALS.items()],
    )
    remark = forms.CharField(
        label=_("In words"), required=False, max_length=LONGEST_REMARK, validators=[check_line]
    )

    def __init__(self, data: Any, *, entry: Entry, **options: Any) -> None:
        super().__init__(data, prefix=str(entry.id), **options)
        self.entry = entry

    @property
    def reason(self) -> Refusal | None:
        """Return why it is not theirs; nothing where it is."""
        chosen = self.cleaned_data["answer"]
        return None if chosen == _MINE else Refusal(chosen)


def all_valid(found: Iterable[forms.Form]) -> bool:
    """Check every form, so that each shows its own errors."""
    results = [form.is_valid() for form in found]
    return all(results)
