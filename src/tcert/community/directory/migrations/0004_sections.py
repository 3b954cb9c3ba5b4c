"""Sections of RFC 2350 in place of one line on the constituency; languages as tags."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import tcert.foundation.kernel.clock
from tcert.community.directory.documents import languages
from tcert.community.directory.models.section import AUDIENCES, SECTIONS

LONGEST = 120


def move(apps, schema_editor):
    """Move the constituency into its section, and read the languages as well as it can be done."""
    Team = apps.get_model("directory", "Team")
    TeamSection = apps.get_model("directory", "TeamSection")
    for team in Team.objects.exclude(constituency=""):
        TeamSection.objects.create(
            team=team, section="3.2", language="en", text=team.constituency
        )
    for team in Team.objects.exclude(spoken=""):
        team.languages, team.languages_note = languages.read(team.spoken)
        team.save(update_fields=["languages", "languages_note"])


def move_back(apps, schema_editor):
    """Keep of the sections what the old column can hold."""
    Team = apps.get_model("directory", "Team")
    TeamSection = apps.get_model("directory", "TeamSection")
    for section in TeamSection.objects.filter(section="3.2", language="en"):
        Team.objects.filter(pk=section.team_id).update(constituency=section.text[:500])
    for team in Team.objects.all():
        team.spoken = _spoken(team.languages, team.languages_note)
        team.save(update_fields=["spoken"])


def _spoken(tags, note):
    """Write languages and note as one line: the note alone where it names these languages."""
    if note and languages.read(note)[0] == tags:
        return note
    names = [languages.NAMES.get(tag, tag) for tag in tags]
    for said in (", ".join(names), ", ".join(tags)):
        both = "; ".join(part for part in (said, note) if part)
        if len(both) <= LONGEST:
            return both
    return note or both[:LONGEST]


class Migration(migrations.Migration):
    dependencies = [("directory", "0003_safe_harbour")]

    operations = [
        migrations.CreateModel(
            name="TeamSection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("section", models.CharField(choices=SECTIONS.items(), max_length=6)),
                ("language", models.CharField(choices=languages.NAMES.items(), max_length=12)),
                ("text", models.TextField(max_length=4000, verbose_name="text")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="directory.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "section", "language"), name="team_section_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamSignature",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("audience", models.CharField(choices=AUDIENCES.items(), max_length=8)),
                ("sha256", models.CharField(max_length=64)),
                ("signature", models.TextField()),
                ("signer", models.CharField(max_length=64)),
                ("home", models.CharField(max_length=300)),
                ("signed_at", models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signatures",
                        to="directory.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "audience"), name="one_signature_per_audience"
                    )
                ],
            },
        ),
        migrations.RenameField("team", "languages", "spoken"),
        migrations.AddField(
            "team",
            "languages",
            models.JSONField(blank=True, default=list, verbose_name="languages"),
        ),
        migrations.AddField(
            "team",
            "languages_note",
            models.CharField(
                blank=True, default="", max_length=120, verbose_name="note on languages"
            ),
            preserve_default=False,
        ),
        migrations.RunPython(move, move_back),
    ]
