"""Tables of the kernel; each concept's model stands in its own module and is gathered here."""

from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.records import AuditRecord

__all__ = ["AuditRecord", "UuidModel"]
