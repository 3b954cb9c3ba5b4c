"""Package URLs (ECMA-427): one canonical form for a package of any ecosystem.

Rules that the definitions of types state as data are applied: which names ignore case, and how
PyPI joins words. Rules in prose (required namespaces, allowed characters) are the ecosystem's.
"""

import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes

from tcert.foundation.identifiers.kinds import Identifier, Kind, identifier
from tcert.foundation.identifiers.refusals import LONGEST, IdentifierRefused, admitted

_TYPE = re.compile(r"[a-z][a-z0-9.-]*")
_KEY = re.compile(r"[a-z][a-z0-9._-]*")
_ENCODED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")
_WORD_BREAKS = re.compile(r"[-_.]+")
_NAMESPACE_IGNORES_CASE = {
    "alpm",
    "apk",
    "bitbucket",
    "composer",
    "deb",
    "github",
    "golang",
    "hex",
    "luarocks",
    "npm",
    "qpkg",
    "rpm",
}
_NAME_IGNORES_CASE = {
    "alpm",
    "apk",
    "bitbucket",
    "bitnami",
    "composer",
    "deb",
    "github",
    "golang",
    "hex",
    "luarocks",
    "npm",
    "oci",
    "pub",
    "pypi",
}
_VERSION_IGNORES_CASE = {"huggingface", "pypi"}
_WANTED = (
    "A package URL is pkg:type/namespace/name@version, where namespace and version may be left "
    "out, such as pkg:npm/%40scope/name@1.2.3."
)


def purl(text: str) -> Identifier:
    """Read a package URL, from right to left as its specification says, and write it canonically.

    Refuses what decodes to control characters or to no UTF-8.
    """
    rest = admitted(text, _WANTED)
    rest, _, subpath = rest.rpartition("#") if "#" in rest else (rest, "", "")
    rest, _, qualifiers = rest.rpartition("?") if "?" in rest else (rest, "", "")
    scheme, colon, rest = rest.partition(":")
    kind, slash, rest = rest.lstrip("/").partition("/")
    kind = kind.lower()
    if scheme.lower() != "pkg" or not colon or not slash or _TYPE.fullmatch(kind) is None:
        raise IdentifierRefused(_WANTED)
    rest, at, version = rest.rpartition("@") if "@" in rest else (rest, "", "")
    namespace, _, name = rest.strip("/").rpartition("/")
    parts = {
        "type": kind,
        "namespace": "/".join(_segments(namespace, kind in _NAMESPACE_IGNORES_CASE)),
        "name": _name(kind, _decoded(name)),
        "version": _folded(_decoded(version), fold=kind in _VERSION_IGNORES_CASE),
        "qualifiers": _qualifiers(qualifiers),
        "subpath": "/".join(s for s in _segments(subpath, fold=False) if s not in {".", ".."}),
    }
    canonical = _written(parts)
    # what must be percent-encoded grows, and a canonical form must be readable again
    if not parts["name"] or (at and not parts["version"]) or len(canonical) > LONGEST:
        raise IdentifierRefused(_WANTED)
    return identifier(Kind.PURL, canonical, parts)


def _written(parts: dict[str, str]) -> str:
    path = [_encoded(s) for s in parts["namespace"].split("/") if s]
    text = "/".join([f"pkg:{parts['type']}", *path, _encoded(parts["name"])])
    if parts["version"]:
        text += "@" + _encoded(parts["version"])
    if parts["qualifiers"]:
        text += "?" + parts["qualifiers"]
    if parts["subpath"]:
        text += "#" + "/".join(map(_encoded, parts["subpath"].split("/")))
    return text


def _name(kind: str, name: str) -> str:
    name = _folded(name.strip("/"), fold=kind in _NAME_IGNORES_CASE)
    return _WORD_BREAKS.sub("-", name) if kind == "pypi" else name


def _segments(path: str, fold: bool) -> list[str]:
    segments = [_folded(_decoded(segment), fold=fold) for segment in path.split("/") if segment]
    if any("/" in segment for segment in segments):
        raise IdentifierRefused(_WANTED)
    return segments


def _qualifiers(text: str) -> str:
    """Return the qualifiers as they are written: keys in order, none twice, none without value."""
    found: dict[str, str] = {}
    for pair in filter(None, text.split("&")):
        key, equals, value = pair.partition("=")
        key = key.lower()
        if not equals or _KEY.fullmatch(key) is None or key in found:
            raise IdentifierRefused(_WANTED)
        found[key] = _decoded(value)
    return "&".join(f"{k}={_encoded(v, '/')}" for k, v in sorted(found.items()) if v)


def _decoded(text: str) -> str:
    if _ENCODED.fullmatch(text) is None:
        raise IdentifierRefused(_WANTED)
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise IdentifierRefused(_WANTED) from None
    if any(unicodedata.category(character)[0] == "C" for character in decoded):
        raise IdentifierRefused(_WANTED)
    return decoded


def _encoded(text: str, also: str = "") -> str:
    """Percent-encode all but letters, digits, ``.-_~`` and the colon (ECMA-427 clause 5.4)."""
    return quote(text, safe=":" + also)


def _folded(text: str, *, fold: bool) -> str:
    return text.lower() if fold else text
