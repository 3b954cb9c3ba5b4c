"""The import map: one, the same on every page, bound by hash in policy and by integrity in map."""

import base64
import hashlib
import json
import re

import pytest
from django.test import Client

from tcert.foundation.ui import importmap
from tcert.foundation.ui.static_headers import FILE_POLICY, WORKER_POLICY, add_headers

PAGES = ["/about/", "/about/what-we-see/", "/account/sign-in/", "/nowhere/at/all"]


def test_the_map_names_each_module_by_bare_name_and_by_plain_address():
    printed = json.loads(importmap.importmap_json())
    hub = importmap.module("ui/hub.js")
    assert printed["imports"]["ui/hub.js"] == hub.url
    assert printed["imports"]["/static/ui/hub.js"] == hub.url
    assert re.fullmatch(r"/static/ui/hub\.js\?v=[0-9a-f]{12}", hub.url)


def test_each_address_in_the_map_is_bound_by_integrity():
    printed = json.loads(importmap.importmap_json())
    assert set(printed["imports"].values()) == set(printed["integrity"])
    for module in importmap.modules():
        assert printed["integrity"][module.url] == module.integrity
        assert module.integrity.startswith("sha384-")


def test_integrity_is_the_hash_of_the_served_file(settings):
    module = importmap.module("ui/hub.js")
    served = b"".join(Client(SERVER_NAME="localhost").get(module.url).streaming_content)
    digest = base64.b64encode(hashlib.sha384(served).digest()).decode()
    assert module.integrity == f"sha384-{digest}"


def test_an_unknown_module_is_a_mistake_at_once():
    with pytest.raises(LookupError):
        importmap.module("ui/nothing.js")
    with pytest.raises(LookupError):
        importmap.asset_url("ui/nothing.css")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_the_policy_carries_the_hash_of_the_one_printed_map(path):
    response = Client(SERVER_NAME="localhost").get(path)
    maps = re.findall(
        r'<script type="importmap">(.*?)</script>', response.content.decode(), re.DOTALL
    )
    assert len(maps) == 1
    digest = base64.b64encode(hashlib.sha256(maps[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in response.headers["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_every_script_of_a_page_has_an_integrity(path):
    html = Client(SERVER_NAME="localhost").get(path).content.decode()
    scripts = re.findall(r"<script\b[^>]*>", html)
    assert scripts
    for tag in scripts:
        assert 'type="importmap"' in tag or "integrity=" in tag


def test_only_workers_may_compile_and_none_gets_the_network():
    worker: dict[str, str] = {}
    add_headers(worker, "/x/static/openpgp/worker.js", "/static/openpgp/worker.js")
    assert worker["Content-Security-Policy"] == WORKER_POLICY
    assert "connect-src" not in WORKER_POLICY
    page: dict[str, str] = {}
    add_headers(page, "/x/static/ui/hub.js", "/static/ui/hub.js")
    assert page["Content-Security-Policy"] == FILE_POLICY
    assert FILE_POLICY.startswith("default-src 'none'")
    for policy in (FILE_POLICY, WORKER_POLICY):
        assert "frame-ancestors 'none'" in policy
