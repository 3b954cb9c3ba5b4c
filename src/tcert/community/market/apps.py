from importlib import import_module

from django.apps import AppConfig


class MarketConfig(AppConfig):
    """What members offer each other and need from each other."""

    name = "tcert.community.market"
    label = "market"

    def ready(self) -> None:
        """Load rules, jobs and the act of two; put the room into my day and the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        for module in ("acts", "jobs", "registrations", "rules"):
            import_module(f"{self.name}.{module}")
        navigation.register(
            navigation.Section.COMMUNITY,
            _("Marketplace"),
            "market:list",
            Permission.MARKET_READ,
            order=18,
        )
        navigation.register(
            navigation.Section.DESK,
            _("Reported entries"),
            "market:reports",
            Permission.MARKET_REPORTS_SETTLE,
            order=55,
        )
