"""What the hub sees: each model says, field by field and in plain words, what it stores and how.

The page `/about/what-we-see` prints these declarations and a test holds them against the models.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.apps import apps
from django.db import models


class FieldClass(StrEnum):
    """The three classes of design/confidentiality.md."""

    READABLE = "readable"
    GUARDED = "guarded"
    SEALED = "sealed"


@dataclass(frozen=True)
class Seen:
    """What one table holds, in plain words; each mapping goes from field name to words."""

    thing: str
    readable: Mapping[str, str] = field(default_factory=dict)
    guarded: Mapping[str, str] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)

    def classes(self) -> dict[str, FieldClass]:
        """Return the class of each declared field."""
        return {
            **dict.fromkeys(self.readable, FieldClass.READABLE),
            **dict.fromkeys(self.guarded, FieldClass.GUARDED),
            **dict.fromkeys(self.sealed, FieldClass.SEALED),
        }


_foreign: dict[str, Seen] = {}


def declare(label: str, seen: Seen) -> None:
    """Declare a table of a library (``app_label.Model``), which cannot carry the attribute."""
    _foreign[label.lower()] = seen


def declarations() -> Iterator[tuple[type[models.Model], Seen | None]]:
    """Yield every stored model with its declaration, None where it has none."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.proxy:
            yield model, _foreign.get(model._meta.label_lower, getattr(model, "what_we_see", None))
