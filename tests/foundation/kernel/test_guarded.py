import stat
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.kernel import clock, guarded, keyring
from tcert.foundation.kernel.keyring import Key, Keyring, KeyringError, Unopenable
from tcert.foundation.kernel.mail import Mail

RING = Keyring((Key.random(), Key.random()))


@given(st.binary(max_size=2000), st.binary(max_size=100))
def test_an_envelope_opens_in_its_context_alone(plaintext, context):
    envelope = RING.close(plaintext, context)

    assert RING.open(envelope, context) == plaintext
    assert plaintext not in envelope or len(plaintext) < 4
    with pytest.raises(Unopenable):
        RING.open(envelope, context + b"x")


@given(st.binary(max_size=300), st.data())
def test_a_changed_bit_never_opens(plaintext, data):
    envelope = bytearray(RING.close(plaintext, b"here"))
    at = data.draw(st.integers(0, len(envelope) * 8 - 1))
    envelope[at // 8] ^= 1 << at % 8

    with pytest.raises(KeyringError):
        RING.open(bytes(envelope), b"here")


@given(st.binary(max_size=60))
def test_junk_never_opens(junk):
    with pytest.raises(KeyringError):
        RING.open(junk, b"here")


@given(st.text())
def test_text_for_a_library_opens_in_its_context_alone(text):
    closed = guarded.close_text(text, context="accounts:totp:1")

    assert guarded.open_text(closed, context="accounts:totp:1") == text
    with pytest.raises(Unopenable):
        guarded.open_text(closed, context="accounts:totp:2")


def test_an_older_key_opens_and_a_foreign_one_does_not():
    old = Keyring((Key.random(),))
    envelope = old.close(b"secret", b"")

    assert old.with_new_key().open(envelope, b"") == b"secret"
    with pytest.raises(KeyringError):
        old.with_new_key().without_old_keys().open(envelope, b"")


def test_the_key_file_is_its_owners_alone_and_never_replaced(tmp_path):
    path = tmp_path / "deep" / "field-keys"
    ring = keyring.create(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keyring.parse(path.read_text()) == ring
    with pytest.raises(FileExistsError):
        keyring.create(path)


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "zz zz\n", "00000000\n", "00000000 00\n", f"{'0' * 8} {'0' * 64}\n" * 2],
)
def test_a_damaged_key_file_is_refused(text):
    with pytest.raises(KeyringError):
        keyring.parse(text)


def test_a_key_file_that_others_can_read_is_refused(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "keys"
    keyring.create(settings.FIELD_KEYS_FILE)
    settings.FIELD_KEYS_FILE.chmod(0o640)

    with pytest.raises(KeyringError, match="chmod 600"):
        guarded.keyring()


def settled():
    """Ten minutes on, when nobody holds a row any more that was read before."""
    return clock.frozen(clock.now() + guarded.SETTLE + timedelta(seconds=1))


def mail(**fields):
    return Mail.objects.create(
        **{"hour": clock.now(), "recipient": "a@example.org", "entity": b"\x00x", **fields}
    )


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_value_comes_back_and_is_not_in_the_database():
    row = mail(subject="Überfällig — marked")
    again = Mail.objects.get(pk=row.pk)

    assert again.subject == "Überfällig — marked"
    assert again.recipient == "a@example.org"
    assert again.entity == b"\x00x"
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, recipient FROM kernel_mail")
        stored = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"marked" not in stored
    assert b"example" not in stored


@pytest.mark.django_db
def test_null_stays_null_and_a_deferred_value_is_loaded():
    row = mail(subject=None)

    assert Mail.objects.get(pk=row.pk).subject is None
    assert Mail.objects.defer("recipient").get(pk=row.pk).recipient == "a@example.org"


@pytest.mark.django_db
def test_saving_a_row_that_was_not_read_keeps_its_values():
    row = mail(subject="one")
    untouched = Mail.objects.get(pk=row.pk)
    untouched.key = "changed"
    untouched.save()

    assert Mail.objects.get(pk=row.pk).subject == "one"


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_value_moved_to_another_row_or_field_does_not_open():
    first, second = mail(subject="first"), mail(subject="second")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_mail SET subject = (SELECT subject FROM kernel_mail WHERE id = %s), "
            "recipient = subject WHERE id = %s",
            [Mail._meta.pk.get_db_prep_value(pk, connection) for pk in (first.pk, second.pk)],
        )
    moved = Mail.objects.get(pk=second.pk)

    with pytest.raises(Unopenable):
        _ = moved.subject
    with pytest.raises(Unopenable):
        _ = moved.recipient
    copied = Mail.objects.get(pk=first.pk)
    copied.pk = uuid4()
    copied._state.adding = True
    with pytest.raises(Unopenable):
        copied.save()


