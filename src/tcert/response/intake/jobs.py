"""Forget what was never sent, and tokens that have expired anyway."""

from datetime import timedelta

from django.db import transaction

from tcert.foundation.kernel import clock, jobs
from tcert.response.intake.domain import keeping
from tcert.response.intake.models import KeptFile, SpentToken


@jobs.every(timedelta(days=1), at=timedelta(hours=3), jitter=timedelta(hours=1))
@jobs.job("intake:forget")
def forget() -> None:
    """Delete files whose report was not sent, and used tokens that no longer pass anyway."""
    today = clock.today()
    with transaction.atomic():
        keeping.forget(KeptFile.objects.filter(kept_until__lt=today))
        SpentToken.objects.filter(until__lt=today).delete()
