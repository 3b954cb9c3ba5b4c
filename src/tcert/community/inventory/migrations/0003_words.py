from django.db import migrations

import tcert.foundation.kernel.words

_PORTION = 500


def _spell(apps, _editor):
    """Write the searched form of the names that are there."""
    model = apps.get_model("inventory", "Product")
    rows = []
    for row in model.objects.only("id", "name", "aliases").iterator(chunk_size=_PORTION):
        row.words = tcert.foundation.kernel.words.searched_form([row.name, *row.aliases])
        rows.append(row)
        if len(rows) == _PORTION:
            model.objects.bulk_update(rows, ["words"])
            rows = []
    model.objects.bulk_update(rows, ["words"])


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0008_public_fields"),
        ("inventory", "0002_without_networks"),
    ]

    operations = [
        migrations.AddField(
            "product", "words", tcert.foundation.kernel.words.WordsField(of=["name", "aliases"])
        ),
        migrations.RunPython(_spell, migrations.RunPython.noop),
    ]
