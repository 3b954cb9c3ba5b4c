"""Tables of the kernel; each concept's model stands in its own module and is gathered here."""

from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.beside import Tolerated
from tcert.foundation.kernel.jobs import Job, Schedule
from tcert.foundation.kernel.limits import Spending
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.numbers import Series
from tcert.foundation.kernel.outbox import Delivery, Event
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shared import SharedValue
from tcert.foundation.kernel.worker import WorkerBeat

__all__ = [
    "AuditRecord",
    "Delivery",
    "Event",
    "Job",
    "Mail",
    "Schedule",
    "Series",
    "SharedValue",
    "Spending",
    "Tolerated",
    "UuidModel",
    "WorkerBeat",
]
