"""Hostile packets and hostile requests, drawn from a random source, so that each can be made again.

Packets are real ones, changed where a parser looks: framing, lengths, types, order, nesting,
armour. Requests are those of a real form, each part of them right, changed or nonsense: what is
wrong everywhere is refused at the first check and proves nothing about those behind it.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote_plus

from tcert.foundation.openpgp.packets import Packet, PacketError, armour, encode, split

MARK = "h0st1le"
NONSENSE = (
    "",
    " \t\r\n ",
    "\x00",
    "a\x00b",
    "\x07\x1b[31m\x85",
    "a\u202egpj.exe\u2066",
    "\U0001f9ff\ufffe",
    "Ä" * 30_000,
    "0",
    "-1",
    "9" * 400,
    "9" * 5_000,
    "1e999",
    "٣٤",
    "00000000-0000-4000-8000-000000000000",
    "0" * 64,
    "../../../../etc/passwd",
    "//evil.example/x",
    "https://[::1",
    "a@b.example\r\nBcc: c@d.example",
    '"><script>h0st1le</script>{{ 7*7 }}{% now %}',
    "' OR 1=1 --",
    "[" * 20_000,
    '{"a":' * 5_000,
    '{"name":"\\ud800","size":1e999,"sha256":NaN}',
    "true",
    "null",
    "%00%ff%ed%a0%80",
    "é" * 64,
    "1" * 64 + "\n",
)
CHARACTER_SETS = (
    "utf-8", "utf-16", "utf-7", "hex", "rot13", "zlib", "base64", "undefined", "idna", "punycode",
    "unicode_escape", "x" * 300, "é", "",
)  # fmt: skip
HEADERS: Mapping[str, Sequence[str]] = {
    "Accept": ("*/*", "text/html;q=nan", ",;q=9,", "é" * 50, "a/b;" * 500),
    "Accept-Encoding": ("gzip", "br;q=x", ",,;", "identity;q=0,*;q=0"),
    "Accept-Language": ("en", "x" * 4_000, "*,;q=9,é", "en;q=nan", "de-" * 300),
    "Authorization": ("Basic Og==", "Bearer é", "Digest " + "x=" * 200),
    "Cookie": (
        "hub=x", "hub=" + "é" * 3_000, ";;;=;=;$Version=1", "csrftoken=" + "x" * 9_000,
        "messages=W1tdXQ:1:x; messages=[[]]", 'a="\\012\\000"', "django_language=../..",
    ),
    "Forwarded": ("for=_gazonk;proto=gopher", 'for="[::1'),
    "Host": ("evil.example", "a b", "localhost:99999999", "[::1", "x" * 3_000, "localhost.", "é"),
    "If-Modified-Since": ("x" * 500, "Thu, 01 Jan 0001 00:00:00 GMT", "Sat, 99 Foo 9999"),
    "If-None-Match": ("*", 'W/"' + "x" * 500, '"', "é"),
    "Origin": ("null", "http://[::1", "https://evil.example", ""),
    "Range": ("bytes=0-", "bytes=" + "9" * 400 + "-1", "bytes=0-0,-1", "bytes=5-1", "x"),
    "Referer": ("http://[::1", "https://evil.example/", "//" + "x" * 2_000),
    "Sec-Fetch-Site": ("cross-site", "é"),
    "Transfer-Encoding": ("identity",),
    "User-Agent": ("", "é" * 2_000),
    "X-Forwarded-For": ("x, ::1%eth0", "1.2.3.4, " * 300, ""),
    "X-Forwarded-Host": ("evil.example", "a b"),
    "X-Forwarded-Proto": ("https", "gopher", "https,http"),
    "X-HTTP-Method-Override": ("DELETE",),
    "X-Requested-With": ("XMLHttpRequest",),
}  # fmt: skip
METHODS = ("GET",) * 6 + ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND")


LONGEST = 200_000
"""So many bytes a change may make of a few: growth upon growth would only fill the memory."""


# Packets -----------------------------------------------------------------------


def mutate(random: Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:
    """Change bytes a few times, by their packets where they are some."""
    for _change in range(random.randint(1, 4)):
        try:
            packets = split(data)
        except PacketError:
            packets = []
        if packets and random.random() < 0.7:
            data = random.choice(_BY_PACKET)(random, packets, others)
        else:
            data = random.choice(_BY_BYTE)(random, data, others)
        data = data[:LONGEST]
    return data


def _place(random: Random, data: Sequence[object]) -> int:
    return random.randrange(len(data)) if data else 0


def _flip(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    at = _place(random, data)
    return (
        data[:at]
        + bytes(b ^ (1 << random.randrange(8)) for b in data[at : at + 1])
        + data[at + 1 :]
    )


def _cut(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    return data[: _place(random, data)]


def _drop(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    at = _place(random, data)
    return data[:at] + data[at + random.randint(1, 40) :]


def _repeat(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    at, size = _place(random, data), random.randint(1, 60)
    return data[:at] + data[at : at + size] * random.randint(2, 50) + data[at + size :]


def _insert(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    at = _place(random, data)
    return data[:at] + random.randbytes(random.randint(1, 20)) + data[at:]


def _splice(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = random.choice(others) if others else data
    return data[: _place(random, data)] + other[_place(random, other) :]


def _in_armour(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    kind = random.choice(["MESSAGE", "PUBLIC KEY BLOCK", "PRIVATE KEY BLOCK", "SIGNATURE"])
    text = armour(data[:100_000], kind)
    match random.randrange(6):
        case 0:
            text = text.replace("=", "", 1)
        case 1:
            text = text.replace("\n\n", f"\nComment: {'x' * random.choice([1, 5000])}\n\n", 1)
        case 2:
            text = text.replace("\n", "\r\n" * random.choice([1, 3]))
        case 3:
            text = f"{text}{text}"
        case 4:
            text = f"\ufeff{MARK}\n{text}\n{MARK}"
    return text.encode()


def _reorder(random: Random, packets: list[Packet], _others: Sequence[bytes]) -> bytes:
    return _joined(random.sample(packets, len(packets)))


def _without_one(random: Random, packets: list[Packet], _others: Sequence[bytes]) -> bytes:
    at = _place(random, packets)
    return _joined([*packets[:at], *packets[at + 1 :]])


def _many(random: Random, packets: list[Packet], _others: Sequence[bytes]) -> bytes:
    at = _place(random, packets)
    count = min(random.choice([2, 50, 450]), LONGEST // (len(packets[at].body) + 1))
    return _joined([*packets[:at], *[packets[at]] * count, *packets[at + 1 :]])


def _foreign(random: Random, packets: list[Packet], others: Sequence[bytes]) -> bytes:
    try:
        strange = split(random.choice(others)) if others else packets
    except PacketError:
        strange = packets
    at = random.randint(0, len(packets))
    return _joined([*packets[:at], random.choice(strange or packets), *packets[at:]])


def _extra(random: Random, packets: list[Packet], _others: Sequence[bytes]) -> bytes:
    body = random.choice([b"", b"PGP", b"b\0\0\0\0\0" + MARK.encode(), random.randbytes(30)])
    at = random.randint(0, len(packets))
    return _joined([*packets[:at], Packet(random.randint(1, 63), body), *packets[at:]])


def _other_type(random: Random, packets: list[Packet], _others: Sequence[bytes]) -> bytes:
    at = _place(random, packets)
    changed = Packet(random.randint(1, 63), packets[at].body)
    return _joined([*packets[:at], changed, *packets[at + 1 :]])


def _other_body(random: Random, packets: list[Packet], others: Sequence[bytes]) -> bytes:
    at = _place(random, packets)
    body = random.choice(_BY_BYTE)(random, packets[at].body, others)
    return _joined([*packets[:at], Packet(packets[at].tag, body), *packets[at + 1 :]])


def _inside(random: Random, packets: list[Packet], _others: Sequence[bytes]) -> bytes:
    data = _joined(packets)
    for _depth in range(random.choice([1, 2, 100])):
        data = encode(random.choice([8, 9, 11, 18]), b"\x01" + data)
    return data


def _framed_otherwise(random: Random, packets: list[Packet], _others: Sequence[bytes]) -> bytes:
    at = _place(random, packets)
    head, tail = _joined(packets[:at]), _joined(packets[at + 1 :])
    return head + random.choice(_FRAMES)(random, packets[at]) + tail


def _old_format(random: Random, packet: Packet) -> bytes:
    kind = random.randrange(4)
    size = (
        (len(packet.body) & (2 ** (8 << kind) - 1)).to_bytes(1 << kind, "big") if kind < 3 else b""
    )
    return bytes([0x80 | (packet.tag & 15) << 2 | kind]) + size + packet.body


def _in_parts(random: Random, packet: Packet) -> bytes:
    made, body = bytes([0xC0 | packet.tag & 63]), packet.body
    for power in random.sample(range(12), random.randint(1, 12)):
        made, body = made + bytes([224 | power]) + body[: 1 << power], body[1 << power :]
    return made + encode(packet.tag & 63, body)[1:]


def _oversized(random: Random, packet: Packet) -> bytes:
    said = random.choice(
        [b"\xff\xff\xff\xff\xff", b"\xff\x7f\xff\xff\xff", b"\xfe", b"\xdf\xff", b"\xff\0\0\0\0"]
    )
    return bytes([0xC0 | packet.tag & 63]) + said + packet.body


def _joined(packets: Sequence[Packet]) -> bytes:
    return b"".join(encode(packet.tag & 63, packet.body) for packet in packets)


_BY_BYTE: Sequence[Callable[[Random, bytes, Sequence[bytes]], bytes]] = (
    _flip, _flip, _cut, _drop, _repeat, _insert, _splice, _in_armour,
)  # fmt: skip
_BY_PACKET: Sequence[Callable[[Random, list[Packet], Sequence[bytes]], bytes]] = (
    _reorder, _without_one, _many, _foreign, _extra, _other_type, _other_body, _other_body,
    _inside, _framed_otherwise, _framed_otherwise,
)  # fmt: skip
_FRAMES = (_old_format, _in_parts, _oversized)


# Requests ----------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """One request as it goes over the wire; `headers` are text of Latin-1."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Sender:
    """Makes requests; `fields` gives right values by name, from which wrong ones are made."""

    random: Random
    fields: Mapping[str, Sequence[str | bytes]]

    def request(self, path: str) -> Request:
        """One request for an address: mostly a form or a query, sometimes neither."""
        random = self.random
        target = path + (
            f"?{self._encoded(self._pairs())[:6_000]}" if random.random() < 0.3 else ""
        )
        headers = {
            name: random.choice(HEADERS[name])
            for name in random.sample(list(HEADERS), random.choice([0, 0, 1, 2, 5]))
        }
        if random.random() < 0.35:
            return Request(random.choice(METHODS), target, headers)
        body, kind = self._body()
        return Request("POST", target, {**headers, "Content-Type": kind}, body)

    def value(self, name: str) -> bytes:
        """A field's value: right, changed, or nonsense."""
        random = self.random
        known = self.fields.get(name, ())
        if not known or random.random() < 0.15:
            return random.choice(NONSENSE).encode()
        chosen = random.choice(list(known))
        right = chosen if isinstance(chosen, bytes) else chosen.encode()
        if random.random() < 0.55:
            return right
        if random.random() < 0.5 and (packets := _from_base64(right)):
            return base64.b64encode(mutate(random, packets))
        return random.choice(_BY_BYTE)(random, right, [])

    def _pairs(self) -> list[tuple[str, bytes]]:
        random = self.random
        names = [name for name in self.fields if random.random() < 0.85]
        names += random.sample(list(self.fields), min(2, len(self.fields)))
        if random.random() < 0.05:
            names = random.choices(names or ["a"], k=2_100)
            return [(name, b"1") for name in names]
        return [(name, self.value(name)) for name in names]

    def _encoded(self, pairs: Sequence[tuple[str, bytes]]) -> str:
        joined = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
        if self.random.random() < 0.1:
            return joined.replace("%", self.random.choice(["", "%%", "%zz", "\\x"]), 3)
        return joined

    def _body(self) -> tuple[bytes, str]:
        random = self.random
        charset = f"; charset={random.choice(CHARACTER_SETS)}" if random.random() < 0.1 else ""
        match random.randrange(10):
            case 0:
                text = random.choice(NONSENSE).encode() + random.randbytes(20)
                return text, random.choice(
                    ["application/json", "text/xml", "x", "", "a/b; c=d" * 9]
                )
            case 1:
                return b"", random.choice(
                    ["multipart/form-data", "application/x-www-form-urlencoded"]
                )
            case 2 | 3 | 4:
                return self._encoded(
                    self._pairs()
                ).encode(), f"application/x-www-form-urlencoded{charset}"
        body, kind = self._multipart()
        return body, kind + charset

    def _multipart(self) -> tuple[bytes, str]:
        random = self.random
        boundary = random.choice(["b", "b", "b" * 70, "b" * 300, "b'()+_,-./:=?", "b b", ""])
        line, parts = f"--{boundary}\r\n".encode(), []
        for name, value in self._pairs():
            head = f'Content-Disposition: form-data; name="{name}"'
            if name in _FILES or random.random() < 0.03:
                head += random.choice(_FILE_NAMES)
            if random.random() < 0.05:
                head += random.choice(_PART_HEADERS)
            parts.append(
                line + head.encode("utf-8", "surrogatepass") + b"\r\n\r\n" + value + b"\r\n"
            )
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        if random.random() < 0.1:
            body = random.choice((_cut, _drop, _repeat, _insert))(random, body, [])
        return body, f"multipart/form-data; boundary={boundary}"


_FILES = {"file", "files", "sealed"}
_FILE_NAMES = (
    '; filename="a.txt"',
    '; filename="a.txt"',
    '; filename="../../etc/passwd"',
    f'; filename="{"x" * 5000}"',
    '; filename="a\u202egpj.exe\x00"',
    '; filename="\ud800"',
    "; filename*=hex''zz",
    "; filename*=utf-8''%ff%00",
    '; filename=""',
    "; filename=",
)
_PART_HEADERS = (
    "\r\nContent-Transfer-Encoding: base64",
    "\r\nContent-Transfer-Encoding: quoted-printable",
    "\r\nContent-Type: text/plain; charset=hex",
    "\r\nContent-Length: 99999999999",
    "\r\nContent-Type: multipart/mixed; boundary=c",
    "\r\nX: " + "x" * 3_000,
    "\r\nno header at all",
)


def _from_base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
