"""The editor's table: which product stands how in which vulnerability."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tcert.response.advisories.content import JUSTIFIED, Content, VulnerabilityLine
from tcert.response.advisories.forms.fields import Versioned
from tcert.response.advisories.words import JUSTIFICATIONS, STATUSES

STATUS_CHOICES = [
    ("", "\N{EN DASH}"),
    *((s.value, words) for s, words in STATUSES.items()),
    (
        _("not affected, because"),
        [(f"{JUSTIFIED}{j.value}", words) for j, words in JUSTIFICATIONS.items()],
    ),
]


class StatusForm(Versioned):
    """Every product's status in some vulnerabilities: one choice for each pair."""

    def __init__(
        self, *args: Any, content: Content, flaws: Sequence[VulnerabilityLine], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.content = content
        self.flaws = flaws
        for flaw in flaws:
            for product, name in content.named_products.items():
                self.fields[self.name(flaw.id, product)] = forms.ChoiceField(
                    label=_("%(product)s in “%(flaw)s”")
                    % {"product": name, "flaw": flaw.title or flaw.id},
                    choices=STATUS_CHOICES,
                    required=False,
                    initial=flaw.statuses.get(product, ""),
                )

    @staticmethod
    def name(flaw_id: str, product_id: str) -> str:
        """Return the name of the field of a pair."""
        return f"s-{flaw_id}-{product_id}"

    def table(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return one row per product: its name and a choice per vulnerability."""
        return [
            (name, [self[self.name(flaw.id, product)] for flaw in self.flaws])
            for product, name in self.content.named_products.items()
        ]

    def apply(self, content: Content) -> Content:
        """Return the content with these statuses."""
        shown = {flaw.id for flaw in self.flaws}
        return dataclasses.replace(
            content,
            vulnerabilities=tuple(
                dataclasses.replace(
                    flaw,
                    statuses={
                        product.id: said
                        for product in content.products
                        if (said := self.cleaned_data.get(self.name(flaw.id, product.id), ""))
                    },
                )
                if flaw.id in shown
                else flaw
                for flaw in content.vulnerabilities
            ),
        )
