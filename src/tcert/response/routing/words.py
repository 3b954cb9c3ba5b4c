"""Why somebody is a candidate, in words of the reader's language, from the parts of an answer."""

from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.foundation.identifiers import countries
from tcert.foundation.identifiers.kinds import Kind
from tcert.response.routing.finding import NAMES
from tcert.response.snapshot.enums import Basis, Role, Side, State
from tcert.response.snapshot.resolution import NATIONAL

ROLES = {
    Role.HOLDER: gettext_lazy("holder"),
    Role.OPERATOR: gettext_lazy("operator"),
    Role.LESSOR: gettext_lazy("lessor"),
    Role.LESSEE: gettext_lazy("lessee"),
    Role.SUB_LESSEE: gettext_lazy("sub-lessee"),
    Role.HUB: gettext_lazy("hub"),
    Role.MVNO: gettext_lazy("virtual operator"),
    Role.SHARED: gettext_lazy("one of several holders"),
    Role.VENDOR: gettext_lazy("vendor"),
    Role.ORIGIN: gettext_lazy("announces it"),
}
STATES = {
    State.CLAIMED: gettext_lazy("claimed, not verified"),
    State.VERIFIED: gettext_lazy("verified"),
    State.IMPORTED: gettext_lazy("public list"),
    State.DISPUTED: gettext_lazy("disputed"),
}
BASES = {
    Basis.DIRECT: gettext_lazy("by the identifier itself"),
    Basis.DERIVED: gettext_lazy("derived from the identifier"),
    Basis.PORTED: gettext_lazy("by the range only: numbers are ported"),
    Basis.AMBIGUOUS: gettext_lazy("the less likely reading of a code of unknown length"),
    Basis.COUNTRY: gettext_lazy("the country only"),
    Basis.GROUP: gettext_lazy("by a member of the group"),
}
SIDES = {
    Side.SOURCE: gettext_lazy("traffic that claims to come from"),
    Side.VICTIM: gettext_lazy("traffic that claims to concern"),
}
_POINT_CODE = gettext_lazy("the point code belongs to an area of %(country)s")
_OF_COUNTRY = {
    countries.SOURCE: gettext_lazy("the network code belongs to a range of %(country)s"),
    countries.AREAS: _POINT_CODE,
    NATIONAL: _POINT_CODE,
}
EITHER = gettext_lazy("named in traffic, where the sender writes what they like")
_CUT = {Kind.MSISDN_RANGE: Kind.MSISDN, Kind.GT_RANGE: Kind.GLOBAL_TITLE}


def kind_label(kind: Kind) -> str:
    """Say what an identifier is; a cut number is what it was cut from."""
    return str(NAMES.get(_CUT.get(kind, kind), kind))


def says(side: Side | None, *, forgeable: bool) -> str | Promise:
    """Say whose traffic it is: what a sender writes proves nothing about who sent it."""
    if not forgeable:
        return ""
    return SIDES[side] if side is not None else EITHER


def reason(*, role: Role, basis: Basis, state: State, matched: str) -> str:
    """Say why somebody is a candidate."""
    if role == Role.ORIGIN:
        return _("the public list says that it announces the address; nobody here claims that AS")
    words = {"role": ROLES[role], "what": matched, "state": STATES[state], "how": BASES[basis]}
    if basis == Basis.DIRECT:
        return _("%(role)s of %(what)s (%(state)s)") % words
    return _("%(role)s of %(what)s (%(state)s), %(how)s") % words


def denied(reason: str, on: date) -> str:
    """Add to a reason that the organisation itself says otherwise."""
    return _("%(reason)s; but its team said on %(day)s that it is not theirs") % {
        "reason": reason,
        "day": f"{on:%Y-%m-%d}",
    }


def of_country(country: str, source: str) -> str:
    """Say that no more than the country is known, and where it goes."""
    said = _OF_COUNTRY.get(source, _("the number belongs to a range of %(country)s"))
    said = said % {"country": country}
    return _("%(said)s; no team is known: the desk's queue") % {"said": said}


def above(member: str, said: str) -> str:
    """Say why a group or a parent is a candidate: what its member is."""
    return _("group or parent of %(member)s: %(said)s") % {"member": member, "said": said}


def kept_back(basis: Basis) -> str:
    """Say why somebody is a candidate whose claim the reader may not open."""
    if basis == Basis.DIRECT:
        return _("answers for it by a claim that is not open to you")
    return _("answers for it by a claim that is not open to you, %(how)s") % {"how": BASES[basis]}
