"""What the page that follows an act says."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest

from tcert.foundation.kernel.errors import DomainError


def press(request: HttpRequest, act: Callable[[], object], done: str) -> None:
    """Do what a button asks that has no form to show a refusal in: the next page says it."""
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done)
