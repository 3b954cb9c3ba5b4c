from collections.abc import Iterator

import pytest
from tests.gnupg import Gnupg, gnupg_home

from tcert.foundation.openpgp import hubkey


@pytest.fixture
def gnupg() -> Iterator[Gnupg]:
    with gnupg_home() as home:
        yield home


@pytest.fixture
def hub_key(settings, tmp_path):
    """A key of the hub, with which heads of the tree are signed."""
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    hubkey.create()
