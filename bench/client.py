"""A client that does what a browser without scripts does: cookies, hidden fields, form tokens.

It is plain on purpose: it runs on the machine that is measured, and what it costs is not the hub's.
"""

import re
from html import unescape
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from urllib.parse import urlencode
from uuid import uuid4

_INPUT = re.compile(rb"<input[^>]*>")
_ATTRIBUTE = re.compile(rb'([a-z-]+)="([^"]*)"')


class Refused(RuntimeError):
    """The hub did not answer as it does to a visitor."""


class Visitor:
    """One browser: it keeps its connection and its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.host = f"localhost:{port}"
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> bytes:
        """Read a page; raises Refused, and HTTPException or OSError when it did not come whole."""
        return self._answer("GET", path, None, {})

    def post(
        self, path: str, fields: list[tuple[str, str]], files: list[tuple[str, str, bytes]] = ()
    ) -> bytes:
        """Send a form as its page asks to, with files as (field, name, content); raises Refused."""
        if files:
            kind, body = _multipart(fields, files)
        else:
            kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        return self._answer("POST", path, body, {"Content-Type": kind})

    def _answer(self, method: str, path: str, body: bytes | None, more: dict[str, str]) -> bytes:
        headers = {
            "Host": self.host,
            "Accept": "text/html",
            "Origin": f"http://{self.host}",
            **more,
        }
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        page = response.read()
        self._keep_cookies(response)
        if response.status != HTTPStatus.OK:
            raise Refused(f"{method} {path}: {response.status} {page[:300]!r}")
        if not page.rstrip().endswith(b"</html>"):
            raise IncompleteRead(page)  # the server died in the middle: a browser loads it again
        return page

    def _keep_cookies(self, response: HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value


def hidden(page: bytes) -> list[tuple[str, str]]:
    """Return the hidden fields of a page's first form that has any, in their order."""
    found: list[tuple[str, str]] = []
    for form in re.findall(rb"<form.*?</form>", page, re.DOTALL):
        for tag in _INPUT.findall(form):
            attributes = dict(_ATTRIBUTE.findall(tag))
            if attributes.get(b"type") == b"hidden" and b"name" in attributes:
                value = unescape(attributes.get(b"value", b"").decode())
                found.append((attributes[b"name"].decode(), value))
        if found:
            break
    return found


def _multipart(
    fields: list[tuple[str, str]], files: list[tuple[str, str, bytes]]
) -> tuple[str, bytes]:
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    for name, file, content in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"'
        parts.append(f"{head}\r\nContent-Type: application/octet-stream\r\n\r\n".encode())
        parts += [content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)
