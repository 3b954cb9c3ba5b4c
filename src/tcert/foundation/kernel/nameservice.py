"""The one place that asks the name service for a record that somebody wants the hub to see.

Only text records, only the servers that the machine is set up with, within bounds of time and
size. Nothing that comes back is connected to: addresses stay with the fetcher. Answers are not
signed, so what rests on one is repeated after a while and never the only thing that counts.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver
from django.conf import settings

from tcert.foundation.kernel.fetcher import NameUnknown, TooLarge, TooSlow

Servers = Callable[[], Sequence[tuple[str, int]]]

MOST_RECORDS = 50
LONGEST_RECORD = 1_000
_PORT = 53


def of_the_machine() -> Sequence[tuple[str, int]]:
    """Return the name servers that the machine is set up with, as address and port."""
    return [(str(server), _PORT) for server in dns.resolver.Resolver().nameservers]


@dataclass(frozen=True, slots=True)
class NameService:
    """Asks for text records; seconds for one question, and for all of them together."""

    servers: Servers = of_the_machine
    one: float = 2
    whole: float = 6

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the text records of a name, none where there is none.

        Raises a `FetchError`: `NameUnknown` when the servers refuse or cannot be asked, `TooSlow`
        when none answers in time, `TooLarge` when it is more than a record of a claim can be.
        """
        resolver = dns.resolver.Resolver(configure=False)
        resolver.timeout, resolver.lifetime = self.one, self.whole
        resolver.use_edns(0, 0, 1232)
        try:
            servers = self.servers()
            resolver.nameservers = [
                dns.nameserver.Do53Nameserver(address, port) for address, port in servers
            ]
            found = resolver.resolve(
                dns.name.from_text(name), "TXT", search=False, raise_on_no_answer=False
            )
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except dns.exception.Timeout:
            raise TooSlow("the name service took too long") from None
        except (dns.exception.DNSException, OSError, ValueError):
            raise NameUnknown("the name service does not answer") from None
        texts = [b"".join(row.strings) for row in found.rrset or ()]
        if len(texts) > MOST_RECORDS or any(len(text) > LONGEST_RECORD for text in texts):
            raise TooLarge("there are more records than a claim can need")
        return tuple(text.decode("ascii", "replace") for text in texts)


_HUB = NameService()
_replaced: ContextVar[NameService | None] = ContextVar("replaced_names", default=None)


def name_service() -> NameService:
    """Return the hub's own: the machine's servers, whatever the settings say."""
    return _replaced.get() or _HUB


@contextmanager
def replaced_names(by: NameService) -> Iterator[None]:
    """Let tests ask their own server, in this context; never in production."""
    if settings.PRODUCTION:
        raise RuntimeError("a production hub has one name service")
    token = _replaced.set(by)
    try:
        yield
    finally:
        _replaced.reset(token)
