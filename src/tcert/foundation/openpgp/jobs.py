"""Background work of this room."""

from tcert.foundation.openpgp.mailing import seal_mail

__all__ = ["seal_mail"]
