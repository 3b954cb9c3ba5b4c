from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """What an organisation has: products of vendors, equipment and PLMNs of operators."""

    name = "tcert.community.inventory"
    label = "inventory"

    def ready(self) -> None:
        """Load rules and navigation."""
        from tcert.community.inventory import rules  # noqa: F401
