"""The policy of each kind of page: what a browser may load, and from where."""

import re

import pytest
from django.conf import settings

from tcert.foundation.kernel.pages import PageKind, policy
from tcert.foundation.ui.static_headers import WORKER_POLICY

OUR_OWN = re.compile(r"'none'|'self'|'script'|'sha256-[A-Za-z0-9+/=]{44}'|blob:")
NAMES = {"trusted-types", "require-trusted-types-for"}


def directives(text: str) -> dict[str, list[str]]:
    """A policy by the names of its directives."""
    parts = [part.split() for part in text.split(";")]
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("kind", PageKind)
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(kind):
    told = directives(policy(kind))
    assert told["default-src"] == ["'none'"]
    assert told["form-action"] == told["connect-src"] == told["style-src"] == ["'self'"]
    assert told["frame-ancestors"] == told["base-uri"] == ["'none'"]
    sources = [s for name, found in told.items() if name not in NAMES for s in found]
    assert [source for source in sources if not OUR_OWN.fullmatch(source)] == []
    assert [name for name, found in told.items() if "blob:" in found] == ["img-src"]


@pytest.mark.parametrize("kind", PageKind)
def test_compiled_code_runs_in_the_worker_alone(kind):
    assert "wasm" not in policy(kind)
    assert ("worker-src" in policy(kind)) == (kind is PageKind.VAULT)
    worker = directives(WORKER_POLICY)
    assert worker["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert "connect-src" not in worker, "what derives a key from a passphrase reaches no network"
    assert worker["default-src"] == ["'none'"]


def test_no_page_is_framed_and_no_other_site_learns_the_address():
    assert settings.X_FRAME_OPTIONS == "DENY"
    assert settings.SECURE_REFERRER_POLICY == "same-origin"
