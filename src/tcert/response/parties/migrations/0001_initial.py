import django.db.models.deletion
import django.db.models.functions.text
import tcert.foundation.kernel.clock
import tcert.foundation.kernel.guarded
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_vault_passkeys"),
        ("cases", "0002_recusal"),
        ("directory", "0002_teamkey_confirmed_contact"),
    ]

    operations = [
        migrations.CreateModel(
            name="PartyInvitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("state", models.CharField(default="sent", max_length=10)),
                ("name", models.CharField(max_length=120, verbose_name="organisation")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mno", "mobile operator"),
                            ("mvno", "virtual mobile operator"),
                            ("fixed-operator", "fixed operator"),
                            ("vendor", "vendor"),
                            ("law-enforcement", "law enforcement"),
                            ("government", "government or regulator"),
                            ("national-cert", "national CERT"),
                            ("standards-body", "standards body"),
                            ("interconnect-carrier", "interconnect carrier (IPX/GRX)"),
                            ("lab", "lab"),
                            ("security-firm", "security firm"),
                            ("solution-provider", "security solution provider"),
                            ("individual", "independent researcher or professional"),
                            ("hub", "this hub"),
                        ],
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                ("roles", models.JSONField(default=list)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("security.txt", "its security.txt"),
                            ("first", "its entry at FIRST"),
                            ("trusted-introducer", "its entry at Trusted Introducer"),
                            ("own-website", "its own web page"),
                            ("phone", "told by phone, on a published number"),
                            ("other", "another public place"),
                        ],
                        max_length=20,
                    ),
                ),
                ("published_at", tcert.foundation.kernel.guarded.GuardedTextField(max_length=300)),
                (
                    "believed",
                    tcert.foundation.kernel.guarded.GuardedTextField(
                        blank=True, default="", max_length=1000
                    ),
                ),
                ("invited_at", models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                ("invited_by", models.UUIDField(null=True)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("joined_at", models.DateTimeField(null=True)),
                ("joined_by", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="party_invitations",
                        to="cases.case",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="directory.organisation",
                    ),
                ),
                (
                    "team",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="party_invitation",
                        to="directory.team",
                    ),
                ),
            ],
            options={
                "ordering": ["-invited_at"],
            },
        ),
        migrations.CreateModel(
            name="PartyAddress",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", tcert.foundation.kernel.guarded.GuardedTextField(max_length=254)),
                ("sent_at", models.DateTimeField(default=tcert.foundation.kernel.clock.now)),
                (
                    "link",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="party_address",
                        to="accounts.onetimelink",
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="parties.partyinvitation",
                    ),
                ),
            ],
            options={
                "ordering": ["sent_at", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="partyinvitation",
            constraint=models.UniqueConstraint(
                models.F("case"),
                django.db.models.functions.text.Lower("name"),
                condition=models.Q(
                    ("state__in", ["asked", "expired", "joined", "lapsed", "opened", "sent"])
                ),
                name="a_party_is_invited_once",
            ),
        ),
    ]
