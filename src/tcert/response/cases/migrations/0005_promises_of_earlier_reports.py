from django.db import migrations
from django.db.models import Min


def owe_what_was_reported(apps, schema_editor):
    """Write down for each reporter who still has a mailbox since when an answer was owed."""
    threads = apps.get_model("cases", "CaseThread").objects.filter(purpose="reporter")
    answered = dict(
        apps.get_model("sealed", "Message")
        .objects.filter(thread__in=threads.values("thread"), author_kind="team")
        .order_by()
        .values_list("thread")
        .annotate(first=Min("created_on"))
    )
    owed = apps.get_model("cases", "PromisedAnswer")
    known = set(owed.objects.values_list("case_id", flat=True))
    listening = threads.filter(
        readers__participant__team__isnull=True, readers__left_at__isnull=True
    )
    owed.objects.bulk_create(
        owed(
            case=link.case,
            team_id=link.case.coordinating_team_id,
            received_on=link.case.received_on,
            answered_on=answered.get(link.thread_id),
        )
        for link in listening.select_related("case")
        if link.case_id not in known
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_promised_answer"), ("sealed", "0001_initial")]

    operations = [migrations.RunPython(owe_what_was_reported, migrations.RunPython.noop)]
