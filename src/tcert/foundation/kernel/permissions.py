"""Every permission of the hub, in alphabetical order: `room:resource:action`."""

from enum import StrEnum


class Permission(StrEnum):
    """What a view or an act may require; rules.py of each room grants them, nothing else does."""

    ACCOUNTS_OWN_MANAGE = "accounts:own:manage"
    ACCOUNTS_SECOND_FACTOR_SET_UP = "accounts:second-factor:set-up"
    ACCOUNTS_STAFF_SESSION_OPEN = "accounts:staff-session:open"
    ACCOUNTS_STAFF_SESSION_READ = "accounts:staff-session:read"
    ACCOUNTS_VAULT_MANAGE = "accounts:vault:manage"
    CASES_CASE_COORDINATE = "cases:case:coordinate"
    CASES_CASE_INVITE = "cases:case:invite"
    CASES_CASE_READ = "cases:case:read"
    CASES_INVITATION_ANSWER = "cases:invitation:answer"
    CASES_ROW_MANAGE = "cases:row:manage"
    CASES_THREAD_POST = "cases:thread:post"
    DIRECTORY_KEY_CONFIRM = "directory:key:confirm"
    DIRECTORY_KEY_SHARE = "directory:key:share"
    DIRECTORY_MANAGE = "directory:all:manage"
    DIRECTORY_READ = "directory:public:read"
    DIRECTORY_TEAM_MANAGE = "directory:team:manage"
    DIRECTORY_TEAM_READ = "directory:team:read"
    INVENTORY_MANAGE = "inventory:organisation:manage"
    INVENTORY_PRODUCTS_READ = "inventory:products:read"
    INVENTORY_READ = "inventory:organisation:read"
    INVENTORY_VERIFY = "inventory:claims:verify"
    KERNEL_JOBS_MANAGE = "kernel:jobs:manage"
    KERNEL_RECORDS_READ = "kernel:records:read"
    SITE_MEMBER = "site:member:read"
    SITE_PUBLIC = "site:public:read"
