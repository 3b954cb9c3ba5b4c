"""The truth about confidentiality: every stored field is declared, and with the right class."""

from django.db import models

from tcert.foundation.kernel.guarded import (
    GuardedBinaryField,
    GuardedJSONField,
    GuardedTextField,
)
from tcert.foundation.kernel.seen import FieldClass, declarations


def test_every_field_of_every_table_is_declared():
    missing = {}
    for model, seen in declarations():
        fields = {f.name for f in model._meta.concrete_fields}
        said = set(seen.classes()) if seen else set()
        if fields != said:
            missing[model._meta.label] = sorted(fields ^ said)
    assert missing == {}


GUARDED = (GuardedTextField, GuardedBinaryField, GuardedJSONField)
CIPHERTEXT = (models.BinaryField, models.JSONField)
"""What sealed content is kept in: bytes, or key packets as JSON."""
NAMES_OF_SEALED_FILES = {"intake.KeptFile.content"}
"""Columns that name a file of ciphertext."""


def test_the_declared_class_is_what_the_column_really_is():
    wrong = []
    for model, seen in declarations():
        for name, kind in (seen.classes() if seen else {}).items():
            field = model._meta.get_field(name)
            guarded = isinstance(field, GUARDED)
            label = f"{model._meta.label}.{name}"
            if guarded != (kind is FieldClass.GUARDED) and label not in GUARDED_BY_LIBRARY:
                wrong.append(f"{label} is {'' if guarded else 'not '}encrypted, declared {kind}")
            held = isinstance(field, CIPHERTEXT) or label in NAMES_OF_SEALED_FILES
            if kind is FieldClass.SEALED and not held:
                wrong.append(f"{label} is declared sealed and is a {type(field).__name__}")
    assert wrong == []


GUARDED_BY_LIBRARY = {"mfa.Authenticator.data"}
"""Encrypted by the adapter before the library stores it; tested with second factors."""
