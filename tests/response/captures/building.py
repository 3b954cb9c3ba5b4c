"""Packets and capture files, built layer by layer from what a test wants to see in them."""

import ipaddress
import struct

A, B = "192.0.2.1", "198.51.100.2"
A6, B6 = "2001:db8::1", "2001:db8::2"


def padded(octets: bytes, to: int = 4) -> bytes:
    return octets + bytes(-len(octets) % to)


def bcd(digits: str, filler: str = "f") -> bytes:
    digits += filler * (len(digits) % 2)
    return bytes.fromhex("".join(digits[i + 1] + digits[i] for i in range(0, len(digits), 2)))


def labels(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))


# files


def pcap(*packets, link=1, order="<", nano=False, time=1_700_000_000_123_456_789, step=0):
    """A pcap file; a packet may be (octets, length on the wire)."""
    unit = 1 if nano else 1000
    head = struct.pack(
        order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link
    )
    out = [head]
    for n, packet in enumerate(packets):
        octets, whole = packet if isinstance(packet, tuple) else (packet, len(packet))
        seconds, rest = divmod(time + n * step, 1_000_000_000)
        out.append(struct.pack(order + "IIII", seconds, rest // unit, len(octets), whole) + octets)
    return b"".join(out)


def block(kind: int, body: bytes, order="<") -> bytes:
    body = padded(body)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def section(order="<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def option(code: int, value: bytes, order="<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + padded(value)


def interface(link=1, order="<", resolution=None, offset=None, longest=0) -> bytes:
    options = b""
    if resolution is not None:
        options += option(9, bytes([resolution]), order)
    if offset is not None:
        options += option(14, struct.pack(order + "q", offset), order)
    options += option(0, b"", order) if options else b""
    return block(1, struct.pack(order + "HHI", link, 0, longest) + options, order)


def enhanced(octets: bytes, ticks: int, number=0, order="<", whole=None) -> bytes:
    head = struct.pack(
        order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(octets), whole or len(octets)
    )
    return block(6, head + padded(octets), order)


def simple(octets: bytes, order="<", whole=None) -> bytes:
    return block(3, struct.pack(order + "I", whole or len(octets)) + padded(octets), order)


# links and Internet


def ethernet(octets: bytes, kind=0x0800, tags=()) -> bytes:
    tagged = b"".join(struct.pack(">HH", tag, 100 + n) for n, tag in enumerate(tags))
    return b"\x02\0\0\0\0\2" + b"\x02\0\0\0\0\1" + tagged + struct.pack(">H", kind) + octets


def ipv4(protocol, octets, source=A, destination=B, options=b"", offset=0, more=False) -> bytes:
    header = 20 + len(options)
    head = struct.pack(
        ">BBHHHBBH",
        0x40 | header // 4,
        0,
        header + len(octets),
        7,
        (0x2000 if more else 0) | offset // 8,
        64,
        protocol,
        0,
    )
    ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    return head + ends + options + octets


def ipv6(protocol, octets, source=A6, destination=B6, extensions=()) -> bytes:
    """An IPv6 packet; `extensions` are pairs of header number and its octets behind the first."""
    chain = b""
    following = protocol
    for number, rest in reversed(extensions):
        chain = bytes([following]) + rest + chain
        following = number
    ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    return struct.pack(">IHBB", 6 << 28, len(chain + octets), following, 64) + ends + chain + octets


def udp(octets: bytes, source: int, destination: int) -> bytes:
    return struct.pack(">HHHH", source, destination, 8 + len(octets), 0) + octets


def tcp(octets: bytes, source: int, destination: int, number=1) -> bytes:
    head = struct.pack(">HHIIBBHHH", source, destination, number, 1, 0x50, 0x18, 8192, 0, 0)
    return head + octets


def over_udp(octets, port, source=A, destination=B) -> bytes:
    return ethernet(ipv4(17, udp(octets, port, port), source, destination))


def over_sctp(*chunks, port=2905, source=A, destination=B, tag=1) -> bytes:
    return ethernet(ipv4(132, sctp(*chunks, port=port, tag=tag), source, destination))


def over_tcp(octets, port=3868, number=1, source=A, destination=B) -> bytes:
    return ethernet(ipv4(6, tcp(octets, port, port, number), source, destination))


def sctp(*chunks: bytes, port=2905, tag=1) -> bytes:
    return struct.pack(">HHII", port, port, tag, 0) + b"".join(chunks)


def data(octets: bytes, protocol: int, flags=3, tsn=1, order=1) -> bytes:
    head = struct.pack(">BBHIHHI", 0, flags, 16 + len(octets), tsn, 0, order, protocol)
    return padded(head + octets)


def i_data(octets: bytes, protocol: int, flags=3, tsn=1) -> bytes:
    head = struct.pack(">BBHIHHII", 64, flags, 20 + len(octets), tsn, 0, 0, 1, protocol)
    return padded(head + octets)


HEARTBEAT = struct.pack(">BBHHH", 4, 0, 8, 1, 4)


# SS7


def title(digits: str, plan=1, nature=4, translation=0) -> bytes:
    """Octets of a title with indicator 0100."""
    scheme = 1 if len(digits) % 2 else 2
    return bytes([translation, plan << 4 | scheme, nature]) + bcd(digits, "0")


def party(octets: bytes = b"", indicator=4, subsystem=6, code=None) -> bytes:
    """A party address without its length."""
    flags = indicator << 2 | (2 if subsystem is not None else 0) | (1 if code is not None else 0)
    flags |= 0 if indicator else 0x40
    point = b"" if code is None else struct.pack("<H", code)
    return bytes([flags]) + point + (b"" if subsystem is None else bytes([subsystem])) + octets


def sccp(called: bytes, calling: bytes, user=b"", kind=0x09, optional=b"") -> bytes:
    called, calling = bytes([len(called)]) + called, bytes([len(calling)]) + calling
    if kind in {0x09, 0x0A}:
        pointers = bytes([3, 2 + len(called), 1 + len(called + calling)])
        return bytes([kind, 0]) + pointers + called + calling + bytes([len(user)]) + user
    if kind in {0x11, 0x12}:
        body = called + calling + bytes([len(user)]) + user
        pointers = bytes([4, 3 + len(called), 2 + len(called + calling)])
        pointers += bytes([1 + len(body) if optional else 0])
        return bytes([kind, 0, 15]) + pointers + body + optional
    body = called + calling + struct.pack("<H", len(user)) + user
    spots = [7, 5 + len(called), 3 + len(called + calling), 1 + len(body) if optional else 0]
    return bytes([kind, 0, 15]) + struct.pack("<HHHH", *spots) + body + optional


def tlv(tag: int, value: bytes) -> bytes:
    length = bytes([len(value)]) if len(value) < 128 else bytes([0x81, len(value)])
    return bytes([tag]) + length + value


def begin(operation: int, parameter=b"", dialogue=b"") -> bytes:
    """A TCAP Begin with one Invoke."""
    invoke = tlv(0x02, b"\1") + tlv(0x02, bytes([operation])) + parameter
    return tlv(0x62, tlv(0x48, b"\0\0\0\1") + dialogue + tlv(0x6C, tlv(0xA1, invoke)))


def m3ua(user: bytes, origin=1, target=2, network=0, service=3, before=b"") -> bytes:
    protocol = struct.pack(">IIBBBB", origin, target, service, network, 0, 1) + user
    body = before + struct.pack(">HH", 0x0210, 4 + len(protocol)) + padded(protocol)
    return struct.pack(">BBBBI", 1, 0, 1, 1, 8 + len(body)) + body


def mtp3(user: bytes, origin=1, target=2, network=0, service=3) -> bytes:
    label = target | origin << 14
    return bytes([network << 6 | service]) + struct.pack("<I", label) + user


def m2pa(unit: bytes) -> bytes:
    body = struct.pack(">II", 1, 2) + b"\0" + unit
    return struct.pack(">BBBBI", 1, 0, 11, 1, 8 + len(body)) + body


def parameter(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, 4 + len(value)) + padded(value)


def sua_party(digits: str, subsystem=6) -> bytes:
    octets = b"\0\0\0\4" + bytes([len(digits), 0, 1, 4]) + padded(bcd(digits, "0"))
    return b"\0\1\0\5" + parameter(0x8001, octets) + parameter(0x8003, bytes([0, 0, 0, subsystem]))


def sua(calling: bytes, called: bytes, user=b"") -> bytes:
    body = parameter(0x0102, calling) + parameter(0x0103, called)
    body += parameter(0x0115, b"\0\0\0\0") + parameter(0x010B, user)
    return struct.pack(">BBBBI", 1, 0, 7, 1, 8 + len(body)) + body


# Diameter


def avp(code: int, value: bytes, vendor=None) -> bytes:
    head = 8 if vendor is None else 12
    flags = 0x40 if vendor is None else 0xC0
    octets = struct.pack(">II", code, flags << 24 | (head + len(value)))
    octets += b"" if vendor is None else struct.pack(">I", vendor)
    return padded(octets + value)


def diameter(command: int, *avps: bytes, request=True, application=16777251) -> bytes:
    body = b"".join(avps)
    flags = 0xC0 if request else 0x40
    return (
        struct.pack(">IIIII", 1 << 24 | 20 + len(body), flags << 24 | command, application, 1, 2)
        + body
    )


def ends(host: str, realm: str, to_realm="", to_host="") -> bytes:
    out = avp(264, host.encode()) + avp(296, realm.encode())
    out += avp(283, to_realm.encode()) if to_realm else b""
    return out + (avp(293, to_host.encode()) if to_host else b"")


def subscription(kind: int, value: str) -> bytes:
    return avp(443, avp(450, struct.pack(">I", kind)) + avp(444, value.encode()))


# GTP and PFCP


def v2(code: int, value: bytes, instance=0) -> bytes:
    return struct.pack(">BHB", code, len(value), instance) + value


def fteid(ip=None, ip6=None, kind=6) -> bytes:
    flags = (0x80 if ip else 0) | (0x40 if ip6 else 0) | kind
    packed = b"".join(ipaddress.ip_address(one).packed for one in (ip, ip6) if one)
    return v2(87, bytes([flags]) + b"\0\0\0\1" + packed)


def gtpv2(kind: int, *elements: bytes, piggyback=False) -> bytes:
    body = struct.pack(">II", 0, 0x100) + b"".join(elements)
    return struct.pack(">BBH", 0x48 | (0x10 if piggyback else 0), kind, len(body)) + body


def tv(code: int, value: bytes) -> bytes:
    return bytes([code]) + value


def v1(code: int, value: bytes) -> bytes:
    return struct.pack(">BH", code, len(value)) + value


def gtpv1(kind: int, *elements: bytes, number=True, extensions=b"") -> bytes:
    flags = 0x30 | (2 if number else 0) | (4 if extensions else 0)
    optional = b"\0\1\0" + (extensions or b"\0") if number or extensions else b""
    body = optional + b"".join(elements)
    return struct.pack(">BBHI", flags, kind, len(body), 0) + body


def ie(code: int, value: bytes) -> bytes:
    return struct.pack(">HH", code, len(value)) + value


def node(value: str) -> bytes:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return ie(60, b"\2" + labels(value))
    return ie(60, bytes([0 if address.version == 4 else 1]) + address.packed)


def fseid(ip=None, ip6=None) -> bytes:
    flags = (2 if ip else 0) | (1 if ip6 else 0)
    packed = b"".join(ipaddress.ip_address(one).packed for one in (ip, ip6) if one)
    return ie(57, bytes([flags]) + bytes(8) + packed)


def pfcp(kind: int, *elements: bytes, session=False, followed=False) -> bytes:
    body = (bytes(8) if session else b"") + b"\0\0\1\0" + b"".join(elements)
    flags = 0x20 | (1 if session else 0) | (4 if followed else 0)
    return struct.pack(">BBH", flags, kind, len(body)) + body


# SIP


def sip(origin: str, target: str, first="INVITE sip:bob@ims.example.net SIP/2.0", body="") -> bytes:
    lines = [
        first,
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        f"From: {origin}",
        f"To: {target}",
        "Call-ID: 1@192.0.2.1",
        "CSeq: 1 INVITE",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
