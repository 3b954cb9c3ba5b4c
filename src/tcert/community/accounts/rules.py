"""Who may do what with accounts."""

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_desk, is_member, is_person

grant(Permission.ACCOUNTS_OWN_MANAGE, is_person)
grant(Permission.ACCOUNTS_STAFF_SESSION_OPEN, is_desk)
grant(Permission.ACCOUNTS_VAULT_MANAGE, is_member)
