"""The migrations say what the models say, and what they do to code that still runs beside them."""

from collections.abc import Iterable

import pytest
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from tcert.foundation.kernel import beside, schema
from tcert.foundation.kernel.beside import StillUsable, StopsTheHub, Tolerated

FIRST_RELEASE = {
    "accounts": ["vault_passkeys"],
    "cases": [
        "keeping",
        "promised_answer",
        "promises_of_earlier_reports",
        "recusal",
        "standing_of_a_team",
        "unopened",
    ],
    "claims": ["networks"],
    "desk": ["deputy"],
    "directory": [
        "confirmation",
        "hours",
        "public_fields",
        "safe_harbour",
        "sections",
        "teamkey_confirmed_contact",
        "without_free_text",
    ],
    "feedkeys": ["incidents", "notifications", "opens"],
    "incidents": ["kept_for_a_time"],
    "intake": ["leaves_when_free"],
    "inventory": ["without_networks", "words"],
    "kernel": ["leaf_hash_moves_to_the_tree", "mail_content", "shared_value", "tolerated"],
    "participation": ["what_was_done_before"],
    "notices": ["drill_link"],
    "notifications": ["mail_and_programs"],
    "retention": ["requests_between_members"],
    "sealed": ["doomed_files", "holder_in_a_set", "key_of_message_and_reader"],
}
FIRST_RELEASE_HINT = "(what comes with the first release is listed in FIRST_RELEASE instead)"
"""What comes with the first release, without number: no older code is out that could run beside.
Until that release is out, a new migration's name is added here."""


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


_HARMLESS = (
    operations.AddIndex,
    operations.AlterModelManagers,
    operations.AlterModelOptions,
    operations.CreateModel,
    operations.RemoveConstraint,
    operations.RemoveIndex,
    StillUsable,
    StopsTheHub,
)
_HARMS: dict[type[Operation], str] = {
    operations.AddConstraint: "older code may write what it forbids",
    operations.AlterField: "older code may write what the column no longer takes",
    operations.AlterModelTable: "older code knows the table by its old name",
    operations.AlterUniqueTogether: "older code may write what it forbids",
    operations.DeleteModel: "older code still uses the table",
    operations.RemoveField: "older code still reads and writes the column",
    operations.RenameField: "older code knows the column by its old name",
    operations.RenameModel: "older code knows the table by its old name",
    operations.RunPython: "rows change under older code",
    operations.RunSQL: "nobody knows what it changes",
    operations.SeparateDatabaseAndState: "nobody knows what it changes",
}


def harm(operation: Operation) -> str:
    """Return what an operation does to older code that runs beside it; empty if nothing."""
    if isinstance(operation, operations.AddField):
        field = operation.field
        filled = field.null or field.has_db_default() or field.many_to_many
        return "" if filled else "older code writes rows without this column"
    if isinstance(operation, _HARMLESS):
        return ""
    return _HARMS.get(type(operation), "nobody has judged this kind of change")


def complaints(app: str, name: str, found: Iterable[Operation]) -> list[str]:
    """Return what a migration of ours lacks for an upgrade without a break."""
    listed = list(found)
    stated = [one for one in listed if isinstance(one, StillUsable)]
    if any(isinstance(one, StopsTheHub) for one in listed):
        return (
            [] if not stated else [f"{app}.{name} says both that the hub stops and that it goes on"]
        )
    if not stated:
        lacking = "does not say whether the version before may run beside it"
        return [f"{app}.{name} {lacking}: add StillUsable, or StopsTheHub with the reason"]
    said = [
        f"{app}.{name}: {one.describe()}: {harm(one)}"
        for one in listed
        if harm(one) and not stated[0].because
    ]
    if stated[0].name != name:
        said.append(f"{app}.{name}: StillUsable speaks of {stated[0].name}")
    if not 1 <= stated[0].by <= beside.GENERATION:
        said.append(f"{app}.{name}: there is no generation {stated[0].by}")
    return said


