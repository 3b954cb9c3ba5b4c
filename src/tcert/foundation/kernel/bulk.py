"""Many rows of a table at once, for imports: quicker than making an instance of each.

The statement is the same for all rows and is made once; what all rows share is prepared for the
database once. Nothing is checked here and no signal is sent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import connections, models, router

from tcert.foundation.kernel.guarded import GuardedTextField

Write = Callable[[Any, Any], Any]


def insert(
    model: type[models.Model],
    *,
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    shared: Mapping[str, Any],
) -> None:
    """Insert rows, each with a value for each of some fields, the key first; `shared` for all.

    Fields that neither names are as the model has them where nobody says anything. Guarded text is
    encrypted for its row, as saving an instance does; it cannot be shared.
    """
    meta = model._meta
    connection = connections[router.db_for_write(model)]
    every = {field.name: field for field in meta.concrete_fields}
    own = [every.pop(name) for name in fields]
    rest = list(every.values())
    fixed = [
        field.get_db_prep_save(shared.get(field.name, field.get_default()), connection)
        for field in rest
    ]
    writers = [_writer(field, connection) for field in own]
    values = [
        [*(write(row[0], cell) for write, cell in zip(writers, row, strict=True)), *fixed]
        for row in rows
    ]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in [*own, *rest])
    places = ", ".join(["%s"] * (len(own) + len(rest)))
    if values:
        with connection.cursor() as cursor:
            # Names are those of the model's table and columns; every value is a parameter.
            cursor.executemany(
                f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ({places})",  # noqa: S608
                values,
            )


def _writer(field: Any, connection: Any) -> Write:
    """Return what turns a value into the database's, given the key of its row."""
    if isinstance(field, GuardedTextField):
        close = field.closer()
        return lambda key, value: field.get_db_prep_value(close(key, value), connection)
    prepare = field.get_db_prep_save
    if field.unique or field.is_relation:
        return lambda _key, value: prepare(value, connection)
    known: dict[Any, Any] = {}  # days, marks, kinds: few values in many rows

    def write(_key: Any, value: Any) -> Any:
        if value not in known:
            known[value] = prepare(value, connection)
        return known[value]

    return write
