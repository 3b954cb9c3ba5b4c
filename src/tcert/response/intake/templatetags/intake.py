"""How a kept file rides in a form."""

from django import template

from tcert.foundation.sealed.inner import Attachment
from tcert.response.intake.forms import written_kept

register = template.Library()


@register.simple_tag
def carry(attachment: Attachment) -> str:
    """Write name, size, fingerprints and passphrase of a sealed file; the page escapes it."""
    return written_kept(attachment)
