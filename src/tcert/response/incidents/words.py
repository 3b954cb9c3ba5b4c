"""The words for what is stored as a term."""

from django.utils.translation import gettext_lazy as _

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.incidents.enums import (
    Answer,
    Reason,
    Severity,
    Side,
    Standing,
    State,
    Work,
)

STATES = {
    State.REPORTED: _("reported"),
    State.CONFIRMED: _("confirmed"),
    State.CONTAINED: _("contained"),
    State.CLOSED: _("closed"),
    State.DISMISSED: _("dismissed"),
    State.REOPENED: _("reopened"),
}
STATE_MARKS = {
    State.REPORTED: ("open", "warn"),
    State.CONFIRMED: ("half", "bad"),
    State.CONTAINED: ("half", "info"),
    State.CLOSED: ("done", "good"),
    State.DISMISSED: ("no", "quiet"),
    State.REOPENED: ("open", "warn"),
}
"""Shape and tone of each state."""
SEVERITIES = {
    Severity.LOW: _("low"),
    Severity.MEDIUM: _("medium"),
    Severity.HIGH: _("high"),
    Severity.CRITICAL: _("critical"),
}
SEVERITY_MARKS = {
    Severity.LOW: ("open", "quiet"),
    Severity.MEDIUM: ("half", "info"),
    Severity.HIGH: ("half", "warn"),
    Severity.CRITICAL: ("done", "bad"),
}
MEANINGS = {
    Severity.LOW: _("low: seen and stopped, or without effect on service, money or subscribers"),
    Severity.MEDIUM: _("medium: single subscribers, small sums, or an attempt that is going on"),
    Severity.HIGH: _(
        "high: many subscribers, large sums, a service in one region, or interception of anybody"
    ),
    Severity.CRITICAL: _(
        "critical: danger to life, emergency calls or a whole network; or several networks at once"
    ),
}
REASONS = {
    Reason.EVIDENCE: _("Evidence was found"),
    Reason.SEEN_TWICE: _("A second team sees the same"),
    Reason.NO_ATTACK: _("It has a harmless cause"),
    Reason.TEST: _("It was a test, or work on the network"),
    Reason.MEASURE: _("A measure holds"),
    Reason.QUIET: _("It has been quiet since"),
    Reason.BACK: _("It is back"),
    Reason.GREATER: _("It is greater than it seemed"),
    Reason.SMALLER: _("It is smaller than it seemed"),
    Reason.SOURCE_WISH: _("Who the information comes from wishes it"),
    Reason.TALK: _("Another reason: it is said in the talk"),
}
SIDES = {
    Side.AFFECTED: _("affected"),
    Side.SUSPECTED: _("suspected source"),
    Side.NEITHER: _("neither: helps"),
}
STANDINGS = {
    Standing.NAMED: _("named, not told"),
    Standing.ASKED: _("told, not in the talk"),
    Standing.READS: _("reads"),
    Standing.GONE: _("no longer told"),
}
ANSWERS = {
    Answer.NONE: _("no answer yet"),
    Answer.ACKNOWLEDGED: _("acknowledged"),
    Answer.NOT_OURS: _("not ours"),
}
ANSWER_MARKS = {
    Answer.NONE: ("open", "warn"),
    Answer.ACKNOWLEDGED: ("done", "good"),
    Answer.NOT_OURS: ("no", "quiet"),
}
WORKS = {
    Work.BLOCK: _("Block it at the edge"),
    Work.TRACE: _("Trace where it comes from"),
    Work.LOGS: _("Look into logs and counters"),
    Work.CREDENTIALS: _("Change credentials, close accesses"),
    Work.SUBSCRIBERS: _("Tell the subscribers concerned"),
    Work.EVIDENCE: _("Keep evidence"),
    Work.CALL: _("Call, and say what was found"),
    Work.REPAIR: _("Repair"),
    Work.ANSWER: _("Answer a question in the talk"),
}
INDICATOR_KINDS = {
    Kind.GLOBAL_TITLE: _("Global Title"),
    Kind.POINT_CODE_INTERNATIONAL: _("Point code, international"),
    Kind.PLMN: _("PLMN"),
    Kind.DIAMETER_REALM: _("Diameter realm"),
    Kind.DIAMETER_HOST: _("Diameter host"),
    Kind.APN: _("APN"),
    Kind.IP: _("IP address"),
    Kind.CIDR: _("IP network"),
    Kind.ASN: _("ASN"),
    Kind.DOMAIN: _("Domain"),
    Kind.ECGI: _("ECGI (cell)"),
    Kind.NCGI: _("NCGI (cell)"),
    Kind.TAI: _("TAI (tracking area)"),
    Kind.IMSI: _("IMSI: stored masked"),
    Kind.MSISDN: _("MSISDN: stored masked"),
    Kind.IMEI: _("IMEI: stored masked"),
    Kind.SUCI: _("SUCI: stored masked"),
    Kind.TAC: _("TAC (kind of device)"),
}
