"""Headers that whitenoise adds to static files (``WHITENOISE_ADD_HEADERS_FUNCTION``)."""

from collections.abc import MutableMapping

WORKERS = ("openpgp/worker.js",)
WORKER_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


def add_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Give workers a policy of their own: WebAssembly for key derivation, but no network at all."""
    _ = path
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-Content-Type-Options"] = "nosniff"
    if url.endswith(WORKERS):
        headers["Content-Security-Policy"] = WORKER_POLICY
