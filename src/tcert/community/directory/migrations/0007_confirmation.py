import uuid

import django.db.models.deletion
from django.db import migrations, models

import tcert.foundation.kernel.clock


class Migration(migrations.Migration):
    dependencies = [("directory", "0006_hours")]

    operations = [
        migrations.AddField("team", "confirmed_at", models.DateTimeField(null=True)),
        migrations.AddField("team", "confirmed_by", models.UUIDField(null=True)),
        migrations.CreateModel(
            name="TeamChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                ("by", models.UUIDField(null=True)),
                ("by_desk", models.BooleanField(default=False)),
                ("field", models.CharField(max_length=40)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="directory.team",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "id"],
                "indexes": [
                    models.Index(fields=["team", "-at"], name="directory_t_team_id_changes")
                ],
            },
        ),
    ]
