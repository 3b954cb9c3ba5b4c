"""Headers that whitenoise adds to static files (``WHITENOISE_ADD_HEADERS_FUNCTION``)."""

from collections.abc import MutableMapping

WORKERS = ("openpgp/worker.js",)
WORKER_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'"
)
FILE_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"


def add_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Give workers a policy of their own: WebAssembly for key derivation, but no network at all.

    Any other file, opened by itself, does nothing and is framed by nobody.
    """
    _ = path
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = WORKER_POLICY if url.endswith(WORKERS) else FILE_POLICY
