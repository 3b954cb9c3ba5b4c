"""Products as people name them, and the 3GPP functions that they fill.

Vendors are renamed and products have aliases: a triple is compared whole, in one spelling, and
never by fragments. What is shown stays as its vendor wrote it; this is the form to compare.
"""

import re
import unicodedata

from tcert.foundation.identifiers.kinds import Identifier, Kind, identifier
from tcert.foundation.identifiers.refusals import IdentifierRefused, admitted, admitted_name

_SEPARATOR = "|"
_FIELDS = 3
_LONGEST_FIELD = 160
_FUNCTION = re.compile(r"[a-z0-9][a-z0-9+-]{0,14}")
_WANTED = (
    "A product is vendor | product | version, the version may be empty: Open5GS | Open5GS | 2.7.5."
)
_WANTED_FUNCTION = "A 3GPP function is written by its abbreviation, such as AMF or gNB-CU."


def product(text: str) -> Identifier:
    """Read a product from one line with its three fields."""
    fields = admitted_name(text, _WANTED).split(_SEPARATOR)
    if len(fields) != _FIELDS:
        raise IdentifierRefused(_WANTED)
    return triple(*fields)


def triple(vendor: str, name: str, version: str) -> Identifier:
    """Return the identifier of a product by vendor, name and version in one spelling each.

    Vendor and name are needed; an empty version means every one.
    """
    spelled = [one_spelling(field) for field in (vendor, name, version)]
    if not all(spelled[:2]) or any(len(f) > _LONGEST_FIELD or _SEPARATOR in f for f in spelled):
        raise IdentifierRefused(_WANTED)
    parts = dict(zip(("vendor", "product", "version"), spelled, strict=True))
    return identifier(Kind.PRODUCT, _SEPARATOR.join(spelled), parts)


def one_spelling(name: str) -> str:
    """Return a name without regard to case, width and spacing (NFKC and case folding).

    Refuses what is invisible or turns the direction of writing. Empty stays empty.
    """
    if not name.strip():
        return ""
    name, folded = "", " ".join(admitted_name(name, _WANTED).split())
    while folded != name:  # folding can make what folds again
        name = folded
        folded = " ".join(unicodedata.normalize("NFKC", name.casefold()).split())
    return folded


def function(text: str) -> Identifier:
    """Read a 3GPP function; whether it is a known one is for the vocabulary to say."""
    name = admitted(text, _WANTED_FUNCTION).lower()
    if _FUNCTION.fullmatch(name) is None:
        raise IdentifierRefused(_WANTED_FUNCTION)
    return identifier(Kind.FUNCTION, name, {})
