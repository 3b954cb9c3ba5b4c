import tcert.community.inventory.models
from django.db import migrations, models


class Migration(migrations.Migration):
    """Networks are claims like any other now: the room of claims has moved them before this."""

    dependencies = [
        ('inventory', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='product',
            name='cpe',
            field=models.CharField(blank=True, max_length=400, validators=[tcert.community.inventory.models.validate_cpe], verbose_name='CPE 2.3 name'),
        ),
        migrations.DeleteModel(
            name='PlmnClaim',
        ),
    ]
