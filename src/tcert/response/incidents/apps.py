from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    """What happens in networks now: reported, worked on together, closed."""

    name = "tcert.response.incidents"
    label = "incidents"

    def ready(self) -> None:
        """Load rules and jobs; put the room into my day, talks and the side list."""
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        for module in ("inspections", "jobs", "registrations", "rules"):
            import_module(f"{self.name}.{module}")
        navigation.register(
            navigation.Section.RESPONSE,
            _("Incidents"),
            "incidents:list",
            Permission.INCIDENTS_READ,
            order=12,
        )
