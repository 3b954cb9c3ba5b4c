"""How opened text is shown, and how a kept file rides in a form."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.forms import Form
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tcert.community.desk import queries as desk
from tcert.foundation.kernel import onion
from tcert.foundation.sealed.inner import Attachment, write_file
from tcert.response.cases.measured import promise_in_words, record_in_words, record_of_promise
from tcert.response.intake.forms import OfferedTeams, ReportForm
from tcert.response.intake.queries import round_the_clock, stated_harbours

register = template.Library()


@register.simple_tag
def carry(attachment: Attachment) -> str:
    """Write name, size, fingerprints and passphrase of a sealed file; the page escapes it."""
    return write_file(attachment)


@register.filter
def opened_text(text: str) -> SafeString:
    """Show opened text: headings as such, everything else as the text that it is, escaped."""
    blocks = (block for block in text.split("\n\n") if block.strip())
    return format_html_join(
        "",
        "{}",
        (
            (
                format_html('<p class="part">{}</p>', block[3:])
                if block.startswith("## ") and "\n" not in block
                else format_html("<p>{}</p>", block),
            )
            for block in blocks
        ),
    )


@register.simple_tag(takes_context=True)
def own_names(context: Context) -> str:
    """Write the names under which this page may be read, as hashes, for its script to compare."""
    return onion.fingerprints({*onion.own_names(), onion.host_of(context["request"])})


@register.simple_tag
def addresses() -> list[str]:
    """Return the hub's names, for people to compare with their browser's address bar."""
    return sorted(onion.own_names())


@register.simple_tag
def promise() -> str:
    """Say what the desk promises, in the one wording that all pages share."""
    return promise_in_words()


@register.simple_tag
def record_of_desk() -> str:
    """Say how well the desk kept it."""
    return record_in_words(record_of_promise())


@register.simple_tag
def guidance() -> SafeString:
    """Show what a stranger reads before writing: whom to call, what not to do, what to expect."""
    told = {
        "emergency": round_the_clock(),
        "harbours": stated_harbours(),
        "deputy": desk.deputy() is not None,
    }
    return render_to_string("intake/guidance.html", told)


@register.simple_tag
def report_fields(
    form: ReportForm | None, teams: OfferedTeams, files: Sequence[dict[str, Any]] = ()
) -> SafeString:
    """Show what a report asks for, with what was typed and the files that were kept, if any."""
    if form is None:
        return _empty_fields(get_language(), teams)
    return _fields(form, files)


def _fields(form: ReportForm, files: Sequence[dict[str, Any]] = ()) -> SafeString:
    return render_to_string("intake/report_fields.html", {"form": form, "files": files})


@lru_cache(maxsize=4)
def _empty_fields(_language: str | None, teams: OfferedTeams) -> SafeString:
    """Show the fields of an empty report: the same for everybody, so it is written once.

    All that it depends on stands in its arguments: another team or another name is another page.
    """
    return _fields(ReportForm(teams=teams))


@register.simple_tag
def as_hidden(form: Form) -> SafeString:
    """Write what was typed as hidden fields, which send it again."""
    typed = ((bound.html_name, bound.value()) for bound in form)
    values = ((name, "" if value is None else value) for name, value in typed)
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', values)
