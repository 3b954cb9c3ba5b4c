import django.db.models.deletion
import tcert.community.claims.enums
import tcert.community.claims.models.claim
import tcert.foundation.identifiers.kinds
import tcert.foundation.kernel.clock
import tcert.foundation.kernel.guarded
import tcert.foundation.kernel.tlp
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('directory', '0007_confirmation'),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(choices=[(tcert.community.claims.enums.Source['TYPED'], 'typed'), (tcert.community.claims.enums.Source['CSV'], 'CSV file'), (tcert.community.claims.enums.Source['IR21'], 'IR.21 file')], default=tcert.community.claims.enums.Source['CSV'], max_length=8)),
                ('tlp', models.CharField(default=tcert.foundation.kernel.tlp.Tlp['AMBER'], max_length=12)),
                ('phase', models.CharField(choices=[(tcert.community.claims.enums.Phase['READING'], 'is being read'), (tcert.community.claims.enums.Phase['PREVIEW'], 'waits for you'), (tcert.community.claims.enums.Phase['RUNNING'], 'is being applied'), (tcert.community.claims.enums.Phase['DONE'], 'applied'), (tcert.community.claims.enums.Phase['CANCELLED'], 'cancelled'), (tcert.community.claims.enums.Phase['FAILED'], 'could not be read')], default=tcert.community.claims.enums.Phase['READING'], max_length=10)),
                ('problem', models.CharField(blank=True, max_length=20)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('begun_at', models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                ('begun_by', models.UUIDField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.UUIDField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('facts', tcert.foundation.kernel.guarded.GuardedJSONField(null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='directory.organisation')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='directory.team')),
            ],
            options={
                'ordering': ['-begun_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='BatchPart',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('verdict', models.CharField(max_length=10)),
                ('number', models.PositiveIntegerField()),
                ('content', tcert.foundation.kernel.guarded.GuardedBinaryField(editable=False)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='claims.batch')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[(tcert.foundation.identifiers.kinds.Kind['PLMN'], 'network (PLMN)'), (tcert.foundation.identifiers.kinds.Kind['GT_RANGE'], 'range of Global Titles'), (tcert.foundation.identifiers.kinds.Kind['GLOBAL_TITLE'], 'Global Title'), (tcert.foundation.identifiers.kinds.Kind['MSISDN_RANGE'], 'range of subscriber numbers'), (tcert.foundation.identifiers.kinds.Kind['POINT_CODE_INTERNATIONAL'], 'point code, international'), (tcert.foundation.identifiers.kinds.Kind['POINT_CODE_NATIONAL'], 'point code, national'), (tcert.foundation.identifiers.kinds.Kind['POINT_CODE_ANSI'], 'point code, ANSI'), (tcert.foundation.identifiers.kinds.Kind['DIAMETER_REALM'], 'Diameter realm'), (tcert.foundation.identifiers.kinds.Kind['DIAMETER_HOST'], 'Diameter host'), (tcert.foundation.identifiers.kinds.Kind['FQDN_5G'], '5G name'), (tcert.foundation.identifiers.kinds.Kind['APN'], 'APN with operator'), (tcert.foundation.identifiers.kinds.Kind['CIDR'], 'IP network'), (tcert.foundation.identifiers.kinds.Kind['IP'], 'IP address'), (tcert.foundation.identifiers.kinds.Kind['ASN'], 'AS number'), (tcert.foundation.identifiers.kinds.Kind['DOMAIN'], 'domain'), (tcert.foundation.identifiers.kinds.Kind['TAC'], 'TAC of a device'), (tcert.foundation.identifiers.kinds.Kind['ECGI'], 'cell (ECGI)'), (tcert.foundation.identifiers.kinds.Kind['NCGI'], 'cell (NCGI)'), (tcert.foundation.identifiers.kinds.Kind['TAI'], 'tracking area')], max_length=24, verbose_name='kind')),
                ('value', tcert.community.claims.models.claim.SortedField(max_length=300, verbose_name='identifier')),
                ('state', models.CharField(choices=[(tcert.community.claims.enums.State['CLAIMED'], 'claimed, not verified'), (tcert.community.claims.enums.State['VERIFIED'], 'verified'), (tcert.community.claims.enums.State['DISPUTED'], 'disputed'), (tcert.community.claims.enums.State['WITHDRAWN'], 'withdrawn'), (tcert.community.claims.enums.State['EXPIRED'], 'expired'), (tcert.community.claims.enums.State['ENDED'], 'ended by a decision')], default=tcert.community.claims.enums.State['CLAIMED'], max_length=10)),
                ('is_shared', models.BooleanField(default=False)),
                ('source', models.CharField(choices=[(tcert.community.claims.enums.Source['TYPED'], 'typed'), (tcert.community.claims.enums.Source['CSV'], 'CSV file'), (tcert.community.claims.enums.Source['IR21'], 'IR.21 file')], default=tcert.community.claims.enums.Source['TYPED'], max_length=8)),
                ('tlp', models.CharField(default=tcert.foundation.kernel.tlp.Tlp['AMBER'], max_length=12, verbose_name='who may read of it')),
                ('is_findable', models.BooleanField(default=False)),
                ('valid_from', models.DateTimeField(default=tcert.foundation.kernel.clock.now, verbose_name='valid from')),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('verified_from', models.DateTimeField(null=True)),
                ('verified_until', models.DateTimeField(null=True)),
                ('overlapped_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=tcert.foundation.kernel.clock.now, editable=False)),
                ('changed_at', models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                ('evidence', tcert.foundation.kernel.guarded.GuardedTextField(blank=True, default='', max_length=2000, verbose_name='evidence')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='claims', to='directory.organisation')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='claims', to='directory.team')),
            ],
            options={
                'ordering': ['kind', 'value', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Covered',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('space', models.CharField(max_length=8)),
                ('prefix', tcert.community.claims.models.claim.SortedField(max_length=300)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='covered', to='claims.claim')),
            ],
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('opened_at', models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                ('opened_by', models.UUIDField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[(tcert.community.claims.enums.Outcome['UPHELD'], 'the claim stands'), (tcert.community.claims.enums.Outcome['ENDED'], 'the claim is ended'), (tcert.community.claims.enums.Outcome['SHARED'], 'both hold it'), (tcert.community.claims.enums.Outcome['MOOT'], 'the claim was withdrawn or ran out meanwhile')], max_length=8)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.UUIDField(null=True)),
                ('reason', tcert.foundation.kernel.guarded.GuardedTextField(max_length=2000)),
                ('decision', tcert.foundation.kernel.guarded.GuardedTextField(blank=True, default='', max_length=2000)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='disputes', to='claims.claim')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='directory.organisation')),
            ],
            options={
                'ordering': ['-opened_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                ('by', models.UUIDField(null=True)),
                ('text', tcert.foundation.kernel.guarded.GuardedTextField(max_length=2000)),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='directory.organisation')),
                ('dispute', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='claims.dispute')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('way', models.CharField(choices=[(tcert.community.claims.enums.Way['MAIL'], 'mail to the round-the-clock contact'), (tcert.community.claims.enums.Way['DNS'], 'DNS record'), (tcert.community.claims.enums.Way['ATTESTATION'], 'word of another team'), (tcert.community.claims.enums.Way['COORDINATOR'], 'coordinator')], max_length=12)),
                ('state', models.CharField(choices=[(tcert.community.claims.enums.Proof['ASKED'], 'waits for an answer'), (tcert.community.claims.enums.Proof['PROVEN'], 'proven'), (tcert.community.claims.enums.Proof['DECLINED'], 'declined'), (tcert.community.claims.enums.Proof['LAPSED'], 'ran out unanswered')], default=tcert.community.claims.enums.Proof['ASKED'], max_length=10)),
                ('digest', models.CharField(max_length=64, null=True, unique=True)),
                ('record', models.CharField(blank=True, max_length=80)),
                ('asked_at', models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                ('asked_by', models.UUIDField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.UUIDField(null=True)),
                ('holds_until', models.DateTimeField(null=True)),
                ('note', tcert.foundation.kernel.guarded.GuardedTextField(blank=True, default='', max_length=2000)),
                ('by_team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='directory.team')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='verifications', to='claims.claim')),
            ],
            options={
                'ordering': ['-asked_at', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['organisation', '-begun_at'], name='batch_of'),
        ),
        migrations.AddConstraint(
            model_name='batchpart',
            constraint=models.UniqueConstraint(fields=('batch', 'verdict', 'number'), name='batch_part_once'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['organisation', 'state', 'kind'], name='claim_of_holder'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['state', 'created_at'], name='claim_waiting'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['kind', 'value'], name='claim_value'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('verified_until__isnull', False)), fields=['verified_until'], name='claim_proof_ends'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('valid_until__isnull', False)), fields=['valid_until'], name='claim_ends'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.UniqueConstraint(fields=('organisation', 'kind', 'value'), name='claim_once'),
        ),
        migrations.AddIndex(
            model_name='covered',
            index=models.Index(fields=['space', 'prefix'], name='claim_covered'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('claim',), name='claim_disputed_once'),
        ),
        migrations.AddConstraint(
            model_name='verification',
            constraint=models.UniqueConstraint(condition=models.Q(('state', tcert.community.claims.enums.Proof['ASKED'])), fields=('claim', 'way'), name='claim_asked_once_each_way'),
        ),
    ]
