from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="teamkey",
            name="confirmed_contact",
            field=models.CharField(blank=True, max_length=300),
        ),
    ]
