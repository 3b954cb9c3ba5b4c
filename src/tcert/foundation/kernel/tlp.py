"""Traffic Light Protocol 2.0 (FIRST, August 2022)."""

from enum import StrEnum


class Tlp(StrEnum):
    """The five markings, from free to closed; `rank` orders them."""

    CLEAR = "CLEAR"
    GREEN = "GREEN"
    AMBER = "AMBER"
    AMBER_STRICT = "AMBER+STRICT"
    RED = "RED"

    @property
    def rank(self) -> int:
        """Return 0 (CLEAR) to 4 (RED): a larger rank reaches fewer people."""
        return list(Tlp).index(self)

    @property
    def label(self) -> str:
        """Return the marking as FIRST writes it, such as ``TLP:AMBER+STRICT``."""
        return f"TLP:{self.value}"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (value, label) pairs for form and model fields."""
        return [(t.value, t.label) for t in cls]
