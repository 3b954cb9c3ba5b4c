"""What several tests of the directory need."""

import pytest

from tcert.foundation.openpgp import hubkey


@pytest.fixture
def hub_key(settings, tmp_path):
    """The hub's own key, in a file of its own."""
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    hubkey.create()
