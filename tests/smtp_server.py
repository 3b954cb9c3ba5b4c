"""A small SMTP server on loopback that keeps what it is given.

`on_kept` is called once a mail is kept and before the sender is told so: the moment in which a
sender that dies knows nothing of it. `refused` says what it answers to a recipient in place of
taking it, `refused_after_data` what it answers when it has read the mail.
"""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Received:
    """One mail as it came over the wire."""

    greeting: str
    sender: str
    recipients: list[str] = field(default_factory=list)
    data: bytes = b""


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        greeting, mail = "", None
        self._say("220 ready")
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words[:4].upper()
            if verb in {"EHLO", "HELO"}:
                greeting = words[5:]
                self._say("250 8BITMIME")
            elif verb == "MAIL":
                mail = Received(greeting, words[10:])
                self._say("250 ok")
            elif verb == "RCPT" and mail:
                recipient = words[8:].strip("<>")
                if recipient in self.server.refused:
                    self._say(self.server.refused[recipient])
                else:
                    mail.recipients.append(recipient)
                    self._say("250 ok")
            elif verb == "DATA" and mail:
                self._say("354 go on")
                mail.data = self._read_data()
                if self.server.refused_after_data:
                    self._say(self.server.refused_after_data)
                    continue
                self.server.received.append(mail)
                self.server.on_kept()
                self._say("250 kept")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _read_data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _say(self, words: str) -> None:
        with suppress(ConnectionError):  # the other side may be dead by now
            self.wfile.write(words.encode() + b"\r\n")


class SmtpServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of the loopback address."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.received: list[Received] = []
        self.refused: dict[str, str] = {}
        self.refused_after_data = ""
        self.on_kept: Callable[[], object] = lambda: None

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_address[1]


@contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    """A server for the length of the block."""
    with SmtpServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
