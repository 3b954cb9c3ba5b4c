"""The tags of the design system: ``{% load ui %}``; `ui/styleguide.html` shows each of them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import qrcode
from django import template
from django.conf import settings
from django.core.paginator import Page
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import BaseForm, BoundField, CheckboxInput, Select
from django.http import HttpRequest, QueryDict
from django.template.base import Parser, TextNode, Token
from django.template.context import Context
from django.templatetags.i18n import TranslateNode
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tcert.foundation.kernel import clock as kernel_clock
from tcert.foundation.kernel import onion
from tcert.foundation.kernel.principal import ANONYMOUS, Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.ui import importmap, navigation, words

register = template.Library()

SHAPES = frozenset({"done", "half", "open", "no"})
TONES = frozenset({"good", "warn", "bad", "info", "quiet"})
SOON, LATE = 72.0, 24.0
NONE = "\N{EN DASH}"
_SHORT_GROUPS = 3


@register.filter
def over_onion(request: HttpRequest) -> bool:
    """Tell whether the page is read over the onion service, where passkeys do not work."""
    return onion.is_over_onion(request)


# Shell ---------------------------------------------------------------------


def _principal(context: Context) -> Principal:
    return getattr(context.get("request"), "principal", ANONYMOUS)


def _query(context: Context) -> QueryDict:
    request: HttpRequest | None = context.get("request")
    return request.GET if request is not None else QueryDict()


def _kept(context: Context) -> dict[str, Any]:
    """Return what the tags keep while one template is rendered."""
    store: Any = context.render_context
    return store.setdefault("ui", {})


@register.simple_tag(takes_context=True)
def shell(context: Context) -> dict[str, Any]:
    """Return what the frame of a page shows its viewer: links, search, demonstration mark."""
    page: dict[str, Any] = _kept(context)
    if "shell" in page:
        return page["shell"]
    principal = _principal(context)
    path = navigation.path_of(context.get("request"))
    section = navigation.Section
    found = navigation.links(principal, (section.PUBLIC, section.ACCOUNT, section.FOOT), path)
    page["shell"] = {
        "principal": principal,
        "groups": navigation.side_list(principal, path),
        "public": found[section.PUBLIC],
        "account": found[section.ACCOUNT] if principal.is_person else (),
        "foot": found[section.FOOT],
        "search": navigation.search_target(principal),
        "demo": settings.DEMO,
        "query": _query(context).get("q", ""),
    }
    return page["shell"]


@register.simple_tag
def crumb(label: str, url_name: str, *args: Any, **kwargs: Any) -> str:
    """Print one breadcrumb in the block `crumbs`: ``{% crumb "Cases" "cases:list" %}``."""
    return format_html('<a href="{}">{}</a>', reverse(url_name, args=args, kwargs=kwargs), label)


@register.simple_tag(takes_context=True)
def crumb_here(context: Context) -> str:
    """Print the breadcrumb of the side list's marked link, so that both always agree."""
    path = navigation.path_of(context.get("request"))
    found = navigation.here(_principal(context), path)
    return format_html('<a href="{1}">{0}</a>', *found) if found else ""


@register.simple_tag
def asset(relative: str) -> str:
    """Return the address of a static file with its version."""
    return importmap.asset_url(relative)


@register.simple_tag(takes_context=True)
def scripts(context: Context, *names: str) -> str:
    """Print the import map once, then a module tag for `ui/hub.js` and for each name.

    The tag stands in the block `scripts` of the page's head; modules run after parsing.
    """
    printed: set[str] = _kept(context).setdefault("scripts", set())
    parts: list[str] = []
    if not printed:
        parts.append(
            format_html('<script type="importmap">{}</script>', importmap.PrintedImportMap())
        )
    for name in ("ui/hub.js", *names):
        if name not in printed:
            printed.add(name)
            found = importmap.module(name)
            parts.append(
                format_html(
                    '<script type="module" src="{}" integrity="{}"></script>',
                    found.url,
                    found.integrity,
                )
            )
    return format_html_join("\n", "{}", ((part,) for part in parts))


