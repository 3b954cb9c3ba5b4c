"""Who may ask whose an identifier is."""

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_member

grant(Permission.ROUTING_RESOLVE, is_member)
