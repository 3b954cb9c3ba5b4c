from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SealedConfig(AppConfig):
    """Threads and messages that only their recipients can open."""

    name = "tcert.foundation.sealed"
    label = "sealed"

    def ready(self) -> None:
        """List the page that tells the hub's own key."""
        from tcert.foundation.ui import navigation

        navigation.register(
            navigation.Section.FOOT, _("The hub's key"), "sealed:about-hub-key", order=25
        )
