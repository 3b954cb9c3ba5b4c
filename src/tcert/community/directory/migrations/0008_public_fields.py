from django.db import migrations, models

import tcert.foundation.kernel.words

_PORTION = 500


def _spell(apps, _editor):
    """Write the searched form of the names that are there."""
    for label in ("Organisation", "Team"):
        model = apps.get_model("directory", label)
        of = model._meta.get_field("words").of
        rows = []
        for row in model.objects.only("id", *of).iterator(chunk_size=_PORTION):
            row.words = tcert.foundation.kernel.words.searched_form(
                getattr(row, name) for name in of
            )
            rows.append(row)
            if len(rows) == _PORTION:
                model.objects.bulk_update(rows, ["words"])
                rows = []
        model.objects.bulk_update(rows, ["words"])


class Migration(migrations.Migration):
    dependencies = [("directory", "0007_confirmation")]

    operations = [
        migrations.AddField(
            "team", "public_fields", models.JSONField(blank=True, default=list, db_default=[])
        ),
        migrations.AddField(
            "organisation",
            "words",
            tcert.foundation.kernel.words.WordsField(of=["name", "short_name"]),
        ),
        migrations.AddField(
            "team", "words", tcert.foundation.kernel.words.WordsField(of=["name"])
        ),
        migrations.RunPython(_spell, migrations.RunPython.noop),
    ]
