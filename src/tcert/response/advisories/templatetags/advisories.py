"""Marks of advisories."""

from django import template

from tcert.foundation.kernel.text import render_markdown
from tcert.foundation.ui.templatetags.ui import state
from tcert.response.advisories.conformance.looking import State
from tcert.response.advisories.enums import AdvisoryState, Severity
from tcert.response.advisories.models import SEVERITIES, STATES
from tcert.response.advisories.words import REQUIREMENT_STATES, STATE_MARKS

register = template.Library()

_SEVERITY = {
    Severity.CRITICAL: ("no", "bad"),
    Severity.HIGH: ("no", "bad"),
    Severity.MEDIUM: ("half", "warn"),
    Severity.LOW: ("open", "info"),
    Severity.NONE: ("open", "quiet"),
}
_REQUIREMENT = {
    State.MET: ("done", "good"),
    State.NOT_MET: ("no", "bad"),
    State.NOT_APPLICABLE: ("open", "quiet"),
    State.NOT_CHECKABLE: ("half", "warn"),
}


@register.simple_tag
def severity(word: str) -> str:
    """Print a severity by shape and word; nothing where none is known."""
    if not word:
        return ""
    return state(*_SEVERITY[Severity(word)], str(SEVERITIES[Severity(word)]))


@register.simple_tag
def advisory_state(word: str) -> str:
    """Print the state of a working text by shape and word."""
    return state(*STATE_MARKS[AdvisoryState(word)], str(STATES[AdvisoryState(word)]))


@register.simple_tag
def requirement_state(found: State) -> str:
    """Print what came out of a check of a CSAF requirement, by shape and word."""
    return state(*_REQUIREMENT[found], str(REQUIREMENT_STATES[found]))


@register.filter
def markdown(text: str) -> str:
    """Render what a person wrote, cleaned."""
    return render_markdown(text)
