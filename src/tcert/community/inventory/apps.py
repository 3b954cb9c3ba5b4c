from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """What an organisation has: products of vendors, equipment of operators."""

    name = "tcert.community.inventory"
    label = "inventory"

    def ready(self) -> None:
        """Load rules and navigation."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import path_steps, team_cards
        from tcert.community.inventory import path_step, rules, team_card  # noqa: F401
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        path_steps.register(path_step.STEP)
        team_cards.register(team_card.card)
        section = navigation.Section.COMMUNITY
        navigation.register(
            section,
            _("What we have"),
            "inventory:organisations",
            Permission.INVENTORY_READ,
            order=30,
        )
        navigation.register(
            section, _("Products"), "inventory:products", Permission.INVENTORY_PRODUCTS_READ, 40
        )
