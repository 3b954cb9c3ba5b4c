"""Who announces an address, by the optional public list: looked up for what is asked.

The same answer as from a table with all its networks, without keeping them in every process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from tcert.community.claims.spaces import Space
from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.response.reference.queries import Announcements
from tcert.response.snapshot.entries import Route
from tcert.response.snapshot.enums import Basis, Role, State
from tcert.response.snapshot.intervals import key_of
from tcert.response.snapshot.snapshot import Hit

_FIRST, _HOLDERS = 0, 1
"""Groups as `snapshot.resolution` counts them: of the address itself, of who announces it."""


@dataclass(frozen=True, slots=True)
class Announcers:
    """Adds to what a table knows of an identifier what the list says."""

    listed: Announcements | None

    def hits(self, found: Identifier) -> Iterator[Hit]:
        """Yield who announces an address or a network, and who holds a system by its name."""
        if self.listed is None:
            return
        if found.kind == Kind.ASN:
            yield from self._named(found.canonical, Basis.DIRECT, _FIRST)
        elif found.kind in {Kind.IP, Kind.CIDR}:
            network = ip_network(found.canonical)
            system = self.listed.system_of(network[0], network[-1])
            if system is not None:
                space = Space.ADDRESS_4 if network.version == 4 else Space.ADDRESS_6  # noqa: PLR2004
                origin = self._route(f"AS{system}", Role.ORIGIN)
                key = key_of(network)
                yield Hit(Basis.DIRECT, _FIRST, key[1], space, key, (origin,))
                yield from self._named(str(system), Basis.DERIVED, _HOLDERS)

    def _named(self, number: str, basis: Basis, group: int) -> Iterator[Hit]:
        name = self.listed.name_of(int(number)) if self.listed else ""
        if name:
            route = self._route(f"reference:{name}", Role.HOLDER)
            yield Hit(basis, group, len(number), Space.ASN, number, (route,))

    def _route(self, party: str, role: Role) -> Route:
        if self.listed is None:
            raise RuntimeError("nothing is listed")
        on, source = self.listed.on, self.listed.source
        return Route(party, role, State.IMPORTED, source, on, None, None, was_verified=False)
