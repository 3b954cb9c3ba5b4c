"""Scan a generated capture, and have tshark print six fields of it: processor time of both.

    python -m bench.captures --rounds 3 --json

The capture is the same for the same seed. See bench/README.md for its mix and the method.
"""

import argparse
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.response.captures import building as b

from tcert.response.captures.records import records
from tcert.response.captures.scanning import scan
from tcert.response.captures.sightings import Tally

SEED = 38
SUBSCRIBERS = 5_000
NODES = 400
LINKS = 24
"""Pairs of addresses for SS7, and as many for Diameter: associations are few and long-lived."""
SIX = (
    "frame.time_epoch",
    "sccp.calling.digits",
    "diameter.Origin-Realm",
    "e212.imsi",
    "pfcp.node_id_ipv4",
    "sip.from.host",
)
"""What tshark is asked to print; our scan reads these and some fifteen more."""

_MIX: tuple[tuple[int, str], ...] = (
    (35, "ss7"),
    (20, "diameter_sctp"),
    (5, "diameter_tcp"),
    (20, "gtpv2"),
    (5, "gtpv1"),
    (10, "pfcp"),
    (5, "sip"),
)
"""Packets of a hundred."""


class Traffic:
    """Packets with the elements and sizes of ordinary signalling, drawn from one seed."""

    def __init__(self, subscribers: int) -> None:
        self.random = random.Random(SEED)
        pick = self.random
        self.titles = [f"49171{pick.randrange(10**7):07}" for _ in range(NODES)]
        self.imsis = [f"26201{pick.randrange(10**10):010}" for _ in range(subscribers)]
        self.numbers = [f"49160{pick.randrange(10**7):07}" for _ in range(subscribers)]
        self.realms = [
            f"epc.mnc{n % 100:03}.mcc{200 + n // 4}.3gppnetwork.org" for n in range(NODES)
        ]
        self.addresses = [f"10.{n // 200}.{n % 200}.7" for n in range(NODES)]
        self.links = [self.two() for _ in range(2 * LINKS)]
        self.numbers_of = [0] * (2 * LINKS)
        self.sequence = dict.fromkeys(range(50), 1)

    def packet(self) -> bytes:
        """Return the next packet."""
        kind = self.random.choices([name for _, name in _MIX], [n for n, _ in _MIX])[0]
        return getattr(self, kind)()

    def two(self) -> tuple[str, str]:
        """Return the addresses of a packet's ends."""
        one, other = self.random.sample(self.addresses, 2)
        return one, other

    def ss7(self) -> bytes:
        """Return one to three UDT with an Invoke of MAP, bundled."""
        link = self.random.randrange(LINKS)
        chunks = []
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            calling, called = self.random.sample(self.titles, 2)
            message = b.sccp(
                b.party(b.title(called)), b.party(b.title(calling), subsystem=7), self.map(calling)
            )
            chunks.append(self.data(link, b.m3ua(message, 2057, 4114), 3))
        return self.over_sctp(link, *chunks, port=2905)

    def data(self, link: int, octets: bytes, protocol: int) -> bytes:
        """Return a chunk with the link's next number: tshark leaves out what seems sent twice."""
        self.numbers_of[link] += 1
        number = self.numbers_of[link]
        return b.data(octets, protocol, tsn=number, order=number & 0xFFFF)

    def over_sctp(self, link: int, *chunks: bytes, port: int) -> bytes:
        """Return a packet of a link."""
        one, other = self.links[link]
        return b.over_sctp(*chunks, port=port, source=one, destination=other, tag=link + 1)

    def map(self, calling: str) -> bytes:
        """Return an Update Location, Send Authentication Info or Insert Subscriber Data."""
        imsi = b.bcd(self.random.choice(self.imsis))
        node = b"\x91" + b.bcd(calling)
        choice = self.random.randrange(4)
        if choice == 0:
            numbers = b.tlv(0x81, node) + b.tlv(0x04, node)
            return b.begin(2, b.tlv(0x30, b.tlv(0x04, imsi) + numbers), _dialogue(1))
        if choice == 1:
            asked = b.tlv(0x80, imsi) + b.tlv(0x02, b"\5") + b.tlv(0x83, b"\0")
            return b.begin(56, b.tlv(0x30, asked), _dialogue(14))
        if choice == 2:  # noqa: PLR2004
            vector = b.tlv(0x30, b"".join(b.tlv(4, self.octets(n)) for n in (16, 8, 16, 16, 16)))
            result = b.tlv(0xA3, b.tlv(0xA1, vector))
            answered = b.tlv(0x02, b"\1") + b.tlv(0x30, b.tlv(0x02, b"\x38") + result)
            inside = b.tlv(0x49, self.octets(4)) + b.tlv(0x6C, b.tlv(0xA2, answered))
            return b.tlv(0x64, inside)
        number = b"\x91" + b.bcd(self.random.choice(self.numbers))
        services = b"".join(b.tlv(4, bytes([code])) for code in (0x11, 0x21, 0x22, 0x62))
        said = b.tlv(0x80, imsi) + b.tlv(0x81, number) + b.tlv(0x82, b"\x0a") + b.tlv(0x83, b"\0")
        return b.begin(7, b.tlv(0x30, said + b.tlv(0xA6, services)), _dialogue(16))

    def octets(self, count: int) -> bytes:
        """Return octets without meaning."""
        return self.random.randbytes(count)

    def diameter(self) -> bytes:
        """Return an Update-Location request or its answer."""
        here, there = self.random.sample(self.realms, 2)
        session = b.avp(263, f"mme1.{here};{self.random.getrandbits(32)};1".encode())
        names = b.ends(f"mme1.{here}", here)
        vendor = b.avp(260, b.avp(266, b"\0\0\x28\xaf") + b.avp(258, b"\1\0\0\x23"))
        state = b.avp(277, b"\0\0\0\1")
        if self.random.random() < 0.5:  # noqa: PLR2004 - every second one is answered
            return b.diameter(
                316,
                session,
                vendor,
                b.avp(268, b"\0\0\7\xd1"),
                state,
                names,
                b.avp(1406, b"\0\0\0\1", 10415),
                _SUBSCRIPTION,
                request=False,
            )
        return b.diameter(
            316,
            session,
            vendor,
            state,
            names,
            b.avp(293, f"hss.{there}".encode()),
            b.avp(283, there.encode()),
            b.avp(1, self.random.choice(self.imsis).encode()),
            b.avp(1032, b"\0\0\3\xec", 10415),
            b.avp(1405, b"\0\0\0\x22", 10415),
            b.avp(1407, b"\x62\xf2\x10", 10415),
            b.avp(282, f"dra.{here}".encode()),
        )

    def diameter_sctp(self) -> bytes:
        """Return a message in a chunk."""
        link = LINKS + self.random.randrange(LINKS)
        return self.over_sctp(link, self.data(link, self.diameter(), 46), port=3868)

    def diameter_tcp(self) -> bytes:
        """Return one or two messages in the next segment of one of fifty streams."""
        stream = self.random.randrange(50)
        octets = self.diameter() + (self.diameter() if stream % 5 == 0 else b"")
        number = self.sequence[stream]
        self.sequence[stream] = (number + len(octets)) % 2**32
        ends = self.addresses[stream], self.addresses[stream + 50]
        return b.over_tcp(octets, number=number, source=ends[0], destination=ends[1])

    def gtpv2(self) -> bytes:
        """Return a Create Session request or its response."""
        one, other = self.two()
        if self.random.random() < 0.5:  # noqa: PLR2004 - every second one is answered
            bearer = b.v2(93, b.v2(73, b"\5") + b.v2(2, b"\x10\0") + b.fteid(one, kind=5))
            message = b.gtpv2(
                33, b.v2(2, b"\x10\0"), b.fteid(one, kind=7), b.v2(79, b"\1\n\0\0\1"), bearer
            )
            return b.over_udp(message, 2123, one, other)
        message = b.gtpv2(
            32,
            b.v2(1, b.bcd(self.random.choice(self.imsis))),
            b.v2(76, b.bcd(self.random.choice(self.numbers))),
            b.v2(75, b.bcd("35123456789012")),
            b.v2(86, b"\x18" + b"\x62\xf2\x10\0\1" + b"\x62\xf2\x10\0\0\1\2"),
            b.v2(83, b"\x62\xf2\x10"),
            b.v2(82, b"\6"),
            b.v2(77, b"\0\0\0"),
            b.fteid(one),
            b.v2(71, b.labels("internet.mnc001.mcc262.gprs")),
            b.v2(128, b"\0"),
            b.v2(99, b"\1"),
            b.v2(79, b"\1\0\0\0\0"),
            b.v2(127, b"\0"),
            b.v2(72, bytes(8)),
            b.v2(93, b.v2(73, b"\5") + b.v2(80, bytes(22))),
            b.v2(78, bytes.fromhex("8080211001000010810600000000830600000000000d00000a00")),
        )
        return b.over_udp(message, 2123, one, other)

    def gtpv1(self) -> bytes:
        """Return a Create PDP Context request."""
        one, other = self.two()
        address = bytes(int(part) for part in one.split("."))
        message = b.gtpv1(
            16,
            b.tv(2, b.bcd(self.random.choice(self.imsis))),
            b.tv(3, b"\x62\xf2\x10\0\1\1"),
            b.tv(14, b"\1"),
            b.tv(15, b"\xfc"),
            b.tv(16, b"\0\0\0\1"),
            b.tv(17, b"\0\0\0\2"),
            b.tv(20, b"\5"),
            b.v1(128, b"\xf1\x21"),
            b.v1(131, b.labels("internet.mnc001.mcc262.gprs")),
            b.v1(133, address),
            b.v1(133, address),
            b.v1(134, b"\x91" + b.bcd(self.random.choice(self.numbers))),
            b.v1(135, bytes(12)),
        )
        return b.over_udp(message, 2123, one, other)

    def pfcp(self) -> bytes:
        """Return a Session Establishment request with two rules, or a heartbeat."""
        one, other = self.two()
        if self.random.random() < 0.3:  # noqa: PLR2004 - the share of heartbeats
            return b.over_udp(b.pfcp(1, b.ie(96, b"\xe8\0\0\0")), 8805, one, other)
        rules = b"".join(
            b.ie(
                1,
                b.ie(56, n)
                + b.ie(29, b"\0\0\0\1")
                + b.ie(2, b.ie(20, b"\0"))
                + b.ie(108, b"\0\0" + n),
            )
            + b.ie(3, b.ie(108, b"\0\0" + n) + b.ie(44, b"\2") + b.ie(4, b.ie(42, b"\1")))
            for n in (b"\0\1", b"\0\2")
        )
        message = b.pfcp(50, b.node(one), b.fseid(one), rules, session=True)
        return b.over_udp(message, 8805, one, other)

    def sip(self) -> bytes:
        """Return an INVITE with an offer, or its provisional answer."""
        one, other = self.two()
        here, there = self.random.sample(self.realms, 2)
        caller, callee = self.random.sample(self.numbers, 2)
        here, there = here.replace("epc.", "ims."), there.replace("epc.", "ims.")
        answer = self.random.random() < 0.5  # noqa: PLR2004 - every second one is answered
        message = b.sip(
            f"<sip:+{caller}@{here}>;tag={self.random.getrandbits(32):x}",
            f"<sip:+{callee}@{there}>",
            "SIP/2.0 100 Trying" if answer else f"INVITE sip:+{callee}@{there} SIP/2.0",
            "" if answer else _OFFER,
        )
        return b.over_udp(message, 5060, one, other)


