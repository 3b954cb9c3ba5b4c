from collections.abc import Iterator

import pytest
from tests.gnupg import Gnupg, gnupg_home


@pytest.fixture(scope="module")
def gnupg() -> Iterator[Gnupg]:
    with gnupg_home() as home:
        yield home
