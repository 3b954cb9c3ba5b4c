"""A coordinator, and files on their way."""

import json

import pytest
from tests.factories.directory import coordinator_of_desk
from tests.principals import principal_of

from tcert.community.imports.domain import importing
from tcert.community.imports.enums import Source
from tcert.foundation.kernel import jobs


@pytest.fixture
def desk():
    return principal_of(coordinator_of_desk(), coordinator=True)


@pytest.fixture
def read(desk):
    """Take a file in and let the worker read it."""

    def act(data, source=Source.TRUSTED_INTRODUCER, by=desk):
        raw = data if isinstance(data, bytes) else json.dumps(data).encode()
        batch = importing.begin(principal=by, source=source, data=raw)
        jobs.run_due()
        batch.refresh_from_db()
        return batch

    return act


@pytest.fixture
def applied(desk, read):
    """Take a file in, confirm it, and let the worker apply it."""

    def act(data, source=Source.TRUSTED_INTRODUCER, by=desk):
        batch = read(data, source, by)
        importing.confirm(principal=by, batch=batch)
        jobs.run_due()
        batch.refresh_from_db()
        return batch

    return act
