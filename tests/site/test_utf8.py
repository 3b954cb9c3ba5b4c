"""The way in for every request, in front of Django."""

import os
import subprocess
import sys
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from tcert.site.utf8 import content_type, read_as_utf8

PARTS = b'--b\r\nContent-Disposition: form-data; name="receipt"\r\n\r\nno receipt \xff\r\n--b--\r\n'
FORM = "application/x-www-form-urlencoded"
SETTINGS = "tcert.site.settings"


def answered(method: str, target: str, body: bytes, kind: str) -> int:
    """The status of an answer from the server's own way in."""
    path, _, query = target.partition("?")
    environ = {
        **RequestFactory().get(path).environ,
        "REQUEST_METHOD": method,
        "QUERY_STRING": query,
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    said: list[str] = []
    answer = read_as_utf8(WSGIHandler())
    list(answer(environ, lambda status, _headers, *_more: said.append(status)))
    return int(said[0].split()[0])


@pytest.fixture
def one_connection(db):
    """The test's own connection to the database, which a request would close when it is done."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(
    "charset",
    [
        "; charset=hex",
        "; charset=rot13",
        "; charset=zlib",
        "; charset=undefined",
        "; charset=idna",
        "; charset=punycode",
        "; charset=utf-16",
        "; charset=nobody-knows",
        "; CharSet = hex",
        "; charset*=utf-8''hex",
        "; a*=nobody-knows''x",
        "; a*=undefined''x",
        "; charset=" + "x" * 5000,
    ],
)
def test_a_character_set_that_decodes_nothing_breaks_no_page(charset, one_connection):
    """It broke every page, before the first middleware could answer."""
    assert answered("GET", "/search/?q=a%ff", b"", f"text/plain{charset}") == 200
    for body, kind in ((b"receipt=%ff", FORM), (PARTS, "multipart/form-data; boundary=b")):
        assert answered("POST", "/receipt/", body, f"{kind}{charset}") == 403, "no proof of origin"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", ""),
        ("multipart/form-data; boundary=b", "multipart/form-data; boundary=b"),
        ("multipart/form-data; boundary=b; charset=hex", 'multipart/form-data; boundary="b"'),
        ("application/x-www-form-urlencoded; charset=utf-8", "application/x-www-form-urlencoded"),
        ("x; a*=nobody-knows''x", ""),
    ],
)
def test_only_the_character_set_is_taken_out(given, read):
    assert content_type(given) == read


UNKNOWN = """
import codecs, encodings, io
from tcert.site.wsgi import application
from django.core.handlers.wsgi import WSGIRequest

part = "--b\\r\\nContent-Disposition: form-data; name=a; filename*=no-such-%d''x\\r\\n\\r\\nx\\r\\n"
body = "".join(part % number for number in range(90)).encode() + b"--b--\\r\\n"
request = WSGIRequest({
    "REQUEST_METHOD": "POST", "CONTENT_TYPE": "multipart/form-data; boundary=b", "PATH_INFO": "/",
    "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
})
before = len(encodings._cache)
assert not request.FILES
assert len(encodings._cache) == before
names = ["UTF-8", "utf 8", "latin-1", "ISO_8859-1", "cp1252", "idna", "ANSI_X3.4-1968", "utf_8_sig"]
print(*(codecs.lookup(name).name for name in names))
"""


@pytest.mark.slow
def test_character_sets_that_nobody_knows_are_not_remembered(tmp_path):
    """Python keeps each name that it did not find, and one form may name thousands."""
    (tmp_path / "static").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", UNKNOWN],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TCERT_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": SETTINGS},
    )
    found = "utf-8 utf-8 iso8859-1 iso8859-1 cp1252 idna ascii utf-8-sig"
    assert (ran.stdout.split(), ran.stderr) == (found.split(), "")
