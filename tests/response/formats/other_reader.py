"""Another's reader of STIX 2.1 (`stix2` of OASIS), told of the hub's own object."""

import json

import stix2
from stix2.properties import BooleanProperty, StringProperty
from stix2patterns.validator import run_validator

from tcert.response.formats.stix import EXTENSION, TELECOM


@stix2.v21.CustomObservable(
    TELECOM,
    [
        ("identifier_kind", StringProperty(required=True)),
        ("value", StringProperty(required=True)),
        ("is_masked", BooleanProperty(required=True)),
    ],
    ["identifier_kind", "value"],
    extension_name=EXTENSION,
)
class TelecomIdentifier:
    """What the extension definition says in words."""


def taken(objects: list[dict]) -> list:
    """Read objects strictly: properties, types, ids, times, patterns, what refers to what."""
    for one in objects:
        if one["type"] == "indicator":
            assert run_validator(one["pattern"], stix_version="2.1") == []
    return [stix2.parse(json.dumps(one), allow_custom=False) for one in objects]
