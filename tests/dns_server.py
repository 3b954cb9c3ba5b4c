"""A name server of the tests' own: real UDP on loopback, answers as the test says."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from tcert.foundation.kernel.nameservice import NameService, replaced_names


@dataclass
class DnsServer:
    """Text records by name; `silent` answers nothing, `asked` are the names that were asked for."""

    records: dict[str, list[str]] = field(default_factory=dict)
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, wire: bytes) -> bytes | None:
        question = dns.message.from_wire(wire)
        name = question.question[0].name
        self.asked.append(name.to_text(omit_final_dot=True))
        if self.silent:
            return None
        reply = dns.message.make_response(question)
        texts = self.records.get(name.to_text(omit_final_dot=True))
        if texts is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            quoted = ['"' + text + '"' for text in texts]
            reply.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", quoted))
        return reply.to_wire(max_size=4096)


@contextmanager
def serving(server: DnsServer) -> Iterator[DnsServer]:
    """Run it, and let the hub ask it in this context."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        stop = threading.Event()

        def loop() -> None:
            while not stop.is_set():
                wire, sender = bound.recvfrom(4096)
                reply = None if stop.is_set() else server.answer(wire)
                if reply is not None:
                    bound.sendto(reply, sender)

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        port = bound.getsockname()[1]
        service = NameService(servers=lambda: [("127.0.0.1", port)], one=0.3, whole=0.6)
        try:
            with replaced_names(service):
                yield server
        finally:
            stop.set()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", ("127.0.0.1", port))
            thread.join()
