"""Who reads playbooks: everybody."""

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_anyone

grant(Permission.PLAYBOOKS_READ, is_anyone)
