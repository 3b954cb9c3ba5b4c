"""A small IMAP server on loopback, over TLS with a certificate of its own.

It speaks what a client needs that empties a mailbox: LOGIN, SELECT, UID SEARCH, UID FETCH of a
part of a message, UID STORE of the mark for deletion, EXPUNGE, LOGOUT (RFC 9051 and 3501).
"""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "bounces", "s3cret"


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _space, words = line.decode().strip().partition(" ")
            verb = words.split(" ")[0].upper()
            if verb == "LOGIN":
                fine = USER in words and PASSWORD in words
                self._say(f"{tag} {'OK' if fine else 'NO'} sign-in")
            elif verb == "SELECT":
                self._say(f"* {len(self.server.messages)} EXISTS")
                self._say(f"{tag} OK [READ-WRITE] selected")
            elif verb == "UID":
                self._uid(tag, words[4:])
            elif verb == "EXPUNGE":
                for number in self.server.marked:
                    self.server.messages.pop(number, None)
                self._say(f"{tag} OK expunged")
            elif verb == "CAPABILITY":
                self._say("* CAPABILITY IMAP4rev1")
                self._say(f"{tag} OK done")
            elif verb == "LOGOUT":
                self._say("* BYE")
                self._say(f"{tag} OK bye")
                return
            else:
                self._say(f"{tag} BAD")

    def _uid(self, tag: str, words: str) -> None:
        verb, _space, rest = words.partition(" ")
        if verb == "SEARCH":
            there = [n for n in self.server.messages if n not in self.server.marked]
            self._say("* SEARCH " + " ".join(map(str, there)))
        elif verb == "FETCH" and int(rest.split(" ")[0]) not in self.server.withheld:
            number = int(rest.split(" ")[0])
            most = int(re.search(r"<0\.(\d+)>", rest)[1])
            part = self.server.messages.get(number, b"")[:most]
            announced = self.server.announces or len(part)
            self._say(f"* 1 FETCH (UID {number} BODY[]<0> {{{announced}}}")
            self.wfile.write(part + b")\r\n")
        elif verb == "FETCH":
            self._say(f"{tag} NO [UNAVAILABLE] later")
            return
        elif verb == "STORE":
            self.server.marked.add(int(rest.split(" ")[0]))
        self._say(f"{tag} OK done")

    def _say(self, words: str) -> None:
        with suppress(OSError):
            self.wfile.write(words.encode() + b"\r\n")


class ImapServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of the loopback address; `messages` is what lies in it, by number."""

    daemon_threads = True

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.messages: dict[int, bytes] = {}
        self.marked: set[int] = set()
        self.announces = 0
        self.withheld: set[int] = set()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is no error of the server."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_address[1]


def _certificate(path: Path) -> None:
    """Write a key and a certificate for the loopback address into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now, here = datetime.now(UTC), x509.IPAddress(ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))


@contextmanager
def imap_server(folder: Path) -> Iterator[ImapServer]:
    """A server for the length of the block; its certificate is `folder/imap.pem`."""
    path = folder / "imap.pem"
    _certificate(path)
    with ImapServer(path) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
