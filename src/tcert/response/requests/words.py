"""The words for what is stored as a term."""

from django.utils.translation import gettext_lazy as _

from tcert.response.requests.enums import Basis, Data, Keep, Kind, Reason, Receipt, State

STATES = {
    State.SENT: _("sent"),
    State.ACKNOWLEDGED: _("acknowledged"),
    State.ACCEPTED: _("accepted"),
    State.PARTLY: _("accepted in part"),
    State.REFUSED: _("refused"),
    State.HANDED_OVER: _("handed over"),
    State.CLOSED: _("closed"),
    State.WITHDRAWN: _("withdrawn"),
    State.LAPSED: _("not answered"),
}
STATE_MARKS = {
    State.SENT: ("open", "warn"),
    State.ACKNOWLEDGED: ("half", "info"),
    State.ACCEPTED: ("half", "good"),
    State.PARTLY: ("half", "good"),
    State.REFUSED: ("no", "quiet"),
    State.HANDED_OVER: ("done", "good"),
    State.CLOSED: ("done", "quiet"),
    State.WITHDRAWN: ("no", "quiet"),
    State.LAPSED: ("no", "quiet"),
}
"""Shape and tone of each state."""
KINDS = {
    Kind.INFORMATION: _("information"),
    Kind.PRESERVATION: _("preservation"),
    Kind.ASSISTANCE: _("technical help"),
}
MEANINGS = {
    Kind.INFORMATION: _("information: data that the party holds, handed over sealed"),
    Kind.PRESERVATION: _("preservation: the party keeps what it holds until a day; nothing moves"),
    Kind.ASSISTANCE: _("technical help: an explanation, without data of persons"),
}
BASES = {
    Basis.COURT: _("order of a court"),
    Basis.PROSECUTOR: _("order of a prosecutor"),
    Basis.POWER: _("own power of the authority, by statute"),
    Basis.ASSISTANCE: _("legal assistance between countries"),
    Basis.SUPERVISION: _("supervision of a licence or a duty"),
    Basis.EMERGENCY: _("emergency: danger to life"),
    Basis.VOLUNTARY: _("none: the party is asked to help of its own will"),
}
DATA = {
    Data.SUBSCRIBER: _("who a subscriber is"),
    Data.TRAFFIC: _("records of calls, messages and sessions"),
    Data.LOCATION: _("location"),
    Data.SIGNALLING: _("traces of signalling"),
    Data.CONTENT: _("stored content of communication"),
    Data.LOGS: _("logs of systems and accesses"),
    Data.ROUTING: _("routing, interconnection, lease of numbers"),
    Data.EQUIPMENT: _("equipment, software, configuration"),
    Data.PAYMENT: _("payments and contracts"),
    Data.OTHER: _("other: said in the sealed text"),
}
REASONS = {
    Reason.NO_BASIS: _("no legal basis"),
    Reason.NOT_OURS: _("not ours: we do not hold or run it"),
    Reason.NOT_COMPETENT: _("this authority is not competent"),
    Reason.DISPROPORTIONATE: _("it asks for too much"),
    Reason.NOTHING_HELD: _("nothing is held"),
    Reason.NOT_PROVEN: _("we could not make sure who asks"),
    Reason.OTHER: _("another reason: it is said in the talk"),
}
RECEIPTS = {
    Receipt.NONE: _("not confirmed yet"),
    Receipt.MATCHES: _("received, digests match"),
    Receipt.DIFFERS: _("digests do not match"),
}
RECEIPT_MARKS = {
    Receipt.NONE: ("open", "warn"),
    Receipt.MATCHES: ("done", "good"),
    Receipt.DIFFERS: ("no", "bad"),
}
KEEPS = {
    Keep.SHORT: _("30 days"),
    Keep.MIDDLE: _("90 days"),
    Keep.LONG: _("180 days"),
}
