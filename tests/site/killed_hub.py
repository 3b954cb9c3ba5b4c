"""Run by test_kills.py: starts web servers and workers of the hub that are meant to be killed.

This process sets the hub up once; each victim is forked from it, so that the next one stands within
a moment. All web servers listen on one socket, where callers wait while none lives. A line `web` or
`worker`, with the name of a point after it, starts a victim that kills itself there; the answer is
its process number.
"""

import os
import re
import signal
import socket
import sys
from collections.abc import Callable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from django.db import connections
from django.db.backends.signals import connection_created
from django.urls import resolve
from tests.crew.dying import die

POINTS = {
    "web": {
        "form spent": 'INSERT INTO "intake_spenttoken"',
        "case written": 'INSERT INTO "cases_case"',
        "one message written": 'INSERT INTO "sealed_message"',
        "event written": 'INSERT INTO "kernel_event"',
        "report written": 'INSERT INTO "intake_report"',
        "answer lost": "",
    },
    "worker": {
        "job claimed": "UPDATE kernel_job SET attempts",
        "notice written": 'INSERT INTO "notices_notice"',
        "mail queued": 'INSERT INTO "kernel_mail"',
        "event told": 'DELETE FROM "kernel_delivery"',
        "mail sent": 'UPDATE "kernel_mail"',
        "one post delivered": 'INSERT INTO "sealed_message"',
        "post taken from the buffer": 'DELETE FROM "sealed_bufferedpost"',
    },
}


def arm(statement: str) -> None:
    """Die once a statement that begins so has been carried out, before its transaction ends."""

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        plain = re.sub(r"\s+", " ", sql).strip().replace("INSERT OR IGNORE", "INSERT")
        if plain.startswith(statement):
            die()
        return result

    def each(connection: Any, **_more: Any) -> None:
        connection.execute_wrappers.append(watch)

    connection_created.connect(each, weak=False)


class Server(ThreadingMixIn, WSGIServer):
    """Answers each request in a thread of its own, on a socket that was there before."""

    daemon_threads = True
    request_queue_size = 64


class Handler(WSGIRequestHandler):
    """Says nothing on the console."""

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def serve(listening: socket.socket, *, losing: bool) -> None:
    """Be a web server; a losing one dies between the end of the work and its answer."""
    from tcert.site.wsgi import application

    def lost(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        answer = application(environ, start)
        if environ["REQUEST_METHOD"] == "POST" and b"It is stored sealed" in answer.content:
            die()
        return answer

    server = Server(listening.getsockname(), Handler, bind_and_activate=False)
    server.socket = listening
    server.server_name, server.server_port = "localhost", listening.getsockname()[1]
    server.setup_environ()
    server.set_app(lost if losing else application)
    server.serve_forever()


def be(kind: str, point: str, listening: socket.socket) -> None:
    """Be the victim until it is killed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    statement = POINTS[kind].get(point, "")
    if statement:
        arm(statement)
    if kind == "web":
        serve(listening, losing=point == "answer lost")
    else:
        from tcert.foundation.kernel.worker import Child

        Child().run()


def main() -> None:
    """Set up once, then fork whoever is asked for."""
    django.setup()
    resolve("/report/")  # loads what a web server loads, once for all

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        kind, _, point = line.strip().partition(" ")
        connections.close_all()
        pid = os.fork()
        if not pid:
            be(kind, point, listening)
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
