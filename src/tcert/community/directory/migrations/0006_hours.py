from django.db import migrations, models

from tcert.community.directory import hours

LONGEST = 120


def nothing(apps, schema_editor):
    """Read nothing: what people wrote of their hours is a note."""


def move_back(apps, schema_editor):
    """Write the hours before the note, where both fit; else the note stays as it is."""
    for team in apps.get_model("directory", "Team").objects.exclude(hours=[]):
        week = hours.read(team.hours)
        days = [f"{a}-{b} {when}" if a != b else f"{a} {when}" for a, b, when in week.grouped()]
        said = "24/7" if week.always else "; ".join(days)
        both = "; ".join(part for part in (said, team.hours_note) if part)
        if len(both) <= LONGEST:
            team.hours_note = both
        elif not team.hours_note:
            team.hours_note = f"{said[: LONGEST - 1]}…"
        team.save(update_fields=["hours_note"])


class Migration(migrations.Migration):
    """Hours that a program reads; what people wrote of them stays as a note."""

    dependencies = [("directory", "0005_without_free_text")]

    operations = [
        migrations.RenameField("team", "hours", "hours_note"),
        migrations.AlterField(
            "team",
            "hours_note",
            models.CharField(blank=True, max_length=120, verbose_name="note on hours"),
        ),
        migrations.AddField(
            "team", "hours", models.JSONField(blank=True, default=list, verbose_name="hours")
        ),
        migrations.RunPython(nothing, move_back),
    ]
