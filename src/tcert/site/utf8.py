"""Every request is read as UTF-8, whatever character set it names."""

import codecs
import encodings
import pkgutil
from collections.abc import Callable, Iterable
from encodings.aliases import aliases
from typing import Any

from django.utils.http import parse_header_parameters

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def content_type(given: str) -> str:
    """Return the content type without the character set that a request names.

    Every browser posts the hub's forms in UTF-8. Django decodes query and form with any of
    Python's codecs, and those that decode no text ("hex", "undefined") make it fail before the
    first middleware is asked, as does a parameter in a character set that nobody knows.
    """
    try:
        kind, parameters = parse_header_parameters(given)
    except (ValueError, LookupError):
        return ""
    if "charset" not in parameters:
        return given
    boundary = parameters.get("boundary")
    return f'{kind}; boundary="{boundary}"' if boundary else kind


def read_as_utf8(application: Application) -> Application:
    """Put this before Django: the request that it makes is decoded while it is made."""

    def reading(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = content_type(environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return reading


_CODECS = {*aliases, *(module.name for module in pkgutil.iter_modules(encodings.__path__))}


def _known(name: str) -> codecs.CodecInfo | None:
    known = name in _CODECS or name.replace(".", "_") in _CODECS
    return encodings.search_function(name) if known else None


def look_for_known_codecs_only() -> None:
    """Have Python look only for codecs that it has, for as long as this process runs.

    It remembers each name that it looked for in vain, for ever, and one form may name thousands in
    the headers of its parts (`filename*=no-such-set''x`): memory that any stranger could fill.
    """
    codecs.unregister(_known)
    codecs.register(_known)
    codecs.unregister(encodings.search_function)
