"""A worker that dies at a named point of a release: run as a process of its own."""

import sys
from uuid import UUID

import django
from tests.crew.dying import die, then_die

django.setup()

from tcert.response.advisories.domain import release  # noqa: E402 - after the set-up
from tcert.response.advisories.models import Release  # noqa: E402

if __name__ == "__main__":
    point, advisory_id = sys.argv[1:]
    if point == "before signing":
        release.sign_detached = die  # type: ignore[assignment]
    elif point == "after signing":
        release._write_down = die  # type: ignore[assignment]
    elif point == "release row written":
        Release.objects.create = then_die(Release.objects.create)  # type: ignore[method-assign]
    elif point == "before the commit":
        release.outbox.emit = then_die(release.outbox.emit)  # type: ignore[assignment]
    release.carry_out(UUID(advisory_id))
    die()
