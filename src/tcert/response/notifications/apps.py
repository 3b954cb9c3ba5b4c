from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """What a network saw, brought to those whose it is: rules, chains, answers, a queue."""

    name = "tcert.response.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Load rules and jobs; put the room into my day, the side list and *whose is this*."""
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        for module in ("jobs", "registrations", "rules"):
            import_module(f"{self.name}.{module}")
        navigation.register(
            navigation.Section.RESPONSE,
            _("Notifications"),
            "notifications:list",
            Permission.NOTIFICATIONS_READ,
            order=14,
        )
        navigation.register(
            navigation.Section.DESK,
            _("Without an answer"),
            "notifications:queue",
            Permission.NOTIFICATIONS_DESK,
            order=38,
        )
