"""Answers that are no page of their own: a sentence on the next page, a file to keep."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from tcert.foundation.kernel.errors import DomainError


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
