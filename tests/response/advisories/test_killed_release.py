"""A release is whole or not there, wherever its worker is killed, and is made once in the end."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.factories import advisories as made
from tests.foundation.kernel.test_worker import environment

from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.signing import verify_detached
from tcert.response.advisories.domain import release
from tcert.response.advisories.enums import AdvisoryState
from tcert.response.advisories.models import Advisory, Release

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.slow,
]
SCRIPT = Path(__file__).with_name("killed_release.py")


@pytest.mark.parametrize(
    ("point", "releases"),
    [
        ("before signing", 0),
        ("after signing", 0),
        ("release row written", 0),
        ("before the commit", 0),
        ("after the commit", 1),
    ],
)
def test_killed(point: str, releases: int, hub_key: None, settings: object) -> None:
    text = made.approved()
    release.publish_now(
        principal=made.writer(),
        advisory_id=text.id,
        text_version=1,
        typed_number=text.number or "",
    )
    died = subprocess.run(
        [sys.executable, str(SCRIPT), point, str(text.id)],
        env={
            **environment(),
            "TCERT_HUB_KEY": str(settings.HUB_KEY_FILE),  # type: ignore[attr-defined]
        },
        check=False,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL
    assert Release.objects.count() == releases
    text.refresh_from_db()
    assert (text.state == AdvisoryState.PUBLISHED) is bool(releases)
    release.carry_out(text.id)
    release.carry_out(text.id)
    (out,) = Release.objects.all()
    own = hubkey.public()
    assert own is not None
    assert verify_detached(bytes(out.document), out.signature, own.certificate)
    assert Advisory.objects.get().state == AdvisoryState.PUBLISHED
    assert out.products.count() == 1
