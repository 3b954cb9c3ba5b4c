import tcert.community.directory.enums
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0002_teamkey_confirmed_contact'),
    ]

    operations = [
        migrations.AddField(
            model_name='organisation',
            name='safe_harbour',
            field=models.CharField(choices=[(tcert.community.directory.enums.SafeHarbour['NOT_STATED'], 'has stated nothing'), (tcert.community.directory.enums.SafeHarbour['STATED'], 'states that it will not act against reporters in good faith'), (tcert.community.directory.enums.SafeHarbour['REFUSED'], 'has said that it makes no such promise')], default=tcert.community.directory.enums.SafeHarbour['NOT_STATED'], max_length=10, verbose_name='safe harbour for reporters'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='safe_harbour_policy',
            field=models.URLField(blank=True, default='', max_length=300, verbose_name='where it says so'),
        ),
    ]
