"""Fixtures of the room."""

import pytest
from tests.gnupg import gnupg_home


@pytest.fixture
def gnupg():
    """A GnuPG of its own."""
    with gnupg_home() as found:
        yield found
