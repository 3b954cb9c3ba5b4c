"""A worker that dies at a named point of a deletion: run as a process of its own."""

import sys
from datetime import datetime
from uuid import UUID

import django
from tests.crew.dying import die, then_die

django.setup()

from tcert.foundation.kernel import clock, storage  # noqa: E402 - after the set-up
from tcert.foundation.sealed.models import DoomedFile  # noqa: E402
from tcert.response.retention.domain import deleting  # noqa: E402

if __name__ == "__main__":
    point, case_id, moment = sys.argv[1:]
    shelves = type(storage.ciphertext())
    if point == "before the commit":
        deleting.record = then_die(deleting.record)
    elif point == "before the first file":
        shelves.delete = die  # type: ignore[method-assign]
    elif point == "after the first file":
        DoomedFile.delete = die  # type: ignore[assignment, method-assign]
    with clock.frozen(datetime.fromisoformat(moment)):
        deleting.delete_case(UUID(case_id))
    die()
