import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0003_keeping'),
        ('directory', '0001_initial'),
        ('sealed', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PromisedAnswer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('received_on', models.DateField()),
                ('answered_on', models.DateField(null=True)),
                ('called_on', models.DateField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='casethread',
            name='one_report_thread',
        ),
        migrations.AddConstraint(
            model_name='casethread',
            constraint=models.UniqueConstraint(condition=models.Q(('participant__isnull', True), ('purpose__in', ['report', 'reporter', 'title'])), fields=('case', 'purpose'), name='one_report_thread'),
        ),
        migrations.AddConstraint(
            model_name='casethread',
            constraint=models.UniqueConstraint(condition=models.Q(('participant__isnull', False), ('purpose__in', ['report', 'reporter'])), fields=('case', 'purpose', 'participant'), name='one_report_thread_anew'),
        ),
        migrations.AddField(
            model_name='promisedanswer',
            name='case',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cases.case'),
        ),
        migrations.AddField(
            model_name='promisedanswer',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='directory.team'),
        ),
        migrations.AddIndex(
            model_name='promisedanswer',
            index=models.Index(fields=['team', 'received_on'], name='cases_promi_team_id_c4aacd_idx'),
        ),
    ]
