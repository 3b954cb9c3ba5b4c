"""How opened text is shown, and how a kept file rides in a form."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tcert.foundation.sealed.inner import Attachment
from tcert.response.intake.forms import written_kept

register = template.Library()


@register.simple_tag
def carry(attachment: Attachment) -> str:
    """Write name, size, fingerprints and passphrase of a sealed file; the page escapes it."""
    return written_kept(attachment)


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
