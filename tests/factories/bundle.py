"""Bundles as the worker makes them."""

from tcert.community.bundle.domain import issuing
from tcert.community.bundle.models import Bundle
from tcert.foundation.openpgp import hubkey


def issued() -> Bundle:
    """Make the next bundle, changed or not; the hub has a key then."""
    if not hubkey.exists():
        hubkey.create()
    made = issuing.issue(anyhow=True)
    assert made is not None
    return made
