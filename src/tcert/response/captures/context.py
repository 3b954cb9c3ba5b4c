"""What the scanners of one capture share while a packet goes through them."""

from tcert.response.captures.enums import Malformed, Skipped
from tcert.response.captures.naming import Names
from tcert.response.captures.sightings import Sighting, Tally


class Context:
    """The packet at hand, and where sightings and counts go.

    `source` and `destination` are the packed addresses of the packet, empty without IP. `cut` says
    that its end is missing, in the capture or as a later fragment: what breaks then is not the
    sender's fault.
    """

    __slots__ = ("cut", "destination", "found", "names", "source", "tally", "time")

    def __init__(self, tally: Tally, country: str = "") -> None:
        self.tally = tally
        self.names = Names(tally, country)
        self.found: list[Sighting] = []
        self.time: int | None = None
        self.source = b""
        self.destination = b""
        self.cut = False

    def skip(self, reason: Skipped) -> None:
        """Count something that is not read."""
        self.tally.skipped[reason] += 1

    def damaged(self, layer: Malformed) -> None:
        """Count something that breaks a layer's rules, or is not there as a whole."""
        if self.cut:
            self.tally.skipped[Skipped.CUT] += 1
        else:
            self.tally.malformed[layer] += 1
