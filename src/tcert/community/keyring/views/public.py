"""Keys as programs fetch them: the Web Key Directory, the key server's look-up, one keyring."""

import hashlib
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tcert.community.keyring import hkp, queries, wkd
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.limits import Budget, Outcome, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.openpgp import certificates, hubkey, publishing
from tcert.foundation.openpgp.certificates import CertificateRefused
from tcert.foundation.openpgp.packets import armour, binary

WINDOW = timedelta(hours=1)
LOOKUPS = Budget("keyring:lookup", Scope.HUB, 10_000, WINDOW)
"""Whoever asks: over it a program is told to come back, and nothing else of the hub closes."""
_KIND = "PUBLIC KEY BLOCK"
_KEYS = "application/pgp-keys"
_OCTETS = "application/octet-stream"
_NOT_FOUND, _BAD, _NOT_HERE, _TOO_MANY = 404, 400, 501, 429


def _plain(text: str, status: int = 200) -> HttpResponse:
    """Answer a program in a sentence; its browser may read it from any page, as the drafts ask."""
    answer = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    return _open(answer)


def _open(answer: HttpResponse) -> HttpResponse:
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


# The Web Key Directory (draft-koch-openpgp-webkey-service-21, section 3.1) -----


def _own_domains() -> set[str]:
    """The domains for which the direct method leads to this hub."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    return {host.lower(), str(settings.MAIL_DOMAIN).lower()}


def _own(name: str, domain: str) -> bytes | None:
    """Return the hub's own key, if the name is that of the address it mails from."""
    address = publishing.address_of(settings.DEFAULT_FROM_EMAIL)
    try:
        local_domain = wkd.parts(address)[1]
        if domain != local_domain or wkd.name_of(address) != name:
            return None
        present = hubkey.public()
        return publishing.only_for(present.armoured, address) if present else None
    except (wkd.NoAddress, CertificateRefused):
        return None


def _answer(content: bytes | None) -> HttpResponse:
    if content is None:
        return _plain("No such key.", _NOT_FOUND)
    return _open(HttpResponse(content, content_type=_OCTETS))


@require_safe
@page(Permission.KEYRING_PUBLIC_READ)
def key(_request: HttpRequest, domain: str, name: str) -> HttpResponse:
    """Give the key of one address of a domain: the advanced method."""
    domain = domain.lower()
    return _answer(_own(name, domain) or queries.in_directory(domain, name))


@require_safe
@page(Permission.KEYRING_PUBLIC_READ)
def own_key(_request: HttpRequest, name: str) -> HttpResponse:
    """Give the key of one address of the hub's own domain: the direct method."""
    for domain in sorted(_own_domains()):
        if found := _own(name, domain) or queries.in_directory(domain, name):
            return _answer(found)
    return _answer(None)


@require_safe
@page(Permission.KEYRING_PUBLIC_READ)
def policy(_request: HttpRequest, domain: str) -> HttpResponse:
    """Say that the directory of a domain is here: an empty file, as nothing is asked of mail."""
    if domain.lower() in _own_domains() or queries.serves_domain(domain.lower()):
        return _open(HttpResponse(b"", content_type="text/plain; charset=utf-8"))
    return _answer(None)


@require_safe
@page(Permission.KEYRING_PUBLIC_READ)
def own_policy(_request: HttpRequest) -> HttpResponse:
    """Say the same for the hub's own domain."""
    return _open(HttpResponse(b"", content_type="text/plain; charset=utf-8"))


# The key server's look-up (draft-ietf-openpgp-hkp-00) --------------------------


@require_safe
@page(Permission.KEYRING_PUBLIC_READ)
def lookup(request: HttpRequest) -> HttpResponse:
    """Answer `get` and `index` for what is asked exactly; keys are never taken in this way."""
    if LOOKUPS.spend() is not Outcome.WITHIN:
        answer = _plain("Too many look-ups. Come back later.", _TOO_MANY)
        answer["Retry-After"] = str(int(WINDOW.total_seconds()))
        return answer
    operation = request.GET.get("op", "")
    if operation not in {"get", "index", "vindex"}:
        missing = not operation
        return _plain("Ask with op=get or op=index.", _BAD if missing else _NOT_HERE)
    try:
        search = hkp.read_search(request.GET.get("search", ""))
    except hkp.NotExact:
        return _plain(
            "Search for 0x and a whole fingerprint or long key id, or for a whole address.", _BAD
        )
    found = queries.looked_up(search)
    if not found:
        return _plain("No such key.", _NOT_FOUND)
    if operation == "get":
        content = b"".join(binary(key.certificate.encode(), _KIND) for key in found)
        return _open(HttpResponse(armour(content, _KIND), content_type=_KEYS))
    text = hkp.index(map(_told, found), clock.now())
    return _open(HttpResponse(text, content_type="text/plain; charset=utf-8"))


def _told(found: queries.Key) -> hkp.Found:
    info = certificates.describe(found.certificate, clock.now())
    number = binary(found.certificate.encode(), _KIND)
    return hkp.Found(
        fingerprint=found.fingerprint,
        algorithm=str(publishing.algorithm_number(number)),
        created=info.created,
        expires=info.expires,
        is_revoked=info.revoked,
        user_ids=info.user_ids,
    )


# One keyring --------------------------------------------------------------------


@require_safe
@page(Permission.KEYRING_PUBLIC_READ)
def keyring(request: HttpRequest) -> HttpResponse:
    """Give the active keys of all teams that the reader sees, as one file for GnuPG to import."""
    found = queries.keyring(principal_of(request))
    content = b"".join(binary(text.encode(), _KIND) for _print, text in found)
    digest = hashlib.sha256(content).hexdigest().upper()
    head = (
        f"Keys of teams at {settings.BASE_URL}\nDate: {clock.today().isoformat()}\n"
        f"Keys: {len(found)}\nSHA-256 of the keys, not armoured: {digest}\n\n"
    )
    body = armour(content, _KIND) if found else ""
    answer = HttpResponse(head + body, content_type=_KEYS)
    answer["Content-Disposition"] = 'attachment; filename="keyring.asc"'
    return answer
