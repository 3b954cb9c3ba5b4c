"""Background work of imports: forgetting files that nobody confirmed, and going on."""

from datetime import timedelta

from tcert.community.imports.domain import importing
from tcert.foundation.kernel.jobs import every, job


@every(timedelta(hours=1), jitter=timedelta(minutes=10))
@job("imports:forget")
def forget() -> None:
    """Forget what was uploaded and not confirmed within two days; go on with what broke off."""
    importing.forget_old()
    importing.go_on()
