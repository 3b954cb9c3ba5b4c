from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RequestsConfig(AppConfig):
    """What authorities ask of operators and vendors, and what these hand over."""

    name = "tcert.response.requests"
    label = "requests"

    def ready(self) -> None:
        """Load rules and jobs; put the room into my day, talks and the side list."""
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        for module in ("jobs", "registrations", "rules"):
            import_module(f"{self.name}.{module}")
        navigation.register(
            navigation.Section.RESPONSE,
            _("Requests"),
            "requests:list",
            Permission.REQUESTS_READ,
            order=14,
        )