def test_each_migration_says_whether_the_version_before_may_run_beside_it():
    said = []
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        ours = type(migration).__module__.startswith("tcert.")
        if ours and not migration.initial and name[5:] not in FIRST_RELEASE.get(app, ()):
            said += complaints(app, name, migration.operations)
    assert not said, "\n".join([*said, FIRST_RELEASE_HINT])


TEXT = models.CharField(max_length=5)
HARMFUL = {
    "a column that must be filled": operations.AddField("case", "x", TEXT),
    "a column is taken away": operations.RemoveField("case", "x"),
    "a column gets another name": operations.RenameField("case", "x", "y"),
    "a column takes less": operations.AlterField("case", "x", TEXT),
    "a table is taken away": operations.DeleteModel("case"),
    "a table gets another name": operations.RenameModel("case", "affair"),
    "a rule is added": operations.AddConstraint("case", models.UniqueConstraint("x", name="x")),
    "rows change": operations.RunPython(operations.RunPython.noop),
    "anything": operations.RunSQL("SELECT 1"),
    "a kind that nobody judged": Operation(),
}
HARMLESS = {
    "a table": operations.CreateModel("x", []),
    "an index": operations.AddIndex("case", models.Index("x", name="x")),
    "a column that may be empty": operations.AddField(
        "case", "x", models.CharField(max_length=5, null=True)
    ),
    "a column that the database fills": operations.AddField(
        "case", "x", models.CharField(max_length=5, db_default="")
    ),
}


@pytest.mark.parametrize("what", HARMFUL)
def test_a_change_that_harms_older_code_must_say_who_stopped_using_it(what):
    change = HARMFUL[what]
    assert complaints("cases", "0009_x", [change])
    assert complaints("cases", "0009_x", [change, StillUsable("0009_x", by=1)])
    reason = StillUsable("0009_x", by=1, because="unused since 0.4")
    assert complaints("cases", "0009_x", [change, reason]) == []
    assert complaints("cases", "0009_x", [change, StopsTheHub(because="renamed")]) == []


@pytest.mark.parametrize("what", HARMLESS)
def test_a_change_that_adds_need_only_be_stated(what):
    change = HARMLESS[what]
    assert complaints("cases", "0009_x", [change])
    assert complaints("cases", "0009_x", [change, StillUsable("0009_x", by=1)]) == []
    for wrong in (
        StillUsable("0008_y", by=1),
        StillUsable("0009_x", by=beside.GENERATION + 1),
        StillUsable("0009_x", by=0),
    ):
        assert complaints("cases", "0009_x", [change, wrong])
    both = [change, StillUsable("0009_x", by=1), StopsTheHub(because="why")]
    assert complaints("cases", "0009_x", both)


@pytest.fixture
def newer(monkeypatch):
    """A database with two migrations that this code does not have."""
    known = schema.unknown

    def unknown(applied):
        return [*known(applied), "later.0001_x", "later.0002_y"]

    monkeypatch.setattr(schema, "unknown", unknown)


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stated", "goes_on"),
    [
        ({}, False),
        ({"0001_x": 1}, False),
        ({"0001_x": 1, "0002_y": 1}, True),
        ({"0001_x": 1, "0002_y": beside.GENERATION + 1}, False),
    ],
)
def test_older_code_goes_on_only_if_every_later_migration_says_so(newer, stated, goes_on):
    for name, by in stated.items():
        Tolerated.objects.create(app="later", name=name, by=by)
    assert schema.is_newer()
    if goes_on:
        schema.refuse_newer()
    else:
        with pytest.raises(schema.NewerSchema):
            schema.refuse_newer()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_statement_is_written_with_its_migration_and_taken_back_with_it():
    state = MigrationLoader(connection).project_state()
    with connection.schema_editor() as editor:
        change = migrations.Migration("0009_x", "later")
        change.operations = [StillUsable("0009_x", by=1), StopsTheHub(because="nothing")]
        change.apply(state, editor)
        assert list(Tolerated.objects.values_list("app", "name", "by")) == [("later", "0009_x", 1)]
        change.unapply(state, editor)
    assert not Tolerated.objects.exists()
