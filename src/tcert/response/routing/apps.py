from importlib import import_module

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Whose is this, and how are they reached: proposals for cases, and `find a team`."""

    name = "tcert.response.routing"
    label = "routing"

    def ready(self) -> None:
        """Load the rules; put the pages into the navigation."""
        from django.utils.translation import gettext_lazy as _

        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        import_module("tcert.response.routing.rules")
        section = navigation.Section
        label, permission = _("Find a team"), Permission.DIRECTORY_READ
        navigation.register(section.COMMUNITY, label, "routing:find", permission, order=5)
        navigation.register(section.PUBLIC, label, "routing:find", permission, order=25)
        navigation.register(
            section.RESPONSE,
            _("Whose is this"),
            "routing:resolve",
            Permission.ROUTING_RESOLVE,
            order=15,
            key="w",
        )
