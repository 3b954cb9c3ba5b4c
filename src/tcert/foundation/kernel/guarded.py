"""Guarded fields: readable by the running hub only, encrypted under keys outside the database.

    notes = GuardedTextField(blank=True, default="")

A value is bound to its table, field and row: ciphertext copied elsewhere does not open. It is
decrypted when it is read from an instance, and written by saving an instance; nothing can be
filtered, updated or listed by it, only asked whether it is null. Rows need a key before they are
saved, as `UuidModel` gives them.
"""

import base64
import json
import os
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

from django import forms
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldError
from django.core.validators import MaxLengthValidator
from django.db import connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from tcert.foundation.kernel import clock
from tcert.foundation.kernel import keyring as rings
from tcert.foundation.kernel.keyring import Keyring, KeyringError, Unopenable

__all__ = [
    "GuardedBinaryField",
    "GuardedJSONField",
    "GuardedTextField",
    "KeyringError",
    "Unopenable",
    "close_text",
    "open_text",
    "register_texts",
]

# Longer than any request or job holds a row that it will write.
SETTLE = timedelta(minutes=10)

Change = Callable[[str], str]
Walk = Callable[[Change], None]

_texts: dict[str, Walk] = {}
_loaded: dict[Path, tuple[tuple[int, int, int], Keyring]] = {}


