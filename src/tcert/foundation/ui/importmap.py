"""The one import map: bare names of the hub's own modules, their addresses and their integrity.

The map is the only inline script of the hub. It is the same on every page, so that its SHA-256
can stand in the content security policy; an `integrity` entry binds static and dynamic imports
(design/browser.md). A module may be imported by its bare name (``sealed/inner.js``) or by a
relative path: both resolve to the address that carries the version.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.templatetags.static import static

VENDOR = "vendor/"


@dataclass(frozen=True, slots=True)
class Module:
    """One script of the hub's own: its import name, its plain and versioned address, its hash."""

    name: str
    plain_url: str
    url: str
    integrity: str


def _digest(path: Path) -> bytes:
    return hashlib.sha384(path.read_bytes()).digest()


def _bare_name(relative: str) -> str:
    if relative.startswith(VENDOR):
        return relative.removeprefix(VENDOR).split(".", 1)[0]
    return relative


def _folders() -> list[Path]:
    """Return the static folders of the hub's own rooms (libraries' scripts are not mapped)."""
    return [
        Path(config.path) / "static"
        for config in apps.get_app_configs()
        if config.name.startswith("tcert.")
    ]


def _read() -> tuple[Module, ...]:
    found: dict[str, Module] = {}
    for folder in _folders():
        for path in sorted([*folder.rglob("*.js"), *folder.rglob("*.mjs")]):
            relative = path.relative_to(folder).as_posix()
            digest = _digest(path)
            plain = static(relative)
            name = _bare_name(relative)
            found[name] = Module(
                name=name,
                plain_url=plain,
                url=f"{plain}?v={digest.hex()[:12]}",
                integrity="sha384-" + base64.b64encode(digest).decode(),
            )
    return tuple(found[name] for name in sorted(found))


@cache
def _read_once() -> tuple[Module, ...]:
    return _read()


def modules() -> tuple[Module, ...]:
    """Return the hub's modules by name: read once per process, anew each time in DEBUG."""
    return _read() if settings.DEBUG else _read_once()


def module(name: str) -> Module:
    """Return one module by bare name; LookupError where the hub has none of that name."""
    for candidate in modules():
        if candidate.name == name:
            return candidate
    raise LookupError(f"no script {name!r} in any room's static folder")


def importmap_json() -> str:
    """Return the import map exactly as the page prints it; no character in it needs escaping."""
    return _json(_read()) if settings.DEBUG else _json_once()


@cache
def _json_once() -> str:
    return _json(_read_once())


def _json(known: tuple[Module, ...]) -> str:
    imports = {m.name: m.url for m in known} | {m.plain_url: m.url for m in known}
    return json.dumps(
        {
            "imports": dict(sorted(imports.items())),
            "integrity": {m.url: m.integrity for m in known},
        },
        separators=(",", ":"),
    ).replace("<", "\\u003c")


class PrintedImportMap:
    """The import map as a template prints it: only our own file names and hashes stand in it."""

    def __html__(self) -> str:
        return importmap_json()


def importmap_sha256() -> str:
    """Return the base64 SHA-256 of the import map, for ``script-src``."""
    return _sha256(importmap_json())


@lru_cache(maxsize=1)
def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _static_file(relative: str) -> Path:
    from django.contrib.staticfiles import finders

    found = finders.find(relative)
    if not found:
        raise LookupError(f"no static file {relative!r}")
    return Path(str(found))


def _asset(relative: str) -> str:
    return f"{static(relative)}?v={_digest(_static_file(relative)).hex()[:12]}"


_asset_once = cache(_asset)


def asset_url(relative: str) -> str:
    """Return the address of a static file with its version, such as ``/static/ui/hub.css?v=…``."""
    return _asset(relative) if settings.DEBUG else _asset_once(relative)


@cache
def asset_integrity(relative: str) -> str:
    """Return the SHA-384 integrity of a static file, for a library's classic script."""
    return "sha384-" + base64.b64encode(_digest(_static_file(relative))).decode()
