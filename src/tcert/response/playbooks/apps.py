from importlib import import_module

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    """What to do, step by step, in nine kinds of situation; for everybody to read."""

    name = "tcert.response.playbooks"
    label = "playbooks"

    def ready(self) -> None:
        """Load the rule, check the files, let them be found, and link them."""
        from django.core import checks
        from django.utils.translation import gettext_lazy as _

        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import finding, navigation

        import_module("tcert.response.playbooks.rules")
        checks.register(import_module("tcert.response.playbooks.library").check)
        finding.register(_("Playbooks"), import_module("tcert.response.playbooks.finding").found)
        section, permission = navigation.Section, Permission.PLAYBOOKS_READ
        navigation.register(
            section.RESPONSE, _("Playbooks"), "playbooks:list", permission, order=60
        )
        navigation.register(section.PUBLIC, _("Playbooks"), "playbooks:list", permission, order=27)
