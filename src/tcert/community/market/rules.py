"""Who may read the marketplace, speak on it for a team, turn to others, and judge reports."""

from tcert.community.directory.rules import speaks_for as speaks_for_team
from tcert.community.talks.rules import speaks_for
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_coordinator, is_member

grant(Permission.MARKET_CONTACT, is_member & speaks_for)
grant(Permission.MARKET_MANAGE, is_member & speaks_for_team)
grant(Permission.MARKET_READ, is_member)
grant(Permission.MARKET_REPORT, is_member)
grant(Permission.MARKET_REPORTS_SETTLE, is_coordinator)
