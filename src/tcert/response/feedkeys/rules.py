"""Who may have a feed key. What it opens is said where that is served, in `advisories/rules.py`."""

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_member

grant(Permission.FEEDKEYS_OWN_MANAGE, is_member)