def keyring() -> Keyring:
    """Return the field keys, read again whenever the file has changed.

    Raises:
        KeyringError: there is no key file, others can read it, or it is damaged.

    """
    path = settings.FIELD_KEYS_FILE
    try:
        found = path.stat()
        mark = (found.st_mtime_ns, found.st_ino, found.st_size)
        if path in _loaded and _loaded[path][0] == mark:
            return _loaded[path][1]
        ring = rings.parse(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        raise KeyringError(f"There is no field key file at {path}.") from None
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeyringError(f"Others can read the field key file: chmod 600 {path}")
    _loaded[path] = (mark, ring)
    return ring


def first_start() -> bool:
    """Make the key file of a new hub; True if it was made.

    Raises:
        KeyringError: the file is missing although the database holds guarded values. A new key
            would not open them: the old file must be brought back.

    """
    path = settings.FIELD_KEYS_FILE
    if path.exists():
        return False
    if _holds_values():
        raise KeyringError(f"The field key file {path} is lost: bring it back from its backup.")
    rings.create(path)
    return True


def _holds_values() -> bool:
    tables = set(connection.introspection.table_names())
    guarded = list(fields())
    known = [(model, field) for model, field in guarded if model._meta.db_table in tables]
    if any(_values(model, field).exists() for model, field in known):
        return True
    return len(known) == len(guarded) and bool(key_ids_in_use())


def close_text(text: str, *, context: str) -> str:
    """Encrypt text that a library stores in its own table; `context` says what and whose."""
    return base64.b64encode(keyring().close(text.encode(), context.encode())).decode("ascii")


def open_text(closed: str, *, context: str) -> str:
    """Decrypt what `close_text` made; raises `Unopenable` or `KeyringError`."""
    try:
        envelope = base64.b64decode(closed, validate=True)
    except ValueError:
        raise Unopenable("A guarded value is damaged.") from None
    return keyring().open(envelope, context.encode()).decode()


def register_texts(context: str, walk: Walk) -> None:
    """Let a key rotation reach the texts that were closed in one context.

    `walk(change)` calls `change` with each closed text and stores what it returns, if that is
    another one. Call this from a room's apps.py.
    """
    _texts[context] = walk


def _text_key_id(closed: str) -> bytes:
    try:
        return rings.envelope_key_id(base64.b64decode(closed, validate=True))
    except ValueError:
        raise Unopenable("A guarded value is damaged.") from None


class Ciphertext:
    """A value as the database holds it."""

    __slots__ = ("envelope",)

    def __init__(self, envelope: bytes) -> None:
        self.envelope = envelope

    def __repr__(self) -> str:
        return "<guarded>"


class _Attribute(DeferredAttribute):
    """Decrypts at the first reading, so that a list that shows no secret opens none."""

    field: "_GuardedField"

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            super().__get__(instance, owner)  # a deferred field: loads it
        value = instance.__dict__[self.field.attname]
        if isinstance(value, Ciphertext):
            value = self.field.opened(instance, value)
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class _GuardedField(models.Field):
    descriptor_class = _Attribute
    empty_strings_allowed = False

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def from_bytes(self, content: bytes) -> Any:
        raise NotImplementedError

    def get_internal_type(self) -> str:
        return "BinaryField"

    def context(self, instance: models.Model) -> bytes:
        """Return what a value is bound to: table, field, and the key of the row."""
        if instance.pk is None:
            label = self.model._meta.label
            raise ValueError(f"{label} needs a key of its own before {self.name} is saved")
        return self._context_of(instance.pk)

    def _context_of(self, key: Any) -> bytes:
        meta = self.model._meta
        return f"{meta.label_lower}.{self.name}:{meta.pk.to_python(key)}".encode()

    def closer(self) -> Callable[[Any, Any], "Ciphertext"]:
        """Return what encrypts a value for the row of a key: many rows read the key file once."""
        ring = keyring()
        return lambda key, value: Ciphertext(
            ring.close(self.to_bytes(value), self._context_of(key))
        )

    def opened(self, instance: models.Model, value: Ciphertext) -> Any:
        return self.from_bytes(keyring().open(value.envelope, self.context(instance)))

    def pre_save(self, model_instance: models.Model, add: bool) -> Ciphertext | None:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Ciphertext) and add:
            value = self.opened(model_instance, value)  # proves that it belongs to this row
        if value is None or isinstance(value, Ciphertext):
            return value
        return Ciphertext(keyring().close(self.to_bytes(value), self.context(model_instance)))

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: ARG002 - Django's signature
    ) -> Any:
        if value is None:
            return None
        if not isinstance(value, Ciphertext):
            raise FieldError(f"{self.name} is guarded: set it on an instance and save that")
        return cast(Any, connection).Database.Binary(value.envelope)

    def from_db_value(self, value: Any, *_: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(bytes(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is guarded: it can be asked for isnull only")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is guarded: it has no {lookup_name}")

    def value_to_string(self, obj: models.Model) -> str:  # noqa: ARG002 - as above
        raise FieldError(f"{self.name} is guarded: it is never written to a dump")


class GuardedTextField(_GuardedField):
    """Text, guarded; `max_length` counts characters before encryption."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def from_bytes(self, content: bytes) -> str:
        return content.decode()

    def formfield(self, **kwargs: Any) -> Any:
        defaults = {"max_length": self.max_length, "widget": forms.Textarea}
        return super().formfield(form_class=forms.CharField, **{**defaults, **kwargs})


class GuardedBinaryField(_GuardedField):
    """Bytes, guarded; no form edits them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def from_bytes(self, content: bytes) -> bytes:
        return content


class GuardedJSONField(_GuardedField):
    """Whatever JSON can hold, guarded."""

    def to_bytes(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def from_bytes(self, content: bytes) -> Any:
        return json.loads(content)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(form_class=forms.JSONField, **kwargs)


def fields() -> Iterator[tuple[type[models.Model], _GuardedField]]:
    """Yield every guarded field with the model whose table holds it."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, _GuardedField):
                yield model, field


def _values(model: type[models.Model], field: _GuardedField) -> models.QuerySet[models.Model]:
    return model._base_manager.filter(**{f"{field.name}__isnull": False})  # noqa: SLF001 - documented


def key_ids_in_use() -> set[bytes]:
    """Return the ids of all keys under which some value lies."""
    used = {
        rings.envelope_key_id(cast(Ciphertext, value).envelope)
        for model, field in fields()
        for value in _values(model, field).values_list(field.attname, flat=True).iterator()
    }

    def note(closed: str) -> str:
        used.add(_text_key_id(closed))
        return closed

    for walk in _texts.values():
        walk(note)
    return used


def rotate() -> None:
    """Add a new current key; older values keep opening under the older keys."""
    rings.replace(settings.FIELD_KEYS_FILE, keyring().with_new_key())


def close_again() -> int:
    """Put every value that lies under an older key under the current one; returns how many."""
    current = keyring().current.id
    moved = sum(_close_field_again(model, field, current) for model, field in fields())

    def close(context: str, closed: str) -> str:
        nonlocal moved
        if _text_key_id(closed) == current:
            return closed
        moved += 1
        return close_text(open_text(closed, context=context), context=context)

    for context, walk in _texts.items():
        walk(partial(close, context))
    if moved:
        os.utime(settings.FIELD_KEYS_FILE, (moment := clock.now().timestamp(), moment))
    return moved


def _close_field_again(model: type[models.Model], field: _GuardedField, current: bytes) -> int:
    rows = _values(model, field).values_list("pk", field.attname)
    stale = [
        pk
        for pk, value in rows.iterator()
        if rings.envelope_key_id(cast(Ciphertext, value).envelope) != current
    ]
    moved = 0
    for pk in stale:
        with transaction.atomic():
            row = model._base_manager.select_for_update().filter(pk=pk).first()  # noqa: SLF001
            if row is not None and getattr(row, field.attname) is not None:
                row.save(update_fields=[field.name])
                moved += 1
    return moved


def retire_old_keys() -> None:
    """Remove all keys but the current one.

    Raises:
        KeyringError: a value needs another key, or may come to need it: whoever read a row before
            it was closed again may still write it back as it was, and that would be lost.

    """
    ring = keyring()
    settled = settings.FIELD_KEYS_FILE.stat().st_mtime + SETTLE.total_seconds()
    if len(ring.keys) > 1 and clock.now().timestamp() < settled:
        raise KeyringError("The keys changed just now: retire the old ones in ten minutes.")
    if key_ids_in_use() - {ring.current.id}:
        raise KeyringError("Values still lie under older keys: close them again first.")
    rings.replace(settings.FIELD_KEYS_FILE, ring.without_old_keys())