@register.simple_tag
def library_script(relative: str) -> str:
    """Print a library's classic script from static files, with its integrity."""
    return format_html(
        '<script src="{}" integrity="{}" defer></script>',
        importmap.asset_url(relative),
        importmap.asset_integrity(relative),
    )


class _Fixed(template.Node):
    """Text that is the same for everybody: put together once for each language."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist
        self._said: dict[str | None, SafeString] = {}

    def render(self, _context: Context) -> SafeString:
        """Return the text in the present language."""
        language = get_language()
        if language not in self._said:
            self._said[language] = self.nodelist.render(Context())
        return self._said[language]


@register.tag
def fixed(parser: Parser, _token: Token) -> _Fixed:
    """Mark a stretch of text and translations, so that it is put together once in a process.

    Nothing makes it stale and nobody's words can get into it: what takes a value from the page
    (a variable, a tag, a condition) is refused when the template is read.
    """
    nodelist = parser.parse(("endfixed",))
    parser.delete_first_token()
    for node in nodelist:
        if not isinstance(node, TextNode) and not _is_plain_translation(node):
            raise template.TemplateSyntaxError(f"not the same for everybody: {node!r}")
    return _Fixed(nodelist)


def _is_plain_translation(node: object) -> bool:
    if not isinstance(node, TranslateNode) or node.asvar or node.message_context:
        return False
    expression = node.filter_expression
    return expression.var.lookups is None and not expression.filters


# Marks ---------------------------------------------------------------------


@register.simple_tag
def tlp(value: Tlp | str | None) -> str:
    """Print a TLP 2.0 mark in FIRST's colours, always with its word; nothing for none."""
    if not value:
        return ""
    mark = Tlp(str(value).upper().removeprefix("TLP:").replace("_", "+"))
    kind = mark.value.lower().replace("+", "-")
    return format_html('<span class="tlp tlp-{}">{}</span>', kind, mark.label)


@register.simple_tag
def state(shape: str, tone: str, label: str) -> str:
    """Print a state by shape and word: ``{% state "done" "good" "signed" %}``.

    Shapes: `done` full disc, `half` half disc, `open` ring, `no` diamond.
    """
    if shape not in SHAPES or tone not in TONES:
        raise template.TemplateSyntaxError(f"no state {shape!r} {tone!r}")
    return format_html('<span class="state {} {}">{}</span>', shape, tone, label)


def _time(iso: str, inner: str, title: str = "") -> str:
    if title:
        return format_html('<time datetime="{}" title="{}">{}</time>', iso, title, inner)
    return format_html('<time datetime="{}">{}</time>', iso, inner)


@register.simple_tag
def when(at: datetime | None, *, seconds: bool = False) -> str:
    """Print a moment in UTC and, where it differs, in the viewer's zone; a dash for none."""
    if at is None:
        return NONE
    utc = at.astimezone(UTC)
    local = words.viewer_moment(utc)
    inner = format_html("{} UTC", words.moment(utc, seconds=seconds))
    if local:
        inner = format_html('{} <span class="zone">({})</span>', inner, local)
    return _time(utc.isoformat(timespec="seconds"), inner)


@register.simple_tag
def day(value: date | None) -> str:
    """Print a day without an hour; a dash for none."""
    if value is None:
        return NONE
    value = value.astimezone(UTC).date() if isinstance(value, datetime) else value
    return _time(value.isoformat(), words.day(value))


@register.simple_tag
def answer_by(value: date | None) -> str:
    """Print the last day for an answer: ahead, today or overdue, by shape and word."""
    if value is None:
        return NONE
    today = kernel_clock.today()
    if value < today:
        shape, tone, text = "no", "bad", _("overdue since %(day)s")
    elif value == today:
        shape, tone, text = "half", "warn", _("answer today, %(day)s")
    else:
        shape, tone, text = "open", "quiet", _("answer by %(day)s")
    return state(shape, tone, text % {"day": words.weekday(value)})


