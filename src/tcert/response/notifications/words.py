"""Terms in words, with the shape and the tone of each state."""

from django.utils.translation import gettext_lazy as _

from tcert.response.notifications.enums import (
    Ending,
    Feed,
    Hop,
    Mailed,
    Pace,
    Said,
    Severity,
    State,
    Topic,
    Way,
    Why,
)

TOPICS = {
    Topic.COMPROMISED: _("compromised: somebody else has control of it"),
    Topic.VULNERABLE: _("vulnerable: it can be attacked"),
    Topic.ABUSED: _("abused: attacks come from it"),
    Topic.SUSPICIOUS: _("suspicious traffic"),
    Topic.OTHER: _("other"),
}
FEEDS = {
    Feed.OWN_NETWORK: _("our own network"),
    Feed.FIREWALL: _("signalling firewall"),
    Feed.HONEYPOT: _("honeypot"),
    Feed.SCAN: _("scan"),
    Feed.SINKHOLE: _("sinkhole"),
    Feed.PARTNER: _("a partner told us"),
    Feed.OTHER: _("other"),
}
SEVERITIES = {
    Severity.LOW: _("low: answer within three days"),
    Severity.MEDIUM: _("medium: answer within a day"),
    Severity.HIGH: _("high: answer within four hours, also at night"),
    Severity.CRITICAL: _("critical: answer within four hours, also at night"),
}
SEVERITY_MARKS = {
    Severity.LOW: ("open", "quiet", _("low")),
    Severity.MEDIUM: ("half", "info", _("medium")),
    Severity.HIGH: ("half", "warn", _("high")),
    Severity.CRITICAL: ("done", "bad", _("critical")),
}
STATES = {
    State.WAITING: _("not acknowledged"),
    State.ACKNOWLEDGED: _("acknowledged"),
    State.QUEUED: _("waits at the desk"),
    State.TAKEN: _("the desk works on it"),
    State.ANSWERED: _("answered"),
    State.CLOSED: _("closed by the desk"),
}
STATE_MARKS = {
    State.WAITING: ("open", "warn"),
    State.ACKNOWLEDGED: ("half", "info"),
    State.QUEUED: ("open", "bad"),
    State.TAKEN: ("half", "warn"),
    State.ANSWERED: ("done", "good"),
    State.CLOSED: ("no", "quiet"),
}
PACES = {
    Pace.AT_ONCE: _("tell us at once"),
    Pace.DAILY: _("tell us once a day, all together"),
    Pace.NEVER: _("do not tell us"),
}
WAYS = {
    Way.PORTAL: _("on this hub; a mail says only that there is something"),
    Way.MAIL: _("in an OpenPGP mail to the team's address, and on this hub"),
}
MAILED = {
    Mailed.NOT_WANTED: _("no mail with the lines is wanted"),
    Mailed.WAITS: _("a mail with the sealed lines is on its way"),
    Mailed.LEFT: _("a mail with the sealed lines left for the team's address"),
    Mailed.RED: _("no mail with the lines: TLP:RED is read on the hub only"),
    Mailed.NO_KEY: _("no mail with the lines: the team has no key that counts now"),
    Mailed.KEY_CHANGED: _("no mail with the lines: the team's key changed after they were sealed"),
    Mailed.NO_ADDRESS: _("no mail with the lines: the team has no e-mail address"),
    Mailed.GONE: _("no mail with the lines: they were not there any more when it was to leave"),
    Mailed.TAKEN_BACK: _("no mail with the lines: its rule or address was removed before it left"),
    Mailed.REFUSED: _("no mail with the lines: the relay refused it for good"),
}
"""Shown in its course; the notice that there is something goes out anyhow."""
HOPS = {
    Hop.TEAM: _("the organisation's team"),
    Hop.ORGANISATION: _("another team of the organisation"),
    Hop.CANDIDATE: _("the next candidate"),
    Hop.GROUP: _("the group's team"),
    Hop.DESK: _("the desk"),
    Hop.CHOSEN: _("chosen by the desk"),
}
WHYS = {
    Why.RESOLVED: _("it answers for the identifiers"),
    Why.RULE: _("a delivery rule of its organisation names it"),
    Why.NO_KEY: _("who stands before it has no key to seal to"),
    Why.NOBODY: _("nobody is known for the identifiers"),
    Why.SILENT: _("nobody acknowledged in time"),
    Why.NOT_OURS: _("who was told says that it is not theirs"),
    Why.SENT_ON: _("a person at the desk sent it on"),
}
SAID = {
    Said.NOTHING: _("nothing yet"),
    Said.ACKNOWLEDGED: _("acknowledged"),
    Said.CONFIRMED: _("true"),
    Said.HANDLED: _("handled"),
    Said.FALSE: _("false"),
    Said.NOT_OURS: _("not ours"),
}
ENDINGS = {
    Ending.TOLD_ELSEWHERE: _("Somebody was told by another way"),
    Ending.NOBODY_FOUND: _("Nobody can be found"),
    Ending.TOO_OLD: _("Too old to be of use"),
    Ending.NO_MATTER: _("Nothing is to be done"),
    Ending.DOUBLE: _("It stands here twice"),
}
