"""What the JSON files of a provider must look like (CSAF 2.0, sections 7.1.7 and 7.1.15 to 17).

Written from the text of the standard: the `csaf` package brings a schema of the metadata for
CSAF 2.1 only, and reads ROLIE as XML, where 2.0 asks for JSON. Whether addresses are `https` is
requirement 3 and is judged there once.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from jsonschema import Draft202012Validator

from tcert.response.advisories.enums import PublisherCategory
from tcert.response.advisories.rolie import CSAF, SCHEMA

_TEXT = {"type": "string", "minLength": 1}
_URL = {"type": "string", "pattern": r"^https?://\S+$"}
_JSON_URL = {"type": "string", "pattern": r"^https?://\S+\.json$"}
_TIME = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}


def _object(required: Mapping[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": sorted(required),
        "properties": {**required, **optional},
    }


def _list(of: Mapping[str, Any], least: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "array", "minItems": least, "uniqueItems": True, "items": of, **more}


def _some(*words: str) -> dict[str, Any]:
    return {"enum": list(words)}


_LINK = _object({"rel": _TEXT, "href": _URL})
_SELF = _object({"rel": _some("self"), "href": _JSON_URL})
_LINKS = {"type": "array", "minItems": 1, "prefixItems": [_SELF], "items": _LINK}
_CATEGORY = _object({"term": _TEXT}, scheme=_TEXT)
_OF_CSAF = _object({key: _some(value) for key, value in CSAF.items()})
_CATEGORIES = {"type": "array", "minItems": 1, "prefixItems": [_OF_CSAF], "items": _CATEGORY}

METADATA = _object(
    {
        "canonical_url": {"type": "string", "pattern": r"^https?://\S+/provider-metadata\.json$"},
        "last_updated": _TIME,
        "list_on_CSAF_aggregators": {"type": "boolean"},
        "metadata_version": _some("2.0"),
        "mirror_on_CSAF_aggregators": {"type": "boolean"},
        "publisher": _object(
            {
                "category": _some(*(c.value for c in PublisherCategory)),
                "name": _TEXT,
                "namespace": _URL,
            },
            contact_details=_TEXT,
            issuing_authority=_TEXT,
        ),
        "role": _some("csaf_publisher", "csaf_provider", "csaf_trusted_provider"),
    },
    distributions=_list(
        {
            "minProperties": 1,
            **_object(
                {},
                directory_url=_URL,
                rolie=_object(
                    {
                        "feeds": _list(
                            _object(
                                {
                                    "tlp_label": _some(
                                        "UNLABELED", "WHITE", "GREEN", "AMBER", "RED"
                                    ),
                                    "url": _JSON_URL,
                                },
                                summary=_TEXT,
                            )
                        )
                    },
                    categories=_list(_JSON_URL),
                    services=_list(_JSON_URL),
                ),
            ),
        }
    ),
    public_openpgp_keys=_list(
        _object({"url": _URL}, fingerprint={"type": "string", "pattern": "^[0-9a-fA-F]{40,}$"}),
        least=0,
    ),
)
FEED = _object(
    {
        "feed": _object(
            {
                "id": {"type": "string", "pattern": r"^[a-zA-Z0-9+\-_.]+$"},
                "title": _TEXT,
                "link": _LINKS,
                "category": _CATEGORIES,
                "updated": _TIME,
                "entry": _list(
                    _object(
                        {
                            "id": {"type": "string", "pattern": r"^\S(.*\S)?$"},
                            "title": _TEXT,
                            "link": _LINKS,
                            "published": _TIME,
                            "updated": _TIME,
                            "content": _object(
                                {"type": _some("application/json"), "src": _JSON_URL}
                            ),
                            "format": _object({"schema": _some(SCHEMA), "version": _some("2.0")}),
                        },
                        summary=_object({}, content=_TEXT),
                        category={"type": "array", "items": _CATEGORY},
                    ),
                    least=0,
                ),
            }
        )
    }
)
SERVICE = _object(
    {
        "service": _object(
            {
                "workspace": _list(
                    _object(
                        {
                            "title": _TEXT,
                            "collection": _list(
                                _object(
                                    {
                                        "title": _TEXT,
                                        "href": _JSON_URL,
                                        "categories": _object({"category": _CATEGORIES}),
                                    }
                                )
                            ),
                        }
                    )
                )
            }
        )
    }
)
CATEGORIES = _object({"categories": _object({"category": _list(_CATEGORY, least=0)})})

SHAPES = MappingProxyType(
    {
        "metadata": Draft202012Validator(METADATA),
        "feed": Draft202012Validator(FEED),
        "service": Draft202012Validator(SERVICE),
        "categories": Draft202012Validator(CATEGORIES),
    }
)
_LONGEST = 200


def problems(shape: str, document: Any) -> list[str]:
    """Return what is wrong with a document, each with a JSON pointer to the place."""
    found = sorted(SHAPES[shape].iter_errors(document), key=lambda e: [str(p) for p in e.path])
    return [f"/{'/'.join(map(str, e.path))}: {e.message[:_LONGEST]}" for e in found]
