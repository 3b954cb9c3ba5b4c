"""Who may do what with the desk's watch over itself."""

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_coordinator, is_desk

grant(Permission.DESK_ACTS_DECIDE, is_coordinator)
grant(Permission.DESK_INTERESTS_DECLARE, is_desk)
grant(Permission.DESK_INTERESTS_READ, is_coordinator)
