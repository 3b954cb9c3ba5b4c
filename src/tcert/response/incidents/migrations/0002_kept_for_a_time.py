import uuid

import django.db.models.deletion
import tcert.foundation.kernel.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeletedIncident",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("deleted_at", models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                ("traces", models.JSONField(default=list)),
            ],
            options={"ordering": ["deleted_at", "id"]},
        ),
        migrations.AddField(
            model_name="incident",
            name="warned_on",
            field=models.DateField(null=True),
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("set_at", models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                ("until", models.DateField(verbose_name="until")),
                ("incident", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="incidents.incident")),
                ("team", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.team")),
            ],
            options={
                "ordering": ["until", "id"],
                "constraints": [models.UniqueConstraint(fields=("incident", "team"), name="one_hold_of_a_team")],
            },
        ),
    ]
