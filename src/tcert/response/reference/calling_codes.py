"""Country calling codes and the regions behind them, from the library `phonenumbers`.

The codes of E.164 are data of the library, not of the database: it is pinned and comes with the
code, so they change with an upgrade and need no refresh of their own.
"""

from dataclasses import dataclass
from functools import cache

import phonenumbers

LICENCE = "Apache-2.0"
SOURCE = f"phonenumbers {phonenumbers.__version__}"
_NO_COUNTRY = "001"
"""How the library writes codes of no country: +800, +870, +881 to +883 and the like."""


@dataclass(frozen=True, slots=True)
class CallingCode:
    """A country calling code, without the +; several regions may share one (+1, +44)."""

    code: str
    regions: tuple[str, ...]

    @property
    def geographic(self) -> bool:
        """Does it belong to countries?"""
        return bool(self.regions)


@cache
def calling_codes() -> tuple[CallingCode, ...]:
    """Return all codes in their order as text, the main region of each first."""
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return tuple(
        CallingCode(str(code), tuple(one for one in known[code] if one != _NO_COUNTRY))
        for code in sorted(known, key=str)
    )
