from django.db import migrations, models


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
    ]