def _dialogue(context: int) -> bytes:
    """Return the dialogue portion with which a MAP dialogue of version 3 begins."""
    name = b.tlv(0x06, bytes((4, 0, 0, 1, 0, context, 3)))
    request = b.tlv(0x60, b.tlv(0x80, b"\7\x80") + b.tlv(0xA1, name))
    said = b.tlv(0x06, bytes.fromhex("00118605010101")) + b.tlv(0xA0, request)
    return b.tlv(0x6B, b.tlv(0x28, said))


def _subscription() -> bytes:
    """Return the subscription data of an answer to Update-Location, with two access points."""

    def of_3gpp(code: int, value: bytes) -> bytes:
        return b.avp(code, value, 10415)

    speeds = of_3gpp(1435, b.avp(516, b"\0\1\0\0", 10415) + b.avp(515, b"\0\1\0\0", 10415))
    priority = of_3gpp(1034, b"".join(of_3gpp(n, b"\0\0\0\1") for n in (1046, 1047, 1048)))
    quality = of_3gpp(1431, of_3gpp(1028, b"\0\0\0\x09") + priority)
    points = b"".join(
        of_3gpp(
            1430,
            of_3gpp(1423, bytes([0, 0, 0, n]))
            + of_3gpp(1456, b"\0\0\0\0")
            + b.avp(493, name)
            + quality
            + of_3gpp(1432, b"\0\0\0\0")
            + speeds,
        )
        for n, name in enumerate((b"internet", b"ims"), 1)
    )
    profile = of_3gpp(1429, of_3gpp(1423, b"\0\0\0\1") + of_3gpp(1428, b"\0\0\0\0") + points)
    rest = of_3gpp(1424, b"\0\0\0\0") + of_3gpp(701, b"\x94\x71\x01\x32\x54\xf6")
    return of_3gpp(1400, rest + of_3gpp(1417, b"\0\0\0\2") + speeds + profile)


