"""Where a request ends is told in one way: what two readers would divide differently is refused.

The hub's real web server is asked in raw bytes, as a proxy that was deceived would hand them on.
"""

import os
import re
import socket
import subprocess

import pytest
from tests.running_hub import free_port, listens, wait_until

from tcert.site import serving

ASK = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\n"
FIRST = b"GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    free = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TCERT_")},
        "TCERT_DATA": str(tmp_path_factory.mktemp("hub")),
        "DJANGO_SETTINGS_MODULE": "tcert.site.settings",
    }
    server = subprocess.Popen(
        serving.command_of_web("127.0.0.1", free, 2),
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: listens(free), 60, "the web server's port open")
        yield free
    finally:
        server.terminate()
        server.wait()


def statuses(port: int, sent: bytes) -> list[int]:
    """Return the status of each answer to what was sent on one connection, until it is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        got = b""
        while piece := connection.recv(65_536):
            got += piece
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Content-Length: +4\r\n\r\nabcd",
        b"Content-Length : 4\r\n\r\nabcd",
    ],
)
def test_a_request_whose_end_is_doubtful_is_refused_and_nothing_behind_it_is_read(port, head):
    assert statuses(port, ASK + head + SMUGGLED) == [400]


def test_of_two_ways_to_tell_the_end_one_counts_and_the_connection_ends(port):
    both = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert statuses(port, ASK + both + SMUGGLED) in ([400], [403])


def test_the_server_does_answer_two_requests_on_one_connection(port):
    """Or what is counted above would prove nothing."""
    assert len(statuses(port, FIRST + SMUGGLED)) == 2
