"""One index for the two questions about a key: of which message, and for which reader."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sealed", "0002_doomed_files")]

    operations = [
        migrations.AddIndex(
            model_name="keypacket",
            index=models.Index(
                fields=["message", "recipient"], name="key_of_message_and_reader"
            ),
        ),
        migrations.AlterField(
            model_name="keypacket",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="key_packets",
                to="sealed.message",
            ),
        ),
    ]
