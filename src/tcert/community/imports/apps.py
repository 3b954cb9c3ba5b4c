from importlib import import_module

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """What other directories say of teams: imported beside the directory, never into it."""

    name = "tcert.community.imports"
    label = "imports"

    def ready(self) -> None:
        """Load rules and jobs; put the room on a team's page and into the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import team_cards
        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        for name in ("rules", "jobs"):
            import_module(f"tcert.community.imports.{name}")
        register_waiting(import_module("tcert.community.imports.waiting").desk)
        team_cards.register(import_module("tcert.community.imports.team_card").card)
        models = import_module("tcert.community.imports.models")
        records.confine("import-entry", models.Entry.objects.visible_to)
        navigation.register(
            navigation.Section.DESK,
            _("Other directories"),
            "imports:imports",
            Permission.IMPORTS_MANAGE,
            order=48,
        )
