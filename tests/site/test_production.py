"""A production hub refuses to start where its settings would give something away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tcert.site import settings

SAFE = {"TCERT_PRODUCTION": "1", "TCERT_BASE_URL": "https://hub.example"}


def loaded(tmp_path, **changed: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own and print whether debug pages are on."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TCERT_")}
    kept |= {"TCERT_DATA": str(tmp_path), "PYTHONPATH": str(Path(settings.__file__).parents[2])}
    return subprocess.run(
        [sys.executable, "-c", "from tcert.site.settings import DEBUG; print(DEBUG)"],
        env={**kept, **changed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"TCERT_DEBUG": "1"}, "a production hub shows no debug pages"),
        ({"TCERT_DEMO": "1"}, "cannot be a demonstration"),
        ({"TCERT_BASE_URL": "http://hub.example"}, "must be https://"),
    ],
)
def test_what_tells_too_much_stops_a_production_hub(tmp_path, changed, words):
    refused = loaded(tmp_path, **{**SAFE, **changed})
    assert refused.returncode != 0
    assert words in refused.stderr


def test_debug_pages_are_off_unless_asked_for(tmp_path):
    assert loaded(tmp_path).stdout.strip() == "False"
    assert loaded(tmp_path, **SAFE).stdout.strip() == "False"
    assert loaded(tmp_path, TCERT_DEBUG="1").stdout.strip() == "True"
