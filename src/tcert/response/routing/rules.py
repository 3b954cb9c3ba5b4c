"""Who may ask whose identifiers are; what they are answered is said where it is looked up."""

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_anyone, is_member

grant(Permission.ROUTING_LOOKUPS_ASK, is_member)
grant(Permission.ROUTING_LOOKUPS_READ, is_anyone)
grant(Permission.ROUTING_RESOLVE, is_member)