_SUBSCRIPTION = _subscription()
_OFFER = """v=0
o=- 1 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 49152 RTP/AVP 96 97 101
b=AS:41
a=rtpmap:96 AMR-WB/16000
a=rtpmap:97 AMR/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv
a=ptime:20
""".replace("\n", "\r\n")


def write(path: Path, packets: int, subscribers: int) -> None:
    """Write a capture of so many packets, a tenth of a millisecond apart."""
    traffic = Traffic(subscribers)
    path.write_bytes(b.pcap(*(traffic.packet() for _ in range(packets)), step=100_000))


def scanned(path: Path, tally: Tally) -> None:
    """Scan, and let go of what is found."""
    with path.open("rb") as file:
        for _ in scan(file, tally=tally):
            pass


def recorded(path: Path, _tally: Tally) -> None:
    """Scan into flat records."""
    with path.open("rb") as file:
        for _ in records(file):
            pass


def tshark(path: Path, _tally: Tally) -> None:
    """Have tshark print the six fields of every packet; names are not looked up."""
    asked = [word for field in SIX for word in ("-e", field)]
    subprocess.run(
        ["tshark", "-n", "-r", str(path), "-T", "fields", *asked],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def processor(run: Callable[[Path, Tally], None], path: Path, tally: Tally) -> float:
    """Return the processor time of a run, here or in a process that it starts."""
    before = _used()
    run(path, tally)
    return _used() - before


def _used() -> float:
    mine, theirs = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


def measure(
    packets: int = 200_000, rounds: int = 3, subscribers: int = SUBSCRIBERS
) -> dict[str, float | int | str]:
    """Return packets a second of processor time of each, and their ratio, medians of the rounds.

    In each round all read the same file, one after the other. Start-up of tshark, which is about
    a third of a second, is measured with an empty capture and taken off.
    """
    ours, flat, theirs, idle, ratios = [], [], [], [], []
    tally = Tally()
    with tempfile.TemporaryDirectory() as home:
        path, empty = Path(home) / "signalling.pcap", Path(home) / "empty.pcap"
        write(path, packets, subscribers)
        empty.write_bytes(b.pcap())
        size = path.stat().st_size
        for _ in range(rounds):
            tally = Tally()
            idle.append(processor(tshark, empty, tally))
            theirs.append(max(0.001, processor(tshark, path, tally) - idle[-1]))
            ours.append(processor(scanned, path, tally))
            flat.append(processor(recorded, path, Tally()))
            ratios.append(theirs[-1] / ours[-1])
    assert tally.scanned == tally.packets == packets, tally
    return {
        "packets": packets,
        "subscribers": subscribers,
        "mean_octets": round(size / packets - 16),
        "sightings": tally.sightings,
        "scan_packets_per_cpu_s": round(packets / statistics.median(ours)),
        "records_packets_per_cpu_s": round(packets / statistics.median(flat)),
        "tshark_packets_per_cpu_s": round(packets / statistics.median(theirs)),
        "tshark_start_cpu_s": round(statistics.median(idle), 2),
        "ratio_tshark": round(statistics.median(ratios), 2),
        "ratio_tshark_lowest": round(min(ratios), 2),
        "ratio_tshark_records": round(statistics.median(theirs) / statistics.median(flat), 2),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def main() -> int:
    """Measure, print a table, and with --json the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=200_000)
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path, help="only write the capture to this file")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.write:
        write(options.write, options.packets, options.subscribers)
        return 0
    if shutil.which("tshark") is None:
        print("tshark is missing: apt-get install tshark", file=sys.stderr)
        return 1
    began = time.monotonic()
    found = measure(options.packets, options.rounds, options.subscribers)
    for name, value in found.items():
        print(f"| {name} | {value} |")
    print(f"{time.monotonic() - began:.0f} s in all")
    if options.json:
        print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
