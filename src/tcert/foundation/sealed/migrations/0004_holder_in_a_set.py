"""Find a reader in one set of readers: a desk was in every one of the hub."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sealed", "0003_key_of_message_and_reader")]

    operations = [
        migrations.AddIndex(
            model_name="recipient",
            index=models.Index(
                fields=["holder_kind", "holder_id", "recipient_set"], name="holder_in_a_set"
            ),
        ),
        migrations.RemoveIndex(model_name="recipient", name="sealed_reci_holder__f66bd4_idx"),
    ]
