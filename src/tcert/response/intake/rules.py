"""Who may report and come back: everybody; the receipt is the only key to a mailbox."""

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_anyone

grant(Permission.INTAKE_MAILBOX_OPEN, is_anyone)
grant(Permission.INTAKE_REPORT_SEND, is_anyone)
