from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The top floor: settings, addresses, home, my day, the command line's glue."""

    name = "tcert.site"
    label = "site"

    def ready(self) -> None:
        """Declare the libraries' tables, and fill the registries that the site answers."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.accounts import leads
        from tcert.community.accounts.enums import LinkKind
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import finding as find
        from tcert.foundation.ui import navigation, waiting
        from tcert.site import confined, finding, third_party  # noqa: F401
        from tcert.site.waiting import PROVIDERS

        leads.register(LinkKind.SET_UP, "site:set_up")
        for provider in PROVIDERS:
            waiting.register(provider)
        find.register(_("Teams"), finding.teams)
        find.register(_("Organisations"), finding.organisations)
        navigation.register(
            navigation.Section.DAY,
            _("My day"),
            "site:my_day",
            Permission.ACCOUNTS_OWN_MANAGE,
            order=10,
            key="d",
        )
        navigation.register(
            navigation.Section.DESK,
            _("Health of the hub"),
            "site:health",
            Permission.KERNEL_JOBS_MANAGE,
            order=900,
        )
        navigation.register(
            navigation.Section.DESK,
            _("Records"),
            "site:records",
            Permission.KERNEL_RECORDS_READ,
            order=910,
        )
        navigation.register_search("site:search", Permission.SITE_PUBLIC, _("Search"))
