"""A web server on loopback that answers with exactly the bytes of a test, with TLS or without."""

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tcert.foundation.kernel.addresses import Policy
from tcert.foundation.kernel.fetcher import Fetcher, Limits

_SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
ANY_ADDRESS = Policy(allows=lambda _address: True, ports=None)


@dataclass
class Asked:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Talk:
    """What a server's answer may look at and write to."""

    request: Asked
    write: Callable[[bytes], None]
    closing: threading.Event


def answer(status="200 OK", body=b"", **headers):
    """An ordinary answer as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Session(socketserver.StreamRequestHandler):
    def setup(self):
        if self.server.context:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self):
        with suppress(OSError, ValueError):  # whoever hangs up early is what some tests want
            line = self.rfile.readline().decode().strip()
            if not line:
                return
            headers = {}
            while text := self.rfile.readline().decode("latin-1").strip():
                name, _, value = text.partition(": ")
                headers[name.lower()] = value
            body = self.rfile.read(int(headers.get("content-length", 0)))
            asked = Asked(line, headers, body)
            self.server.asked.append(asked)
            said = self.server.says
            if callable(said):
                said(Talk(asked, self.wfile.write, self.server.closing))
            else:
                self.wfile.write(said)


@dataclass
class Authority:
    """A certificate authority of this test run, and what trusts it alone."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        return cls(key, _signed(name, name, key.public_key(), key, is_authority=True))

    def trust(self):
        context = ssl.create_default_context()
        context.load_verify_locations(
            cadata=self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        )
        return context

    def server_context(self, folder: Path, *hosts: str, days=30):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        made = _signed(
            subject, self.certificate.subject, key.public_key(), self.key, hosts=hosts, days=days
        )
        path = folder / "server.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _signed(subject, issuer, public, signer, *, hosts=(), is_authority=False, days=30):
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if is_authority:
        # Python 3.13 holds authorities strictly against RFC 5280, section 4.2.1.3.
        builder = builder.add_extension(_SIGNS_CERTIFICATES, critical=True)
    else:
        key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(key_id, critical=False)
    if hosts:
        names = [_general_name(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _general_name(host):
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


class WebServer(socketserver.ThreadingTCPServer):
    """Listens on a free port; `says` is bytes or a function of a `Talk`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, says=b"", context=None, address="127.0.0.1", port=0):
        self.address_family = 10 if ":" in address else 2
        super().__init__((address, port), _Session)
        self.says, self.context = says, context
        self.asked: list[Asked] = []
        self.closing = threading.Event()

    def handle_error(self, request, client_address):
        """A handshake that the other side breaks off is what some tests want."""

    @property
    def port(self):
        return self.server_address[1]


@contextmanager
def web_server(says=b"", context=None, address="127.0.0.1", port=0) -> Iterator[WebServer]:
    """A server for the length of the block."""
    with WebServer(says, context, address, port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


@dataclass
class Names:
    """A name service that answers from a table, and counts how often it was asked."""

    table: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, host, _port):
        self.asked.append(host)
        answers = self.table.get(host, [["127.0.0.1"]])
        turn = min(self.asked.count(host), len(answers)) - 1
        return [ip_address(text) for text in answers[turn]]


QUICK = Limits(connect=2, read=2, whole=4, headers=4096, compressed=50_000, body=100_000)


def local_fetcher(*, names=None, policy=ANY_ADDRESS, limits=QUICK, **parts):
    """A fetcher that reaches this machine's servers under whatever name."""
    return Fetcher(policy=policy, resolver=names or Names(), limits=limits, **parts)
