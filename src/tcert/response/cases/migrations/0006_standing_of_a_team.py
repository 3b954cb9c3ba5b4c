"""Find a team's rows by how far it is with the report: each page of a desk counts them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_promises_of_earlier_reports")]

    operations = [
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(fields=["team", "management"], name="standing_of_a_team"),
        ),
    ]
