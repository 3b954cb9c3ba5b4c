"""Who enters what authorities asked for; all else asks the rules of the case."""

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_coordinator

grant(Permission.RETENTION_REQUESTS_MANAGE, is_coordinator)
