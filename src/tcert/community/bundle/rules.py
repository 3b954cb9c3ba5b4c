"""Who may fetch a bundle, and who may ask for one."""

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_coordinator, is_member

grant(Permission.BUNDLE_ISSUE, is_coordinator)
grant(Permission.BUNDLE_READ, is_member)
