"""Answers that are no page of their own: a sentence on the next page, a file to keep.

And what a page put into its own form, as it comes back.
"""

import re
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from tcert.foundation.kernel.errors import DomainError

_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)


def press(request: HttpRequest, act: Callable[[], object], done: str) -> None:
    """Do what a button asks that has no form to show a refusal in: the next page says it."""
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done)


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """Keep a spreadsheet from reading a cell of a CSV file as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def attachment(content: bytes | str, name: str, content_type: str) -> HttpResponse:
    """Return a file that the browser keeps and never shows."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": str(
                content_disposition_header(as_attachment=True, filename=name)
            )
        },
    )


def incomplete() -> DomainError:
    """Return the refusal of a form that does not carry what its page put into it."""
    return DomainError(_("This page is incomplete. Open it again; nothing was changed."))


def revision(request: HttpRequest, field: str = "revision") -> int:
    """Return the revision that the form carried; a form without one is refused."""
    text = request.POST.get(field, "")
    if not _COUNT.fullmatch(text):
        raise incomplete()
    return int(text)
