"""What a migration says about the code of the release before, which may still be running.

An older hub refuses a newer database (`schema.refuse_newer`). For an upgrade without a break the
old web process must go on for minutes on the new schema, and be started again if it dies. So a
migration can state that code from a certain generation on may work beside it. The statement goes
into the database, where the older code finds it; what is not stated is refused as ever.
"""

# ruff: noqa: ARG002 - Django states the signatures of operations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor as Editor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState as State

from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen

GENERATION = 1
"""Counted up in a release that stops using a table, a column or a value, so that a later release
can take it away while this one still runs."""


class Tolerated(UuidModel):
    """A migration beside which older code may work."""

    what_we_see = Seen(
        "A change of the database beside which the version before may run",
        readable={
            "id": "a random number",
            "app": "which part of the hub",
            "name": "which change",
            "by": "from which generation of the code on",
        },
    )

    app = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    by = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app", "name"], name="kernel_tolerated_once")
        ]

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"


class _Statement(Operation):
    """Something that is said about the other operations of a migration, and changes nothing."""

    reduces_to_sql = False
    reversible = True

    def __init__(self, *, because: str) -> None:
        self.because = because

    def state_forwards(self, app_label: str, state: State) -> None:
        """Change nothing."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: Editor,
        from_state: State,
        to_state: State,
    ) -> None:
        """Change nothing."""

    def database_backwards(
        self,
        app_label: str,
        schema_editor: Editor,
        from_state: State,
        to_state: State,
    ) -> None:
        """Change nothing."""


class StopsTheHub(_Statement):
    """State in a migration that no older code may run beside it, and why; nothing is written."""

    def describe(self) -> str:
        """Say it for a list of operations."""
        return f"The hub is stopped for this: {self.because}"


class StillUsable(_Statement):
    """State in a migration that code of generation `by` or later may go on beside it.

    `name` is the migration's own. `because` names, for a change that would harm older code, the
    release in which the code stopped using what is changed; a test asks for it.
    """

    def __init__(self, name: str, *, by: int, because: str = "") -> None:
        super().__init__(because=because)
        self.name, self.by = name, by

    def database_forwards(
        self,
        app_label: str,
        schema_editor: Editor,
        from_state: State,
        to_state: State,
    ) -> None:
        """Write the statement, with the change or not at all."""
        _rows(schema_editor, from_state).update_or_create(
            app=app_label, name=self.name, defaults={"by": self.by}
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: Editor,
        from_state: State,
        to_state: State,
    ) -> None:
        """Take the statement back."""
        _rows(schema_editor, from_state).filter(app=app_label, name=self.name).delete()

    def describe(self) -> str:
        """Say it for a list of operations."""
        return f"Code of generation {self.by} may go on beside {self.name}"


def _rows(schema_editor: Editor, state: State) -> Any:
    """Return the statements; a migration that makes one depends on the table's own."""
    rows: Any = state.apps.get_model("kernel", "Tolerated").objects
    return rows.using(schema_editor.connection.alias)
