"""A deletion is whole or not begun, wherever its worker is killed, and is complete in the end."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.crew.running import environment
from tests.factories.retention import full_case, warned

from tcert.foundation.kernel import clock, storage
from tcert.foundation.sealed.domain import removing
from tcert.foundation.sealed.models import DoomedFile, File, Message
from tcert.response.cases.models import Case, DeletedCase
from tcert.response.intake.models import KeptFile
from tcert.response.retention.domain import deleting

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.slow,
]
SCRIPT = Path(__file__).with_name("killed_deletion.py")


@pytest.mark.parametrize(
    ("point", "committed", "files_left"),
    [
        ("before the commit", False, 2),
        ("before the first file", True, 2),
        ("after the first file", True, 1),
    ],
)
def test_killed(point: str, committed: bool, files_left: int) -> None:
    made = full_case()
    moment = warned(made)
    messages = Message.objects.count()
    files = {*File.objects.values_list("stored_as", flat=True), KeptFile.objects.get().content}
    died = subprocess.run(
        [sys.executable, str(SCRIPT), point, str(made.case.id), moment.isoformat()],
        env=environment(),
        check=False,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL
    assert Case.objects.filter(pk=made.case.pk).exists() is not committed
    assert DeletedCase.objects.exists() is committed
    assert Message.objects.count() == (0 if committed else messages)
    assert len(files & set(storage.ciphertext().names())) == files_left
    with clock.frozen(moment):
        assert deleting.delete_case(made.case.id) is not committed
        assert deleting.delete_case(made.case.id) is False
    removing.delete_doomed()
    assert DeletedCase.objects.count() == 1
    assert not files & set(storage.ciphertext().names())
    assert not DoomedFile.objects.exists()
    assert not Message.objects.exists()
