"""Move the networks that operators claim from the inventory into this room, and back."""

from datetime import timedelta

from django.db import migrations

YEAR = timedelta(days=365)
AT_ONCE = 500


def move_in(apps, schema_editor):
    """Keep the ids: records name them. What was verified stays so for a year from then."""
    Claim = apps.get_model("claims", "Claim")
    Covered = apps.get_model("claims", "Covered")
    for old in apps.get_model("inventory", "PlmnClaim").objects.iterator(chunk_size=AT_ONCE):
        proven = old.verified_at is not None and old.withdrawn_at is None
        state = "withdrawn" if old.withdrawn_at else "verified" if proven else "claimed"
        claim = Claim.objects.create(
            id=old.id,
            organisation_id=old.organisation_id,
            kind="plmn",
            value=old.plmn,
            state=state,
            source="typed",
            tlp="AMBER",
            valid_from=old.created_at,
            created_at=old.created_at,
            changed_at=old.withdrawn_at or old.verified_at or old.created_at,
            verified_from=old.verified_at if proven else None,
            verified_until=old.verified_at + YEAR if proven else None,
        )
        Covered.objects.create(claim=claim, space="plmn", prefix=f"{old.plmn}.")
        if proven:
            apps.get_model("claims", "Verification").objects.create(
                claim=claim,
                way="coordinator",
                state="proven",
                asked_at=old.verified_at,
                asked_by=old.verified_by,
                answered_at=old.verified_at,
                answered_by=old.verified_by,
                holds_until=old.verified_at + YEAR,
            )


def move_back(apps, schema_editor):
    """Give the inventory its networks; other kinds have no place there and go with this room."""
    Old = apps.get_model("inventory", "PlmnClaim")
    moved = apps.get_model("claims", "Claim").objects.filter(kind="plmn")
    for claim in moved:
        counts = claim.state in {"claimed", "verified", "disputed"}
        proof = claim.verifications.filter(state="proven").order_by("-answered_at").first()
        Old.objects.create(
            id=claim.id,
            organisation_id=claim.organisation_id,
            plmn=claim.value,
            verified_at=claim.verified_from if counts else None,
            verified_by=proof.answered_by if counts and proof else None,
            withdrawn_at=None if counts else claim.changed_at,
            created_at=claim.created_at,
        )
    moved.delete()


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial"), ("inventory", "0001_initial")]
    run_before = [("inventory", "0002_without_networks")]

    operations = [migrations.RunPython(move_in, move_back)]
