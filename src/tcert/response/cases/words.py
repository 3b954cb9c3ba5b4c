"""The timeline's words: what each record says to whom."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.response.cases.enums import CaseEvent
from tcert.response.cases.models.embargo import CLAIMS
from tcert.response.cases.models.participant import MANAGEMENT_STATES
from tcert.response.cases.models.statement import POSITIONS

_PREFIX = "cases:"

_SENTENCES: dict[str, str | Promise] = {
    "acknowledged": _("%(who)s has seen a notice"),
    "claimed-A": _("%(who)s says that attacks are observed"),
    "claimed-P": _("%(who)s says that the flaw is public"),
    "claimed-X": _("%(who)s says that an exploit is public"),
    "closed": _("The case was closed"),
    "confirmed-A": _("Confirmed: attacks are observed"),
    "confirmed-P": _("Confirmed: the flaw is public"),
    "confirmed-X": _("Confirmed: an exploit is public"),
    "declined": _("%(who)s declined"),
    "deletion-warned": _("The parties were told that the content is deleted on %(due)s"),
    "deputy-called": _("The reporter waited too long; the desk's deputy was called"),
    "despite-attacks": _("An embargo is wanted although attacks are observed"),
    "duplicate": _("Found to repeat another case"),
    "embargo-accept": _("The embargo holds until %(ends_at)s"),
    "embargo-answer": _("%(who)s answered the proposed end"),
    "embargo-propose": _("%(who)s proposes that the embargo ends on %(ends_at)s"),
    "embargo-reject": _("The proposed end was not agreed"),
    "embargo-terminate": _("The embargo ended: %(reason)s"),
    "exclusion": _("Entered who must not be told"),
    "exclusion-lifted": _("An entry of who must not be told was taken back"),
    "exclusions-settled": _("Said who must not be told"),
    "exported": _("%(who)s took a copy of its part"),
    "handed-over": _("An earlier message was handed over to %(who)s"),
    "held": _("A legal hold was set: nothing is deleted until it is lifted"),
    "hold-lifted": _("The legal hold was lifted"),
    "hold-reviewed": _("The legal hold was looked at again and stays"),
    "invitation-expired": _("The invitation of %(who)s lapsed unanswered"),
    "invitation-withdrawn": _("The invitation of %(who)s was withdrawn"),
    "invited": _("%(who)s was invited"),
    "joined": _("%(who)s joined"),
    "network": _("A network was named"),
    "no-duplicate": _("Found not to repeat the other case after all"),
    "numbered": _("Found valid; numbered %(number)s"),
    "own-row": _("%(who)s changed its own row"),
    "party-expired": _("An invitation beyond the hub ran out"),
    "party-invited": _("A party that the hub does not know was invited by mail"),
    "party-joined": _("Somebody invited by mail made an account"),
    "party-refused": _("An account that must not be told tried to take an invitation"),
    "party-renewed": _("An invitation beyond the hub was sent anew, or given more time"),
    "party-withdrawn": _("An invitation beyond the hub was withdrawn"),
    "product": _("A product was named"),
    "readdressed": _("The reporter waited too long and addressed %(who)s"),
    "received": _("Report received"),
    "removed": _("%(who)s was removed"),
    "reporter-left": _("The reporter deleted the report; the case goes on without its finder"),
    "retention": _("Kept for %(after)s days after closing, no longer for %(before)s"),
    "seen": _("%(who)s opened its invitation"),
    "set-aside-A": _("A claim of attacks was set aside"),
    "set-aside-P": _("A claim of publicity was set aside"),
    "set-aside-X": _("A claim of an exploit was set aside"),
    "statement": _("%(who)s stated: %(after)s"),
    "statement-withdrawn": _("%(who)s took a statement back"),
    "step-D": _("%(who)s has deployed the fix"),
    "step-F": _("%(who)s has a fix ready"),
    "step-V": _("%(who)s knows of the flaw"),
    "stepped-back": _("A coordinator stepped back because of a conflict of interest"),
    "stepped-in": _("Another coordinator went on"),
    "subject-removed": _("A product or network was taken out"),
    "thread-asked": _("%(who)s was asked to join a conversation"),
    "thread-joined": _("%(who)s joined a conversation"),
    "thread-left": _("%(who)s left a conversation"),
    "thread-opened": _("A conversation of several parties was opened"),
    "tlp": _("TLP is now %(after)s"),
    "unopened": _("%(who)s cannot open a message"),
    "unopened-no-more": _("%(who)s can open a message after all"),
    "went-on-without": _("A message went on without a reader whose key has expired"),
}

_REASONS = {
    "date": _("its date has come"),
    "fact-P": CLAIMS[CaseEvent.PUBLIC_AWARE],
    "fact-X": CLAIMS[CaseEvent.EXPLOIT_PUBLIC],
}

FOR_ALL = frozenset(
    _PREFIX + act
    for act in (
        "closed",
        "confirmed-A",
        "confirmed-P",
        "confirmed-X",
        "deletion-warned",
        "despite-attacks",
        "embargo-accept",
        "embargo-propose",
        "embargo-reject",
        "embargo-terminate",
        "held",
        "hold-lifted",
        "hold-reviewed",
        "numbered",
        "product",
        "received",
        "retention",
        "tlp",
    )
)
"""What every party learns; who did it is named only where the viewer sees that party."""

FOR_SHOWN = frozenset(
    _PREFIX + act for act in ("joined", "statement", "statement-withdrawn", "step-D", "step-F")
)
"""What a party learns of those that show themselves."""

FOR_COORDINATORS = frozenset(
    _PREFIX + act
    for act in (
        "deputy-called",
        "duplicate",
        "exclusion",
        "exclusion-lifted",
        "exclusions-settled",
        "no-duplicate",
        "party-expired",
        "party-invited",
        "party-joined",
        "party-refused",
        "party-renewed",
        "party-withdrawn",
        "readdressed",
        "seen",
        "stepped-back",
        "stepped-in",
    )
)
"""What only the coordinating team sees, whoever it concerns."""

ALARMS = frozenset(
    _PREFIX + act
    for act in ("confirmed-A", "confirmed-P", "confirmed-X", "embargo-terminate", "held", "removed")
)


def _moment(text: str | None) -> str:
    if not text:
        return ""
    at = datetime.fromisoformat(text).astimezone(UTC)
    return f"{at:%d %b %Y, %H:%M} UTC"


_WORDS: dict[str, Callable[[Any], Any]] = {
    "due": _moment,
    "ends_at": _moment,
    "reason": lambda value: _REASONS.get(value, value or ""),
    "after": lambda value: POSITIONS.get(value, value),
}


def sentence(act: str, data: Mapping[str, Any], who: str) -> str:
    """Return a record in words, or nothing for what the timeline leaves out."""
    name = act.removeprefix(_PREFIX)
    if name == "management-receive":
        return ""  # “joined” and “received” say it
    if name.startswith("management-"):
        after = MANAGEMENT_STATES.get(data.get("after", ""))
        return str(_("%(who)s: %(state)s") % {"who": who, "state": after})
    template = _SENTENCES.get(name)
    if template is None:
        return ""
    values = {key: _WORDS.get(key, str)(value) for key, value in data.items()}
    return str(template % {"number": "", "ends_at": "", "reason": "", **values, "who": who})
