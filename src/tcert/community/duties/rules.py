"""Who may read and declare what the law makes an organisation report."""

from tcert.community.directory.rules import leads_in_organisation
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_member

grant(Permission.DUTIES_DECLARE, is_member & leads_in_organisation)
grant(Permission.DUTIES_READ, is_member)
