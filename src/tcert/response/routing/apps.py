from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Whose is this, and how are they reached: proposals for cases, and `find a team`."""

    name = "tcert.response.routing"
    label = "routing"

    def ready(self) -> None:
        """Put the page into the navigation."""
        from django.utils.translation import gettext_lazy as _

        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        section = navigation.Section
        label, permission = _("Find a team"), Permission.DIRECTORY_READ
        navigation.register(section.COMMUNITY, label, "routing:find", permission, order=5)
        navigation.register(section.PUBLIC, label, "routing:find", permission, order=25)