@register.simple_tag
def ago(at: datetime | None) -> str:
    """Print how long ago (or how far ahead) a moment is, with the exact moment as its title."""
    if at is None:
        return NONE
    utc = at.astimezone(UTC)
    gap = utc - kernel_clock.now()
    text = _("in %(span)s") if gap > timedelta(0) else _("%(span)s ago")
    near = abs(gap) < timedelta(minutes=1)
    return _time(
        utc.isoformat(timespec="seconds"),
        _("just now") if near else text % {"span": words.span(gap)},
        f"{words.moment(utc)} UTC",
    )


@register.inclusion_tag("ui/clock.html")
def clock(
    at: datetime | None, label: str = "", *, soon: float = SOON, late: float = LATE
) -> dict[str, Any]:
    """Print a deadline: countdown, absolute time in UTC and in the viewer's zone.

    The colour changes in the last `soon` and `late` hours (72 and 24); the words say the same.
    Nothing for None.
    """
    if at is None:
        return {"at": None}
    utc = at.astimezone(UTC)
    left = utc - kernel_clock.now()
    ended = left <= timedelta(0)
    return {
        "at": at,
        "iso": utc.isoformat(timespec="seconds"),
        "tone": "late"
        if left <= timedelta(hours=late)
        else "soon"
        if left <= timedelta(hours=soon)
        else "",
        "soon": soon,
        "late": late,
        "countdown": _("ended %(span)s ago") % {"span": words.span(left)}
        if ended
        else words.span(left),
        "absolute": words.moment(utc),
        "local": words.viewer_moment(utc),
        "label": label or (_("was") if ended else _("until")),
        "ended": ended,
    }


@register.simple_tag
def fingerprint(value: str, form: str = "line") -> str:
    """Print a key's fingerprint in groups of four: `line`, `block` or `short` (ends only)."""
    groups = words.groups_of_four(value)
    if form == "short" and len(groups) > _SHORT_GROUPS:
        text = f"{groups[0]} {groups[1]} … {groups[-1]}"
        return format_html('<code class="fp-short nowrap" title="{}">{}</code>', value, text)
    spans = format_html_join(" ", "<span>{}</span>", ((group,) for group in groups))
    block = " fp-block" if form == "block" else ""
    return format_html('<code class="fp{}">{}</code>', block, spans)


@register.simple_tag
def copy(value: str, label: str = "") -> str:
    """Print a button that copies a text; it shows itself only where scripts run."""
    return format_html(
        '<button type="button" class="btn plain small copy" data-copy="{}" data-done="{}" hidden>'
        "{}</button>",
        value,
        _("Copied"),
        label or _("Copy"),
    )


@register.simple_tag
def qr(text: str, label: str = "") -> str:
    """Print a text as a QR code in inline SVG, which needs no image policy."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    path = StringIO()
    for y, line in enumerate(matrix):
        for x, dark in enumerate(line):
            if dark:
                path.write(f"M{x} {y}h1v1h-1z")
    return format_html(
        '<span class="qr"><svg viewBox="0 0 {} {}" role="img" aria-label="{}" '
        'shape-rendering="crispEdges"><path fill="#000" d="{}"/></svg></span>',
        len(matrix),
        len(matrix),
        label or _("QR code"),
        path.getvalue(),
    )


# Forms ---------------------------------------------------------------------


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, *, hint: str = "", mark_optional: bool = True) -> dict[str, Any]:
    """Print a field with its label, help, errors and control, tied together for readers."""
    widget = bound.field.widget
    if isinstance(widget, Select):
        _name_the_blank(widget, is_required=bound.field.required)
    help_text = hint or bound.help_text
    described = " ".join(
        f"{bound.auto_id}_{part}"
        for part, there in (("helptext", help_text), ("error", bound.errors))
        if there and bound.auto_id
    )
    grouped = bool(getattr(widget, "use_fieldset", False))
    attributes: dict[str, str | bool] = {}
    if described and not grouped:
        attributes["aria-describedby"] = described
    if bound.errors and not grouped:
        attributes["aria-invalid"] = "true"
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attributes),
        "help_text": help_text,
        "described": described,
        "grouped": grouped,
        "single_check": isinstance(widget, CheckboxInput),
        "optional": mark_optional and not bound.field.required,
    }


def _name_the_blank(widget: Select, *, is_required: bool) -> None:
    """Say in words what choosing nothing means, in place of Django's dashes."""
    first = next(iter(widget.choices), None)
    if first == BLANK_CHOICE_DASH[0]:
        _dashes, *others = widget.choices
        widget.choices = [("", _("choose one") if is_required else _("none")), *others]