@pytest.mark.django_db
def test_a_guarded_field_cannot_be_filtered_updated_or_listed():
    mail(subject="secret")

    for lookup in ("subject", "subject__exact", "subject__contains", "subject__in"):
        with pytest.raises(FieldError):
            list(Mail.objects.filter(**{lookup: "secret"}))
    assert repr(list(Mail.objects.values_list("subject", flat=True))) == "[<guarded>]"
    assert Mail.objects.filter(subject__isnull=False).count() == 1
    with pytest.raises(FieldError):
        Mail.objects.update(subject="other")


@pytest.mark.django_db
@pytest.mark.both_databases
def test_rotation_puts_every_value_under_the_new_key(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "keys"
    guarded.first_start()
    old = guarded.keyring().current.id
    rows = [mail(subject=f"number {n}") for n in range(3)]

    guarded.rotate()
    assert guarded.key_ids_in_use() == {old}
    with pytest.raises(KeyringError):
        guarded.retire_old_keys()
    assert guarded.close_again() == 9
    with pytest.raises(KeyringError, match="ten minutes"):
        guarded.retire_old_keys()  # somebody may still write back what was read before
    with settled():
        guarded.retire_old_keys()

    assert len(guarded.keyring().keys) == 1
    assert guarded.keyring().current.id != old
    assert [Mail.objects.get(pk=r.pk).subject for r in rows] == [f"number {n}" for n in range(3)]


@pytest.mark.django_db
def test_rotation_reaches_the_texts_that_libraries_store(settings, tmp_path, monkeypatch):
    settings.FIELD_KEYS_FILE = tmp_path / "keys"
    guarded.first_start()
    stored = {n: guarded.close_text(f"secret {n}", context="test") for n in range(3)}
    monkeypatch.setattr(guarded, "_texts", {})

    def walk(change):
        for n, closed in stored.items():
            stored[n] = change(closed)

    guarded.register_texts("test", walk)
    guarded.rotate()
    with pytest.raises(KeyringError):
        guarded.retire_old_keys()
    assert guarded.close_again() == 3
    assert guarded.close_again() == 0
    with settled():
        guarded.retire_old_keys()

    assert [guarded.open_text(stored[n], context="test") for n in range(3)] == [
        f"secret {n}" for n in range(3)
    ]


@pytest.mark.django_db
def test_a_lost_key_file_is_not_replaced_while_values_need_it(settings, tmp_path):
    mail()
    settings.FIELD_KEYS_FILE = tmp_path / "lost"

    with pytest.raises(KeyringError, match="bring it back"):
        guarded.first_start()
    assert not settings.FIELD_KEYS_FILE.exists()


@pytest.mark.django_db
def test_nor_while_a_librarys_text_needs_it(settings, tmp_path, monkeypatch):
    closed = guarded.close_text("secret", context="test")
    monkeypatch.setattr(guarded, "_texts", {"test": lambda change: change(closed)})
    settings.FIELD_KEYS_FILE = tmp_path / "lost"

    with pytest.raises(KeyringError, match="bring it back"):
        guarded.first_start()
