"""What the style guide shows: invented parties, the moments and forms of its components."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp

TLP_WORDS = (
    (Tlp.RED, _("For the eyes and ears of individual recipients only, no further.")),
    (Tlp.AMBER_STRICT, _("Recipients may share it inside their own organisation only.")),
    (
        Tlp.AMBER,
        _("Recipients may share it with those in their organisation and its clients who need it."),
    ),
    (Tlp.GREEN, _("Recipients may share it within their community, not in public channels.")),
    (Tlp.CLEAR, _("Recipients may share it with the world; copyright stays.")),
)

FINGERPRINT = "8F2A91C40D7B5E2210A94C6633F1A8D2902F77D0"


class SampleForm(forms.Form):
    """One field of each kind."""

    product = forms.CharField(
        label=_("Product or network"),
        help_text=_(
            "For example: Open5GS AMF 2.7.6, or “the home subscriber server of my operator”"
        ),
    )
    kind = forms.ChoiceField(
        label=_("It is"),
        choices=[("weakness", _("a weakness in a product")), ("attack", _("an attack I observe"))],
    )
    seen_on = forms.DateField(
        label=_("First seen on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}),
    )
    facts = forms.CharField(
        label=_("The facts"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What happens, how to reproduce it, what you did not try."),
    )
    may_read = forms.ChoiceField(
        label=_("May the hub read the first line?"),
        choices=[("yes", _("Yes, this line only")), ("no", _("No, seal everything"))],
        widget=forms.RadioSelect,
        help_text=_("With it the hub can propose who should know."),
    )
    understood = forms.BooleanField(
        label=_("I have not tested a live network"),
        help_text=_("Tests on live networks can cut off emergency calls."),
    )
    attachments = forms.FileField(
        label=_("Files"), required=False, help_text=_("Up to 25 MB in all. Sealed before sending.")
    )
    code = forms.CharField(
        label=_("Code"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def components() -> dict[str, Any]:
    """Return the context of the style guide."""
    now = clock.now()
    return {
        "marks": TLP_WORDS,
        "tlps": list(Tlp),
        "now": now,
        "far": now + timedelta(days=16, hours=4, minutes=12),
        "soon": now + timedelta(hours=51),
        "late": now + timedelta(hours=3, minutes=20),
        "past": now - timedelta(hours=5),
        "fingerprint": FINGERPRINT,
        "form": SampleForm(auto_id="empty_%s"),
        "bound": SampleForm({"product": "", "kind": "weakness", "facts": "Typed and not lost"}),
        "long_word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
        "words": ["granite", "otter", "waltz", "fig", "lantern", "mossy", "quill", "harbour"],
    }