@register.inclusion_tag("ui/form_errors.html")
def form_errors(form: BaseForm | None) -> dict[str, Any]:
    """Print the summary of a form's errors with links to its fields; nothing without errors."""
    return {"lines": list(_error_lines(form)) if form is not None and form.is_bound else []}


def _error_lines(form: BaseForm) -> Iterable[tuple[str, str]]:
    for text in form.non_field_errors():
        yield "", str(text)
    for bound in form:
        target = "" if bound.is_hidden else f"#{bound.id_for_label or bound.auto_id}"
        for text in bound.errors:
            yield target, _("%(field)s: %(error)s") % {"field": bound.label, "error": text}


@register.inclusion_tag("ui/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, Any]:
    """Print all fields of a form, the hidden ones first."""
    return {"form": form}


# Lists ---------------------------------------------------------------------


def _with(query: QueryDict, name: str, value: object, fragment: str = "") -> str:
    changed = query.copy()
    changed[name] = str(value)
    return f"?{changed.urlencode()}{fragment}"


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context: Context, page: Page, parameter: str = "page") -> dict[str, Any]:
    """Print the links between the pages of a list; nothing for a single page."""
    return _pages(context, page, parameter)


@register.inclusion_tag("ui/talk_pager.html", takes_context=True)
def talk_pager(context: Context, page: Page, parameter: str, fragment: str) -> dict[str, Any]:
    """Print the same of a conversation, whose last page is the newest; it opens at `fragment`."""
    return _pages(context, page, parameter, f"#{fragment}")


def _pages(context: Context, page: Page, parameter: str, fragment: str = "") -> dict[str, Any]:
    if page.paginator.num_pages <= 1:
        return {"numbers": []}
    query = _query(context)

    def to(number: int) -> str:
        return _with(query, parameter, number, fragment)

    return {
        "page": page,
        "numbers": [
            (n, to(n) if isinstance(n, int) else "", n == page.number)
            for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
        ],
        "before": to(page.number - 1) if page.has_previous() else "",
        "after": to(page.number + 1) if page.has_next() else "",
    }


@register.simple_tag(takes_context=True)
def sort(context: Context, name: str, label: str, parameter: str = "sort") -> str:
    """Print a column head that sorts by `name`, with the order kept in the address."""
    query = _query(context).copy()
    present = query.get(parameter, "")
    order = {name: "ascending", f"-{name}": "descending"}.get(present)
    query.pop("page", None)
    query[parameter] = f"-{name}" if present == name else name
    mark = format_html(' aria-sort="{}"', order) if order else ""
    return format_html(
        '<th scope="col"{}><a href="?{}">{}</a></th>', mark, query.urlencode(), label
    )


@register.inclusion_tag("ui/empty.html")
def empty(title: str, text: str = "", url: str = "", label: str = "") -> dict[str, str]:
    """Print what would be here, and how to begin."""
    return {"title": title, "text": text, "url": url, "label": label}
