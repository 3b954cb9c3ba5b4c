"""Run every scheduled job once, as three days from now, and once more: `-m bench.sweep`.

What a hub keeps for a day or two cannot be seen to go in two hours: this shows what is left when
its time has come.
"""

from datetime import timedelta

import django

LATER = timedelta(days=3)
JITTER = timedelta(hours=3)
"""Longer than any job is put off after its due time."""


def main() -> None:
    """Put the clock forward, and run what the schedule says is due then."""
    django.setup()
    from tcert.foundation.kernel import clock, jobs

    then = clock.now()
    for _ in range(2):  # what the first sweep delivers is kept for its own day or two
        then += LATER
        with clock.frozen(then):
            jobs.tick()
        with clock.frozen(then + JITTER):
            jobs.run_due()


if __name__ == "__main__":
    main()
