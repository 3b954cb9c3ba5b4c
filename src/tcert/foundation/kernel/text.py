"""Text that people write: as HTML that cannot harm whoever reads it, and as words to search for."""

from collections.abc import Mapping

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

MAX_CHARACTERS = 200_000
LONGEST_SEARCH = 100

_INLINE = {"a", "br", "code", "em", "s", "strong"}
_BLOCKS = {"blockquote", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_TAGS = _INLINE | _BLOCKS | _TABLES
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"https", "http", "mailto"}
_HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6", "h6": "h6"}


def _demote_headings(state: object) -> None:
    """A page has one h1, its own: what people write starts below it."""
    for token in state.tokens:  # type: ignore[attr-defined]
        token.tag = _HEADINGS.get(token.tag, token.tag)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable("image")
    parser.core.ruler.push("demote_headings", _demote_headings)
    return parser


_PARSER = _parser()


def render_markdown(text: str) -> SafeString:
    """Return Markdown as HTML without scripts, images, raw HTML or anything loaded from elsewhere.

    Longer text than `MAX_CHARACTERS` is cut: parsing time grows with it.
    """
    html = _PARSER.render(text[:MAX_CHARACTERS])
    return SafeString(
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes=_SCHEMES,
            link_rel="noopener noreferrer nofollow ugc",
        )
    )


def searched(query: Mapping[str, str], name: str) -> str:
    """Return what was typed into a search field, without what nobody types and databases refuse."""
    text = "".join(c if c.isprintable() else " " for c in query.get(name, "")[:LONGEST_SEARCH])
    return " ".join(text.split())
