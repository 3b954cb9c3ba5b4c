from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GroupsConfig(AppConfig):
    """Teams that share with each other: open groups, and confidential ones."""

    name = "tcert.community.groups"
    label = "groups"

    def ready(self) -> None:
        """Load rules and jobs; put the room into my day, talks and the side list."""
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        for module in ("jobs", "registrations", "rules"):
            import_module(f"{self.name}.{module}")
        navigation.register(
            navigation.Section.COMMUNITY,
            _("Sharing groups"),
            "groups:list",
            Permission.GROUPS_READ,
            order=18,
        )
