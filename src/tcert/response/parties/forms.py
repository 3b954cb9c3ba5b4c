"""Forms of invitations beyond the hub."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import OrganisationKind, OrganisationState
from tcert.community.directory.models import ORGANISATION_KINDS, Organisation
from tcert.response.cases.enums import INVITED_ROLES
from tcert.response.cases.forms import Clean
from tcert.response.cases.models.participant import ROLES
from tcert.response.parties.domain.inviting import MOST_ADDRESSES
from tcert.response.parties.models import SOURCES

_LONGEST = 254 * MOST_ADDRESSES


class AddressesField(forms.CharField):
    """Mail addresses, one a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Mail addresses"),
            max_length=_LONGEST,
            widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
            help_text=_("One a line, as published. Each gets its own link; the first used counts."),
            **options,
        )

    def clean(self, value: Any) -> list[str]:
        """Return the addresses, each once."""
        lines = [line.strip().lower() for line in super().clean(value).splitlines()]
        addresses = list(dict.fromkeys(line for line in lines if line))
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError(
                    _("“%(text)s” is no mail address."), params={"text": address[:80]}
                ) from error
        if len(addresses) > MOST_ADDRESSES:
            raise ValidationError(
                _("Give at most %(most)d addresses."), params={"most": MOST_ADDRESSES}
            )
        return addresses


class PartyForm(Clean):
    """Whom to reach, in which roles, at which published address."""

    name = forms.CharField(
        label=_("Organisation"),
        max_length=120,
        help_text=_("Its full name, as it writes it itself."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            ("", _("choose")),
            *((k, v) for k, v in ORGANISATION_KINDS.items() if k != OrganisationKind.HUB),
        ],
    )
    group = forms.ModelChoiceField(
        label=_("Owned by"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("nobody in the directory"),
        help_text=_("Who must not be told, and conflicts of interest, reach a whole group."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(role, ROLES[role]) for role in INVITED_ROLES],
        widget=forms.CheckboxSelectMultiple,
    )
    addresses = AddressesField()
    source = forms.ChoiceField(
        label=_("Published in"), choices=[("", _("choose")), *SOURCES.items()]
    )
    published_at = forms.CharField(
        label=_("Where exactly"),
        max_length=300,
        help_text=_(
            "The address of the page, and the phone number or other contact beside it: you need a "
            "second one to confirm the key. Such as https://vendor.example/.well-known/"
            "security.txt; phone +46 8 000 000 on /contact."
        ),
    )
    believed = forms.CharField(
        label=_("Whom you think you reach, and why this party"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept for the desk; the invitee does not see it."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        owners = cast(forms.ModelChoiceField, self.fields["group"])
        owners.queryset = Organisation.objects.filter(state=OrganisationState.LISTED)

    def clean_name(self) -> str:
        """Return the name on one line."""
        return " ".join(self.cleaned_data["name"].split())


class AddressesForm(Clean):
    """The addresses to which the link goes anew."""

    addresses = AddressesField()
