"""Acts on accounts: one function per act, atomic, with a record."""

from tcert.community.accounts.domain.links import create_setup_link, invite_person
from tcert.community.accounts.domain.staff import close_session, open_session

__all__ = ["close_session", "create_setup_link", "invite_person", "open_session"]
