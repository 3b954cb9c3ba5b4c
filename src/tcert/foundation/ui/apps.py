from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    """Base templates, components and the static design system."""

    name = "tcert.foundation.ui"
    label = "ui"

    def ready(self) -> None:
        """Hand the import map's hash to the policies, list the about pages, check the links."""
        from tcert.foundation.kernel import pages
        from tcert.foundation.ui import checks, importmap, navigation

        pages.provide_importmap_hash(importmap.importmap_sha256)
        register(checks.check_navigation, Tags.urls)
        navigation.register(navigation.Section.PUBLIC, _("Sign in"), "account_login", order=900)
        foot = navigation.Section.FOOT
        navigation.register(foot, _("About"), "ui:about", order=10)
        navigation.register(foot, _("What the hub sees"), "ui:what-we-see", order=20)
        navigation.register(foot, _("Policies"), "ui:policies", order=30)
