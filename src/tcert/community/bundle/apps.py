from importlib import import_module

from django.apps import AppConfig


class BundleConfig(AppConfig):
    """The directory as one signed file for use offline, and how it is verified."""

    name = "tcert.community.bundle"
    label = "bundle"

    def ready(self) -> None:
        """Load rules, jobs and inspections, and put the page into the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation

        for name in ("inspections", "jobs", "rules"):
            import_module(f"tcert.community.bundle.{name}")
        navigation.register(
            navigation.Section.COMMUNITY,
            _("Directory offline"),
            "bundle:bundles",
            Permission.BUNDLE_READ,
            14,
        )
