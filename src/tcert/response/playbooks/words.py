"""The headings and labels of a playbook, for its page and for its files."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.foundation.language.vocabularies import vocabulary
from tcert.response.playbooks.enums import Box, Place
from tcert.response.playbooks.playbook import Call, Playbook, TimeBox

BOXES = {
    Box.FIRST_15_MINUTES: _("First 15 minutes"),
    Box.FIRST_HOUR: _("First hour"),
    Box.FIRST_4_HOURS: _("First 4 hours"),
    Box.FIRST_DAY: _("First day"),
    Box.AFTER: _("After"),
}
PLACES = {
    Place.OWN: _("your own people"),
    Place.DIRECTORY: _("from the directory"),
    Place.DESK: _("the desk"),
    Place.OUTSIDE: _("outside of the directory"),
}
WHO, WORKED, SPARE = _("Who"), _("It worked when"), _("Do not break")
LOOK, FINDING, CONTAIN = _("Look at"), _("Finding"), _("Contain")
EFFECTS, UNDO = _("Side effects"), _("Undo")
WHEN, WHAT_FOR = _("When"), _("What for")
CLOSED = _("for members of its publisher only; nothing of its content is repeated here")
TECHNIQUES = (("fight", "fight-technique", "MITRE FiGHT"), ("motif", "motif-technique", "MoTIF"))


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the page, and the fragment under which it stands."""

    anchor: str
    heading: str | Promise


SECTIONS = {
    "glance": Section("at-a-glance", _("At a glance")),
    "spare": Section("do-not-break", _("Do not break")),
    "decides": Section("a-person-decides", _("A person decides")),
    "ready": Section("ready-before", _("What must stand ready before")),
    "pairs": Section("what-is-it", _("What is it, and what contains it")),
    "calls": Section("whom-to-call", _("Whom to call")),
    "evidence": Section("evidence", _("What to keep as evidence")),
    "tells": Section("whom-to-tell", _("Whom to tell")),
    "over": Section("over", _("When it is over")),
    "sources": Section("sources", _("Sources")),
}


def heading(box: TimeBox) -> str:
    """Return the heading of a box of time."""
    return str(BOXES[box.box])


def domain(call: Call) -> str:
    """Return the name of the domain of who is called, or nothing."""
    return vocabulary("telecom-domain").label(call.domain) if call.domain else ""


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique by its code, with its name and the list that it stands in."""

    code: str
    label: str
    vocabulary: str
    family: str


def techniques(one: Playbook) -> tuple[Technique, ...]:
    """Return the techniques that a playbook is about, with their names."""
    return tuple(
        Technique(code, vocabulary(slug).label(code), slug, family)
        for field, slug, family in TECHNIQUES
        for code in getattr(one, field)
    )
