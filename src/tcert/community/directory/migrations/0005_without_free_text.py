from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the one that moves rows: PostgreSQL alters no table with rows still in motion."""

    dependencies = [("directory", "0004_sections")]

    operations = [
        migrations.AlterField(
            "team", "spoken", models.CharField(blank=True, default="", max_length=120)
        ),
        migrations.AlterField(
            "team", "constituency", models.CharField(blank=True, default="", max_length=500)
        ),
        migrations.RemoveField("team", "spoken"),
        migrations.RemoveField("team", "constituency"),
    ]
