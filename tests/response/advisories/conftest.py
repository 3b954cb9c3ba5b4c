"""A hub key for the tests that publish."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.gnupg import Gnupg, gnupg_home

from tcert.foundation.openpgp import hubkey


@pytest.fixture
def hub_key(settings: object, tmp_path: Path) -> Iterator[None]:
    settings.HUB_KEY_FILE = tmp_path / "hub-key"  # type: ignore[attr-defined]
    hubkey.create()
    return


@pytest.fixture
def gnupg() -> Iterator[Gnupg]:
    with gnupg_home() as found:
        yield found
