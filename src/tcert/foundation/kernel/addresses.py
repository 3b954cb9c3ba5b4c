"""Addresses that people, feeds and files hand to the hub, read strictly and judged. Pure.

Every tolerance of a URL reader is a hole here: `http://127.1`, `http://2130706433` and
`http://0x7f.0.0.1` all reach loopback somewhere, so a host is a plain name or a plain address.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, quote, urlsplit

Address = IPv4Address | IPv6Address

LONGEST_URL = 2_000
_LONGEST_NAME = 253
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEVIANT = re.compile("[ßςẞ\u200c\u200d]")  # meant otherwise by old and new rules for such names
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"

_NOT_PUBLIC_4 = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network, unspecified
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carrier-grade translators
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: the metadata services of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # retired 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
_GLOBAL_UNICAST_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    IPv6Network("2001::/23"),  # protocol assignments; Teredo is unwrapped before
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("3fff::/20"),  # documentation
]
_NAT64 = IPv6Network("64:ff9b::/96")
_LOW_32_BITS = 0xFFFFFFFF


class UrlRefused(ValueError):
    """The address is not one that the hub opens; says nothing of the address itself."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: `host` is a lower-case ASCII name or a literal address."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return the host as the Host header has it: brackets, and no default port."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        """Return the whole address in its normal form."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Return what must stay the same for headers of the caller's to be sent along."""
        return self.scheme, self.host, self.port

    @property
    def literal(self) -> Address | None:
        """Return the address that stands in the place of a name, if one does."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None


def read_url(text: str) -> Target:
    """Read an absolute http(s) address; raises `UrlRefused` for whatever is not plain."""
    if len(text) > LONGEST_URL:
        raise UrlRefused("the address is too long")
    if re.search(r"[\x00-\x20\x7f-\x9f\\]", text):
        raise UrlRefused("the address holds spaces, control characters or backslashes")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise UrlRefused("the address cannot be read") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise UrlRefused("the address is neither http nor https")
    if "@" in parts.netloc:
        raise UrlRefused("the address holds a user name or password")
    return Target(
        scheme=parts.scheme,
        host=_host(parts),
        port=_DEFAULT_PORTS[parts.scheme] if port is None else port,
        path=_path(parts),
    )


def _path(parts: SplitResult) -> str:
    """Return path and query in ASCII; what follows a # is the reader's own and is not sent."""
    path = quote(parts.path, safe=_PATH_SAFE) or "/"
    return f"{path}?{quote(parts.query, safe=_PATH_SAFE + '?[]')}" if parts.query else path


def _host(parts: SplitResult) -> str:
    netloc, host = parts.netloc, parts.hostname or ""
    if netloc.startswith("["):
        try:
            address = IPv6Address(host)
        except ValueError:
            raise UrlRefused("the address in brackets cannot be read") from None
        if address.scope_id:
            raise UrlRefused("the address names a network interface")
        return str(address)
    name = _ascii_name(host)
    labels = name.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or len(name) > _LONGEST_NAME:
        raise UrlRefused("the host is no name")
    if _NUMBER.fullmatch(labels[-1]):  # then it is an address, whatever else it looks like
        try:
            return str(IPv4Address(name))
        except ValueError:
            raise UrlRefused("the host is a number in an unusual form") from None
    return name


def _ascii_name(host: str) -> str:
    """Return a name as the name service knows it, without the dot that may end it."""
    host = host.removesuffix(".")
    if host.isascii():
        return host.lower()
    if _DEVIANT.search(host):
        raise UrlRefused("the host's name means two different hosts")
    try:
        return host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise UrlRefused("the host is no name") from None


def is_public(address: Address) -> bool:
    """Is this an address of the open internet, and so is every one that is wrapped in it?

    The lists stand here, because the library's own answer differs between its versions.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id:
        return False
    wrapped = _wrapped(address)
    if wrapped:
        return all(is_public(inner) for inner in wrapped)
    return address in _GLOBAL_UNICAST_6 and not any(address in n for n in _NOT_PUBLIC_6)


def _wrapped(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the addresses that a packet to this one may really reach."""
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo  # its server and its client
    if address in _NAT64:
        return (IPv4Address(int(address) & _LOW_32_BITS),)
    return ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Which addresses and ports the hub may connect to."""

    allows: Callable[[Address], bool]
    ports: frozenset[int] | None


PUBLIC_ONLY = Policy(allows=is_public, ports=frozenset(_DEFAULT_PORTS.values()))
