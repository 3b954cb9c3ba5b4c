"""What the log does not say: each of its lines carries its moment."""

import logging

from tcert.foundation.kernel.pages import PageKind

_FAILURE = 500


class NoStranger(logging.Filter):
    """Keeps refusals on reporters' pages out of the log, wherever Django makes them.

    A line about one would tell the hour at which a reporter was there. A failure of the hub itself
    is logged all the same, for whoever has to mend it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record may be written."""
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        kind = getattr(getattr(match, "func", None), "page_kind", None)
        return kind is not PageKind.REPORTER or getattr(record, "status_code", _FAILURE) >= _FAILURE
