from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TalksConfig(AppConfig):
    """Sealed conversations between teams, outside of cases."""

    name = "tcert.community.talks"
    label = "talks"

    def ready(self) -> None:
        """Load rules and jobs; put the room on a team's page, into my day and the side list."""
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        for module in ("jobs", "registrations", "rules"):
            import_module(f"{self.name}.{module}")
        navigation.register(
            navigation.Section.COMMUNITY, _("Talks"), "talks:list", Permission.TALKS_READ, order=17
        )
