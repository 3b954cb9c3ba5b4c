"""A hub that publishes for members."""

from pathlib import Path
from typing import Any

import pytest
from tests.factories import advisories as made

from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp import hubkey
from tcert.response.advisories.models import Release

SECRET_WORDS = "A title for members alone"


@pytest.fixture
def green(settings: Any, tmp_path: Path) -> Release:
    """One advisory that is TLP:GREEN, beside one for everybody."""
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    hubkey.create()
    made.published()
    return made.published(
        tlp=Tlp.GREEN,
        title=SECRET_WORDS,
        products=(
            made.replace(made.TEXT.products[0], vendor="Quietworks", name="Quietcore"),
            made.TEXT.products[1],
        ),
    )
