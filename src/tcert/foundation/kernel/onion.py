"""The hub's name as an onion service, and who stands between it and a visitor.

A gateway such as tor2web shows onion services to ordinary browsers: it reads everything, and
anonymity and sealing end there. It gives itself away by a header, or by a host name that holds an
onion name without ending in one. One that hides both is seen by the page's own script, which knows
the hub's names, or by the person who reads the address bar.
"""

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

_ONION_INSIDE = re.compile(r"(?:^|\.)[a-z2-7]{56}\.(?!onion\.?$)")
_HEADER = "X-Tor2web"


def host_of(request: HttpRequest) -> str:
    """Return the host name that was asked for, as it came: whether it is ours is asked later."""
    asked: str = request.META.get("HTTP_HOST", "")
    return asked.strip().lower().partition(":")[0].rstrip(".")


def is_over_onion(request: HttpRequest) -> bool:
    """Tell whether a visitor came to an onion name."""
    return host_of(request).endswith(".onion")


def is_through_gateway(request: HttpRequest) -> bool:
    """Tell whether somebody who reads everything stands between: never so for the hub's own names.

    Judged by what came, not by what the settings allow, so that one who asks for a foreign name is
    told why, and not only refused.
    """
    host = host_of(request)
    if host in own_names() and not host.endswith(".onion"):
        return False
    return _HEADER in request.headers or bool(_ONION_INSIDE.search(host))


def own_names() -> frozenset[str]:
    """Return the names by which people are to reach the hub."""
    named = {urlsplit(settings.BASE_URL).hostname or "", settings.ONION_HOST}
    return frozenset(name for name in named if name)


def fingerprints(names: Iterable[str]) -> str:
    """Return names as hashes: a gateway rewrites onion names in a page, and must not find these."""
    return " ".join(sorted(hashlib.sha256(name.encode()).hexdigest() for name in names))


def base_of(request: HttpRequest) -> str:
    """Return the hub's address as the visitor came: who uses the onion service stays with it."""
    if settings.ONION_HOST and host_of(request) == settings.ONION_HOST:
        return f"http://{settings.ONION_HOST}"
    return str(settings.BASE_URL)


def location(request: HttpRequest) -> str:
    """Return where the page that was asked for stands on the onion service, or ''."""
    if not settings.ONION_HOST or is_over_onion(request) or request.method not in {"GET", "HEAD"}:
        return ""
    return f"http://{settings.ONION_HOST}{request.get_full_path()}"
